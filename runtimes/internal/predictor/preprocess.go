package predictor

import (
	"math"
	"unsafe"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/half"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// encoder writes an input into a model's input tensor.
type encoder interface {
	// encode fills dst, which has room for exactly this input.
	encode(dst []byte, in input.Input)
	// levels is how many different values of the domain the tensor can tell apart, at most 256 tried.
	levels(d input.Domain) int
}

// newEncoder makes the encoder of an input.
func newEncoder(in *imageInput, c *preprocessing) encoder {
	f := newAffine(in, c)
	a := arrangement{
		channelsFirst: in.layout == NCHW,
		channels:      in.channels,
		reversed:      c.colors == BGR && in.channels != 1,
		alike:         len(f.factor) == 1,
	}
	switch in.Element {
	case Float16:
		return imageEncoder[uint16]{a, newTable(f, func(v float64) uint16 { return half.FromFloat32(float32(v)) })}
	case Bfloat16:
		return imageEncoder[uint16]{a, newTable(f, func(v float64) uint16 { return bfloat16FromFloat32(float32(v)) })}
	case Float64:
		return imageEncoder[float64]{a, floats[float64]{f}}
	case Int16:
		return imageEncoder[int16]{a, newWholes[int16](in.Element)}
	case Int32:
		return imageEncoder[int32]{a, newWholes[int32](in.Element)}
	case Int64:
		return imageEncoder[int64]{a, newWholes[int64](in.Element)}
	case Bool:
		return imageEncoder[uint8]{a, newWholes[uint8](in.Element)}
	case Int8, Uint8:
		return imageEncoder[uint8]{a, newTable(f, newQuantizer[uint8](in))}
	case codedInt16:
		return imageEncoder[uint16]{a, newTable(f, newQuantizer[uint16](in))}
	}
	return imageEncoder[float32]{a, floats[float32]{f}}
}

// newQuantizer rounds real values to the integers of a quantised input.
func newQuantizer[T uint8 | uint16](in *imageInput) func(float64) T {
	q := Quantization{Scale: 1}
	if in.quant != nil {
		q = *in.quant
	}
	return quantizer[T](in.Element, q)
}

// quantizer rounds real values to integers of a type, as QuantizeLinear does.
func quantizer[T uint8 | uint16](t Element, q Quantization) func(float64) T {
	low, high := t.span()
	return func(v float64) T {
		r := math.RoundToEven(v/q.Scale) + float64(q.Zero)
		r = max(low, min(high, r))
		if r != r {
			r = float64(q.Zero)
		}
		return T(int(r)) // an int8 keeps its bits
	}
}

// affine is the preprocessing as factor*x + offset, one pair for every channel or one for all.
type affine struct{ factor, offset []float64 }

// value preprocesses one raw value of a channel. The conversion of the product keeps it from being
// fused with the sum: the result is the same on every machine.
func (a affine) value(channel int, raw float32) float64 {
	channel = min(channel, len(a.factor)-1)
	return float64(float64(raw)*a.factor[channel]) + a.offset[channel]
}

func newAffine(in *imageInput, c *preprocessing) affine {
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
	alike         bool // all channels are preprocessed alike
}

// element is what a tensor is made of: numbers, the bits of 16-bit floating-point numbers, or bool as 0 and 1.
type element interface {
	float32 | float64 | uint16 | uint8 | int16 | int32 | int64
}

// filler preprocesses the values of one channel: dst[first], dst[first+stride] … get what becomes of
// src[from], src[from+step] …
type filler[T element] interface {
	fill(dst []T, first, stride int, src []float32, from, step, channel int)
}

// imageEncoder arranges what a filler makes.
type imageEncoder[T element] struct {
	arrangement
	filler[T]
}

func (e imageEncoder[T]) encode(dst []byte, in input.Input) {
	out := elements[T](dst)
	_, _, seen, ok := planes(in)
	if !ok { // a row
		seen = 1
	}
	channels := e.channels
	if channels == 0 {
		channels = seen
	}
	if channels == 1 || (e.alike && !e.channelsFirst && !e.reversed && seen == channels) {
		e.fill(out, 0, 1, in.Data, 0, 1, 0)
		return
	}
	pixels := len(in.Data) / seen
	if apart, ok := any(e.filler).(floats[float32]); ok && e.channelsFirst && channels == 3 && seen == 3 {
		apart.fillPlanes(elements[float32](dst), in.Data, e.reversed)
		return
	}
	for c := range channels {
		from := c
		switch {
		case seen == 1: // grey for all
			from = 0
		case e.reversed:
			from = channels - 1 - c
		}
		if e.channelsFirst {
			e.fill(out[c*pixels:(c+1)*pixels], 0, 1, in.Data, from, seen, c)
		} else {
			e.fill(out, c, channels, in.Data, from, seen, c)
		}
	}
}

func (e imageEncoder[T]) levels(d input.Domain) int {
	seen := map[T]bool{}
	var one [1]T
	for i := range 256 {
		e.fill(one[:], 0, 1, []float32{d.Snap(d.Min + float32(i)/255*d.Range())}, 0, 1, 0)
		seen[one[0]] = true
	}
	return len(seen)
}

// floats computes every value, which is faster than to look it up.
type floats[T float32 | float64] struct{ affine }

func (f floats[T]) fill(dst []T, first, stride int, src []float32, from, step, channel int) {
	channel = min(channel, len(f.factor)-1)
	factor, offset := f.factor[channel], f.offset[channel]
	if stride == 1 && step == 1 {
		if single, ok := any(dst).([]float32); ok {
			vec.Affine(single, src[:len(dst)], factor, offset)
			return
		}
		for i, v := range src[:len(dst)] {
			dst[i] = T(float64(float64(v)*factor) + offset)
		}
		return
	}
	for i := first; i < len(dst); i += stride {
		dst[i] = T(float64(float64(src[from])*factor) + offset)
		from += step
	}
}

// fillPlanes fills the planes of all three channels of pixels at once.
func (f floats[T]) fillPlanes(dst, src []float32, reversed bool) {
	pixels := len(src) / 3
	var planes [3][]float32
	var factor, offset [3]float64
	for c := range 3 {
		from := c
		if reversed {
			from = 2 - c
		}
		at := min(c, len(f.factor)-1)
		planes[from], factor[from], offset[from] = dst[c*pixels:(c+1)*pixels], f.factor[at], f.offset[at]
	}
	vec.AffinePlanes(&planes, src, &factor, &offset)
}

// wholes takes values as they are: whole numbers, as the domain of the inputs promises. What is none is rounded.
type wholes[T int16 | int32 | int64 | uint8] struct{ low, high float64 }

func newWholes[T int16 | int32 | int64 | uint8](t Element) wholes[T] {
	low, high := t.span()
	return wholes[T]{low, high}
}

func (w wholes[T]) fill(dst []T, first, stride int, src []float32, from, step, _ int) {
	for i := first; i < len(dst); i += stride {
		v := math.RoundToEven(float64(src[from]))
		if v != v {
			v = 0
		}
		dst[i] = T(max(w.low, min(w.high, v)))
		from += step
	}
}

// table looks the 256 values of a byte up, and computes all others.
type table[T uint16 | uint8] struct {
	affine
	finish func(float64) T
	of     [][256]T // one for every channel, or one for all
	plus   []int    // of each of them, what it adds to every byte, where it does no more than that; else -1
}

func newTable[T uint16 | uint8](f affine, finish func(float64) T) *table[T] {
	t := &table[T]{affine: f, finish: finish, of: make([][256]T, len(f.factor))}
	for c := range t.of {
		for v := range 256 {
			t.of[c][v] = finish(f.value(c, float32(v)))
		}
		t.plus = append(t.plus, addition(&t.of[c]))
	}
	return t
}

// addition is what a table of bytes adds to every value, as bytes wrap; -1 for a table that is no such one. That of an image whose
// scale the input has too is one, as of most models of whole numbers alone.
func addition[T uint16 | uint8](of *[256]T) int {
	bytes, ok := any(of).(*[256]uint8)
	if !ok {
		return -1
	}
	for v, to := range bytes {
		if to != uint8(v)+bytes[0] {
			return -1
		}
	}
	return int(bytes[0])
}

func (t *table[T]) fill(dst []T, first, stride int, src []float32, from, step, channel int) {
	at := min(channel, len(t.of)-1)
	if bytes, ok := any(dst).([]uint8); ok && stride == 1 && step == 1 && t.plus[at] >= 0 {
		if vec.BytesPlus(bytes, src[from:][:len(bytes)], uint8(t.plus[at])) {
			return
		}
	}
	known := &t.of[at]
	for i := first; i < len(dst); i += stride {
		v := src[from]
		if k := int32(v); uint32(k) < 256 && float32(k) == v {
			dst[i] = known[uint8(k)]
		} else {
			dst[i] = t.finish(t.value(channel, v))
		}
		from += step
	}
}

// elements sees the memory of a tensor as its elements.
func elements[T element](b []byte) []T {
	var one T
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/int(unsafe.Sizeof(one)))
}
