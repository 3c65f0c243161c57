package strategies

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
)

// The defaults of [DiffChaserSearch]; its fields say where they come from.
const (
	defaultPopulation    = 1000
	defaultTournament    = 20
	defaultCrossoverRate = 0.5
	defaultMutationRate  = 0.01
	defaultUncertainty   = 2
	defaultElite         = 1
)

// DiffChaser is the genetic algorithm of Xie et al. (IJCAI 2019), with the operators of
// [generators.UsualMutators]: those of [generators.Published] for images. Its generations of 1000 cost many queries: see [DiffChaserSearch] for
// where that comes from, and give it a budget of several thousand queries a seed or a smaller
// Population.
func DiffChaser() DiffChaserSearch {
	return DiffChaserSearch{Mutators: []input.Mutator{generators.UsualMutators()}}
}

// DiffChaserSearch is the genetic algorithm of "DiffChaser: Detecting Disagreements for Deep Neural Networks"
// (Xie et al., IJCAI 2019), untargeted. It breeds inputs about which both models are uncertain: near a
// decision boundary, where two models that are nearly the same are the most likely to differ. It
// never looks at the difference of the two.
//
// The first generation is the seed and mutants of it. Every individual has an uncertainty a model:
// the model's highest probability minus its K-th highest, less being fitter. A child mixes the values of
// two parents, the winner of a tournament by the original's uncertainty and that of one by the compressed
// model's, and is sometimes mutated. The fittest by either model live on unchanged.
//
// Where this comes from: the paper's Algorithm 1 has the loop, which keeps the fittest, and two
// parameters, the size of the population and the rate of mutation. We found no code that its authors
// released, and not the values of the parameters. Ours are those of public code that seems to descend
// from theirs, the class Population of several generators of test inputs (tour_size 20, cross_rate 0.5,
// two tournaments by two fitnesses; mutate_rate 0.01 in three repositories, 0.005 in one), and agree with
// a version of DiffChaser in PyTorch by others (one fitness a model, crossover 0.5), but for the latter's
// tournaments of 4 and mutation of every pixel with the probability 0.01. We differ from these in that
//
//   - the fittest are not asked again, nor is the seed, since their answers are known;
//   - tournaments draw with replacement, and two parents are always two individuals;
//   - they keep mutants within a distance of the seed themselves; here a [distance.Bound] does, where there is
//     one.
//
// A generation costs nearly Population queries, so with a budget below that it is no more than
// [RandomSearch]. It is asked in parts, so that a search ends soon after its first hit.
//
// Of answers that are no class scores, the uncertainty of a model is how far it is from another decision, where the oracle is an
// [answer.Decider], and for both what the oracle lacks to a deviation otherwise. An oracle that is not [answer.Graded] tells
// nothing of either: what is bred is as good as random then.
//
// The search of a seed holds two generations, at one byte a value for 8-bit inputs and four for
// others: 1.5 MB for images of 28x28, 300 MB for colour images of 224x224. For those, take a smaller
// Population or a smaller [engine.Settings].Window.
type DiffChaserSearch struct {
	// Mutators are the operators that a mutation chooses from, each with the same probability; at
	// least one. Those that cannot change a seed are left out for it.
	Mutators []input.Mutator
	// Population is the number of individuals in a generation. 0 means 1000, what DiffChaser is said to
	// run with; it agrees with the 52 to 536 times as many queries as its own that the TriggerFinder
	// paper reports for it (arXiv 2112.02819v1, abstract). One of those generators takes 200.
	Population int
	// Tournament is how many individuals, drawn at random, compete to be a parent. 0 means 20.
	Tournament int
	// CrossoverRate is the probability of a value to come from the first parent, not the second.
	// 0 means 0.5.
	CrossoverRate float64
	// MutationRate is the probability of a child to be mutated by one operator. 0 means 0.01.
	MutationRate float64
	// K is the rank of the probability that is compared with the highest: the paper's k-uncertainty.
	// 0 means 2, the paper's basic fitness.
	K int
	// Elite is how many of the fittest by each model live on unchanged. 0 means 1.
	Elite int
}

