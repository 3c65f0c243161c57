package vec

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Conversions are the same however many values are worked on at once.
func TestConversions(t *testing.T) {
	eitherWay(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(t, "n")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "values"), 1))
		from := make([]byte, n)
		for i := range from {
			from[i] = byte(rng.IntN(256))
		}
		// One more each, which must stay as it is.
		floats, bytes := append(make([]float32, n), -1), append(make([]byte, n), 77)
		wholes, reals := append(make([]int32, n), -1), append(make([]float64, n), -1)
		BytesToFloats(floats[:n], from)
		FloatsToBytes(bytes[:n], floats[:n])
		Widen(wholes[:n], floats[:n])
		Widen(reals[:n], floats[:n])
		for i, v := range from {
			if floats[i] != float32(v) || bytes[i] != v || wholes[i] != int32(v) || reals[i] != float64(v) {
				t.Fatalf("value %d of %d: %d became %g, %d, %d and %g", i, n, v, floats[i], bytes[i], wholes[i], reals[i])
			}
		}
		if floats[n] != -1 || bytes[n] != 77 || wholes[n] != -1 || reals[n] != -1 {
			t.Fatal("written beyond the end")
		}
	})
}

// What is no byte is seen wherever it stands, and bytes come out as they would one by one.
func TestBytesPlus(t *testing.T) {
	eitherWay(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(t, "n")
		add := rapid.Byte().Draw(t, "add")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "values"), 1))
		from := make([]float32, n)
		for i := range from {
			from[i] = float32(rng.IntN(256))
		}
		to := append(make([]byte, n), 77) // one more, which must stay as it is
		if !BytesPlus(to[:n], from, add) {
			t.Fatalf("%v: expected bytes", from)
		}
		for i, v := range from {
			if to[i] != byte(v)+add {
				t.Fatalf("%g + %d: %d", v, add, to[i])
			}
		}
		if to[n] != 77 {
			t.Fatal("written beyond the end")
		}
		if n == 0 {
			return
		}
		nan, inf := float32(math.NaN()), float32(math.Inf(1))
		at := rng.IntN(n)
		from[at] = rapid.SampledFrom([]float32{-1, 256, 0.5, -0.5, 254.99998, 65536, 40000, 1 << 24, 1e9, -1e9, 3e38, inf, -inf, nan, 1e-40}).Draw(t, "no byte")
		if BytesPlus(to[:n], from, add) {
			t.Fatalf("expected %g, value %d of %d, to be no byte", from[at], at, n)
		}
		from[at] = float32(math.Copysign(0, -1))
		if !BytesPlus(to[:n], from, add) || to[at] != add {
			t.Fatalf("-0 + %d: %d", add, to[at])
		}
	})
}

// Sums are the same however many are made at once.
func TestSums(t *testing.T) {
	eitherWay(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(t, "n")
		weights := rapid.SampledFrom([][]int32{{2, 1}, {6, 4, 1}, {18, 14, 7, 2}}).Draw(t, "weights")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "values"), 1))
		var taps [7][]int32
		var reals [7][]float64
		for i := range 2*len(weights) - 1 {
			for range n {
				v := rng.IntN(1 << 14)
				taps[i], reals[i] = append(taps[i], int32(v)), append(reals[i], float64(v))
			}
		}
		// One more each, which must stay as it is.
		sums, realSums, scaled := append(make([]int32, n), -1), append(make([]float64, n), -1), append(make([]float32, n), -1)
		Weigh(sums[:n], &taps, weights)
		Weigh(realSums[:n], &reals, weights)
		ScaleSums(scaled[:n], sums[:n], 3, 7, 3)
		middle := len(weights) - 1
		for i := range n {
			var want int32
			for j := range 2*middle + 1 {
				want += weights[max(j-middle, middle-j)] * taps[j][i]
			}
			if sums[i] != want || realSums[i] != float64(want) || scaled[i] != float32((want+3)*7>>3) {
				t.Fatalf("sum %d of %d: expected %d, found %d, %g and, scaled, %g", i, n, want, sums[i], realSums[i], scaled[i])
			}
		}
		if sums[n] != -1 || realSums[n] != -1 || scaled[n] != -1 {
			t.Fatal("written beyond the end")
		}
	})
}

// Sums below zero are rounded down too.
func TestScaleSumsRoundsDown(t *testing.T) {
	sums, found := slices.Repeat([]int32{-9, -8, -7, 7, 8, 9}, 3), make([]float32, 18)
	check := func() {
		ScaleSums(found, sums, 0, 1, 3)
		if want := slices.Repeat([]float32{-2, -1, -1, 0, 1, 1}, 3); !slices.Equal(found, want) {
			t.Errorf("expected %v, found %v", want, found)
		}
	}
	check()
	WithoutVectors(check)
}
