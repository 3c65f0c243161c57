package onnx

import (
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
)

// Fixed gives an input of the model that is not searched the same numbers in every run: a sampling rate, a state of zeros, a mask
// of ones. One value fills the whole tensor; more are those of one input of the search, in row-major order, repeated for each of
// a run.
//
// The file tells the shape. An open dimension is as large as the dimension of the same name of another input; the first
// dimension, and one that is open and has no name, count the inputs of a run; what is open still follows from the number of
// values. The values have to be such that the input's type holds them: whole numbers for integers, 0 and 1 for bool.
//
// Every input of a model is searched, fixed or made, and what nothing feeds is an error that lists it; see [Model].
func Fixed(name string, values ...float64) Option {
	return predictor.Fixed[settings](name, values...)
}

// Feed gives an input of the model the part of that name, of inputs that are sets of parts (see [input.Join]). It is for parts
// that have another name than the input: without it a part feeds the input of its own name, and where one input and one searched
// part are left, that part feeds that input. A part may feed several inputs.
//
//	onnx.Feed("input_ids", "ids"), onnx.Fixed("sr", 16000)
func Feed(target, part string) Option {
	return predictor.Feed[settings](target, part)
}

// Tensor is what a function of [Made] or [Preprocess] makes of one input.
type Tensor = predictor.Tensor

// Made gives an input of the model what a function makes of the searched input, such as a mask of ids that are not padding, or
// their positions. It is called for every input of every run, from several goroutines at once, must not keep the input, and gives
// the same for the same input. For inputs of one shape it gives tensors of one shape. A panic in it is an error of the prediction.
//
// A function that can fail, makes several inputs at once or is to allocate nothing is for [Preprocess].
func Made(name string, make func(in input.Input) Tensor) Option {
	return predictor.Made[settings](name, make)
}

// Preprocess has a Go function make what the model is given of the searched input, for preprocessing that [Scale], [Mean], [Std] and
// the like cannot say: one's production code that resizes, computes a spectrogram, pads or tokenises. What is searched, bounded,
// shown and saved stays the raw input; what the function writes is what the model gets.
//
// The function fills the inputs of the model that are named as targets, all at once, in their order: dst[0] is the first. Without
// names that is the one input that nothing else feeds. See Resize of [Tensor]:
//
//	onnx.Preprocess(func(raw input.Input, dst []onnx.Tensor) error {
//		pixels := dst[0].Resize(1, 3, 224, 224) // row-major, for one input
//		…
//		return nil
//	})
//
// It is called for every input of every run, from several goroutines at once, and gives the same for the same input, in tensors of
// one shape for inputs of one shape. Raw has all parts of a set, and those that no input of a model takes are the function's. Its
// Data is a copy, which the function may change but not keep. The Values of dst have no numbers yet, and the memory of earlier
// calls. An error or a panic is an error of the input, which names the option and the model.
//
// Preprocess applies to both models of a pair. In [Original] and [Compressed] it applies to one of them, and the other one takes raw
// inputs by the other options; there it replaces a Preprocess outside for the same inputs, and for all where it has no names. In
// [For] it fills that input.
func Preprocess(fn func(raw input.Input, dst []Tensor) error, targets ...string) Option {
	return predictor.Preprocess[settings](fn, targets...)
}

// Steps has a model take a sequence in steps, as models of streams do: the searched input is cut along its first dimension, time,
// and the model runs once for each piece. [State] carries tensors from one step to the next. For silero-vad at 16 kHz, for instance:
//
//	onnx.Steps{Size: 512, Before: 64}, onnx.State("state", "stateN"), onnx.Fixed("sr", 16000), onnx.Scores(onnx.Raw)
//
// A search changes the whole sequence, and an answer is about the whole of it. With onnx.Scores([Raw]) an output has the numbers of all
// steps, in the shape [steps, …], or [steps] where the model gives one number a step. Scores of classes are those of the last step, so
// Last has to be set.
//
// A step is an input of its own: [Preprocess] and [Made] see a step, and options such as [Scale] apply to it. Of a set of parts, the
// only searched one is cut, and fixed parts are the same in each step. Sequences of one length go in batches where the model allows
// that.
//
// Its fields are Size, how many places of the first dimension a step is, 1 or more: samples of [time], or rows of [time, features]; Before, how
// many places of what came before go in front of them, so that the model gets Before+Size, which at the beginning are 0, or padding where tokens have
// some; Pad, which fills the last step up, with 0 or padding, where an input whose length is no multiple of Size is an error without it; and
// Last, which gives the outputs of the last step alone.
type Steps = predictor.Steps[settings]

// State carries a tensor over the [Steps] of a sequence: the model's input of that name starts with the given values, as in [Fixed]
// (one fills it, none is 0), and is in each further step what the output was in the step before. Both have one type and shape. Every
// input of a search starts anew. The output is none of the answer.
func State(name, output string, start ...float64) Option {
	return predictor.State[settings](name, output, start...)
}
