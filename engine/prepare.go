package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

const (
	// firstInputs is how many inputs a model is prepared with.
	firstInputs = 16
	// firstSeeds is among how many seeds they are looked for: seeds may be unusable.
	firstSeeds = 64
)

// prepares reports whether one of the models wants to be prepared.
func (s *Sides) prepares() bool {
	return slices.ContainsFunc(s.all(), func(m *side) bool {
		_, ok := m.predictor.(model.Preparer)
		return ok
	})
}

// Prepare shows the first inputs, which both models can take, to those that are a [model.Preparer]. So are models between them, with the
// original. Then all are described anew.
func (s *Sides) Prepare(ctx context.Context, first []input.Input) error {
	if !s.prepares() || len(first) == 0 {
		return nil
	}
	first = first[:min(len(first), firstInputs)]
	for _, side := range [...]struct{ model, other *side }{{s.original, s.compressed}, {s.compressed, s.original}} {
		if err := side.model.prepare(ctx, first, side.other.predictor); err != nil {
			return err // it names the model
		}
	}
	for _, m := range s.between.models {
		if err := m.prepare(ctx, first, s.original.predictor); err != nil {
			return err
		}
	}
	for _, m := range s.all() {
		m.describeAnew()
	}
	return nil
}

func (m *side) prepare(ctx context.Context, first []input.Input, other model.Predictor) (err error) {
	p, ok := m.predictor.(model.Preparer)
	if !ok {
		return nil
	}
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%s model %q: panic: %v (%s)", m.role, m.described().Name, cause, panicked())
		}
	}()
	return p.Prepare(ctx, first, other)
}

func (m *side) describeAnew() {
	d := model.Describe(m.predictor, m.role)
	m.description.Store(&d)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen.classes == 0 {
		m.seen.classes = d.Classes
	}
}

// firstOf reads the first seeds that both models can take, whatever shard they belong to, so that all shards decide alike.
func (s *Sides) firstOf(ctx context.Context, seeds input.Seeds) []input.Input {
	var first []input.Input
	if !s.prepares() && s.decisions.decider == nil {
		return nil
	}
	for i := 0; i < min(seeds.Len(), firstSeeds) && len(first) < firstInputs && ctx.Err() == nil; i++ {
		seed, err := seeds.Seed(i)
		if err == nil && s.Usable(seed.Input) == nil {
			first = append(first, seed.Input)
		}
	}
	return first
}

// usableOf are the first of the inputs that both models can take.
func (s *Sides) usableOf(inputs []input.Input) []input.Input {
	var first []input.Input
	if !s.prepares() {
		return nil
	}
	for _, in := range inputs {
		if len(first) == firstInputs {
			break
		}
		if s.Usable(in) == nil {
			first = append(first, in)
		}
	}
	return first
}
