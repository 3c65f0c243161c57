package pixels

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func bytesOf(im Image) (p []byte) {
	for _, v := range im.Data {
		p = append(p, byte(v))
	}
	return p
}

// written is the image after it was drawn, written and read.
func written(t testing.TB, im Image) Image {
	t.Helper()
	file, err := EncodePNG(Draw(im.Height, im.Width, im.Channels, func(i int) float64 { return float64(im.Data[i]) }))
	if err != nil {
		t.Fatal(err)
	}
	again, err := Decode(file, Reading{Channels: Channels(im.Channels)})
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func TestPixelsSurviveAFile(t *testing.T) {
	for _, channels := range []int{1, 3} {
		im := Image{Height: 5, Width: 7, Channels: channels}
		for i := range 35 * channels {
			im.Data = append(im.Data, float32(i*37%256))
		}
		if got := written(t, im); got.Height != 5 || got.Width != 7 || got.Channels != channels || !slices.Equal(got.Data, im.Data) {
			t.Errorf("%d channels: %v; expected %v", channels, got, im)
		}
	}
}

func TestLevelsAreRoundedAndClipped(t *testing.T) {
	levels := []float64{-3, -0.4, 0.5, 1.49, 254.5, 300, math.Inf(1), 128}
	img := Draw(2, 4, 1, func(i int) float64 { return levels[i] })
	file, err := EncodePNG(img)
	if err != nil {
		t.Fatal(err)
	}
	im, err := Decode(file, Reading{})
	if want := []float32{0, 0, 1, 1, 255, 255, 255, 128}; err != nil || !slices.Equal(im.Data, want) {
		t.Errorf("%v, %v; expected %v", im.Data, err, want)
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]bool{"a.png": true, "b/c.JPEG": true, "a.tif": true, "a.heic": false, "png": false, "a.npy": false} {
		if HasName(name) != want {
			t.Errorf("%s: %t", name, !want)
		}
	}
	if !IsForeign(".heic") || IsForeign(".png") || IsForeign(".txt") {
		t.Error("endings of formats that are not read")
	}
	if what := Describe([]byte("\xff\x0a")); what != "a JPEG XL image" {
		t.Errorf("%q", what)
	}
	_, err := Decode([]byte("hello"), Reading{})
	if err == nil || !strings.Contains(err.Error(), "expected a PNG, JPEG, WebP, BMP, TIFF, GIF or PPM file, found a file that begins \"hello\"") {
		t.Errorf("error %v", err)
	}
}
