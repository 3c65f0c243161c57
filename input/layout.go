package input

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// Layout says of an input what one shape and one domain cannot: domains that differ, and the parts of a set. Inputs share
// it, and nobody changes it.
type Layout struct {
	// Domains are those of each value, in the order of [Input].Data; nil where all have the [Input].Domain.
	Domains []Domain
	// Parts are what a set consists of; nil for an input of one part. See [Join].
	Parts []Part
	// Columns say what each value is called, and which are categories; nil where nothing is known of that.
	Columns []Column
	// Vocabulary is that of tokens, or of the only searched part of a set; nil where it is not known.
	Vocabulary *Vocabulary
	// Rate is how many times a second a signal was measured, such as 16000 for a sound, or the only searched part of a set; 0 where it is not
	// known. No search goes by it.
	Rate int
}

// Part is one named array of an [Input] that is a set, as a model with several inputs takes it. A search changes the values of
// searched parts; fixed ones stay what they are.
type Part struct {
	Name   string
	Shape  []int
	Domain Domain
	Kind   Kind
	Fixed  bool
	// Values are those of a fixed part, nil for a searched one: its values are in Data of the input, from First on.
	Values []float32
	First  int
	// Vocabulary is that of tokens; nil where it is not known.
	Vocabulary *Vocabulary
	// Rate is that of a signal; 0 where it is not known.
	Rate int
}

// size is the number of values.
func (p Part) size() int {
	n := 1
	for _, d := range p.Shape {
		n *= d
	}
	return n
}

// Searched is a part of a set to [Join] that a search changes: the input, under a name.
func Searched(name string, in Input) NamedInput { return NamedInput{name: name, in: in} }

// Fixed is a part of a set to [Join] that stays what it is.
func Fixed(name string, in Input) NamedInput { return NamedInput{name: name, in: in, fixed: true} }

// NamedInput is an input on its way into a set; see [Searched] and [Fixed].
type NamedInput struct {
	name  string
	in    Input
	fixed bool
}

// Join makes one input of several: a set of named parts, at least one of them searched. Where one part alone is searched, the
// set has its shape, domain and kind. Otherwise it is of the kind [Other], its shape is [values], and each value has the domain
// of its part, and texts keep their length, see [Vocabulary]. The values are copied.
func Join(parts ...NamedInput) (Input, error) {
	var searched []NamedInput
	var domains []Domain
	var columns []Column
	named := false
	set := Input{Layout: &Layout{}}
	seen := map[string]bool{}
	for i, p := range parts {
		switch err := p.in.Validate(); {
		case p.name == "":
			return Input{}, fmt.Errorf("input: part %d of %d has no name; expected one, such as that of the model's input", i+1, len(parts))
		case seen[p.name]:
			return Input{}, fmt.Errorf("input: two parts are called %q; expected each name once", p.name)
		case p.in.Layout != nil && p.in.Layout.Parts != nil:
			return Input{}, fmt.Errorf("input: part %q is a set of parts itself; expected one array", p.name)
		case err != nil:
			return Input{}, fmt.Errorf("input: part %q: %w", p.name, err)
		}
		seen[p.name] = true
		part := Part{Name: p.name, Shape: slices.Clone(p.in.Shape), Domain: p.in.Domain, Kind: p.in.Kind, Fixed: p.fixed, Vocabulary: p.in.Vocabulary(), Rate: p.in.Rate()}
		if p.fixed {
			part.Values = slices.Clone(p.in.Data)
		} else {
			part.First = len(set.Data)
			set.Data = append(set.Data, p.in.Data...)
			for j := range p.in.Data {
				domains, columns = append(domains, p.in.DomainAt(j)), append(columns, p.in.ColumnAt(j))
			}
			named = named || p.in.Layout != nil && p.in.Layout.Columns != nil
			searched = append(searched, p)
		}
		set.Layout.Parts = append(set.Layout.Parts, part)
	}
	switch len(searched) {
	case 0:
		return Input{}, fmt.Errorf("input: none of %d parts is searched; expected at least one", len(parts))
	case 1:
		set.Shape, set.Domain, set.Kind = slices.Clone(searched[0].in.Shape), searched[0].in.Domain, searched[0].in.Kind
		set.Layout.Vocabulary, set.Layout.Rate = searched[0].in.Vocabulary(), searched[0].in.Rate()
	default:
		set.Shape, set.Domain = []int{len(set.Data)}, hull(domains)
		for i, p := range set.Layout.Parts {
			if v := p.Vocabulary; v != nil && !p.Fixed && !v.KeepLength {
				kept := *v
				kept.KeepLength = true
				set.Layout.Parts[i].Vocabulary = &kept
			}
		}
	}
	if !uniform(domains, set.Domain) {
		set.Layout.Domains = domains
	}
	if named {
		set.Layout.Columns = columns
	}
	return set, nil
}

