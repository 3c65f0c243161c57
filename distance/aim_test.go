package distance_test

import (
	"math"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/distance"
	"pgregory.net/rapid"
)

func TestParseAim(t *testing.T) {
	for _, aim := range []distance.Aim{distance.MostAlike, distance.NearestL2, distance.NearestLInf, distance.NearestL0} {
		if got, err := distance.ParseAim(aim.String()); err != nil || got != aim {
			t.Errorf("%s: got %s, error %v", aim, got, err)
		}
	}
	for _, name := range []string{"", "SSIM", "l1", "Aim(7)"} {
		if _, err := distance.ParseAim(name); err == nil || !strings.Contains(err.Error(), "expected ssim, l2, linf or l0") {
			t.Errorf("%q: error %v", name, err)
		}
	}
}

// distances draws distances that have ties, no SSIM, and numbers that are none.
func distances() *rapid.Generator[distance.Distance] {
	number := rapid.SampledFrom([]float64{0, 0.25, 0.5, 0.75, 1, 3, math.Inf(1), math.NaN()})
	return rapid.Custom(func(t *rapid.T) distance.Distance {
		d := distance.Distance{L0: rapid.IntRange(0, 2).Draw(t, "l0"), L2: number.Draw(t, "l2"), LInf: number.Draw(t, "linf")}
		if rapid.Bool().Draw(t, "image") {
			s := rapid.SampledFrom([]float64{-1, 0, 0.5, 0.75, 1, math.NaN()}).Draw(t, "ssim")
			d.SSIM = &s
		}
		return d
	})
}

func TestNearerIsAStrictWeakOrder(t *testing.T) {
	aims := []distance.Aim{distance.MostAlike, distance.NearestL2, distance.NearestLInf, distance.NearestL0}
	rapid.Check(t, func(t *rapid.T) {
		aim := rapid.SampledFrom(aims).Draw(t, "aim")
		all := rapid.SliceOfN(distances(), 3, 3).Draw(t, "distances")
		x, y, z := all[0], all[1], all[2]
		if aim.Compare(x, x) != 0 {
			t.Fatal("nearer than itself, or farther")
		}
		if sign(aim.Compare(x, y)) != -sign(aim.Compare(y, x)) {
			t.Fatal("each is nearer than the other")
		}
		if aim.Compare(x, y) < 0 && aim.Compare(y, z) < 0 && aim.Compare(x, z) >= 0 {
			t.Fatal("x is nearer than y, and y than z, but x is not nearer than z")
		}
		if aim.Compare(x, y) == 0 && aim.Compare(y, z) == 0 && aim.Compare(x, z) != 0 {
			t.Fatal("neither of x and y is nearer, nor of y and z, but of x and z one is")
		}
	})
}

func sign(v int) int { return min(1, max(-1, v)) }

func TestNearer(t *testing.T) {
	ssim := func(s, l2 float64) distance.Distance { return distance.Distance{L2: l2, SSIM: &s} }
	plain := func(l2 float64) distance.Distance { return distance.Distance{L2: l2, LInf: 1 / l2} }
	for _, test := range []struct {
		aim         distance.Aim
		near, other distance.Distance
	}{
		{distance.MostAlike, ssim(0.9, 5), ssim(0.8, 1)},
		{distance.MostAlike, ssim(0.9, 1), ssim(0.9, 5)},
		{distance.MostAlike, ssim(-0.5, 9), plain(1)},
		{distance.MostAlike, plain(1), plain(2)},
		{distance.MostAlike, ssim(0, 9), ssim(math.NaN(), 1)},
		{distance.MostAlike, plain(1), plain(math.NaN())},
		{distance.NearestL2, ssim(0.1, 1), ssim(0.9, 2)},
		{distance.NearestL2, ssim(0.1, 1), plain(2)},
		{distance.NearestL2, plain(1), ssim(0.9, 2)},
		{distance.NearestLInf, plain(4), plain(2)},
	} {
		if test.aim.Compare(test.near, test.other) >= 0 || test.aim.Compare(test.other, test.near) <= 0 {
			t.Errorf("%s: %+v is not nearer than %+v", test.aim, test.near, test.other)
		}
	}
}