var _ engine.Strategy = DiffChaserSearch{}

// String names the strategy and what distinguishes it.
func (d DiffChaserSearch) String() string {
	return strategyName("diffchaser",
		strategyOption{"population", float64(d.Population), defaultPopulation},
		strategyOption{"tournament", float64(d.Tournament), defaultTournament},
		strategyOption{"crossover rate", d.CrossoverRate, defaultCrossoverRate},
		strategyOption{"mutation rate", d.MutationRate, defaultMutationRate},
		strategyOption{"k", float64(d.K), defaultUncertainty},
		strategyOption{"elite", float64(d.Elite), defaultElite})
}

// completed is d with its defaults, or an error that names an option that cannot be.
func (d DiffChaserSearch) completed() (DiffChaserSearch, error) {
	d.Population = cmp.Or(d.Population, defaultPopulation)
	d.Tournament = cmp.Or(d.Tournament, defaultTournament)
	d.K = cmp.Or(d.K, defaultUncertainty)
	d.Elite = cmp.Or(d.Elite, defaultElite)
	if d.CrossoverRate == 0 {
		d.CrossoverRate = defaultCrossoverRate
	}
	if d.MutationRate == 0 {
		d.MutationRate = defaultMutationRate
	}
	switch {
	case d.Tournament < 1:
		return d, fmt.Errorf("diffchaser: Tournament is %d; expected at least 1, or 0 for %d", d.Tournament, defaultTournament)
	case d.K < 2:
		return d, fmt.Errorf("diffchaser: K is %d; expected at least 2, or 0 for %d", d.K, defaultUncertainty)
	case d.Elite < 1:
		return d, fmt.Errorf("diffchaser: Elite is %d; expected at least 1, or 0 for %d", d.Elite, defaultElite)
	case d.Population < 2*d.Elite+1:
		return d, fmt.Errorf("diffchaser: Population is %d; expected at least %d, so that one is left beside the %d fittest by each model",
			d.Population, 2*d.Elite+1, d.Elite)
	case !(d.CrossoverRate > 0 && d.CrossoverRate < 1):
		return d, fmt.Errorf("diffchaser: CrossoverRate is %g; expected above 0 and below 1", d.CrossoverRate)
	case !(d.MutationRate > 0 && d.MutationRate <= 1):
		return d, fmt.Errorf("diffchaser: MutationRate is %g; expected above 0 and at most 1", d.MutationRate)
	}
	return d, nil
}

// NewSearcher implements [engine.Strategy].
func (d DiffChaserSearch) NewSearcher(task engine.Task) (engine.Searcher, error) {
	d, err := d.completed()
	if err != nil {
		return nil, err
	}
	fit, err := fitting(d.Mutators, task.Seed.Input)
	if err != nil {
		return nil, fmt.Errorf("diffchaser: %w", err)
	}
	s := &diffChaserSearcher{
		omitting: fit, options: d, rng: task.Rand, seed: task.Seed.Input,
		parents: newGeneration(task), children: newGeneration(task),
		other:   make([]float32, len(task.Seed.Input.Data)),
		lineage: []birth{{parent: none, operator: none}},
	}
	s.children.add(task.Seed, d.K, 0)
	return s, nil
}

// askedAtOnce is the most candidates of one ask, the engine's usual batch: fewer would leave batches
// empty when few seeds are searched, more would cost queries beyond the first hit.
const askedAtOnce = engine.DefaultBatchSize

// none stands for no parent, and for no mutation.
const none = -1

type diffChaserSearcher struct {
	omitting
	options  DiffChaserSearch // completed
	rng      *rand.Rand
	seed     input.Input
	parents  *generation   // empty while the first generation is made
	children *generation   // those whose answers are known
	asked    []input.Input // the latest part of the children
	memory   []input.Input // of asked
	other    []float32     // values of a second parent
	// lineage has the birth of everyone that was ever asked for, the seed's first: 8 bytes a query.
	lineage []birth
}

