package beam_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"github.com/triggerfinder/triggerfinder/distributed/beam"
	"github.com/triggerfinder/triggerfinder/input/npy"
	"github.com/triggerfinder/triggerfinder/model"
)

// manySeeds are files of 600 seeds of 2 x 3 pixels, in all formats that can be written here, by their names.
func manySeeds(t testing.TB) map[string][]byte {
	t.Helper()
	const n = 600
	var lines strings.Builder
	var examples [][]byte
	pixels, labels := make([]byte, 0, n*6), make([]byte, n)
	for i := range n {
		one := []byte{byte(i), byte(i / 256), 3, 4, 5, 6}
		pixels = append(pixels, one...)
		labels[i] = byte(i % 7)
		fmt.Fprintf(&lines, "{\"image\": %q, \"label\": %d}\n", base64.StdEncoding.EncodeToString(one), i%7)
		if i%50 == 0 {
			lines.WriteString(" \n")
		}
		examples = append(examples, example(one, i%7))
	}
	images := npy.Array{DType: npy.Uint8, Shape: []int{n, 2, 3, 1}, Data: pixels}
	classes := npy.Array{DType: npy.Uint8, Shape: []int{n}, Data: labels}
	var archive, stored bytes.Buffer
	if err := npy.WriteArchive(&archive, npy.Named{Name: "images", Array: images}, npy.Named{Name: "labels", Array: classes}); err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(&stored)
	for name, a := range map[string]npy.Array{"images.npy": images, "labels.npy": classes} {
		w := model.Must(z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store}))
		model.Must(w.Write(model.Must(a.Encode())))
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	records := tfRecord(examples...)
	return map[string][]byte{
		"a.npy": model.Must(images.Encode()), "a.npz": archive.Bytes(), "stored.npz": stored.Bytes(), "a.tfrecord": records, "a.jsonl": []byte(lines.String()),
		"gzip.tfrecord": packed(t, records, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }),
		"zlib.tfrecord": packed(t, records, func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }),
		"gzip.jsonl":    packed(t, []byte(lines.String()), func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }),
		"zstd.jsonl":    packed(t, []byte(lines.String()), func(w io.Writer) io.WriteCloser { return model.Must(zstd.NewWriter(w)) }),
	}
}

func packed(t testing.TB, content []byte, by func(io.Writer) io.WriteCloser) []byte {
	t.Helper()
	var b bytes.Buffer
	w := by(&b)
	model.Must(w.Write(content))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// filesOf reads one of them.
func filesOf(file string) beam.Files {
	f := beam.Files{Format: strings.TrimPrefix(filepath.Ext(file), "."), Paths: []string{file}}
	switch f.Format {
	case beam.NPZ:
		f.Key, f.Label = "images", "labels"
	case beam.TFRecord, beam.JSONL:
		f.Shape = []int{2, 3, 1}
	}
	return f
}

// TestPartsAreReadAlone damages what lies in front of a part, which nobody notices who reads that part alone.
func TestPartsAreReadAlone(t *testing.T) {
	dir := t.TempDir()
	for name, content := range manySeeds(t) {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(dir, name)
			write(t, file, content)
			files := filesOf(file)
			l, err := files.List(t.Context())
			if err != nil || len(l.Parts) < 3 || l.Seeds() != 600 {
				t.Fatalf("%d seeds in %d parts, error %v; expected 600 in 3 or more", l.Seeds(), len(l.Parts), err)
			}
			seeds, err := beam.OpenSeeds(t.Context(), files)
			got, bad := all(t, seeds, err)
			if len(got) != 600 {
				t.Fatalf("found %d seeds, and %q", len(got), bad)
			}
			names := map[string]bool{}
			for i, seed := range got {
				names[seed.Name] = true
				if at := int(seed.Input.Data[0]) + 256*int(seed.Input.Data[1]); at != i || files.Format != beam.NPY && seed.Label != i%7 {
					t.Fatalf("seed %d is %d of class %d", i, at, seed.Label)
				}
			}
			if len(names) != 600 {
				t.Errorf("found %d names", len(names))
			}
			if strings.Contains(name, "zlib") || strings.Contains(name, "gzip") || strings.Contains(name, "zstd") || name == "a.npz" {
				return
			}
			last := l.Parts[len(l.Parts)-1]
			damaged := bytes.Clone(content)
			for i := range 100 {
				damaged[len(content)/4+i] ^= 0xff
			}
			write(t, file, damaged)
			some, err := files.Open(t.Context(), last)
			inside, bad := all(t, some, err)
			if diff := cmp.Diff(got[600-last.Seeds:], inside); diff != "" {
				t.Errorf("%q: %s", bad, diff)
			}
			write(t, file, content[:len(content)/2])
			if _, err := files.Open(t.Context(), last); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("error %v; expected one that names the file, which has become shorter", err)
			}
		})
	}
}

// TestOrdersOfArrays reads a part of arrays in the orders that NumPy writes: see make.py beside them.
func TestOrdersOfArrays(t *testing.T) {
	for _, name := range []string{"fortran.npy", "rows.npy"} {
		files := beam.Files{Format: beam.NPY, Paths: []string{"testdata/arrays/" + name}}
		some, err := files.Open(t.Context(), beam.Part{Path: files.Paths[0], First: 2, Seeds: 3})
		got, bad := all(t, some, err)
		if len(got) != 3 {
			t.Fatalf("%s: found %d seeds, and %q", name, len(got), bad)
		}
		for i, seed := range got {
			if seed.Name != fmt.Sprintf("%s[%d]", name, i+2) || seed.Input.Data[0] != float32(6*(i+2)) || seed.Input.Data[5] != float32(6*(i+2)+5) {
				t.Errorf("%s: seed %d is %v", name, i, seed)
			}
		}
	}
}

func TestPackedFilesThatAreCutOff(t *testing.T) {
	dir := t.TempDir()
	for name, content := range manySeeds(t) {
		if name == "a.jsonl" { // a line that is cut off is an error of its seed
			continue
		}
		file := filepath.Join(dir, name)
		write(t, file, content[:len(content)-5])
		if _, err := beam.OpenSeeds(t.Context(), filesOf(file)); err == nil || !strings.Contains(err.Error(), name+": ") {
			t.Errorf("%s: error %v; expected one that names the file", name, err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.npz"), 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := beam.OpenSeeds(t.Context(), filesOf(filepath.Join(dir, "folder.npz"))); err == nil || !strings.Contains(err.Error(), "folder.npz: expected a file") {
		t.Errorf("error %v; expected one about the folder", err)
	}
}
