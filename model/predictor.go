package model

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
)

// CheckInput is what the predictor says of the input as an [InputChecker], and nil where it is none: nothing is wrong with it.
func CheckInput(p Predictor, in input.Input) error {
	if c, ok := p.(InputChecker); ok {
		return c.CheckInput(in)
	}
	return nil
}

// Describe is the description of a predictor, that of a [Describer] or an empty one, with fallback for a name where it has none.
func Describe(p Predictor, fallback string) Description {
	var d Description
	if describer, ok := p.(Describer); ok {
		d = describer.Describe()
	}
	if d.Name == "" {
		d.Name = fallback
	}
	return d
}

// Predictor is one model seen as a black box: raw inputs in, one row of scores an input out.
//
// Scores are one number a class, the higher the likelier. Where labels are compared, they have to be probabilities (each
// in [0, 1], a row summing to 1) or the bytes of such; [Softmax] makes them from logits, and [AsScores] says that others are scores of classes
// all the same. Anything else takes an oracle that does not compare labels.
//
// Predict must not keep or change the inputs, must give the same scores for the same input in rows that
// it does not use again, and must be safe for concurrent use unless its [Description] says Serial.
type Predictor interface {
	Predict(ctx context.Context, batch []input.Input) (scores [][]float32, err error)
}

// BufferedPredictor is an optional extension of [Predictor] that avoids an allocation a row.
type BufferedPredictor interface {
	Predictor
	// PredictInto is Predict that reuses dst and the memory of its rows where they are large
	// enough, in the manner of append, and returns the result with len(batch) rows.
	PredictInto(ctx context.Context, batch []input.Input, dst [][]float32) ([][]float32, error)
}

// EncodingTimer is an optional extension of [Predictor] that writes inputs in the form that its model takes: EncodingTime is how long that has
// taken so far, in all calls of all that share it. A search counts it apart from the model.
type EncodingTimer interface {
	Predictor
	EncodingTime() time.Duration
}

// EncodingSharer is an optional extension of [Answerer] for models that write inputs in the form that they take: one that takes them in the form
// of another one does not write them once more. A type that embeds such a model and has an Answer of its own needs these of its own, too.
type EncodingSharer interface {
	Answerer
	// AnswerEncoding is Answer that gives out the inputs as the model was given them, too; nil where they are not kept.
	AnswerEncoding(ctx context.Context, batch []input.Input, dst []answer.Answer) ([]answer.Answer, Encoding, error)
	// AnswerEncoded is Answer to inputs that another model has written. It reports false, and gives no answer, where this one takes another form.
	AnswerEncoded(ctx context.Context, batch []input.Input, dst []answer.Answer, as Encoding) (answers []answer.Answer, taken bool, err error)
}

// Encoding are inputs in the form that a model takes. Release gives their memory back, for others.
type Encoding interface{ Release() }

// Describer is an optional extension of [Predictor]: what a report says about the model.
type Describer interface {
	Describe() Description
}

// PartUser is an optional extension of [Predictor] for a model that takes inputs by their parts: UsesPart reports whether it uses
// the part of that name of such an input. A part that neither model of a pair uses is a mistake, which one of them reports. A
// [Predictor] without it is taken to use all.
type PartUser interface {
	Predictor
	UsesPart(in input.Input, name string) bool
}

// InputChecker is an optional extension of [Predictor]: CheckInput tells, without running the
// model, why an input of this shape and domain cannot be used (nil when it can).
type InputChecker interface {
	CheckInput(in input.Input) error
}

