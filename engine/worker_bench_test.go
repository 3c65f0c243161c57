package engine

import (
	"slices"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
)

// BenchmarkCollect is the assembly of a batch of 32, an op.
func BenchmarkCollect(b *testing.B) {
	w := new(worker)
	chunk := make([]*run, 32)
	for i := range chunk {
		chunk[i] = &run{asked: []input.Input{{Shape: []int{28, 28, 1}, Domain: input.Bytes, Data: slices.Repeat([]float32{float32(i)}, 28*28)}}}
		for range remembered {
			chunk[i].memory.keep(uint64(i), answer.Of(1, 0), answer.Of(1, 0))
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		w.collect(chunk)
	}
}
