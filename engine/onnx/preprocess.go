package onnx

import (
	"math"
	"unsafe"

	"github.com/triggerfinder/triggerfinder/engine"
)

// encoder writes an input into a model's input tensor.
type encoder interface {
	// encode fills dst, which has room for exactly this input.
	encode(dst []byte, in engine.Input)
	// levels is how many different values of the domain the tensor can tell apart, at most 256 tried.
	levels(d engine.Domain) int
}

// newEncoder makes the encoder of an input.
func newEncoder(in *imageInput, c *config) encoder {
	a := newAffine(in, c)
	e := arrangement{
		channelsFirst: in.layout == NCHW,
		channels:      in.channels,
		reversed:      c.colors == BGR && in.channels != 1,
	}
	switch in.element {
	case float16Type:
		return newTableEncoder(e, a, func(v float64) uint16 { return float16FromFloat32(float32(v)) })
	case float64Type:
		return newTableEncoder(e, a, func(v float64) float64 { return v })
	case int8Type, uint8Type:
		return newTableEncoder(e, a, newQuantizer(in))
	}
	return newTableEncoder(e, a, func(v float64) float32 { return float32(v) })
}

// newQuantizer rounds real values to the integers of an 8-bit input, as QuantizeLinear does.
func newQuantizer(in *imageInput) func(float64) uint8 {
	q := quantization{scale: 1}
	if in.quant != nil {
		q = *in.quant
	}
	low, high := byteRange(in.element)
	return func(v float64) uint8 {
		r := math.RoundToEven(v/q.scale) + float64(q.zero)
		r = max(low, min(high, r))
		if r != r {
			r = float64(q.zero)
		}
		return uint8(int(r)) // an int8 keeps its bits
	}
}

// affine is the preprocessing as factor*x + offset, one pair for every channel or one for all.
type affine struct{ factor, offset []float64 }

func newAffine(in *imageInput, c *config) affine {
	if in.raw {
		return affine{factor: []float64{1}, offset: []float64{0}}
	}
	n := max(1, len(c.scale), len(c.mean), len(c.std))
	a := affine{factor: make([]float64, n), offset: make([]float64, n)}
	for i := range n {
		std := at(c.std, i, 1)
		a.factor[i] = at(c.scale, i, 1) / std
		a.offset[i] = -at(c.mean, i, 0) / std
	}
	return a
}

func at(values []float64, i int, otherwise float64) float64 {
	switch {
	case len(values) == 0:
		return otherwise
	case len(values) == 1:
		return values[0]
	}
	return values[i]
}

// arrangement says where the values of an image go.
type arrangement struct {
	channelsFirst bool
	channels      int  // of the model; 0 takes the input's
	reversed      bool // the model's channels are in reverse order
}

// element is what a tensor is made of: float32, float64, float16 bits or 8-bit integers.
type element interface {
	float32 | float64 | uint16 | uint8
}

// tableEncoder looks the 256 values of a byte up in a table a channel, and computes all others.
type tableEncoder[T element] struct {
	arrangement
	affine
	finish func(float64) T
	tables [][256]T // one for every channel, or one for all
}

func newTableEncoder[T element](a arrangement, f affine, finish func(float64) T) *tableEncoder[T] {
	e := &tableEncoder[T]{arrangement: a, affine: f, finish: finish, tables: make([][256]T, len(f.factor))}
	for c := range e.tables {
		for v := range 256 {
			e.tables[c][v] = e.value(c, float32(v))
		}
	}
	return e
}

func (e *tableEncoder[T]) value(channel int, raw float32) T {
	// The conversion of the product keeps it from being fused with the sum: the same on every machine.
	return e.finish(float64(float64(raw)*e.factor[channel]) + e.offset[channel])
}

func (e *tableEncoder[T]) encode(dst []byte, in engine.Input) {
	out := elements[T](dst)
	_, _, seen, ok := in.ImageSize()
	if !ok { // a row
		e.fill(out, 0, 1, in.Data, 0, 1, 0)
		return
	}
	channels := e.channels
	if channels == 0 {
		channels = seen
	}
	pixels := len(in.Data) / seen
	if channels == 1 || (len(e.tables) == 1 && !e.channelsFirst && !e.reversed && seen == channels) {
		e.fill(out, 0, 1, in.Data, 0, 1, 0)
		return
	}
	for c := range channels {
		from := c
		if e.reversed {
			from = channels - 1 - c
		}
		if seen == 1 { // grey for all
			from = 0
		}
		if e.channelsFirst {
			e.fill(out[c*pixels:(c+1)*pixels], 0, 1, in.Data, from, seen, min(c, len(e.tables)-1))
		} else {
			e.fill(out, c, channels, in.Data, from, seen, min(c, len(e.tables)-1))
		}
	}
}

// fill writes every stride-th element of dst from every step-th of src.
func (e *tableEncoder[T]) fill(dst []T, first, stride int, src []float32, from, step, channel int) {
	table := &e.tables[channel]
	if stride == 1 && step == 1 {
		src = src[from:]
		for i, v := range src[:len(dst)] {
			if k := int32(v); uint32(k) < 256 && float32(k) == v {
				dst[i] = table[uint8(k)]
			} else {
				dst[i] = e.value(channel, v)
			}
		}
		return
	}
	for i := first; i < len(dst); i += stride {
		v := src[from]
		if k := int32(v); uint32(k) < 256 && float32(k) == v {
			dst[i] = table[uint8(k)]
		} else {
			dst[i] = e.value(channel, v)
		}
		from += step
	}
}

func (e *tableEncoder[T]) levels(d engine.Domain) int {
	seen := map[T]bool{}
	for i := range 256 {
		seen[e.value(0, d.Snap(d.Min+float32(i)/255*d.Range()))] = true
	}
	return len(seen)
}

// elements sees the memory of a tensor as its elements.
func elements[T element](b []byte) []T {
	var one T
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/int(unsafe.Sizeof(one)))
}
