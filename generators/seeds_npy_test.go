package generators_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
)

// npyFile makes an NPY file of version 1 with any text as its dictionary.
func npyFile(dictionary string, values []byte) []byte {
	file := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(dictionary)))
	return append(append(file, dictionary...), values...)
}

func npyDictionary(descr string, shape string) string {
	return fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n", descr, shape)
}

func float32s(values ...float32) (p []byte) {
	for _, v := range values {
		p = binary.LittleEndian.AppendUint32(p, math.Float32bits(v))
	}
	return p
}

var unit = input.Domain{Min: 0, Max: 1}

// ../input/npy/testdata/make_arrays.py has made these files with NumPy.
func TestNPYFilesOfNumPy(t *testing.T) {
	const dir = "../input/npy/testdata/arrays/"
	second := []float32{12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23}
	sixths := []float32{6. / 11, 7. / 11, 8. / 11, 9. / 11, 10. / 11, 1}
	tests := []struct {
		name   string
		source source
		want   input.Seed // of index 1
	}{
		{"grey images", newSource(generators.NPY(dir+"images.npy", generators.Labels(dir+"labels.npy"))),
			bytesSeed("images.npy[1]", 1, []int{3, 4, 1}, second...)},
		{"another shape", newSource(generators.NPY(dir+"images.npy", generators.Shaped(2, 6))),
			bytesSeed("images.npy[1]", -1, []int{2, 6}, second...)},
		{"version 2", newSource(generators.NPY(dir + "version2.npy")),
			bytesSeed("version2.npy[1]", -1, []int{3, 4, 1}, second...)},
		{"float64", newSource(generators.NPY(dir+"float64.npy", generators.In(unit))),
			input.Seed{Input: input.Input{Shape: []int{6}, Data: sixths, Domain: unit}, Label: -1, Name: "float64.npy[1]"}},
		{"float32, big-endian", newSource(generators.NPY(dir+"float32-big-endian.npy", generators.In(unit))),
			input.Seed{Input: input.Input{Shape: []int{6}, Data: sixths, Domain: unit}, Label: -1, Name: "float32-big-endian.npy[1]"}},
		{"stored archive", newSource(generators.NPZ(dir+"stored.npz", "x_test", generators.LabelKey("y_test"))),
			bytesSeed("x_test[1]", 1, []int{3, 4, 1}, second...)},
		{"packed archive", newSource(generators.NPZ(dir+"packed.npz", "x_test.npy", generators.Labels(dir+"labels.npy"))),
			bytesSeed("x_test[1]", 1, []int{3, 4, 1}, second...)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			src := test.source.open(t)
			if src.Len() != 2 {
				t.Fatalf("expected 2 seeds, found %d", src.Len())
			}
			wantSeed(t, src, 1, test.want)
			wantIndexErrors(t, src)
		})
	}
	t.Run("single image", func(t *testing.T) {
		src := newSource(generators.NPY(dir+"images.npy", generators.Single())).open(t)
		seed := mustSeed(t, src, 0)
		if src.Len() != 1 || seed.Input.String() != "image [2 3 4], 0..255 step 1" {
			t.Errorf("expected one seed [2 3 4], found %d, %s", src.Len(), seed.Input)
		}
	})
	t.Run("int16", func(t *testing.T) {
		domain := input.Domain{Min: -32768, Max: 32767, Step: 1}
		seed := mustSeed(t, newSource(generators.NPY(dir+"int16.npy", generators.In(domain))).open(t), 0)
		if seed.Input.Data[0] != -1200 || seed.Input.Data[11] != -100 {
			t.Errorf("expected -1200 to -100, found %v", seed.Input.Data)
		}
	})
}

