package page

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/cpu"
)

// Machine names the processor, its number of cores and, since virtual machines name very different processors
// alike, its widest vectors.
func Machine() string {
	name, cores := runtime.GOARCH, 0
	data, _ := os.ReadFile("/proc/cpuinfo") // other systems have none
	for line := range strings.Lines(string(data)) {
		key, value, _ := strings.Cut(line, ":")
		switch strings.TrimSpace(key) {
		case "model name":
			name = strings.TrimSpace(value)
		case "processor":
			cores++
		}
	}
	if cores == 0 {
		cores = runtime.NumCPU()
	}
	switch {
	case cpu.X86.HasAVX512F:
		name += " with AVX-512"
	case cpu.X86.HasAVX2:
		name += " with AVX2"
	}
	return fmt.Sprintf("%d cores of %s", cores, name)
}
