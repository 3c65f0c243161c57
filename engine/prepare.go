package engine

import (
	"context"
	"fmt"
)

// Preparer is an optional extension of [Predictor] for a model that has to see inputs before it knows how its own answers are
// to be read, such as whether its scores are logits.
//
// Prepare is called before the model is asked anything else in a search, a replay, a minimisation or by an
// [Evaluator], with the first inputs that both models can take, at most 16, and the other model of the pair. It may be called
// again, with other inputs. Its [Description] may be another one afterwards. An error, which names the model, ends what was about
// to begin.
type Preparer interface {
	Predictor
	Prepare(ctx context.Context, first []Input, other Predictor) error
}

const (
	// firstInputs is how many inputs a model is prepared with.
	firstInputs = 16
	// firstSeeds is among how many seeds they are looked for: seeds may be unusable.
	firstSeeds = 64
)

// prepares reports whether one of the models wants to be prepared.
func (s *Sides) prepares() bool {
	_, original := s.original.predictor.(Preparer)
	_, compressed := s.compressed.predictor.(Preparer)
	return original || compressed
}

// Prepare shows the first inputs, which both models can take, to those that are a [Preparer]. Then both are described anew.
func (s *Sides) Prepare(ctx context.Context, first []Input) error {
	if !s.prepares() || len(first) == 0 {
		return nil
	}
	first = first[:min(len(first), firstInputs)]
	for _, side := range [...]struct{ model, other *model }{{s.original, s.compressed}, {s.compressed, s.original}} {
		if err := side.model.prepare(ctx, first, side.other.predictor); err != nil {
			return err // it names the model
		}
	}
	for _, m := range s.models() {
		m.describeAnew()
	}
	return nil
}

func (m *model) prepare(ctx context.Context, first []Input, other Predictor) (err error) {
	p, ok := m.predictor.(Preparer)
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

func (m *model) describeAnew() {
	d := describe(m.predictor, m.role)
	m.description.Store(&d)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen.classes == 0 {
		m.seen.classes = d.Classes
	}
}

// firstOf reads the first seeds that both models can take, whatever shard they belong to, so that all shards decide alike.
func (s *Sides) firstOf(ctx context.Context, seeds Seeds) []Input {
	var first []Input
	if !s.prepares() {
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
func (s *Sides) usableOf(inputs []Input) []Input {
	var first []Input
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
