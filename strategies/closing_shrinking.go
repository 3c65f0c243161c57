package strategies

import (
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
)

// Parameters of closing in by boxes, chosen on the embedded pairs and the zoo's, on other seeds than those of docs/results.
const (
	firstBox    = 32.0 // how far a value may move in the first box, in 1/255 of the domain's range
	boxesAtWork = 40   // queries from which on there are boxes: with fewer, other paths bring more
	othersHave  = 0.5  // share of the queries that is kept for other ways, where the first box holds no hit
	leastValues = 64   // of an input: where it has fewer, boxes have few corners
)

// shrinksBy is what is left of a box after a hit in it, the less the sooner it came.
func shrinksBy(queries int) float64 {
	switch {
	case queries < 12:
		return 0.5
	case queries < 40:
		return 0.7
	}
	return 0.85
}

// shrinkingCloser brings a trigger nearer to its seed, by its L2 or L-infinity distance, with searches within boxes around the seed that
// shrink with every hit. The linear model of the climb (see [linearClimb]) is of the neighbourhood of the seed, and serves in
// the next box too; [closer] moves along the boundary from where a path has crossed it, which is often far.
type shrinkingCloser struct {
	s         *boundarySearcher
	low, high []float32 // of the bound, nil where there is none
	inner     *boundarySearcher
	radius    float64 // of its box
	spent     int     // queries in it
	probes    int     // those of them that were of the original alone, two to one

	best    float64 // distance of the nearest hit, by the aim
	nearest engine.Evaluation
	boxed   bool    // a hit was found in a box
	fresh   bool    // the next box is to be searched
	others  int     // queries that are kept for other ways
	rest    *closer // that goes on where there is nothing left for boxes
}

var _ closingIn = (*shrinkingCloser)(nil)

// newShrinkingCloser is nil where boxes do not serve: for aims by other distances, for few values and for such in units of different sorts, and where the climb within
// a box is none by a linear model.
func newShrinkingCloser(s *boundarySearcher) *shrinkingCloser {
	seed := s.task.Seed.Input
	if s.task.Aim != distance.NearestL2 && s.task.Aim != distance.NearestLInf || !s.classes || s.labelsOnly || s.unordered ||
		!seed.Uniform() || seed.HasCategories() || len(seed.Data) < leastValues {
		return nil
	}
	c := &shrinkingCloser{s: s}
	if s.task.Region != nil {
		var err error
		if c.low, c.high, err = distance.EndsOf(s.task.Region, seed); err != nil || c.low == nil {
			return nil
		}
	}
	return c
}

// begin starts from the first hit.
func (c *shrinkingCloser) begin(e *engine.Evaluation) {
	seed := c.s.task.Seed.Input
	c.keep(e)
	c.fresh = true
	c.radius = firstBox / 255 * float64(seed.Domain.Range())
	if far := c.s.ruler.Far(distance.NearestLInf, e.Input); far <= c.radius {
		c.radius = shrinksBy(0) * far
	}
}

// keep takes note of a hit that is nearer than all before.
func (c *shrinkingCloser) keep(e *engine.Evaluation) {
	far := c.s.farOf(e)
	if c.nearest.Input.Data != nil && far >= c.best {
		return
	}
	c.best = far
	c.nearest = kept(e)
}

// box is that of the radius around the seed, within the bound; nil where it holds the seed alone.
func (c *shrinkingCloser) box() *boxAround {
	seed := c.s.task.Seed.Input
	d := seed.Domain
	by := c.radius
	if d.Step > 0 {
		by = math.Floor(by/float64(d.Step)+1e-3) * float64(d.Step)
	}
	if !(by > 0) {
		return nil
	}
	b := &boxAround{low: make([]float32, len(seed.Data)), high: make([]float32, len(seed.Data))}
	for i, v := range seed.Data {
		b.low[i], b.high[i] = max(d.Min, v-float32(by)), min(d.Max, v+float32(by))
		if c.low != nil {
			b.low[i], b.high[i] = max(b.low[i], c.low[i]), min(b.high[i], c.high[i])
		}
	}
	return b
}

