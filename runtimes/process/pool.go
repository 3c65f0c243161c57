package process

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"

	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
)

// pool are the copies of a program. It is used concurrently.
type pool struct {
	command  []string
	settings *settings
	hello    *greeting
	free     chan *program // as many as there are copies, some of which may have ended

	mu        sync.Mutex
	restarted int
	closed    bool
}

// startAll starts all copies at the same time.
func startAll(command []string, s *settings) (*pool, error) {
	p := &pool{command: command, settings: s, free: make(chan *program, s.copies)}
	started := make([]*program, s.copies)
	errs := make([]error, s.copies)
	var group sync.WaitGroup
	for i := range started {
		group.Go(func() { started[i], errs[i] = start(command, s) })
	}
	group.Wait()
	var failed error
	for i, one := range started {
		if errs[i] != nil {
			if failed == nil {
				failed = errs[i]
			}
			continue
		}
		p.free <- one
		if p.hello == nil {
			p.hello = one.hello
		} else if err := p.same(one.hello); err != nil && failed == nil {
			failed = err
		}
	}
	if failed == nil {
		return p, nil
	}
	close(p.free)
	for one := range p.free {
		one.kill(errClosed)
	}
	return nil, failed
}

// same holds what another copy said of the model against what the first one did.
func (p *pool) same(other *greeting) error {
	a, b := *p.hello, *other
	a.Settings, b.Settings = nil, nil
	if !reflect.DeepEqual(a, b) {
		return fmt.Errorf("expected every start of the program to greet with the same model, found %q with other inputs, outputs or names than before", b.Name)
	}
	return nil
}

// run has a copy that is free answer a question. Where the program crashes it is started again, and asked once more.
func (p *pool) run(ctx context.Context, q *question, inputs []predictor.Memory, outputs []wanted) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var one *program
	select {
	case one = <-p.free:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { p.free <- one }()
	var first error // of two times that it is asked
	for {
		if one.ended() {
			next, err := p.restart(one, first)
			if err != nil {
				return err
			}
			one = next
		}
		err := one.ask(ctx, p.settings.timeout, q, inputs, outputs)
		var told toldError
		if err == nil || errors.As(err, &told) {
			return err
		}
		one.kill(err)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if crashed := (crash{}); !errors.As(err, &crashed) {
			return err
		}
		if first != nil {
			return fmt.Errorf("asked twice about a batch, the second time started afresh: %w", err)
		}
		first = err
	}
}

// restart starts a program again that has ended. First is why the batch is asked about once more, nil where it is asked about for the first time.
func (p *pool) restart(ended *program, first error) (*program, error) {
	cause := first
	if cause == nil {
		cause = ended.endedBy()
	}
	if cause == nil {
		cause = ended.failed(errEnded, "between batches")
	}
	if gone := (cancelled{}); !errors.As(cause, &gone) && !p.another() {
		return nil, fmt.Errorf("not started again, as process.Restarts(%d) says: %w", p.settings.restarts, cause)
	}
	next, err := start(p.command, p.settings)
	if err == nil {
		if err = p.same(next.hello); err == nil {
			return next, nil
		}
		next.kill(err)
	}
	if first != nil {
		return nil, fmt.Errorf("when it was started again: %w; before that: %w", err, first)
	}
	return nil, fmt.Errorf("when it was started again: %w", err)
}

// another counts starts, and reports whether there may be one more.
func (p *pool) another() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.restarted >= p.settings.restarts {
		return false
	}
	p.restarted++
	return true
}

// close ends all copies, when nobody asks them.
func (p *pool) close() {
	p.mu.Lock()
	done := p.closed
	p.closed = true
	p.mu.Unlock()
	if done {
		return
	}
	var group sync.WaitGroup
	for range cap(p.free) {
		one := <-p.free
		group.Go(one.stop)
	}
	group.Wait()
}
