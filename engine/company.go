package engine

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/triggerfinder/triggerfinder/input"
)

// company makes one batch of what several searches ask at the same time, each of one seed and on a goroutine of its own. A batch is
// evaluated when it is full, or when everybody waits, by whoever came last. So models are asked in batches as large as those of one search of
// all these seeds, and nobody waits for a clock. Inputs that are asked alone, to confirm them, do not come here.
type company struct {
	models [2]*side // what all ask

	mu      sync.Mutex
	active  int // searches that are not at their end
	waiting int // of them, those with a request in the queue
	queue   []*request
	inputs  int // in the queue
}

// request is what one search asks: the original alone, or both models.
type request struct {
	sides        [2]*side // its own ones, which see its answers
	inputs       []input.Input
	dst          [2]answered
	originalOnly bool
	most         int // inputs at once
	err          error
	done         chan struct{}
}

// join counts a search in, before it asks anything.
func (c *company) join() {
	c.mu.Lock()
	c.active++
	c.mu.Unlock()
}

// leave counts a search out, for good or until it joins again: nobody has to wait for it.
func (c *company) leave(ctx context.Context) {
	c.mu.Lock()
	c.active--
	c.serve(ctx)
}

// apart lets a search do what takes a while and asks nothing here.
func (c *company) apart(ctx context.Context, do func()) {
	c.leave(ctx)
	defer c.join()
	do()
}

// ask answers the request in company.
func (c *company) ask(ctx context.Context, r *request) error {
	r.done = make(chan struct{})
	c.mu.Lock()
	c.queue = append(c.queue, r)
	c.inputs += len(r.inputs)
	c.waiting++
	c.serve(ctx)
	<-r.done
	return r.err
}

// serve evaluates what is due, and unlocks.
func (c *company) serve(ctx context.Context) {
	for len(c.queue) > 0 && (c.inputs >= c.queue[0].most || c.waiting >= c.active) {
		n, inputs := 1, len(c.queue[0].inputs)
		for n < len(c.queue) && inputs+len(c.queue[n].inputs) <= c.queue[0].most {
			inputs += len(c.queue[n].inputs)
			n++
		}
		due := c.queue[:n:n]
		c.queue, c.inputs, c.waiting = c.queue[n:], c.inputs-inputs, c.waiting-n
		c.mu.Unlock()
		c.evaluate(ctx, due)
		c.mu.Lock()
	}
	c.mu.Unlock()
}

// evaluate answers the requests. Where a model fails on all of it, each is asked apart, so that the failure is that of the request that
// it is about.
func (c *company) evaluate(ctx context.Context, due []*request) {
	for model := range c.models {
		var asking []*request
		for _, r := range due {
			if r.err == nil && (model == 0 || !r.originalOnly) {
				asking = append(asking, r)
			}
		}
		if c.evaluateTogether(ctx, model, asking) {
			continue
		}
		for _, r := range asking {
			r.err = r.sides[model].predictInPieces(ctx, r.inputs, r.dst[model], r.most)
		}
	}
	for _, r := range due {
		close(r.done)
	}
}

// evaluateTogether makes one batch of several requests to a model, and reports whether it was answered.
func (c *company) evaluateTogether(ctx context.Context, model int, asking []*request) bool {
	if len(asking) < 2 {
		return false
	}
	var inputs []input.Input
	var dst answered
	for _, r := range asking {
		n := len(r.inputs)
		inputs = append(inputs, r.inputs...)
		dst.answers = append(dst.answers, r.dst[model].answers[:n]...)
		if r.dst[model].rows != nil {
			dst.rows = append(dst.rows, r.dst[model].rows[:n]...)
		}
	}
	m, start := c.models[model], time.Now()
	if m.predictInPieces(ctx, inputs, dst, asking[0].most) != nil {
		return false
	}
	took, at := time.Since(start), 0
	for _, r := range asking {
		n := len(r.inputs)
		part := dst.part(at, at+n)
		copy(r.dst[model].answers, part.answers)
		copy(r.dst[model].rows, part.rows)
		r.sides[model].nanoseconds.Add(int64(took) * int64(n) / int64(len(inputs)))
		if err := r.sides[model].check(part.answers); err != nil {
			r.err = fmt.Errorf("%s model %q: %w", m.role, m.described().Name, err)
		}
		at += n
	}
	return true
}

// askInCompany runs both models, or the original alone, on the inputs that are held.
func (a *Answers) askInCompany(ctx context.Context, originalOnly bool, most int) error {
	n := len(a.inputs)
	return a.company.ask(ctx, &request{
		sides: a.sides.models(), inputs: a.inputs, dst: [2]answered{a.part(0, 0, n), a.part(1, 0, n)}, originalOnly: originalOnly, most: most,
	})
}
