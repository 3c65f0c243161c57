//go:build cgo && !windows

package litert_test

import (
	"fmt"
	"testing"
)

// BenchmarkPredictInto is what a prediction costs; bench/overhead compares it with the runtime's C API in C.
func BenchmarkPredictInto(b *testing.B) {
	for _, name := range []string{"lenet5-int8", "rescnn", "rescnn-int8"} {
		m := embedded(b, name+".tflite")
		for _, n := range []int{1, 64} {
			batch := clothes(b, n)
			b.Run(fmt.Sprintf("%s/batch=%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				var dst [][]float32
				var err error
				for b.Loop() {
					if dst, err = m.PredictInto(b.Context(), batch, dst); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/image")
			})
		}
	}
}

// TestPredictIntoDoesNotAllocate: the memory of a prediction is used again by the next one.
func TestPredictIntoDoesNotAllocate(t *testing.T) {
	m := embedded(t, "rescnn-int8.tflite")
	batch := clothes(t, 8)
	dst, err := m.PredictInto(t.Context(), batch, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	if n := testing.AllocsPerRun(100, func() {
		if dst, err = m.PredictInto(ctx, batch, dst); err != nil {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Errorf("%v allocations a prediction", n)
	}
}
