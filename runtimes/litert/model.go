package litert

import (
	"io"
	"slices"

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
//
// # Methods
//
// Those of the interfaces of package model: Predict and PredictInto give rows of probabilities, Answer also numbers that are no scores of
// classes, see [Raw], Describe says what the model is and how it is run, CheckInput why it cannot take an input, and Prepare lets it see the
// first inputs of a search, on which it decides what its scores are. Close frees the model, after the predictions that are running.
type Model struct {
	*core
	labels []string
}

// core is what it has in common with models of other runtimes.
type core = predictor.Model

// Labels are the names of the classes that the metadata of the file list for the output that is read, by number; nil when there are none.
func (m *Model) Labels() []string { return slices.Clone(m.labels) }
