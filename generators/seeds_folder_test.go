package generators_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
)

// greyPNG is an image of 2 x 1 pixels.
func greyPNG(t testing.TB, a, b uint8) []byte {
	t.Helper()
	return encodePNG(t, &image.Gray{Pix: []uint8{a, b}, Stride: 2, Rect: image.Rect(0, 0, 2, 1)})
}

func encodePNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// folderSource adapts the constructor's own type; a nil *Folder must not become seeds.
func folderSource(f *generators.Folder, err error) source { return source{f, err} }

func seedNames(t *testing.T, src input.Seeds) (names []string, labels []int) {
	t.Helper()
	for i := range src.Len() {
		seed := mustSeed(t, src, i)
		names, labels = append(names, seed.Name), append(labels, seed.Label)
	}
	return names, labels
}

// ../input/pixels/testdata/make_images.py has made these images with Pillow, and a list of their pixels.
func TestImagesAreDecodedAsByPillow(t *testing.T) {
	list, err := os.ReadFile("../input/pixels/testdata/images/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var expected map[string]map[string][]float32
	if err := json.Unmarshal(list, &expected); err != nil {
		t.Fatal(err)
	}
	if len(expected) != 7 {
		t.Fatalf("expected 7 images in the list, found %d", len(expected))
	}
	for kind, options := range map[string][]generators.FolderOption{
		"stored": nil, "grey": {generators.Grey()}, "rgb": {generators.RGB()},
	} {
		src := folderSource(generators.ImageFolder("../input/pixels/testdata/images", options...)).open(t)
		for i := range src.Len() {
			seed, err := src.Seed(i)
			want, listed := expected[seed.Name][kind]
			if err != nil || !listed {
				continue // other tests look at errors
			}
			tolerance := 0.0
			if strings.HasPrefix(strings.ToLower(filepath.Ext(seed.Name)), ".jp") {
				tolerance = 3 // decoders differ
			}
			if len(want) != len(seed.Input.Data) {
				t.Errorf("%s as %s: expected %d values, found %s", seed.Name, kind, len(want), seed.Input)
				continue
			}
			for j, v := range seed.Input.Data {
				if math.Abs(float64(v-want[j])) > tolerance {
					t.Errorf("%s as %s: value %d: Pillow has %g, found %g", seed.Name, kind, j, want[j], v)
					break
				}
			}
			delete(expected[seed.Name], kind)
		}
		for name, kinds := range expected {
			if len(kinds[kind]) > 0 {
				t.Errorf("%s as %s: not read", name, kind)
			}
		}
	}
}

func TestImagesThatAreRefused(t *testing.T) {
	whole := greyPNG(t, 1, 2)
	huge := bytes.Clone(whole)
	copy(huge[16:24], []byte{0, 1, 0, 0, 0, 1, 0, 0})
	dir := t.TempDir()
	writeFile(t, whole, dir, "a-whole.png")
	writeFile(t, whole[:len(whole)-20], dir, "b-cut.png")
	writeFile(t, []byte("hello"), dir, "c-text.jpg")
	writeFile(t, nil, dir, "d-empty.png")
	writeFile(t, fixChecksum(huge), dir, "e-huge.png")
	for _, name := range []string{"grey16.png", "transparent.png"} {
		content, err := os.ReadFile("../input/pixels/testdata/images/" + name)
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, content, dir, name)
	}
	writeFile(t, encodePNG(t, image.NewNRGBA64(image.Rect(0, 0, 1, 1))), dir, "rgba16.png")

	src := folderSource(generators.ImageFolder(dir)).open(t)
	wants := []string{
		"", "b-cut.png: expected a whole PNG file", `c-text.jpg: expected a PNG, JPEG, WebP, BMP, TIFF, GIF or PPM file, found a file that begins "hello"`,
		"d-empty.png: expected a PNG, JPEG, WebP, BMP, TIFF, GIF or PPM file, found an empty file",
		"e-huge.png: expected 1 to 50000000 pixels, found 65536 x 65536",
		"grey16.png: expected 8 bits a channel for the domain 0..255 step 1, found 16 bits",
		"rgba16.png: expected 8 bits a channel for the domain 0..255 step 1, found 16 bits",
		"transparent.png: expected an opaque image, found transparent pixels",
	}
	if src.Len() != len(wants) {
		t.Fatalf("expected %d seeds, found %d", len(wants), src.Len())
	}
	for i, want := range wants {
		_, err := src.Seed(i)
		if want == "" {
			if err != nil {
				t.Error(err)
			}
			continue
		}
		wantError(t, err, "generators: image "+dir, want)
	}
}

