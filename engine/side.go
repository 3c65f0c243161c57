package engine

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// side is one side of a pair during a search: it calls the predictor, times it and checks what it
// returns.
type side struct {
	role        string // "original" or "compressed"
	predictor   model.Predictor
	buffered    bool // it writes into rows
	description atomic.Pointer[model.Description]
	serial      *sync.Mutex // held during calls of a predictor that is not safe for concurrent use
	nanoseconds atomic.Int64
	encoded     time.Duration // before this search; see [model.EncodingTimer]

	mu   sync.Mutex
	seen seen
}

func newSide(role string, p model.Predictor) *side {
	d := model.Describe(p, role)
	m := &side{role: role, predictor: p, buffered: buffered(p), serial: new(sync.Mutex), seen: seen{classes: d.Classes}}
	m.description.Store(&d)
	if timer, ok := p.(model.EncodingTimer); ok {
		m.encoded = timer.EncodingTime()
	}
	return m
}

// buffered reports whether a model is asked for rows that it writes into memory of ours.
func buffered(p model.Predictor) bool {
	if _, ok := p.(model.Answerer); ok {
		return false
	}
	_, ok := p.(model.BufferedPredictor)
	return ok
}

func (m *side) described() *model.Description { return m.description.Load() }

// answered are a model's answers to a batch, in memory that is used again.
type answered struct {
	answers []answer.Answer
	rows    [][]float32 // that a [model.BufferedPredictor] writes into; nil for other models
}

// grow makes room for n answers of the model.
func (d *answered) grow(n int, m *side) {
	for len(d.answers) < n {
		d.answers = append(d.answers, answer.Answer{})
	}
	for m.buffered && len(d.rows) < n {
		d.rows = append(d.rows, nil)
	}
}

// part are the answers from one place up to another.
func (d answered) part(from, to int) answered {
	d.answers = d.answers[from:to:to]
	if d.rows != nil {
		d.rows = d.rows[from:to:to]
	}
	return d
}

// predict evaluates the batch into dst, which has the length of batch.
func (m *side) predict(ctx context.Context, batch []input.Input, dst answered) error {
	step := len(batch)
	if most := m.described().MaxBatch; most > 0 {
		step = min(step, most)
	}
	for at := 0; at < len(batch); at += step {
		end := min(at+step, len(batch))
		if err := m.predictAtOnce(ctx, batch[at:end], dst.part(at, end), nil); err != nil {
			return err
		}
	}
	return nil
}

// predictInPieces is predict with at most so many inputs at once.
func (m *side) predictInPieces(ctx context.Context, batch []input.Input, dst answered, most int) error {
	for at := 0; at < len(batch); at += most {
		end := min(at+most, len(batch))
		if err := m.predict(ctx, batch[at:end], dst.part(at, end)); err != nil {
			return err
		}
	}
	return nil
}

func (m *side) predictAtOnce(ctx context.Context, batch []input.Input, dst answered, encoded *encoded) error {
	err := ctx.Err()
	if err == nil {
		var n int
		if n, err = m.call(ctx, batch, dst, encoded); err == nil && n != len(batch) {
			err = fmt.Errorf("%w: expected %d rows for %d inputs, found %d", model.ErrBadScores, len(batch), len(batch), n)
		}
	}
	if err == nil {
		err = m.check(dst.answers)
	}
	if err != nil {
		return fmt.Errorf("%s model %q: %w", m.role, m.described().Name, err)
	}
	return nil
}

// call runs the predictor and tells how many answers it gave. A panic in it becomes an error: it would end the whole test binary
// otherwise, since it is not on the test's own goroutine.
func (m *side) call(ctx context.Context, batch []input.Input, dst answered, encoded *encoded) (n int, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v (%s)", cause, panicked())
		}
	}()
	if m.described().Serial {
		m.serial.Lock()
		defer m.serial.Unlock()
	}
	start := time.Now()
	defer func() { m.nanoseconds.Add(int64(time.Since(start))) }()
	// Copying what was returned keeps the memory of new rows for the next time.
	if encoded != nil {
		if answers, answered, err := encoded.answer(ctx, m.predictor, batch, dst.answers); answered || err != nil {
			copy(dst.answers, answers)
			return len(answers), err
		}
	}
	if p, ok := m.predictor.(model.Answerer); ok {
		answers, err := p.Answer(ctx, batch, dst.answers)
		copy(dst.answers, answers)
		return len(answers), err
	}
	var rows [][]float32
	if m.buffered {
		rows, err = m.predictor.(model.BufferedPredictor).PredictInto(ctx, batch, dst.rows)
		copy(dst.rows, rows)
	} else {
		rows, err = m.predictor.Predict(ctx, batch)
	}
	for i := range min(len(rows), len(dst.answers)) {
		dst.answers[i] = answer.Of(rows[i]...)
	}
	return len(rows), err
}

// panicked is the place of the panic that is being recovered.
func panicked() string {
	callers := make([]uintptr, 32)
	frames := runtime.CallersFrames(callers[:runtime.Callers(3, callers)])
	for {
		frame, more := frames.Next()
		if !strings.HasPrefix(frame.Function, "runtime.") || !more {
			return fmt.Sprintf("%s:%d", frame.File, frame.Line)
		}
	}
}

// check finds answers that are none. Whether the oracle can judge them, and whether they are finite, is for [answer.Check] and
// [answer.Judge] to say.
func (m *side) check(answers []answer.Answer) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.seen.see(answers)
}

// saw is what the model's answers came to so far.
func (m *side) saw() seen {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.seen
}

// neverFinite is an error where the model has given answers, and none of them was finite.
func (m *side) neverFinite() error {
	s := m.saw()
	return s.neverFinite(m.role, m.described().Name)
}

// classCount is the number of classes, 0 until known.
func (m *side) classCount() int { return m.saw().classes }

// seconds is how long the model ran, and apart from that how long inputs were encoded for it. Where other searches share the model, part
// of the latter may be theirs.
func (m *side) seconds() (running, encoding float64) {
	all := time.Duration(m.nanoseconds.Load())
	var apart time.Duration
	if timer, ok := m.predictor.(model.EncodingTimer); ok {
		apart = min(timer.EncodingTime()-m.encoded, all)
	}
	return (all - apart).Seconds(), apart.Seconds()
}

// accepts tells why the model cannot take the input; nil when it can.
func (m *side) accepts(in input.Input) error {
	if err := model.CheckInput(m.predictor, in); err != nil {
		return fmt.Errorf("%s model %q: %w", m.role, m.described().Name, err)
	}
	return nil
}
