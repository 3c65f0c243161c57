package engine_test

import (
	"context"
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

func TestAnOriginalThatNeverChangesItsLabelIsTold(t *testing.T) {
	seeds := enginetest.PatternSeeds(12)
	label := func(of func(i int) int) input.SeedList {
		list := append(input.SeedList{}, seeds...)
		for i := range list {
			list[i].Label = of(i)
		}
		return list
	}
	search := func(seeds input.Seeds, oracle answer.Oracle) (*engine.Report, error) {
		return engine.Search(t.Context(), unmoved(), seeds, enginetest.BoundarySettings(func(s *engine.Settings) { s.Oracle = oracle }))
	}
	if r, err := search(label(func(int) int { return 1 }), nil); err != nil || len(r.Warnings) > 0 {
		t.Errorf("seeds of one class: error %v, warnings %q", err, r.Warnings)
	}
	for _, of := range []func(int) int{func(int) int { return input.Unlabelled }, func(i int) int { return i % 2 }} {
		r, err := search(label(of), nil)
		if err != nil || len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "the original gave the label class 1 to all of ") {
			t.Errorf("seeds of several classes, or without labels: error %v, warnings %q", err, r.Warnings)
		}
	}
	if r, err := search(label(func(i int) int { return i % 2 }), model.Must(answer.ScoreTolerance(0.5))); err != nil || len(r.Warnings) > 0 {
		t.Errorf("an oracle that asks for no labels: error %v, warnings %q", err, r.Warnings)
	}
}
