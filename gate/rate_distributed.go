package gate

import (
	"context"
	"encoding"
	"errors"
	"fmt"
	"slices"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/stats"
)

// RateDrawer makes draws of a rate on one of many machines; a [RateCombiner] puts them together. It is safe for concurrent use.
type RateDrawer struct{ drawer *rateDrawer }

// NewRateDrawer makes one for settings as those of [MeasureRate], the same on all machines, but for BatchSize and Workers. A limit of time is an
// error, as is what is one there before the first draw.
func NewRateDrawer(ctx context.Context, pair *model.Pair, distribution input.Distribution, settings RateSettings) (*RateDrawer, error) {
	d, err := newRateDrawer(pair, distribution, settings)
	if err == nil && settings.Time != 0 {
		err = fmt.Errorf("time of %s: expected none in a distributed measurement: the number of draws is its limit", settings.Time)
	}
	if err == nil {
		err = d.evaluator.Begin(ctx, func() ([]input.Input, error) { return d.first() })
	}
	if err != nil {
		return nil, fmt.Errorf("gate: rate: %w", err)
	}
	return &RateDrawer{d}, nil
}

// ID tells measurements apart: those of the same models, distribution and settings have the same.
func (d *RateDrawer) ID() string { return idOf(d.drawer.asked) }

// shownFirst is with how many inputs models are prepared, at the most.
const shownFirst = 16

func (d *rateDrawer) first() ([]input.Input, error) {
	var inputs []input.Input
	for i := range min(shownFirst, d.settings.Draws) {
		draw, err := input.DrawAt(d.distribution, d.settings.RandomSeed, i)
		if err != nil {
			return nil, err
		}
		if d.evaluator.Usable(draw.Input) == nil {
			inputs = append(inputs, draw.Input)
		}
	}
	return inputs, nil
}

// Draw makes the draws from one up to another, but for that. Both are multiples of [PartOf], or the end is that of the draws. An error is that which
// [MeasureRate] has where it gets there; what was drawn before is returned beside it, as that may decide.
func (d *RateDrawer) Draw(ctx context.Context, from, to int) (*RateDraws, error) {
	if err := checkPart("draws", from, to, d.drawer.settings.Draws); err != nil {
		return nil, fmt.Errorf("gate: rate: %w", err)
	}
	draws := &RateDraws{rateDraws{Asked: d.drawer.asked, From: from}}
	for at := from; at < to; at += chunk {
		evaluator := d.drawer.evaluator.Part(at)
		c, err := d.drawer.draw(ctx, evaluator, at, min(chunk, to-at))
		if err != nil {
			if len(draws.Chunks) == 0 {
				draws = nil
			}
			return draws, fmt.Errorf("gate: rate: %w", err)
		}
		draws.Chunks = append(draws.Chunks, observedDraws{c, evaluator.Observed()})
	}
	return draws, nil
}

// PartOf is of how many draws or seeds a part of a distributed measurement is a multiple.
const PartOf = chunk

// RateDraws are some of the draws of a rate. They can be sent and stored: the format has a version and a checksum.
type RateDraws struct{ rateDraws }

// Span is from which draw on, and up to which, but for that, they are.
func (d *RateDraws) Span() (from, to int) {
	to = d.From
	for _, c := range d.Chunks {
		to += len(c.Kinds)
	}
	return d.From, to
}

type rateDraws struct {
	Asked  rateAsked
	From   int
	Chunks []observedDraws
}

type observedDraws struct {
	rateChunk
	Observed *engine.Observed
}

const rateDrawsFormat = "triggerfinder rate draws\x00\x01"

var (
	_ encoding.BinaryMarshaler   = (*RateDraws)(nil)
	_ encoding.BinaryUnmarshaler = (*RateDraws)(nil)
)

// codedDraws is how draws that were evaluated together are written.
type codedDraws struct {
	Kinds    []byte   `json:"kinds"`
	Examples [][]byte `json:"examples"`
	Observed []byte   `json:"observed"`
}

// MarshalBinary implements [encoding.BinaryMarshaler].
func (d *RateDraws) MarshalBinary() ([]byte, error) {
	coded := codedPart[rateAsked, codedDraws]{Asked: d.Asked, From: d.From}
	for _, c := range d.Chunks {
		one := codedDraws{Kinds: make([]byte, len(c.Kinds))}
		for i, kind := range c.Kinds {
			one.Kinds[i] = byte(kind)
		}
		var err error
		if one.Examples, err = marshalAll(c.Examples); err == nil {
			one.Observed, err = c.Observed.MarshalBinary()
		}
		if err != nil {
			return nil, fmt.Errorf("gate: draws of a rate: %w", err)
		}
		coded.Chunks = append(coded.Chunks, one)
	}
	return seal(rateDrawsFormat, coded)
}