func TestNPYErrors(t *testing.T) {
	const dir = "../input/npy/testdata/arrays/"
	refused := func(_ input.Seeds, err error) error { return err }
	made := t.TempDir()
	npy := func(name string, content []byte, options ...generators.ArrayOption) error {
		return refused(generators.NPY(writeFile(t, content, made, name), options...))
	}
	tests := []struct {
		reason string
		err    error
		want   []string
	}{
		{"domain unknown", refused(generators.NPY(dir + "float64.npy")), []string{"float64.npy", "type f8: expected the option In"}},
		{"structured", refused(generators.NPY(dir + "structured.npy")), []string{"structured.npy", "expected plain numbers, found a structured type"}},
		{"rank 0", refused(generators.NPY(dir + "scalar.npy")), []string{"scalar.npy", "shape []: expected [n, …] of rank 2 or more"}},
		{"rank 1", refused(generators.NPY(dir+"labels.npy", generators.In(unit))), []string{"shape [2]: expected [n, …] of rank 2 or more"}},
		{"wrong shape", refused(generators.NPY(dir+"images.npy", generators.Shaped(3, 3))), []string{"option Shaped: shape [3 3]: expected 12 values as in [3 4], found 9"}},
		{"bad shape", refused(generators.NPY(dir+"images.npy", generators.Shaped(3, 0))), []string{"option Shaped: shape [3 0]"}},
		{"bad domain", refused(generators.NPY(dir+"float64.npy", generators.In(input.Domain{}))), []string{"option In: domain 0..0"}},
		{"both labels", refused(generators.NPZ(dir+"packed.npz", "x_test", generators.Labels("a"), generators.LabelKey("b"))), []string{"expected either Labels or LabelKey"}},
		{"label key of NPY", refused(generators.NPY(dir+"images.npy", generators.LabelKey("y"))), []string{"LabelKey is for NPZ files"}},
		{"labels missing", refused(generators.NPY(dir+"images.npy", generators.Labels("no-such.npy"))), []string{"no-such.npy"}},
		{"labels are reals", refused(generators.NPY(dir+"images.npy", generators.Labels(dir+"float64.npy"))), []string{"float64.npy", "expected labels, whole numbers"}},
		{"label count", refused(generators.NPY(dir+"float64.npy", generators.In(unit), generators.Single(), generators.Labels(dir+"labels.npy"))), []string{"labels.npy", "expected 1 labels, one a seed, found 2"}},
		{"missing", refused(generators.NPY("no-such.npy")), []string{"no-such.npy"}},
		{"not NPY", npy("a.npy", []byte("hello")), []string{"a.npy", "expected an NPY file"}},
		{"version", npy("a.npy", []byte("\x93NUMPY\x09\x00")), []string{"expected version 1, 2 or 3 of the NPY format, found 9"}},
		{"header cut", npy("a.npy", npyFile(npyDictionary("|u1", "(1, 2)"), nil)[:40]), []string{"expected an NPY header of 60 bytes, found 30: the file is truncated"}},
		{"header too long", npy("a.npy", []byte("\x93NUMPY\x02\x00\xff\xff\xff\xff")), []string{"expected an NPY header of at most 65536 bytes, found 4294967295"}},
		{"values cut", npy("a.npy", npyFile(npyDictionary("|u1", "(2, 2)"), []byte{1, 2, 3})), []string{"a.npy", "shape [2 2] of u1: expected 4 bytes of values, found 3", "truncated"}},
		{"absurd shape", npy("a.npy", npyFile(npyDictionary("<f4", "(4611686018427387904, 9)"), nil)), []string{"expected at least one value and a size that fits a file"}},
		{"no rows", npy("a.npy", npyFile(npyDictionary("|u1", "(0, 2)"), nil)), []string{"shape [0 2]: expected at least one value"}},
		{"negative", npy("a.npy", npyFile(npyDictionary("|u1", "(-1, 2)"), nil)), []string{`shape: expected a dimension at "-1, 2)`}},
		{"complex", npy("a.npy", npyFile(npyDictionary("<c8", "(1, 2)"), nil)), []string{`expected numbers of a type of b1, f2, f4, f8, i1`, `found "<c8" (complex numbers)`}},
		{"key missing", npy("a.npy", npyFile("{'descr': '|u1', 'shape': (1,2)}", nil)), []string{`expected the key "fortran_order"`}},
		{"strange key", npy("a.npy", npyFile("{'size': 3}", nil)), []string{"size: expected descr, fortran_order or shape"}},
		{"no dictionary", npy("a.npy", npyFile("", nil)), []string{`expected { at ""`}},
		{"not a bool", npy("a.npy", npyFile("{'fortran_order': 0}", nil)), []string{"expected True or False"}},
		{"no archive", refused(generators.NPZ(dir+"images.npy", "x")), []string{"images.npy", "expected an NPZ file, which is a zip archive"}},
		{"key unknown", refused(generators.NPZ(dir+"packed.npz", "x_train")), []string{"packed.npz", `array "x_train": expected one of x_test, y_test`}},
		{"key needed", refused(generators.NPZ(dir+"packed.npz", "")), []string{"expected the key of one of the 2 arrays: x_test, y_test"}},
	}
	for _, test := range tests {
		t.Run(test.reason, func(t *testing.T) { wantError(t, test.err, append(test.want, "generators: ")...) })
	}
}

