package engine

import "errors"

// Errors that tell a search which could not say anything from one that found nothing. Each is wrapped
// with what was expected and what was found; test for it with [errors.Is].
var (
	// ErrNoUsableSeeds: every seed was skipped.
	ErrNoUsableSeeds = errors.New("no usable seeds")
	// ErrUnusableSeed: a seed cannot be used and Settings.Strict is set.
	ErrUnusableSeed = errors.New("unusable seed")
	// ErrTooManySkipped: more seeds were skipped than Settings.SkippedAtMost accepts.
	ErrTooManySkipped = errors.New("too many seeds skipped")
	// ErrSameModel: original and compressed are the same model, in the same runtime and under the same settings.
	ErrSameModel = errors.New("original and compressed are the same model")
	// ErrIdenticalScores: both models gave the same scores, to the last bit, for everything that was evaluated.
	ErrIdenticalScores = errors.New("both models give identical scores")
	// ErrBadLabel: the label of a seed is none of the models' classes.
	ErrBadLabel = errors.New("label beyond the classes")
	// ErrClassCount: the models of the pair have different numbers of classes, or the seeds name another number.
	ErrClassCount = errors.New("different numbers of classes")
	// ErrClassOrder: the models number the same classes differently.
	ErrClassOrder = errors.New("classes in another order")
	// ErrConstantOutput: a model gave the same scores for every input.
	ErrConstantOutput = errors.New("constant output")
	// ErrInconclusive: the search ended before it tried enough to say that there is nothing.
	ErrInconclusive = errors.New("inconclusive search")
	// ErrNoDeviation: what should be a trigger is none, or no longer.
	ErrNoDeviation = errors.New("no deviation")
)
