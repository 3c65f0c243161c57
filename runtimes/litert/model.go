package litert

import (
	"context"
	"io"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
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
var ErrClosed = onnx.ErrClosed

// Model is a LiteRT model as a [model.Predictor]. It is safe for concurrent use, and concurrent predictions run at the same time: each in a
// compiled model of its own, since LiteRT gives wrong answers, without an error, where several share one.
//
// # Inputs
//
// The file tells names, types, shapes and scales. Inputs and outputs have the names that the signature gives them. They may be of float32,
// float64, float16, bfloat16, int8, uint8, int16, int32, int64 and bool. An int8, uint8 or int16 tensor with a scale stands for real numbers:
// an input gets what preprocessing makes, divided by the scale, rounded to the nearest whole number (halves to the even one, as XNNPACK does),
// plus the zero point and cut off at the ends of the type; an output gives (q - zeroPoint) * scale. A uint8 input without a scale takes pixels as
// they are; other whole numbers and bool take the values of the inputs as they are.
//
// Images lie as the shape says, [1,32,32,3] or [1,3,32,32]; one that leaves it open is an error that asks for [Layout]. Several inputs are
// fed by the parts of their names, see [Feed], [Fixed] and [Made]; an input that no operator reads is filled with zeros, with a note.
//
// # Batches
//
// A file whose first dimension is fixed runs that many inputs at a time, mostly one. Where it may be resized (-1 in the shape signature)
// batches run together, unless the answers depend on what else is in the batch: then inputs run one by one, with a note.
type Model struct {
	*core
	labels []string
}

// core is what it has in common with models of other runtimes.
type core = onnx.Model

// Labels are the names of the classes that the metadata of the file list for the output that is read, by number; nil when there are none.
func (m *Model) Labels() []string { return slices.Clone(m.labels) }

// Describe says what the model is and how it is run. What only inputs tell, such as what its scores are where the file leaves that
// open, is there after the first ones. The settings "runtime", "kernels" and "threads" say how it runs, "signature" what.
func (m *Model) Describe() model.Description { return m.core.Describe() }

// String is short on purpose: models stand in failure messages.
func (m *Model) String() string { return m.core.String() }

// Predict gives a row of probabilities for every input.
func (m *Model) Predict(ctx context.Context, batch []input.Input) ([][]float32, error) {
	return m.core.Predict(ctx, batch)
}

// PredictInto is Predict that reuses dst and the memory of its rows.
func (m *Model) PredictInto(ctx context.Context, batch []input.Input, dst [][]float32) ([][]float32, error) {
	return m.core.PredictInto(ctx, batch, dst)
}

// Answer implements [model.Answerer]. Scores of classes are plain numbers; with [Raw] an answer has the outputs of the model under their
// names, in shapes without the dimension that counts inputs. Those of the compressed model of [OpenPair] have the names that the
// original's outputs have in the same places.
func (m *Model) Answer(ctx context.Context, batch []input.Input, dst []answer.Answer) ([]answer.Answer, error) {
	return m.core.Answer(ctx, batch, dst)
}

// CheckInput tells why the model cannot take an input of this shape, domain and these parts: what it expects, what it found and, where
// one helps, the option to give.
func (m *Model) CheckInput(in input.Input) error { return m.core.CheckInput(in) }

// Prepare lets the model see the first inputs of a search before it is asked anything else: on them, and on what its graph says, it
// decides what its scores are. A doubt is an error that names the option to give.
func (m *Model) Prepare(ctx context.Context, first []input.Input, other model.Predictor) error {
	return m.core.Prepare(ctx, first, other)
}

// UsesPart implements [model.PartUser].
func (m *Model) UsesPart(in input.Input, name string) bool { return m.core.UsesPart(in, name) }

// Close frees the model, after the predictions that are running. Later predictions give [ErrClosed].
func (m *Model) Close() error { return m.core.Close() }