// UnmarshalBinary implements [encoding.BinaryUnmarshaler]. Data that is damaged, of another version or does not make sense is an error, and leaves the
// draws as they are.
func (d *RateDraws) UnmarshalBinary(data []byte) error {
	read, err := readRateDraws(data)
	if err != nil {
		return fmt.Errorf("gate: draws of a rate: %w", err)
	}
	d.rateDraws = read
	return nil
}

func readRateDraws(data []byte) (d rateDraws, err error) {
	var coded codedPart[rateAsked, codedDraws]
	if err := unseal(data, rateDrawsFormat, &coded); err != nil {
		return d, err
	}
	d = rateDraws{Asked: coded.Asked, From: coded.From}
	end := d.From
	for _, one := range coded.Chunks {
		c := observedDraws{Observed: new(engine.Observed)}
		deviating := 0
		for _, kind := range one.Kinds {
			if drawKind(kind) > drawUnusable {
				return d, fmt.Errorf("expected draws of the kinds 0 to %d, found %d", drawUnusable, kind)
			}
			c.Kinds = append(c.Kinds, drawKind(kind))
			if drawKind(kind).deviates() {
				deviating++
			}
		}
		if c.Examples, err = unmarshalAll[engine.Trigger](one.Examples); err == nil {
			err = c.Observed.UnmarshalBinary(one.Observed)
		}
		if err != nil {
			return d, err
		}
		if n := min(deviating, d.Asked.Examples); len(c.Examples) != n || slices.ContainsFunc(c.Examples, (*engine.Trigger).Abridged) {
			return d, fmt.Errorf("expected %d examples of %d deviating draws, found %d", n, deviating, len(c.Examples))
		}
		if end += len(c.Kinds); len(c.Kinds) == 0 || len(c.Kinds) > chunk || len(c.Kinds) < chunk && end != d.Asked.Budget {
			return d, fmt.Errorf("expected draws by %d, found %d", chunk, len(c.Kinds))
		}
		d.Chunks = append(d.Chunks, c)
	}
	if _, err := stats.NewSequence(d.Asked.Limit, d.Asked.Confidence); err != nil {
		return d, err
	}
	return d, checkPart("draws", d.From, end, d.Asked.Budget)
}

// RateCombiner puts draws of one rate together: its zero value has none yet. It keeps those alone that wait for earlier ones, and is for one goroutine.
type RateCombiner struct {
	sum      *rateSum
	observed *engine.Observed
	chunks   chunks[observedDraws]
}

// Add takes draws, in any order, some of them several times. Those of another measurement are an error, and so are such as are there twice with different
// results. Draws behind the one that decides count for nothing.
func (c *RateCombiner) Add(d *RateDraws) error {
	if err := c.add(d); err != nil {
		return fmt.Errorf("gate: rate: %w", err)
	}
	return nil
}

func (c *RateCombiner) add(d *RateDraws) (err error) {
	if d == nil || len(d.Chunks) == 0 {
		return errors.New("expected draws made by a RateDrawer, found none")
	}
	if c.sum == nil {
		if c.sum, err = d.Asked.begin(); err != nil {
			return err
		}
	}
	if what := differentPart(c.sum.asked, d.Asked); what != "" {
		return fmt.Errorf("expected draws of one measurement, found different ones: %s", what)
	}
	for i, one := range d.Chunks {
		said := make([]byte, len(one.Kinds))
		for j, kind := range one.Kinds {
			said[j] = byte(kind)
		}
		for _, t := range one.Examples {
			said = append(said, t.ID...)
		}
		if err := c.chunks.add(d.From/chunk+i, one, said); err != nil {
			return fmt.Errorf("draws %w", err)
		}
	}
	if c.Decided() {
		return nil
	}
	return c.chunks.each(func(one observedDraws) (bool, error) {
		c.sum.look(one.rateChunk)
		if c.observed == nil {
			c.observed = one.Observed
			return c.Decided(), nil
		}
		return c.Decided(), c.observed.Merge(one.Observed)
	})
}

// Decided reports whether no more draws are needed: those added so far decide, or are all.
func (c *RateCombiner) Decided() bool { return c.sum != nil && c.sum.rate.Stop != "" }

// ErrDrawsMissing says that draws are missing before a decision.
var ErrDrawsMissing = errors.New("draws are missing")

// Rate is that of [MeasureRate] with the same pair, distribution and settings, and so is the error beside it. Where draws are missing that count, it is
// [ErrDrawsMissing], and there is no rate.
func (c *RateCombiner) Rate() (*Rate, error) {
	if c.sum == nil {
		return nil, fmt.Errorf("gate: rate: %w: found none", ErrDrawsMissing)
	}
	if !c.Decided() {
		return nil, fmt.Errorf("gate: rate: %w: expected up to %d without a gap, or as many as decide, found %d", ErrDrawsMissing, c.sum.asked.Budget, c.chunks.next*chunk)
	}
	c.sum.setBounds()
	if err := c.sum.conclude(c.observed.Conclude); err != nil {
		return c.sum.rate, fmt.Errorf("gate: rate: %w", err)
	}
	return c.sum.rate, nil
}
