package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// Gradients says which models of a pair are [model.Differentiable] at a seed. For oracles that show labels alone, none is.
type Gradients struct{ Original, Compressed bool }

// GradientSearcher is an optional extension of [Searcher] for one that is led by gradients, where models offer them (see [Task]).
// Gradients are no queries; reports count them apart.
type GradientSearcher interface {
	Searcher
	// AskGradients returns gradients to be computed before the next Ask. It is called before each Ask, again after each
	// TellGradients, until it returns none: as several steps may lie between two queries, but at most 64.
	AskGradients() []GradientRequest
	// TellGradients gives the gradients of the last AskGradients, in their order. They are valid during the call only. A number
	// that is NaN or infinite tells nothing.
	TellGradients(gradients [][]float32)
}

// GradientRequest is a gradient that a searcher asks for: that of the sum over classes of Weights times the logarithms of the scores of one
// model, see [model.Differentiable].
type GradientRequest struct {
	Input      input.Input
	Compressed bool // of the compressed model; otherwise of the original
	Weights    []float32
}

// gradientsAt says which models give gradients at an input.
func (s *search) gradientsAt(in input.Input) Gradients {
	if s.labelOnly {
		return Gradients{}
	}
	return Gradients{
		Original:   model.CheckGradient(s.sides.original.predictor, in) == nil,
		Compressed: model.CheckGradient(s.sides.compressed.predictor, in) == nil,
	}
}

// slopes are the gradients that the searchers of a chunk ask of one model.
type slopes struct {
	inputs  []input.Input
	weights [][]float32
	rows    [][]float32
	next    int
}

// differentiate gives the searchers of a chunk the gradients that they ask for, and reports whether the models gave them.
func (w *worker) differentiate(ctx context.Context, chunk []*run) bool {
	for range mostGradientRounds {
		asked, ok := w.differentiateOnce(ctx, chunk)
		if !ok || !asked {
			return ok
		}
	}
	return true
}

// mostGradientRounds bounds how often a searcher may ask for gradients between two queries.
const mostGradientRounds = 64

// differentiateOnce does it once, and reports whether any searcher asked.
func (w *worker) differentiateOnce(ctx context.Context, chunk []*run) (asked, ok bool) {
	for side := range w.slopes {
		s := &w.slopes[side]
		s.inputs, s.weights, s.next = s.inputs[:0], s.weights[:0], 0
	}
	var asking []*run
	for _, r := range chunk {
		r.asked, r.requests = nil, nil
		if !r.known || r.ended || r.err != nil || r.allowance < 1 || !w.start(r) {
			continue
		}
		searcher, ok := r.searcher.(GradientSearcher)
		if !ok {
			continue
		}
		r.requests = searcher.AskGradients()
		if len(r.requests) == 0 {
			continue
		}
		asking = append(asking, r)
		r.spent.Gradients += len(r.requests)
		for i := range r.requests {
			q := &r.requests[i]
			s := &w.slopes[sideOf(q.Compressed)]
			s.inputs, s.weights = append(s.inputs, q.Input), append(s.weights, q.Weights)
		}
	}
	for i, m := range w.search.sides.models() {
		s := &w.slopes[i]
		if len(s.inputs) == 0 {
			continue
		}
		rows, err := m.gradient(ctx, s.inputs, s.weights, s.rows)
		if err != nil {
			if ctx.Err() == nil {
				asking[0].err = asking[0].blame(err)
			}
			return false, false
		}
		s.rows = rows
	}
	var told [][]float32
	for _, r := range asking {
		told = told[:0]
		for _, q := range r.requests {
			s := &w.slopes[sideOf(q.Compressed)]
			told = append(told, s.rows[s.next])
			s.next++
		}
		r.searcher.(GradientSearcher).TellGradients(told)
	}
	return len(asking) > 0, true
}

func sideOf(compressed bool) int {
	if compressed {
		return 1
	}
	return 0
}

// gradient asks a model for gradients.
func (m *side) gradient(ctx context.Context, batch []input.Input, weights, dst [][]float32) (rows [][]float32, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v (%s)", cause, panicked())
		}
		if err != nil {
			err = fmt.Errorf("%s model %q: %w", m.role, m.described().Name, err)
		}
	}()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d, ok := m.predictor.(model.Differentiable)
	if !ok {
		return nil, model.ErrNoGradients
	}
	if m.described().Serial {
		m.serial.Lock()
		defer m.serial.Unlock()
	}
	start := time.Now()
	defer func() { m.nanoseconds.Add(int64(time.Since(start))) }()
	rows, err = d.Gradient(ctx, batch, weights, dst)
	if err != nil {
		return nil, err
	}
	if len(rows) != len(batch) {
		return nil, fmt.Errorf("expected %d gradients, found %d", len(batch), len(rows))
	}
	for i, row := range rows {
		if len(row) != len(batch[i].Data) {
			return nil, fmt.Errorf("expected a gradient of %d numbers, one a value of the input, found %d", len(batch[i].Data), len(row))
		}
	}
	return rows, nil
}
