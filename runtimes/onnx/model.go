package onnx

import (
	"io"

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
	_ model.Differentiable    = (*Model)(nil)
	_ io.Closer               = (*Model)(nil)
)

// ErrClosed is the error of predictions with a model that was closed.
var ErrClosed = predictor.ErrClosed

// Model is an ONNX model as a [model.Predictor]. It is safe for concurrent use, and concurrent
// predictions run at the same time.
//
// # Inputs
//
// Each model of a pair has its own input, and they may well differ: float32 and NCHW for the original,
// int8 and NHWC for the compressed one. The file tells the names, the type, fixed and dynamic dimensions and, mostly, the layout.
// A shape that leaves it open, such as [N,3,32,3], is an error that asks for [Layout]. An input of rank 2 takes rows of a
// table, or flattened images.
//
// An int8 or uint8 input gets what preprocessing makes, quantised with the scale and the zero point of
// the operator that reads it. A uint8 input without such an operator takes pixels as they are, and
// Scale, Mean and Std do not apply. Where the graph does not tell, [QuantizedInput] does.
//
// Inputs and outputs may be of float32, float64, float16, bfloat16, int8, uint8, int16, int32, int64 and bool. Whole numbers
// (int16, int32, int64) and bool take the values of the inputs as they are, and need a domain of whole numbers.
//
// Each input of a model is fed by exactly one of these, else an error lists what is not fed and the parts that are left: an option;
// the part of its name, of inputs that are sets of parts (see [input.Join]); or, where one input of the model and one searched
// part are left, that part. An input that is no set feeds the one that is left.
//
//	Feed("input_ids", "ids")              // a part of another name
//	Fixed("sr", 16000)                    // the same numbers in every run
//	Fixed("state", 0)                     // one value fills the tensor
//	Made("attention_mask", maskOf)        // what a function makes of the searched input
//	Preprocess(pixelsOf, "pixel_values")  // the same, in memory used again, for functions that may fail
//	State("state", "stateN")              // carried over the steps of a sequence, see Steps
//
// Parts lie in tensors as their shapes say: as an image where the tensor is one, else as they are. A part that neither model of a
// pair takes is an error. [For] says how one of several inputs is preprocessed.
//
// An open dimension with a name has one size in all inputs; two are an error. An input that no node reads is ignored, with a note.
//
// # Batches
//
// A file with a fixed batch runs that many inputs at a time, repeated to fill up. A model whose scores
// depend on what else is in the batch, as those with dynamic quantisation do, runs one input at a time:
// otherwise a search could not repeat what it found. Both stand in the notes of the description.
//
// # Methods
//
// Those of the interfaces of package model: Predict and PredictInto give rows of probabilities, Answer also numbers that are no scores of
// classes, see [Raw], Describe says what the model is and how it is run, CheckInput why it cannot take an input, and Prepare lets it see the
// first inputs of a search, on which it decides what its scores are. Gradient and CheckGradient are for models opened with [Gradients]. Close frees the model, after the predictions that are running;
// one that nothing refers to any more is closed too, some time after.
type Model struct {
	*core
	eightBit bool // some of its nodes work on 8-bit numbers
}

// core is what it has in common with models of other runtimes.
type core = predictor.Model
