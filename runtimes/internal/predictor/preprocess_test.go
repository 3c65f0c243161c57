package predictor

import (
	"fmt"
	"math"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// inputOf is an input of 28x28 images.
func inputOf(element Element, layout Order, channels int) *imageInput {
	in := &imageInput{layout: layout, height: 28, width: 28, channels: channels}
	in.Element, in.Shape = element, make([]Dimension, 4)
	return in
}

func TestDivisionBy255IsExact(t *testing.T) {
	e := newEncoder(inputOf(Float32, NCHW, 1), &preprocessing{scale: []float64{1.0 / 255}})
	in := input.Input{Shape: []int{1, 256, 1}, Kind: input.Image, Data: make([]float32, 256), Domain: input.Bytes}
	for i := range in.Data {
		in.Data[i] = float32(i)
	}
	memory := AlignedBytes(4 * 256)
	e.encode(memory, in)
	for i, v := range elements[float32](memory) {
		if want := float32(i) / 255; v != want {
			t.Errorf("%d/255: got %v, expected %v", i, v, want)
		}
	}
}

func TestValuesOutsideTheTable(t *testing.T) {
	in := inputOf(Float32, NCHW, 1)
	e := newEncoder(in, &preprocessing{scale: []float64{2}, mean: []float64{1}, std: []float64{4}})
	data := []float32{0, 255, 256, -1, 0.5, 1e9, float32(math.NaN())}
	memory := AlignedBytes(4 * len(data))
	e.encode(memory, input.Input{Shape: []int{1, len(data), 1}, Kind: input.Image, Data: data})
	for i, got := range elements[float32](memory) {
		want := float32((float64(data[i])*2 - 1) / 4)
		if got != want && (got == got || want == want) {
			t.Errorf("%v: got %v, expected %v", data[i], got, want)
		}
	}
}

func TestQuantising(t *testing.T) {
	for _, test := range []struct {
		reason  string
		element Element
		scale   float64
		zero    int
		raw     float32
		want    int
	}{
		{"a tie goes to the even one", Uint8, 1, 0, 2.5, 2},
		{"a tie goes to the even one, up", Uint8, 1, 0, 3.5, 4},
		{"above the range", Uint8, 1, 0, 400, 255},
		{"below the range", Uint8, 1, 0, -4, 0},
		{"int8 below its range", Int8, 1, 0, -400, -128},
		{"int8 above its range", Int8, 0.5, 10, 100, 127},
		{"the zero point is zero", Int8, 0.25, -7, 0, -7},
		{"not a number", Int8, 1, 5, float32(math.NaN()), 5},
	} {
		in := inputOf(test.element, NHWC, 1)
		in.quant = &Quantization{test.scale, test.zero}
		memory := AlignedBytes(1)
		newEncoder(in, &preprocessing{}).encode(memory, input.Input{Shape: []int{1, 1, 1}, Kind: input.Image, Data: []float32{test.raw}})
		got := int(memory[0])
		if test.element == Int8 {
			got = int(int8(memory[0]))
		}
		if got != test.want {
			t.Errorf("%s: %v: got %d, expected %d", test.reason, test.raw, got, test.want)
		}
	}
}

// Bytes that only have to be moved are moved several at a time, and the values among them that are no bytes come out as they would alone.
func TestBytesThatAreMoved(t *testing.T) {
	in := inputOf(Int8, NHWC, 1)
	in.quant = &Quantization{1.0 / 255, -128}
	e := newEncoder(in, &preprocessing{scale: []float64{1.0 / 255}})
	if got := e.(imageEncoder[uint8]).filler.(*table[uint8]).plus[0]; got != 128 {
		t.Fatalf("added to each byte: %d; expected 128", got)
	}
	data := make([]float32, 300)
	for i := range data {
		data[i] = float32(i % 256)
	}
	for _, odd := range []float32{7, 0.6, -3, 300} {
		data[150] = odd
		memory := AlignedBytes(len(data))
		e.encode(memory, input.Input{Shape: []int{1, len(data), 1}, Kind: input.Image, Data: data})
		for i, v := range data {
			if want := int8(max(-128, min(127, math.RoundToEven(float64(v))-128))); int8(memory[i]) != want {
				t.Errorf("%g, value %d: %d; expected %d", v, i, int8(memory[i]), want)
			}
		}
	}
}

func BenchmarkPreprocessing(b *testing.B) {
	for _, test := range []struct {
		element  Element
		layout   Order
		channels int
		domain   input.Domain
	}{
		{Float32, NCHW, 1, input.Bytes},
		{Float32, NCHW, 3, input.Bytes},
		{Float32, NHWC, 3, input.Bytes},
		{Float16, NCHW, 3, input.Bytes},
		{Int8, NHWC, 3, input.Bytes},
		{Float32, NCHW, 1, input.Domain{Max: 1}},
	} {
		b.Run(fmt.Sprintf("%s/%s/%d/%s", test.element, test.layout, test.channels, test.domain), func(b *testing.B) {
			in := inputOf(test.element, test.layout, test.channels)
			e := newEncoder(in, &preprocessing{scale: []float64{1.0 / 255}, mean: []float64{0.5, 0.4, 0.3}[:test.channels]})
			image := input.Input{Shape: []int{28, 28, test.channels}, Kind: input.Image, Data: make([]float32, 28*28*test.channels), Domain: test.domain}
			for i := range image.Data {
				image.Data[i] = test.domain.Snap(float32(i%256) / 256 * test.domain.Max)
			}
			memory := AlignedBytes(len(image.Data) * test.element.Size())
			for b.Loop() {
				e.encode(memory, image)
			}
		})
	}
}

func BenchmarkSoftmax(b *testing.B) {
	row := make([]float32, 10)
	for b.Loop() {
		for i := range row {
			row[i] = float32(i)
		}
		model.SoftmaxInPlace(row)
	}
}

// Colours are taken apart as any other channels are.
func TestPlanesOfColours(t *testing.T) {
	seen := input.Input{Shape: []int{3, 5, 3}, Kind: input.Image, Domain: input.Bytes, Data: make([]float32, 45)}
	for i := range seen.Data {
		seen.Data[i] = float32(i * 5)
	}
	scale, mean, std := []float64{1.0 / 255}, []float64{0.4, 0.5, 0.6}, []float64{0.2, 0.25, 0.3}
	for _, colors := range []ColorOrder{RGB, BGR} {
		in := inputOf(Float32, NCHW, 3)
		in.height, in.width = 3, 5
		memory := AlignedBytes(4 * 45)
		newEncoder(in, &preprocessing{scale: scale, mean: mean, std: std, colors: colors}).encode(memory, seen)
		for i, found := range elements[float32](memory) {
			channel, pixel := i/15, i%15
			from := channel
			if colors == BGR {
				from = 2 - channel
			}
			factor, offset := scale[0]/std[channel], -mean[channel]/std[channel]
			if want := float32(float64(float64(seen.Data[3*pixel+from])*factor) + offset); found != want {
				t.Errorf("%v: channel %d, pixel %d: expected %g, found %g", colors, channel, pixel, want, found)
			}
		}
	}
}
