package matchers

import (
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// testFunction matches the full name of a test function or of a function inside it, such as
// "example.com/models.TestPruned.func1": package, then test.
var testFunction = regexp.MustCompile(`^(.+?)\.((?:Test|Benchmark|Fuzz|Example)[^./]*)(?:\.|$)`)

// runAgain is the command that runs the calling test again. Ginkgo's specs do not run below a test
// function; there it is the whole package. Outside of a test it is empty.
func runAgain() string {
	if !testing.Testing() {
		return ""
	}
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers)])
	for {
		frame, more := frames.Next()
		if strings.HasSuffix(frame.File, "_test.go") {
			if m := testFunction.FindStringSubmatch(frame.Function); m != nil {
				return "go test -run '^" + m[2] + "$' " + strings.TrimSuffix(m[1], "_test")
			}
		}
		if !more {
			return "go test ."
		}
	}
}
