package engine

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// decisions tells whether the original has decided more than one thing, by an oracle that compares decisions other than labels: on which
// side of a threshold, of whom an embedding is. Of labels [seen] does.
type decisions struct {
	decider answer.Decider // nil for other oracles
	several atomic.Bool

	mu    sync.Mutex
	first answer.Answer // a finite one; nil scores until there is one
	alike int           // finite ones, until one was decided otherwise
}

// compareWith has what is seen compared with the original's answer to the first input that it gives a finite one for: to the first of the
// whole search, so that shards and distributed searches, which see parts of it, compare with the same. The search itself asks about that
// input too, and tells what may be wrong with it.
func (d *decisions) compareWith(ctx context.Context, original *side, first []input.Input) {
	if d.decider == nil {
		return
	}
	defer func() { _ = recover() }()
	for _, in := range first {
		answers, err := model.Ask(ctx, original.predictor, []input.Input{in}, nil)
		if err != nil || len(answers) != 1 || answers[0].Check() != nil || answer.Check(d.decider, answers[0], answers[0]) != nil {
			return
		}
		if answer.Finite(answers[0].Scores) {
			d.first = answers[0].Clone()
			return
		}
	}
}

// anew are decisions that were not seen yet, compared with the same.
func (d *decisions) anew(fresh *decisions) {
	fresh.decider, fresh.first = d.decider, d.first
}

// see looks at an answer of the original that was checked.
func (d *decisions) see(a answer.Answer) {
	if d.decider == nil || d.several.Load() || !answer.Finite(a.Scores) {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.first.Scores == nil {
		d.first = a.Clone()
	}
	if d.alike++; d.decider.Margin(a, d.first) < 0 {
		d.several.Store(true)
	}
}

// decided reports whether there was anything to decide.
func (d *decisions) decided() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.alike > 0
}

// one reports whether everything was decided alike.
func (d *decisions) one() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.alike > 0 && !d.several.Load()
}

// checkOneDecision is about an original that decided alike about all inputs. Of many, what it is shown may not fit it, or its numbers the oracle, and then
// there was no boundary that a compressed model could have moved.
func checkOneDecision(oracle string, inputs int) error {
	if inputs < enoughOfOneLabel {
		return nil
	}
	return fmt.Errorf("%w: expected an original of which oracle %s tells several decisions, found one for all of %d inputs, and no deviation: "+
		"do the seeds and the preprocessing fit the model, and the oracle its numbers? One seed more that is decided otherwise shows it",
		ErrInconclusive, oracle, inputs)
}
