package matchers

import (
	"net/url"
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
)

// testFunction matches the full name of a test function or of a function inside it, such as
// "example.com/models.TestPruned.func1": package, then test.
var testFunction = regexp.MustCompile(`^((?:.*/)?[^/.]+)\.((?:Test|Benchmark|Fuzz|Example)[^./\[]*)(?:[.\[]|$)`)

// packageOf matches the package of the full name of any function.
var packageOf = regexp.MustCompile(`^(?:.*/)?[^/.]+`)

// runAgain is the command that runs the calling test again. Ginkgo's specs and methods of test suites do
// not show the name of their test function; there it is the whole package. Outside of a test it is
// empty.
func runAgain() string {
	if !testing.Testing() {
		return ""
	}
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers)])
	command := "go test"
	for {
		frame, more := frames.Next()
		if strings.HasSuffix(frame.File, "_test.go") {
			if m := testFunction.FindStringSubmatch(frame.Function); m != nil {
				return "go test -run '^" + m[2] + "$' " + importPath(m[1])
			}
			command = "go test " + importPath(packageOf.FindString(frame.Function)) + focus()
		}
		if !more {
			return command
		}
	}
}

// specName is the full text of the running spec of Ginkgo, which package specs knows.
var specName atomic.Pointer[func() string]

// NameSpecs tells matchers how to learn the full text of the running spec, for the command that runs it again; "" stands for none. Package
// matchers/specs calls it: this package does not know Ginkgo.
func NameSpecs(running func() string) { specName.Store(&running) }

// focus is the flag that runs the spec alone, and a space before it; "" outside of Ginkgo, and where that has not been told of.
func focus() string {
	running := specName.Load()
	if running == nil {
		return ""
	}
	text := (*running)()
	if text == "" {
		return ""
	}
	return " --ginkgo.focus='" + strings.ReplaceAll(regexp.QuoteMeta(text), "'", `'\''`) + "$'"
}

// importPath undoes what the linker does to a package's path in the names of functions: dots in its
// last element are escaped, and external test packages end in "_test".
func importPath(linked string) string {
	path, err := url.PathUnescape(linked)
	if err != nil {
		path = linked
	}
	return strings.TrimSuffix(path, "_test")
}

// runAgainLine is the line that says how to run the test again; there is none outside of a test.
func runAgainLine(test string) string {
	if test == "" {
		return ""
	}
	return "\nTo run this again: " + test
}
