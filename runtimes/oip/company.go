package oip

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
)

// A server may put requests that come at the same time into one batch. Where the model's answers depend on what else is in a batch, as
// those of dynamically quantised models do, answers then depend on what else is asked: a search could not repeat what it found.
// The first requests of one input, which go one after the other, are kept; then they are sent again, all at once.

// company is what is known of answers alone, and among others.
type company struct {
	mu    sync.Mutex
	known []exchange
	done  bool
	note  string
}

// exchange is a request that was sent alone, and the answer to it.
type exchange struct{ inputs, outputs []tensor }

// mostKnown bounds what is kept: so many requests, and so many bytes.
const (
	mostKnown      = 16
	mostKnownBytes = 16 << 20
)

// remember keeps a request, unless there are enough.
func (c *company) remember(inputs, outputs []tensor) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done || len(c.known) >= mostKnown {
		return
	}
	size := 0
	for _, e := range c.known {
		size += bytesOf(e.inputs)
	}
	if size+bytesOf(inputs) > mostKnownBytes || slices.ContainsFunc(c.known, func(e exchange) bool { return same(e.inputs, inputs) }) {
		return
	}
	c.known = append(c.known, exchange{clone(inputs), clone(outputs)})
}

func bytesOf(list []tensor) (n int) {
	for _, t := range list {
		n += len(t.data)
	}
	return n
}

func clone(list []tensor) []tensor {
	all := slices.Clone(list)
	for i := range all {
		all[i].data, all[i].shape = bytes.Clone(all[i].data), slices.Clone(all[i].shape)
	}
	return all
}

func same(a, b []tensor) bool {
	return slices.EqualFunc(a, b, func(x, y tensor) bool { return bytes.Equal(x.data, y.data) && slices.Equal(x.shape, y.shape) })
}

// compare sends what was sent alone all at once, and again alone where an answer differs. It does so once.
func (s *session) compare(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done || len(s.known) < 2 || s.endpoint.concurrency < 2 {
		return nil
	}
	changed, most := make([]bool, len(s.known)), 0.0
	for range 2 {
		answers, err := s.atOnce(ctx)
		if err != nil {
			return err
		}
		for i, e := range s.known {
			if d := difference(e.outputs, answers[i]); d > 0 {
				changed[i], most = true, max(most, d)
			}
		}
	}
	s.done = true
	known := s.known
	s.known = nil
	if !slices.Contains(changed, true) {
		return nil
	}
	n := 0
	for i := range changed {
		if !changed[i] {
			continue
		}
		n++
		again, err := s.ask(ctx, known[i].inputs)
		if err != nil {
			return err
		}
		if difference(known[i].outputs, again) > 0 {
			s.note = "it gives other answers to the same input, asked alone, from time to time: what a search finds may not be found again"
			return nil
		}
	}
	s.note = fmt.Sprintf("its answers depend on what else the server is asked at the same time: %d of %d inputs got another one among others than alone, by up to %.3g "+
		"(servers that batch requests do that to dynamically quantised models); requests go one at a time, which is slower, and those of others may still change answers", n, len(known), most)
	s.apart.Store(true)
	return nil
}

// atOnce sends all known requests at the same time.
func (s *session) atOnce(ctx context.Context) ([][]tensor, error) {
	answers, errs := make([][]tensor, len(s.known)), make([]error, len(s.known))
	var all sync.WaitGroup
	for i, e := range s.known {
		all.Go(func() { answers[i], errs[i] = s.ask(ctx, e.inputs) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return answers, nil
}

// difference is the largest one between numbers of two answers to one request, but for rounding: 0 where they are alike.
func difference(a, b []tensor) float64 {
	most := 0.0
	for i := range a {
		if len(a[i].data) != len(b[i].data) {
			return math.Inf(1)
		}
		if bytes.Equal(a[i].data, b[i].data) {
			continue
		}
		e := datatypes[a[i].datatype]
		slack, largest := 0.0, 0.0
		count := len(a[i].data) / e.Size()
		for k := range count {
			if v := math.Abs(numberAt(e, a[i].data, k)); v > largest && !math.IsInf(v, 0) {
				largest = v
			}
		}
		switch a[i].datatype {
		case "FP32", "FP64":
			slack = 1e-4 * max(largest, 1e-3)
		case "FP16", "BF16":
			slack = 1e-2 * largest
		}
		for k := range count {
			x, y := numberAt(e, a[i].data, k), numberAt(e, b[i].data, k)
			d := math.Abs(x - y)
			switch {
			case x == y || x != x && y != y || d <= slack:
			case d != d:
				return math.Inf(1)
			default:
				most = max(most, d)
			}
		}
	}
	return most
}
