package matchers

import (
	"context"
	"fmt"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
)

// replayed is what became of saved triggers.
type replayed struct {
	from   string                // the folder
	still  []report.SavedTrigger // those that deviate, with what the models say now
	healed []report.SavedTrigger
}

func (r *replayed) deviate() bool { return r != nil && len(r.still) > 0 }

// replayAll replays the pair's saved triggers. It returns nil when there are none.
func replayAll(ctx context.Context, pair *engine.Pair, store *report.Store, oracle engine.Oracle, bound engine.Bound) (*replayed, error) {
	saved, err := store.List(pair.Name())
	if err != nil || len(saved) == 0 {
		return nil, err
	}
	return replay(ctx, pair, store.PairDir(pair.Name()), saved, oracle, bound)
}

func replay(ctx context.Context, pair *engine.Pair, from string, saved []report.SavedTrigger, oracle engine.Oracle, bound engine.Bound) (*replayed, error) {
	r := &replayed{from: from}
	for _, s := range saved {
		evaluations, err := engine.Replay(ctx, pair, []engine.Input{s.Trigger.Input}, oracle)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Dir, err)
		}
		e := evaluations[0]
		update(&s.Trigger, e)
		inside, err := within(bound, s.Trigger)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Dir, err)
		}
		if e.Verdict.Deviates && inside {
			r.still = append(r.still, s)
		} else {
			r.healed = append(r.healed, s)
		}
	}
	return r, nil
}

// update puts what the models say now in the place of what they said when the trigger was saved.
func update(t *engine.Trigger, e engine.Evaluation) {
	t.Original, t.Compressed = e.Original, e.Compressed
	t.OriginalLabel, t.CompressedLabel = engine.Label(e.Original), engine.Label(e.Compressed)
	t.OriginalConfidence, t.CompressedConfidence = e.Original[t.OriginalLabel], e.Compressed[t.CompressedLabel]
}

// within reports whether the trigger lies in the bound around its seed.
func within(bound engine.Bound, t engine.Trigger) (bool, error) {
	if bound == nil {
		return true, nil
	}
	region, err := bound.Around(t.Seed)
	if err != nil {
		return false, err
	}
	return region.Contains(t.Input), nil
}
