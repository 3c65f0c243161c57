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
	description atomic.Pointer[model.Description]
	serial      *sync.Mutex // held during calls of a predictor that is not safe for concurrent use
	nanoseconds atomic.Int64

	mu   sync.Mutex
	seen seen
}

func newSide(role string, p model.Predictor) *side {
	d := model.Describe(p, role)
	m := &side{role: role, predictor: p, serial: new(sync.Mutex), seen: seen{classes: d.Classes}}
	m.description.Store(&d)
	return m
}

func (m *side) described() *model.Description { return m.description.Load() }

// predict evaluates the batch into the rows of dst, which has the length of batch.
func (m *side) predict(ctx context.Context, batch []input.Input, dst [][]float32) error {
	step := len(batch)
	if most := m.described().MaxBatch; most > 0 {
		step = min(step, most)
	}
	for at := 0; at < len(batch); at += step {
		end := min(at+step, len(batch))
		if err := m.predictAtOnce(ctx, batch[at:end], dst[at:end:end]); err != nil {
			return fmt.Errorf("%s model %q: %w", m.role, m.described().Name, err)
		}
	}
	return nil
}

// predictInPieces is predict with at most so many inputs at once.
func (m *side) predictInPieces(ctx context.Context, batch []input.Input, dst [][]float32, most int) error {
	for at := 0; at < len(batch); at += most {
		end := min(at+most, len(batch))
		if err := m.predict(ctx, batch[at:end], dst[at:end:end]); err != nil {
			return err
		}
	}
	return nil
}

func (m *side) predictAtOnce(ctx context.Context, batch []input.Input, dst [][]float32) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	rows, err := m.call(ctx, batch, dst)
	if err != nil {
		return err
	}
	if len(rows) != len(batch) {
		return fmt.Errorf("%w: expected %d rows for %d inputs, found %d", model.ErrBadScores, len(batch), len(batch), len(rows))
	}
	copy(dst, rows) // keeps the memory of new rows for the next time
	return m.check(dst)
}

// call runs the predictor. A panic in it becomes an error: it would end the whole test binary
// otherwise, since it is not on the test's own goroutine.
func (m *side) call(ctx context.Context, batch []input.Input, dst [][]float32) (rows [][]float32, err error) {
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
	if p, ok := m.predictor.(model.BufferedPredictor); ok {
		return p.PredictInto(ctx, batch, dst)
	}
	return m.predictor.Predict(ctx, batch)
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

// check finds rows of another length than the oracles are to compare. Whether scores are finite is for [answer.Judge] to say.
func (m *side) check(rows [][]float32) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.seen.see(rows)
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
	if s.finite > 0 || s.broken == nil {
		return nil
	}
	return fmt.Errorf("%w: %s model %q gave NaN or infinity for all of %d inputs (%s of the first)",
		model.ErrBadScores, m.role, m.described().Name, s.rows, answer.NotFiniteInWords(s.broken))
}

// classCount is the number of classes, 0 until known.
func (m *side) classCount() int { return m.saw().classes }

func (m *side) seconds() float64 { return time.Duration(m.nanoseconds.Load()).Seconds() }

// accepts tells why the model cannot take the input; nil when it can.
func (m *side) accepts(in input.Input) error {
	if err := model.CheckInput(m.predictor, in); err != nil {
		return fmt.Errorf("%s model %q: %w", m.role, m.described().Name, err)
	}
	return nil
}
