package main

import (
	"context"
	"runtime"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

// clocked is a model whose processor time is taken, the encoding of inputs and the reading of answers included: unlike the time of calls, it does not grow with
// what else the machine does.
type clocked struct {
	*onnx.Model
	nanoseconds *atomic.Int64
}

// clockedPair is a pair of models of ONNX Runtime, with one clock for both. Closing it closes them.
func clockedPair(pair *model.Pair) (*model.Pair, *atomic.Int64, error) {
	clock := new(atomic.Int64)
	of := func(p model.Predictor) model.Predictor { return clocked{p.(*onnx.Model), clock} }
	both, err := model.NewPair(pair.Name(), of(pair.Original()), of(pair.Compressed()))
	return both, clock, err
}

// time takes the processor time of a call, which runs on one thread.
func (c clocked) time(call func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := threadNanoseconds()
	call()
	c.nanoseconds.Add(threadNanoseconds() - before)
}

func threadNanoseconds() int64 {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		return 0
	}
	return t.Nano()
}

// PredictInto implements [model.BufferedPredictor].
func (c clocked) PredictInto(ctx context.Context, batch []input.Input, dst [][]float32) (rows [][]float32, err error) {
	c.time(func() { rows, err = c.Model.PredictInto(ctx, batch, dst) })
	return rows, err
}

// Answer implements [model.Answerer].
func (c clocked) Answer(ctx context.Context, batch []input.Input, dst []answer.Answer) (answers []answer.Answer, err error) {
	c.time(func() { answers, err = c.Model.Answer(ctx, batch, dst) })
	return answers, err
}

// AnswerEncoding implements [model.EncodingSharer].
func (c clocked) AnswerEncoding(ctx context.Context, batch []input.Input, dst []answer.Answer) (answers []answer.Answer, as model.Encoding, err error) {
	c.time(func() { answers, as, err = c.Model.AnswerEncoding(ctx, batch, dst) })
	return answers, as, err
}

// AnswerEncoded implements [model.EncodingSharer].
func (c clocked) AnswerEncoded(ctx context.Context, batch []input.Input, dst []answer.Answer, as model.Encoding) (answers []answer.Answer, taken bool, err error) {
	c.time(func() { answers, taken, err = c.Model.AnswerEncoded(ctx, batch, dst, as) })
	return answers, taken, err
}
