package predictor

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// fed is an input of the model that takes its numbers from what is searched, or from a part of it.
type fed struct {
	Value
	part  string        // that Feed names; "" for the part of the same name, or the only one
	quant *Quantization // that the graph tells
}

// set is how inputs of one form, the same parts of the same shapes, are fed to a model. Sets of a model are the same where the
// form is.
type set struct {
	form   string
	ports  []*port
	unused []input.Part // without values
	shared atomic.Bool  // the other model of the pair takes those
	alone  bool         // a searched tensor has no dimension for a batch
	err    error
}

// sets are those that a model has met.
type sets struct {
	mu    sync.Mutex
	known map[string]*set
}

// mostSets bounds how many forms of inputs a model remembers.
const mostSets = 1024

// set is that of an input; nil for an input of one array that goes into the model's only searched input.
func (m *Model) set(in input.Input) (*set, error) {
	var parts []input.Part
	if in.Layout != nil {
		parts = in.Layout.Parts
	}
	if parts == nil && m.encoder != nil && !m.named {
		return nil, nil
	}
	var memory [256]byte
	form := memory[:0]
	first := 0
	for i := range parts {
		p := &parts[i]
		size := len(p.Values)
		if !p.Fixed {
			size = volume(p.Shape)
			if p.First != first || first+size > len(in.Data) {
				return nil, fmt.Errorf("expected the values of the part %q of shape %v among %d, found them from %d on", p.Name, p.Shape, len(in.Data), p.First)
			}
			first += size
		}
		if size != volume(p.Shape) {
			return nil, fmt.Errorf("expected %d values of the part %q of shape %v, found %d", volume(p.Shape), p.Name, p.Shape, size)
		}
		form = appendForm(form, p.Name, p.Fixed, p.Shape)
	}
	if parts == nil {
		if volume(in.Shape) != len(in.Data) {
			return nil, fmt.Errorf("expected %d values of shape %v, found %d", volume(in.Shape), in.Shape, len(in.Data))
		}
		form = appendForm(form, "", false, in.Shape)
	}
	m.sets.mu.Lock()
	defer m.sets.mu.Unlock()
	s, ok := m.sets.known[string(form)]
	if !ok {
		if m.sets.known == nil || len(m.sets.known) >= mostSets {
			m.sets.known = map[string]*set{}
		}
		s = m.newSet(in)
		s.form = string(form)
		m.sets.known[s.form] = s
	}
	return s, s.err
}

func appendForm(form []byte, name string, fixed bool, shape []int) []byte {
	form = binary.AppendUvarint(form, uint64(len(name)))
	form = append(form, name...)
	kind := uint64(len(shape)) << 1
	if fixed {
		kind++
	}
	form = binary.AppendUvarint(form, kind)
	for _, d := range shape {
		form = binary.AppendUvarint(form, uint64(d))
	}
	return form
}

