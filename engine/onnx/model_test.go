package onnx

import (
	"errors"
	"testing"
	"time"

	"github.com/triggerfinder/triggerfinder/engine"
)

// heldSession is a session whose runs last until they are let go.
type heldSession struct {
	started, letGo chan struct{}
	closed         bool
}

func (s *heldSession) bind(_, _ tensorMemory) (binding, error)   { return heldBinding{s}, nil }
func (s *heldSession) outputShape(tensorMemory) ([]int64, error) { return nil, errors.ErrUnsupported }
func (s *heldSession) close()                                    { s.closed = true }

type heldBinding struct{ *heldSession }

func (b heldBinding) run() error {
	b.started <- struct{}{}
	<-b.letGo
	if b.closed {
		return errors.New("the session was closed during a run")
	}
	return nil
}

func (b heldBinding) close() {}

func TestCloseWaitsForRunningPredictions(t *testing.T) {
	held := &heldSession{started: make(chan struct{}), letGo: make(chan struct{})}
	in := inputOf(float32Type, NCHW, 1)
	out := &scoresOutput{value: value{element: float32Type, shape: make([]dimension, 2)}}
	m := &Model{
		path: "m.onnx", input: in, output: out, session: held,
		encoder: newEncoder(in, &config{}),
		scoring: scoring{kind: Probabilities, numbers: 2, read: newReader(out)},
	}
	m.settled.L = &m.mu
	image := engine.Must(engine.NewImage(28, 28, 1, make([]uint8, 28*28)))
	predicted, closed := make(chan error), make(chan error)
	for range 2 { // two at the same time
		go func() {
			_, err := m.Predict(t.Context(), []engine.Input{image})
			predicted <- err
		}()
	}
	<-held.started
	<-held.started
	go func() { closed <- m.Close() }()
	select {
	case <-closed:
		t.Fatal("Close returned while predictions ran")
	case <-time.After(20 * time.Millisecond):
	}
	close(held.letGo)
	if err := errors.Join(<-predicted, <-predicted, <-closed); err != nil {
		t.Error(err)
	}
	if !held.closed {
		t.Error("Close did not close the session")
	}
	if _, err := m.Predict(t.Context(), []engine.Input{image}); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v, expected ErrClosed", err)
	}
}