// Description is what a report records about one model.
type Description struct {
	Name string `json:"name"`
	File string `json:"file,omitempty"`
	// SHA256 tells models apart by all of their bytes: of the model file or, for a model in several files, of all of them (see
	// Files). Empty when there is none.
	SHA256 string `json:"sha256,omitempty"`
	Size   int64  `json:"size,omitempty"` // of all files, in bytes
	// Content is a hash of what the model computes: a model that was saved again, by another program, under other names or with
	// its weights in another place, has the same. Empty when it is not known.
	Content string `json:"content,omitempty"`
	// Files are those of a model in several files, that of the graph first; empty for a model in one file.
	Files []File `json:"files,omitempty"`
	// Settings are name-value pairs worth keeping, such as "runtime", "threads", "scores".
	Settings map[string]string `json:"settings,omitempty"`
	// Notes are remarks for the user, such as that a fixed batch of 1 is slow.
	Notes []string `json:"notes,omitempty"`
	// Classes is the length of a row of scores, or 0 when it is only known after a prediction, and for named outputs.
	Classes int `json:"classes,omitempty"`
	// ClassNames are what the model's own labels call its classes, in the order of its scores, where it has such.
	ClassNames []string `json:"class_names,omitempty"`
	// Outputs are the named outputs of an [Answerer], where they are known before a prediction; see [answer.Output].
	Outputs []answer.Output `json:"outputs,omitempty"`
	// MaxBatch is the largest batch that Predict takes, or 0 when there is no limit.
	MaxBatch int `json:"max_batch,omitempty"`
	// Serial says that Predict must not be called concurrently.
	Serial bool `json:"serial,omitempty"`
	// LabelOnly says that scores carry the answer alone: 1 for the label given, 0 elsewhere.
	LabelOnly bool `json:"label_only,omitempty"`
}

// File is one of the files of a model.
type File struct {
	Name   string `json:"name"` // relative to the model's folder
	Size   int64  `json:"size"` // in bytes
	SHA256 string `json:"sha256"`
}

// PredictorFunc is the function form of [Predictor.Predict]. Give it a name with [Func].
type PredictorFunc func(ctx context.Context, batch []input.Input) (scores [][]float32, err error)

// Func makes a [Predictor] of a Go function, with a name for reports and messages.
func Func(name string, fn PredictorFunc) Predictor {
	return &funcPredictor{fn: fn, description: Description{Name: name}}
}

// LabelFunc makes a [Predictor] of a function that gives labels only, as many deployed models do.
// Its scores are 1 for the label and 0 elsewhere.
func LabelFunc(name string, classes int, fn func(ctx context.Context, batch []input.Input) (labels []int, err error)) Predictor {
	return &funcPredictor{
		description: Description{Name: name, Classes: classes, LabelOnly: true},
		fn: func(ctx context.Context, batch []input.Input) ([][]float32, error) {
			labels, err := fn(ctx, batch)
			if err == nil && classes < 2 {
				err = fmt.Errorf("LabelFunc: expected 2 classes or more, found %d", classes)
			}
			if err != nil {
				return nil, err
			}
			scores := make([][]float32, len(labels))
			for i, label := range labels {
				if label < 0 || label >= classes {
					return nil, fmt.Errorf("label %d: expected 0 to %d", label, classes-1)
				}
				scores[i] = make([]float32, classes)
				scores[i][label] = 1
			}
			return scores, nil
		},
	}
}

type funcPredictor struct {
	fn          PredictorFunc
	description Description
}

func (p *funcPredictor) Predict(ctx context.Context, batch []input.Input) ([][]float32, error) {
	return p.fn(ctx, batch)
}

func (p *funcPredictor) Describe() Description { return p.description }

// Preparer is an optional extension of [Predictor] for a model that has to see inputs before it knows how its own answers are
// to be read, such as whether its scores are logits.
//
// Prepare is called before the model is asked anything else in a search, a replay, a minimisation or by an
// engine.Evaluator, with the first inputs that both models can take, at most 16, and the other model of the pair. It may be called
// again, with other inputs. Its [Description] may be another one afterwards. An error, which names the model, ends what was about
// to begin.
type Preparer interface {
	Predictor
	Prepare(ctx context.Context, first []input.Input, other Predictor) error
}

// ErrBadScores: a model gave no scores, the wrong number of rows or classes, or NaN or infinity for everything.
var ErrBadScores = errors.New("bad scores")
