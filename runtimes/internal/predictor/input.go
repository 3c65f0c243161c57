package predictor

import (
	"fmt"
	"strings"
)

// imageInput is a model's input: what it is called, and how an image lies in it.
type imageInput struct {
	Value
	layout   Order // NCHW or NHWC; "" for an input of rank 2 that says nothing of images
	batch    int   // 0 when dynamic
	height   int   // 0 when dynamic; 0 for an input of rank 2
	width    int   // as height
	channels int   // 0 for an input of rank 2
	features int   // of an input of rank 2, 0 when dynamic
	quant    *Quantization
	how      preprocessing
	raw      bool // a uint8 input that takes pixels as they are, or whole numbers
}

// flat reports whether the input has rank 2: rows of numbers, or flattened images.
func (in *imageInput) flat() bool { return len(in.Shape) == 2 }

// images reports whether the input takes images, as far as the file tells: rows of numbers may be anything, and
// planes may be spectrograms.
func (in *imageInput) images() bool { return len(in.Shape) == 4 || in.flat() && in.layout != "" }

// inferInput finds out how to fill an input. The quantization is what the graph says.
func inferInput(searched Value, quant *Quantization, how preprocessing) (*imageInput, error) {
	in := &imageInput{Value: searched, layout: how.layout, how: how}
	if in.Kind != "tensor" {
		return nil, fmt.Errorf("expected a tensor as input, found %s", in)
	}
	if in.Element.Size() == 0 {
		return nil, fmt.Errorf("expected an input of %s, found %s", readable, in)
	}
	if !in.HasShape || len(in.Shape) < 2 || len(in.Shape) > 4 {
		return nil, fmt.Errorf("expected an input of images or rows, such as [N,3,32,32], [N,32,32,3] or [N,64], found %s", in)
	}
	in.batch = in.Shape[0].Size
	if err := in.placeDimensions(); err != nil {
		return nil, err
	}
	if err := in.inferQuantization(quant); err != nil {
		return nil, err
	}
	return in, in.checkLists()
}

// placeDimensions decides which dimension is which.
func (in *imageInput) placeDimensions() error {
	d := in.Shape
	switch len(d) {
	case 2:
		in.features = d[1].Size
		return nil
	case 3:
		in.layout, in.height, in.width, in.channels = NHWC, d[1].Size, d[2].Size, 1
		return nil
	}
	if in.layout == "" {
		in.layout = layoutOf(d)
	}
	switch in.layout {
	case NCHW:
		in.channels, in.height, in.width = d[1].Size, d[2].Size, d[3].Size
	case NHWC:
		in.height, in.width, in.channels = d[1].Size, d[2].Size, d[3].Size
	default:
		return fmt.Errorf("expected to see from the shape where the channels are, found %s; give @Layout(@NCHW) or @Layout(@NHWC)", in)
	}
	if in.channels == 0 {
		return fmt.Errorf("expected a fixed number of channels, found %s read as %s", in, in.layout)
	}
	return nil
}

// layoutOf reads the layout from a shape of rank 4, "" when it could be either.
func layoutOf(d []Dimension) Order {
	first, last := isChannels(d[1]), isChannels(d[3])
	if !first && !last {
		// Unusual numbers of channels: height and width are mostly the same.
		first = d[2].Size > 0 && d[2] == d[3] && d[1].Size > 0
		last = d[1].Size > 0 && d[1] == d[2] && d[3].Size > 0
	}
	switch {
	case first && !last:
		return NCHW
	case last && !first:
		return NHWC
	}
	return ""
}

func isChannels(d Dimension) bool { return d.Size == 1 || d.Size == 3 }

func (in *imageInput) inferQuantization(quant *Quantization) error {
	if !in.Element.coded() {
		if in.how.inputQuant != nil {
			return fmt.Errorf("expected an int8 or uint8 input for @QuantizedInput, found %s", in)
		}
		in.raw = in.Element.whole()
		return nil
	}
	in.quant = in.how.inputQuant
	if in.quant == nil {
		in.quant = quant
	}
	if in.quant == nil && in.Element == Int8 {
		return fmt.Errorf("expected the scale and the zero point of the int8 input in the graph, found none; give @QuantizedInput(scale, zeroPoint)")
	}
	if q := in.quant; q != nil {
		if low, high := in.Element.span(); float64(q.Zero) < low || float64(q.Zero) > high {
			return fmt.Errorf("expected a zero point in %g..%g for the %s input, found %d", low, high, in.Element, q.Zero)
		}
	}
	in.raw = in.quant == nil
	return nil
}

// checkLists compares the lengths of Scale, Mean and Std with the number of channels.
func (in *imageInput) checkLists() error {
	c := &in.how
	for _, list := range []struct {
		name   string
		values []float64
	}{{"Scale", c.scale}, {"Mean", c.mean}, {"Std", c.std}} {
		n := len(list.values)
		switch {
		case n <= 1 || n == in.channels:
		case in.flat() && in.layout == "":
			return fmt.Errorf("expected one value in @%s for an input of rank 2, found %d; give @Layout too if it takes flattened images", list.name, n)
		case in.flat():
		case in.channels == 1:
			return fmt.Errorf("expected one value in @%s for an input of 1 channel, found %d", list.name, n)
		default:
			return fmt.Errorf("expected 1 or %d values in @%s, one a channel, found %d", in.channels, list.name, n)
		}
	}
	return nil
}

// describe is the setting "input" of the model's description.
func (in *imageInput) describe() string {
	layout := string(in.layout)
	switch {
	case in.flat() && layout != "":
		layout += " flattened"
	case in.flat():
		layout = "rows"
	case len(in.Shape) == 3:
		layout = "NHW"
	}
	return fmt.Sprintf("%s %s", in.Value, layout)
}

// imageText is the shape of the inputs that the model takes, as users write it: height, width,
// channels.
func (in *imageInput) imageText() string {
	if in.flat() {
		return fmt.Sprintf("%s values", Dimension{Size: in.features, Name: "any number of"})
	}
	return fmt.Sprintf("[%s, %s, %d] (height, width, channels)", Dimension{Size: in.height, Name: "any"}, Dimension{Size: in.width, Name: "any"}, in.channels)
}

// describePreprocessing is the setting "preprocess" of the model's description.
func (in *imageInput) describePreprocessing() string {
	c := &in.how
	if in.raw {
		text := "raw bytes"
		if in.Element.whole() {
			text = "whole numbers, as they are"
		}
		return text + in.describeColors()
	}
	text := "x"
	if c.scale != nil {
		text += " * " + listText(c.scale)
	}
	if c.mean != nil {
		text += " - " + listText(c.mean)
	}
	if c.std != nil {
		if c.mean != nil {
			text = "(" + text + ")"
		}
		text += " / " + listText(c.std)
	}
	if text == "x" {
		text = "none"
	}
	if in.quant != nil {
		text += fmt.Sprintf(", then %s with scale %.6g and zero point %d", in.Element, in.quant.Scale, in.quant.Zero)
	}
	return text + in.describeColors()
}

func (in *imageInput) describeColors() string {
	c := &in.how
	text := ""
	if in.channels == 3 && c.colors == BGR {
		text += ", BGR"
	}
	if in.channels == 3 && c.greyToRGB {
		text += ", grey repeated"
	}
	return text
}

func listText(values []float64) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = fmt.Sprintf("%.6g", v)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "[" + strings.Join(parts, " ") + "]"
}
