//go:build unix

package process

import (
	"os"
	"syscall"
)

// killGroup kills a process with all of its group.
func killGroup(p *os.Process) {
	_ = syscall.Kill(-p.Pid, syscall.SIGKILL) // there may be none left
}
