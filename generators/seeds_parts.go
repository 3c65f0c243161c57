package generators

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/triggerfinder/triggerfinder/input"
)

// Parts makes each seed of an NPZ file a set of parts, as models with several inputs take it (see [input.Join]): the searched parts
// are the rows of the arrays of these names. The first dimension of every array counts the seeds. Numbers go in as they are:
// arrays of another type than bytes and bool need [In], inside [ForPart] where there are several.
//
//	generators.NPZ("questions.npz", "", generators.Parts("ids", "image"), generators.FixedParts("sr"),
//		generators.ForPart("ids", generators.In(input.Domain{Min: 0, Max: 30521, Step: 1}), generators.OfKind(input.Tokens)))
func Parts(names ...string) ArrayOption {
	return func(o *arrayOptions) error { return o.addParts("Parts", names, false) }
}

// FixedParts adds parts to those of [Parts] that a search leaves as they are. They need no domain. An array without
// dimensions is the same for all seeds.
func FixedParts(names ...string) ArrayOption {
	return func(o *arrayOptions) error { return o.addParts("FixedParts", names, true) }
}

// ForPart gives one of the [Parts] options of its own: [In], [OfKind], [Vocabulary] and [Shaped]. Outside ForPart they are about the
// only searched part.
func ForPart(name string, options ...ArrayOption) ArrayOption {
	return func(o *arrayOptions) error {
		own := o.ofParts[name]
		for _, option := range options {
			if err := option(&own); err != nil {
				return fmt.Errorf("option ForPart(%q): %w", name, err)
			}
		}
		if own.single || own.labelsPath != "" || own.labelKey != "" || own.key != "" || own.parts != nil || own.ofParts != nil {
			return fmt.Errorf("option ForPart(%q): expected In, OfKind and Shaped, found another option", name)
		}
		if len(options) == 0 {
			return fmt.Errorf("option ForPart(%q): expected In, OfKind or Shaped, found none", name)
		}
		if o.ofParts == nil {
			o.ofParts = map[string]arrayOptions{}
		}
		o.ofParts[name] = own
		return nil
	}
}

// partName is an array of an archive that is to be a part.
type partName struct {
	name  string
	fixed bool
}

func (o *arrayOptions) addParts(option string, names []string, fixed bool) error {
	if len(names) == 0 {
		return fmt.Errorf("option %s: expected the names of arrays, found none", option)
	}
	for _, name := range names {
		if name == "" || slices.ContainsFunc(o.parts, func(p partName) bool { return p.name == name }) {
			return fmt.Errorf("option %s: expected each array once, by its name, found %q", option, names)
		}
		o.parts = append(o.parts, partName{name, fixed})
	}
	return nil
}

// partsOnly finds what does not go with parts, or needs them.
func (o *arrayOptions) partsOnly() error {
	searched := 0
	for _, p := range o.parts {
		if !p.fixed {
			searched++
		}
	}
	for _, name := range slices.Sorted(maps.Keys(o.ofParts)) {
		if !slices.ContainsFunc(o.parts, func(p partName) bool { return p.name == name }) {
			return fmt.Errorf("option ForPart: expected one of the parts that Parts and FixedParts name, found %q", name)
		}
	}
	switch {
	case o.parts == nil:
		return nil
	case searched == 0:
		return errors.New("option FixedParts: expected Parts too, since nothing is searched")
	case o.single:
		return errors.New("option Parts: expected no Single, since the first dimension of each array counts the seeds")
	case o.key != "":
		return fmt.Errorf("option Parts: expected no key of one array, found %q", o.key)
	case searched > 1 && (o.hasDomain || o.hasKind || o.shape != nil):
		return fmt.Errorf("expected In, OfKind and Shaped inside ForPart(name, …), since there are %d searched parts, found one outside", searched)
	}
	return nil
}

// partSeeds are seeds that are sets of parts.
type partSeeds struct {
	file   string
	parts  []partArray
	n      int
	labels []int // nil when unknown
	notes  []string
}

// partArray is the part of all seeds.
type partArray struct {
	*array
	partName
	whole  bool // numbers
	always bool // the same for all seeds
	free   bool // a fixed part without a domain
}

var _ input.Seeds = (*partSeeds)(nil)

// partsOf makes seeds of several arrays.
func (a archive) partsOf(o arrayOptions) (input.Seeds, error) {
	if err := o.partsOnly(); err != nil {
		return nil, fmt.Errorf("generators: %s: %w", a.file, err)
	}
	s := &partSeeds{file: a.file, n: -1}
	var read []string
	first := ""
	for _, name := range o.parts {
		p, err := a.part(name, o)
		if err != nil {
			return nil, err
		}
		switch {
		case p.always:
		case s.n < 0:
			s.n, first = p.n, name.name
		case p.n != s.n:
			return nil, fmt.Errorf("generators: %s: expected %d seeds in every part, as in %q, found %d in %q", a.file, s.n, first, p.n, name.name)
		}
		s.parts = append(s.parts, p)
		s.notes = append(s.notes, p.notes...)
		read = append(read, p.content.name)
	}
	labels, found, err := a.labelsOf(o)
	if err != nil {
		return nil, err
	}
	if found {
		if s.labels, err = labels.classes(); err != nil {
			return nil, err
		}
		if err := checkLabels(labels.file.name, s.labels, s.n); err != nil {
			return nil, err
		}
		read = append(read, labels.file.name)
	}
	s.notes = append(s.notes, a.others(read...)...)
	return s, nil
}

