package engine

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/triggerfinder/triggerfinder/answer"
)

// decisions tells whether the original has decided more than one thing, by an oracle that compares decisions other than labels: on which
// side of a threshold, of whom an embedding is. Of labels [seen] does.
type decisions struct {
	decider answer.Decider // nil for other oracles
	several atomic.Bool

	mu    sync.Mutex
	first answer.Answer // a finite one
	alike int           // finite ones, until one was decided otherwise
}

// see looks at an answer of the original that was checked.
func (d *decisions) see(a answer.Answer) {
	if d.decider == nil || d.several.Load() || !answer.Finite(a.Scores) {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.alike == 0 {
		d.first = a.Clone()
	}
	if d.alike++; d.decider.Margin(a, d.first) < 0 {
		d.several.Store(true)
	}
}

// check finds an original that decided alike about all of many inputs: what it is shown may not fit it, or its numbers the oracle, and then there
// was no boundary that a compressed model could have moved.
func (d *decisions) check(oracle answer.Oracle) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.alike < enoughOfOneLabel || d.several.Load() {
		return nil
	}
	return fmt.Errorf("%w: expected an original of which oracle %s tells several decisions, found one for all of %d inputs (%s for the first), and no deviation: "+
		"do the seeds and the preprocessing fit the model, and the oracle its numbers? One seed more that is decided otherwise shows it",
		ErrInconclusive, oracle, d.alike, answer.Say(d.first).In(nil))
}
