package input_test

import (
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
)

func TestGeometry(t *testing.T) {
	for _, test := range []struct {
		geometry     input.Geometry
		says, refuse string
	}{
		{input.Geometry{}, "as it is", ""},
		{input.Geometry{Short: 256, Height: 224, Width: 224}, "short side 256 (bilinear), middle 224 x 224", ""},
		{input.Geometry{Short: 224, Bicubic: true, Height: 224, Width: 300}, "short side 224 (bicubic), middle 224 x 300", ""},
		{input.Geometry{Square: true, Height: 224, Width: 224, Fit: input.Stretch}, "middle square, stretched to 224 x 224", ""},
		{input.Geometry{Height: 640, Width: 480, Fit: input.Letterbox}, "letterboxed in 640 x 480", ""},
		{input.Geometry{Short: 200, Height: 224, Width: 224}, "short side 200 (bilinear), middle 224 x 224", "geometry: expected a middle within the short side of 200, found 224 x 224"},
		{input.Geometry{Short: -1}, "as it is", "geometry: expected a short side of 1 or more, or 0 for as it is, found -1"},
		{input.Geometry{Height: 5}, "middle 5 x 0", "geometry: expected a height and a width of 1 or more, or both 0 for as they are, found 5 x 0"},
		{input.Geometry{Height: -5, Width: -5}, "as it is", "geometry: expected a height and a width of 1 or more, or both 0 for as they are, found -5 x -5"},
		{input.Geometry{Height: 5, Width: 5, Fit: 9}, "fit 9 to 5 x 5", "geometry: expected the fit Crop, Stretch or Letterbox, found 9"},
	} {
		if got := test.geometry.String(); got != test.says {
			t.Errorf("%+v: expected %q, found %q", test.geometry, test.says, got)
		}
		refused := ""
		if err := test.geometry.Validate(); err != nil {
			refused = err.Error()
		}
		if refused != test.refuse {
			t.Errorf("%+v: expected the error %q, found %q", test.geometry, test.refuse, refused)
		}
	}
}