// NewRow returns a row of a table: one value a column, each with a domain of its own. The values are copied.
func NewRow(values []float32, columns []Domain) (Input, error) {
	if len(values) != len(columns) || len(values) == 0 {
		return Input{}, fmt.Errorf("input: a row of %d values and %d columns: expected as many, at least one", len(values), len(columns))
	}
	row := Input{Shape: []int{len(values)}, Data: slices.Clone(values), Domain: hull(columns), Kind: Row}
	if !uniform(columns, row.Domain) {
		row.Layout = &Layout{Domains: slices.Clone(columns)}
	}
	return row, row.Validate()
}

// hull is the smallest interval that holds the domains, with their step where all have the same grid.
func hull(domains []Domain) Domain {
	all := domains[0]
	for _, d := range domains[1:] {
		if d == all {
			continue
		}
		all = Domain{Min: min(all.Min, d.Min), Max: max(all.Max, d.Max)}
	}
	return all
}

func uniform(domains []Domain, d Domain) bool {
	return !slices.ContainsFunc(domains, func(other Domain) bool { return other != d })
}

// Uniform reports whether all values have the [Input].Domain.
func (in Input) Uniform() bool { return in.Layout == nil || in.Layout.Domains == nil }

// DomainAt is the domain of value i of Data.
func (in Input) DomainAt(i int) Domain {
	if in.Uniform() {
		return in.Domain
	}
	return in.Layout.Domains[i]
}

// Snap moves every value into its domain; NaN becomes the least value.
func (in Input) Snap() {
	if in.Uniform() {
		d, whole := in.Domain, in.Domain.Whole()
		for i, v := range in.Data {
			if whole && v >= d.Min && v <= d.Max && v == float32(int32(v)) {
				continue // nearly all are
			}
			if s := d.Snap(v); s != v { // NaN differs from everything
				in.Data[i] = s
			}
		}
		return
	}
	for i, v := range in.Data {
		in.Data[i] = in.Layout.Domains[i].Snap(v)
	}
}

func (in Input) parts() []Part {
	if in.Layout == nil {
		return nil
	}
	return in.Layout.Parts
}

// Parts are the named parts of a set, with their values; those of searched parts are the memory of Data. An input of one
// part has none.
func (in Input) Parts() []Part {
	parts := slices.Clone(in.parts())
	for i := range parts {
		if p := &parts[i]; !p.Fixed {
			p.Values = in.Data[p.First:][:p.size()]
		}
	}
	return parts
}

// Part is the part of that name as an input; that of a searched part shares the memory of Data.
func (in Input) Part(name string) (Input, bool) {
	for _, p := range in.parts() {
		if p.Name != name {
			continue
		}
		part := Input{Shape: p.Shape, Domain: p.Domain, Kind: p.Kind, Data: p.Values}
		known := Layout{Vocabulary: p.Vocabulary, Rate: p.Rate}
		if !p.Fixed {
			part.Data = in.Data[p.First:][:p.size()]
			if !in.Uniform() {
				if domains := in.Layout.Domains[p.First:][:p.size()]; !uniform(domains, p.Domain) {
					known.Domains = domains
				}
			}
			if in.Layout.Columns != nil {
				columns := in.Layout.Columns[p.First:][:p.size()]
				if slices.ContainsFunc(columns, func(c Column) bool { return c.Name != "" || c.Categories != nil || c.Unit != "" }) {
					known.Columns = columns
				}
			}
		}
		if known.Domains != nil || known.Columns != nil || known.Vocabulary != nil || known.Rate != 0 {
			part.Layout = &Layout{Domains: known.Domains, Columns: known.Columns, Vocabulary: known.Vocabulary, Rate: known.Rate}
		}
		return part, true
	}
	return Input{}, false
}

// Searches reports whether a search changes the part of that name.
func (in Input) Searches(name string) bool {
	return slices.ContainsFunc(in.parts(), func(p Part) bool { return p.Name == name && !p.Fixed })
}

// Like reports whether another input has the same kind, shape, domains and parts, fixed values included, so that one may be
// changed into the other by its Data alone.
func (in Input) Like(other Input) bool {
	if in.Kind != other.Kind || in.Domain != other.Domain || !slices.Equal(in.Shape, other.Shape) || len(in.Data) != len(other.Data) {
		return false
	}
	return in.Layout == other.Layout || in.Layout.equal(other.Layout)
}

// LikeSearched is [Input.Like] but for the values of fixed parts, which may differ: what a search changes of one input has the same form in
// the other, so that it may go from the one towards the other and keep its own fixed parts, such as a mask.
func (in Input) LikeSearched(other Input) bool {
	if in.Like(other) {
		return true
	}
	parts, others := in.parts(), other.parts()
	if len(parts) != len(others) || len(parts) == 0 {
		return false
	}
	layout := *other.Layout
	layout.Parts = slices.Clone(others)
	for i, p := range parts {
		if q := &layout.Parts[i]; p.Fixed && q.Fixed && len(p.Values) == len(q.Values) {
			q.Values = p.Values
		}
	}
	other.Layout = &layout
	return in.Like(other)
}

