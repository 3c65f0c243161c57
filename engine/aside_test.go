package engine_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/strategies"
)

const pathlessWarning = "12 of 12 seeds have no seed of another label that a path could lead to"

// ofOneLabel are 12 seeds of one label, and others of another one.
func ofOneLabel() (seeds, pool input.SeedList) {
	return enginetest.PatternSeeds(12, 2), enginetest.PatternSeeds(9, 1)
}

func TestSeedsOfOneLabelAreTold(t *testing.T) {
	seeds, pool := ofOneLabel()
	r := enginetest.Search(t, enginetest.SmoothPair(), seeds, enginetest.BoundarySettings(nil))
	if len(r.Warnings) != 1 || !strings.HasPrefix(r.Warnings[0], pathlessWarning) || !strings.Contains(r.Warnings[0], "WithPool") {
		t.Errorf("expected a warning, found %q", r.Warnings)
	}
	mixed := append(append(input.SeedList{}, seeds...), pool...)
	for name, test := range map[string]struct {
		seeds  input.SeedList
		change func(*engine.Settings)
	}{
		"seeds of two labels":       {mixed, nil},
		"a pool":                    {seeds, func(s *engine.Settings) { s.Pool = pool }},
		"a strategy without a pool": {seeds, func(s *engine.Settings) { s.Strategy = strategies.TriggerFinder() }},
	} {
		r, err := engine.Search(t.Context(), enginetest.SmoothPair(), test.seeds, enginetest.BoundarySettings(test.change))
		if r == nil || len(r.Warnings) > 0 || r.Pathless() > 0 {
			t.Errorf("%s: expected no warning, found %+v (error %v)", name, r, err)
		}
	}
}

// Inputs of the pool lead paths and are in no count; shards and distributed searches come to the same.
func TestPoolLeadsPaths(t *testing.T) {
	seeds, pool := ofOneLabel()
	s := enginetest.BoundarySettings(func(s *engine.Settings) {
		s.Pool = append(input.SeedList{{Name: "of another shape", Input: model.Must(input.NewImage(2, 2, 1, make([]uint8, 4)))}}, pool...)
	})
	r := enginetest.Search(t, enginetest.SmoothPair(), seeds, s)
	if r.Pool != len(pool) && r.Pool != len(pool)+1 || r.Ledger.Screened != len(seeds) || len(r.Seeds) != len(seeds) || len(r.Triggers()) != len(seeds) {
		t.Errorf("expected %d seeds and a pool of %d, found %d of %d triggers, %d screened, and a pool of %d", len(seeds), len(pool), len(r.Triggers()), len(r.Seeds), r.Ledger.Screened, r.Pool)
	}
	for _, o := range r.Triggers() {
		if !strings.Contains(o.History[0], "with a seed of label 1") {
			t.Errorf("seed %d: expected a path to the pool, found %q", o.SeedIndex, o.History)
		}
	}
	want := string(canonical(t, r))
	for name, change := range map[string]func(*engine.Settings){
		"another batch": func(s *engine.Settings) { s.BatchSize, s.Workers, s.Window = 3, 2, 5 },
		"shards":        nil,
		"distributed":   nil,
	} {
		other := s
		var got *engine.Report
		var err error
		switch name {
		case "shards":
			got, err = engine.Merge(enginetest.Shards(t, enginetest.SmoothPair(), seeds, s, 3)...)
		case "distributed":
			screening, results := distribute(t, enginetest.SmoothPair(), seeds, s, 2)
			got, err = engine.Combine(sent(t, screening), results...)
		default:
			change(&other)
			got, err = engine.Search(t.Context(), enginetest.SmoothPair(), seeds, other)
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, string(canonical(t, got))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// Merged shards and distributed searches tell it as the whole does.
func TestSeedsOfOneLabelAreToldOfAll(t *testing.T) {
	seeds, _ := ofOneLabel()
	s := enginetest.BoundarySettings(nil)
	want := enginetest.Search(t, enginetest.SmoothPair(), seeds, s)
	merged := model.Must(engine.Merge(enginetest.Shards(t, enginetest.SmoothPair(), seeds, s, 3)...))
	screening, results := distribute(t, enginetest.SmoothPair(), seeds, s, 2)
	for name, r := range map[string]*engine.Report{"shards": merged, "distributed": model.Must(engine.Combine(screening, results...))} {
		if diff := cmp.Diff(string(canonical(t, want)), string(canonical(t, r))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestPoolThatCannotBeUsed(t *testing.T) {
	seeds, _ := ofOneLabel()
	for says, pool := range map[string]input.Seeds{
		"settings: Pool: no seeds: expected at least one":                                         input.SeedList{},
		"settings: Pool: expected inputs that both models can take, found none of 1; the first: ": input.SeedList{{Input: input.Input{Shape: []int{1}, Data: []float32{7}, Domain: input.Domain{Max: 1}}}},
	} {
		_, err := engine.Search(t.Context(), enginetest.SmoothPair(), seeds, enginetest.BoundarySettings(func(s *engine.Settings) { s.Pool = pool }))
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("expected %q, found %v", says, err)
		}
	}
	one := enginetest.BoundarySettings(func(s *engine.Settings) { _, s.Pool = ofOneLabel() })
	two := enginetest.BoundarySettings(nil)
	parts := []*engine.Report{enginetest.Shards(t, enginetest.SmoothPair(), seeds, one, 2)[0], enginetest.Shards(t, enginetest.SmoothPair(), seeds, two, 2)[1]}
	if _, err := engine.Merge(parts...); err == nil || errors.Is(err, engine.ErrInconclusive) || !strings.Contains(err.Error(), "pool: 9 and 0") {
		t.Errorf("expected shards of different pools not to be merged, found %v", err)
	}
}
