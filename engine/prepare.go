package engine

import (
	"context"
	"fmt"
	"slices"
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
func prepares(models ...*model) bool {
	return slices.ContainsFunc(models, func(m *model) bool {
		_, ok := m.predictor.(Preparer)
		return ok
	})
}

// prepare shows the first inputs to both models. Then they are described anew.
func prepare(ctx context.Context, original, compressed *model, first []Input) error {
	if !prepares(original, compressed) || len(first) == 0 {
		return nil
	}
	first = first[:min(len(first), firstInputs)]
	for _, side := range [...]struct{ model, other *model }{{original, compressed}, {compressed, original}} {
		if err := side.model.prepare(ctx, first, side.other.predictor); err != nil {
			return err // it names the model
		}
	}
	for _, m := range [...]*model{original, compressed} {
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
	if m.classes == 0 {
		m.classes = d.Classes
	}
}

// firstOf reads the first seeds that both models can take, whatever shard they belong to, so that all shards decide alike.
func firstOf(ctx context.Context, seeds Seeds, original, compressed *model) []Input {
	var first []Input
	if !prepares(original, compressed) {
		return nil
	}
	for i := 0; i < min(seeds.Len(), firstSeeds) && len(first) < firstInputs && ctx.Err() == nil; i++ {
		seed, err := seeds.Seed(i)
		if err == nil && usable(seed.Input, original, compressed) == nil {
			first = append(first, seed.Input)
		}
	}
	return first
}

// usableOf are the first of the inputs that both models can take.
func usableOf(inputs []Input, original, compressed *model) []Input {
	var first []Input
	if !prepares(original, compressed) {
		return nil
	}
	for _, in := range inputs {
		if len(first) == firstInputs {
			break
		}
		if usable(in, original, compressed) == nil {
			first = append(first, in)
		}
	}
	return first
}
