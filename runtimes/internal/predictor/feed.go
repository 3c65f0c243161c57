package predictor

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
)

// Fixed gives an input of the model that is not searched the same numbers in every run. One value fills the whole tensor; more are those of
// one input of the search, repeated for each of a run. The shape is the file's; what is open still follows from the number of values.
func Fixed[S any](name string, values ...float64) Option[S] {
	return feedOption[S](&feed{target: name, option: "Fixed", values: slices.Clone(values)})
}

// Feed gives an input of the model the part of that name, of inputs that are sets of parts (see [input.Join]).
func Feed[S any](target, part string) Option[S] {
	return feedOption[S](&feed{target: target, option: "Feed", part: part})
}

// feed is how options say that an input of the model gets its numbers.
type feed struct {
	target string // the name of the model's input
	option string
	part   string // of Feed
	values []float64
	maker  *maker // nil for fixed values
	slot   int    // of its tensor among those of the maker
	output string // of State: where its next values come from
	own    bool   // for one side of a pair
}

func feedOption[S any](f *feed) Option[S] {
	return shared[S](func(c *config) error {
		if f.target == "" {
			return fmt.Errorf(`option %s: expected the name of an input of the model, found ""`, f.option)
		}
		if f.option == "Made" && f.maker == nil {
			return fmt.Errorf("option Made: expected a function that makes %q, found nil", f.target)
		}
		if f.option == "Feed" && f.part == "" {
			return fmt.Errorf(`option Feed(%q): expected the name of a part, found ""`, f.target)
		}
		return c.addFeed(*f)
	})
}

// addFeed adds what feeds an input of the model, once for each.
func (c *config) addFeed(f feed) error {
	f.own = c.own
	at := slices.IndexFunc(c.feeds, func(g feed) bool { return g.target == f.target })
	switch {
	case at < 0:
		c.feeds = append(c.feeds, f)
	case c.feeds[at].own != c.own:
		c.feeds[at] = f
	case f.target == "":
		return errors.New("option Preprocess: expected one without names, found two")
	default:
		return fmt.Errorf("option %s: expected one option for the input %q, found @%s too", f.option, f.target, c.feeds[at].option)
	}
	return nil
}

// given is an input of the model that is fixed or made.
type given struct {
	Value
	feed
	batchAt int           // the dimension that counts inputs; -1 when there is none
	quant   *Quantization // by which numbers become elements; nil for elements as they are, see [Graph]
}

// checkNumbers says which number the input cannot hold.
func (o *given) checkNumbers(values []float64) error {
	if o.quant != nil {
		return Float64.checkNumbers(values)
	}
	return o.Element.checkNumbers(values)
}

// feeding splits the inputs of the graph into those that take what is searched, or parts of it, and those that options fill.
func feeding(g *Graph, c *config, unread []string) (searched []fed, others []*given, err error) {
	named := func(target string) bool {
		return slices.ContainsFunc(g.Inputs, func(v Value) bool { return v.Name == target })
	}
	if err := c.resolve(g); err != nil {
		return nil, nil, err
	}
	for _, f := range c.feeds {
		if !named(f.target) && !slices.Contains(unread, f.target) {
			return nil, nil, noSuchInput(g, f.target, f.option)
		}
	}
	for target := range c.apart {
		if !named(target) && !slices.Contains(unread, target) {
			return nil, nil, noSuchInput(g, target, "For")
		}
	}
	for _, v := range g.Inputs {
		f := fed{Value: v, quant: g.inputQuantization(v.Name)}
		how, apart := c.apart[v.Name]
		at := slices.IndexFunc(c.feeds, func(f feed) bool { return f.target == v.Name })
		switch {
		case at >= 0 && c.feeds[at].part == "" && apart:
			return nil, nil, fmt.Errorf("expected @For(%q) for an input that takes what is searched, or a part of it, found that @%s feeds it", v.Name, c.feeds[at].option)
		case apart && v.Element.whole() && (how.affine() || how.inputQuant != nil):
			return nil, nil, fmt.Errorf("expected no @Scale, @Mean, @Std and @QuantizedInput in @For for an input that takes whole numbers as they are, found them for %s", v)
		case at >= 0 && c.feeds[at].part == "":
			others = append(others, &given{Value: v, feed: c.feeds[at], quant: g.codes[v.Name]})
			continue
		case at >= 0:
			f.part = c.feeds[at].part
		}
		searched = append(searched, f)
	}
	switch {
	case len(g.Inputs) == 0:
		return nil, nil, errors.New("expected one input, found none")
	case len(searched) == 0 && len(preprocessed(others)) == 0:
		return nil, nil, fmt.Errorf("expected one input that is searched, found that @Fixed, @Made and @State feed all: %s", joinValues(g.Inputs))
	case len(searched) == 0 && c.preprocessing.given():
		return nil, nil, fmt.Errorf("expected no options such as @Scale and @Layout where @Preprocess makes what the model gets, found some; the inputs are %s", joinValues(g.Inputs))
	}
	first := leading(searched, others)
	for _, o := range others {
		if err := o.place(first.Shape); err != nil {
			return nil, nil, err
		}
	}
	return searched, others, nil
}

