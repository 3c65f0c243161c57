package pixels

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// addFiles adds the content of files as the corpus to start from.
func addFiles(f *testing.F, pattern string) {
	f.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		f.Fatalf("%s: expected files, found %d (%v)", pattern, len(paths), err)
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
}

func FuzzImage(f *testing.F) {
	addFiles(f, "testdata/images/*.png")
	addFiles(f, "testdata/images/*.[jJ][pP]*")
	for _, ending := range []string{"webp", "bmp", "tif", "tiff", "gif", "ppm", "pgm", "png", "jpg"} {
		addFiles(f, "testdata/formats/*."+ending)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, c := range []Channels{AsStored, Grey, RGB} {
			im, err := Decode(content, Reading{Channels: c, Upright: len(content)%2 == 0})
			if err != nil {
				continue
			}
			if n := im.Channels; c != AsStored && n != int(c) || n != 1 && n != 3 {
				t.Fatalf("asked for %d channels, found %d", c, n)
			}
			if im.Height < 1 || im.Width < 1 || len(im.Data) != im.Height*im.Width*im.Channels {
				t.Fatalf("%d values for %d x %d x %d", len(im.Data), im.Height, im.Width, im.Channels)
			}
			for i, v := range im.Data {
				if v != float32(uint8(v)) {
					t.Fatalf("value %d is %g, expected one of 8 bits", i, v)
				}
			}
			if len(im.Data) > 1<<14 {
				continue
			}
			again := written(t, im)
			if !bytes.Equal(bytesOf(again), bytesOf(im)) || again.Channels != im.Channels || again.Height != im.Height {
				t.Fatal("the image changed on its way to a PNG file and back")
			}
		}
	})
}

// FuzzOrientation reads the orientation of anything as that of every format.
func FuzzOrientation(f *testing.F) {
	addFiles(f, "testdata/formats/turned-6.*")
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, format := range formats {
			if format.orientation == nil {
				continue
			}
			if o := format.orientation(bytes.NewReader(content), int64(len(content))); o < 1 || o > 8 {
				t.Fatalf("%s: orientation %d", format.Name, o)
			}
		}
	})
}
