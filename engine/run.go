package engine

import (
	"fmt"
	"math/rand/v2"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// run is the search of one seed.
type run struct {
	outcome   *Outcome
	seed      input.Seed
	region    distance.Region // nil when there is no bound
	rng       *rand.Rand
	screening Evaluation   // of the seed
	packed    input.Packed // the seed, while it is one of the pool and not searched yet
	known     bool         // screening holds both models' answers
	labels    *[2]int      // of both models for the seed, until they are counted
	searcher  Searcher
	memory    memory
	unchanged uint64 // hash of the seed
	moved     bool   // something else than the seed was asked for
	noRoom    bool   // it was skipped since nothing but the seed lies within the bound

	allowance int // queries allowed in this round
	seconds   float64
	ended     bool // Outcome.Status says how
	err       error

	// Closing in.
	closing  bool
	from     int             // Outcome.Queries at the first hit, rounds included
	ruler    *distance.Ruler // measures hits against the seed
	nearest  candidate       // the nearest hit not confirmed yet
	standing float64         // distance of Outcome.Trigger by the aim

	spent    Ledger // in this step; see book
	round    Ledger // in this round, but for the step under way
	asked    []input.Input
	requests []GradientRequest // of this step
	probed   []input.Input     // asked of the original alone
}

// candidate is a hit that waits for its confirmation.
type candidate struct {
	input    input.Input
	distance float64 // by the aim
	queries  int
	history  []string
	waiting  bool
}

// book adds a step to the round and to the outcome.
func (r *run) book() {
	r.round.add(r.spent)
	r.outcome.Queries += r.spent.Queries
	r.outcome.Unstable += r.spent.Unstable
	r.outcome.Ties += r.spent.Ties
	r.outcome.Unusable += r.spent.Unusable
	r.outcome.OtherCauses += r.spent.OtherCauses
	r.outcome.Gradients += r.spent.Gradients
	r.outcome.Seconds = r.seconds
	r.spent = Ledger{}
}

func (r *run) end(status SeedStatus) { r.outcome.Status, r.ended = status, true }

// interrupt ends a run whose search is under way.
func (r *run) interrupt() {
	if !r.ended && r.searcher != nil {
		r.end(Interrupted)
	}
}

// pack keeps the seed in less memory until its turn comes, and returns how much that is. A trigger that the seed itself is has no input meanwhile.
func (r *run) pack() int {
	if len(r.seed.Input.Data) == 0 {
		return 0
	}
	r.packed = input.Pack(r.seed.Input)
	if t := r.outcome.Trigger; t != nil && vec.SameBits(t.Input.Data, r.seed.Input.Data) {
		t.Seed.Data, t.Input.Data = nil, nil
	}
	r.seed.Input.Data, r.screening.Input.Data, r.asked, r.ruler = nil, nil, nil, nil
	return r.packed.Size()
}

// unpack takes it back.
func (r *run) unpack() {
	if r.packed.Len() == 0 {
		return
	}
	r.seed.Input = r.packed.Unpack()
	if r.known {
		r.screening.Input = r.seed.Input
	}
	if t := r.outcome.Trigger; t != nil && t.Input.Data == nil {
		t.Seed, t.Input = r.seed.Input, r.packed.Unpack()
		if r.packed.Size() > r.packed.Len() { // its memory is the seed's
			t.Input = t.Input.Clone()
		}
	}
	r.packed = input.Packed{}
}

// forget takes back what screening found, for a seed whose turn does not come.
func (r *run) forget() {
	r.outcome.Status, r.outcome.Trigger, r.outcome.FirstHit = NotSearched, nil, nil
	r.outcome.Apart = nil
}

// blame says which seed an error is about.
func (r *run) blame(err error) error {
	return fmt.Errorf("%s: %w", seedWords(r.outcome.Index, r.outcome.Name), err)
}

// seedWords names a seed.
func seedWords(index int, name string) string {
	if name == "" {
		return fmt.Sprintf("seed %d", index)
	}
	return fmt.Sprintf("seed %d (%s)", index, name)
}

func (r *run) skip(err error) {
	r.outcome.Reason = err.Error()
	r.end(Skipped)
}

// unlimited is more than any strategy asks for at once.
const unlimited = 1 << 20

// left is how many queries the run may still spend.
func (r *run) left(b Budget) int {
	left, spent := unlimited, r.outcome.Queries+r.spent.Queries
	if b.QueriesPerSeed > 0 {
		left = b.QueriesPerSeed - spent
	}
	if r.closing {
		left = min(left, r.from+b.ClosingQueriesPerSeed-spent)
	}
	return left
}

// exhausted reports whether the run has spent its budget.
func (r *run) exhausted(b Budget) bool {
	return r.left(b) <= 0 || b.TimePerSeed > 0 && r.seconds >= b.TimePerSeed.Seconds()
}

// rulerOf measures inputs against the seed.
func (r *run) rulerOf() *distance.Ruler {
	if r.ruler == nil {
		r.ruler = distance.NewRuler(r.seed.Input)
	}
	return r.ruler
}

// finished reports whether the run came to its end, after the bookings of the round.
func (r *run) finished(b Budget) bool {
	if !r.ended && r.exhausted(b) {
		r.end(SeedExhausted)
	}
	if r.ended && r.known && r.idle() {
		r.noRoom = r.region != nil
		r.skip(r.blame(fmt.Errorf("no query of %d differed from the seed%s", r.outcome.Queries, map[bool]string{true: ": the bound leaves the strategy no other input"}[r.noRoom])))
	}
	return r.ended
}

// idle reports whether a search that came to its end without a trigger never asked for anything but the seed.
func (r *run) idle() bool {
	return !r.moved && r.outcome.Queries > 0 && (r.outcome.Status == SeedExhausted || r.outcome.Status == GaveUp)
}

// approached notes how near an answer came to a deviation.
func (r *run) approached(shortfall float64) {
	if r.outcome.Nearest == nil {
		r.outcome.Nearest = new(float64)
		*r.outcome.Nearest = shortfall
	}
	*r.outcome.Nearest = min(*r.outcome.Nearest, shortfall)
}
