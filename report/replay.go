package report

import (
	"context"
	"fmt"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// Fate is what became of a saved trigger.
type Fate string

// The fates. Only the first two are judgements about the pair.
const (
	StillDeviates Fate = "still deviates"
	Healed        Fate = "healed" // it deviated when it was saved, by the same oracle, and does no longer
	// OutsideBound is a trigger that was not run again, as it lies outside the bound that was asked for.
	OutsideBound Fate = "outside the bound"
	// NeverDeviated is a trigger that does not deviate, and by this oracle did not when it was saved either: it was
	// found by a less strict one, and nothing healed it.
	NeverDeviated Fate = "never deviated by this oracle"
	// OriginalNotFinite is a trigger for which the original gives NaN or infinity now: there is nothing to deviate from.
	OriginalNotFinite Fate = "original not finite"
)

// Judged reports whether the fate says something about the pair.
func (f Fate) Judged() bool { return f == StillDeviates || f == Healed }

// Replay runs both models of the pair again, alone, on exactly the saved input, and judges their answers; a nil
// bound leaves no trigger out. The evaluation is empty for [OutsideBound]. Errors name the folder of the trigger.
func (s SavedTrigger) Replay(ctx context.Context, pair *model.Pair, oracle answer.Oracle, bound distance.Bound) (Fate, engine.Evaluation, error) {
	if bound != nil {
		region, err := bound.Around(s.Trigger.Seed)
		if err != nil {
			return "", engine.Evaluation{}, fmt.Errorf("%s: %w", s.Dir, err)
		}
		if !region.Contains(s.Trigger.Input) {
			return OutsideBound, engine.Evaluation{}, nil
		}
	}
	evaluations, err := engine.Replay(ctx, pair, []input.Input{s.Trigger.Input}, oracle)
	if err != nil {
		return "", engine.Evaluation{}, fmt.Errorf("%s: %w", s.Dir, err)
	}
	switch e := evaluations[0]; {
	case e.Verdict.Kind == answer.Unusable:
		return OriginalNotFinite, e, nil
	case e.Verdict.Deviates:
		return StillDeviates, e, nil
	case s.deviated(oracle):
		return Healed, e, nil
	default:
		return NeverDeviated, e, nil
	}
}

// deviated reports whether the trigger was one by the oracle when it was saved.
func (s SavedTrigger) deviated(oracle answer.Oracle) bool {
	if oracle == nil {
		oracle = answer.Top1()
	}
	t := s.Trigger
	return s.Oracle == oracle.String() || len(t.Original.Scores) == 0 || answer.Judge(oracle, t.Original, t.Compressed).Deviates
}
