package integration

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestTheGuideToRepairShowsCodeThatRuns compares each line of Go in docs/repair.md with the example, which is a test.
func TestTheGuideToRepairShowsCodeThatRuns(t *testing.T) {
	page, err := os.ReadFile("../docs/repair.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("../examples/repair/repair_test.go")
	if err != nil {
		t.Fatal(err)
	}
	example := strings.Join(strings.Fields(string(source)), " ")
	snippets := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(snippets) < 3 {
		t.Errorf("expected the steps of the example in docs/repair.md, found %d snippets", len(snippets))
	}
	for _, s := range snippets {
		if code := strings.Join(strings.Fields(s[1]), " "); !strings.Contains(example, code) {
			t.Errorf("docs/repair.md: expected code of examples/repair/repair_test.go, found\n%s", s[1])
		}
	}
}
