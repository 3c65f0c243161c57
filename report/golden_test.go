package report_test

import (
	"archive/zip"
	"bytes"
	"io"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/report"
)

// goldenInputs are inputs whose files in testdata/golden are what the first versions wrote.
func goldenInputs() map[string]input.Input {
	return map[string]input.Input{
		"grey":          gradient(5, 4, 1, 3),
		"colour":        gradient(4, 7, 3, 1),
		"rank-1":        {Shape: []int{6}, Data: []float32{0, 1, 2, 253, 254, 255}, Domain: input.Bytes},
		"negative-zero": {Shape: []int{2}, Data: []float32{float32(math.Copysign(0, -1)), 7}, Domain: input.Bytes},
		"floats":        {Shape: []int{2, 1, 3}, Data: []float32{-1, -0.5, 1e-40, 0.1, 1. / 3, 1}, Domain: input.Domain{Min: -1, Max: 1}},
		"whole-floats":  {Shape: []int{3}, Data: []float32{0, 17, 255}, Domain: input.Domain{Min: 0, Max: 255}},
	}
}

// goldenTriggers are those of testdata/golden/triggers.
func goldenTriggers() []*engine.Trigger {
	triggers := sampleTriggers(3)
	triggers[2].SeedLabel = input.Unlabelled
	triggers[1].Compressed.Scores[0] = float32(math.NaN())
	return triggers
}

// Files are the same, byte for byte, as those that were written before, and read as what they were.
func TestBytesOfFilesStay(t *testing.T) {
	same := func(name string, found []byte) {
		t.Helper()
		path := filepath.Join("testdata", "golden", name)
		if want := readFile(t, path); !bytes.Equal(found, want) {
			t.Errorf("%s: found\n%q\nexpected\n%q", name, found, want)
		}
	}
	for name, in := range goldenInputs() {
		same(name+".npy", report.EncodeInput(in))
		got, err := report.DecodeInput(readFile(t, filepath.Join("testdata", "golden", name+".npy")), in)
		if err != nil || !got.Like(in) {
			t.Errorf("%s: read %v, %v; expected %v", name, got, err, in)
		}
	}
	path := filepath.Join(t.TempDir(), "triggers.npz")
	if err := report.ExportTriggers(path, goldenTriggers()); err != nil {
		t.Fatal(err)
	}
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	noTime := time.Date(1979, 11, 30, 0, 0, 0, 0, time.UTC) // the bits 0 as a date of MS-DOS
	var names []string
	for _, f := range archive.File {
		if f.Method != zip.Deflate || !f.Modified.Equal(noTime) || len(f.Extra) != 0 || f.Comment != "" {
			t.Errorf("%s: %+v; expected no time", f.Name, f.FileHeader)
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		same("triggers/"+f.Name, content)
		names = append(names, f.Name)
	}
	const order = "inputs.npy seeds.npy original_outputs.npy compressed_outputs.npy original_labels.npy compressed_labels.npy true_labels.npy seed_index.npy"
	if found := strings.Join(names, " "); found != order {
		t.Errorf("arrays %s; expected %s", found, order)
	}
}
