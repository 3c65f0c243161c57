package report_test

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/report"
)

func TestWriteFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	for _, content := range []string{"first", "second"} {
		paths, err := report.WriteFiles(dir, report.File{Name: "x.json", Data: []byte(content)}, report.File{Name: "y.md", Data: []byte(content + "!")})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{filepath.Join(dir, "x.json"), filepath.Join(dir, "y.md")}, paths); diff != "" {
			t.Error(diff)
		}
		if data, err := os.ReadFile(paths[1]); err != nil || string(data) != content+"!" {
			t.Errorf("read %q, %v", data, err)
		}
	}
	if diff := cmp.Diff([]string{"x.json", "y.md"}, names(t, dir)); diff != "" {
		t.Errorf("what is there:\n%s", diff)
	}
}

func TestWriteFilesReplacesNothingWhenOneIsInTheWay(t *testing.T) {
	dir := t.TempDir()
	if _, err := report.WriteFiles(dir, report.File{Name: "x", Data: []byte("old")}); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "y"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := report.WriteFiles(dir, report.File{Name: "x", Data: []byte("new")}, report.File{Name: "y"})
	if err == nil || !strings.Contains(err.Error(), "expected a file, found a folder") {
		t.Errorf("got error %v", err)
	}
	if data, _ := os.ReadFile(filepath.Join(dir, "x")); string(data) != "old" {
		t.Errorf("x is %q", data)
	}
	if diff := cmp.Diff([]string{"x", "y"}, names(t, dir)); diff != "" {
		t.Errorf("what is there:\n%s", diff)
	}
}

func TestPicturesOf(t *testing.T) {
	large := triggerFrom(gradient(60, 90, 3, 0), 0)
	for _, test := range []struct{ most, width, height int }{{0, 90, 60}, {90, 90, 60}, {45, 45, 30}} {
		p, ok := report.PicturesOf(large, test.most)
		if !ok || p.Width != 90 || p.Height != 60 || p.Amplification != 0 {
			t.Fatalf("%v, %d x %d, amplified %d times", ok, p.Width, p.Height, p.Amplification)
		}
		if len(p.Panels) != 3 {
			t.Fatalf("%d pictures; expected 3", len(p.Panels))
		}
		for _, picture := range p.Panels {
			img, err := png.Decode(bytes.NewReader(picture.PNG))
			if err != nil {
				t.Fatal(err)
			}
			if size := img.Bounds().Size(); size.X != test.width || size.Y != test.height {
				t.Errorf("at most %d: %v; expected %d x %d", test.most, size, test.width, test.height)
			}
		}
		if bytes.Equal(p.Panels[0].PNG, p.Panels[1].PNG) {
			t.Error("seed and trigger look the same")
		}
	}
	abridged := *large
	abridged.Input.Data, abridged.Seed.Data = nil, nil
	if _, ok := report.PicturesOf(&abridged, 0); ok {
		t.Error("pictures of a trigger without its inputs")
	}
}
