package predictor

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// heldSession is a session whose runs last until they are let go.
type heldSession struct {
	started, letGo chan struct{}
	closed         bool
}

func (s *heldSession) Bind(_, _ []Memory) (Binding, error) { return heldBinding{s}, nil }

func (s *heldSession) Once(_ context.Context, _, _ []Memory) ([]Memory, error) {
	return nil, errors.ErrUnsupported
}

func (s *heldSession) Close() { s.closed = true }

type heldBinding struct{ *heldSession }

func (b heldBinding) Run(context.Context) error {
	b.started <- struct{}{}
	<-b.letGo
	if b.closed {
		return errors.New("the session was closed during a run")
	}
	return nil
}

func (b heldBinding) Close() {}

func TestCloseWaitsForRunningPredictions(t *testing.T) {
	held := &heldSession{started: make(chan struct{}), letGo: make(chan struct{})}
	in := inputOf(Float32, NCHW, 1)
	out := &scoresOutput{Value: Value{Element: Float32, Shape: make([]Dimension, 2)}, place: place{known: true, numbers: 2, classAt: 1}}
	m := &Model{
		path: "m.model", input: in, output: out,
		encoder: newEncoder(in, &preprocessing{}),
	}
	m.reading.Store(&reading{tried: true, asked: 1, scoring: scoring{kind: Probabilities, numbers: 2, read: newReader(out.Element, out.quant)}})
	m.lanes = newLanes(m, held)
	image := model.Must(input.NewImage(28, 28, 1, make([]uint8, 28*28)))
	predicted, closed := make(chan error), make(chan error)
	for range 2 { // two at the same time
		go func() {
			_, err := m.Predict(t.Context(), []input.Input{image})
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
	if _, err := m.Predict(t.Context(), []input.Input{image}); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v, expected ErrClosed", err)
	}
}

func TestForgottenModelIsClosed(t *testing.T) {
	closed := make(chan struct{})
	func() {
		in := inputOf(Float32, NCHW, 1)
		out := &scoresOutput{Value: Value{Element: Float32, Shape: make([]Dimension, 2)}, place: place{known: true, numbers: 2, classAt: 1}}
		m := &Model{
			path: "m.model", input: in, output: out,
			encoder: newEncoder(in, &preprocessing{}),
		}
		m.reading.Store(&reading{tried: true, asked: 1, scoring: scoring{kind: Probabilities, numbers: 2, read: newReader(out.Element, out.quant)}})
		m.lanes = newLanes(m, signallingSession{closed})
		image := model.Must(input.NewImage(28, 28, 1, make([]uint8, 28*28)))
		if _, err := m.Predict(t.Context(), []input.Input{image}); err != nil {
			t.Error(err)
		}
	}()
	for deadline := time.Now().Add(time.Minute); ; {
		runtime.GC() // panics when it finds memory that is pinned still
		select {
		case <-closed:
			return
		case <-time.After(time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatal("expected the session to be closed with its model, found it open after a minute of collections")
		}
	}
}

// signallingSession answers at once, and tells when it is closed.
type signallingSession struct{ closed chan struct{} }

func (signallingSession) Bind([]Memory, []Memory) (Binding, error) {
	return instantBinding{}, nil
}

func (signallingSession) Once(_ context.Context, _, _ []Memory) ([]Memory, error) {
	return nil, nil
}

func (s signallingSession) Close() { close(s.closed) }

type instantBinding struct{}

func (instantBinding) Run(context.Context) error { return nil }

func (instantBinding) Close() {}