func noSuchInput(g *Graph, target, option string) error {
	return fmt.Errorf("expected an input %q, as @%s says, found %s; an option for one model of a pair goes into @Original or @Compressed", target, option, joinValues(g.Inputs))
}

// leading is the input whose first dimension counts inputs: the first one where it is open, or the first of all. Where none takes
// what is searched, it is one that Preprocess makes of that.
func leading(searched []fed, others []*given) Value {
	var values []Value
	for _, f := range searched {
		values = append(values, f.Value)
	}
	if values == nil {
		values = preprocessed(others)
	}
	at := slices.IndexFunc(values, func(v Value) bool { return len(v.Shape) > 1 && v.Shape[0].Size == 0 })
	if at < 0 {
		at = slices.IndexFunc(values, func(v Value) bool { return len(v.Shape) > 0 && v.Shape[0].Size == 0 })
	}
	return values[max(at, 0)]
}

// preprocessed are the inputs that Preprocess makes.
func preprocessed(others []*given) []Value {
	var values []Value
	for _, o := range others {
		if o.maker != nil && o.maker.fails {
			values = append(values, o.Value)
		}
	}
	return values
}

// batchOf is the dimension that counts inputs, where the leading input of the model has the given shape; -1 when there is none.
func batchOf(shape, leading []Dimension) int {
	batch := Dimension{}
	if len(leading) > 0 {
		batch = leading[0]
	}
	at, unnamed := -1, 0
	for i, d := range shape {
		same := -1
		if d.Size == 0 && d.Name != "" {
			same = slices.IndexFunc(leading, func(s Dimension) bool { return s.Size == 0 && s.Name == d.Name })
		}
		switch {
		case same == 0, i == 0 && d.Size == 0 && same < 0, i == 0 && d.Size > 1 && d.Size == batch.Size:
			at = i
		case d.Size == 0 && d.Name == "":
			unnamed++
		}
	}
	if at < 0 && unnamed == 1 {
		at = slices.IndexFunc(shape, func(d Dimension) bool { return d.Size == 0 && d.Name == "" })
	}
	return at
}

// place finds out which of its dimensions counts inputs.
func (o *given) place(leading []Dimension) error {
	if o.Kind != "tensor" || o.Element.Size() == 0 {
		return fmt.Errorf("expected a tensor of %s for @%s, found %s", readable, o.option, o.Value)
	}
	if !o.HasShape && o.maker == nil {
		return fmt.Errorf("expected an input whose shape the file tells for @%s, found %s; make it with @Made, with a Shape", o.option, o.Value)
	}
	if err := o.checkNumbers(o.values); err != nil {
		return fmt.Errorf("@%s(%q): %w", o.option, o.target, err)
	}
	o.batchAt = batchOf(o.Shape, leading)
	if o.batchAt >= 0 && o.Shape[o.batchAt].Size > 0 && o.maker == nil && len(o.values) == elementsOf(o.Shape) {
		o.batchAt = -1 // the values are those of all inputs of a fixed batch
	}
	return o.checkCount(leading)
}

// checkCount finds a number of fixed values that cannot be right whatever the model is given, as soon as it is opened.
func (o *given) checkCount(leading []Dimension) error {
	if o.maker != nil {
		return nil
	}
	count, open, empty := 1, 0, false
	shape := make([]int, len(o.Shape))
	for i, d := range o.Shape {
		switch {
		case i == o.batchAt:
			shape[i] = 1
		case d.Size > 0:
			shape[i] = d.Size
			count *= d.Size
		default: // as long as that of the searched input or, like a past, of any length
			open++
			empty = empty || d.Name == "" || !slices.ContainsFunc(leading, func(s Dimension) bool { return s.Size == 0 && s.Name == d.Name })
		}
	}
	switch n := len(o.values); {
	case open == 0 && n != 1 && n != count:
		return fmt.Errorf("%s: expected %d values for one input, of the shape %v, found %d; the model takes %s", o, count, shape, n, o.Value)
	case n == 0 && !empty && count > 0 && open > 0:
		return fmt.Errorf("%s: expected values, found none; the model takes %s", o, o.Value)
	}
	return nil
}

// elementsOf is the number of elements of a shape, as far as it is fixed.
func elementsOf(shape []Dimension) int {
	n := 1
	for _, d := range shape {
		n *= max(1, d.Size)
	}
	return n
}

// String names the tensor and the option that feeds it.
func (o *given) String() string { return fmt.Sprintf("@%s(%q)", o.option, o.target) }