var (
	_ engine.Historian = (*diffChaserSearcher)(nil)
	_ engine.Omitter   = (*diffChaserSearcher)(nil)
)

// birth is where an individual comes from.
type birth struct {
	parent   int32 // position of the first parent's birth, or none for the seed
	operator int16 // that mutated it, or none
	crossed  bool  // with a second parent
}

func (s *diffChaserSearcher) Ask(limit int) []input.Input {
	if s.children.len() == s.options.Population {
		s.parents, s.children = s.children, s.parents
		s.children.clear()
		s.keepFittest()
	}
	n := min(limit, askedAtOnce, s.options.Population-s.children.len())
	for len(s.memory) < n {
		s.memory = append(s.memory, s.seed.Clone())
	}
	s.asked = s.memory[:n]
	for _, child := range s.asked {
		if s.parents.len() == 0 {
			s.lineage = append(s.lineage, birth{parent: 0, operator: s.mutate(child, s.seed.Data)})
		} else {
			s.lineage = append(s.lineage, s.breed(child))
		}
	}
	return s.asked
}

func (s *diffChaserSearcher) Tell(evaluations []engine.Evaluation) {
	first := len(s.lineage) - len(evaluations)
	for i, e := range evaluations {
		s.children.add(e, s.options.K, int32(first+i))
	}
}

// keepFittest lets the fittest parents by each model live on. Their answers are known.
func (s *diffChaserSearcher) keepFittest() {
	for side := range s.parents.uncertainty {
		for range s.options.Elite {
			if i := s.parents.fittest(side, s.children); i != none {
				s.children.inherit(s.parents, i)
			}
		}
	}
}

// breed writes a child of two parents.
func (s *diffChaserSearcher) breed(child input.Input) birth {
	first := s.tournament(0, none)
	second := s.tournament(1, first)
	s.parents.read(child.Data, first)
	s.parents.read(s.other, second)
	s.cross(child.Data, s.other)
	b := birth{parent: s.parents.born[first], operator: none, crossed: true}
	if s.rng.Float64() < s.options.MutationRate {
		copy(s.other, child.Data)
		b.operator = s.mutate(child, s.other)
	}
	return b
}

// tournament returns the fittest parent, for a model, of some drawn at random with replacement, never
// the one excepted.
func (s *diffChaserSearcher) tournament(side, excepted int) int {
	uncertainty := s.parents.uncertainty[side]
	best := none
	for range s.options.Tournament {
		i := s.rng.IntN(len(uncertainty))
		for i == excepted {
			i = s.rng.IntN(len(uncertainty))
		}
		if best == none || uncertainty[i] < uncertainty[best] {
			best = i
		}
	}
	return best
}

// cross leaves each value of child as it is with the probability of the crossover rate, and takes that
// of other otherwise.
func (s *diffChaserSearcher) cross(child, other []float32) {
	// 16 random bits decide about a value, so that one draw does for four.
	const bits, several = 16, 4
	kept := uint64(s.options.CrossoverRate*(1<<bits) + 0.5)
	other = other[:len(child)]
	for at := 0; at < len(child); at += several {
		random := s.rng.Uint64()
		for i := at; i < min(at+several, len(child)); i++ {
			if random&(1<<bits-1) >= kept {
				child[i] = other[i]
			}
			random >>= bits
		}
	}
}

// mutate writes a mutant of src, which is other memory, and returns its operator.
func (s *diffChaserSearcher) mutate(dst input.Input, src []float32) int16 {
	operator := s.rng.IntN(len(s.mutators))
	from := s.seed
	from.Data = src
	s.mutators[operator].Mutate(dst, from, s.rng)
	return int16(operator)
}

