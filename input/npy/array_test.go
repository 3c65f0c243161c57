package npy_test

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	othernpy "codeberg.org/sbinet/npyio/npy"
	"pgregory.net/rapid"

	"github.com/triggerfinder/triggerfinder/input/npy"
)

var dtypes = []npy.DType{npy.Bool, npy.Uint8, npy.Uint16, npy.Uint32, npy.Uint64, npy.Int8, npy.Int16, npy.Int32, npy.Int64,
	npy.Float16, npy.Float32, npy.Float64}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// testdata/make_arrays.py has made these arrays with NumPy, and a list of their values.
func TestArraysOfNumPy(t *testing.T) {
	var expected map[string][][]float32
	if err := json.Unmarshal(readFile(t, "testdata/types/expected.json"), &expected); err != nil {
		t.Fatal(err)
	}
	if len(expected) != 4*len(dtypes) {
		t.Fatalf("found %d arrays in the list", len(expected))
	}
	for name, want := range expected {
		content := readFile(t, filepath.Join("testdata", "types", name))
		a, err := npy.Decode(content)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if values := a.Float32s(); !slices.Equal(values, slices.Concat(want...)) || !slices.Equal(a.Shape, []int{2, 3, 4}) {
			t.Errorf("%s: shape %v, %v; expected %v", name, a.Shape, values, want)
		}
		// In our order the files are those of NumPy, byte for byte.
		kind, _, _ := strings.Cut(name, "-")
		encoded, err := a.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if own := readFile(t, filepath.Join("testdata", "types", kind+"-little-C.npy")); !bytes.Equal(encoded, own) {
			t.Errorf("%s: %q; expected %q as NumPy writes it", name, encoded, own)
		}
		// Piece by piece, in the order of the file.
		h, err := npy.ReadHeader(bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		piece := make([]float32, 4)
		h.Float32s(piece, content[h.Size:])
		all := h.Float64s(content[h.Size:])
		for i, v := range piece {
			if v != float32(all[i]) || len(all) != 24 {
				t.Errorf("%s: value %d of the file is %g and %g", name, i, v, all[i])
			}
		}
		if !h.Fortran && !slices.Equal(piece, want[0][:4]) {
			t.Errorf("%s: the first values are %v, expected %v", name, piece, want[0][:4])
		}
	}
}

// A number, a tuple of one, which has a comma, and one of three.
func TestFilesAreThoseOfNumPy(t *testing.T) {
	for _, name := range []string{"scalar", "labels", "images", "float64", "int16"} {
		content := readFile(t, "testdata/arrays/"+name+".npy")
		a, err := npy.Decode(content)
		if err != nil {
			t.Fatal(err)
		}
		if file, err := a.Encode(); err != nil || !bytes.Equal(file, content) {
			t.Errorf("%s: %q, %v; expected %q", name, file, err, content)
		}
	}
}

// arrays are of all types and shapes, with any bits.
var arrays = rapid.Custom(func(t *rapid.T) npy.Array {
	a := npy.Array{DType: rapid.SampledFrom(dtypes).Draw(t, "type"), Shape: rapid.SliceOfN(rapid.IntRange(1, 5), 0, 4).Draw(t, "shape")}
	n := a.DType.Size()
	for _, d := range a.Shape {
		n *= d
	}
	a.Data = rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, "data")
	return a
})

func same(a, b npy.Array) bool {
	return a.DType == b.DType && slices.Equal(a.Shape, b.Shape) && bytes.Equal(a.Data, b.Data)
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := arrays.Draw(t, "array")
		file, err := a.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := npy.Decode(file); err != nil || !same(got, a) {
			t.Errorf("got %v, %v; expected %v", got, err, a)
		}
		if values := len(file) - len(a.Data); values%64 != 0 {
			t.Errorf("the values begin at %d, expected a multiple of 64", values)
		}
	})
}

