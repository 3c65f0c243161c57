package npy_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/input/npy"
)

// file makes an NPY file of a version with any text as its header.
func file(version byte, text string, values ...byte) []byte {
	f := append([]byte(npy.Magic), version, 0)
	if version == 1 {
		f = binary.LittleEndian.AppendUint16(f, uint16(len(text)))
	} else {
		f = binary.LittleEndian.AppendUint32(f, uint32(len(text)))
	}
	return append(append(f, text...), values...)
}

func dictionary(descr, shape string) string {
	return fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n", descr, shape)
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v; expected %q", err, want)
	}
}

func TestAllVersions(t *testing.T) {
	for version := byte(1); version <= 3; version++ {
		a, err := npy.Decode(file(version, dictionary("|u1", "(2, 1)"), 7, 9))
		if err != nil || a.DType != npy.Uint8 || !slices.Equal(a.Shape, []int{2, 1}) || !slices.Equal(a.Data, []byte{7, 9}) {
			t.Errorf("version %d: %v, %v", version, a, err)
		}
	}
}

func TestHeadersOfOtherWriters(t *testing.T) {
	for _, text := range []string{
		`{"shape": (1L, 2L), "fortran_order": False, "descr": "|u1"}`,
		"{ 'shape':(1,2) ,'fortran_order':False,'descr':'<u1',}   \n",
		"\t{'descr':'u1','fortran_order':True,'shape':(1,2,)}\r\n",
		"{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2, ), }" + strings.Repeat(" ", 5000) + "\n",
	} {
		if a, err := npy.Decode(file(1, text, 3, 4)); err != nil || !slices.Equal(a.Shape, []int{1, 2}) || !slices.Equal(a.Data, []byte{3, 4}) {
			t.Errorf("%q: %v, %v", text, a, err)
		}
	}
}

func TestFilesThatAreRefused(t *testing.T) {
	good := string(file(1, dictionary("|u1", "(2, 2)"), 1, 2, 3, 4))
	for _, test := range []struct{ reason, file, want string }{
		{"empty", "", `expected an NPY file, which starts with "\x93NUMPY", found ""`},
		{"another format", "\x89PNG\r\n\x1a\n", `expected an NPY file, which starts with "\x93NUMPY", found "\x89PNG`},
		{"a pointer of Git LFS", "version https://git-lfs", "expected an NPY file"},
		{"cut before the version", good[:6], "expected an NPY file"},
		{"cut in the length", good[:9], "expected the length of the NPY header in 2 bytes, found 1: the file is truncated"},
		{"cut in a longer length", "\x93NUMPY\x02\x00\x01\x00\x00", "in 4 bytes, found 3: the file is truncated"},
		{"cut in the header", good[:40], "expected an NPY header of 60 bytes, found 30: the file is truncated"},
		{"cut in the values", good[:len(good)-1], "shape [2 2] of u1: expected 4 bytes of values, found 3: the file is truncated"},
		{"too many values", good + "x", "shape [2 2] of u1: expected 4 bytes of values, found 5"},
		{"version 0", "\x93NUMPY\x00\x00\x00\x00", "expected version 1, 2 or 3 of the NPY format, found 0"},
		{"version 4", "\x93NUMPY\x04\x00\x00\x00", "expected version 1, 2 or 3 of the NPY format, found 4"},
		{"a header that is too long", "\x93NUMPY\x02\x00\x01\x00\x01\x00", "expected an NPY header of at most 65536 bytes, found 65537"},
	} {
		t.Run(test.reason, func(t *testing.T) {
			_, err := npy.Decode([]byte(test.file))
			wantError(t, err, test.want)
		})
	}
	for _, test := range []struct{ reason, text, want string }{
		{"a type of complex numbers", dictionary("<c8", "(1,)"), `expected numbers of a type of b1, f2, f4, f8, i1, i2, i4, i8, u1, u2, u4, u8, found "<c8" (complex numbers)`},
		{"a type of raw bytes", dictionary("<V2", "(1,)"), "(raw bytes, as ml_dtypes saves bfloat16)"},
		{"an order twice", dictionary("<<f4", "(1,)"), `found "<<f4"`},
		{"a structured type", "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,)}", "expected plain numbers, found a structured type"},
		{"a dimension of 0", dictionary("|u1", "(4, 0)"), "shape [4 0]: expected at least one value"},
		{"a dimension below 0", dictionary("|u1", "(-1,)"), "shape: expected a dimension at \"-1,"},
		{"a shape that overflows", dictionary("<f4", "(4611686018427387904, 9)"), "expected at least one value and a size that fits a file"},
		{"a shape that overflows int", dictionary("|u1", "(9223372036854775808,)"), "expected a dimension"},
		{"a shape that is large", dictionary("|u1", "(65536, 65536, 65536)"), "expected 281474976710656 bytes of values, found 0"},
		{"a shape without commas", dictionary("|u1", "(1 2)"), "expected , or ) at"},
		{"an open tuple", "{'descr': '|u1', 'fortran_order': False, 'shape': (1", "expected a dimension"},
		{"a list as shape", dictionary("|u1", "[1]"), "shape: expected ( at"},
		{"no type", "{'fortran_order': False, 'shape': (1,)}", `expected the key "descr"`},
		{"no order", "{'descr': '|u1', 'shape': (1,)}", `expected the key "fortran_order"`},
		{"no shape", "{'descr': '|u1', 'fortran_order': False}", `expected the key "shape"`},
		{"a key twice", "{'shape': (2,), 'descr': '|u1', 'fortran_order': False, 'shape': (1,)}", "shape: expected the key once, found it twice"},
		{"another key", "{'size': 3}", "size: expected descr, fortran_order or shape"},
		{"no dictionary", "", `expected { at ""`},
		{"an open dictionary", "{", "expected a quoted word"},
		{"no value", "{'descr'}", "expected : at"},
		{"an open quote", "{'descr", "expected a closing quote"},
		{"no comma", "{'fortran_order': False 'shape': (1,)}", "expected , or } at"},
		{"a number for a bool", "{'fortran_order': 0}", "fortran_order: expected True or False at"},
		{"text behind it", dictionary("|u1", "(1,)") + "x", `expected nothing behind }, found "x"`},
	} {
		t.Run(test.reason, func(t *testing.T) {
			_, err := npy.Decode(file(1, test.text))
			wantError(t, err, test.want)
		})
	}
}

// A file that is read piece by piece may go on behind its values, as those of several calls of numpy.save do.
func TestBytesBehindTheValues(t *testing.T) {
	h, err := npy.ReadHeader(strings.NewReader(string(file(1, dictionary("<u2", "(3,)")))))
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, h.CheckBytes(5, false), "expected 6 bytes of values, found 5: the file is truncated")
	for _, found := range []int64{6, 7} {
		if err := h.CheckBytes(found, false); err != nil {
			t.Errorf("%d bytes: %v", found, err)
		}
	}
	wantError(t, h.CheckBytes(7, true), "expected 6 bytes of values, found 7")
}