// History follows the line of first parents, those chosen by the original's uncertainty. "crossover"
// stands for each mixing with a second parent.
func (s *diffChaserSearcher) History(i int) []string {
	var names []string
	for at := len(s.lineage) - len(s.asked) + i; at > 0; at = int(s.lineage[at].parent) {
		b := s.lineage[at]
		if b.operator != none {
			names = append(names, s.mutators[b.operator].String())
		}
		if b.crossed {
			names = append(names, "crossover")
		}
	}
	slices.Reverse(names)
	return names
}

// generation holds individuals of one seed's search: their values and what is known about them.
type generation struct {
	size   int // values of one individual
	narrow bool
	bytes  []uint8   // values, when they are bytes
	floats []float32 // values, otherwise
	born   []int32   // positions in the lineage
	gauge  *gauge    // of how certain models are whose answers are no class scores; nil for others
	// uncertainty has, by model (0 is the original), that of each individual.
	uncertainty [2][]float32
}

func newGeneration(task engine.Task) *generation {
	seed := task.Seed.Input
	g := &generation{size: len(seed.Data), narrow: seed.Domain == input.Bytes && seed.Uniform()}
	if !task.OfClasses() {
		of := newGauge(task)
		g.gauge = &of
	}
	return g
}

func (g *generation) len() int { return len(g.born) }

func (g *generation) clear() {
	g.bytes, g.floats, g.born = g.bytes[:0], g.floats[:0], g.born[:0]
	for side, u := range g.uncertainty {
		g.uncertainty[side] = u[:0]
	}
}

// add appends an individual with the answers to it.
func (g *generation) add(e engine.Evaluation, k int, born int32) {
	if g.narrow {
		for _, v := range e.Input.Data {
			g.bytes = append(g.bytes, uint8(v))
		}
	} else {
		g.floats = append(g.floats, e.Input.Data...)
	}
	g.born = append(g.born, born)
	original, compressed := float32(math.Inf(1)), float32(math.Inf(1)) // the least fit
	switch {
	case e.Verdict.Kind != answer.OtherAnswer:
	case g.gauge != nil:
		o, c := g.gauge.of(&e)
		original, compressed = float32(math.Abs(o)), float32(math.Abs(c))
	default:
		original, compressed = uncertainty(e.Original.Scores, k), uncertainty(e.Compressed.Scores, k)
	}
	g.uncertainty[0] = append(g.uncertainty[0], original)
	g.uncertainty[1] = append(g.uncertainty[1], compressed)
}

// uncertainty is how near a model's row of scores is to one without a clear label.
func uncertainty(scores []float32, k int) float32 {
	if len(scores) == 0 {
		return 0
	}
	return answer.KthScore(scores, 1) - answer.KthScore(scores, k)
}

// inherit appends individual i of another generation.
func (g *generation) inherit(from *generation, i int) {
	if g.narrow {
		g.bytes = append(g.bytes, from.bytes[i*from.size:(i+1)*from.size]...)
	} else {
		g.floats = append(g.floats, from.floats[i*from.size:(i+1)*from.size]...)
	}
	g.born = append(g.born, from.born[i])
	for side, u := range from.uncertainty {
		g.uncertainty[side] = append(g.uncertainty[side], u[i])
	}
}

// read copies the values of individual i.
func (g *generation) read(dst []float32, i int) {
	if !g.narrow {
		copy(dst, g.floats[i*g.size:(i+1)*g.size])
		return
	}
	for j, b := range g.bytes[i*g.size : (i+1)*g.size] {
		dst[j] = float32(b)
	}
}

// fittest is the individual about which a model is the least certain, of those that are not in the
// other generation; none when all are.
func (g *generation) fittest(side int, but *generation) int {
	best := none
	for i, u := range g.uncertainty[side] {
		if (best == none || u < g.uncertainty[side][best]) && !slices.Contains(but.born, g.born[i]) {
			best = i
		}
	}
	return best
}
