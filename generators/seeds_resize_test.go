package generators_test

import (
	"testing"

	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
)

func oneImage(t *testing.T, shape []int, values ...uint8) input.Seeds {
	t.Helper()
	seeds, err := generators.FromBytes(shape, [][]uint8{values}, []int{6})
	if err != nil {
		t.Fatal(err)
	}
	return seeds
}

func TestResized(t *testing.T) {
	grey := oneImage(t, []int{2, 2, 1}, 0, 100, 0, 100)
	wantSeed(t, generators.Resized(grey, 2, 2), 0, bytesSeed("input[0]", 6, []int{2, 2, 1}, 0, 100, 0, 100))
	wantSeed(t, generators.Resized(grey, 1, 1), 0, bytesSeed("input[0]", 6, []int{1, 1, 1}, 50))

	colour := mustSeed(t, generators.Resized(oneImage(t, []int{1, 2, 3}, 10, 20, 30, 10, 20, 30), 4, 5), 0).Input
	if colour.String() != "image [4 5 3], 0..255 step 1" {
		t.Fatalf("expected [4 5 3], found %s", colour)
	}
	for i, v := range colour.Data {
		if v != float32(10*(i%3+1)) {
			t.Fatalf("expected a constant image to stay so, found %v", colour.Data)
		}
	}
}

func TestCenterCropped(t *testing.T) {
	src := oneImage(t, []int{3, 4, 1}, 0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23)
	wantSeed(t, generators.CenterCropped(src, 1, 2), 0, bytesSeed("input[0]", 6, []int{1, 2, 1}, 11, 12))
	wantSeed(t, generators.CenterCropped(src, 2, 3), 0, bytesSeed("input[0]", 6, []int{2, 3, 1}, 0, 1, 2, 10, 11, 12))
	wantSeed(t, generators.CenterCropped(oneImage(t, []int{1, 2, 2}, 1, 2, 3, 4), 1, 1), 0,
		bytesSeed("input[0]", 6, []int{1, 1, 2}, 1, 2))
	wantSeed(t, generators.CenterCropped(oneImage(t, []int{2, 2}, 1, 2, 3, 4), 1, 2), 0,
		bytesSeed("input[0]", 6, []int{1, 2}, 1, 2))
}

func TestReshapingErrors(t *testing.T) {
	src := oneImage(t, []int{2, 3, 1}, 1, 2, 3, 4, 5, 6)
	row := oneImage(t, []int{6}, 1, 2, 3, 4, 5, 6)
	tests := []struct {
		src  input.Seeds
		want string
	}{
		{generators.CenterCropped(src, 3, 3), "generators: input[0]: crop to 3 x 3: expected 1 x 1 to 2 x 3, the size of the image"},
		{generators.CenterCropped(src, 0, 1), "crop to 0 x 1: expected 1 x 1 to 2 x 3"},
		{generators.CenterCropped(row, 1, 1), "crop: expected an image, found input [6]"},
		{generators.Resized(src, 0, 5), "resize to 0 x 5: expected 1 to 50000000 pixels"},
		{generators.ResizedShort(src, 0, generators.Bilinear), "resize to 0 x 1: expected 1 to 50000000 pixels"},
		{generators.ResizedShort(src, 1<<40, generators.Bilinear), "expected 1 to 50000000 pixels"},
		{generators.ResizedShort(src, 7000, generators.Bilinear), "resize to 7000 x 10500: expected 1 to 50000000 pixels"},
		{generators.ResizedShort(src, 2, 7), "resize: expected the filter Bilinear or Bicubic, found 7"},
		{generators.ResizedShort(row, 1, generators.Bilinear), "resize: expected an 8-bit image of 1 or 3 channels, found input [6]"},
		{generators.Letterboxed(src, 5, 0), "resize to 5 x 0: expected 1 to 50000000 pixels"},
		{generators.Letterboxed(row, 1, 1), "resize: expected an 8-bit image of 1 or 3 channels, found input [6]"},
		{generators.Resized(src, 1<<40, 1<<40), "expected 1 to 50000000 pixels"},
		{generators.Resized(row, 1, 1), "resize: expected an 8-bit image of 1 or 3 channels, found input [6]"},
		{generators.Resized(oneImage(t, []int{1, 1, 2}, 1, 2), 1, 1), "expected an 8-bit image of 1 or 3 channels, found image [1 1 2]"},
	}
	for _, test := range tests {
		_, err := test.src.Seed(0)
		wantError(t, err, test.want)
		_, err = test.src.Seed(1)
		wantError(t, err, "seed 1")
	}
}

// TestResizedShort: the sides are those of torchvision's Resize, whose longer one is rounded down; pixels are held against Pillow in
// package pixels.
func TestResizedShort(t *testing.T) {
	for _, test := range []struct {
		height, width, side int
		want                [2]int
	}{
		{333, 500, 256, [2]int{256, 384}}, {500, 333, 256, [2]int{384, 256}}, {375, 500, 224, [2]int{224, 298}}, {7, 7, 3, [2]int{3, 3}}, {2, 3, 5, [2]int{5, 7}},
	} {
		src := oneImage(t, []int{test.height, test.width, 1}, make([]uint8, test.height*test.width)...)
		in := mustSeed(t, generators.ResizedShort(src, test.side, generators.Bicubic), 0).Input
		if in.Shape[0] != test.want[0] || in.Shape[1] != test.want[1] {
			t.Errorf("%d x %d to %d: expected %v, found %v", test.height, test.width, test.side, test.want, in.Shape)
		}
	}
	row := oneImage(t, []int{1, 4, 1}, 0, 0, 200, 200)
	wantSeed(t, generators.ResizedShort(row, 1, generators.Bilinear), 0, bytesSeed("input[0]", 6, []int{1, 4, 1}, 0, 0, 200, 200))
}

