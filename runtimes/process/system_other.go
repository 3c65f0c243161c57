//go:build !unix

package process

import (
	"os"
	"os/exec"
)

func inGroup(*exec.Cmd) {}

// killGroup kills a process. What it has started ends with its standard input.
func killGroup(p *os.Process) { _ = p.Kill() }
