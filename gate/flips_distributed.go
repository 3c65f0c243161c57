package gate

import (
	"context"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// FlipCounter evaluates labelled seeds on one of many machines; a [FlipCombiner] puts them together. It is safe for concurrent use.
type FlipCounter struct {
	worker *flipWorker
	seeds  input.Seeds
}

// NewFlipCounter makes one for all seeds and for settings as those of [MeasureFlips], the same on all machines, but for BatchSize and Workers. No more than
// their number, and the names of classes, is read of seeds that are not counted here, unless a model asks to be prepared with the first of them.
func NewFlipCounter(ctx context.Context, pair *model.Pair, seeds input.Seeds, settings FlipSettings) (*FlipCounter, error) {
	w, err := newFlipWorker(pair, seeds, settings)
	if err == nil {
		err = w.evaluator.Begin(ctx, func() ([]input.Input, error) { return w.first(ctx, seeds) })
	}
	if err != nil {
		return nil, fmt.Errorf("gate: flips: %w", err)
	}
	return &FlipCounter{w, seeds}, nil
}

// ID tells measurements apart: those of the same models, seeds in number and names of classes, and settings have the same.
func (f *FlipCounter) ID() string { return idOf(f.worker.asked) }

// first are the inputs with which the models are prepared: those of the first seeds that are evaluated at all.
func (w *flipWorker) first(ctx context.Context, seeds input.Seeds) (inputs []input.Input, err error) {
	for i := range seeds.Len() {
		if i%chunk == 0 && len(inputs) > 0 || len(inputs) == shownFirst || ctx.Err() != nil {
			break
		}
		seed, err := seeds.Seed(i)
		if err == nil && seed.Label != input.Unlabelled && w.evaluator.Usable(seed.Input) == nil {
			inputs = append(inputs, seed.Input)
		}
	}
	return inputs, context.Cause(ctx)
}

// Count evaluates the seeds from one index up to another, but for that. Both are multiples of [PartOf], or the end is that of the seeds. An error is that which
// [MeasureFlips] has for these seeds.
func (f *FlipCounter) Count(ctx context.Context, from, to int) (*FlipCounts, error) {
	if err := checkPart("seeds", from, to, f.worker.asked.Seeds); err != nil {
		return nil, fmt.Errorf("gate: flips: %w", err)
	}
	counts := &FlipCounts{flipCounts{Asked: f.worker.asked, From: from}}
	for at := from; at < to; at += chunk {
		evaluator := f.worker.evaluator.Part(at)
		c, err := f.worker.evaluate(ctx, evaluator, f.seeds.Seed, at, min(at+chunk, to))
		if err != nil {
			return nil, fmt.Errorf("gate: flips: %w", err)
		}
		counts.Chunks = append(counts.Chunks, observedSeeds{c, evaluator.Observed()})
	}
	return counts, nil
}

// FlipCounts are what some of the seeds came to. They can be sent and stored: the format has a version and a checksum.
type FlipCounts struct{ flipCounts }

// Span is from which seed on, and up to which, but for that, they are.
func (f *FlipCounts) Span() (from, to int) {
	to = f.From
	for _, c := range f.Chunks {
		to += len(c.Seeds)
	}
	return f.From, to
}

type flipCounts struct {
	Asked  flipAsked
	From   int
	Chunks []observedSeeds
}

type observedSeeds struct {
	flipChunk
	Observed *engine.Observed
}

const flipCountsFormat = "triggerfinder flip counts\x00\x01"

var (
	_ encoding.BinaryMarshaler   = (*FlipCounts)(nil)
	_ encoding.BinaryUnmarshaler = (*FlipCounts)(nil)
)

// codedSeeds is how seeds that were evaluated together are written.
type codedSeeds struct {
	Labels     []int          `json:"labels"`
	Original   []int          `json:"original"`
	Compressed []int          `json:"compressed"`
	Unstable   []int          `json:"unstable,omitempty"` // places of seeds
	Tied       []int          `json:"tied,omitempty"`
	Unusable   []unusableSeed `json:"unusable,omitempty"`
	Classes    int            `json:"classes"`
	Examples   [][]byte       `json:"examples"`
	Observed   []byte         `json:"observed"`
}

type unusableSeed struct {
	Place  int    `json:"place"`
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// MarshalBinary implements [encoding.BinaryMarshaler].
func (f *FlipCounts) MarshalBinary() ([]byte, error) {
	coded := codedPart[flipAsked, codedSeeds]{Asked: f.Asked, From: f.From}
	for _, c := range f.Chunks {
		one := codeSeeds(c.flipChunk)
		var err error
		if one.Examples, err = marshalAll(c.Examples); err == nil {
			one.Observed, err = c.Observed.MarshalBinary()
		}
		if err != nil {
			return nil, fmt.Errorf("gate: counts of flips: %w", err)
		}
		coded.Chunks = append(coded.Chunks, one)
	}
	return seal(flipCountsFormat, coded)
}

// codeSeeds is what is written of seeds, but for their examples.
func codeSeeds(c flipChunk) codedSeeds {
	one := codedSeeds{Classes: c.Classes}
	for i, s := range c.Seeds {
		one.Labels, one.Original, one.Compressed = append(one.Labels, s.Label), append(one.Original, s.Original), append(one.Compressed, s.Compressed)
		if s.Unstable {
			one.Unstable = append(one.Unstable, i)
		}
		if s.Tied {
			one.Tied = append(one.Tied, i)
		}
		if s.Unusable != "" {
			one.Unusable = append(one.Unusable, unusableSeed{i, s.Name, s.Unusable})
		}
	}
	return one
}

// seeds is what was written of them.
func (one codedSeeds) seeds() (c flipChunk, err error) {
	n := len(one.Labels)
	if n == 0 || n > chunk || len(one.Original) != n || len(one.Compressed) != n || one.Classes < 0 {
		return c, fmt.Errorf("expected up to %d seeds with both labels, found %d, %d and %d", chunk, n, len(one.Original), len(one.Compressed))
	}
	c = flipChunk{Seeds: make([]evaluatedSeed, n), Classes: one.Classes}
	for i := range c.Seeds {
		c.Seeds[i] = evaluatedSeed{Label: one.Labels[i], Original: one.Original[i], Compressed: one.Compressed[i]}
	}
	at := func(places []int, note func(*evaluatedSeed)) {
		for _, place := range places {
			if place < 0 || place >= n {
				err = fmt.Errorf("expected places of 0 to %d, found %d", n-1, place)
				return
			}
			note(&c.Seeds[place])
		}
	}
	at(one.Unstable, func(s *evaluatedSeed) { s.Unstable = true })
	at(one.Tied, func(s *evaluatedSeed) { s.Tied = true })
	for _, u := range one.Unusable {
		at([]int{u.Place}, func(s *evaluatedSeed) { s.Name, s.Unusable = u.Name, u.Reason })
	}
	for _, s := range c.Seeds {
		if s.Unusable == "" && s.Label != input.Unlabelled && (min(s.Label, s.Original) < 0 || max(s.Label, s.Original, s.Compressed) >= c.Classes || s.Compressed < answer.NoLabel) {
			return c, fmt.Errorf("expected labels of 0 to %d, found %d and %d for a seed of class %d", c.Classes-1, s.Original, s.Compressed, s.Label)
		}
	}
	return c, err
}

// UnmarshalBinary implements [encoding.BinaryUnmarshaler]. Data that is damaged, of another version or does not make sense is an error, and leaves the
// counts as they are.
func (f *FlipCounts) UnmarshalBinary(data []byte) error {
	read, err := readFlipCounts(data)
	if err != nil {
		return fmt.Errorf("gate: counts of flips: %w", err)
	}
	f.flipCounts = read
	return nil
}

func readFlipCounts(data []byte) (f flipCounts, err error) {
	var coded codedPart[flipAsked, codedSeeds]
	if err := unseal(data, flipCountsFormat, &coded); err != nil {
		return f, err
	}
	f = flipCounts{Asked: coded.Asked, From: coded.From}
	if !(f.Asked.Confidence > 0 && f.Asked.Confidence < 1) || f.Asked.Examples < 0 {
		return f, fmt.Errorf("expected a confidence above 0 and below 1, and 0 examples or more, found %g and %d", f.Asked.Confidence, f.Asked.Examples)
	}
	end, classes := f.From, 0
	for _, one := range coded.Chunks {
		c := observedSeeds{Observed: new(engine.Observed)}
		if c.flipChunk, err = one.seeds(); err == nil {
			err = c.Observed.UnmarshalBinary(one.Observed)
		}
		if err == nil {
			c.Examples, err = unmarshalAll[engine.Trigger](one.Examples)
		}
		if err != nil {
			return f, err
		}
		if n := len(c.Seeds); len(c.Examples) > min(n, f.Asked.Examples) || slices.ContainsFunc(c.Examples, (*engine.Trigger).Abridged) || n < chunk && end+n != f.Asked.Seeds {
			return f, fmt.Errorf("expected seeds by %d with up to %d whole examples, found %d with %d", chunk, f.Asked.Examples, n, len(c.Examples))
		}
		if classes == 0 {
			classes = c.Classes
		}
		if c.Classes != 0 && c.Classes != classes {
			return f, fmt.Errorf("expected models of %d classes, found %d", classes, c.Classes)
		}
		// There is one way alone to write them.
		again := codeSeeds(c.flipChunk)
		again.Examples, again.Observed = one.Examples, one.Observed
		x, errX := json.Marshal(one)
		y, errY := json.Marshal(again)
		if errX != nil || errY != nil || string(x) != string(y) {
			return f, errors.New("expected seeds in their order, found them otherwise")
		}
		end += len(c.Seeds)
		f.Chunks = append(f.Chunks, c)
	}
	return f, checkPart("seeds", f.From, end, f.Asked.Seeds)
}

// FlipCombiner puts counts of one measurement together: its zero value has none yet. It keeps those alone that wait for earlier ones, and is for one goroutine.
type FlipCombiner struct {
	sum      *flipSum
	classes  int
	observed *engine.Observed
	chunks   chunks[observedSeeds]
}

// Add takes counts, in any order, some of them several times. Those of another measurement are an error, and so are such as are there twice with different
// results.
func (c *FlipCombiner) Add(f *FlipCounts) error {
	if err := c.add(f); err != nil {
		return fmt.Errorf("gate: flips: %w", err)
	}
	return nil
}

func (c *FlipCombiner) add(f *FlipCounts) error {
	if f == nil || len(f.Chunks) == 0 {
		return errors.New("expected counts made by a FlipCounter, found none")
	}
	if c.sum == nil {
		c.sum = f.Asked.begin()
	}
	if what := differentPart(c.sum.asked, f.Asked); what != "" {
		return fmt.Errorf("expected counts of one measurement, found different ones: %s", what)
	}
	for i, one := range f.Chunks {
		if c.classes == 0 {
			c.classes = one.Classes
		}
		if one.Classes != 0 && one.Classes != c.classes {
			return fmt.Errorf("expected models of %d classes, found %d", c.classes, one.Classes)
		}
		coded := codeSeeds(one.flipChunk)
		for _, t := range one.Examples {
			coded.Examples = append(coded.Examples, []byte(t.ID))
		}
		said, err := json.Marshal(coded)
		if err == nil {
			err = c.chunks.add(f.From/chunk+i, one, said)
		}
		if err != nil {
			return fmt.Errorf("seeds %w", err)
		}
	}
	return c.chunks.each(func(one observedSeeds) (bool, error) {
		c.sum.add(one.flipChunk)
		if c.observed == nil {
			c.observed = one.Observed
			return false, nil
		}
		return false, c.observed.Merge(one.Observed)
	})
}

// ErrSeedsMissing says that the counts of some seeds are missing.
var ErrSeedsMissing = errors.New("seeds are missing")

// Flips are those of [MeasureFlips] with the same pair, seeds and settings, and so is the error. Where seeds are missing, it is [ErrSeedsMissing].
func (c *FlipCombiner) Flips() (*Flips, error) {
	if c.sum == nil {
		return nil, fmt.Errorf("gate: flips: %w: found none", ErrSeedsMissing)
	}
	if c.sum.next < c.sum.asked.Seeds {
		return nil, fmt.Errorf("gate: flips: %w: expected %d without a gap, found %d", ErrSeedsMissing, c.sum.asked.Seeds, c.sum.next)
	}
	f, err := c.sum.result(c.observed.Conclude)
	if err != nil {
		return nil, fmt.Errorf("gate: flips: %w", err)
	}
	return f, nil
}
