package minimize_test

import (
	"context"
	"math"
	"testing"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/minimize"
)

func init() {
	for kind, moves := range map[input.Kind]distance.Moves{"put-back": distance.PutBack, "scale": distance.Scale, "even-out": distance.EvenOut} {
		if err := distance.Define(kind, distance.Traits{Moves: moves}); err != nil {
			panic(err)
		}
	}
}

// Minimisation makes the moves that fit the kind, and no others.
func TestMovesFitTheKind(t *testing.T) {
	above := func(threshold float64) func(context.Context, []input.Input) ([][]float32, error) {
		return func(_ context.Context, batch []input.Input) ([][]float32, error) {
			rows := make([][]float32, len(batch))
			for i, in := range batch {
				sum := -threshold
				for _, v := range in.Data {
					sum += float64(v)
				}
				p := float32(1 / (1 + math.Exp(-sum/50)))
				rows[i] = []float32{p, 1 - p}
			}
			return rows, nil
		}
	}
	pair := enginetest.PairOf(above(5000), above(100))
	for _, test := range []struct {
		kind                input.Kind
		puts, scales, evens bool
	}{
		{"put-back", true, false, false}, {"scale", false, true, false}, {"even-out", false, false, true},
		{input.Tokens, true, false, false}, {input.Row, true, true, false}, {input.Other, true, true, true},
	} {
		seed := input.Input{Shape: []int{16}, Data: make([]float32, 16), Domain: input.Domain{Min: 0, Max: 100, Step: 1}, Kind: test.kind}
		from := &engine.Trigger{Seed: seed, Input: seed.Clone()}
		for i := range from.Input.Data {
			from.Input.Data[i] = float32(5 + i*5)
		}
		result, err := minimize.Trigger(t.Context(), pair, from, minimize.Settings{Queries: 300, Aim: distance.NearestL2})
		if err != nil {
			t.Fatal(err)
		}
		var put, scaled, grown int
		for i, v := range result.Trigger.Input.Data {
			switch was := from.Input.Data[i]; {
			case v == 0:
				put++
			case v > was:
				grown++
			case v < was:
				scaled++
			}
		}
		if test.puts && put == 0 || !test.scales && !test.evens && (scaled > 0 || grown > 0) || !test.evens && grown > 0 {
			t.Errorf("%s: %d values are put back, %d smaller, %d larger: %v", test.kind, put, scaled, grown, result.Trigger.Input.Data)
		}
		if test.scales && !test.puts && scaled == 0 || test.evens && !test.puts && grown == 0 {
			t.Errorf("%s: nothing was moved: %v", test.kind, result.Trigger.Input.Data)
		}
		for _, phase := range result.Phases {
			if phase.Name == "pixels" && !test.puts || phase.Name == "distance" && !test.scales && !test.evens {
				t.Errorf("%s: phase %s", test.kind, phase.Name)
			}
		}
	}
}