func TestLetterboxed(t *testing.T) {
	grey := oneImage(t, []int{1, 2, 1}, 10, 10)
	wantSeed(t, generators.Letterboxed(grey, 4, 4), 0, bytesSeed("input[0]", 6, []int{4, 4, 1},
		114, 114, 114, 114, 10, 10, 10, 10, 10, 10, 10, 10, 114, 114, 114, 114))
	// Of an odd number of grey rows the last side has one more.
	wantSeed(t, generators.Letterboxed(grey, 4, 2), 0, bytesSeed("input[0]", 6, []int{4, 2, 1}, 114, 114, 10, 10, 114, 114, 114, 114))
	colour := mustSeed(t, generators.Letterboxed(oneImage(t, []int{1, 1, 3}, 1, 2, 3), 1, 3), 0)
	want := bytesSeed("input[0]", 6, []int{1, 3, 3}, 114, 114, 114, 1, 2, 3, 114, 114, 114)
	if colour.Input.ID() != want.Input.ID() {
		t.Errorf("expected %v, found %v", want.Input.Data, colour.Input.Data)
	}
}

// TestCropOfHalfAPixel: torchvision rounds half a pixel to the even one.
func TestCropOfHalfAPixel(t *testing.T) {
	src := oneImage(t, []int{1, 6, 1}, 0, 1, 2, 3, 4, 5)
	wantSeed(t, generators.CenterCropped(src, 1, 3), 0, bytesSeed("input[0]", 6, []int{1, 3, 1}, 2, 3, 4))
	wantSeed(t, generators.CenterCropped(src, 1, 5), 0, bytesSeed("input[0]", 6, []int{1, 5, 1}, 0, 1, 2, 3, 4))
}

// TestPrepared: a geometry is what the functions by its name do.
func TestPrepared(t *testing.T) {
	values := make([]uint8, 9*14*3)
	for i := range values {
		values[i] = uint8(i * i)
	}
	src := oneImage(t, []int{9, 14, 3}, values...)
	for _, test := range []struct {
		geometry input.Geometry
		want     input.Seeds
	}{
		{input.Geometry{}, src},
		{input.Geometry{Short: 7, Height: 6, Width: 5}, generators.CenterCropped(generators.ResizedShort(src, 7, generators.Bilinear), 6, 5)},
		{input.Geometry{Short: 7, Bicubic: true}, generators.ResizedShort(src, 7, generators.Bicubic)},
		{input.Geometry{Height: 6, Width: 5}, generators.CenterCropped(src, 6, 5)},
		{input.Geometry{Height: 6, Width: 5, Fit: input.Letterbox}, generators.Letterboxed(src, 6, 5)},
		{input.Geometry{Square: true}, generators.CenterCropped(src, 9, 9)},
	} {
		got := mustSeed(t, generators.Prepared(src, test.geometry), 0)
		if want := mustSeed(t, test.want, 0); got.Input.ID() != want.Input.ID() {
			t.Errorf("%s: expected %v, found %v", test.geometry, want.Input, got.Input)
		}
	}

	// Without antialiasing every pixel is made of the two beside its middle.
	row := oneImage(t, []int{1, 6, 1}, 0, 10, 20, 40, 80, 160)
	wantSeed(t, generators.Prepared(row, input.Geometry{Height: 1, Width: 2, Fit: input.Stretch}), 0, bytesSeed("input[0]", 6, []int{1, 2, 1}, 10, 80))
	wide := oneImage(t, []int{2, 6, 1}, 9, 9, 0, 100, 9, 9, 9, 9, 0, 100, 9, 9)
	wantSeed(t, generators.Prepared(wide, input.Geometry{Square: true, Height: 1, Width: 1, Fit: input.Stretch}), 0, bytesSeed("input[0]", 6, []int{1, 1, 1}, 50))

	flat := oneImage(t, []int{6}, 1, 2, 3, 4, 5, 6)
	for _, test := range []struct {
		src      input.Seeds
		geometry input.Geometry
		want     string
	}{
		{src, input.Geometry{Short: -1}, "generators: input[0]: geometry: expected a short side of 1 or more"},
		{src, input.Geometry{Height: 10, Width: 10}, "crop to 10 x 10: expected 1 x 1 to 9 x 14"},
		{flat, input.Geometry{Square: true}, "middle square: expected an image, found input [6]"},
		{flat, input.Geometry{Height: 1, Width: 1, Fit: input.Stretch}, "resize: expected an 8-bit image of 1 or 3 channels, found input [6]"},
		{src, input.Geometry{Height: 1 << 40, Width: 1 << 40, Fit: input.Stretch}, "expected 1 to 50000000 pixels"},
	} {
		_, err := generators.Prepared(test.src, test.geometry).Seed(0)
		wantError(t, err, test.want)
	}
}
