package npy_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"codeberg.org/sbinet/npyio/npz"
	"pgregory.net/rapid"

	"github.com/triggerfinder/triggerfinder/input/npy"
)

func write(t rapid.TB, arrays ...npy.Named) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := npy.WriteArchive(&file, arrays...); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func readArchive(file []byte) ([]npy.Named, error) {
	return npy.ReadArchive(bytes.NewReader(file), int64(len(file)))
}

func sameArrays(a, b []npy.Named) bool {
	return slices.EqualFunc(a, b, func(a, b npy.Named) bool { return a.Name == b.Name && same(a.Array, b.Array) })
}

// Parts of an input have any names that tensors have, and keep their types and bits.
func TestArchiveRoundTrip(t *testing.T) {
	names := []string{"x", "input:0", "/model/tokens", "../x", `a\b`, "x.npy", "größe", "a b", "dir/", "attention_mask"}
	rapid.Check(t, func(t *rapid.T) {
		var arrays_ []npy.Named
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(names), 1, 6, rapid.ID).Draw(t, "names") {
			arrays_ = append(arrays_, npy.Named{Name: name, Array: arrays.Draw(t, "array")})
		}
		file := write(t, arrays_...)
		found, err := readArchive(file)
		if err != nil || !sameArrays(found, arrays_) {
			t.Fatalf("%v, %v; expected %v", found, err, arrays_)
		}
		if again := write(t, found...); !bytes.Equal(again, file) {
			t.Error("the same arrays have other bytes")
		}
	})
}

// parts are an input of several parts.
func parts(t testing.TB) []npy.Named {
	t.Helper()
	must := func(a npy.Array, err error) npy.Array {
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	return []npy.Named{
		{Name: "input_ids", Array: must(npy.FromInt64s(npy.Int64, []int{1, 4}, []int64{101, -7, 1 << 62, 102}))},
		{Name: "attention_mask", Array: must(npy.FromInt64s(npy.Bool, []int{4}, []int64{1, 1, 0, 1}))},
		{Name: "segments", Array: must(npy.FromInt64s(npy.Int32, []int{2}, []int64{-1 << 31, 5}))},
		{Name: "half", Array: must(npy.FromFloat32s(npy.Float16, []int{2}, []float32{0.5, -65504}))},
		{Name: "bfloat16", Array: must(npy.FromInt64s(npy.Uint16, []int{2}, []int64{0x3f80, 0xff80}))}, // as its bits
	}
}

// noTime is what the bits 0 say as a date of MS-DOS.
var noTime = time.Date(1979, 11, 30, 0, 0, 0, 0, time.UTC)

// The archive holds no times, names of machines or such, and its arrays lie there in their order.
func TestArchiveHoldsNothingElse(t *testing.T) {
	file := write(t, parts(t)...)
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		h := f.FileHeader
		if !h.Modified.Equal(noTime) || len(h.Extra) > 0 || h.Comment != "" || h.ExternalAttrs != 0 || h.Method != zip.Deflate {
			t.Errorf("%+v; expected a name alone", h)
		}
		names = append(names, f.Name)
	}
	if want := []string{"input_ids.npy", "attention_mask.npy", "segments.npy", "half.npy", "bfloat16.npy"}; !slices.Equal(names, want) || z.Comment != "" {
		t.Errorf("%q; expected %q", names, want)
	}
	// Another implementation reads it.
	other, err := npz.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var ids []int64
	if err := other.Read("input_ids.npy", &ids); err != nil || !slices.Equal(ids, []int64{101, -7, 1 << 62, 102}) {
		t.Errorf("%v, %v", ids, err)
	}
}

// Names are never paths, also where Go is told to be careful about those.
func TestNamesThatLookLikePaths(t *testing.T) {
	t.Setenv("GODEBUG", "zipinsecurepath=0")
	want := []npy.Named{{Name: "/model/x", Array: parts(t)[0].Array}, {Name: "../y", Array: parts(t)[1].Array}}
	if found, err := readArchive(write(t, want...)); err != nil || !sameArrays(found, want) {
		t.Errorf("%v, %v; expected %v", found, err, want)
	}
}

func TestArraysOfAnArchive(t *testing.T) {
	file := write(t, parts(t)...)
	a, err := npy.OpenArchive(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"half": "half", "half.npy": "half"} {
		if name, err := a.Find(key); err != nil || name != want {
			t.Errorf("%q: %q, %v", key, name, err)
		}
	}
	const all = "input_ids, attention_mask, segments, half, bfloat16"
	_, err = a.Find("")
	wantError(t, err, "expected the key of one of the 5 arrays: "+all)
	_, err = a.Find("x")
	wantError(t, err, `array "x": expected one of `+all)
	_, err = a.Read("x")
	wantError(t, err, `array "x": expected one of `+all)
	_, err = a.Header("x")
	wantError(t, err, `array "x": expected one of `+all)
	if h, err := a.Header("segments"); err != nil || h.DType != npy.Int32 || !slices.Equal(h.Shape, []int{2}) {
		t.Errorf("%v, %v", h, err)
	}
	file = write(t, npy.Named{Name: "x.npy", Array: parts(t)[0].Array}, npy.Named{Name: "x", Array: parts(t)[1].Array})
	if a, err = npy.OpenArchive(bytes.NewReader(file), int64(len(file))); err != nil {
		t.Fatal(err)
	}
	if array, err := a.Read("x.npy"); err != nil || !same(array, parts(t)[0].Array) {
		t.Errorf("%v, %v; expected the array that has that name", array, err)
	}
	if name, err := a.Find("x.npy"); err != nil || name != "x.npy" {
		t.Errorf("%q, %v", name, err)
	}
}

