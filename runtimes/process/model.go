package process

import (
	"context"
	"io"
	"slices"
	"strings"

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

// Model is a program as a [model.Predictor]. It is safe for concurrent use: concurrent predictions wait for a copy of the program that is
// free, see [Copies].
//
// # Inputs and outputs
//
// The greeting of the program tells names, types, shapes and scales of its inputs and outputs, in the words of the protocol. Images lie as the
// shape says, [-1,32,32,3] or [-1,3,32,32]; one that leaves it open is an error that asks for [Layout]. Several inputs are fed by the parts of
// their names, see [Feed], [Fixed] and [Made]. Scores are what the greeting or [Scores] says they are.
//
// # Batches
//
// A program whose first dimension is open is asked about batches, at most as large as the greeting or [MaxBatch] says, unless the answers
// depend on what else is in the batch: then about one input at a time, with a note.
type Model struct{ *core }

// core is what it has in common with models of other runtimes.
type core = onnx.Model

// Open starts a program, and reads from its greeting what its model is. Command is its name and its arguments: no shell reads them.
// Close the model, or the pair that it is in, when it is done.
//
// # Its end
//
// Close ends the standard input of the program, by which it should end; after 2 seconds it is killed, on Unix with all that it has started. It sees the
// same end when the test dies, however that happens; on Linux it is killed then.
//
// # Errors
//
// A program that ends before it has answered is started again and asked about the batch once more, see [Restarts]. One that ends again, takes
// longer than [Timeout], answers an error or prints something else to its standard output is one error, which tells the
// exit status and the last lines of its standard error. A prediction whose context ends kills the program; the next one starts it again.
func Open(command []string, list ...Option) (*Model, error) {
	o, err := newOpener(list)
	if err != nil {
		return nil, err
	}
	m, err := onnx.OpenForeign(o.runtime(command), commandText(command), o.collected.Shared...)
	if err != nil {
		o.close()
		return nil, err
	}
	return &Model{m}, nil
}

// OpenPair opens an original model and its compressed version. The options apply to both, those in [Original] and [Compressed] to one
// of them. A pair of models in different runtimes is made by [model.NewPair].
func OpenPair(original, compressed []string, list ...Option) (*model.Pair, error) {
	o, err := newOpener(list)
	if err != nil {
		return nil, err
	}
	first, second, name, err := onnx.OpenForeignPair(o.runtime(original, compressed), commandText(original), commandText(compressed), o.collected.Shared...)
	if err != nil {
		o.close()
		return nil, err
	}
	return model.NewPair(name, &Model{first}, &Model{second})
}

// commandText is a command as one line, for errors.
func commandText(command []string) string {
	words := slices.Clone(command)
	for i, w := range words {
		if w == "" || strings.ContainsAny(w, " \t\n\"'\\") {
			words[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(words, " ")
}

// Describe says what the model is and how it is run: the settings that the program tells, "command" and "copies". What only inputs tell,
// such as what its scores are where the greeting leaves that open, is there after the first ones.
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

// Prepare lets the model see the first inputs of a search before it is asked anything else: where neither greeting nor option says what
// its scores are, it decides that on them. A doubt is an error that names the option to give.
func (m *Model) Prepare(ctx context.Context, first []input.Input, other model.Predictor) error {
	return m.core.Prepare(ctx, first, other)
}

// UsesPart implements [model.PartUser].
func (m *Model) UsesPart(in input.Input, name string) bool { return m.core.UsesPart(in, name) }

// Close ends the program, after the predictions that are running. Later predictions give [ErrClosed].
func (m *Model) Close() error { return m.core.Close() }
