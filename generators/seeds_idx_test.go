package generators_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/triggerfinder/triggerfinder/generators"
)

// idxFile makes an IDX file of unsigned bytes.
func idxFile(dims []byte, values ...byte) []byte {
	file := []byte{0, 0, 8, byte(len(dims))}
	for _, d := range dims {
		file = append(file, 0, 0, 0, d)
	}
	return append(file, values...)
}

var (
	twoGreyImages = idxFile([]byte{2, 1, 3}, 1, 2, 3, 4, 5, 255)
	twoClasses    = idxFile([]byte{2}, 7, 9)
)

func TestIDX(t *testing.T) {
	dir := t.TempDir()
	plain := writeFile(t, twoGreyImages, dir, "images-idx3-ubyte")
	packed := writeFile(t, gzipped(t, twoGreyImages), dir, "images.gz")
	labels := writeFile(t, twoClasses, dir, "labels")
	packedLabels := writeFile(t, gzipped(t, twoClasses), dir, "labels.gz")
	colour := writeFile(t, idxFile([]byte{1, 1, 2, 3}, 1, 2, 3, 4, 5, 6), dir, "colour")
	fsys := fstest.MapFS{"a/images": {Data: gzipped(t, twoGreyImages)}, "a/labels": {Data: twoClasses}}

	t.Run("plain, labelled", func(t *testing.T) {
		src := newSource(generators.IDX(plain, labels)).open(t)
		wantSeed(t, src, 0, bytesSeed("images-idx3-ubyte[0]", 7, []int{1, 3, 1}, 1, 2, 3))
		wantSeed(t, src, 1, bytesSeed("images-idx3-ubyte[1]", 9, []int{1, 3, 1}, 4, 5, 255))
		wantIndexErrors(t, src)
	})
	t.Run("gzip", func(t *testing.T) {
		src := newSource(generators.IDX(packed, packedLabels)).open(t)
		wantSeed(t, src, 1, bytesSeed("images.gz[1]", 9, []int{1, 3, 1}, 4, 5, 255))
	})
	t.Run("unlabelled colour", func(t *testing.T) {
		src := newSource(generators.IDX(colour, "")).open(t)
		wantSeed(t, src, 0, bytesSeed("colour[0]", -1, []int{1, 2, 3}, 1, 2, 3, 4, 5, 6))
	})
	t.Run("file system", func(t *testing.T) {
		src := newSource(generators.IDXFS(fsys, "a/images", "a/labels")).open(t)
		wantSeed(t, src, 1, bytesSeed("images[1]", 9, []int{1, 3, 1}, 4, 5, 255))
	})
}

func TestIDXErrors(t *testing.T) {
	valid := twoGreyImages
	damaged := gzipped(t, valid)
	damaged[len(damaged)-6] ^= 1 // the checksum
	tests := []struct {
		reason string
		images []byte
		labels []byte
		want   []string
	}{
		{"empty", nil, nil, []string{"images", "expected an IDX header of at least 4 bytes"}},
		{"not IDX", []byte("\x89PNG\r\n\x1a\n"), nil, []string{"images", "starts 00 00 08, found 89 50 4e"}},
		{"floats", append([]byte{0, 0, 0x0d}, valid[3:]...), nil, []string{"found 00 00 0d"}},
		{"rank 1", twoClasses, nil, []string{"images", "expected images, rank 3 or 4, found rank 1"}},
		{"rank 0", idxFile(nil), nil, []string{"IDX dimensions []"}},
		{"no images", idxFile([]byte{0, 1, 3}), nil, []string{"dimension 0: expected at least 1, found 0"}},
		{"header cut", valid[:10], nil, []string{"expected an IDX header with 3 dimensions, found 1"}},
		{"values cut", valid[:len(valid)-2], nil, []string{"images", "expected 22 bytes, found 20", "truncated"}},
		{"gzip cut short", gzipped(t, valid)[:30], nil, []string{"images", "truncated"}},
		{"gzip of truncated file", gzipped(t, valid[:len(valid)-1]), nil, []string{"expected 22 bytes, found 21"}},
		{"gzip damaged", damaged, nil, []string{"images", "expected gzip data", "checksum"}},
		{"gzip magic only", []byte{0x1f, 0x8b}, nil, []string{"images", "expected gzip data"}},
		{"too long", append(slices.Clone(valid), 1), nil, []string{"expected 22 bytes, found more"}},
		{"gzip too long", gzipped(t, append(slices.Clone(valid), 1)), nil, []string{"expected 22 bytes, found more"}},
		{"absurd size", append([]byte{0, 0, 8, 3}, slices.Repeat([]byte{0xff}, 12)...), nil, []string{"images", "IDX dimensions"}},
		{"label count", valid, idxFile([]byte{3}, 1, 2, 3), []string{"labels", "expected 2 labels, one a seed, found 3"}},
		{"images as labels", valid, valid, []string{"labels", "expected labels, rank 1, found rank 3"}},
	}
	for _, test := range tests {
		t.Run(test.reason, func(t *testing.T) {
			dir := t.TempDir()
			images, labels := writeFile(t, test.images, dir, "images"), ""
			if test.labels != nil {
				labels = writeFile(t, test.labels, dir, "labels")
			}
			src, err := generators.IDX(images, labels)
			wantError(t, err, append(test.want, "generators: "+dir)...)
			if src != nil {
				t.Errorf("expected no seeds beside an error, found %v", src)
			}
		})
	}
	t.Run("missing", func(t *testing.T) {
		_, err := generators.IDX("testdata/no-such-file", "")
		wantError(t, err, "testdata/no-such-file")
		_, err = generators.IDX("testdata", "")
		wantError(t, err, "generators: testdata: expected a file, found a folder")
		_, err = generators.IDXFS(fstest.MapFS{}, "no-such-file", "")
		wantError(t, err, "no-such-file")
	})
}

func TestIDXFileThatShrinksOrGoes(t *testing.T) {
	path := writeFile(t, twoGreyImages, t.TempDir(), "images")
	src := newSource(generators.IDX(path, "")).open(t)
	if err := os.Truncate(path, 20); err != nil {
		t.Fatal(err)
	}
	wantSeed(t, src, 0, bytesSeed("images[0]", -1, []int{1, 3, 1}, 1, 2, 3))
	_, err := src.Seed(1)
	wantError(t, err, path+"[1]", "expected 3 bytes at offset 19, found 1")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	_, err = src.Seed(0)
	wantError(t, err, filepath.Base(path)+"[0]")
}