func TestImageFolderWithClasses(t *testing.T) {
	fsys := fstest.MapFS{
		"dogs/2.png":         {Data: greyPNG(t, 1, 1)},
		"dogs/10.PNG":        {Data: greyPNG(t, 2, 2)},
		"cats/x/deep/1.jpeg": {Data: greyPNG(t, 3, 3)}, // the content tells the format, not the name
		"cats/notes.txt":     {Data: []byte("not an image")},
		"birds/readme.md":    {Data: []byte("no class, as it has no images")},
		".git/a.png":         {Data: []byte("hidden")},
		"dogs/._2.png":       {Data: []byte("hidden")},
		"LICENSE":            {Data: []byte("not an image")},
	}
	f, err := generators.ImageFolderFS(fsys)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"cats", "dogs"}, f.ClassNames()); diff != "" {
		t.Errorf("classes (-want +got):\n%s", diff)
	}
	names, labels := seedNames(t, f)
	if diff := cmp.Diff([]string{"cats/x/deep/1.jpeg", "dogs/10.PNG", "dogs/2.png"}, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{0, 1, 1}, labels); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	wantSeed(t, f, 2, bytesSeed("dogs/2.png", 1, []int{1, 2, 1}, 1, 1))
	wantIndexErrors(t, f)
}

func TestImageFolderFlat(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, greyPNG(t, 5, 6), dir, "b.png")
	writeFile(t, greyPNG(t, 7, 8), dir, "a.png")
	writeFile(t, []byte("x"), dir, "models", "net.onnx")
	f, err := generators.ImageFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	names, labels := seedNames(t, f)
	if diff := cmp.Diff([]string{"a.png", "b.png"}, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{-1, -1}, labels); diff != "" || f.ClassNames() != nil {
		t.Errorf("expected no labels and no classes, found %v and %v", labels, f.ClassNames())
	}
}

func TestImageFolderFollowsLinksToClassesAndFiles(t *testing.T) {
	elsewhere, dir := t.TempDir(), t.TempDir()
	file := writeFile(t, greyPNG(t, 5, 6), elsewhere, "a.png")
	writeFile(t, greyPNG(t, 7, 8), dir, "cats", "b.png")
	for target, name := range map[string]string{elsewhere: filepath.Join(dir, "dogs"), file: filepath.Join(dir, "cats", "c.png")} {
		if err := os.Symlink(target, name); err != nil {
			t.Skip(err)
		}
	}
	names, labels := seedNames(t, folderSource(generators.ImageFolder(dir)).open(t))
	if diff := cmp.Diff([]string{"cats/b.png", "cats/c.png", "dogs/a.png"}, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{0, 0, 1}, labels); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
}

func TestImageFolderErrors(t *testing.T) {
	_, err := generators.ImageFolder("testdata/no-such-folder")
	wantError(t, err, "generators: image folder", "testdata/no-such-folder")
	_, err = generators.ImageFolder("seeds_folder_test.go")
	wantError(t, err, "image folder seeds_folder_test.go: expected a folder, found a file")
	empty := t.TempDir()
	_, err = generators.ImageFolder(empty)
	wantError(t, err, "image folder "+empty+": expected PNG, JPEG, WebP, BMP, TIFF, GIF or PPM files", "found none")
	writeFile(t, []byte("x"), empty, "sub", "a.heic")
	writeFile(t, []byte("x"), empty, "sub", "b.HEIC")
	writeFile(t, []byte("x"), empty, "sub", "a.txt")
	_, err = generators.ImageFolder(empty)
	wantError(t, err, "found 2 .heic, 1 .txt")
	mixed := t.TempDir()
	writeFile(t, nil, mixed, "a.png")
	writeFile(t, nil, mixed, "cats", "b.png")
	_, err = generators.ImageFolder(mixed)
	wantError(t, err, mixed, "expected images either in it or in its folders", "found a.png and cats/b.png")
	_, err = generators.ImageFolder(mixed, generators.Grey(), generators.RGB())
	wantError(t, err, "expected either Grey or RGB, found both")

	if os.Getuid() != 0 { // root may read everything
		if err := os.Chmod(empty, 0); err != nil {
			t.Fatal(err)
		}
		_, err = generators.ImageFolder(empty)
		wantError(t, err, empty, "permission denied")
	}
}

func TestImageFileThatGoes(t *testing.T) {
	dir := t.TempDir()
	path := writeFile(t, greyPNG(t, 1, 2), dir, "a.png")
	src := folderSource(generators.ImageFolder(dir)).open(t)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	_, err := src.Seed(0)
	wantError(t, err, "generators: image "+path+": ")
	if strings.Count(err.Error(), "a.png") != 1 {
		t.Errorf("expected the path once, found: %v", err)
	}
}

func TestOpaqueImageWithAlphaOfAnyKind(t *testing.T) {
	premultiplied := image.NewRGBA(image.Rect(0, 0, 1, 1))
	premultiplied.Set(0, 0, color.RGBA{9, 8, 7, 255})
	fsys := fstest.MapFS{"a.png": {Data: encodePNG(t, premultiplied)}}
	wantSeed(t, folderSource(generators.ImageFolderFS(fsys)).open(t), 0, bytesSeed("a.png", -1, []int{1, 1, 3}, 9, 8, 7))
}

