//go:build cgo

package onnx

import (
	"fmt"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// BenchmarkPredictInto compares predictions with the bare runs of the model that they need: the
// difference is what this package costs.
func BenchmarkPredictInto(b *testing.B) {
	for _, file := range []string{"lenet5", "lenet5-int8", "student-uint8-nhwc"} {
		m, err := Open("../../fixtures/models/"+file+".onnx", Scale(1.0/255))
		if err != nil {
			b.Fatal(err)
		}
		defer m.Close()
		for _, n := range []int{1, 16, 64} {
			batch := make([]input.Input, n)
			for i := range batch {
				pixels := make([]uint8, 28*28)
				for j := range pixels {
					pixels[j] = uint8(i*31 + j)
				}
				batch[i] = model.Must(input.NewImage(28, 28, 1, pixels))
			}
			b.Run(fmt.Sprintf("%s/batch=%d/PredictInto", file, n), func(b *testing.B) {
				b.ReportAllocs()
				var dst [][]float32
				for b.Loop() {
					if dst, err = m.PredictInto(b.Context(), batch, dst); err != nil {
						b.Fatal(err)
					}
				}
				perImage(b, n)
			})
			b.Run(fmt.Sprintf("%s/batch=%d/bare", file, n), func(b *testing.B) {
				l := &lane{}
				defer l.close()
				run, err := l.prepare(m, m.runShape(n, batch[0]), batch[0])
				if err != nil {
					b.Fatal(err)
				}
				for i, in := range batch {
					m.encoder.encode(l.in[i*len(l.in)/n:(i+1)*len(l.in)/n], in)
				}
				for b.Loop() {
					if err := run.run(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
				perImage(b, n)
			})
		}
	}
}

func perImage(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/image")
}
