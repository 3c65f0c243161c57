package process

import (
	"os/exec"
	"syscall"
)

// inGroup makes the command the first of a group of processes, which is killed as a whole. It is killed with the process that has
// started it, however that ends.
func inGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
