package enginetest

import (
	"errors"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// Settings are those of a search by mutation, with 400 queries a seed.
func Settings() engine.Settings {
	return engine.Settings{
		Strategy: strategies.TriggerFinderSearch{Mutators: []input.Mutator{Shift{Most: 20}, Speckle{}}},
		Budget:   engine.Budget{QueriesPerSeed: 400},
	}
}

// BoundarySettings are those of a search along paths, with 100 queries a seed, as change makes them; nil leaves them.
func BoundarySettings(change func(*engine.Settings)) engine.Settings {
	s := engine.Settings{Strategy: strategies.BoundarySearch{}, Budget: engine.Budget{QueriesPerSeed: 100}}
	if change != nil {
		change(&s)
	}
	return s
}

// ClosingSettings are [BoundarySettings] that spend so many queries more on closing in.
func ClosingSettings(queries int, change func(*engine.Settings)) engine.Settings {
	return BoundarySettings(func(s *engine.Settings) {
		s.Budget = engine.Budget{QueriesPerSeed: 100 + queries, ClosingQueriesPerSeed: queries}
		if change != nil {
			change(s)
		}
	})
}

// Search runs a search that must succeed.
func Search(t *testing.T, pair *model.Pair, seeds input.Seeds, s engine.Settings) *engine.Report {
	t.Helper()
	report, err := engine.Search(t.Context(), pair, seeds, s)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// Shards searches all shards of a search. One whose own seeds are all unusable is an error, but its report
// is as good as the others.
func Shards(t *testing.T, pair *model.Pair, seeds input.Seeds, s engine.Settings, total int) []*engine.Report {
	t.Helper()
	reports := make([]*engine.Report, total)
	for i := range reports {
		s.Shard = engine.Shard{Index: i, Total: total}
		r, err := engine.Search(t.Context(), pair, seeds, s)
		if err != nil && !errors.Is(err, engine.ErrNoUsableSeeds) {
			t.Fatalf("shard %s: %v", s.Shard, err)
		}
		reports[i] = r
	}
	return reports
}

// Deviate makes seed i an input on which [SmoothPair] deviates.
func Deviate(t *testing.T, seeds input.SeedList, i int) {
	t.Helper()
	found := Search(t, SmoothPair(), PatternSeeds(40), BoundarySettings(nil)).Triggers()
	seeds[i].Input = found[i].Input
}
