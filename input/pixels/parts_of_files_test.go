package pixels

import (
	"bytes"
	"encoding/binary"
	"os"
	"slices"
	"testing"
)

func TestOrientationBehindOtherSegments(t *testing.T) {
	file, err := os.ReadFile("testdata/formats/turned-6.jpg")
	if err != nil {
		t.Fatal(err)
	}
	comment := []byte{0xff, 0xfe, 0, 5, 'a', 'b', 'c'}
	xmp := []byte{0xff, 0xe1, 0, 12, 'h', 't', 't', 'p', ':', '/', '/', 'n', 's', 0}
	for name, before := range map[string][]byte{
		"nothing": nil, "comment": comment, "another APP1": xmp, "fill bytes": {0xff, 0xff}, "restart": {0xff, 0xd0}, "all": slices.Concat(comment, xmp, []byte{0xff, 0xff}),
	} {
		content := slices.Concat(file[:2], before, file[2:])
		if o := orientationJPEG(bytes.NewReader(content), int64(len(content))); o != 6 {
			t.Errorf("%s: orientation %d", name, o)
		}
	}
	behind := slices.Concat(file[:2], []byte{0xff, 0xda, 0, 2}, file[2:])
	if o := orientationJPEG(bytes.NewReader(behind), int64(len(behind))); o != 1 {
		t.Errorf("behind the pixels: orientation %d", o)
	}
}

// A thumbnail is no page, and a loop of directories ends.
func TestPagesOfTIFF(t *testing.T) {
	directory := func(next, kind uint32) []byte {
		d := []byte{1, 0}
		d = binary.LittleEndian.AppendUint16(d, tiffSubfileType)
		d = binary.LittleEndian.AppendUint16(d, 4)
		d = binary.LittleEndian.AppendUint32(d, 1)
		d = binary.LittleEndian.AppendUint32(d, kind)
		return binary.LittleEndian.AppendUint32(d, next)
	}
	head := []byte("II*\x00\x08\x00\x00\x00")
	for _, test := range []struct {
		name  string
		parts [][]byte
		want  string
	}{
		{"one page", [][]byte{directory(0, 0)}, ""},
		{"a page and a thumbnail", [][]byte{directory(26, 0), directory(0, 1)}, ""},
		{"two pages", [][]byte{directory(26, 0), directory(0, 2)}, "several pages"},
		{"a thumbnail between two pages", [][]byte{directory(26, 0), directory(44, 1), directory(0, 0)}, "several pages"},
		{"a loop of thumbnails", [][]byte{directory(26, 0), directory(26, 1)}, ""},
		{"a directory beyond the file", [][]byte{directory(9999, 0)}, ""},
	} {
		if got := severalTIFF(slices.Concat(append([][]byte{head}, test.parts...)...)); got != test.want {
			t.Errorf("%s: %q; expected %q", test.name, got, test.want)
		}
	}
}