func volume(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// route says for each fed input of the model which part it takes: its place among the parts, -1 for the input itself.
func (m *Model) route(parts []input.Part) (places []int, err error) {
	places = make([]int, len(m.fed))
	used := make([]bool, len(parts))
	var unfed []int
	for i, f := range m.fed {
		name := f.part
		if name == "" {
			name = f.Name
		}
		places[i] = slices.IndexFunc(parts, func(p input.Part) bool { return p.Name == name })
		switch {
		case places[i] >= 0:
			used[places[i]] = true
		case f.part != "":
			return nil, fmt.Errorf("expected a part %q for %s, as @Feed says, found %s", f.part, f.Value, partsText(parts, nil))
		default:
			unfed = append(unfed, i)
		}
	}
	var left []int
	for i, p := range parts {
		if !used[i] && !p.Fixed && !m.feedsItself(p.Name) {
			left = append(left, i)
		}
	}
	switch {
	case len(unfed) == 0:
		return places, nil
	case len(unfed) == 1 && parts == nil:
		return places, nil
	case len(unfed) == 1 && len(left) == 1:
		places[unfed[0]] = left[0]
		return places, nil
	}
	var values []Value
	for _, i := range unfed {
		values = append(values, m.fed[i].Value)
	}
	return nil, fmt.Errorf("expected every input of the model to be fed, found nothing for %s; %s; a part feeds the input of its name (see input.Join), @Feed(target, part) one of another name, and @Fixed(name, values...) and @Made(name, func) need no part%s",
		joinValues(values), partsText(parts, used), m.stateHint(values))
}

// feedsItself reports whether an option feeds the input of that name without a part.
func (m *Model) feedsItself(name string) bool {
	return slices.ContainsFunc(m.given, func(o *given) bool { return o.target == name })
}

// partsText lists the parts, without those that are used.
func partsText(parts []input.Part, used []bool) string {
	if parts == nil {
		return "the input is one array without a name"
	}
	var list []string
	for i, p := range parts {
		if used == nil || !used[i] {
			list = append(list, partText(p))
		}
	}
	switch {
	case len(list) > 0 && used != nil:
		return "parts not used: " + strings.Join(list, ", ")
	case len(list) > 0:
		return "the parts " + strings.Join(list, ", ")
	}
	return "all parts are used"
}

func partText(p input.Part) string {
	if p.Fixed {
		return fmt.Sprintf("%q %v (fixed)", p.Name, p.Shape)
	}
	return fmt.Sprintf("%q %v", p.Name, p.Shape)
}

// newSet finds out how inputs like this one are fed.
func (m *Model) newSet(in input.Input) *set {
	s := &set{}
	s.err = s.build(m, in)
	return s
}

func (s *set) build(m *Model, in input.Input) error {
	parts := in.Parts()
	places, err := m.route(parts)
	if err != nil {
		return err
	}
	searched := func(i int) bool { return places[i] < 0 || !parts[places[i]].Fixed }
	hows, err := m.preprocessings(searched)
	if err != nil {
		return err
	}
	for i, f := range m.fed {
		p, err := m.port(f, hows[i], in, places[i])
		if err != nil {
			return err
		}
		s.ports = append(s.ports, p)
		s.alone = s.alone || p.batchAt < 0 && !p.fixed && m.input.batch != 1
	}
	functions := len(preprocessed(m.given)) > 0 // which see all parts
	for i, part := range parts {
		if !functions && !slices.Contains(places, i) && !slices.Contains(m.unread, part.Name) {
			part.Values = nil
			s.unused = append(s.unused, part)
		}
	}
	_, err = s.sizes(1)
	return err
}

// preprocessings says for each fed input what options say about its numbers. What stands outside For is about the only
// searched one of floating-point numbers or bytes.
func (m *Model) preprocessings(searched func(i int) bool) ([]preprocessing, error) {
	hows := make([]preprocessing, len(m.fed))
	general := &m.config.preprocessing
	var open []int
	var names []Value
	for i, f := range m.fed {
		hows[i] = m.config.apart[f.Name]
		if searched(i) && !f.Element.whole() {
			open = append(open, i)
			names = append(names, f.Value)
		}
	}
	switch {
	case len(m.fed) == 1:
		hows[0] = general.with(hows[0])
	case len(open) == 1:
		hows[open[0]] = general.with(hows[open[0]])
	case len(open) > 1 && general.given():
		return nil, fmt.Errorf("expected options such as @Scale and @Layout in @For(name, options...), since the model has several searched inputs that they may be about, found them outside: %s", joinValues(names))
	}
	return hows, nil
}

// check tells which part the model cannot take.
func (s *set) check(in input.Input) error {
	for _, p := range s.ports {
		if err := p.checkPart(in); err != nil {
			return fmt.Errorf("%s%w", p.source(), err)
		}
	}
	return nil
}

// sizes are how large the open dimensions with a name are in a run of so many inputs.
func (s *set) sizes(rows int) (sizes, error) {
	all := sizes{}
	for _, p := range s.ports {
		if err := all.add(p.Value, p.one, p.batchAt, rows); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// sizes are how large the open dimensions with a name are in a run.
type sizes map[string]sized

type sized struct {
	size int64
	of   string // the input that tells it
}

// add takes in what a tensor tells, of which one is the shape for one input.
func (all sizes) add(v Value, one []int64, batchAt, rows int) error {
	for i, d := range v.Shape {
		if d.Size > 0 || d.Name == "" || i >= len(one) {
			continue
		}
		size := one[i]
		if i == batchAt {
			size = int64(rows)
		}
		known, ok := all[d.Name]
		switch {
		case !ok:
			all[d.Name] = sized{size, v.Name}
		case known.size != size && known.of != v.Name:
			return fmt.Errorf("expected one size of the dimension %q, found %d in the input %q and %d in %q", d.Name, known.size, known.of, size, v.Name)
		}
	}
	return nil
}

// together reports whether another input of the set may be in a run with this one: tensors without a dimension for a batch hold
// the same.
func (s *set) together(a, b input.Input) bool {
	if s.alone {
		return false
	}
	if a.Layout == b.Layout {
		return true
	}
	for _, p := range s.ports {
		if p.batchAt < 0 && !slices.Equal(p.of(a).Data, p.of(b).Data) {
			return false
		}
	}
	return true
}

// bytes is the size of one input in the tensors.
func (s *set) bytes() int {
	n := 0
	for _, p := range s.ports {
		n += p.outer * p.inner * p.Element.Size()
	}
	return n
}

// partner is the other model of the pair, as far as a model knows it.
type partner struct{ model.Predictor }

// UsesPart implements [model.PartUser].
func (m *Model) UsesPart(in input.Input, name string) bool {
	in, err := m.form(in)
	if err != nil {
		return true // whoever asks for it is told
	}
	s, err := m.set(in)
	if s == nil || m.copied {
		return err != nil || m.copied // whoever asks for it is told
	}
	return !slices.ContainsFunc(s.unused, func(p input.Part) bool { return p.Name == name })
}

// checkUnused tells of parts that neither this model nor the other one of the pair takes. A model that is not lone may still
// become one of a pair.
func (m *Model) checkUnused(in input.Input, s *set, lone bool) error {
	var other model.PartUser
	switch p := m.partner.Load(); {
	case len(s.unused) == 0 || p == nil && !lone || m.copied:
		return nil
	case p != nil:
		var ok bool
		if other, ok = p.Predictor.(model.PartUser); !ok {
			return nil // a function sees all parts
		}
	}
	var list []string
	hint := ""
	for _, p := range s.unused {
		if other != nil && other.UsesPart(in, p.Name) {
			continue
		}
		list = append(list, partText(p))
		if at := slices.IndexFunc(m.given, func(o *given) bool { return o.target == p.Name }); at >= 0 {
			hint = fmt.Sprintf("; @%s feeds the input %q without it", m.given[at].option, p.Name)
		}
	}
	if len(list) == 0 {
		return nil
	}
	who := "the model"
	if other != nil {
		who = "one of the models"
	}
	return fmt.Errorf("expected every part to feed an input of %s, found that none takes %s; the model takes %s%s; leave the part out, or give @Feed(target, part)", who, strings.Join(list, ", "), m.fedText(), hint)
}

// checkUnusedOnce is checkUnused before a run, once for inputs of one form.
func (m *Model) checkUnusedOnce(in input.Input, s *set) error {
	if len(s.unused) == 0 || s.shared.Load() {
		return nil
	}
	if err := m.checkUnused(in, s, true); err != nil {
		return err
	}
	s.shared.Store(true)
	return nil
}

// fedText lists the inputs that take what is searched, or parts of it.
func (m *Model) fedText() string {
	values := make([]Value, len(m.fed))
	for i, f := range m.fed {
		values[i] = f.Value
	}
	return joinValues(values)
}