func TestNPYAcceptsWhatOtherWritersWrite(t *testing.T) {
	for _, dictionary := range []string{
		`{"shape": (1L, 2L), "fortran_order": False, "descr": "|u1"}`,
		"{ 'shape':(1,2) ,'fortran_order':False,'descr':'<u1',}   \n",
	} {
		path := writeFile(t, npyFile(dictionary, []byte{3, 4}), t.TempDir(), "a.npy")
		wantSeed(t, newSource(generators.NPY(path)).open(t), 0, bytesSeed("a.npy[0]", -1, []int{2}, 3, 4))
	}
}

func TestNPYValuesOutsideTheDomain(t *testing.T) {
	nan := float32(math.NaN())
	path := writeFile(t, npyFile(npyDictionary("<f4", "(4, 2)"), float32s(0, 1.0000001, 0.5, 2, nan, 0, 0.25, 0.75)), t.TempDir(), "a.npy")
	src := newSource(generators.NPY(path, generators.In(unit))).open(t)
	if got := mustSeed(t, src, 0).Input.Data[1]; got != 1 {
		t.Errorf("expected rounding to be moved to 1, found %v", got)
	}
	_, err := src.Seed(1)
	wantError(t, err, path+"[1]: value 2 at index 1: expected a value of the domain 0..1")
	_, err = src.Seed(2)
	wantError(t, err, path+"[2]: value NaN at index 0")
	mustSeed(t, src, 3) // one bad seed leaves the others usable

	bytesOfReals := newSource(generators.NPY(path, generators.In(input.Bytes))).open(t)
	_, err = bytesOfReals.Seed(3)
	wantError(t, err, "value 0.25 at index 0: expected a value of the domain 0..255 step 1")
}

func TestNegativeLabels(t *testing.T) {
	dir := t.TempDir()
	images := writeFile(t, npyFile(npyDictionary("|u1", "(2, 1)"), []byte{1, 2}), dir, "images.npy")
	labels := writeFile(t, npyFile(npyDictionary("|i1", "(2,)"), []byte{0xff, 4}), dir, "labels.npy")
	src := newSource(generators.NPY(images, generators.Labels(labels))).open(t)
	if a, b := mustSeed(t, src, 0).Label, mustSeed(t, src, 1).Label; a != input.Unlabelled || b != 4 {
		t.Errorf("expected labels -1 and 4, found %d and %d", a, b)
	}
	labels = writeFile(t, npyFile(npyDictionary("|i1", "(2,)"), []byte{0xfe, 4}), dir, "labels.npy")
	_, err := generators.NPY(images, generators.Labels(labels))
	wantError(t, err, labels, "label 0: expected labels, whole numbers of the shape [n] or [n 1] or one-hot rows of the shape [n classes], found -2")
}

func TestNPZDamaged(t *testing.T) {
	content, err := os.ReadFile("../input/npy/testdata/arrays/packed.npz")
	if err != nil {
		t.Fatal(err)
	}
	content[60] ^= 0xff // in the first array's data
	path := writeFile(t, content, t.TempDir(), "damaged.npz")
	_, err = generators.NPZ(path, "x_test")
	wantError(t, err, path+"/x_test")
}
