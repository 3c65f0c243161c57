package onnx

import (
	"fmt"
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/input"
)

// fewestLevels is how many values an integer input must tell apart for a search to make sense.
const fewestLevels = 8

// CheckInput tells why the model cannot take an input of this shape and domain: what it expects, what
// it found and, where one helps, the option to give.
func (m *Model) CheckInput(in input.Input) error {
	if !m.accepts(in) {
		return m.errorf("expected an input of %s, found %v%s", m.input.imageText(), in.Shape, m.shapeHint(in))
	}
	return m.checkDomain(in.Domain)
}

// planes are height, width and channels of an input in the order that images have; whatever its kind, it is the shape that a
// model takes. It is false for arrays of another rank.
func planes(in input.Input) (height, width, channels int, ok bool) {
	switch len(in.Shape) {
	case 2:
		return in.Shape[0], in.Shape[1], 1, true
	case 3:
		return in.Shape[0], in.Shape[1], in.Shape[2], true
	}
	return 0, 0, 0, false
}

// accepts reports whether the shape fits.
func (m *Model) accepts(in input.Input) bool {
	h, w, c, isImage := planes(in)
	spec := m.input
	if spec.flat() {
		if isImage && c > 1 && spec.layout == "" {
			return false
		}
		if isImage && len(m.lists) > 1 && c != len(m.lists) {
			return false
		}
		return (isImage || len(in.Shape) == 1) && (spec.features == 0 || len(in.Data) == spec.features)
	}
	return isImage && (spec.height == 0 || h == spec.height) && (spec.width == 0 || w == spec.width) &&
		(c == spec.channels || (c == 1 && spec.channels == 3 && m.config.greyToRGB)) && h*w*c == len(in.Data)
}

func (m *Model) shapeHint(in input.Input) string {
	h, w, c, isImage := planes(in)
	spec := m.input
	switch {
	case spec.flat() && isImage && h*w*c == spec.features && spec.layout == "":
		return "; give onnx.Layout(onnx.NCHW) or onnx.Layout(onnx.NHWC), the order in which this model flattens images"
	case spec.flat() && isImage && len(m.lists) > 1 && c != len(m.lists):
		return fmt.Sprintf("; onnx.Mean, onnx.Std or onnx.Scale have %d values, one a channel", len(m.lists))
	case !isImage || spec.flat():
		return ""
	case m.config.layout == NCHW && slices.Equal([]int{h, w, c}, []int{spec.channels, spec.height, spec.width}),
		m.config.layout == NHWC && slices.Equal([]int{c, h, w}, []int{spec.height, spec.width, spec.channels}):
		return "; is the order that onnx.Layout gives right?"
	case slices.Equal([]int{h, w, c}, []int{spec.channels, spec.height, spec.width}):
		return "; inputs have their channels last, as [height, width, channels]"
	case c == 1 && spec.channels == 3:
		return "; give onnx.GreyToRGB() to repeat the grey channel"
	case c == 3 && spec.channels == 1:
		return "; the model takes grey images: make the inputs grey"
	case c == spec.channels:
		return "; resize the inputs, the model does not"
	}
	return ""
}

func (m *Model) checkDomain(d input.Domain) error {
	spec, c := m.input, m.config
	if spec.raw && spec.element == uint8Type && (d.Min < 0 || d.Max > 255 || d.Step == 0 || d.Step != float32(int(d.Step)) || d.Min != float32(int(d.Min))) {
		return m.errorf("expected inputs of the domain %s, found %s: the uint8 input takes bytes as they are; give onnx.QuantizedInput(scale, zeroPoint) if it stands for other values", input.Bytes, d)
	}
	if low, high := spec.element.span(); spec.element.whole() && (float64(d.Min) < low || float64(d.Max) > high || d.Step < 1 || d.Step != float32(math.Trunc(float64(d.Step))) || d.Min != float32(math.Trunc(float64(d.Min)))) {
		return m.errorf("expected inputs of a domain of whole numbers within %.0f..%.0f, such as 0..1 step 1, found %s: the %s input takes them as they are", low, high, d, spec.element)
	}
	if c.scale != nil && !spec.raw && d.Max <= 1 && max(abs(c.scale[0]*float64(d.Max)), abs(c.scale[0]*float64(d.Min))) < 1.0/64 {
		return m.errorf("expected inputs of a domain such as %s for onnx.Scale(%.6g), found %s: inputs that are scaled already need no onnx.Scale", input.Bytes, c.scale[0], d)
	}
	if spec.quant != nil {
		if n := m.encoder.levels(d); n < fewestLevels {
			low, high := byteRange(spec.element)
			return m.errorf("expected the preprocessing to spread the domain %s over %.6g..%.6g, the values of an %s input with scale %.6g and zero point %d, found %d different values; change onnx.Scale, onnx.Mean and onnx.Std",
				d, (low-float64(spec.quant.zero))*spec.quant.scale, (high-float64(spec.quant.zero))*spec.quant.scale, spec.element, spec.quant.scale, spec.quant.zero, n)
		}
	}
	return nil
}

func abs(v float64) float64 { return max(v, -v) }
