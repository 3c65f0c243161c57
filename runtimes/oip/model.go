package oip

import (
	"context"
	"fmt"
	"io"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
)

var (
	_ model.BufferedPredictor = (*Model)(nil)
	_ model.Answerer          = (*Model)(nil)
	_ model.Describer         = (*Model)(nil)
	_ model.InputChecker      = (*Model)(nil)
	_ model.Preparer          = (*Model)(nil)
	_ model.PartUser          = (*Model)(nil)
	_ io.Closer               = (*Model)(nil)
)

// ErrClosed is the error of predictions with a model that was closed.
var ErrClosed = predictor.ErrClosed

// Model is a model of a server as a [model.Predictor]. It is safe for concurrent use, and concurrent predictions are requests at the same
// time, at most as many as [Concurrency] says.
//
// # Inputs and outputs
//
// The metadata tell names, types and shapes; [InputTensor] and [OutputTensor] tell what they leave out. Inputs and outputs may be of FP32,
// FP64, FP16, BF16, INT8, INT16, INT32, INT64, UINT8 and BOOL. UINT8 takes pixels as they are; other whole numbers and BOOL take the values
// of the inputs as they are. Several inputs are fed by the parts of their names, see [Feed], [Fixed] and [Made]. An answer whose names,
// types or shapes are others than those is an error.
//
// # Batches
//
// A first dimension of -1 counts inputs: they go together, in requests whose messages stay below [MessageLimit]. A fixed one is kept to.
// Where answers depend on what else is in a batch, inputs go one by one, with a note. A server may also put requests that come at the same
// time into one batch of its own: with the first inputs of a search it is tried whether that changes answers, and where it does requests go
// one at a time, with a note.
//
// # Errors
//
// Where the server is not available a request is sent again, as [Retries] says; all other errors, and that one in the end, stop the search,
// which keeps what it has found. [ErrUnavailable], [ErrNoModel], [ErrNotReady], [ErrRefused] and [ErrTimeout] tell them apart.
//
// # Methods
//
// Those of the interfaces of package model: Predict and PredictInto give rows of probabilities, Answer also numbers that are no scores of
// classes, see [Raw], Describe says what the model is and how it is run, CheckInput why it cannot take an input, and Prepare lets it see the
// first inputs of a search, on which it decides what its scores are. Close ends the connection, after the
// predictions that are running.
type Model struct {
	*core
	session *session
}

// core is what it has in common with models of other runtimes.
type core = predictor.Model

// Traffic is what the server was asked so far, and how long that took.
func (m *Model) Traffic() Traffic { return m.session.clock.traffic() }

// Describe says what the model is and how it is asked. The settings "runtime", "server", "model", "version" and "protocol" say who answers;
// the last note says how long requests took so far. What only inputs tell is there after the first ones.
func (m *Model) Describe() model.Description {
	d := m.core.Describe()
	notes := append([]string(nil), d.Notes...)
	m.session.mu.Lock()
	if m.session.note != "" {
		notes = append(notes, m.session.note)
	}
	m.session.mu.Unlock()
	if m.session.noID.Load() {
		notes = append(notes, "the server does not give back the id of a request, so that its answers cannot be held against that")
	}
	if t := m.Traffic(); t.Requests > 0 {
		notes = append(notes, t.String())
	}
	d.Notes = notes
	return d
}

// Prepare lets the model see the first inputs of a search before it is asked anything else: on them it decides what its scores are, and
// whether answers depend on what else is asked at the same time. A doubt is an error that names the option to give.
func (m *Model) Prepare(ctx context.Context, first []input.Input, other model.Predictor) error {
	if err := m.core.Prepare(ctx, first, other); err != nil {
		return err
	}
	if err := m.session.compare(ctx); err != nil {
		return fmt.Errorf("oip: %s: %w", m.session.endpoint, err)
	}
	return nil
}
