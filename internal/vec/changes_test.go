package vec

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Changes and changed values are the same to the last bit, however many are worked on at once.
func TestChanges(t *testing.T) {
	eitherWay(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(t, "n")
		by := rapid.Float64().Draw(t, "t")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "values"), 1))
		in, from, out := make([]float32, n), make([]float32, n), make([]float32, n+1)
		u, scale, change := make([]float64, n), make([]float64, n), make([]float64, n+1)
		for i := range n {
			in[i], from[i] = float32(rng.IntN(256)), float32(rng.IntN(256))
			u[i], scale[i] = 100*rng.NormFloat64(), 0.01+rng.Float64()
			switch rng.IntN(8) {
			case 0:
				u[i], scale[i] = (float64(rng.IntN(400))-100-float64(from[i]))/2, 2 // a whole number, with t = 1
			case 1:
				u[i], scale[i] = (float64(rng.IntN(400))-100.5-float64(from[i]))/2, 2 // a tie
			case 2:
				u[i] = []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e300, -1e300, math.Copysign(0, -1)}[rng.IntN(6)]
			}
		}
		out[n], change[n] = -1, -1 // must stay
		Changes(change[:n], in, from, scale)
		for _, t1 := range []float64{by, 1} {
			ChangeBytes(out[:n], from, u, scale, t1)
			for i := range n {
				if want := float64(in[i]-from[i]) / scale[i]; change[i] != want {
					t.Fatalf("change %d from %g to %g in units of %g: expected %g, found %g", i, from[i], in[i], scale[i], want, change[i])
				}
				changed := float32(float64(from[i]) + float64(float64(t1*u[i])*scale[i]))
				want := float32(0) // of NaN too, for which no comparison holds
				if changed > 0 {
					want = float32(math.Floor(min(float64(changed), 255) + 0.5))
				}
				if math.Float32bits(out[i]) != math.Float32bits(want) {
					t.Fatalf("value %d: expected %g for %g, found %g", i, want, changed, out[i])
				}
			}
		}
		sums := make([]float64, n+1)
		copy(sums, scale)
		AddScaled(sums[:n], by, change[:n])
		for i := range n {
			if want := scale[i] + float64(by*change[i]); sums[i] != want {
				t.Fatalf("%g and %g times %g: expected %g, found %g", scale[i], by, change[i], want, sums[i])
			}
		}
		if out[n] != -1 || change[n] != -1 || sums[n] != 0 {
			t.Fatal("written beyond the end")
		}
	})
}

func TestProducts(t *testing.T) {
	a, b, c := []float64{1, 2, 3, 4, 5}, []float64{1, -1, 2, 0.5, 10, 99}, []float64{0, 1, 0, -1, 2}
	if ab, ac := Dots(a, b, c); Dot(a, b) != 57 || ab != 57 || ac != 8 {
		t.Errorf("found %g, %g and %g", Dot(a, b), ab, ac)
	}
	if squares := SquaredLengths([3][]float64{a, b, c}); squares != [3]float64{Dot(a, a), Dot(b[:5], b[:5]), Dot(c, c)} {
		t.Errorf("squared lengths: %v", squares)
	}
	if d := SquaredDifferences([]float32{1, 2, 3}, []float32{1, 0, 6.5}); d != 16.25 {
		t.Errorf("squared differences: found %g", d)
	}
}

// Products with single values are the same to the last bit, however many are worked on at once.
func TestProductsWithSingles(t *testing.T) {
	eitherWay(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(t, "n")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "values"), 1))
		a, b, k := make([]float64, n+1), make([]float32, n+1), rng.NormFloat64()
		for i := range a {
			a[i], b[i] = rng.NormFloat64(), float32(rng.NormFloat64())
		}
		var sums [8]float64
		for i := range n {
			sums[i%8] += float64(a[i] * float64(b[i]))
		}
		want := ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]))
		if found := DotOfSingles(a[:n], b[:n]); found != want {
			t.Fatalf("%v times %v: expected %g, found %g", a[:n], b[:n], want, found)
		}
		sum := slices.Clone(a)
		AddScaledSingles(sum[:n], k, b[:n])
		for i := range n {
			if want := a[i] + float64(k*float64(b[i])); sum[i] != want {
				t.Fatalf("%g and %g times %g: expected %g, found %g", a[i], k, b[i], want, sum[i])
			}
		}
		if sum[n] != a[n] {
			t.Fatal("written beyond the end")
		}
	})
}

