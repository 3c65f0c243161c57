package engine

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Sums are the same to the last bit, however many are made at once.
func TestSums(t *testing.T) {
	eitherWay(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "n")
		step := rapid.IntRange(1, 4).Draw(t, "step")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "values"), 1))
		numbers := func(n int) []float64 {
			all := make([]float64, n)
			for i := range all {
				all[i] = rng.NormFloat64()
			}
			return all
		}
		kernel, rows := ssimKernel(ssimWindow), make([][]float64, ssimWindow)
		for i := range rows {
			rows[i] = numbers(n + 1)
		}
		// One more, which must stay as it is.
		want, found := numbers(n+1), make([]float64, n+1)
		copy(found, want)
		blur(want[:n], rows, kernel)
		blurDown(found[:n], rows, kernel)
		if !slices.Equal(want, found) {
			t.Fatalf("down: expected %v, found %v", want, found)
		}

		row := numbers(n + (ssimWindow-1)*step)
		for i := range rows {
			rows[i] = row[i*step:]
		}
		blur(want[:n], rows, kernel)
		blurAlong(found[:n], row, step, kernel)
		if !slices.Equal(want, found) {
			t.Fatalf("along: expected %v, found %v", want, found)
		}

		a, b := make([]float32, n), make([]float32, n)
		moments := make([]float64, ssimMoments*n)
		for i := range n {
			a[i], b[i] = float32(rng.NormFloat64()), float32(rng.NormFloat64())
		}
		momentsOfRow(moments, a, b)
		for i := range n {
			d := float64(b[i]) - float64(a[i])
			if moments[i] != d || moments[n+i] != d*d || moments[2*n+i] != float64(a[i])*d {
				t.Fatalf("moments of %v and %v: found %v", a, b, moments)
			}
		}

		scale := scaleOf(Bytes)
		mean, variance, shifts, squares, products := numbers(n), numbers(n), numbers(n), numbers(n), numbers(n)
		losses := append(slices.Clone(shifts), -1)
		scale.lossesOf(losses[:n], squares, products, mean, variance)
		for i, shift := range shifts {
			want := scale.loss(mean[i], variance[i], shift, max(squares[i]-square(shift), 0), products[i]-mean[i]*shift)
			if losses[i] != want || losses[n] != -1 {
				t.Fatalf("loss %d of %d: expected %g, found %v", i, n, want, losses)
			}
		}
	})
}
