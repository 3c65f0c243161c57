package engine_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
)

// asking is a strategy that asks for what a function makes of a copy of the seed.
type asking func(task engine.Task, in input.Input) input.Input

func (asking) String() string { return "asking" }

func (a asking) NewSearcher(task engine.Task) (engine.Searcher, error) {
	if a == nil {
		return nil, nil
	}
	return askingSearcher{task, a}, nil
}

type askingSearcher struct {
	task engine.Task
	ask  asking
}

func (s askingSearcher) Ask(int) []input.Input {
	return []input.Input{s.ask(s.task, s.task.Seed.Input.Clone())}
}

func (askingSearcher) Tell([]engine.Evaluation) {}

// still is a bound of one's own that holds the seed alone and moves nothing, or one without a region.
type still struct{ none bool }

func (still) String() string { return "still" }

func (b still) Around(seed input.Input) (distance.Region, error) {
	if b.none {
		return nil, nil
	}
	return stillRegion{seed}, nil
}

type stillRegion struct{ seed input.Input }

func (stillRegion) HasRoom() bool                  { return true }
func (stillRegion) Project(input.Input)            {}
func (r stillRegion) Contains(in input.Input) bool { return in.ID() == r.seed.ID() }

func fill(in input.Input, v float32) input.Input {
	for i := range in.Data {
		in.Data[i] = v
	}
	return in
}

// TestWhatStrategiesOfOnesOwnAskFor: what is no input like the seed is an error, and neither a panic nor a trigger.
func TestWhatStrategiesOfOnesOwnAskFor(t *testing.T) {
	for _, test := range []struct {
		name  string
		bound distance.Bound
		ask   asking
		want  []string
	}{
		{"fewer values", distance.LInf(200), func(_ engine.Task, in input.Input) input.Input { in.Data = in.Data[:3]; return in }, []string{"candidate 1 of 1", "16 and 3 values"}},
		{"more values", distance.SSIMAtLeast(0.5), func(_ engine.Task, in input.Input) input.Input { in.Data = append(in.Data, 1); return in }, []string{"candidate 1 of 1"}},
		{"no values", distance.L2(9), func(engine.Task, input.Input) input.Input { return input.Input{} }, []string{"candidate 1 of 1", "kind image and other"}},
		{"another shape", nil, func(_ engine.Task, in input.Input) input.Input { in.Shape = []int{len(in.Data)}; return fill(in, 250) }, []string{"candidate 1 of 1"}},
		{"another kind", nil, func(_ engine.Task, in input.Input) input.Input { in.Kind = input.Row; return fill(in, 250) }, []string{"candidate 1 of 1", "row"}},
		{"another domain", nil, func(_ engine.Task, in input.Input) input.Input { in.Domain.Max = 999; return fill(in, 999) }, []string{"candidate 1 of 1", "0..999"}},
		{"beyond the domain", nil, func(_ engine.Task, in input.Input) input.Input { return fill(in, 999) }, []string{"value 999", "domain 0..255 step 1"}},
		{"between steps", nil, func(_ engine.Task, in input.Input) input.Input { return fill(in, 250.5) }, []string{"value 250.5"}},
		{"no number", nil, func(_ engine.Task, in input.Input) input.Input { return fill(in, float32(math.NaN())) }, []string{"strategy asking", "value NaN at index 0"}},
		{"a changed seed", nil, func(task engine.Task, _ input.Input) input.Input { return fill(task.Seed.Input, 250) }, []string{"the seed left as it is"}},
		{"outside the bound", still{}, func(_ engine.Task, in input.Input) input.Input { return fill(in, 250) }, []string{"bound still", "Contains"}},
		{"a bound without a region", still{none: true}, func(_ engine.Task, in input.Input) input.Input { return fill(in, 250) }, []string{"bound still", "found none"}},
		{"one of several bounds without a region", distance.AllOf(distance.LInf(200), still{none: true}),
			func(_ engine.Task, in input.Input) input.Input { return fill(in, 250) }, []string{"bound 1 (still)", "found none"}},
		{"no searcher", nil, nil, []string{"strategy asking", "a searcher or an error"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := enginetest.Settings()
			s.Strategy, s.Bound, s.Workers = test.ask, test.bound, 1
			// The models agree on the grey seeds and deviate where all is 250 or more.
			original := enginetest.Failing(enginetest.Brightness(120), func(in input.Input) bool { return math.IsNaN(float64(in.Data[0])) }, enginetest.NaN)
			pair := enginetest.PairOf(original, enginetest.Brightness(math.Inf(1)))
			report, err := engine.Search(context.Background(), pair, enginetest.GreySeeds(1), s)
			if err == nil {
				t.Fatalf("no error; the report has %d triggers", len(report.Triggers()))
			}
			for _, want := range append(test.want, "seed 0") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v: expected %q", err, want)
				}
			}
		})
	}
}