func TestSameBits(t *testing.T) {
	nan := float32(math.NaN())
	for _, test := range []struct {
		a, b []float32
		same bool
	}{
		{nil, []float32{}, true},
		{[]float32{1, nan}, []float32{1, nan}, true},
		{[]float32{1, 2}, []float32{1, 2.5}, false},
		{[]float32{1, 2}, []float32{1}, false},
		{[]float32{0}, []float32{float32(math.Copysign(0, -1))}, false},
	} {
		if found := SameBits(test.a, test.b); found != test.same {
			t.Errorf("%v and %v: found %t", test.a, test.b, found)
		}
	}
}

func TestSum(t *testing.T) {
	values := make([]float64, 0, 11)
	for n := range cap(values) {
		if found, expected := Sum(values), float64(n*(n-1)/2); found != expected {
			t.Errorf("0 to %d: expected %g, found %g", n-1, expected, found)
		}
		values = append(values, float64(n))
	}
}

// Values are rounded and kept between ends in the same way, however many are worked on at once.
func TestClampBytes(t *testing.T) {
	eitherWay(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(t, "n")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "values"), 1))
		values, low, high := make([]float32, n), make([]float32, n), make([]float32, n)
		for i := range n {
			low[i] = float32(rng.IntN(256))
			high[i] = low[i] + float32(rng.IntN(256-int(low[i])))
			switch values[i] = 300*rng.Float32() - 20; rng.IntN(5) {
			case 0:
				values[i] = float32(rng.IntN(256))
			case 1:
				values[i] = float32(rng.IntN(256)) + 0.5
			case 2:
				values[i] = []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 1e38, float32(math.Copysign(0, -1)), 0.49999997, 254.49998}[rng.IntN(7)]
			}
		}
		found := append(slices.Clone(values), -1)
		ClampBytes(found[:n], low, high)
		for i, v := range values {
			want := float32(0) // of NaN too
			if v > 0 {
				want = float32(math.Floor(min(float64(v), 255) + 0.5))
			}
			if want = min(max(want, low[i]), high[i]); math.Float32bits(found[i]) != math.Float32bits(want) {
				t.Fatalf("%g between %g and %g: expected %g, found %g", v, low[i], high[i], want, found[i])
			}
		}
		if found[n] != -1 {
			t.Fatal("written beyond the end")
		}
	})
}

// Values go the same way, however many are worked on at once.
func TestBlendBytes(t *testing.T) {
	eitherWay(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(t, "n")
		by := rapid.Float64Range(0, 1).Draw(t, "t")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "values"), 1))
		from, to, waits, found := make([]float32, n), make([]float32, n), make([]float64, n), append(make([]float32, n), -1)
		for i := range n {
			from[i], to[i], waits[i] = float32(rng.IntN(256)), float32(rng.IntN(256)), rng.Float64()
			if rng.IntN(4) == 0 {
				to[i] = from[i]
			}
		}
		for _, share := range []float64{by, 0, 0.5, 1} {
			BlendBytes(found[:n], from, to, waits, share)
			for i := range n {
				want := from[i]
				if to[i] != from[i] {
					want = min(max(from[i]+float32(math.Floor(float64(share*float64(to[i]-from[i]))+waits[i])), 0), 255)
				}
				if math.Float32bits(found[i]) != math.Float32bits(want) {
					t.Fatalf("%g of the way from %g to %g, %g further: expected %g, found %g", share, from[i], to[i], waits[i], want, found[i])
				}
			}
		}
		if found[n] != -1 {
			t.Fatal("written beyond the end")
		}
	})
}
