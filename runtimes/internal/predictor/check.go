package predictor

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/input"
)

// fewestLevels is how many values an integer input must tell apart for a search to make sense.
const fewestLevels = 8

// CheckInput tells why the model cannot take an input of this shape, domain and these parts: what it expects, what
// it found and, where one helps, the option to give.
func (m *Model) CheckInput(in input.Input) error {
	one, err := m.form(in)
	if err != nil {
		return m.errorf("%w", err)
	}
	s, err := m.set(one)
	switch {
	case err != nil:
	case s == nil:
		err = m.input.check(one, m.encoder)
	default:
		if err = s.check(one); err == nil {
			err = m.checkUnused(in, s, false)
		}
	}
	if err == nil {
		err = m.checkMade(in)
	}
	if err != nil {
		return m.errorf("%w", err)
	}
	return nil
}

// takes tells why the model cannot be run on an input, whatever its domain.
func (m *Model) takes(in input.Input) error {
	one, err := m.form(in)
	if err != nil {
		return err
	}
	s, err := m.set(one)
	switch {
	case err != nil:
		return err
	case s != nil:
		return m.checkUnusedOnce(in, s)
	case !m.input.accepts(one):
		return m.input.check(one, m.encoder)
	}
	return nil
}

// check tells why an input, or a part of one, does not fit.
func (in *imageInput) check(one input.Input, e encoder) error {
	if !in.accepts(one) {
		return fmt.Errorf("expected an input of %s, found %s%s", in.imageText(), foundText(one), in.shapeHint(one))
	}
	if g := in.how.preset; g != nil && !g.fits(one) {
		return fmt.Errorf("expected an image of %d x %d pixels, the size of %s, found %s; prepare the seeds with generators.Prepared(seeds, preset.Geometry())", g.Height, g.Width, g.name, foundText(one))
	}
	return in.checkDomains(one, e)
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
func (spec *imageInput) accepts(in input.Input) bool {
	h, w, c, isImage := planes(in)
	if spec.flat() {
		if isImage && c > 1 && spec.layout == "" {
			return false
		}
		if isImage && spec.how.lists() > 1 && c != spec.how.lists() {
			return false
		}
		return (isImage || len(in.Shape) == 1) && (spec.features == 0 || len(in.Data) == spec.features)
	}
	return isImage && (spec.height == 0 || h == spec.height) && (spec.width == 0 || w == spec.width) &&
		(c == spec.channels || (c == 1 && spec.channels == 3 && spec.how.greyToRGB)) && h*w*c == len(in.Data)
}

// foundText is the shape of an input, and of a row what its columns are.
func foundText(in input.Input) string {
	if in.Kind != input.Row || len(in.Shape) != 1 || len(in.Data) == 0 || in.ColumnAt(0).Name == "" {
		return fmt.Sprint(in.Shape)
	}
	const most = 12
	names := make([]string, min(most, len(in.Data)))
	for i := range names {
		names[i] = in.ColumnAt(i).Name
	}
	text := strings.Join(names, ", ")
	if more := len(in.Data) - len(names); more > 0 {
		text += fmt.Sprintf(", %d more", more)
	}
	return fmt.Sprintf("the %d columns %s", len(in.Data), text)
}

func (spec *imageInput) shapeHint(in input.Input) string {
	h, w, c, isImage := planes(in)
	switch {
	case in.Kind == input.Row && spec.flat() && len(in.Data) > spec.features && in.ColumnAt(0).Name != "":
		return "; table.Without leaves out a column that is no input, table.Label takes one as the true class"
	case in.Kind == input.Signal && len(in.Shape) == 1 && spec.flat():
		return "; signal.Samples crops sounds, or pads them, to a length"
	case in.Kind == input.Signal && len(in.Shape) == 1:
		return "; @Preprocess has a function make of a signal what the model takes"
	case spec.flat() && isImage && h*w*c == spec.features && spec.layout == "":
		return "; give @Layout(@NCHW) or @Layout(@NHWC), the order in which this model flattens images"
	case spec.flat() && isImage && spec.how.lists() > 1 && c != spec.how.lists():
		return fmt.Sprintf("; @Mean, @Std or @Scale have %d values, one a channel", spec.how.lists())
	case !isImage || spec.flat():
		return ""
	case spec.how.layout == NCHW && slices.Equal([]int{h, w, c}, []int{spec.channels, spec.height, spec.width}),
		spec.how.layout == NHWC && slices.Equal([]int{c, h, w}, []int{spec.height, spec.width, spec.channels}):
		return "; is the order that @Layout gives right?"
	case slices.Equal([]int{h, w, c}, []int{spec.channels, spec.height, spec.width}):
		return "; inputs have their channels last, as [height, width, channels]"
	case c == 1 && spec.channels == 3:
		return "; give @GreyToRGB() to repeat the grey channel"
	case c == 3 && spec.channels == 1:
		return "; the model takes grey images: make the inputs grey"
	case c == spec.channels && spec.how.preset != nil:
		return "; prepare the seeds with generators.Prepared(seeds, preset.Geometry())"
	case c == spec.channels:
		return "; resize the inputs, the model does not"
	}
	return ""
}

// checkDomains looks at every domain of the values.
func (spec *imageInput) checkDomains(in input.Input, e encoder) error {
	if in.Uniform() {
		return spec.checkDomain(in.Domain, e)
	}
	var seen []input.Domain
	for i := range in.Data {
		d := in.DomainAt(i)
		if slices.Contains(seen, d) {
			continue
		}
		if seen = append(seen, d); len(seen) > mostDomains {
			seen = seen[:0]
		}
		if err := spec.checkWhole(d); err != nil {
			return fmt.Errorf("value %d: %w", i, err)
		}
	}
	if spec.raw {
		return nil
	}
	return spec.checkDomain(in.Domain, e)
}

// mostDomains is how many domains are remembered as looked at.
const mostDomains = 64

// checkWhole tells why an input that takes values as they are does not take those of the domain.
func (spec *imageInput) checkWhole(d input.Domain) error {
	if spec.raw && spec.Element == Uint8 && (d.Min < 0 || d.Max > 255 || d.Step == 0 || d.Step != float32(int(d.Step)) || d.Min != float32(int(d.Min))) {
		return fmt.Errorf("expected inputs of the domain %s, found %s: the uint8 input takes bytes as they are; give @QuantizedInput(scale, zeroPoint) if it stands for other values", input.Bytes, d)
	}
	if low, high := spec.Element.span(); spec.Element.whole() && (float64(d.Min) < low || float64(d.Max) > high || d.Step < 1 || d.Step != float32(math.Trunc(float64(d.Step))) || d.Min != float32(math.Trunc(float64(d.Min)))) {
		return fmt.Errorf("expected inputs of a domain of whole numbers within %.0f..%.0f, such as 0..1 step 1, found %s: the %s input takes them as they are", low, high, d, spec.Element)
	}
	return nil
}

func (spec *imageInput) checkDomain(d input.Domain, e encoder) error {
	if err := spec.checkWhole(d); err != nil {
		return err
	}
	c := &spec.how
	if c.scale != nil && !spec.raw && d.Max <= 1 && max(abs(c.scale[0]*float64(d.Max)), abs(c.scale[0]*float64(d.Min))) < 1.0/64 {
		return fmt.Errorf("expected inputs of a domain such as %s for @Scale(%.6g), found %s: inputs that are scaled already need no @Scale", input.Bytes, c.scale[0], d)
	}
	if spec.quant != nil {
		if n := e.levels(d); n < fewestLevels {
			low, high := spec.Element.span()
			return fmt.Errorf("expected the preprocessing to spread the domain %s over %.6g..%.6g, the values of an %s input with scale %.6g and zero point %d, found %d different values; change @Scale, @Mean and @Std",
				d, (low-float64(spec.quant.Zero))*spec.quant.Scale, (high-float64(spec.quant.Zero))*spec.quant.Scale, spec.Element, spec.quant.Scale, spec.quant.Zero, n)
		}
	}
	return nil
}

func abs(v float64) float64 { return max(v, -v) }
