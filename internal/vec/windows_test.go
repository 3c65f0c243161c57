package vec

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// numbers are n normally distributed ones.
func numbers(n int, rng *rand.Rand) []float64 {
	all := make([]float64, n)
	for i := range all {
		all[i] = rng.NormFloat64()
	}
	return all
}

// symmetric is such a kernel of n weights.
func symmetric(n int, rng *rand.Rand) []float64 {
	kernel := numbers(n, rng)
	for i := range n / 2 {
		kernel[i] = kernel[n-1-i]
	}
	return kernel
}

// Sums over windows are the same to the last bit, however many are made at once.
func TestBlurs(t *testing.T) {
	eitherWay(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "n")
		step := rapid.IntRange(1, 4).Draw(t, "step")
		size := rapid.SampledFrom([]int{3, 5, 7, 9, 11, 11, 11}).Draw(t, "kernel")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "values"), 1))
		kernel, rows := symmetric(size, rng), make([][]float64, size)
		for i := range rows {
			rows[i] = numbers(n+1, rng)
		}
		// One more, which must stay as it is.
		want, found := numbers(n+1, rng), make([]float64, n+1)
		copy(found, want)
		blur(want[:n], rows, kernel)
		BlurDown(found[:n], rows, kernel)
		if !slices.Equal(want, found) {
			t.Fatalf("down: expected %v, found %v", want, found)
		}

		row := numbers(n+(size-1)*step, rng)
		for i := range rows {
			rows[i] = row[i*step:]
		}
		blur(want[:n], rows, kernel)
		BlurAlong(found[:n], row, step, kernel)
		if !slices.Equal(want, found) {
			t.Fatalf("along: expected %v, found %v", want, found)
		}
	})
}

// A blur is the sum that its kernel says, up to rounding.
func TestBlurIsAWeightedSum(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{3, 5, 7, 9, 11} {
		kernel, row, found := symmetric(size, rng), numbers(20, rng), make([]float64, 20-size+1)
		BlurAlong(found, row, 1, kernel)
		for i, v := range found {
			if want := Dot(kernel, row[i:]); v-want > 1e-12 || want-v > 1e-12 {
				t.Errorf("kernel of %d, place %d: expected %g, found %g", size, i, want, v)
			}
		}
	}
}

// Moments, and losses from them, are the same to the last bit, however many are made at once.
func TestMomentsAndLosses(t *testing.T) {
	eitherWay(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "n")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "values"), 1))
		a, b := make([]float32, n), make([]float32, n)
		moments := append(make([]float64, 3*n), -1)
		for i := range n {
			a[i], b[i] = float32(rng.NormFloat64()), float32(rng.NormFloat64())
		}
		Moments(moments[:3*n], a, b)
		for i := range n {
			d := float64(b[i]) - float64(a[i])
			if moments[i] != d || moments[n+i] != d*d || moments[2*n+i] != float64(a[i])*d || moments[3*n] != -1 {
				t.Fatalf("moments of %v and %v: found %v", a, b, moments)
			}
		}

		of := append(make([]float64, n), -1)
		Products(of[:n], a, b)
		for i := range n {
			if of[i] != float64(a[i])*float64(b[i]) || of[n] != -1 {
				t.Fatalf("products of %v and %v: found %v", a, b, of)
			}
		}

		c1, c2 := 1+rng.Float64(), 1+rng.Float64()
		averages, above := numbers(n, rng), append(make([]float64, n), -1)
		Variances(above[:n], of, averages)
		for i, average := range averages {
			if want := max(of[i]-float64(average*average), 0); above[i] != want || above[n] != -1 {
				t.Fatalf("%g above the square of %g: expected %g, found %g", of[i], average, want, above[i])
			}
		}
		ofVariance, rest := append(make([]float64, n), -1), append(make([]float64, n), -1)
		WindowWeights(ofVariance[:n], rest[:n], averages, above, c1, c2)
		for i, average := range averages {
			want := 1 / (2*above[i] + c2)
			if beyond := 1/(2*float64(average*average)+c1) - want; ofVariance[i] != want || rest[i] != beyond || ofVariance[n] != -1 || rest[n] != -1 {
				t.Fatalf("weights of mean %g and variance %g: expected %g and %g, found %g and %g", average, above[i], want, beyond, ofVariance[i], rest[i])
			}
		}
		mean, variance, shifts, squares, products := numbers(n+1, rng), numbers(n, rng), numbers(n, rng), numbers(n, rng), numbers(n, rng)
		losses := append(slices.Clone(shifts), -1)
		Losses(losses[:n], squares, products, mean, variance, c1, c2)
		for i, shift := range shifts {
			spread, covariance := max(squares[i]-float64(shift*shift), 0), products[i]-float64(mean[i]*shift)
			if want := Loss(mean[i], variance[i], shift, spread, covariance, c1, c2); losses[i] != want || losses[n] != -1 {
				t.Fatalf("loss %d of %d: expected %g, found %v", i, n, want, losses)
			}
		}
	})
}

// The loss is what the formula of the paper leaves to 1.
func TestLossIsThatOfThePaper(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		mean, shift := 10*rng.Float64(), rng.NormFloat64()
		variance, spread := 1+rng.Float64(), rng.Float64()
		covariance := rng.Float64() - 0.5
		other := variance + 2*covariance + spread // variance of the other window
		const c1, c2 = 0.1, 0.3
		similarity := (2*mean*(mean+shift) + c1) * (2*(variance+covariance) + c2) /
			((mean*mean + (mean+shift)*(mean+shift) + c1) * (variance + other + c2))
		if found := Loss(mean, variance, shift, spread, covariance, c1, c2); found-(1-similarity) > 1e-9 || (1-similarity)-found > 1e-9 {
			t.Fatalf("expected %g, found %g", 1-similarity, found)
		}
	}
}
