package input

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// Domain is the set of values that one element of an input may take: the interval [Min, Max],
// and, when Step is positive, only Min, Min+Step, Min+2*Step … inside it.
type Domain struct {
	Min  float32 `json:"min"`
	Max  float32 `json:"max"`
	Step float32 `json:"step"` // 0 means that every value of the interval is allowed
}

// Bytes is the domain of 8-bit images and of every other uint8 input: 0, 1, … 255.
var Bytes = Domain{Min: 0, Max: 255, Step: 1}

// Snap returns the value of the domain nearest to v; ties go up. NaN becomes Min.
func (d Domain) Snap(v float32) float32 {
	switch {
	case !(v > d.Min):
		return d.Min
	case v >= d.Max:
		return d.Max
	case d.Step <= 0:
		return v
	case d == Bytes: // the same in fewer steps
		return float32(int32(float64(v) + 0.5))
	}
	n := float32(math.Floor(float64((v-d.Min)/d.Step) + 0.5))
	return min(d.Min+n*d.Step, d.Max)
}

// Contains reports whether v is a value of the domain.
func (d Domain) Contains(v float32) bool { return d.Snap(v) == v }

// holds reports whether all are values of the domain.
func (d Domain) holds(values []float32) bool {
	whole := d.Whole()
	for _, v := range values {
		if whole && v >= d.Min && v <= d.Max && v == float32(int32(v)) {
			continue // nearly all are
		}
		if !d.Contains(v) {
			return false
		}
	}
	return true
}

// Range is Max - Min.
func (d Domain) Range() float32 { return d.Max - d.Min }

// String describes the domain, such as "0..255 step 1".
func (d Domain) String() string {
	if d.Step > 0 {
		return fmt.Sprintf("%g..%g step %g", d.Min, d.Max, d.Step)
	}
	return fmt.Sprintf("%g..%g", d.Min, d.Max)
}

// Whole reports whether the domain's values are whole numbers. Nearly all inputs are bytes, for which it is a waste to
// divide by the step.
func (d Domain) Whole() bool {
	return d.Step == 1 && d.Min == float32(int32(d.Min)) && d.Range() < 1<<23
}

// Grain is the smallest change of a value that models may tell: a step, or what float32 holds of the domain's largest
// values where every value is allowed.
func (d Domain) Grain() float32 {
	if d.Step > 0 {
		return d.Step
	}
	return max(-d.Min, d.Max) * 0x1p-24
}

// Beside are the next value below s, and the next one above; s itself at the ends of the domain.
func (d Domain) Beside(s float32) [2]float32 {
	down, up := s-d.Grain(), s+d.Grain()
	if d.Step <= 0 { // the grain is lost in rounding next to large values
		down, up = min(down, math.Nextafter32(s, d.Min)), max(up, math.Nextafter32(s, d.Max))
	}
	return [2]float32{min(d.Snap(down), s), max(d.Snap(up), s)}
}

func (d Domain) validate() error {
	if !(d.Max > d.Min) || d.Step < 0 || math.IsInf(float64(d.Range()), 0) || d.Step != d.Step {
		return fmt.Errorf("domain %s: expected finite Min < Max and Step >= 0", d)
	}
	return nil
}

// Input is one raw input of both models, before either model's own preprocessing: an image, a piece of audio, a row of a
// table. Data is in row-major order. Images have the shape [height, width, channels] (HWC), with grey images as
// [height, width, 1] and colour in RGB order.
//
// An input of several named arrays is a set of parts, see [Join]: Data holds the values that a search may change.
type Input struct {
	Shape  []int
	Data   []float32
	Domain Domain
	Kind   Kind
	Layout *Layout // nil for one part whose values all have the Domain
}

// NewImage returns an 8-bit image of the given height, width and number of channels. Pixels are
// row-major HWC; they are copied.
func NewImage(height, width, channels int, pixels []uint8) (Input, error) {
	in := Input{Shape: []int{height, width, channels}, Domain: Bytes, Kind: Image}
	if height < 1 || width < 1 || channels < 1 || height*width*channels != len(pixels) {
		return Input{}, fmt.Errorf("input: image %dx%dx%d: expected %d pixel values, found %d",
			height, width, channels, height*width*channels, len(pixels))
	}
	in.Data = make([]float32, len(pixels))
	for i, p := range pixels {
		in.Data[i] = float32(p)
	}
	return in, nil
}

