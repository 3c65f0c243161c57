package engine

import (
	"iter"
	"math/rand/v2"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/input"
)

// Evaluation is one input with what both models say about it.
type Evaluation struct {
	Input      input.Input
	Original   answer.Answer
	Compressed answer.Answer
	// Verdict says what the oracle makes of it. A strategy is shown the seed's scores, and the kind [answer.Unusable], where a
	// model's are not finite: nothing can be learned from those.
	Verdict answer.Verdict
	// Deviation is how the answers deviate, in the words of the oracle. It is there where an input was run alone and deviated, as
	// for a confirmation or a replay; nil otherwise.
	Deviation *answer.Deviation
	// Steps is what each step of the pair's chain does, where the pair has one, an input was run alone and deviated: in a replay and of an [Evaluator].
	Steps StepVerdicts
	// Far is how far a hit is from the seed by the aim of the search, where the engine measured that: while closing in.
	// Otherwise it is 0.
	Far float64
}

// Task is what a strategy is given to search one seed. Everything but Rand may be shared with other
// searchers and must not be changed.
type Task struct {
	// Seed is the seed with both models' answers. Its memory stays valid and unchanged.
	Seed Evaluation
	// Region is the bound around the seed, nil for the whole domain. The engine projects every
	// candidate; a strategy may do so before, to know what it asks.
	Region distance.Region
	// Oracle is what decides; see [answer.Graded] for how near an answer came.
	Oracle answer.Oracle
	// Aim is the distance that closing in makes smaller.
	Aim distance.Aim
	// Rand is the seed's own random stream.
	Rand *rand.Rand
	// Gradients says which models tell how their scores change with inputs like the seed, to a [GradientSearcher].
	Gradients Gradients
	// Ruler measures how far inputs are from the seed. It is the engine's own, so that what it takes to compare with the seed is
	// computed once in a search; nil in a task that is not the engine's.
	Ruler *distance.Ruler
}

// OfClasses reports whether labels and their margins can lead a search: both models give scores of the same classes, and the oracle
// compares labels, or they are probabilities and the oracle has no decisions of its own. Otherwise an [answer.Decider], an
// [answer.Measured] or the [Shortfall] leads.
func (t Task) OfClasses() bool {
	o, c := t.Seed.Original, t.Seed.Compressed
	if o.Outputs != nil || c.Outputs != nil || len(o.Scores) < 2 || len(o.Scores) != len(c.Scores) {
		return false
	}
	if answer.ByLabel(t.Oracle) {
		return true
	}
	return answer.DeciderOf(t.Oracle) == nil && answer.Distribution(o.Scores) && answer.Distribution(c.Scores)
}

// Shortfall is how far the answers of an evaluation are from a deviation by an oracle: 0 for a deviation, what a [answer.Graded] one
// says, and 1 for all others where it is not graded.
func Shortfall(oracle answer.Oracle, e *Evaluation) float64 {
	if e.Verdict.Deviates {
		return 0
	}
	if graded, ok := oracle.(answer.Graded); ok {
		return graded.Shortfall(e.Original, e.Compressed)
	}
	return 1
}

// Strategy makes a [Searcher] for each seed. It is safe for concurrent use.
type Strategy interface {
	NewSearcher(task Task) (Searcher, error)
	// String names the strategy with the options that distinguish it, for reports.
	String() string
}

// PoolStrategy is an optional extension of [Strategy] for strategies that look at other seeds too,
// such as that of strategies.Boundary, which walks from a seed to seeds of other labels.
type PoolStrategy interface {
	Strategy
	// PoolSize is how many seeds the strategy wants to see. The engine takes them at even steps
	// from all seeds and screens them first, and at most as many inputs of [Settings].Pool. They cost no queries, as all screening.
	PoolSize() int
	// WithPool returns the strategy for one search with these screened seeds, in their order,
	// without those that cannot be used. Their memory stays valid and unchanged.
	WithPool(pool []Evaluation) Strategy
}

// PoolReader is an optional extension of [PoolStrategy] for pools that would be large in memory. ReadPool is called in place of WithPool. The
// Data of each seed is valid until the next one only; the packed seed beside it may be kept.
type PoolReader interface {
	PoolStrategy
	ReadPool(pool iter.Seq2[Evaluation, input.Packed]) Strategy
}

// withPool shows a strategy a pool.
func withPool(strategy PoolStrategy, pool []screened) Strategy {
	if reader, ok := strategy.(PoolReader); ok {
		var room []float32
		return reader.ReadPool(func(yield func(Evaluation, input.Packed) bool) {
			for i := range pool {
				e := pool[i].evaluation
				room = slices.Grow(room[:0], pool[i].packed.Len())
				e.Input = pool[i].packed.UnpackInto(room)
				if !yield(e, pool[i].packed) {
					return
				}
			}
		})
	}
	evaluations := make([]Evaluation, len(pool))
	for i := range pool {
		evaluations[i] = pool[i].evaluation
		evaluations[i].Input = pool[i].packed.Unpack()
	}
	return strategy.WithPool(evaluations)
}

// Searcher searches from one seed by ask and tell. It never calls a model and never sees
// another seed's search, so every strategy gets batching, budgets, bounds, cancellation and
// determinism from the engine.
type Searcher interface {
	// Ask returns the candidates to evaluate next, at least one and at most limit of them, or none
	// when there is nothing more to try. The engine may move a candidate into the bound in place,
	// and is done with them after the next call of Tell.
	Ask(limit int) []input.Input
	// Tell gives both models' answers to all candidates of the last Ask, in their order. The
	// evaluations are valid during the call only. A Verdict that deviates is a hit: the engine ends
	// the search at the first confirmed one, unless the searcher is a [Closer]; one that did not
	// repeat is told as no deviation.
	Tell(evaluations []Evaluation)
}

// Closer is an optional extension of [Searcher]: it goes on after the first trigger, within
// [Budget].ClosingQueriesPerSeed, to bring the trigger nearer to its seed.
type Closer interface {
	Searcher
	// CloseIn is called once, before the Tell with the first confirmed hit. From then on the
	// engine keeps the nearest hit by the aim of the task, whatever the searcher does. It returns
	// false to end the search instead.
	CloseIn() bool
}

// Historian is an optional extension of [Searcher]: History lists the mutation operators that
// lead from the seed to candidate i of the last Ask. It is called before Tell.
type Historian interface {
	History(i int) []string
}

// PathSearcher is an optional extension of [Searcher], for one that goes along paths to other seeds.
type PathSearcher interface {
	Searcher
	// Pathless reports whether there is no seed of another label for a path to lead to. Reports tell of such seeds.
	Pathless() bool
}

// Omitter is an optional extension of [Searcher]: it goes on without those of its operators that cannot change its seed.
type Omitter interface {
	Searcher
	// LeftOut is how many operators it goes without; reports show it.
	LeftOut() int
}