// Unlike is in words why two inputs are not [Input.Like] each other, by the first difference: "kind row and image"; "" where they are.
func (in Input) Unlike(other Input) string {
	switch {
	case in.Like(other):
		return ""
	case in.Kind != other.Kind:
		return fmt.Sprintf("kind %s and %s", in.Kind, other.Kind)
	case !slices.Equal(in.Shape, other.Shape):
		return fmt.Sprintf("shape %v and %v", in.Shape, other.Shape)
	case len(in.Data) != len(other.Data):
		return fmt.Sprintf("%d and %d values", len(in.Data), len(other.Data))
	case in.Domain != other.Domain:
		return fmt.Sprintf("domain %s and %s", in.Domain, other.Domain)
	}
	parts, others := in.parts(), other.parts()
	if len(parts) != len(others) {
		return fmt.Sprintf("%d and %d parts", len(parts), len(others))
	}
	for i, p := range parts {
		if q := others[i]; !p.equal(q) {
			return fmt.Sprintf("part %q%s and %q%s", p.Name, p.inWords(), q.Name, q.inWords())
		}
	}
	for i := range in.Data {
		if d, e := in.DomainAt(i), other.DomainAt(i); d != e {
			return fmt.Sprintf("domain %s and %s of value %d", d, e, i)
		}
	}
	return "domains for each value of one alone"
}

// inWords is what a part is, but for its name.
func (p Part) inWords() string {
	if p.Fixed {
		return fmt.Sprintf(" (%s %v, %s, fixed)", p.Kind, p.Shape, p.Domain)
	}
	return fmt.Sprintf(" (%s %v, %s)", p.Kind, p.Shape, p.Domain)
}

func (p Part) equal(q Part) bool {
	return p.Name == q.Name && p.Kind == q.Kind && p.Domain == q.Domain && p.Fixed == q.Fixed && p.First == q.First &&
		p.Vocabulary.equal(q.Vocabulary) && slices.Equal(p.Shape, q.Shape) && slices.EqualFunc(p.Values, q.Values, sameBits)
}

func (l *Layout) equal(other *Layout) bool {
	if l == other {
		return true
	}
	l, other = cmp.Or(l, &Layout{}), cmp.Or(other, &Layout{}) // rates and units make no input another one
	return slices.Equal(l.Domains, other.Domains) && l.Vocabulary.equal(other.Vocabulary) && slices.EqualFunc(l.Columns, other.Columns, func(c, d Column) bool {
		return c.Name == d.Name && slices.Equal(c.Categories, d.Categories)
	}) && slices.EqualFunc(l.Parts, other.Parts, Part.equal)
}

func sameBits(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }

// validate finds what does not fit an input of n values.
func (l *Layout) validate(n int) error {
	if l == nil {
		return nil
	}
	if l.Domains != nil && len(l.Domains) != n {
		return fmt.Errorf("%d domains: expected one for each of %d values", len(l.Domains), n)
	}
	for i, d := range l.Domains {
		if err := d.validate(); err != nil {
			return fmt.Errorf("value %d: %w", i, err)
		}
	}
	if l.Columns != nil && len(l.Columns) != n {
		return fmt.Errorf("%d columns: expected one for each of %d values", len(l.Columns), n)
	}
	if err := l.Vocabulary.validate(); err != nil {
		return err
	}
	if l.Rate < 0 {
		return fmt.Errorf("rate of a signal: expected 1 or more a second, or 0 where it is not known, found %d", l.Rate)
	}
	at := 0
	for _, p := range l.Parts {
		if err := p.Vocabulary.validate(); err != nil {
			return fmt.Errorf("part %q: %w", p.Name, err)
		}
		switch size := p.size(); {
		case p.Rate < 0:
			return fmt.Errorf("part %q: rate of a signal: expected 1 or more a second, or 0 where it is not known, found %d", p.Name, p.Rate)
		case p.Fixed && len(p.Values) != size:
			return fmt.Errorf("part %q of shape %v: expected %d values, found %d", p.Name, p.Shape, size, len(p.Values))
		case !p.Fixed && p.First != at:
			return fmt.Errorf("part %q: expected its values from %d on, found %d", p.Name, at, p.First)
		case !p.Fixed:
			at += size
		}
	}
	if l.Parts != nil && at != n {
		return fmt.Errorf("parts of %d searched values: expected %d", at, n)
	}
	return nil
}

// append adds what makes a layout another one.
func (l *Layout) append(buf []byte) []byte {
	if l == nil || l.Domains == nil && l.Parts == nil {
		return buf // what values are called does not make an input another one
	}
	number := func(n int) { buf = binary.LittleEndian.AppendUint32(buf, uint32(n)) }
	value := func(v float32) { buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v)) }
	domain := func(d Domain) { value(d.Min); value(d.Max); value(d.Step) }
	number(len(l.Domains))
	for _, d := range l.Domains {
		domain(d)
	}
	number(len(l.Parts))
	for _, p := range l.Parts {
		number(len(p.Name))
		buf = append(buf, p.Name...)
		number(len(p.Shape))
		for _, d := range p.Shape {
			number(d)
		}
		domain(p.Domain)
		number(len(p.Values)) // of a fixed part
		for _, v := range p.Values {
			value(v)
		}
	}
	return buf
}
