package generators

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"codeberg.org/sbinet/npyio/npz"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// openVectors opens what a script in testdata/opencv has made.
func openVectors(t *testing.T, name string) *npz.Reader {
	t.Helper()
	r, err := npz.Open("testdata/opencv/" + name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func readVector[T any](t *testing.T, r *npz.Reader, key string) []T {
	t.Helper()
	var values []T
	if err := r.Read(key, &values); err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	return values
}

func newTestImage(t *testing.T, r *npz.Reader, key string) input.Input {
	t.Helper()
	shape := r.Header(key).Descr.Shape
	in, err := input.NewImage(shape[0], shape[1], shape[2], readVector[uint8](t, r, key))
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func TestBlursEqualOpenCV(t *testing.T) {
	r := openVectors(t, "vectors.npz")
	constructors := map[string]func(...int) (input.Mutator, error){
		"average": AverageBlur, "gaussian": GaussianBlur, "median": MedianBlur,
	}
	compared := map[string]int{}
	for _, key := range r.Keys() {
		image, result, _ := strings.Cut(strings.TrimSuffix(key, ".npy"), "/")
		operator, kernels, ok := strings.Cut(result, "-")
		if !ok || constructors[operator] == nil {
			continue
		}
		src := newTestImage(t, r, image+"/input.npy")
		want := readVector[uint8](t, r, key)
		for i, kernel := range strings.Split(kernels, "-") {
			k, err := strconv.Atoi(kernel)
			if err != nil {
				t.Fatalf("key %s: %v", key, err)
			}
			m, err := constructors[operator](k)
			if err != nil {
				t.Fatal(err)
			}
			dst := src.Clone()
			m.Mutate(dst, src, rand.New(rand.NewPCG(1, 2)))
			n := len(src.Data)
			for j, w := range want[i*n : (i+1)*n] {
				if dst.Data[j] != float32(w) {
					t.Errorf("%s, %s k=%d: value %d: OpenCV has %d, found %g", image, operator, k, j, w, dst.Data[j])
					break
				}
			}
			compared[operator]++
		}
	}
	// A renamed key must not turn this into a test of nothing.
	for operator, least := range map[string]int{"average": 200, "gaussian": 60, "median": 70} {
		if compared[operator] < least {
			t.Errorf("%s: expected at least %d vectors, found %d", operator, least, compared[operator])
		}
	}
}

func TestBlursOneByOneEqualOpenCV(t *testing.T) {
	vec.WithoutVectors(func() { TestBlursEqualOpenCV(t) })
}

func TestReleasedArithmeticEqualsNumPy(t *testing.T) {
	r := openVectors(t, "vectors.npz")
	image := readVector[uint8](t, r, "cast/input.npy")
	tests := []struct {
		noise, want string
		apply       func(float32, float64) float32
	}{
		{"cast/added.npy", "cast/sum.npy", releasedSum},
		{"cast/factors.npy", "cast/product.npy", releasedProduct},
	}
	for _, test := range tests {
		noise, want := readVector[float64](t, r, test.noise), readVector[uint8](t, r, test.want)
		got := make([]uint8, len(image))
		for i, v := range image {
			got[i] = uint8(test.apply(float32(v), noise[i]))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: found %v, NumPy has %v", test.want, got, want)
		}
	}
}
