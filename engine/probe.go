package engine

import (
	"context"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
)

// OriginalAsker is an optional extension of [Searcher]: it may ask the original alone, where the answers are to show no
// more than which way leads to a boundary, which is near that of a compressed model. One such candidate costs half a query, as it runs one model of
// the two: two of them count as one of [Ledger].Queries, an odd one as a whole; [Ledger].OriginalOnly tells how many there were. What they say is no hit:
// that takes both models.
type OriginalAsker interface {
	Searcher
	// AskOriginal is called before each Ask, while closing in too. It returns candidates for the original alone, limit at most, which is an even
	// number; then TellOriginal follows, and Ask waits for another turn. With none, Ask is called.
	AskOriginal(limit int) []input.Input
	// TellOriginal gives the original's answers to all candidates of the last AskOriginal, in their order, valid during the
	// call only. An answer that is not finite is an empty one.
	TellOriginal(answers []answer.Answer)
}

// askOriginal collects the run's candidates for the original alone, and reports whether there are any.
func (w *worker) askOriginal(r *run) bool {
	asker, ok := r.searcher.(OriginalAsker)
	if !ok {
		return false
	}
	limit := 2 * min(r.allowance, unlimited)
	asked := asker.AskOriginal(limit)
	if len(asked) == 0 {
		return false
	}
	asked = asked[:min(limit, len(asked))]
	if r.err = w.askable(r, asked); r.err != nil {
		return true
	}
	for _, candidate := range asked {
		if r.region != nil {
			r.region.Project(candidate)
		}
		r.moved = r.moved || !slices.Equal(candidate.Data, r.seed.Input.Data)
	}
	r.probed = asked
	return true
}

// probe runs the original on what the chunk asks it alone, and reports whether it answered.
func (w *worker) probe(ctx context.Context, chunk []*run) bool {
	w.probes = w.probes[:0]
	for _, r := range chunk {
		w.probes = append(w.probes, r.probed...)
	}
	if len(w.probes) == 0 {
		return true
	}
	if err := w.probing.askOriginal(ctx, w.probes, w.search.atOnce(w.probes)); err != nil {
		w.fail(ctx, chunk, err)
		return false
	}
	return true
}

// askOriginal runs the original alone on inputs that it can take, with at most so many in one call.
func (a *Answers) askOriginal(ctx context.Context, inputs []input.Input, most int) error {
	a.hold(inputs)
	var err error
	if a.company != nil {
		err = a.askInCompany(ctx, true, most)
	} else {
		err = a.sides.original.predictInPieces(ctx, inputs, a.part(0, 0, len(inputs)), most)
	}
	if err != nil {
		return err
	}
	for _, o := range a.original {
		a.sides.decisions.see(o)
	}
	return nil
}

// tellOriginal hands each run what the original said.
func (w *worker) tellOriginal(chunk []*run) {
	at := 0
	for _, r := range chunk {
		n := len(r.probed)
		if n == 0 {
			continue
		}
		answers := w.probing.original[at : at+n]
		at += n
		r.probed = nil
		r.spent.Queries, r.spent.OriginalOnly = (n+1)/2, n
		for i, a := range answers {
			if !answer.Finite(a.Scores) {
				answers[i] = answer.Answer{}
			} else if w.search.labelOnly {
				answers[i] = labelRow(answer.Answer{}, a)
			}
		}
		r.searcher.(OriginalAsker).TellOriginal(answers)
	}
}
