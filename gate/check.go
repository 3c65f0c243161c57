package gate

import (
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/model"
)

// Verdict is what a check came to.
type Verdict string

// The verdicts. A check that passed found no reason against a release, which is no proof that there is
// none.
const (
	CheckPassed Verdict = "passed"
	CheckFailed Verdict = "failed"
	CheckError  Verdict = "error" // it could not be carried out
	// CheckUndecided: its budget ended before it could tell, or its search was too weak; see [ErrUndecided],
	// [ErrTooWeak] and [engine.ErrInconclusive].
	CheckUndecided Verdict = "undecided"
)

// Check is one sentence that a release has to stand up to, and what came of it.
type Check struct {
	Name     string  `json:"name"`           // short; a suite's checks are listed by it
	Pair     string  `json:"pair,omitempty"` // of models
	Sentence string  `json:"sentence"`       // what was expected, in words
	Verdict  Verdict `json:"verdict"`
	// Message says why it did not pass. It may have several lines.
	Message string   `json:"message,omitempty"`
	Numbers []Number `json:"numbers,omitempty"`

	// Evidence is what the verdict rests on.
	Evidence CheckEvidence `json:"-"`
}

// Number is a figure of a check, with its bounds and its limit where it has them.
type Number struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit,omitempty"` // "share" for a number from 0 to 1, else what is counted, such as "seeds"
	// Lower and Upper are one-sided bounds: each holds with Confidence, from 0 to 1.
	Lower      *float64 `json:"lower,omitempty"`
	Upper      *float64 `json:"upper,omitempty"`
	Confidence float64  `json:"confidence,omitempty"`
	Limit      *float64 `json:"limit,omitempty"` // what the number was held against
}

// CheckEvidence is what a check has to show. What it does not have is nil.
type CheckEvidence struct {
	Models     *model.Pair
	Search     *engine.Report
	Triggers   []*engine.Trigger // such as saved ones that still deviate, besides those of the search
	Rate       *Rate
	Flips      *Flips
	Comparison *Comparison
	Canary     *Canary
	Noise      *Noise
	Minimized  []Minimized // triggers that were minimised
	ClassNames []string    // by label, where they are known
	// Replays are the commands that give single triggers that were saved to both models again, by ID.
	Replays map[string]string
}

// Minimized is a trigger before and after it was minimised.
type Minimized struct {
	ID      string            `json:"id"` // of the minimised one
	Before  distance.Distance `json:"before"`
	After   distance.Distance `json:"after"`
	Queries int               `json:"queries"` // that it took
}
