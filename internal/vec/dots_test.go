package vec

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// Products of vectors are the same to the last bit, however many numbers are multiplied at once, and right up to rounding.
func TestDots(t *testing.T) {
	eitherWay(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 70).Draw(t, "n")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "values"), 1))
		a, b, c := numbers(n, rng), numbers(n+1, rng), numbers(n+2, rng)
		var lanes [2][8]float64
		var plain [2]float64
		for i, v := range a {
			for k, w := range [...]float64{b[i], c[i]} {
				lanes[k][i%8] += float64(v * w)
				plain[k] += v * w
			}
		}
		var want [2]float64
		for k, of := range lanes {
			want[k] = ((of[0] + of[4]) + (of[1] + of[5])) + ((of[2] + of[6]) + (of[3] + of[7]))
		}
		ab, ac := Dots(a, b, c)
		if ab != want[0] || ac != want[1] || Dot(a, b) != ab {
			t.Fatalf("expected %g and %g, found %g, %g and %g", want[0], want[1], ab, ac, Dot(a, b))
		}
		for k, found := range [...]float64{ab, ac} {
			if math.Abs(found-plain[k]) > 1e-12 {
				t.Fatalf("expected %g, found %g", plain[k], found)
			}
		}
		if squares := SquaredLengths([3][]float64{a, b, c}); squares != [3]float64{Dot(a, a), Dot(b[:n], b[:n]), Dot(c[:n], c[:n])} {
			t.Fatalf("found squared lengths %v", squares)
		}
	})
}
