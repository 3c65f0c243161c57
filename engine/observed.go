package engine

import (
	"cmp"
	"context"
	"encoding"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
)

// A measurement by an [Evaluator] may be divided over machines: [Evaluator.Begin] on each of them, [Evaluator.Part] for each part, and what the parts
// observed is merged in their order.

// Observed is what an [Evaluator] saw of both models beside the results: what [Evaluator.Conclude] goes by. It can be sent and stored, and is nothing but
// what it was when it was taken.
type Observed struct {
	pair, oracle         string
	byLabel, byScores    bool // the oracle
	identical            bool // is allowed
	original, compressed seen
	names                [2]string // of the models
	evaluated            int
	first                uint64 // hash of the first input
	given, several       bool
	differed, alike      bool
	decided, oneDecision bool
	order                map[[2]int]int
	classNames           []string
	classes              map[int]bool // true ones, of the seeds that were drawn
}

// Observed is what was seen so far.
func (e *Evaluator) Observed() *Observed {
	s := e.sides
	o := &Observed{
		pair: e.pair.Name(), oracle: e.settings.Oracle.String(), byLabel: answer.ByLabel(e.settings.Oracle), byScores: answer.ByScores(e.settings.Oracle),
		identical: e.settings.AllowIdentical, original: s.original.saw(), compressed: s.compressed.saw(),
		names:     [2]string{s.original.described().Name, s.compressed.described().Name},
		evaluated: int(e.evaluated.Load()), differed: s.likeness.differed.Load(), alike: s.likeness.alike.Load() > 0,
		decided: s.decisions.decided(), oneDecision: s.decisions.one(),
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	o.first, o.given, o.several = e.first, e.given, e.several
	o.order, o.classNames, o.classes = maps.Clone(e.order.counts), slices.Clone(e.names), maps.Clone(e.classes)
	return o
}

// Merge adds what was observed of the next part of the same measurement. Rows of another length are an error, [model.ErrBadScores].
func (o *Observed) Merge(next *Observed) error {
	if err := cmp.Or(o.original.merge(next.original), o.compressed.merge(next.compressed)); err != nil {
		return fmt.Errorf("engine: pair %s: %w", o.pair, err)
	}
	o.evaluated += next.evaluated
	o.several = o.several || next.several || o.given && next.given && o.first != next.first
	if !o.given {
		o.first, o.given = next.first, next.given
	}
	o.differed, o.alike = o.differed || next.differed, o.alike || next.alike
	if next.decided {
		o.oneDecision = next.oneDecision && (o.oneDecision || !o.decided)
		o.decided = true
	}
	for labels, n := range next.order {
		if o.order == nil {
			o.order = map[[2]int]int{}
		}
		o.order[labels] += n
	}
	if next.classNames != nil {
		o.classNames = next.classNames
	}
	for label := range next.classes {
		if o.classes == nil {
			o.classes = map[int]bool{}
		}
		o.classes[label] = true
	}
	return nil
}

// Conclude is [Evaluator.Conclude] for what was observed.
func (o *Observed) Conclude(deviated bool) error {
	if err := o.conclude(deviated); err != nil {
		return fmt.Errorf("engine: pair %s: %w", o.pair, err)
	}
	return nil
}

func (o *Observed) conclude(deviated bool) error {
	order := classOrder{counts: o.order, changed: true}
	if err := order.check(o.original.classes, o.classNames); err != nil {
		return err
	}
	if deviated && !o.several { // asked again to confirm it: that is no second input
		return nil
	}
	models := [...]*seen{&o.original, &o.compressed}
	for i, role := range [...]string{"original", "compressed"} {
		if err := models[i].neverFinite(role, o.names[i]); err != nil {
			return err
		}
	}
	for i, role := range [...]string{"original", "compressed"} {
		if err := models[i].constantOutput(role, o.names[i], 2, !deviated); err != nil {
			return err
		}
	}
	identical := 0
	if o.alike && !o.differed {
		identical = o.evaluated
	}
	if err := checkIdentical(identical, o.identical); err != nil || deviated {
		return err
	}
	if o.evaluated >= enoughOfOneLabel && !o.byScores && ofClasses(o.byLabel, o.original.first) {
		if label, only := o.original.onlyLabel(); only {
			if err := CheckOneLabel(label, o.evaluated, o.classes, o.classNames); err != nil {
				return err
			}
		}
	}
	if o.oneDecision {
		return checkOneDecision(o.oracle, o.evaluated)
	}
	return nil
}

// Begin does what has to be done alike wherever a part of one measurement is made: the models, and the oracle, are shown the inputs with which the
// whole begins. They are read where one of these asks for them. It comes before all else.
func (e *Evaluator) Begin(ctx context.Context, first func() ([]input.Input, error)) error {
	e.preparing.Lock()
	defer e.preparing.Unlock()
	if e.prepared {
		return nil
	}
	if !e.sides.prepares() && e.sides.decisions.decider == nil {
		e.prepared = true
		return nil
	}
	inputs, err := first()
	if err != nil {
		return e.blame(err)
	}
	if err := e.sides.Prepare(ctx, inputs); err != nil {
		return e.blame(err)
	}
	e.sides.decisions.compareWith(ctx, e.sides.original, inputs)
	e.prepared = true
	return nil
}

// Part is an evaluator of the same models, which has seen nothing yet: for the part of a measurement that comes behind so many inputs of the whole. See
// [Evaluator.Begin].
func (e *Evaluator) Part(behind int) *Evaluator {
	part := &Evaluator{pair: e.pair, settings: e.settings, sides: e.sides.anew(), prepared: true}
	if behind == 0 {
		part.sides.unsure.Store(e.sides.unsure.Load())
	}
	return part
}

var (
	_ encoding.BinaryMarshaler   = (*Observed)(nil)
	_ encoding.BinaryUnmarshaler = (*Observed)(nil)
	_ encoding.BinaryMarshaler   = (*Trigger)(nil)
	_ encoding.BinaryUnmarshaler = (*Trigger)(nil)
)

// What begins both formats; the last byte is the version.
const (
	observedFormat = "triggerfinder observed\x00\x01"
	triggerFormat  = "triggerfinder trigger\x00\x01"
)

// MarshalBinary implements [encoding.BinaryMarshaler], as that of [SeedResult] does.
func (o *Observed) MarshalBinary() ([]byte, error) {
	data, err := write(observedFormat, o.code)
	if err != nil {
		return nil, fmt.Errorf("engine: observed: %w", err)
	}
	return data, nil
}

// UnmarshalBinary implements [encoding.BinaryUnmarshaler], as that of [SeedResult] does.
func (o *Observed) UnmarshalBinary(data []byte) error {
	var read Observed
	err := parse(data, observedFormat, read.code)
	if err == nil {
		err = read.check()
	}
	if err != nil {
		return fmt.Errorf("engine: observed: %w", err)
	}
	*o = read
	return nil
}

func (o *Observed) code(c *coder) {
	for _, text := range []*string{&o.pair, &o.oracle, &o.names[0], &o.names[1]} {
		c.text(text)
	}
	for _, given := range []*bool{&o.byLabel, &o.byScores, &o.identical, &o.given, &o.several, &o.differed, &o.alike, &o.decided, &o.oneDecision} {
		c.bool(given)
	}
	c.seen(&o.original)
	c.seen(&o.compressed)
	c.int(&o.evaluated)
	o.first = c.bits64(o.first)
	type counted struct{ original, compressed, n int }
	var order []counted
	for _, labels := range slices.SortedFunc(maps.Keys(o.order), func(a, b [2]int) int { return slices.Compare(a[:], b[:]) }) {
		order = append(order, counted{labels[0], labels[1], o.order[labels]})
	}
	last := [2]int{-1, -1}
	list(c, &order, func(l *counted) {
		for _, n := range []*int{&l.original, &l.compressed, &l.n} {
			c.int(n)
		}
		labels := [2]int{l.original, l.compressed}
		if !c.reading {
			return
		}
		if slices.Compare(labels[:], last[:]) <= 0 || l.compressed < 0 || l.n < 1 {
			c.fail("expected counts of labels in their order, found %d of %v after %v", l.n, labels, last)
		}
		if last = labels; o.order == nil {
			o.order = map[[2]int]int{}
		}
		o.order[labels] = l.n
	})
	list(c, &o.classNames, c.text)
	classes := slices.Sorted(maps.Keys(o.classes))
	list(c, &classes, func(label *int) { c.int(label) })
	for i, label := range classes {
		if !c.reading {
			break
		}
		if i > 0 && label <= classes[i-1] {
			c.fail("expected classes in their order, found %d after %d", label, classes[i-1])
		}
		if o.classes == nil {
			o.classes = map[int]bool{}
		}
		o.classes[label] = true
	}
	if c.reading && (order != nil && o.order == nil || classes != nil && o.classes == nil) {
		c.fail("expected counts or none, found an empty list")
	}
}

func (o *Observed) check() error {
	if o.evaluated < 0 || o.several && !o.given || o.oneDecision && !o.decided {
		return errors.New("expected what an evaluator can see, found something else")
	}
	return cmp.Or(o.original.valid(), o.compressed.valid())
}

// MarshalBinary implements [encoding.BinaryMarshaler], as that of [SeedResult] does.
func (t *Trigger) MarshalBinary() ([]byte, error) {
	err := t.check(&Outcome{Index: t.SeedIndex, SeedID: t.SeedID})
	if err == nil {
		var data []byte
		if data, err = write(triggerFormat, func(c *coder) { c.trigger(t) }); err == nil {
			return data, nil
		}
	}
	return nil, fmt.Errorf("engine: trigger: %w", err)
}

// UnmarshalBinary implements [encoding.BinaryUnmarshaler], as that of [SeedResult] does.
func (t *Trigger) UnmarshalBinary(data []byte) error {
	var read Trigger
	err := parse(data, triggerFormat, func(c *coder) { c.trigger(&read) })
	if err == nil {
		err = read.check(&Outcome{Index: read.SeedIndex, SeedID: read.SeedID})
	}
	if err != nil {
		return fmt.Errorf("engine: trigger: %w", err)
	}
	*t = read
	return nil
}
