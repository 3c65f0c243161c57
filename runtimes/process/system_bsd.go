//go:build unix && !linux

package process

import (
	"os/exec"
	"syscall"
)

// inGroup makes the command the first of a group of processes, which is killed as a whole.
func inGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}
