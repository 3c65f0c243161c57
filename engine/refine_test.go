package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
)

func TestRefineDecidesWhichTriggerStands(t *testing.T) {
	found := enginetest.Search(t, enginetest.SmoothPair(), enginetest.PatternSeeds(3), enginetest.ClosingSettings(30, func(*engine.Settings) {}))
	var shown []string
	r := enginetest.Search(t, enginetest.SmoothPair(), enginetest.PatternSeeds(3), enginetest.ClosingSettings(30, func(s *engine.Settings) {
		s.Refine = func(_ context.Context, trigger *engine.Trigger) (*engine.Trigger, error) {
			switch trigger.SeedIndex {
			case 0:
				other := *trigger
				other.History = []string{"refined"}
				return &other, nil
			case 1:
				trigger.History = []string{"changed on the way"}
				return nil, nil
			}
			return trigger, nil
		}
		s.OnTrigger = func(trigger *engine.Trigger) error {
			shown = append(shown, strings.Join(trigger.History, " "))
			trigger.ID, trigger.History = "changed", nil
			return nil
		}
	}))
	if len(found.Triggers()) != 3 || len(r.Triggers()) != 3 {
		t.Fatalf("%d and %d triggers; expected 3", len(found.Triggers()), len(r.Triggers()))
	}
	for i, trigger := range r.Triggers() {
		want := strings.Join(found.Triggers()[i].History, " ")
		if i == 0 {
			want = "refined"
		}
		if got := strings.Join(trigger.History, " "); got != want || shown[i] != want || trigger.ID != found.Triggers()[i].ID {
			t.Errorf("seed %d: the report has %q (%s), OnTrigger was shown %q; expected %q", i, got, trigger.ID, shown[i], want)
		}
	}
}

func TestRefineReturnsATriggerOfTheSameSeed(t *testing.T) {
	broken := errors.New("broken")
	for _, test := range []struct {
		name   string
		refine func(*engine.Trigger) (*engine.Trigger, error)
		want   string
	}{
		{"an error", func(*engine.Trigger) (*engine.Trigger, error) { return nil, broken }, "broken"},
		{"of another seed", func(trigger *engine.Trigger) (*engine.Trigger, error) { trigger.SeedIndex = 2; return trigger, nil },
			"settings: Refine: expected a trigger of seed 0"},
		{"of another content", func(trigger *engine.Trigger) (*engine.Trigger, error) { trigger.SeedID = "x"; return trigger, nil },
			"settings: Refine: expected a trigger of seed 0"},
		{"without its input", func(trigger *engine.Trigger) (*engine.Trigger, error) { trigger.Input.Data = nil; return trigger, nil },
			"settings: Refine: expected a trigger of seed 0"},
		{"with a value outside the domain", func(trigger *engine.Trigger) (*engine.Trigger, error) {
			trigger.Input = trigger.Input.Clone()
			trigger.Input.Data[0] = -1
			trigger.ID = trigger.Input.ID()
			return trigger, nil
		}, "value -1 at index 0"},
		{"of another shape", func(trigger *engine.Trigger) (*engine.Trigger, error) {
			trigger.Input.Shape = []int{len(trigger.Input.Data)}
			trigger.ID = trigger.Input.ID()
			return trigger, nil
		}, "found seed and trigger of shape"},
		{"with the ID of another one", func(trigger *engine.Trigger) (*engine.Trigger, error) {
			trigger.Input = trigger.Seed.Clone()
			return trigger, nil
		}, "expected a trigger like the seed, with the ID of its input"},
	} {
		r, err := engine.Search(t.Context(), enginetest.SmoothPair(), enginetest.PatternSeeds(1), enginetest.ClosingSettings(30, func(s *engine.Settings) {
			s.Refine = func(_ context.Context, trigger *engine.Trigger) (*engine.Trigger, error) { return test.refine(trigger) }
			s.OnTrigger = func(*engine.Trigger) error { t.Errorf("%s: announced", test.name); return nil }
		}))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v; expected %q", test.name, err, test.want)
		}
		if len(r.Triggers()) != 1 || r.Triggers()[0].Abridged() || r.Triggers()[0].SeedIndex != 0 {
			t.Errorf("%s: the trigger that was found is lost", test.name)
		}
	}
}

func TestRefiningIsNotEndedByALimitOfTime(t *testing.T) {
	_, err := engine.Search(t.Context(), enginetest.SmoothPair(), enginetest.PatternSeeds(1), enginetest.ClosingSettings(30, func(s *engine.Settings) {
		s.Budget.Time = time.Hour
		s.Refine = func(ctx context.Context, _ *engine.Trigger) (*engine.Trigger, error) {
			if _, limited := ctx.Deadline(); limited {
				return nil, errors.New("limited")
			}
			return nil, nil
		}
	}))
	if err != nil {
		t.Error(err)
	}
}