// shapeFor is the shape for one input of the search, when open dimensions have the given sizes and the feed has
// so many values. Said is the shape that a function gave, or nil.
func (o *given) shapeFor(known sizes, values int, said []int) ([]int64, error) {
	if said != nil {
		return o.said(said, values)
	}
	if !o.HasShape {
		return nil, fmt.Errorf("%s: expected a Shape, since the file tells none, found none", o)
	}
	shape := make([]int64, len(o.Shape))
	count, open := int64(1), []int(nil)
	for i, d := range o.Shape {
		switch {
		case i == o.batchAt:
			shape[i] = 1
		case d.Size > 0:
			shape[i] = int64(d.Size)
		default:
			same, ok := known[d.Name]
			if !ok {
				open = append(open, i)
				continue
			}
			shape[i] = same.size
		}
		count *= shape[i]
	}
	fill := o.maker == nil && values == 1
	switch {
	case len(open) == 0 && (fill || int64(values) == count):
		return shape, nil
	case len(open) == 0:
		return nil, fmt.Errorf("%s: expected %d values for one input, of the shape %v, found %d; the model takes %s", o, count, shape, values, o.Value)
	case len(open) == 1 && count > 0 && int64(values)%count == 0 && !(fill && count > 1):
		shape[open[0]] = int64(values) / count
		return shape, nil
	}
	names := make([]string, len(open))
	for i, at := range open {
		names[i] = o.Shape[at].String()
	}
	return nil, fmt.Errorf("%s: expected to see from %d values how large %s is in %s; no other input has a dimension of that name; give as many values as one input needs, or a Tensor with its Shape by @Made",
		o, values, strings.Join(names, " and "), o.Value)
}

// said checks a shape that a function gave.
func (o *given) said(said []int, values int) ([]int64, error) {
	shape := make([]int64, len(said))
	fits := !o.HasShape || len(said) == len(o.Shape)
	count := 1
	for i, d := range said {
		shape[i] = int64(d)
		count *= d
		fits = fits && d >= 0 && (i != o.batchAt || d == 1) && (!o.HasShape || i == o.batchAt || o.Shape[i].Size == 0 || o.Shape[i].Size == d)
	}
	if !fits {
		return nil, fmt.Errorf("%s: expected a Shape for one input that fits %s, found %v", o, o.Value, said)
	}
	if count != values {
		return nil, fmt.Errorf("%s: expected %d values for the shape %v, found %d", o, count, said, values)
	}
	return shape, nil
}

// filled is the memory of a given tensor in runs of one shape.
type filled struct {
	*given
	tensorOf
}

// fill makes the memory for a run of so many inputs, and writes what is fixed. Made is what a function made of one of its inputs.
func (o *given) fill(run int, known sizes, made *Tensor) (*filled, error) {
	values, said := o.values, []int(nil)
	if made != nil {
		if err := o.check(*made); err != nil {
			return nil, err
		}
		values, said = made.Values, made.Shape
	}
	shape, err := o.shapeFor(known, len(values), said)
	if err != nil {
		return nil, err
	}
	if err := known.add(o.Value, shape, o.batchAt, run); err != nil {
		return nil, fmt.Errorf("%s: %w", o, err)
	}
	a := newArrayed(shape, o.batchAt)
	f := &filled{o, newTensorOf(o.Element, a, run, AlignedBytes(a.bytes(o.Element, run)))}
	if made == nil {
		if len(values) == 1 {
			values = slices.Repeat(values, f.outer*f.inner)
		}
		for i := range f.rows(run) {
			f.put(i, values)
		}
	}
	return f, nil
}

// put writes the numbers of the i-th input of a run.
func (f *filled) put(i int, values []float64) {
	if f.quant != nil {
		f.Element.putCoded(f.room(i), values, f.quant)
	} else {
		f.Element.put(f.room(i), values)
	}
	f.written(i)
}

// describeFeeds is how the setting "input" of a description goes on.
func describeFeeds(others []*given) string {
	var text strings.Builder
	for _, o := range others {
		fmt.Fprintf(&text, "; %s ", o.Value)
		switch {
		case o.output != "":
			fmt.Fprintf(&text, "carried over from %q, at first ", o.output)
			if len(o.values) <= mostShown {
				text.WriteString(listText(o.values))
			} else {
				fmt.Fprintf(&text, "%d values with the checksum %08x", len(o.values), checksum(o.values))
			}
		case o.maker != nil:
			text.WriteString("made by a function")
		case len(o.values) <= mostShown:
			fmt.Fprintf(&text, "fixed at %s", listText(o.values))
		default:
			fmt.Fprintf(&text, "fixed at %d values with the checksum %08x", len(o.values), checksum(o.values))
		}
	}
	return text.String()
}

// mostShown is how many fixed values a description lists.
const mostShown = 16

func checksum(values []float64) uint32 {
	sum := crc32.NewIEEE()
	for _, v := range values {
		_ = binary.Write(sum, binary.LittleEndian, v)
	}
	return sum.Sum32()
}
