package repair

import (
	"errors"
	"fmt"
	"math"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/model"
)

// Selector decides from the scores of a compressed model whether its answer is to be trusted. It is a logistic
// regression over the highest log-probabilities and the entropy, with a threshold. Package report saves and loads it. A
// selector is safe for concurrent use.
//
// # Where this comes from
//
// The authors of TriggerFinder (Tian, Zhang, Wen, Cheung, Sun, Ma, Jiang: "Finding Deviated Behaviors of the Compressed DNN
// Models for Image Classifications", TOSEM 2023, arXiv 2112.02819, abstract and the discussion of repair) repair up to
// 48.48 % of the deviations by what is learnt from triggers, and find it harder to search the repaired models. This is
// the idea, not a reimplementation: what is looked at, the regression and the limit of cost are ours.
// Rejecting what a model is unsure about, with a threshold for a share of clean inputs, is older: Chow's rule (1970).
type Selector struct {
	// Pair and models that it was trained for; empty after [TrainOn].
	Pair       string `json:"pair,omitempty"`
	Original   Model  `json:"original"`
	Compressed Model  `json:"compressed"`

	Classes int `json:"classes"`
	// Features names what is looked at; there is one set so far.
	Features string `json:"features"`
	// Means and Scales make features comparable: (feature - mean) / scale.
	Means  []float64 `json:"means"`
	Scales []float64 `json:"scales"`
	// Weights and Bias give the doubt of a row of scores; see [Selector.Doubt].
	Weights []float64 `json:"weights"`
	Bias    float64   `json:"bias"`
	// Threshold is the doubt above which the original is asked.
	Threshold float64 `json:"threshold"`

	// AskAtMost is the limit that the threshold keeps.
	AskAtMost float64 `json:"ask_at_most"`
	// TrainedOn counts what it was trained on.
	TrainedOn Counts `json:"trained_on"`
}

// Model is one of the models of a pair.
type Model = model.Identity

// Counts are the inputs that a selector was trained on.
type Counts struct {
	Triggers int `json:"triggers"`
	// Healed triggers deviated no longer, and were left out.
	Healed int `json:"healed,omitempty"`
	Clean  int `json:"clean"`
	// Deviating is how many of the clean inputs deviate themselves; they count as triggers.
	Deviating int `json:"deviating,omitempty"`
	// NotFinite is for how many of the triggers and clean inputs the compressed model gives NaN or infinity. There is
	// nothing to learn from these: the original is always asked.
	NotFinite int `json:"not_finite,omitempty"`
}

// Trusts reports whether the compressed model's answer is to be trusted: its scores are probabilities, one a
// class. Another number of them, or what are no probabilities, is an error that wraps [model.ErrBadScores]. Scores of
// which some are NaN or infinite are never trusted.
func (s *Selector) Trusts(scores []float32) (bool, error) {
	doubt, err := s.Doubt(scores)
	return doubt <= s.Threshold, err
}

// Doubt is how little the answer is to be trusted: the logarithm of the odds that scores like these are of a
// trigger rather than of a clean input, were both as frequent. It is infinite for scores that are not finite.
func (s *Selector) Doubt(scores []float32) (float64, error) {
	if len(scores) == s.Classes && !answer.Finite(scores) {
		return math.Inf(1), nil
	}
	if err := checkScores(scores, s.Classes); err != nil {
		return math.Inf(1), fmt.Errorf("repair: selector: %w", err)
	}
	return s.doubt(features(scores)), nil
}

func (s *Selector) doubt(features []float64) float64 {
	doubt := s.Bias
	for i, f := range features {
		doubt += s.Weights[i] * (f - s.Means[i]) / s.Scales[i]
	}
	return doubt
}

// Validate finds what no selector can be.
func (s *Selector) Validate() error {
	if s.Features != featureSet {
		return fmt.Errorf("features: expected %q, found %.80q", featureSet, s.Features)
	}
	if s.Classes < 2 {
		return fmt.Errorf("classes: expected at least 2, found %d", s.Classes)
	}
	n := featureCount(s.Classes)
	for _, list := range []struct {
		name   string
		values []float64
	}{{"means", s.Means}, {"scales", s.Scales}, {"weights", s.Weights}, {"bias, threshold", []float64{s.Bias, s.Threshold}}} {
		if len(list.values) != n && list.name[0] != 'b' {
			return fmt.Errorf("%s: expected %d numbers for %d classes, found %d", list.name, n, s.Classes, len(list.values))
		}
		for _, v := range list.values {
			if math.IsNaN(v) || math.Abs(v) > 1e12 {
				return fmt.Errorf("%s: expected finite numbers, found %g", list.name, v)
			}
		}
	}
	for i, scale := range s.Scales {
		if !(scale > 1e-12) {
			return fmt.Errorf("scales[%d]: expected a number above 0, found %g", i, scale)
		}
	}
	if !(s.AskAtMost > 0 && s.AskAtMost < 1) {
		return fmt.Errorf("ask_at_most: expected above 0 and below 1, found %g", s.AskAtMost)
	}
	if t := s.TrainedOn; t.Triggers < 0 || t.Healed < 0 || t.Clean < 1 || t.Deviating < 0 || t.Deviating > t.Clean || t.NotFinite < 0 || t.NotFinite > t.Triggers+t.Deviating || t.Triggers+t.Deviating < 1 {
		return fmt.Errorf("trained_on: expected triggers and clean inputs, found %+v", t)
	}
	for _, m := range []Model{s.Original, s.Compressed} {
		for _, sum := range []struct{ name, value string }{{"sha256", m.SHA256}, {"content", m.Content}, {"graph_sha256", m.GraphSHA256}} {
			if sum.value != "" && !isSHA256(sum.value) {
				return fmt.Errorf("%s: expected 64 hexadecimal digits or none, found %.80q", sum.name, sum.value)
			}
		}
	}
	return nil
}

func isSHA256(text string) bool {
	for _, c := range text {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(text) == 64
}

// fits tells why the selector cannot be used with a pair: it is for one compressed model. Where a model has no file,
// nothing can be told.
func (s *Selector) fits(pair *model.Pair) error {
	if pair == nil {
		return errors.New("pair is nil")
	}
	original, compressed := pair.Describe()
	for _, m := range []struct {
		role    string
		trained Model
		found   model.Description
	}{{"original", s.Original, original}, {"compressed", s.Compressed, compressed}} {
		found := m.found.Identity()
		if m.trained.SHA256 != "" && found.SHA256 != "" && m.trained.Compare(found) == model.Different {
			return fmt.Errorf("pair %s: expected the %s model that the selector was trained for, %s, found %s: train it again", pair.Name(), m.role, m.trained, found)
		}
		if m.found.Classes != 0 && m.found.Classes != s.Classes {
			return fmt.Errorf("pair %s: expected a %s model of %d classes, found %d", pair.Name(), m.role, s.Classes, m.found.Classes)
		}
	}
	return nil
}

// String describes the selector.
func (s *Selector) String() string {
	return fmt.Sprintf("selector that asks the original for at most %.4g %% of clean inputs", 100*s.AskAtMost)
}
