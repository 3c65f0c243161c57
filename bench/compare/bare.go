package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

// bareLoop gives both models batches of the sizes that a search gave them, in the same order, and does nothing else.
type bareLoop struct {
	models [2]*onnx.Model
	calls  []call
	batch  []input.Input // as many as the largest batch has
}

// call is one batch for a model, 0 for the original and 1 for the compressed one.
type call struct{ model, inputs int }

// watched is a model that tells of each batch after it answered.
type watched struct {
	*onnx.Model
	answered func(ctx context.Context, inputs int) error
}

// PredictInto implements [model.BufferedPredictor].
func (w watched) PredictInto(ctx context.Context, batch []input.Input, dst [][]float32) ([][]float32, error) {
	rows, err := w.Model.PredictInto(ctx, batch, dst)
	if err == nil {
		err = w.answered(ctx, len(batch))
	}
	return rows, err
}

// watch runs a search by one worker on both models and calls answered after each batch.
func (l *bareLoop) watch(ctx context.Context, name string, seeds input.Seeds, t trial, answered func(context.Context, call) error) (*engine.Report, error) {
	var models [2]model.Predictor
	for i, m := range l.models {
		models[i] = watched{m, func(ctx context.Context, inputs int) error { return answered(ctx, call{i, inputs}) }}
	}
	pair, err := model.NewPair(name, models[0], models[1])
	if err != nil {
		return nil, err
	}
	t.workers = 1
	return search(ctx, pair, seeds, t)
}

// loopOf takes down the batches of a search.
func loopOf(ctx context.Context, pair *model.Pair, seeds input.Seeds, t trial) (*bareLoop, error) {
	l := &bareLoop{}
	for i, m := range []model.Predictor{pair.Original(), pair.Compressed()} {
		model, ok := m.(*onnx.Model)
		if !ok {
			return nil, fmt.Errorf("expected ONNX models, found %T", m)
		}
		l.models[i] = model
	}
	most := 0
	if _, err := l.watch(ctx, pair.Name(), seeds, t, func(_ context.Context, c call) error {
		l.calls = append(l.calls, c)
		most = max(most, c.inputs)
		return nil
	}); err != nil {
		return nil, err
	}
	for i := range most { // seeds, over and over where there are few
		seed, err := seeds.Seed(i % seeds.Len())
		if err != nil {
			return nil, err
		}
		l.batch = append(l.batch, seed.Input)
	}
	return l, nil
}

// beside runs the search and gives each batch, right after both models answered it, a twin in the bare loop. Machines
// change their pace from second to second; both take the same changes. It returns the seconds of the search without the
// loop, and those of the loop.
func (l *bareLoop) beside(ctx context.Context, name string, seeds input.Seeds, t trial) (alone, twins float64, err error) {
	var rows [2][][]float32
	var waiting []call
	var spent time.Duration
	r, err := l.watch(ctx, name, seeds, t, func(ctx context.Context, c call) error {
		if waiting = append(waiting, c); c.model == 0 {
			return nil
		}
		start := time.Now()
		for _, c := range waiting {
			if err := l.give(ctx, c, &rows); err != nil {
				return err
			}
		}
		waiting = waiting[:0]
		spent += time.Since(start)
		return nil
	})
	if err != nil {
		return 0, 0, err
	}
	return r.Timing.WallSeconds - spent.Seconds(), spent.Seconds(), nil
}

// run is the loop by itself.
func (l *bareLoop) run(ctx context.Context) (time.Duration, error) {
	start := time.Now()
	err := l.giveAll(ctx, l.calls)
	return time.Since(start), err
}

// twice shares the batches between two loops that run at once.
func (l *bareLoop) twice(ctx context.Context) (time.Duration, error) {
	var halves [2][]call
	for i, c := range l.calls {
		halves[i/2%2] = append(halves[i/2%2], c)
	}
	var errs [2]error
	var done sync.WaitGroup
	start := time.Now()
	for i, calls := range halves {
		done.Go(func() { errs[i] = l.giveAll(ctx, calls) })
	}
	done.Wait()
	return time.Since(start), errors.Join(errs[:]...)
}

func (l *bareLoop) giveAll(ctx context.Context, calls []call) error {
	var rows [2][][]float32
	for _, c := range calls {
		if err := l.give(ctx, c, &rows); err != nil {
			return err
		}
	}
	return nil
}

// give uses the rows of the largest batch of each model so far.
func (l *bareLoop) give(ctx context.Context, c call, rows *[2][][]float32) error {
	known := rows[c.model]
	out, err := l.models[c.model].PredictInto(ctx, l.batch[:c.inputs], known[:min(c.inputs, len(known))])
	if len(out) > len(known) {
		rows[c.model] = out
	}
	return err
}
