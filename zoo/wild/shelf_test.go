package wild

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/triggerfinder/triggerfinder/runtimes/onnx/ortlib"
)

// packed is a small wheel.
func packed(t *testing.T) ([]byte, wheel) {
	t.Helper()
	var buffer bytes.Buffer
	archive := zip.NewWriter(&buffer)
	for name, content := range map[string]string{"small/model.onnx": "a model", "small/more/words.txt": "words", "../outside.txt": "out"} {
		w, err := archive.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(buffer.Bytes())
	return buffer.Bytes(), wheel{requirement: "small==1", file: "small-1.whl", sum: hex.EncodeToString(sum[:])}
}

// machine is a machine with a Python that is a shell script, and an empty cache.
func machine(t *testing.T, script string) *shelf {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("its Python is a shell script")
	}
	bin := t.TempDir()
	if script != "" {
		script = "#!/bin/sh\nPATH=/bin:/usr/bin\necho \"$*\" >> '" + filepath.Join(bin, "calls") + "'\n" + script
		if err := os.WriteFile(filepath.Join(bin, "python3"), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin)
	t.Setenv(ortlib.EnvCache, t.TempDir())
	s, err := openShelf()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// served is what a Python does that downloads the content under the name.
func served(t *testing.T, name string, content []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return `while [ $# -gt 0 ]; do [ "$1" = --dest ] && dest="$2"; shift; done
cp '` + file + `' "$dest/"`
}

func TestFilesAreFetchedOnce(t *testing.T) {
	content, w := packed(t)
	s := machine(t, served(t, w.file, content))
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			path, err := s.member(t.Context(), w, "small/model.onnx")
			if data, _ := os.ReadFile(path); err != nil || string(data) != "a model" {
				t.Errorf("expected the model, found %q (error %v)", data, err)
			}
		})
	}
	wait.Wait()
	calls, err := os.ReadFile(filepath.Join(os.Getenv("PATH"), "calls"))
	if err != nil || strings.Count(string(calls), "\n") != 1 || !strings.Contains(string(calls), "-m pip download") || !strings.HasSuffix(string(calls), " small==1\n") {
		t.Errorf("expected one download, found %q (error %v)", calls, err)
	}
	left, _ := filepath.Glob(filepath.Join(s.root, ".work-*"))
	if len(left) > 0 {
		t.Errorf("expected no work to be left, found %q", left)
	}
	all, err := s.members(t.Context(), w, func(string) bool { return true })
	if err != nil || len(all) != 2 {
		t.Errorf("expected the files of the wheel, and none outside of it, found %q (error %v)", all, err)
	}
}

func TestDamagedFilesAreReplaced(t *testing.T) {
	content, w := packed(t)
	s := machine(t, served(t, w.file, content))
	path, err := s.member(t.Context(), w, "small/model.onnx")
	if err != nil {
		t.Fatal(err)
	}
	for _, damaged := range []string{path, filepath.Join(s.root, w.file)} {
		if err := os.WriteFile(damaged, []byte("a modem"), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := s.member(t.Context(), w, "small/model.onnx"); err != nil {
			t.Error(err)
		}
		if data, _ := os.ReadFile(path); string(data) != "a model" {
			t.Errorf("expected the model, found %q", data)
		}
	}
}

func TestWhatCannotBeHad(t *testing.T) {
	content, w := packed(t)
	for _, test := range []struct {
		reason, script string
		unavailable    bool
		want           string
	}{
		{"no Python", "", true, `not available here: Python: exec: "python": executable file not found in $PATH`},
		{"no network", "echo 'ERROR: No matching distribution'; exit 1", true, "download of small==1: not available here: exit status 1: ERROR: No matching distribution"},
		{"another file", served(t, "small-2.whl", content), false, `download of small==1: expected the file small-1.whl, found ["small-2.whl"]`},
		{"another content", served(t, w.file, []byte("something else")), false, "checksum of small-1.whl: expected SHA-256 " + w.sum + ", found "},
	} {
		t.Run(test.reason, func(t *testing.T) {
			s := machine(t, test.script)
			_, err := s.member(t.Context(), w, "small/model.onnx")
			if err == nil || !strings.Contains(err.Error(), test.want) || errors.Is(err, ErrUnavailable) != test.unavailable {
				t.Errorf("expected %q, not available: %v, found %v", test.want, test.unavailable, err)
			}
			if _, err := os.Stat(filepath.Join(s.root, w.file)); err == nil {
				t.Error("expected that nothing is kept")
			}
		})
	}
	s := machine(t, served(t, w.file, content))
	if _, err := s.member(t.Context(), w, "small/other.onnx"); err == nil || !strings.Contains(err.Error(), "small-1.whl: expected the file small/other.onnx in it, found none") {
		t.Errorf("expected an error about the file, found %v", err)
	}
}

// TestQuantisation: a script that fails is an error of its own, and leaves nothing that looks like a model.
func TestQuantisation(t *testing.T) {
	model := filepath.Join(t.TempDir(), "model.onnx")
	if err := os.WriteFile(model, []byte("a model"), 0o644); err != nil {
		t.Fatal(err)
	}
	const packages = `if [ "$1" = -c ]; then echo 3.11; exit; fi
if [ "$1" = -m ]; then while [ $# -gt 0 ]; do [ "$1" = --target ] && mkdir "$2"; shift; done; exit; fi
`
	s := machine(t, packages+`echo "node $4 $PYTHONPATH"; exit 3`)
	_, err := s.quantised(t.Context(), model, []string{"conv"})
	if err == nil || errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "quantisation of model.onnx: exit status 3: node conv "+filepath.Join(s.root, "python3.11-")) {
		t.Errorf("expected the error of the script, found %v", err)
	}
	s = machine(t, packages+`cp "$2" "$3"`)
	first, err := s.quantised(t.Context(), model, nil)
	if err != nil {
		t.Fatal(err)
	}
	if other, err := s.quantised(t.Context(), model, []string{"conv"}); err != nil || other == first {
		t.Errorf("expected another file where other nodes are left, found %s and %s (error %v)", first, other, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if again, err := s.quantised(ctx, model, nil); err != nil || again != first {
		t.Errorf("expected the file that is there, found %s (error %v)", again, err)
	}
	if _, err := s.quantised(ctx, model, []string{"other"}); !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnavailable) {
		t.Errorf("expected that a cancelled one is told as that, found %v", err)
	}
}
