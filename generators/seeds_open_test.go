package generators_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
)

// npzFile makes an archive of NPY files.
func npzFile(t *testing.T, files map[string][]byte, order ...string) []byte {
	t.Helper()
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for _, name := range order {
		f, err := w.Create(name + ".npy")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(files[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

func bytesNPY(shape string, values ...byte) []byte {
	return npyFile(npyDictionary("|u1", shape), values)
}

// counting are the values 0, 1, 2 …
func counting(n int) []byte {
	values := make([]byte, n)
	for i := range values {
		values[i] = byte(i)
	}
	return values
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	put := func(content []byte, path ...string) string {
		return writeFile(t, content, append([]string{dir}, path...)...)
	}
	put(greyPNG(t, 4, 5), "flat", "b.png")
	put(greyPNG(t, 6, 7), "classes", "cat", "a.png")
	put(greyPNG(t, 8, 9), "classes", "dog", "a.png")
	put(twoGreyImages, "mnist", "t10k-images-idx3-ubyte")
	put(twoClasses, "mnist", "t10k-labels-idx1-ubyte")
	put(gzipped(t, twoGreyImages), "packed", "t10k-images-idx3-ubyte.gz")
	put(gzipped(t, twoClasses), "packed", "t10k-labels-idx1-ubyte.gz")
	put(idxFile([]byte{3}, 1, 2, 3), "unfit", "x-labels-idx1-ubyte")
	put(idxFile([]byte{2, 1, 3}, 1, 2, 3, 4, 5, 255), "unfit", "x-images-idx3-ubyte")
	put(append(cifarRecord(3), cifarRecord(9)...), "cifar", "test_batch.bin")
	put([]byte("airplane\n"), "cifar", "batches.meta.txt")
	put(cifarRecord(19, 99), "test.bin")
	// The red pixels of an aeroplane's first row look like the header of an IDX file.
	put(append([]byte{0, 0, 8, 3, 0, 0, 0}, cifarRecord(0)[7:]...), "dark.bin")
	// Both sizes fit: 3074 records of CIFAR-10, 3073 of CIFAR-100.
	put(bytes.Repeat(cifarRecord(7), 3074), "ten.bin")
	put(bytes.Repeat(cifarRecord(12, 70), 3073), "hundred.bin")
	put(idxFile([]byte{1, 1, 2}, 7, 8), "idx.bin")
	put(bytesNPY("(2, 1, 3, 3)", counting(18)...), "nhwc.npy")
	put(bytesNPY("(1, 2, 3)", counting(6)...), "hwc.npy")
	put(bytesNPY("(2, 3, 1)", counting(6)...), "grey.npy")
	put(bytesNPY("(3, 1, 2)", counting(6)...), "nhw.npy")
	put(bytesNPY("(2, 4)", counting(8)...), "rows.npy")
	put(npyFile(npyDictionary("<f4", "(1, 2)"), float32s(0.5, 1)), "floats.npy")
	arrays := map[string][]byte{
		"x": bytesNPY("(2, 1, 2)", 1, 2, 3, 4), "y": bytesNPY("(2,)", 5, 6), "z": bytesNPY("(3,)", 5, 6, 7),
		"mean": npyFile(npyDictionary("<f4", "(2,)"), float32s(1, 2)), "one": bytesNPY("(2, 1, 3)", 1, 2, 3, 4, 5, 6),
	}
	put(npzFile(t, arrays, "y", "x", "mean"), "labelled.npz")
	put(npzFile(t, arrays, "z", "x"), "unlabelled.npz")
	put(npzFile(t, arrays, "y", "one"), "single.npz")
	put(npzFile(t, arrays, "x"), "npz", "only.npz")

	for _, test := range []struct {
		path   string
		n, at  int
		name   string
		label  int
		shape  []int
		values []float32 // the first ones
	}{
		{"flat", 1, 0, "b.png", -1, []int{1, 2, 1}, []float32{4, 5}},
		{"classes", 2, 1, "dog/a.png", 1, []int{1, 2, 1}, []float32{8, 9}},
		{"mnist/t10k-images-idx3-ubyte", 2, 1, "t10k-images-idx3-ubyte[1]", 9, []int{1, 3, 1}, []float32{4, 5, 255}},
		{"mnist", 2, 1, "t10k-images-idx3-ubyte[1]", 9, []int{1, 3, 1}, []float32{4, 5, 255}},
		{"packed", 2, 0, "t10k-images-idx3-ubyte.gz[0]", 7, []int{1, 3, 1}, []float32{1, 2, 3}},
		{"unfit", 2, 0, "x-images-idx3-ubyte[0]", -1, []int{1, 3, 1}, []float32{1, 2, 3}},
		{"idx.bin", 1, 0, "idx.bin[0]", -1, []int{1, 2, 1}, []float32{7, 8}},
		{"cifar", 2, 1, "test_batch.bin[1]", 9, []int{32, 32, 3}, []float32{0, 80, 160}},
		{"test.bin", 1, 0, "test.bin[0]", 99, []int{32, 32, 3}, []float32{0, 80, 160}},
		{"dark.bin", 1, 0, "dark.bin[0]", 0, []int{32, 32, 3}, []float32{0, 80, 160, 8}},
		{"ten.bin", 3074, 3073, "ten.bin[3073]", 7, []int{32, 32, 3}, []float32{0, 80, 160}},
		{"hundred.bin", 3073, 3072, "hundred.bin[3072]", 70, []int{32, 32, 3}, []float32{0, 80, 160}},
		{"nhwc.npy", 2, 1, "nhwc.npy[1]", -1, []int{1, 3, 3}, []float32{9, 10, 11}},
		{"hwc.npy", 1, 0, "hwc.npy[0]", -1, []int{1, 2, 3}, []float32{0, 1, 2, 3, 4, 5}},
		{"grey.npy", 1, 0, "grey.npy[0]", -1, []int{2, 3, 1}, []float32{0, 1, 2, 3, 4, 5}},
		{"nhw.npy", 3, 2, "nhw.npy[2]", -1, []int{1, 2, 1}, []float32{4, 5}},
		{"rows.npy", 2, 1, "rows.npy[1]", -1, []int{4}, []float32{4, 5, 6, 7}},
		{"labelled.npz", 2, 1, "x[1]", 6, []int{1, 2, 1}, []float32{3, 4}},
		{"unlabelled.npz", 2, 1, "x[1]", -1, []int{1, 2, 1}, []float32{3, 4}},
		{"single.npz", 1, 0, "one[0]", -1, []int{2, 1, 3}, []float32{1, 2, 3}},
		{"npz", 2, 0, "x[0]", -1, []int{1, 2, 1}, []float32{1, 2}},
	} {
		t.Run(test.path, func(t *testing.T) {
			src := newSource(generators.Open(filepath.Join(dir, filepath.FromSlash(test.path)))).open(t)
			if src.Len() != test.n {
				t.Fatalf("expected %d seeds, found %d", test.n, src.Len())
			}
			seed := mustSeed(t, src, test.at)
			seed.Input.Data = seed.Input.Data[:len(test.values)]
			if diff := cmp.Diff(bytesSeed(test.name, test.label, test.shape, test.values...), seed); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}

	t.Run("options", func(t *testing.T) {
		src := newSource(generators.Open(filepath.Join(dir, "floats.npy"), generators.In(unit))).open(t)
		wantSeed(t, src, 0, input.Seed{Input: input.Input{Shape: []int{2}, Data: []float32{0.5, 1}, Domain: unit}, Label: -1, Name: "floats.npy[0]"})
		src = newSource(generators.Open(filepath.Join(dir, "grey.npy"), generators.Shaped(3))).open(t)
		wantSeed(t, src, 1, bytesSeed("grey.npy[1]", -1, []int{3}, 3, 4, 5))
		src = newSource(generators.Open(filepath.Join(dir, "labelled.npz"), generators.Single())).open(t)
		if src.Len() != 1 {
			t.Errorf("Single: expected 1 seed, found %d", src.Len())
		}
	})
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	put := func(content []byte, path ...string) string {
		return writeFile(t, content, append([]string{dir}, path...)...)
	}
	const formats = "expected a folder of PNG, JPEG, WebP, BMP, TIFF, GIF or PPM files, or of WAV files, or a file in the format NPY, NPZ, IDX (also .gz), CIFAR"
	if err := os.MkdirAll(filepath.Join(dir, "empty", "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range 9 {
		put(cifarRecord(1), "batches", fmt.Sprintf("data_batch_%d.bin", i))
	}
	put(greyPNG(t, 1, 2), "mixed", "a.png")
	put(greyPNG(t, 1, 2), "mixed", "cat", "b.png")
	put(twoGreyImages, "mixed", "images")
	put(bytesNPY("(2,)", 1, 2), "labels-only", "labels.npy")
	put(twoClasses, "labels-only", "labels-idx1-ubyte")
	put(greyPNG(t, 1, 2), "images", "a.png")
	put(bytesNPY("(2, 1, 1)", 1, 2), "arrays", "images.npy")
	arrays := map[string][]byte{"x_train": bytesNPY("(1, 1, 2)", 1, 2), "x_test": bytesNPY("(1, 1, 2)", 1, 2)}

	for _, test := range []struct {
		path    string
		options []generators.OpenOption
		parts   []string
	}{
		{filepath.Join(dir, "missing"), nil, []string{"missing"}},
		{filepath.Join(dir, "empty"), nil, []string{"empty", "expected PNG, JPEG, WebP, BMP, TIFF, GIF or PPM files", "found none"}},
		{filepath.Join(dir, "batches"), nil, []string{"batches: expected images or one file of seeds, found 9: data_batch_0.bin, ", "…; give one of these files"}},
		{filepath.Join(dir, "mixed"), nil, []string{"expected images either in it or in its folders"}},
		{filepath.Join(dir, "labels-only"), nil, []string{"expected PNG, JPEG, WebP, BMP, TIFF, GIF or PPM files"}},
		{put(nil, "nothing"), nil, []string{"nothing: " + formats, "found an empty file"}},
		{put([]byte("hello, world"), "text"), nil, []string{formats, `found a file of 12 bytes that begins "hello, w"`}},
		{put(greyPNG(t, 1, 2), "one.png"), nil, []string{formats, "found one image; give the folder that it is in"}},
		{put([]byte("\xff\xd8\xff\xe0"), "one.jpg"), nil, []string{"found one image"}},
		{put([]byte("\x80\x02}q"), "data_batch_1"), nil, []string{"found a Python pickle; CIFAR has a binary version"}},
		{put(gzipped(t, []byte("\x93NUMPY")), "a.npy.gz"), nil, []string{"gzip data that hold no IDX file; unpack them"}},
		{put([]byte{0x1f, 0x8b, 9}, "broken.gz"), nil, []string{"gzip data that hold no IDX file"}},
		{put(make([]byte, 3075), "other.bin"), nil, []string{"found a .bin file of 3075 bytes, no multiple of 3073 (CIFAR-10) or 3074 (CIFAR-100)"}},
		{put(make([]byte, 3073), "other.dat"), nil, []string{"found a file of 3073 bytes"}},
		{put([]byte{0, 0, 0x0d, 3, 0, 0, 0, 1}, "floats-idx3"), nil, []string{"expected an IDX file of unsigned bytes"}},
		{put(twoClasses, "labels-idx1"), nil, []string{"expected images, rank 3 or 4, found rank 1"}},
		{put(twoGreyImages[:17], "short-idx3"), nil, []string{"truncated"}},
		{put([]byte("\x93NUMPY\x01"), "short.npy"), nil, []string{"short.npy", "expected an NPY file"}},
		{put(npyFile(npyDictionary("<f4", "(1, 2)"), float32s(0.5, 1)), "floats.npy"), nil, []string{"expected the option In"}},
		{put([]byte("PK\x03\x04"), "broken.npz"), nil, []string{"expected an NPZ file"}},
		{put(npzFile(t, arrays, "x_train", "x_test"), "two.npz"), nil, []string{"expected the key of one of the 2 arrays: x_train, x_test"}},
		{put(npzFile(t, map[string][]byte{"x": bytesNPY("(2, 1, 2)", 1, 2, 3, 4), "y": bytesNPY("(3,)", 1, 2, 3)}, "x", "y"), "unfit.npz"), nil,
			[]string{`unfit.npz: expected 2 labels in "y", one for each seed in "x", found 3; the option Key with the name of the seeds takes them without labels`}},
		{put(twoGreyImages, "idx"), []generators.OpenOption{generators.In(unit)}, []string{"expected an array, which the options are for, found a file in the format IDX"}},
		{filepath.Join(dir, "images"), []generators.OpenOption{generators.In(unit)}, []string{"expected an array, which the options are for, found a folder of images"}},
		{put([]byte("RIFF\x10\x00\x00\x00WEBPVP8 "), "one.webp"), nil, []string{"found one image; give the folder that it is in"}},
		{put([]byte("\x00\x00\x00\x18ftypheic\x00\x00"), "one.heic"), nil, []string{"found one image; give the folder that it is in"}},
		{put(twoGreyImages, "idx2"), []generators.OpenOption{generators.Upright()}, []string{"idx2: expected a folder of images, which the options are for, found a file"}},
		{filepath.Join(dir, "arrays"), []generators.OpenOption{generators.Upright()}, []string{"images.npy: expected a folder of images, which the options are for, found a file"}},
		{filepath.Join(dir, "images"), []generators.OpenOption{generators.Grey(), generators.RGB()}, []string{"expected either Grey or RGB, found both"}},
		{"x", []generators.OpenOption{generators.Shaped(0)}, []string{"expected every dimension to be at least 1"}},
	} {
		t.Run(filepath.Base(test.path), func(t *testing.T) {
			src, err := generators.Open(test.path, test.options...)
			wantError(t, err, test.parts...)
			if src != nil {
				t.Errorf("expected no seeds beside the error, found %v", src)
			}
		})
	}
}

func TestOpenLabels(t *testing.T) {
	dir := t.TempDir()
	for _, test := range []struct {
		path string
		want []int
	}{
		{writeFile(t, twoClasses, dir, "labels-idx1"), []int{7, 9}},
		{writeFile(t, gzipped(t, twoClasses), dir, "labels.gz"), []int{7, 9}},
		{writeFile(t, npyFile(npyDictionary("<i4", "(2,)"), []byte{3, 0, 0, 0, 255, 255, 255, 255}), dir, "labels.npy"), []int{3, -1}},
		{writeFile(t, bytesNPY("(2, 1)", 3, 4), dir, "column.npy"), []int{3, 4}},
		{writeFile(t, []byte("3\r\n-1\n 12\n"), dir, "labels.txt"), []int{3, -1, 12}},
	} {
		labels, err := generators.OpenLabels(test.path)
		if diff := cmp.Diff(test.want, labels); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", test.path, err, diff)
		}
	}
	for _, test := range []struct{ path, want string }{
		{filepath.Join(dir, "missing"), "missing"},
		{writeFile(t, nil, dir, "nothing"), "expected labels, found an empty file"},
		{writeFile(t, []byte("3\ncat\n"), dir, "names.txt"), `label 1: expected labels in an NPY or IDX file, or a class index a line, found "cat"`},
		{writeFile(t, []byte("-2\n"), dir, "negative.txt"), `found "-2"`},
		{writeFile(t, cifarRecord(3), dir, "cifar.bin"), "expected labels in an NPY, IDX or text file, found a file in the format CIFAR-10"},
		{writeFile(t, twoGreyImages, dir, "images"), "expected labels, rank 1, found rank 3"},
		{writeFile(t, bytesNPY("()", 3), dir, "scalar.npy"), "found u1 of the shape []"},
		{writeFile(t, bytesNPY("(2, 2)", 3, 3, 3, 3), dir, "matrix.npy"), "row 0: expected labels, whole numbers of the shape [n] or [n 1] or one-hot rows of the shape [n classes], with one 1 and else 0, found [3 3]"},
		{writeFile(t, []byte("\x93NUMPY\x01"), dir, "broken.npy"), "expected an NPY file"},
	} {
		_, err := generators.OpenLabels(test.path)
		wantError(t, err, test.want)
	}
}