func TestArchivesOfNumPy(t *testing.T) {
	for _, name := range []string{"stored", "packed"} {
		found, err := readArchive(readFile(t, "testdata/arrays/"+name+".npz"))
		if err != nil || len(found) != 2 || found[0].Name != "x_test" || found[1].Name != "y_test" || found[0].DType != npy.Uint8 || found[1].DType != npy.Int64 {
			t.Fatalf("%s: %v, %v", name, found, err)
		}
		if labels, err := found[1].Int64s(); err != nil || !slices.Equal(labels, []int64{3, 1}) {
			t.Errorf("%s: %v, %v", name, labels, err)
		}
	}
}

// archiveOf makes a zip archive of any content.
func archiveOf(t *testing.T, method uint16, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.CreateHeader(&zip.FileHeader{Name: files[i], Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestArchivesThatAreRefused(t *testing.T) {
	good := string(file(1, dictionary("|u1", "(2, 2)"), 1, 2, 3, 4))
	for _, method := range []uint16{zip.Store, zip.Deflate} {
		changed := archiveOf(t, method, "x.npy", good)
		// A value, in what is stored; the checksum, which lies behind what is packed too.
		if method == zip.Store {
			changed[bytes.Index(changed, []byte{1, 2, 3, 4})]++
		} else {
			changed[bytes.Index(changed, []byte("PK\x07\x08"))+4]++
			changed[bytes.Index(changed, []byte("PK\x01\x02"))+16]++
		}
		for _, test := range []struct {
			reason string
			file   []byte
			want   string
		}{
			{"no archive", []byte(good), "expected an NPZ file, which is a zip archive"},
			{"empty", nil, "expected an NPZ file, which is a zip archive"},
			{"other content", archiveOf(t, method, "x.npy", good, "readme.txt", "hello"), `array "readme.txt": expected an NPY file`},
			{"a name twice", archiveOf(t, method, "x.npy", good, "x.npy", good), `array "x": expected one of that name in the archive, found several`},
			{"a name twice, with and without an ending", archiveOf(t, method, "x.npy", good, "x", good), `array "x": expected one of that name`},
			{"values cut", archiveOf(t, method, "x.npy", good[:len(good)-1]), `array "x": shape [2 2] of u1: expected 4 bytes of values, found 3: the file is truncated`},
			{"more than its values", archiveOf(t, method, "x.npy", good+"xyz"), `array "x": shape [2 2] of u1: expected 4 bytes of values, found 5`},
			{"no values", archiveOf(t, method, "x.npy", string(file(1, dictionary("|u1", "(0,)")))), "expected at least one value"},
			{"values that fit no memory", archiveOf(t, method, "x.npy", string(file(1, dictionary("|u1", "(9223372036854775807,)"), 1))),
				"expected 9223372036854775807 bytes of values, found 1"},
			{"changed", changed, `array "x": expected packed values: zip: checksum error`},
		} {
			t.Run(fmt.Sprint(test.reason, method), func(t *testing.T) {
				found, err := readArchive(test.file)
				wantError(t, err, test.want)
				if found != nil {
					t.Errorf("arrays %v beside an error", found)
				}
			})
		}
	}
}

func TestArchivesThatAreNotWritten(t *testing.T) {
	one := parts(t)[0].Array
	for _, test := range []struct {
		reason string
		arrays []npy.Named
		want   string
	}{
		{"none", nil, "expected at least one array, found none"},
		{"no name", []npy.Named{{Array: one}}, `array 1 of 1: expected a name of 1 to 4096 bytes of UTF-8, found ""`},
		{"a long name", []npy.Named{{Name: strings.Repeat("x", 4097), Array: one}}, "array 1 of 1: expected a name of 1 to 4096 bytes"},
		{"no text", []npy.Named{{Name: "x", Array: one}, {Name: "\xff", Array: one}}, `array 2 of 2: expected a name of 1 to 4096 bytes of UTF-8, found "\xff"`},
		{"a name twice", []npy.Named{{Name: "x", Array: one}, {Name: "x", Array: one}}, `array "x": expected each name once, found it twice`},
		{"no array", []npy.Named{{Name: "x"}}, `array "x": expected numbers of a type of`},
	} {
		t.Run(test.reason, func(t *testing.T) {
			var file bytes.Buffer
			wantError(t, npy.WriteArchive(&file, test.arrays...), test.want)
		})
	}
}

func FuzzNPZ(f *testing.F) {
	addFiles(f, "testdata/arrays/*.npz")
	addFiles(f, "testdata/types/*.npz")
	f.Add(func() []byte {
		var file bytes.Buffer
		if err := npy.WriteArchive(&file, parts(f)...); err != nil {
			f.Fatal(err)
		}
		return file.Bytes()
	}())
	f.Fuzz(func(t *testing.T, content []byte) {
		found, err := readArchive(content)
		if err != nil || len(found) == 0 {
			return
		}
		var written bytes.Buffer
		if err := npy.WriteArchive(&written, found...); err != nil {
			if strings.Contains(err.Error(), "expected a name") {
				return // a reader takes names that are no text
			}
			t.Fatalf("cannot write what it reads: %v", err)
		}
		if again, err := readArchive(written.Bytes()); err != nil || !sameArrays(again, found) {
			t.Fatalf("changed by writing and reading: %v, %v; expected %v", again, err, found)
		}
	})
}