// labelsOf are the labels that the options ask for.
func (a archive) labelsOf(o arrayOptions) (labels npyArray, found bool, err error) {
	switch {
	case o.labelKey != "":
		labels, err = a.unpack(o.labelKey)
	case o.labelsPath != "":
		var file blob
		if file, err = openFile(o.labelsPath); err == nil {
			labels, err = parseNPY(file)
		}
	default:
		return labels, false, nil
	}
	return labels, err == nil, err
}

// part reads the array of a part.
func (a archive) part(name partName, o arrayOptions) (partArray, error) {
	values, err := a.unpack(name.name)
	if err != nil {
		return partArray{}, err
	}
	own, apart := o.ofParts[name.name]
	if !name.fixed && !apart {
		own = arrayOptions{domain: o.domain, hasDomain: o.hasDomain, shape: o.shape, kind: o.kind, hasKind: o.hasKind, vocabulary: o.vocabulary}
	}
	p := partArray{partName: name, whole: values.DType.Whole(), always: name.fixed && len(values.Shape) == 0, free: name.fixed && !own.hasDomain}
	if p.free {
		own.domain, own.hasDomain = input.Bytes, true // not looked at
	}
	row := slices.Clone(values.Shape[min(1, len(values.Shape)):])
	switch len(values.Shape) {
	case 0:
		if !name.fixed {
			return p, fmt.Errorf("generators: %s: expected an array whose first dimension counts the seeds, found one number; generators.FixedParts takes it for all seeds", values.file.name)
		}
		values.Shape = []int{1, 1}
	case 1:
		values.Shape = []int{values.Shape[0], 1}
	}
	if p.array, err = values.seeds(own); err != nil {
		return p, err
	}
	if len(row) == 2 && own.shape == nil && p.kind != input.Image {
		p.shape = row // no grey image
	}
	return p, nil
}

// Len implements [input.Seeds].
func (s *partSeeds) Len() int { return s.n }

// Seed implements [input.Seeds].
func (s *partSeeds) Seed(i int) (input.Seed, error) {
	if err := checkIndex(i, s.n); err != nil {
		return input.Seed{}, err
	}
	parts := make([]input.NamedInput, len(s.parts))
	for k, p := range s.parts {
		in, err := p.at(i)
		if err != nil {
			return input.Seed{}, err
		}
		parts[k] = input.Searched(p.name, in)
		if p.fixed {
			parts[k] = input.Fixed(p.name, in)
		}
	}
	set, err := input.Join(parts...)
	if err != nil {
		return input.Seed{}, fmt.Errorf("generators: %s: %w", rowName(s.file, i), err)
	}
	seed := input.Seed{Input: set, Label: input.Unlabelled, Name: rowName(s.file, i)}
	if s.labels != nil {
		seed.Label = s.labels[i]
	}
	return seed, nil
}

// at is the part of one seed.
func (p partArray) at(i int) (input.Input, error) {
	if p.always {
		i = 0
	}
	in, err := p.row(i)
	if err != nil {
		return in, err
	}
	const exact = 1 << 24
	for at, v := range in.Data {
		if p.whole && (v >= exact || v <= -exact) {
			return in, fmt.Errorf("generators: %s[%d]: value %.0f at index %d: expected whole numbers below %d, which a float32 holds exactly", p.content.name, i, v, at, exact)
		}
	}
	if p.free {
		in.Domain = domainOf(in.Data, p.whole)
	}
	if err := snapAll(in); err != nil {
		return in, fmt.Errorf("generators: %s[%d]: %w", p.content.name, i, err)
	}
	return in, nil
}

// domainOf is a domain for numbers that stay what they are.
func domainOf(values []float32, whole bool) input.Domain {
	d := input.Domain{Min: slices.Min(values), Max: slices.Max(values)}
	if whole {
		d.Step = 1
	}
	if d.Max == d.Min {
		d.Max = d.Min + cmp.Or(max(d.Min, -d.Min), 1)
	}
	return d
}

// Notes implements [input.Noted].
func (s *partSeeds) Notes() []string { return s.notes }

// knownLabels implements labeller.
func (s *partSeeds) knownLabels() ([]int, error) {
	if s.labels == nil {
		return slices.Repeat([]int{input.Unlabelled}, s.n), nil
	}
	return s.labels, nil
}