// search starts the search within the next box, with what the one before has learned.
func (c *shrinkingCloser) search() {
	known := (*linearClimb)(nil)
	if c.inner != nil {
		known = c.inner.linear()
	}
	task := c.s.task
	c.spent, c.probes, c.inner = 0, 0, nil
	task.Gradients = engine.Gradients{}
	b := c.box()
	if b == nil {
		return
	}
	task.Region = b
	searcher, err := BoundarySearch{}.NewSearcher(task)
	if err != nil { // which the bound itself would have met before
		return
	}
	c.inner = searcher.(*boundarySearcher)
	c.inner.linear().beginAtBoundary(known, c.s.neighbours)
	c.inner.queries = c.inner.pathsFirst() // paths have led to where the box lies already
}

// settles reports whether boxes have come to their end, and another search is to go on from the nearest hit.
func (c *shrinkingCloser) settles(limit int) bool {
	if c.fresh && limit >= boxesAtWork {
		c.fresh = false
		c.others = int(othersHave * float64(limit))
		c.search()
	}
	return c.inner == nil || !c.boxed && limit <= c.others
}

// goOn begins the next box or, where boxes have come to their end, another search from the nearest hit.
func (c *shrinkingCloser) goOn(limit int) {
	if c.rest == nil && c.settles(limit) {
		c.inner, c.rest = nil, closerFrom(c.s, &c.nearest)
	}
}

func (c *shrinkingCloser) ask(limit int) []input.Input {
	c.goOn(limit)
	if c.rest != nil {
		return c.rest.ask(limit)
	}
	c.spent++
	return c.inner.Ask(limit)
}

// askOriginal are candidates of the climb in the box.
func (c *shrinkingCloser) askOriginal(limit int) []input.Input {
	if c.nearest.Input.Data == nil { // the first hit is yet to be told
		return nil
	}
	if c.goOn(limit / 2); c.rest != nil {
		return c.rest.askOriginal(limit)
	}
	asked := c.inner.AskOriginal(limit)
	c.probes += len(asked)
	return asked
}

// tellOriginal takes the original's answers to them.
func (c *shrinkingCloser) tellOriginal(answers []answer.Answer) {
	if c.rest != nil {
		c.rest.tellOriginal(answers)
		return
	}
	c.inner.TellOriginal(answers)
}

func (c *shrinkingCloser) tell(evaluations []engine.Evaluation) {
	if c.rest != nil {
		c.rest.tell(evaluations)
		return
	}
	if c.nearest.Input.Data == nil {
		i := slices.IndexFunc(evaluations, func(e engine.Evaluation) bool { return e.Verdict.Deviates })
		c.begin(&evaluations[i])
		c.s.forget()
		return
	}
	e := &evaluations[0]
	if !e.Verdict.Deviates || e.Verdict.Kind != answer.OtherAnswer {
		c.inner.Tell(evaluations)
		return
	}
	c.keep(e)
	c.boxed = true
	c.inner.linear().learn(*e)
	c.radius *= shrinksBy(c.spent + c.probes/2)
	c.fresh = true
}

// boxAround is every input between two ends.
type boxAround struct{ low, high []float32 }

var _ distance.Box = (*boxAround)(nil)

// Ends implements [distance.Box].
func (b *boxAround) Ends() (low, high []float32) { return b.low, b.high }

// Project implements [distance.Region].
func (b *boxAround) Project(candidate input.Input) {
	for i, v := range candidate.Data {
		candidate.Data[i] = min(max(v, b.low[i]), b.high[i])
	}
}

// Contains implements [distance.Region].
func (b *boxAround) Contains(candidate input.Input) bool {
	for i, v := range candidate.Data {
		if v < b.low[i] || v > b.high[i] {
			return false
		}
	}
	return true
}
