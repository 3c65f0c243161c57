package engine_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

func TestLabelOnlyShowsStrategiesLabels(t *testing.T) {
	s := enginetest.Settings()
	watch := &watching{Strategy: s.Strategy}
	s.Strategy, s.Oracle = watch, answer.LabelOnly()
	enginetest.Search(t, enginetest.BrightnessPair(), enginetest.GreySeeds(5), s)
	if watch.seen.Load() == 0 {
		t.Fatal("the strategy saw nothing")
	}
	if watch.soft.Load() != 0 {
		t.Errorf("the strategy saw %d rows of scores", watch.soft.Load())
	}
}

// The label-only oracle shows of models what models that give labels alone show of themselves.
func TestLabelOnlyIsTheSameAsModelsThatGiveLabelsAlone(t *testing.T) {
	for name, change := range map[string]func(*engine.Settings){
		"first hits": func(s *engine.Settings) { s.Budget.MinQueriesPerSeed = 1 },
		"closing in": func(s *engine.Settings) { s.Budget.ClosingQueriesPerSeed, s.Aim = 60, distance.NearestL2 },
	} {
		t.Run(name, func(t *testing.T) {
			s := enginetest.BoundarySettings(change)
			s.Budget.QueriesPerSeed = 300
			labels := enginetest.Search(t, enginetest.LabelPair(0.01), enginetest.PatternSeeds(40), s)
			s.Oracle = answer.LabelOnly()
			shown := enginetest.Search(t, enginetest.PairOf(enginetest.Smooth.Predict, enginetest.Smooth.Moved(0.01).Predict), enginetest.PatternSeeds(40), s)
			for i, want := range labels.Seeds {
				got := shown.Seeds[i]
				if got.Queries != want.Queries || got.Status != want.Status || cmp.Diff(want.FirstHit, got.FirstHit) != "" ||
					(got.Trigger == nil) != (want.Trigger == nil) || got.Trigger != nil && got.Trigger.ID != want.Trigger.ID {
					t.Fatalf("seed %d: %s after %d queries, first hit %+v; expected %s after %d, %+v",
						i, got.Status, got.Queries, got.FirstHit, want.Status, want.Queries, want.FirstHit)
				}
			}
		})
	}
}

// unmoved is a pair whose models are always sure of the same label, with scores that vary.
func unmoved() *model.Pair {
	predict := func(sure float32) func(context.Context, []input.Input) ([][]float32, error) {
		return func(_ context.Context, batch []input.Input) ([][]float32, error) {
			scores := make([][]float32, len(batch))
			for i, in := range batch {
				p := sure + mean(in)/2550
				scores[i] = []float32{1 - p, p}
			}
			return scores, nil
		}
	}
	return enginetest.PairOf(predict(0.8), predict(0.81))
}

func mean(in input.Input) (sum float32) {
	for _, v := range in.Data {
		sum += v
	}
	return sum / float32(len(in.Data))
}

// An original whose label never changes during a whole search makes "nothing found" inconclusive, unless that is as it should be.
func TestAnOriginalThatNeverChangesItsLabelIsInconclusive(t *testing.T) {
	label := func(n int, of func(i int) int) input.SeedList {
		list := append(input.SeedList{}, enginetest.PatternSeeds(n)...)
		for i := range list {
			list[i].Label = of(i)
		}
		return list
	}
	search := func(pair *model.Pair, seeds input.Seeds, change func(*engine.Settings)) (*engine.Report, error) {
		return engine.Search(t.Context(), pair, seeds, enginetest.BoundarySettings(change))
	}
	always := func(label int) func(int) int { return func(int) int { return label } }
	mixed := func(i int) int { return i % 2 }
	for name, test := range map[string]struct {
		pair   *model.Pair
		seeds  input.SeedList
		change func(*engine.Settings)
		says   string // "" for no error
	}{
		"seeds of that class":              {unmoved(), label(12, always(1)), nil, ""},
		"seeds without labels":             {unmoved(), label(12, always(input.Unlabelled)), nil, "of which not all true classes are known, and no deviation"},
		"seeds of several classes":         {unmoved(), label(12, mixed), nil, "found class 1 for all of 1212 inputs, of 2 true classes, and no deviation"},
		"seeds of another class":           {unmoved(), label(12, always(0)), nil, "none of which is of that class"},
		"within a bound":                   {unmoved(), label(12, mixed), func(s *engine.Settings) { s.Bound = distance.LInf(2) }, "of 2 true classes"},
		"few queries":                      {unmoved(), label(12, mixed), func(s *engine.Settings) { s.Budget.QueriesPerSeed = 15 }, ""},
		"few seeds":                        {unmoved(), label(7, mixed), nil, ""},
		"an oracle that asks for no label": {unmoved(), label(12, mixed), func(s *engine.Settings) { s.Oracle = model.Must(answer.ScoreTolerance(0.5)) }, ""},
		"another label now and then":       {enginetest.SmoothPair(), label(12, mixed), func(s *engine.Settings) { s.Bound = distance.LInf(2) }, ""},
	} {
		r, err := search(test.pair, test.seeds, test.change)
		if r == nil || len(r.Triggers()) > 0 || slices.ContainsFunc(r.Warnings, func(w string) bool { return !strings.Contains(w, "as a pool") }) && name != "seeds of another class" {
			t.Fatalf("%s: error %v, report %+v", name, err, r)
		}
		if test.says == "" && err != nil || test.says != "" && (!errors.Is(err, engine.ErrInconclusive) || !strings.Contains(err.Error(), test.says)) {
			t.Errorf("%s: error %v; expected %q", name, err, test.says)
		}
	}

	// Where something was found, that stands.
	deviating := enginetest.PairOf(unmoved().Original().Predict, enginetest.Brightness(120))
	if r, err := search(deviating, label(12, mixed), nil); err != nil || len(r.Triggers()) == 0 || r.OnlyLabel == nil {
		t.Errorf("with triggers: %v", err)
	}

	// A shard does not know what the others saw; all of them together do.
	settings := enginetest.BoundarySettings(nil)
	for says, pair := range map[string]*model.Pair{"of 2 true classes": unmoved(), "": enginetest.SmoothPair()} {
		if says == "" {
			settings.Bound = distance.LInf(2)
		}
		whole, failure := engine.Search(t.Context(), pair, label(30, mixed), settings)
		merged, err := engine.Merge(enginetest.Shards(t, pair, label(30, mixed), settings, 3)...)
		if (err != nil) != (failure != nil) || says != "" && (!errors.Is(err, engine.ErrInconclusive) || !strings.Contains(err.Error(), says)) {
			t.Errorf("merged: error %v, and %v of the whole; expected %q", err, failure, says)
		}
		if !bytes.Equal(model.Must(merged.Canonical()), model.Must(whole.Canonical())) {
			t.Error("merged shards have another report than the whole search")
		}
	}
}
