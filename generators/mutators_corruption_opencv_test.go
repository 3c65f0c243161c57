package generators

import (
	"bytes"
	"image"
	"image/jpeg"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sharedWithOpenCV are the operations that corruptions have in common with OpenCV, by their names in the
// vectors.
var sharedWithOpenCV = map[string]struct {
	change     func(to []float64, im raster, parameter float64)
	mean, most float64 // error in grey levels: of all values on average, and of any
	vectors    int
}{
	"rotation": {func(to []float64, im raster, degrees float64) {
		warp(to, im, turned(degrees*math.Pi/180).about(im))
	}, 1e-4, 1e-3, 15},
	"scale": {func(to []float64, im raster, factor float64) {
		warp(to, im, affine{xx: 1 / factor, yy: 1 / factor}.about(im))
	}, 1e-4, 1e-3, 10},
	"shear": {func(to []float64, im raster, slope float64) {
		warp(to, im, affine{xx: 1, xy: slope, yy: 1}.about(im))
	}, 1e-4, 1e-3, 10},
	"translation": {func(to []float64, im raster, pixels float64) {
		warp(to, im, affine{xx: 1, x0: pixels, yy: 1, y0: pixels / 2})
	}, 1e-4, 1e-3, 10},
	"disc": {func(to []float64, im raster, radius float64) {
		k := disc(radius)
		defer k.giveBack()
		k.filter(to, im)
	}, 1e-4, 1e-3, 10},
	"blocks": {pixelate, 1e-4, 1e-3, 2},
	// OpenCV computes in whole numbers, so that some coefficients near a tie go the other way.
	"jpeg": {func(to []float64, im raster, quality float64) { compress(to, im, 50/quality, 1e-9) }, 1.25, 25, 15},
}

func TestCorruptionsAgreeWithOpenCV(t *testing.T) {
	r := openVectors(t, "corruptions.npz")
	vectors, values, total := map[string]int{}, map[string]int{}, map[string]float64{}
	for _, key := range r.Keys() {
		picture, result, _ := strings.Cut(strings.TrimSuffix(key, ".npy"), "/")
		operation, number, ok := strings.Cut(result, "@")
		if !ok {
			continue
		}
		parameter, err := strconv.ParseFloat(number, 64)
		if err != nil {
			t.Fatalf("key %s: %v", key, err)
		}
		shared := sharedWithOpenCV[operation]
		im, _ := rasterOf(newTestImage(t, r, picture+"/input.npy"))
		got, want := make([]float64, len(im.data)), readVector[float32](t, r, key)
		shared.change(got, im, parameter)
		for i, w := range want {
			v := min(max(got[i], 0), 255)
			d := math.Abs(v - float64(w))
			if d > shared.most {
				t.Errorf("%s of %s: value %d: OpenCV has %g, found %g", result, picture, i, w, v)
				break
			}
			total[operation] += d
		}
		values[operation] += len(want)
		vectors[operation]++
	}
	for operation, shared := range sharedWithOpenCV {
		if vectors[operation] != shared.vectors {
			t.Errorf("%s: expected %d vectors, found %d", operation, shared.vectors, vectors[operation])
		}
		if mean := total[operation] / float64(values[operation]); !(mean <= shared.mean) {
			t.Errorf("%s: expected OpenCV's values up to %g on average, found %.3g", operation, shared.mean, mean)
		}
	}
}

func TestSeveritiesOfJPEGAreItsQualities(t *testing.T) {
	m, err := JPEGCompression(Exactly(1))
	if err != nil {
		t.Fatal(err)
	}
	src := newTestImage(t, openVectors(t, "corruptions.npz"), "32x32x3/input.npy")
	im, _ := rasterOf(src)
	for _, test := range []struct{ severity, factor float64 }{
		{1, 50 / 5.}, {0.5, 50 / 20.}, {0.2, 2 - 80/50.}, // libjpeg's factors of the qualities 5, 20 and 80
	} {
		values, want, got := make([]float64, len(im.data)), src.Clone(), src.Clone()
		compress(values, im, test.factor, nearTie)
		write(want.Data, values, src.Domain)
		m.MutateAt(got, src, test.severity, 0)
		different := 0
		for i, v := range got.Data {
			if v != want.Data[i] {
				different++
			}
		}
		if different > 3 { // the factor need not be the same to the last bit
			t.Errorf("severity %g: expected the factor %g, found other values in %d places", test.severity, test.factor, different)
		}
	}
}

// The tables are those that Go's encoder writes at quality 50.
func TestQuantisationStepsAreJPEGs(t *testing.T) {
	var file bytes.Buffer
	if err := jpeg.Encode(&file, image.NewRGBA(image.Rect(0, 0, 8, 8)), &jpeg.Options{Quality: 50}); err != nil {
		t.Fatal(err)
	}
	_, tables, found := bytes.Cut(file.Bytes(), []byte{0xFF, 0xDB, 0, 2 + 2*65})
	if !found || len(tables) < 2*65 {
		t.Fatal("expected a segment of two quantisation tables")
	}
	for i, steps := range []*[64]float64{&lumaSteps, &chromaSteps} {
		var want [64]float64
		for n, at := range zigzag() {
			want[at] = float64(tables[65*i+1+n])
		}
		if diff := cmp.Diff(want, *steps); diff != "" {
			t.Errorf("table %d (-encoder +found):\n%s", i, diff)
		}
	}
}

// zigzag is the order in which a file holds the coefficients of a block.
func zigzag() (order []int) {
	for diagonal := range 2*block - 1 {
		for i := range diagonal + 1 {
			y, x := diagonal-i, i
			if diagonal%2 == 1 {
				y, x = x, y
			}
			if y < block && x < block {
				order = append(order, y*block+x)
			}
		}
	}
	return order
}
