package enginetest

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/minimize"
	"github.com/triggerfinder/triggerfinder/model"
)

// CheckMinimized checks what every minimisation promises.
func CheckMinimized(t *testing.T, pair *model.Pair, from *engine.Trigger, s minimize.Settings, m minimize.Result) {
	t.Helper()
	small := m.Trigger
	if err := small.Input.Validate(); err != nil {
		t.Error(err)
	}
	if before, after := Aimed(s.Aim, from.Distance), Aimed(s.Aim, small.Distance); after > before {
		t.Errorf("seed %d: %v %v became %v: farther", from.SeedIndex, s.Aim, before, after)
	}
	if small.Distance.L0 > from.Distance.L0 || small.Distance.L2 > from.Distance.L2*(1+1e-12) || small.Distance.LInf > from.Distance.LInf {
		t.Errorf("seed %d: %+v became %+v", from.SeedIndex, from.Distance, small.Distance)
	}
	if s.Bound != nil {
		if region := model.Must(s.Bound.Around(from.Seed)); !region.Contains(small.Input) {
			t.Errorf("seed %d: not within %s", from.SeedIndex, s.Bound)
		}
	}
	most := s.Queries
	if most == 0 {
		most = minimize.DefaultQueries
	}
	spent := 0
	for _, p := range m.Phases {
		spent += p.Queries
	}
	if m.Queries > most || spent > m.Queries {
		t.Errorf("seed %d: %d queries, %d in phases; expected at most %d", from.SeedIndex, m.Queries, spent, most)
	}
	again, err := engine.Replay(t.Context(), pair, []input.Input{small.Input}, s.Oracle)
	if err != nil || !again[0].Verdict.Deviates {
		t.Fatalf("seed %d: the minimised trigger does not deviate (%v)", from.SeedIndex, err)
	}
	labels := [2]int{answer.LabelOf(again[0].Original), answer.LabelOf(again[0].Compressed)}
	if want := [2]int{small.OriginalLabel, small.CompressedLabel}; labels != want {
		t.Errorf("seed %d: labels %v; the trigger says %v", from.SeedIndex, labels, want)
	}
	if want := [2]int{from.OriginalLabel, from.CompressedLabel}; !s.AnyDeviation && labels != want {
		t.Errorf("seed %d: labels %v; expected %v as before", from.SeedIndex, labels, want)
	}
	if diff := cmp.Diff(distance.DistanceBetween(from.Seed, small.Input), small.Distance); diff != "" {
		t.Errorf("seed %d: distance: %s", from.SeedIndex, diff)
	}
	if small.ID != small.Input.ID() || !slices.Equal([]float32(small.Original), again[0].Original) || m.Smaller() != (small.ID != from.ID) {
		t.Errorf("seed %d: ID %s, smaller %t, scores %v", from.SeedIndex, small.ID, m.Smaller(), small.Original)
	}
}

// BrightTrigger is a trigger of brightnessPair: its mean is 124, where that of its seed is 61.
func BrightTrigger() *engine.Trigger {
	seed := model.Must(input.NewImage(4, 4, 1, slices.Repeat([]uint8{61}, 16)))
	return &engine.Trigger{Seed: seed, Input: model.Must(input.NewImage(4, 4, 1, slices.Repeat([]uint8{124}, 16))), Labels: answer.Labels{OriginalLabel: 1}}
}
