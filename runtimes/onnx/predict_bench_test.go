//go:build cgo

package onnx

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
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
				run := bare(b, file, n)
				for b.Loop() {
					if err := run.Run(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
				perImage(b, n)
			})
		}
	}
}

// bare is a run of a model by the session alone, on n images of zeros.
func bare(b *testing.B, file string, n int) predictor.Binding {
	b.Helper()
	read, err := readPath("../../fixtures/models/" + file + ".onnx")
	if err != nil {
		b.Fatal(err)
	}
	g, err := parseGraph(read.Runnable)
	if err != nil {
		b.Fatal(err)
	}
	in, out := g.Inputs[0], g.Outputs[0]
	s, err := newSession(read.Runnable, sessionSettings{inputs: []string{in.Name}, outputs: []string{out.Name}, threads: 1, provider: "cpu", optimization: OptimizeAll})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Close)
	memory := func(v predictor.Value) predictor.Memory {
		m := predictor.Memory{Element: v.Element, Shape: []int64{int64(n)}}
		size := n * v.Element.Size()
		for _, d := range v.Shape[1:] {
			m.Shape = append(m.Shape, int64(d.Size))
			size *= d.Size
		}
		m.Data = predictor.AlignedBytes(size)[:size]
		return m
	}
	inputs, outputs := memory(in), memory(out)
	var pins runtime.Pinner
	pins.Pin(&inputs.Data[0])
	pins.Pin(&outputs.Data[0])
	b.Cleanup(pins.Unpin)
	run, err := s.Bind([]predictor.Memory{inputs}, []predictor.Memory{outputs})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(run.Close)
	return run
}

func perImage(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/image")
}