// A number survives the way into a type that holds it and back, and another one is refused.
func TestNumbersAreHeldOrRefused(t *testing.T) {
	numbers := []float32{0, float32(math.Copysign(0, -1)), 1, -1, 2, 0.5, 127, 128, -128, -129, 255, 256, 32767, 32768, -32768, -32769, 65504, 65520,
		65535, 65536, 1 << 24, 1 << 31, -(1 << 31), 1<<31 - 128, 1 << 32, 1<<32 - 256, 1 << 63, -(1 << 63), 1<<63 - 1<<39, 1 << 64, 1<<64 - 1<<40,
		0.1, 1e-40, 1e-8, math.MaxFloat32, float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN())}
	held := map[npy.DType]int{}
	for _, d := range dtypes {
		for _, v := range numbers {
			a, err := npy.FromFloat32s(d, []int{1}, []float32{v})
			if (err == nil) != d.Holds(v) {
				t.Fatalf("%s: %g: held %t, error %v", d, v, d.Holds(v), err)
			}
			if err != nil {
				wantError(t, err, "at index 0: expected a number that the type "+string(d)+" holds")
				continue
			}
			held[d]++
			got := a.Float32s()[0]
			if math.Float32bits(got) != math.Float32bits(v) && (got == got || v == v) {
				t.Errorf("%s: %g became %g", d, v, got)
			}
		}
	}
	// Counted by hand from the list.
	want := map[npy.DType]int{npy.Bool: 2, npy.Uint8: 6, npy.Int8: 6, npy.Uint16: 12, npy.Int16: 12, npy.Uint32: 17, npy.Int32: 21,
		npy.Uint64: 21, npy.Int64: 26, npy.Float16: 18, npy.Float32: len(numbers), npy.Float64: len(numbers)}
	if !reflect.DeepEqual(held, want) {
		t.Errorf("numbers held: %v; expected %v", held, want)
	}
}

func TestWholeNumbers(t *testing.T) {
	for d, limits := range map[npy.DType][2]int64{
		npy.Bool: {0, 1}, npy.Uint8: {0, 255}, npy.Int8: {-128, 127}, npy.Uint16: {0, 65535}, npy.Int16: {-32768, 32767},
		npy.Uint32: {0, math.MaxUint32}, npy.Int32: {math.MinInt32, math.MaxInt32}, npy.Uint64: {0, math.MaxInt64}, npy.Int64: {math.MinInt64, math.MaxInt64},
	} {
		a, err := npy.FromInt64s(d, []int{2}, limits[:])
		if err != nil {
			t.Errorf("%s: %v", d, err)
			continue
		}
		if got, err := a.Int64s(); err != nil || !slices.Equal(got, limits[:]) || !d.Whole() {
			t.Errorf("%s: %v, %v; expected %v", d, got, err, limits)
		}
		for _, beyond := range []int64{limits[0] - 1, limits[1] + 1} {
			if d == npy.Int64 {
				continue // there is nothing beyond it
			}
			_, err := npy.FromInt64s(d, []int{1}, []int64{beyond})
			wantError(t, err, "at index 0: expected a number that the type "+string(d)+" holds")
		}
	}
	_, err := npy.FromInt64s(npy.Float32, []int{1}, []int64{1})
	wantError(t, err, "expected a type of whole numbers, found f4")
	_, err = npy.Array{DType: npy.Float16, Shape: []int{1}, Data: []byte{0, 0}}.Int64s()
	wantError(t, err, "expected an array of whole numbers, found one of the type f2")
	_, err = npy.Array{DType: npy.Uint64, Shape: []int{1}, Data: bytes.Repeat([]byte{255}, 8)}.Int64s()
	wantError(t, err, "value 18446744073709551615 at index 0: expected a number of at most 63 bits")
}

