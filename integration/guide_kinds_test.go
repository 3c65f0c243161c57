package integration

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// ofKinds are the examples that docs/guide.md shows, each a folder of ../examples with one test, by what their messages are called.
var ofKinds = []string{"table", "regression", "audio", "tokens", "embedding", "detection", "segmentation", "several-inputs"}

// TestTheGuideShowsExamplesAsTheyAre compares the code and the messages of docs/guide.md with the examples that they are from, and with
// what these print.
//
//	go test ./integration -run TestTheGuideShowsExamplesAsTheyAre -update
func TestTheGuideShowsExamplesAsTheyAre(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs other test binaries, which takes some seconds; left out by -short")
	}
	if _, err := os.Stat("../zoo/kinds"); err != nil {
		t.Skip("needs zoo/kinds, which is not here")
	}
	guide := "../docs/guide.md"
	page, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	for _, example := range ofKinds {
		checkSnippet(t, string(page), example)
	}
	compareMessages(t, guide, messagesOfExamples(t), firstWords)
}

// checkSnippet holds each line of an example's code in the guide against its file, in order.
func checkSnippet(t *testing.T, page, example string) {
	t.Helper()
	m := regexp.MustCompile("(?s)<!-- example: " + example + " -->\n```go\n(.*?)```\n").FindStringSubmatch(page)
	if m == nil {
		t.Errorf("guide.md: expected the code of the example %q, which is not there", example)
		return
	}
	files, err := filepath.Glob(filepath.Join("../examples", example, "*_test.go"))
	if err != nil || len(files) != 1 {
		t.Fatalf("examples/%s: expected one file of tests, found %q (error %v)", example, files, err)
	}
	code, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	var rest []string
	for line := range strings.Lines(string(code)) {
		rest = append(rest, strings.TrimSpace(line))
	}
	for line := range strings.Lines(m[1]) {
		line = strings.TrimSpace(line)
		i := slices.Index(rest, line)
		if i < 0 && line != "" {
			t.Errorf("guide.md: example %q: expected lines of %s in their order, found %q", example, files[0], line)
			return
		}
		rest = rest[i+1:]
	}
}

// messagesOfExamples runs the examples and collects what they log: the message of the search.
func messagesOfExamples(t *testing.T) map[string]string {
	t.Helper()
	f := &fixture{t: t, dir: ".."}
	args := []string{"go", "test", "-json", "-count=1"}
	for _, example := range ofKinds {
		args = append(args, "./examples/"+example)
	}
	c := f.command(args...)
	var said bytes.Buffer
	c.Stdout, c.Stderr = &said, os.Stderr
	err := c.Run()
	logged := map[string]string{}
	for line := range bytes.Lines(said.Bytes()) {
		var event struct{ Action, Package, Test, Output string }
		if err := json.Unmarshal(line, &event); err != nil {
			t.Fatalf("line %q: %v", line, err)
		}
		if event.Test != "" && event.Action == "output" {
			logged[filepath.Base(event.Package)] += event.Output
		}
	}
	if err != nil {
		t.Fatalf("%v: %v", err, logged)
	}
	messages := map[string]string{}
	for example, text := range logged {
		text = regexp.MustCompile(`(?m)^(=== RUN|--- PASS).*\n`).ReplaceAllString(text, "")
		text = regexp.MustCompile(`(?m)^triggerfinder: .* seeds done.*\n`).ReplaceAllString(text, "") // of searches that take some seconds
		text = regexp.MustCompile(`(?m)^    ( {4}|\w+_test\.go:\d+: )`).ReplaceAllString(text, "")
		// Examples save what they find in a temporary folder, and tests by themselves here:
		text = regexp.MustCompile(`/\S+/Test\w+/\d+`).ReplaceAllString(text, "testdata/triggers")
		messages[example] = lasting(text)
	}
	return messages
}

// firstWords are the words of a message with those of its first trigger, without what another machine may find.
func firstWords(text string) string {
	kept := words(text)
	_, first, _ := strings.Cut(text, "\n  1. ")
	first, _, _ = strings.Cut(first, "\n\n")
	says := regexp.MustCompile(`says [^,(]+`)
	for line := range strings.Lines(first) {
		line = says.ReplaceAllString(strings.TrimSpace(line), "says …")
		if before, _, ok := strings.Cut(line, ": "); ok && strings.Contains(line, " → ") {
			line = before + ": …"
		}
		kept += "\n" + words(line)
	}
	return kept
}
