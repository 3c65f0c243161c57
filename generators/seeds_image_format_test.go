package generators_test

import (
	"encoding/json"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
)

// one is a folder of one file.
func one(t *testing.T, file string, options ...generators.FolderOption) input.Seeds {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return folderSource(generators.ImageFolderFS(fstest.MapFS{path.Base(file): {Data: content}}, options...)).open(t)
}

// formats are the files that ../input/pixels/testdata/make_formats.py has made with Pillow, with their pixels.
func formats(t *testing.T) map[string]formatFile {
	t.Helper()
	list, err := os.ReadFile("../input/pixels/testdata/formats/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var expected map[string]formatFile
	if err := json.Unmarshal(list, &expected); err != nil {
		t.Fatal(err)
	}
	if len(expected) != 26+4*8 {
		t.Fatalf("found %d files in the list", len(expected))
	}
	return expected
}

type formatFile struct {
	Size            []int
	Stored, Upright []float32
}

func TestFormatsAreDecodedAsByPillow(t *testing.T) {
	for name, want := range formats(t) {
		tolerance := float32(0)
		if path.Ext(name) == ".jpg" {
			tolerance = 4 // decoders differ
		}
		for _, kind := range []struct {
			options []generators.FolderOption
			pixels  []float32
		}{{nil, want.Stored}, {[]generators.FolderOption{generators.Upright()}, want.Upright}} {
			in := mustSeed(t, one(t, "../input/pixels/testdata/formats/"+name, kind.options...), 0).Input
			if len(in.Data) != len(kind.pixels) || kind.options == nil && !slices.Equal(in.Shape[:2], want.Size) {
				t.Errorf("%s: expected %v with %d values, found %s", name, want.Size, len(kind.pixels), in)
				continue
			}
			for i, v := range in.Data {
				if d := v - kind.pixels[i]; d > tolerance || d < -tolerance {
					t.Errorf("%s, upright %t: value %d: Pillow has %g, found %g", name, kind.options != nil, i, kind.pixels[i], v)
					break
				}
			}
		}
	}
}

func TestFormatsThatAreRefused(t *testing.T) {
	for name, want := range map[string]string{
		"animated.webp":           "expected one image, found an animation",
		"animated.gif":            "expected one image, found an animation",
		"animated.png":            "expected one image, found an animation",
		"pages.tif":               "expected one image, found several pages",
		"transparent.webp":        "expected an opaque image, found transparent pixels",
		"transparent-lossy.webp":  "expected an opaque image, found transparent pixels",
		"transparent.gif":         "expected an opaque image, found transparent pixels",
		"transparent.tif":         "expected an opaque image, found transparent pixels",
		"transparent-palette.png": "expected an opaque image, found transparent pixels",
		"grey16.tif":              "expected 8 bits a channel for the domain 0..255 step 1, found 16 bits",
		"wide.ppm":                "expected 8 bits a channel for the domain 0..255 step 1, found 16 bits",
		"float.tif":               "expected a whole TIFF file: tiff: unsupported feature",
		"cmyk.tif":                "expected a whole TIFF file: tiff: unsupported feature",
		"jpeg.tif":                "expected a whole TIFF file: tiff: unsupported feature",
		"text.ppm":                "expected a PNG, JPEG, WebP, BMP, TIFF, GIF or PPM file, found a PNM file of the kind P3, as text",
		"misnamed-avif.jpg":       "expected a PNG, JPEG, WebP, BMP, TIFF, GIF or PPM file, found an AVIF image",
	} {
		_, err := one(t, "../input/pixels/testdata/formats/"+name).Seed(0)
		wantError(t, err, "generators: image "+name+": "+want)
	}
	for _, name := range []string{"image.jp2", "image.avif", "bitmap.pbm"} {
		content, err := os.ReadFile("../input/pixels/testdata/formats/" + name)
		if err != nil {
			t.Fatal(err)
		}
		_, err = generators.ImageFolderFS(fstest.MapFS{name: {Data: content}})
		wantError(t, err, "expected PNG, JPEG, WebP, BMP, TIFF, GIF or PPM files", "found 1 "+path.Ext(name))
	}
}

// A cut file of any format is an error, never a panic or a part of an image that passes for the whole.
func TestCutFilesOfAllFormats(t *testing.T) {
	for name := range formats(t) {
		content, err := os.ReadFile("../input/pixels/testdata/formats/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(name, "turned") {
			continue // data of EXIF may stand behind the pixels
		}
		for _, n := range []int{9, 20, len(content) / 2} {
			if n >= len(content) {
				continue
			}
			src := folderSource(generators.ImageFolderFS(fstest.MapFS{name: {Data: content[:n]}})).open(t)
			if seed, err := src.Seed(0); err == nil {
				t.Errorf("%s, %d of %d bytes: %s", name, n, len(content), seed.Input)
			}
		}
	}
}

func TestNotesCountTurnedImagesOfTheSeedsTaken(t *testing.T) {
	fsys := fstest.MapFS{}
	for i, name := range []string{"turned-1.jpg", "turned-6.jpg", "turned-3.png", "turned-8.webp", "turned-6.tif", "rgb.bmp"} {
		content, err := os.ReadFile("../input/pixels/testdata/formats/" + name)
		if err != nil {
			t.Fatal(err)
		}
		fsys[string(rune('a'+i))+path.Ext(name)] = &fstest.MapFile{Data: content}
	}
	stored := folderSource(generators.ImageFolderFS(fsys)).open(t)
	turned := folderSource(generators.ImageFolderFS(fsys, generators.Upright())).open(t)
	const says = " not turned as the EXIF orientation says, as by Pillow and torchvision; generators.Upright turns them, as OpenCV does"
	for _, test := range []struct {
		seeds input.Seeds
		want  []string
	}{
		{stored, []string{"3 images are" + says}},
		{turned, []string{"3 images are turned as the EXIF orientation says"}},
		{generators.First(stored, 2), []string{"1 image is" + says}},
		{generators.First(stored, 1), nil},
		{generators.First(generators.Every(stored, 4), 2), nil},
		{generators.Resized(generators.First(stored, 3), 4, 4), []string{"2 images are" + says}},
	} {
		if got := input.NotesOf(test.seeds); !slices.Equal(got, test.want) {
			t.Errorf("notes %q; expected %q", got, test.want)
		}
	}
}