func TestArraysThatAreNotWritten(t *testing.T) {
	for _, test := range []struct {
		a    npy.Array
		want string
	}{
		{npy.Array{}, `expected numbers of a type of b1, f2, f4, f8, i1, i2, i4, i8, u1, u2, u4, u8, found ""`},
		{npy.Array{DType: "c8", Shape: []int{1}, Data: make([]byte, 8)}, `found "c8"`},
		{npy.Array{DType: npy.Float32, Shape: []int{2}, Data: make([]byte, 7)}, "shape [2] of f4: expected 8 bytes of values, found 7"},
		{npy.Array{DType: npy.Float32, Shape: []int{2}, Data: make([]byte, 9)}, "shape [2] of f4: expected 8 bytes of values, found 9"},
		{npy.Array{DType: npy.Uint8, Shape: []int{0}}, "shape [0]: expected at least one value"},
		{npy.Array{DType: npy.Uint8, Shape: []int{-1, -1}, Data: []byte{1}}, "shape [-1 -1]: expected at least one value"},
		{npy.Array{DType: npy.Uint8, Shape: slices.Repeat([]int{1}, 30000), Data: []byte{1}}, "expected few enough for a header of 65535 bytes"},
	} {
		_, err := test.a.Encode()
		wantError(t, err, test.want)
	}
	_, err := npy.FromFloat32s(npy.Uint8, []int{3}, []float32{1, 2})
	wantError(t, err, "expected 3 bytes of values, found 2")
	_, err = npy.FromFloat32s("", []int{1}, []float32{1})
	wantError(t, err, "expected numbers of a type of")
	_, err = npy.FromInt64s("", []int{1}, []int64{1})
	wantError(t, err, "expected numbers of a type of")
	if npy.DType("").Holds(0) || npy.DType("c8").Size() != 0 || npy.DType("c8").Whole() {
		t.Error("a type that is not known holds something")
	}
}

// Another implementation reads what ours writes.
func TestFilesAreReadByOthers(t *testing.T) {
	a, err := npy.FromFloat32s(npy.Float32, []int{2, 3}, []float32{-1, -0.5, 0, 0.25, 0.3, 1})
	if err != nil {
		t.Fatal(err)
	}
	file, err := a.Encode()
	if err != nil {
		t.Fatal(err)
	}
	r, err := othernpy.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	var data []float32
	if err := r.Read(&data); err != nil || !slices.Equal(data, a.Float32s()) || !slices.Equal(r.Header.Descr.Shape, a.Shape) {
		t.Errorf("%v %v, %v", r.Header.Descr.Shape, data, err)
	}
}

// What Decode returns is a copy, and a number has no shape.
func TestDecodeCopies(t *testing.T) {
	f := readFile(t, "testdata/arrays/scalar.npy")
	a, err := npy.Decode(f)
	if err != nil || len(a.Shape) != 0 || !slices.Equal(a.Data, []byte{3}) {
		t.Fatalf("%v, %v", a, err)
	}
	f[len(f)-1] = 9
	if a.Data[0] != 3 {
		t.Error("the array changed with the file")
	}
}

func FuzzNPY(f *testing.F) {
	for _, pattern := range []string{"testdata/arrays/*.npy", "testdata/types/*.npy"} {
		addFiles(f, pattern)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		if h, err := npy.ReadHeader(bytes.NewReader(content)); err == nil && h.Size > int64(len(content)) {
			t.Fatalf("a header of %d bytes in a file of %d", h.Size, len(content))
		}
		a, err := npy.Decode(content)
		if err != nil {
			return
		}
		if len(a.Data) > len(content) || len(a.Float32s()) != len(a.Data)/a.DType.Size() {
			t.Fatalf("%d bytes of values of a file of %d", len(a.Data), len(content))
		}
		written, err := a.Encode()
		if err != nil {
			t.Fatalf("cannot write what it reads: %v", err)
		}
		if again, err := npy.Decode(written); err != nil || !same(a, again) {
			t.Fatalf("changed by writing and reading: %v, %v; expected %v", again, err, a)
		}
	})
}

// addFiles adds the content of files as the corpus to start from.
func addFiles(f *testing.F, pattern string) {
	f.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		f.Fatalf("%s: expected files, found %d (%v)", pattern, len(paths), err)
	}
	for _, path := range paths {
		f.Add(readFile(f, path))
	}
}
