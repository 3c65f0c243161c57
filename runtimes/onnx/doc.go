// Package onnx makes predictors of ONNX models, with ONNX Runtime: of classifiers, and of models that give other numbers.
//
//	pair, err := onnx.OpenPair("model.onnx", "model-int8.onnx", onnx.Scale(1.0/255))
//
// opens an original model and its compressed version as the [model.Pair] of a search. A [Model] is
// also a predictor of its own; see [Open].
//
// # Preprocessing
//
// A search works on raw inputs, mostly 8-bit RGB images of the shape [height, width, channels]. What a
// model wants of them stands in no ONNX file, so say it as your training code did:
//
//	onnx.Scale(1.0/255)                        // pixels in 0..1
//	onnx.ImageInput(mean, std)                 // x/255, then (x-mean)/std, as torchvision does
//	onnx.ImageNet()                            // the same, with the numbers of ImageNet
//	onnx.Mean(103.9, 116.8, 123.7)             // with onnx.Channels(onnx.BGR), as Caffe does
//
// In general a model gets (x*scale - mean) / std, and lists are in the model's own order of channels.
// Without any of these it gets the values of the inputs as they are, and a note in its description says so.
//
// # What is read from the file
//
// Each model of a pair has its own input, and they may well differ: float32 and NCHW for the original,
// int8 and NHWC for the compressed one. The file tells the names, the type, fixed and dynamic dimensions and, mostly, the layout. A shape that leaves it open, such
// as [N,3,32,3], is an error that asks for [Layout].
//
// An int8 or uint8 input gets what preprocessing makes, quantised with the scale and the zero point of
// the operator that reads it. A uint8 input without such an operator takes pixels as they are, and
// Scale, Mean and Std do not apply. Where the graph does not tell, [QuantizedInput] does.
//
// Inputs and outputs may be of float32, float64, float16, bfloat16, int8, uint8, int16, int32, int64 and bool. Whole numbers
// (int16, int32, int64) and bool take the values of the inputs as they are, and need a domain of whole numbers.
//
// # Several inputs
//
// One input of a model is searched. Each other one is fed by exactly one option, else an error lists what nothing feeds:
//
//	onnx.Fixed("sr", 16000)                    // the same numbers in every run
//	onnx.Fixed("state", 0)                     // one value fills the tensor
//	onnx.Made("attention_mask", maskOf)        // what a function makes of the searched input
//
// Open dimensions are as large as those of the same name of the searched input; see [Fixed]. An input that no node reads is
// ignored, with a note.
//
// An input of rank 2 takes rows of a table, or flattened images: see [Layout].
//
// # Scores
//
// A classifier gives one row of probabilities for an input. What its output is, probabilities already, their logarithms or logits,
// is decided from both ends: from the operators that make it, seen through those that clip, cast, quantise, slice or reshape,
// and from the answers to the first inputs of a search (see [Model.Prepare]). The two have to agree: rows of a softmax that do
// not sum to 1, numbers within 0..1 that no operator explains, and the several sigmoids of a multi-label model, which are no
// distribution, are errors that name the option to give. [Scores] overrules it. The decision and its reasons are the setting "scores"
// of the description. Later rows are held against it too: a distribution that stops summing to 1 is an [model.ErrBadScores].
//
// Whether the sums of a last layer with weights are scores of classes or an embedding stands in no file: several of them
// are read as logits. What no such layer makes and is no distribution (pooled features, a normalised embedding, what comes out of an
// activation), one number of a layer (a logit, or the value of a regression) and outputs of other shapes are one error with the
// outputs of the model and the options: Scores(Logits) says that they are scores, [Raw] takes numbers as they are.
//
// Scores are read as [N,C], [N,1,C], [N,C,1,1] and the like, and as [C,N] where it is plain that the second dimension counts
// inputs. An output of one number, [N,1] or [N], becomes two classes: 1-p and p. Integer outputs are dequantised. Of several outputs,
// [Output] chooses one. The list of maps that ZipMap makes of a scikit-learn model is none: convert it with zipmap=False. The scores of
// a scikit-learn SVC of two classes stand in the wrong order (see findings/skl2onnx-svc-scores-reversed.sh): train it with probability=True.
//
// The sides of a pair may give different kinds of scores; they are compared as probabilities. Where one gives its classes in
// another order, [ClassOrder] puts them back.
//
// With Scores([Raw]) a row holds all numbers of one output, or of several that Output names one after the other, in
// row-major order and without a softmax. Numbers of int32 and int64 from 2^24 on, which a float32 does not hold, are an
// [model.ErrBadScores].
//
// NaN and infinite scores, and rows of logits that hold some, are returned as they are; the engine reports them.
//
// # Batches
//
// A file with a fixed batch runs that many inputs at a time, repeated to fill up. A model whose scores
// depend on what else is in the batch, as those with dynamic quantisation do, runs one input at a time:
// otherwise a search could not repeat what it found. Both stand in the notes of the description.
//
// # Options for one model
//
// Options apply to both models of a pair, those inside [Original] and [Compressed] to one of them, and
// win over the others:
//
//	onnx.OpenPair("a.onnx", "b.onnx", onnx.ImageNet(), onnx.Compressed(onnx.Channels(onnx.BGR)))
//
// # Changed copies, other settings
//
// [OpenPerturbed] and [Perturbed] make copies of a model whose weights carry a known, small change, to measure what a
// search is able to find. [OpenVariants] opens a pair under other settings of the runtime, to tell what comes from
// those. Package restore puts chosen nodes of a quantised model back into float.
//
// # ONNX Runtime
//
// The first model that is opened loads ONNX Runtime's shared library, which package ortlib finds or
// installs; [RuntimeLibrary], [RuntimeVersion] and [NoInstall] change how. A process uses one library.
// The package needs cgo: without it everything compiles, and opening a model is an error.
//
// A model uses one thread unless [Threads] says otherwise: a search has a worker for every core, and
// predictions of one model may run at the same time. Close a model, or the pair, when it is done.
package onnx