// Validate reports what is wrong with the input: a shape that does not fit the data, an impossible
// domain, or a value outside it.
func (in Input) Validate() error {
	n := 1
	for _, d := range in.Shape {
		if d < 1 {
			return fmt.Errorf("shape %v: expected every dimension to be at least 1", in.Shape)
		}
		if n > math.MaxInt/d {
			return fmt.Errorf("shape %v: expected %d values, found more than can be counted", in.Shape, len(in.Data))
		}
		n *= d
	}
	if len(in.Shape) == 0 || n != len(in.Data) {
		return fmt.Errorf("shape %v: expected %d values, found %d", in.Shape, n, len(in.Data))
	}
	if err := in.Domain.validate(); err != nil {
		return err
	}
	if in.Kind != Other {
		if kind, err := ParseKind(string(in.Kind)); err != nil {
			return fmt.Errorf("kind: %w", err)
		} else if kind == Other {
			return fmt.Errorf("kind %q: expected the kind Other, which is the empty string", string(in.Kind))
		}
	}
	if _, _, _, ok := in.ImageSize(); in.Kind == Image && !ok {
		return fmt.Errorf("shape %v: expected that of an image, [height width channels] or [height width]", in.Shape)
	}
	if err := in.Layout.validate(len(in.Data)); err != nil {
		return err
	}
	for i, c := range in.columns() {
		if d, n := in.DomainAt(i), len(c.Categories); n > 0 && (d.Step <= 0 || n != int(math.Round(float64(d.Range()/d.Step)))+1) {
			return fmt.Errorf("column %q: expected a domain of %d categories, such as 0..%d step 1, found %s", c.Name, n, n-1, d)
		}
	}
	if in.Uniform() && in.Domain.holds(in.Data) {
		return nil
	}
	for i, v := range in.Data {
		if d := in.DomainAt(i); !d.Contains(v) {
			if name := in.ColumnAt(i).Name; name != "" {
				return fmt.Errorf("column %q: value %g: expected a value of the domain %s", name, v, d)
			}
			return fmt.Errorf("value %g at index %d: expected a value of the domain %s", v, i, d)
		}
	}
	return nil
}

// Clone returns a deep copy.
func (in Input) Clone() Input {
	in.Shape, in.Data = slices.Clone(in.Shape), slices.Clone(in.Data)
	return in
}

// ImageSize returns height, width and channels of an input of the kind [Image]; it is false for other kinds.
func (in Input) ImageSize() (height, width, channels int, ok bool) {
	switch {
	case in.Kind != Image:
	case len(in.Shape) == 2:
		return in.Shape[0], in.Shape[1], 1, true
	case len(in.Shape) == 3:
		return in.Shape[0], in.Shape[1], in.Shape[2], true
	}
	return 0, 0, 0, false
}

// ID is the first 16 hexadecimal digits of the SHA-256 of shape, domain and data: the same input
// has the same ID in every run and on every machine. The kind and what values are called are no part of it; domains that differ and the parts of a set are.
func (in Input) ID() string { return IDOf(in.Sum()) }

// IDOf is the [Input.ID] of the input with that [Input.Sum].
func IDOf(sum [sha256.Size]byte) string { return hex.EncodeToString(sum[:8]) }

// Sum is the hash of which [Input.ID] is the beginning.
func (in Input) Sum() [sha256.Size]byte {
	sum := sha256.New()
	buf := make([]byte, 0, 256)
	for _, d := range in.Shape {
		buf = binary.LittleEndian.AppendUint32(buf, uint32(d))
	}
	for _, v := range [...]float32{in.Domain.Min, in.Domain.Max, in.Domain.Step} {
		buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
	}
	sum.Write(buf)
	if memory := vec.LittleEndian(in.Data); memory != nil || len(in.Data) == 0 {
		sum.Write(memory)
	} else {
		binary.Write(sum, binary.LittleEndian, in.Data)
	}
	sum.Write(in.Layout.append(buf[:0]))
	return [sha256.Size]byte(sum.Sum(buf[:0]))
}

// String is short on purpose: inputs stand in failure messages.
func (in Input) String() string {
	what := "input"
	if in.Kind != Other {
		what = string(in.Kind)
	}
	if in.Kind == Other && len(in.parts()) > 0 { // what is not the same for all of it is said of each part
		var parts []string
		for _, p := range in.parts() {
			if !p.Fixed {
				parts = append(parts, fmt.Sprintf("%q (%s %v)", p.Name, p.Kind, p.Shape))
			}
		}
		if len(parts) > 1 {
			return fmt.Sprintf("set of the searched parts %s, %s", strings.Join(parts, ", "), in.Domain)
		}
	}
	if n := len(in.parts()); n > 0 {
		what += fmt.Sprintf(" in a set of %d parts", n)
	}
	return fmt.Sprintf("%s %v, %s", what, in.Shape, in.Domain)
}
