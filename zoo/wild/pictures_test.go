package wild

import (
	"archive/zip"
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPhotos: names give labels, and the middle of a picture is taken, from a folder and from a ZIP file alike.
func TestPhotos(t *testing.T) {
	wide := image.NewRGBA(image.Rect(0, 0, 512, 256))
	for y := range 256 {
		for x := range 512 {
			wide.Set(x, y, color.RGBA{uint8(x / 2), uint8(y), 7, 255})
		}
	}
	var picture, packed bytes.Buffer
	if err := png.Encode(&picture, wide); err != nil {
		t.Fatal(err)
	}
	archive := zip.NewWriter(&packed)
	w, err := archive.Create("0281-cat.png")
	if err == nil {
		_, err = w.Write(picture.Bytes())
	}
	if err != nil || archive.Close() != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	folder, file, unnamed := filepath.Join(dir, "photos"), filepath.Join(dir, "photos.zip"), filepath.Join(dir, "unnamed")
	for path, content := range map[string][]byte{
		file: packed.Bytes(), filepath.Join(folder, "0281-cat.png"): picture.Bytes(), filepath.Join(unnamed, "cat.png"): picture.Bytes(),
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{folder, file} {
		seeds, err := Photos(path)
		if err != nil {
			t.Fatal(err)
		}
		seed, err := seeds.Seed(0)
		if err != nil || seeds.Len() != 1 || seed.Label != 281 {
			t.Fatalf("expected one seed of class 281, found %d of class %d (error %v)", seeds.Len(), seed.Label, err)
		}
		if h, w, c, _ := seed.Input.ImageSize(); h != 224 || w != 224 || c != 3 {
			t.Fatalf("expected 224 x 224 x 3, found %v", seed.Input.Shape)
		}
		// The picture is 256 pixels high already: the first pixel is the one at (144, 16).
		if first := seed.Input.Data[:3]; first[0] != 72 || first[1] != 16 || first[2] != 7 {
			t.Errorf("expected the middle of the picture, found %v at its corner", first)
		}
	}
	seeds, err := Photos(unnamed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seeds.Seed(0); err == nil || !strings.Contains(err.Error(), "cat.png: expected a name that begins with the index of a class, 0 to 999") {
		t.Errorf("expected an error about the name, found %v", err)
	}
	if _, err := Photos(filepath.Join(dir, "none")); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("expected an error about the file, found %v", err)
	}
}