// fixChecksum makes the checksum of a PNG's header fit what it says.
func fixChecksum(file []byte) []byte {
	binary.BigEndian.PutUint32(file[29:], crc32.ChecksumIEEE(file[12:29]))
	return file
}

func TestWhatIsNoClassAndWhatIsLeftOutIsTold(t *testing.T) {
	image := &fstest.MapFile{Data: greyPNG(t, 1, 1)}
	other := &fstest.MapFile{Data: []byte("x")}
	fsys := fstest.MapFS{
		"cats/1.png": image, "cats/2.HEIC": other, "cats/notes.txt": other, "cats/Thumbs.db": other, "cats/.DS_Store": other,
		"cats/.ipynb_checkpoints/1-checkpoint.png": image, "cats/@eaDir/1.png": image,
		"dogs/1.heic": other, "dogs/README": other, // a class, though none of its images can be read
		"horses/1.png":             image,
		"__MACOSX/cats/._1.png":    image,
		"__MACOSX/cats/1.png":      image,
		".ipynb_checkpoints/a.png": image,
		"@eaDir/b.png":             image,
		"models/net.onnx":          other,
		"labels.csv":               other,
		"stray.avif":               other,
	}
	f, err := generators.ImageFolderFS(fsys)
	if err != nil {
		t.Fatal(err)
	}
	names, labels := seedNames(t, f)
	if diff := cmp.Diff([]string{"cats/1.png", "horses/1.png"}, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{0, 2}, labels); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"cats", "dogs", "horses"}, f.ClassNames()); diff != "" {
		t.Errorf("classes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{
		"6 files were left out: 2 .heic, 1 without an ending, 1 .avif, 1 .onnx, 1 .txt",
		"folders without images are not classes: models; with generators.EmptyClasses they are",
		"classes without an image that can be read: dogs",
	}, f.Notes()); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}

	f, err = generators.ImageFolderFS(fsys, generators.EmptyClasses())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"cats", "dogs", "horses", "models"}, f.ClassNames()); diff != "" {
		t.Errorf("classes (-want +got):\n%s", diff)
	}

	flat, err := generators.ImageFolderFS(fstest.MapFS{"a.png": image, "b.svg": other, "models/net.onnx": other, ".b.png": image})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"1 file was left out: 1 .svg"}, flat.Notes()); diff != "" || flat.ClassNames() != nil {
		t.Errorf("classes %v, notes (-want +got):\n%s", flat.ClassNames(), diff)
	}
}

func TestOrderOfClassFolders(t *testing.T) {
	const alphabet = "class folders are in the order of the alphabet, as in torchvision's ImageFolder: label "
	const sorts = "; generators.NumericOrder sorts them by their numbers"
	const positions = "labels are positions among the class folders, not the numbers that they are called by: label "
	for _, test := range []struct {
		folders, alphabetical, numeric string // by space
		note, noteNumeric              string
	}{
		{"0 1 2 10", "0 1 10 2", "0 1 2 10", alphabet + "2 is the folder 10" + sorts, positions + "3 is the folder 10"},
		{"0 1 2", "0 1 2", "0 1 2", "", ""},
		{"00 01 10 02", "00 01 02 10", "00 01 02 10", positions + "3 is the folder 10", positions + "3 is the folder 10"},
		{"1 2 3", "1 2 3", "1 2 3", positions + "0 is the folder 1", positions + "0 is the folder 1"},
		{"class_1 class_2 class_10", "class_1 class_10 class_2", "class_1 class_2 class_10", alphabet + "1 is the folder class_10" + sorts, ""},
		{"n01443537 n02085620 n01440764", "n01440764 n01443537 n02085620", "n01440764 n01443537 n02085620", "", ""},
		{"b a 7 c2x10 c2x9", "7 a b c2x10 c2x9", "7 a b c2x9 c2x10", alphabet + "3 is the folder c2x10" + sorts, ""},
	} {
		fsys := fstest.MapFS{}
		for _, folder := range strings.Fields(test.folders) {
			fsys[folder+"/a.png"] = &fstest.MapFile{Data: greyPNG(t, 1, 1)}
		}
		for _, kind := range []struct {
			options     []generators.FolderOption
			order, note string
		}{{nil, test.alphabetical, test.note}, {[]generators.FolderOption{generators.NumericOrder()}, test.numeric, test.noteNumeric}} {
			f, err := generators.ImageFolderFS(fsys, kind.options...)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(f.ClassNames(), " "); got != kind.order {
				t.Errorf("%s: classes %s; expected %s", test.folders, got, kind.order)
			}
			if got := strings.Join(f.Notes(), "|"); got != kind.note {
				t.Errorf("%s: notes %q; expected %q", test.folders, got, kind.note)
			}
			for i := range f.Len() {
				if seed := mustSeed(t, f, i); f.ClassNames()[seed.Label]+"/a.png" != seed.Name {
					t.Errorf("%s: %s has label %d", test.folders, seed.Name, seed.Label)
				}
			}
		}
	}
}
