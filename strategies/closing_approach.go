package strategies

import (
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
)

// Parameters of closing in by the approach, chosen on the embedded pairs.
const (
	closesByApproach = 100  // queries from which on it is tried: with fewer, closing in from the first hit brings more
	approachShare    = 0.75 // of the queries that are left, at most
	gaplessCrossings = 2    // of the boundary, after which it is given up: gaps are rare around such seeds
)

// approachingCloser goes to the boundary once more by the [approach], as paths to other seeds come to it far from the seed, and closes in from
// there, where that is nearer, or from the first hit.
type approachingCloser struct {
	s        *boundarySearcher
	approach approach
	limit    int // of its queries
	first    engine.Evaluation
	rest     *closer // that goes on
}

var _ closingIn = (*approachingCloser)(nil)

// newApproachingCloser is nil where the approach does not serve, where another distance than similarity is aimed at, and for other kinds than images, on which it was not measured.
func newApproachingCloser(s *boundarySearcher) *approachingCloser {
	if s.approach != nil || !s.approachable() || s.narrow || s.task.Aim != distance.MostAlike || s.task.Seed.Input.Kind != input.Image {
		return nil
	}
	return &approachingCloser{s: s}
}

func (c *approachingCloser) ask(limit int) []input.Input {
	if c.rest == nil && c.goesOn(limit) {
		c.approach.queries += len(c.approach.asked)
		return c.approach.asked
	}
	if c.rest == nil {
		c.goOnFromFirst()
	}
	return c.rest.ask(limit)
}

// begun reports whether it has begun, which it does with enough queries left.
func (c *approachingCloser) begun(limit int) bool {
	if c.limit == 0 && limit >= closesByApproach {
		c.approach.begin(c.s)
		c.limit = min(approachQueries, int(approachShare*float64(limit)))
	}
	return c.limit > 0
}

// goesOn reports whether the approach has candidates.
func (c *approachingCloser) goesOn(limit int) bool {
	if !c.begun(limit) {
		return false
	}
	left := min(limit, c.limit-c.approach.queries)
	return left > 0 && c.approach.gapless < gaplessCrossings && c.approach.propose(left)
}

func (c *approachingCloser) tell(evaluations []engine.Evaluation) {
	hit := slices.IndexFunc(evaluations, func(e engine.Evaluation) bool { return e.Verdict.Deviates })
	switch {
	case c.rest != nil:
		c.rest.tell(evaluations)
	case c.first.Input.Data == nil:
		c.first = kept(&evaluations[hit])
		if c.s.candidate[0].Data != nil {
			c.s.spare = [][]float32{c.s.candidate[0].Data, c.s.previous.Data}
		}
		c.s.forget()
	case hit < 0:
		c.approach.tell(evaluations)
	case c.s.farOf(&evaluations[hit]) < c.s.farOf(&c.first):
		c.s.found = []string{"approach"}
		c.goOnFrom(c.approach.handOver(c.s), evaluations)
	default:
		c.goOnFromFirst()
	}
}

// goOnFromFirst closes in from the first hit.
func (c *approachingCloser) goOnFromFirst() {
	rest := newCloser(c.s)
	if tried := c.approach.closer; tried != nil {
		rest.after(tried)
	}
	c.goOnFrom(rest, []engine.Evaluation{c.first})
}

// goOnFrom closes in from a hit.
func (c *approachingCloser) goOnFrom(rest *closer, evaluations []engine.Evaluation) {
	c.rest = rest
	c.rest.tell(evaluations)
	c.approach, c.first, c.s.spare = approach{}, engine.Evaluation{}, nil
}

// kept is an evaluation that lasts.
func kept(e *engine.Evaluation) engine.Evaluation {
	return engine.Evaluation{
		Input: e.Input.Clone(), Verdict: e.Verdict, Far: e.Far,
		Original: answer.Answer{Scores: slices.Clone(e.Original.Scores)}, Compressed: answer.Answer{Scores: slices.Clone(e.Compressed.Scores)},
	}
}
