package repair

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// DefaultAskAtMost is the share of clean inputs for which the original is asked at most, unless it is told otherwise.
const DefaultAskAtMost = 0.05

// Settings are the options of training; the zero value is valid.
type Settings struct {
	// AskAtMost is the share of clean inputs for which the original may be asked, above 0 and below 1. 0 means
	// [DefaultAskAtMost].
	AskAtMost float64
}

// Train makes a selector for a pair from triggers of it and from clean inputs, such as users send: validation data,
// not what the models were trained on, as they are surer of that. Both models run on all of them; triggers that deviate no longer
// are left out, and clean inputs that deviate count as triggers. Where the compressed model gives NaN or infinity, its
// answer is never trusted, so that nothing needs to be learnt from it.
//
// Half of the clean inputs are for the regression. The threshold is a quantile of the others (split conformal
// prediction, Vovk et al., Algorithmic Learning in a Random World, 2005, section 4.1), so that the original is asked
// for a share of at most AskAtMost of further inputs like them, in expectation. That takes at least 2/AskAtMost of them, and some
// times as many for the share to be near. Which half an input belongs to depends on its content alone.
//
// No triggers that deviate, clean inputs that all deviate or are too few, models that give labels alone, and scores
// that are no probabilities are errors.
//
// # What it costs
//
// A selector that always asks the original mends everything and saves nothing. So training takes a limit: the share
// of clean inputs, such as users send, for which the original may be asked. How many deviations are mended within
// that limit, on triggers of seeds that training has not seen, is what [Selector.Measure] tells.
func Train(ctx context.Context, pair *model.Pair, triggers []*engine.Trigger, clean input.Seeds, settings Settings) (*Selector, error) {
	s, err := train(ctx, pair, triggers, clean, settings)
	if err != nil {
		return nil, fmt.Errorf("repair: train: %w", err)
	}
	return s, nil
}

func train(ctx context.Context, pair *model.Pair, triggers []*engine.Trigger, clean input.Seeds, settings Settings) (*Selector, error) {
	if pair == nil {
		return nil, errors.New("pair is nil")
	}
	if _, err := settings.askAtMost(); err != nil {
		return nil, err // before the models run
	}
	original, compressed := pair.Describe()
	if compressed.LabelOnly {
		return nil, fmt.Errorf("pair %s: expected scores of the compressed model %q, found labels alone", pair.Name(), compressed.Name)
	}
	deviating, err := answersToTriggers(ctx, pair, triggers)
	if err != nil {
		return nil, err
	}
	ordinary, err := answersTo(ctx, pair, clean)
	if err != nil {
		return nil, err
	}
	s, err := trainOn(ctx, deviating, ordinary, settings)
	if err != nil {
		return nil, fmt.Errorf("pair %s: %w", pair.Name(), err)
	}
	s.Pair = pair.Name()
	s.Original, s.Compressed = original.Identity(), compressed.Identity()
	return s, nil
}

// TrainOn is [Train] for answers that are there already, see [AnswersTo] and [AnswersToTriggers]: to try several
// settings, or for models that run elsewhere. The selector does not know its models.
func TrainOn(ctx context.Context, triggers, clean []Answers, settings Settings) (*Selector, error) {
	s, err := trainOn(ctx, triggers, clean, settings)
	if err != nil {
		return nil, fmt.Errorf("repair: train: %w", err)
	}
	return s, nil
}

func trainOn(ctx context.Context, triggers, clean []Answers, settings Settings) (*Selector, error) {
	askAtMost, err := settings.askAtMost()
	if err != nil {
		return nil, err
	}
	if len(triggers) == 0 {
		return nil, errors.New("expected triggers, found none")
	}
	if len(clean) == 0 {
		return nil, errors.New("expected clean inputs, found none")
	}
	classes, err := checkAnswers("trigger", triggers, 0)
	if err != nil {
		return nil, err
	}
	if _, err := checkAnswers("clean input", clean, classes); err != nil {
		return nil, err
	}

	s := &Selector{Classes: classes, Features: featureSet, AskAtMost: askAtMost}
	var trust, doubt [][]float64
	for _, a := range byID(triggers) {
		if !a.deviates() {
			s.TrainedOn.Healed++
			continue
		}
		s.TrainedOn.Triggers++
		if !answer.Finite(a.Compressed) {
			s.TrainedOn.NotFinite++
			continue
		}
		doubt = append(doubt, features(a.Compressed))
	}
	switch {
	case len(doubt) == 0 && s.TrainedOn.NotFinite > 0:
		return nil, fmt.Errorf("%w: expected triggers with finite scores to learn from, found %d for which the compressed model gives NaN or infinity, and %d that are healed",
			engine.ErrNoDeviation, s.TrainedOn.NotFinite, s.TrainedOn.Healed)
	case len(doubt) == 0:
		return nil, fmt.Errorf("%w: expected triggers on which the models deviate, found %d that are healed", engine.ErrNoDeviation, s.TrainedOn.Healed)
	}
	var forThreshold [][]float64
	for _, a := range byID(clean) {
		s.TrainedOn.Clean++
		if !answer.Finite(a.Compressed) {
			s.TrainedOn.Deviating++
			s.TrainedOn.NotFinite++
			continue
		}
		deviates, row := a.deviates(), features(a.Compressed)
		if deviates {
			s.TrainedOn.Deviating++
		}
		switch {
		case half("threshold", a.ID):
			forThreshold = append(forThreshold, row)
		case deviates:
			doubt = append(doubt, row)
		default:
			trust = append(trust, row)
		}
	}
	// Of n further inputs, this many may be asked for; see Train.
	asked := int(math.Floor(askAtMost * float64(len(forThreshold)+1)))
	switch {
	case asked < 1:
		return nil, fmt.Errorf("expected some times %.0f clean inputs to ask for at most %.4g %% of them, found %d: half of them are for the threshold",
			math.Ceil(2/askAtMost), 100*askAtMost, len(clean))
	case len(trust) == 0:
		return nil, fmt.Errorf("expected clean inputs on which the models agree, found %d that all deviate", len(clean))
	}
	r, err := fit(ctx, trust, doubt)
	if err != nil {
		return nil, err
	}
	s.Means, s.Scales, s.Weights, s.Bias = r.means, r.scales, r.weights, r.bias
	doubts := make([]float64, len(forThreshold))
	for i, row := range forThreshold {
		doubts[i] = s.doubt(row)
	}
	slices.Sort(doubts)
	s.Threshold = doubts[len(doubts)-asked]
	return s, s.Validate()
}

func (s Settings) askAtMost() (float64, error) {
	switch {
	case s.AskAtMost == 0:
		return DefaultAskAtMost, nil
	case !(s.AskAtMost > 0 && s.AskAtMost < 1):
		return 0, fmt.Errorf("AskAtMost is %g; expected above 0 and below 1", s.AskAtMost)
	}
	return s.AskAtMost, nil
}
