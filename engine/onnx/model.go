package onnx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"

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
	oneByOne    bool // an input must not meet others in a run
	separated   bool // because they would influence each other, though the file takes them together
	eightBit    bool // some of its nodes work on 8-bit numbers
	lanes       *lanes
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
	l, ok := m.lanes.acquire()
	if !ok {
		return dst, m.errorf("%w", ErrClosed)
	}
	defer func() {
		m.lanes.release(l)
		runtime.KeepAlive(m) // not closed meanwhile
	}()
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

// Close frees the model, after the predictions that are running. Later predictions give [ErrClosed]. A model
// that nothing refers to any more is closed too, some time after.
func (m *Model) Close() error {
	m.lanes.close()
	return nil
}
