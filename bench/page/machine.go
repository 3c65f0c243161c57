package page

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// Machine names the processor and its number of cores.
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
	return fmt.Sprintf("%d cores of %s", cores, name)
}
