package generators_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/npy"
)

// ../input/npy/testdata/make_arrays.py has made these arrays with NumPy, and a list of their values.
func TestArraysOfAllTypesAndOrders(t *testing.T) {
	list, err := os.ReadFile("../input/npy/testdata/types/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var expected map[string][][]float32
	if err := json.Unmarshal(list, &expected); err != nil {
		t.Fatal(err)
	}
	if len(expected) != 48 {
		t.Fatalf("found %d arrays in the list", len(expected))
	}
	for name, want := range expected {
		options := []generators.ArrayOption{generators.In(input.Domain{Min: -300, Max: 300})}
		if strings.HasPrefix(name, "bool") || strings.HasPrefix(name, "u1") {
			options = nil
		}
		src := newSource(generators.NPY("../input/npy/testdata/types/"+name, options...)).open(t)
		for i, row := range want {
			in := mustSeed(t, src, i).Input
			if !slices.Equal(in.Data, row) || !slices.Equal(in.Shape, []int{3, 4, 1}) {
				t.Errorf("%s[%d]: expected %v, found %s with %v", name, i, row, in, in.Data)
			}
			if strings.HasPrefix(name, "bool") && in.Domain != (input.Domain{Min: 0, Max: 1, Step: 1}) {
				t.Errorf("%s: domain %s", name, in.Domain)
			}
		}
	}
}

func TestLabelsOfAllTypesAndShapes(t *testing.T) {
	files, err := filepath.Glob("../input/npy/testdata/types/labels*")
	if err != nil || len(files) != 2*11+12+3 {
		t.Fatalf("%d files, error %v", len(files), err)
	}
	for _, file := range files {
		if labels, err := generators.OpenLabels(file); err != nil || !slices.Equal(labels, []int{2, 0, 3}) {
			t.Errorf("%s: labels %v, error %v", file, labels, err)
		}
	}
	src := newSource(generators.NPZ("../input/npy/testdata/types/medical.npz", "images", generators.LabelKey("labels"))).open(t)
	opened := newSource(generators.Open("../input/npy/testdata/types/medical.npz")).open(t)
	for _, s := range []input.Seeds{src, opened} {
		if labels := labelsOf(t, s); !slices.Equal(labels, []int{5, 1}) || input.NotesOf(s) != nil {
			t.Errorf("labels %v, notes %q", labels, input.NotesOf(s))
		}
	}
}

func TestArraysThatAreRefused(t *testing.T) {
	const shapes = "expected labels, whole numbers of the shape [n] or [n 1] or one-hot rows of the shape [n classes]"
	for name, want := range map[string]string{
		"soft.npy":      "row 0: " + shapes + ", with one 1 and else 0, found [0.1 0.9]",
		"many-hot.npy":  "row 0: " + shapes + ", with one 1 and else 0, found [0 1 1]",
		"fractions.npy": "label 1: " + shapes + ", found 2.5",
		"objects.npy":   `found "|O" (Python objects, such as arrays of different shapes)`,
		"text.npy":      `found "<U3" (text)`,
		"complex.npy":   `found "<c8" (complex numbers)`,
	} {
		_, err := generators.OpenLabels("../input/npy/testdata/types/" + name)
		wantError(t, err, "generators: ../input/npy/testdata/types/"+name+": ", want)
	}
	_, err := generators.NPY("../input/npy/testdata/types/f2-big-F.npy")
	wantError(t, err, "type f2: expected the option In, which gives the domain of the values, for any type but u1 and b1; the first 24 values lie in -1.7")
	_, err = generators.Open("../input/npy/testdata/types/objects.npy")
	wantError(t, err, "Python objects")
}

func TestNotesOfArrays(t *testing.T) {
	src := newSource(generators.NPZ("../input/npy/testdata/types/others.npz", "x")).open(t)
	if notes := input.NotesOf(generators.First(src, 1)); !slices.Equal(notes, []string{"other arrays of the archive are not read: y, z"}) {
		t.Errorf("notes %q", notes)
	}
	dir := t.TempDir()
	images := writeFile(t, twoGreyImages, dir, "a-images-idx3-ubyte")
	writeFile(t, []byte{0, 0, 8, 1, 0, 0, 0, 1, 7}, dir, "a-labels-idx1-ubyte")
	src = newSource(generators.Open(images)).open(t)
	if notes := input.NotesOf(src); !slices.Equal(notes, []string{"the labels beside the images are not taken: a-labels-idx1-ubyte has 1, for 2 images"}) {
		t.Errorf("notes %q", notes)
	}
	writeFile(t, []byte{0, 0, 8, 1, 0, 0, 0, 9, 7}, dir, "a-labels-idx1-ubyte")
	src = newSource(generators.Open(images)).open(t)
	if notes := input.NotesOf(src); len(notes) != 1 || !strings.HasPrefix(notes[0], "the labels beside the images are not read: ") {
		t.Errorf("notes %q", notes)
	}
}

// Arrays of signals are no pictures without channels, and three features are no colours.
func TestKindsOtherThanImagesKeepTheirShape(t *testing.T) {
	waves, err := npy.FromFloat32s(npy.Float32, []int{2, 4, 3}, make([]float32, 24))
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := npy.WriteArchive(&file, npy.Named{Name: "waves", Array: waves}); err != nil {
		t.Fatal(err)
	}
	path := writeFile(t, file.Bytes(), t.TempDir(), "waves.npz")
	domain := generators.In(input.Domain{Min: -1, Max: 1})
	for _, c := range []struct {
		kind  input.Kind
		shape []int
	}{{input.Signal, []int{4, 3}}, {input.Row, []int{4, 3}}, {"ecg", []int{4, 3}}, {input.Image, []int{4, 3, 1}}, {input.Other, []int{4, 3, 1}}} {
		src := newSource(generators.NPZ(path, "waves", domain, generators.OfKind(c.kind))).open(t)
		if in := mustSeed(t, src, 0).Input; src.Len() != 2 || !slices.Equal(in.Shape, c.shape) || in.Kind != c.kind {
			t.Errorf("%s: expected 2 seeds of the shape %v, found %d, the first %s", c.kind, c.shape, src.Len(), in)
		}
	}
	opened := newSource(generators.Open(path, domain, generators.OfKind(input.Signal))).open(t)
	if in := mustSeed(t, opened, 0).Input; opened.Len() != 2 || !slices.Equal(in.Shape, []int{4, 3}) {
		t.Errorf("Open: expected 2 signals of the shape [4 3], found %d, the first %s", opened.Len(), in)
	}
}
