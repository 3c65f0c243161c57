package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A real bash completes commands, flags and their values.
func TestCompletionInBash(t *testing.T) {
	const library = "/usr/share/bash-completion/bash_completion"
	bash, err := exec.LookPath("bash")
	if _, missing := os.Stat(library); err != nil || missing != nil {
		t.Skip("expected bash with the package bash-completion, found none")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(exe, filepath.Join(dir, "triggerfinder")); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "here", "triggers"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "here", "net.onnx"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "here", "notes.txt"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"triggerfinder se":                                "search",
		"triggerfinder search --strategy di":              "diffchaser",
		"triggerfinder search --strategy=bo":              "boundary",
		"triggerfinder search --oracle lab":               "label-only labels=",
		"triggerfinder search --within s":                 "ssim=",
		"triggerfinder search --compressed.scores l":      "logits log-probabilities",
		"triggerfinder search --orig":                     "--original",
		"triggerfinder search --original n":               "net.onnx",
		"triggerfinder replay tr":                         "triggers",
		"triggerfinder search --caused-by conversion --a": "--aim --allow-identical",
		"triggerfinder completion f":                      "fish",
	} {
		script := fmt.Sprintf(`source %s; source <(triggerfinder completion bash)
COMP_LINE=%q; COMP_POINT=${#COMP_LINE}; COMP_TYPE=63
line="${COMP_LINE//=/ = }"; read -ra COMP_WORDS <<<"$line"; COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
__start_triggerfinder 2>/dev/null
for word in "${COMPREPLY[@]}"; do read -r first _ <<<"$word"; printf '%%s ' "$first"; done`, library, line)
		c := exec.CommandContext(t.Context(), bash, "--norc", "-c", script)
		c.Env = append(os.Environ(), commandVariable+"=1", "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"))
		c.Dir = filepath.Join(dir, "here")
		out, err := c.Output()
		got := map[string]bool{}
		for _, word := range strings.Fields(string(out)) {
			got[word] = true
		}
		if len(got) != len(strings.Fields(want)) || err != nil {
			t.Errorf("%s: expected %q, found %q, %v", line, want, out, err)
		}
		for _, word := range strings.Fields(want) {
			if !got[word] {
				t.Errorf("%s: expected %s, found %q", line, word, out)
			}
		}
	}
}

func TestManPagesAndPage(t *testing.T) {
	dir := t.TempDir()
	command(t, "man", dir).want(t, 0)
	for _, c := range theProgram(console{}).Commands {
		if _, err := os.Stat(filepath.Join(dir, "triggerfinder-"+c.Name+".1")); (err != nil) != c.Hidden {
			t.Errorf("%s: found %v", c.Name, err)
		}
	}
	page := filepath.Join(dir, "page.html")
	command(t, append(student, "--html", page)...).want(t, 1, "Page: "+page)
	text, err := os.ReadFile(page)
	for _, part := range []string{"<html", "6 of 6 seeds have a trigger", "data:image/png"} {
		if err != nil || !strings.Contains(string(text), part) {
			t.Errorf("expected %q in the page, found %d bytes, %v", part, len(text), err)
		}
	}
	command(t, append(student, "--html", page, "--json", page)...).want(t, 2, "--json and --html: expected two files")
}

// --verbose tells each trigger as it is found, and how the models are run; --quiet wins over it.
func TestVerbose(t *testing.T) {
	r := command(t, append(student, "-v")...)
	r.want(t, 1, "found from seed 0 (seeds.npy[0])", "original model "+filepath.Join(files, "lenet5.onnx")+": preprocess: x * 0.00392157")
	if n := strings.Count(r.err, "found from seed "); n != 6 {
		t.Errorf("expected 6 triggers, found %d:\n%s", n, r.err)
	}
	if r := command(t, append(student, "-v", "-q")...); r.err != "" || r.out != "" {
		t.Errorf("--quiet: found %q and %q", r.out, r.err)
	}
}
