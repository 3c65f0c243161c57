package input

import (
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// Packed is an input that waits, in less memory where it can: values that are whole numbers in 0..255, as those of images are, take
// a byte each instead of four. What it gives back is the input to the last bit. It is safe for concurrent use.
type Packed struct {
	in    Input // without Data
	bytes []uint8
	data  []float32 // where bytes do not hold the values
}

// Pack packs an input. Values that no bytes hold stay where they are, in the input's memory.
func Pack(in Input) Packed {
	p := Packed{in: in}
	p.in.Data = nil
	for _, v := range in.Data {
		if math.Float32bits(v) != math.Float32bits(float32(uint8(v))) {
			p.data = in.Data
			return p
		}
	}
	p.bytes = make([]uint8, len(in.Data))
	for i, v := range in.Data {
		p.bytes[i] = uint8(v)
	}
	return p
}

// Len is the number of values.
func (p *Packed) Len() int { return len(p.bytes) + len(p.data) }

// Size is how many bytes of memory the values take.
func (p *Packed) Size() int { return len(p.bytes) + 4*len(p.data) }

// At is value i.
func (p *Packed) At(i int) float32 {
	if p.data != nil {
		return p.data[i]
	}
	return float32(p.bytes[i])
}

// Unpack is the input. Its Data is memory of its own, or that of the input that was packed, which is not to be changed.
func (p *Packed) Unpack() Input { return p.UnpackInto(nil) }

// UnpackInto is Unpack with Data in the room, as far as that is large enough.
func (p *Packed) UnpackInto(room []float32) Input {
	in := p.in
	if in.Data = p.data; p.data == nil {
		in.Data = slices.Grow(room[:0], len(p.bytes))[:len(p.bytes)]
		vec.BytesToFloats(in.Data, p.bytes)
	}
	return in
}

// UnpackPart writes the values from the one with index first on into dst.
func (p *Packed) UnpackPart(dst []float32, first int) {
	if p.data != nil {
		copy(dst, p.data[first:first+len(dst)])
		return
	}
	vec.BytesToFloats(dst, p.bytes[first:first+len(dst)])
}

// LikeSearched is [Input.LikeSearched] of the input.
func (p *Packed) LikeSearched(other Input) bool {
	if p.Len() != len(other.Data) {
		return false
	}
	other.Data = nil
	return p.in.LikeSearched(other)
}

// SameData reports whether the input has the values of another one.
func (p *Packed) SameData(other Input) bool {
	if p.data != nil || len(p.bytes) != len(other.Data) {
		return slices.Equal(p.data, other.Data)
	}
	for i, b := range p.bytes {
		if float32(b) != other.Data[i] {
			return false
		}
	}
	return true
}
