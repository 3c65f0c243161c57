package onnx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/triggerfinder/triggerfinder/engine"
)

var (
	_ engine.BufferedPredictor = (*Model)(nil)
	_ engine.Describer         = (*Model)(nil)
	_ engine.InputChecker      = (*Model)(nil)
	_ io.Closer                = (*Model)(nil)
)

// ErrClosed is the error of predictions with a model that was closed.
var ErrClosed = errors.New("model is closed")

// Model is an ONNX model as an [engine.Predictor]. It is safe for concurrent use, and concurrent
// predictions run at the same time.
type Model struct {
	path        string // for messages
	config      config
	description engine.Description
	input       *imageInput
	output      *scoresOutput
	lists       []float64 // the longest of Scale, Mean and Std
	encoder     encoder
	scoring     scoring
	session     session
	oneByOne    bool // an input must not meet others in a run

	mu      sync.Mutex
	settled sync.Cond // signalled when the last running prediction ends
	idle    []*lane
	running int
	closed  bool
}

func (m *Model) errorf(format string, args ...any) error {
	return fmt.Errorf("onnx: %s: %w", m.path, fmt.Errorf(format, args...))
}

// Describe says what the model is and how it is run.
func (m *Model) Describe() engine.Description { return m.description }

// String is short on purpose: models stand in failure messages.
func (m *Model) String() string { return "model " + m.description.Name }

// Predict gives a row of probabilities for every input.
func (m *Model) Predict(ctx context.Context, batch []engine.Input) ([][]float32, error) {
	return m.PredictInto(ctx, batch, nil)
}

// PredictInto is Predict that reuses dst and the memory of its rows.
func (m *Model) PredictInto(ctx context.Context, batch []engine.Input, dst [][]float32) ([][]float32, error) {
	for i := range batch {
		if !m.accepts(batch[i]) {
			return dst, fmt.Errorf("input %d: %w", i, m.CheckInput(batch[i]))
		}
	}
	l, err := m.acquire()
	if err != nil {
		return dst, err
	}
	defer m.release(l)
	dst = m.rows(dst, len(batch))
	for at := 0; at < len(batch); {
		if err := ctx.Err(); err != nil {
			return dst, err
		}
		end := at + m.together(batch[at:])
		if err := l.run(m, batch[at:end]); err != nil {
			return dst, m.errorf("run: %w", cleanError(err))
		}
		for i := at; i < end; i++ {
			m.scoring.decode(dst[i], l.row(m, i-at))
		}
		at = end
	}
	return dst, nil
}

// together is how many of the inputs, counted from the first, go into one run.
func (m *Model) together(batch []engine.Input) int {
	shape := m.runShape(1, batch[0])
	most := max(1, mostBytes/(shape.values(m.input)*m.input.element.size()))
	if m.description.MaxBatch > 0 {
		most = min(most, m.description.MaxBatch)
	}
	n := 1
	for n < min(len(batch), most) && m.runShape(1, batch[n]) == shape {
		n++
	}
	return n
}

// rows makes dst n rows of scores long, with as little new memory as possible.
func (m *Model) rows(dst [][]float32, n int) [][]float32 {
	classes := m.scoring.classes()
	old := len(dst)
	dst = slices.Grow(dst[:min(old, n)], max(0, n-old))[:n]
	var block []float32
	for i := range dst {
		if i < old && cap(dst[i]) >= classes {
			dst[i] = dst[i][:classes]
			continue
		}
		if len(block) == 0 {
			block = make([]float32, (n-i)*classes)
		}
		dst[i], block = block[:classes:classes], block[classes:]
	}
	return dst
}

// acquire takes a lane that nobody uses, or a new one.
func (m *Model) acquire() (*lane, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, m.errorf("%w", ErrClosed)
	}
	m.running++
	if n := len(m.idle); n > 0 {
		l := m.idle[n-1]
		m.idle = m.idle[:n-1]
		return l, nil
	}
	return &lane{}, nil
}

func (m *Model) release(l *lane) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.idle = append(m.idle, l)
	m.running--
	if m.running == 0 {
		m.settled.Broadcast()
	}
}

// Close frees the model, after the predictions that are running. Later predictions give [ErrClosed].
func (m *Model) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil
	}
	m.closed = true
	for m.running > 0 {
		m.settled.Wait()
	}
	for _, l := range m.idle {
		l.close()
	}
	m.idle = nil
	m.session.close()
	return nil
}
