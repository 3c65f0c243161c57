package process

import (
	"io"
	"slices"
	"strings"

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
//
// # Methods
//
// Those of the interfaces of package model: Predict and PredictInto give rows of probabilities, Answer also numbers that are no scores of
// classes, see [Raw], Describe says what the model is and how it is run, CheckInput why it cannot take an input, and Prepare lets it see the
// first inputs of a search, on which it decides what its scores are. Close ends the program, after the
// predictions that are running.
type Model struct{ *core }

// core is what it has in common with models of other runtimes.
type core = predictor.Model

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
func Open(command []string, options ...Option) (*Model, error) {
	o := &opener{}
	m, err := predictor.Open(o.runtime(command), commandText(command), options)
	if err != nil {
		o.close()
		return nil, err
	}
	return &Model{m}, nil
}

// OpenPair opens an original model and its compressed version. The options apply to both, those in [Original] and [Compressed] to one
// of them. A pair of models in different runtimes is made by [model.NewPair].
func OpenPair(original, compressed []string, options ...Option) (*model.Pair, error) {
	o := &opener{}
	first, second, name, err := predictor.OpenPair(o.runtime(original, compressed), commandText(original), commandText(compressed), options)
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
