package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/strategies"
)

func canonical(t *testing.T, r *engine.Report) []byte {
	t.Helper()
	data, err := r.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// withBad has a seed that cannot be read and one that deviates itself.
func withBad(seeds input.SeedList) input.SeedList {
	seeds[3].Input.Shape = []int{5, 5, 5}
	for i := range seeds[4].Input.Data {
		seeds[4].Input.Data[i] = 124
	}
	return seeds
}

func TestMergedShardsEqualTheWhole(t *testing.T) {
	boundary := enginetest.Settings()
	boundary.Strategy = strategies.BoundarySearch{Corruptions: []input.SeverityMutator{}}
	boundary.Budget.ClosingQueriesPerSeed = 40
	for name, s := range map[string]engine.Settings{"without a pool": enginetest.Settings(), "with a pool": boundary} {
		for _, total := range []int{1, 2, 3, 40} {
			seeds := named{withBad(enginetest.GreySeeds(30)), []string{"dark", "light"}, []string{"two notes", "about the seeds"}}
			want := canonical(t, enginetest.Search(t, enginetest.BrightnessPair(), seeds, s))
			parts := enginetest.Shards(t, enginetest.BrightnessPair(), seeds, s, total)
			for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
				parts[i], parts[j] = parts[j], parts[i] // the order does not matter
			}
			merged, err := engine.Merge(parts...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(canonical(t, merged))); diff != "" {
				t.Errorf("%s, %d shards: %s", name, total, diff)
			}
		}
	}
}

// The warning about labels counts seeds: those of a shard are not those of the whole.
func TestMergedShardsWarnAsTheWholeDoes(t *testing.T) {
	boundary := enginetest.Settings()
	boundary.Strategy = strategies.BoundarySearch{Corruptions: []input.SeverityMutator{}}
	for name, s := range map[string]engine.Settings{"without a pool": enginetest.Settings(), "with a pool": boundary} {
		seeds := enginetest.GreySeeds(30)
		for i := range seeds {
			seeds[i].Label = 1 // the original says 0
		}
		whole := enginetest.Search(t, enginetest.BrightnessPair(), seeds, s)
		warnings := 1
		if name == "with a pool" {
			warnings = 2 // all seeds have one label
		}
		if len(whole.Warnings) != warnings || !strings.HasPrefix(whole.Warnings[0], "the original misreads 30 of 30 labelled seeds") {
			t.Fatalf("%s: warnings %q", name, whole.Warnings)
		}
		for _, total := range []int{2, 6} { // 6 shards of 5 seeds have too few to warn by themselves
			parts := enginetest.Shards(t, enginetest.BrightnessPair(), seeds, s, total)
			merged, err := engine.Merge(parts...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(whole.Warnings, merged.Warnings); diff != "" {
				t.Errorf("%s, %d shards: %s", name, total, diff)
			}
			if w := parts[0].Warnings; total == 2 && (len(w) != warnings || !strings.HasPrefix(w[0], "the original misreads 15 of 15 labelled seeds")) {
				t.Errorf("%s: a shard warns %q", name, w)
			}
		}
	}
}

func TestShardSearchesItsOwnSeedsOnly(t *testing.T) {
	s := enginetest.Settings()
	s.Strategy = strategies.BoundarySearch{}
	s.Shard = engine.Shard{Index: 1, Total: 3}
	r := enginetest.Search(t, enginetest.BrightnessPair(), enginetest.GreySeeds(10), s)
	for i, o := range r.Seeds {
		switch own := i%3 == 1; {
		case own && (o.Status == engine.OtherShard || o.SeedID == ""):
			t.Errorf("seed %d: %+v; expected it searched", i, o)
		case !own && (o.Status != engine.OtherShard || o.Queries != 0 || o.Trigger != nil || o.SeedID == ""):
			t.Errorf("seed %d: %+v; expected it screened for the pool and left to its shard", i, o)
		}
	}
	if r.Own() != 3 || r.Usable() != 3 || r.Ledger.Screened != 3 {
		t.Errorf("%d own, %d usable, %d screened; expected 3 each", r.Own(), r.Usable(), r.Ledger.Screened)
	}
}

func TestShardsRefuseLimitsOfTheWhole(t *testing.T) {
	for says, change := range map[string]func(*engine.Settings){
		"StopAfter is 3 in shard 2/3":         func(s *engine.Settings) { s.StopAfter = 3 },
		"Budget.Queries is 700 in shard 2/3":  func(s *engine.Settings) { s.Budget.Queries = 700 },
		"Budget.Time is 1m0s in shard 2/3":    func(s *engine.Settings) { s.Budget.Time = time.Minute },
		"Shard has Index 3 and Total 3":       func(s *engine.Settings) { s.Shard.Index = 3 },
		"Shard has Index -1 and Total 3":      func(s *engine.Settings) { s.Shard.Index = -1 },
		"Shard has Index 1 and Total 0":       func(s *engine.Settings) { s.Shard.Total = 0 },
		"Shard has Index 1 and Total -3; exp": func(s *engine.Settings) { s.Shard.Total = -3 },
	} {
		s := enginetest.Settings()
		s.Shard = engine.Shard{Index: 1, Total: 3}
		change(&s)
		_, err := engine.Search(context.Background(), enginetest.BrightnessPair(), enginetest.GreySeeds(10), s)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v; expected one that says %q", err, says)
		}
	}
}

func TestMergeRefusesWhatDoesNotFit(t *testing.T) {
	s := enginetest.Settings()
	parts := func() []*engine.Report {
		return enginetest.Shards(t, enginetest.BrightnessPair(), enginetest.GreySeeds(12), s, 3)
	}
	p := parts()
	whole := enginetest.Search(t, enginetest.BrightnessPair(), enginetest.GreySeeds(12), s)
	changed := func(change func(*engine.Report)) []*engine.Report {
		p := parts()
		change(p[1])
		return p
	}
	for _, test := range []struct {
		says    string
		reports []*engine.Report
	}{
		{"found none", nil},
		{"report 2 is nil", []*engine.Report{p[0], nil}},
		{"report 1, of pair brightness: expected a report of a shard, found one of a whole search", []*engine.Report{whole}},
		{"expected all of 3 shards, found 2; missing: 3/3", p[:2]},
		{"shard 2/3 is there twice", []*engine.Report{p[0], p[1], p[1]}},
		{"report 2 is of shard 1/2; expected one of 3", []*engine.Report{p[0], enginetest.Shards(t, enginetest.BrightnessPair(), enginetest.GreySeeds(12), s, 2)[0]}},
		{"shard 2/3 ended early (cancelled)", changed(func(r *engine.Report) { r.Status = engine.Cancelled })},
		{"shard 2/3 ended early (failed)", changed(func(r *engine.Report) { r.Status = engine.Failed })},
		{"different searches: class names:  and cat, dog", changed(func(r *engine.Report) { r.ClassNames = []string{"cat", "dog"} })},
		{"different searches: pair: brightness and other", changed(func(r *engine.Report) { r.Pair = "other" })},
		{"different searches: compressed model: at-128 and at-128 (SHA-256 abc)", changed(func(r *engine.Report) { r.Compressed.SHA256 = "abc" })},
		{"different searches: random seed: 0 and 1", changed(func(r *engine.Report) { r.RandomSeed = 1 })},
		{"different searches: budget: ", changed(func(r *engine.Report) { r.Budget.QueriesPerSeed = 1 })},
		{"different searches: number of seeds: 12 and 11", changed(func(r *engine.Report) { r.Seeds = r.Seeds[:11] })},
		{"shard 2/3: seed 1 has status other-shard", changed(func(r *engine.Report) { r.Seeds[1].Status = engine.OtherShard })},
		{"seed 0: content ", changed(func(r *engine.Report) { r.Seeds[0].SeedID = "0" })},
	} {
		if r, err := engine.Merge(test.reports...); err == nil || r != nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("report %v, error %v; expected an error that says %q", r, err, test.says)
		}
	}
}

// The errors of a search that could not tell anything are those of its shards or of the whole.
func TestShardsCannotTellMoreThanTheWhole(t *testing.T) {
	s := enginetest.Settings()
	constant := enginetest.PairOf(func(_ context.Context, batch []input.Input) ([][]float32, error) {
		scores := make([][]float32, len(batch))
		for i := range scores {
			scores[i] = []float32{0.25, 0.75}
		}
		return scores, nil
	}, enginetest.Brightness(0))
	s.Shard = engine.Shard{Index: 0, Total: 2}
	r, err := engine.Search(t.Context(), constant, enginetest.GreySeeds(4), s)
	if !errors.Is(err, engine.ErrConstantOutput) || r.Status != engine.Failed {
		t.Errorf("error %v, report %v; expected constant output and a failed shard", err, r)
	}

	bad := enginetest.GreySeeds(4)
	bad[0].Input.Shape, bad[2].Input.Shape = []int{1}, []int{1}
	if _, err := engine.Search(t.Context(), enginetest.BrightnessPair(), bad, s); !errors.Is(err, engine.ErrNoUsableSeeds) {
		t.Errorf("error %v; expected that no seed of the shard is usable", err)
	}

	s.Shard = engine.Shard{Index: 5, Total: 6}
	if r, err := engine.Search(t.Context(), enginetest.BrightnessPair(), enginetest.GreySeeds(4), s); err != nil || r.Own() != 0 {
		t.Errorf("error %v; expected a shard without seeds to pass: others have them", err)
	}
}

func TestParseShard(t *testing.T) {
	for text, want := range map[string]engine.Shard{"1/1": {Index: 0, Total: 1}, "1/4": {Index: 0, Total: 4}, "4/4": {Index: 3, Total: 4}} {
		got, err := engine.ParseShard(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%q: %v %v; expected %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "1", "0/4", "5/4", "-1/4", "1/0", "0/0", "a/b", "1/4/2", "1/-4"} {
		if s, err := engine.ParseShard(text); err == nil || !strings.Contains(err.Error(), "expected a shard such as 1/4") {
			t.Errorf("%q: %v, %v; expected an error", text, s, err)
		}
	}
	if s := (engine.Shard{}).String(); s != "" {
		t.Errorf("the whole is %q; expected nothing", s)
	}
	if bytes.Contains(canonical(t, enginetest.Search(t, enginetest.BrightnessPair(), enginetest.GreySeeds(3), enginetest.Settings())), []byte("shard")) {
		t.Error("the report of a whole search speaks of shards")
	}
}

func TestShardsOfOtherWeightsAreNotMerged(t *testing.T) {
	graph := strings.Repeat("d", 64)
	searched := func(weights string) []*engine.Report {
		d := model.Description{Name: "m", SHA256: strings.Repeat(weights, 64), Content: strings.Repeat(weights, 64), Files: []model.File{{SHA256: graph}, {SHA256: strings.Repeat(weights, 64)}}}
		reports := enginetest.Shards(t, enginetest.BrightnessPair(), enginetest.GreySeeds(4), enginetest.Settings(), 2)
		for _, r := range reports {
			r.Compressed = d
		}
		return reports
	}
	one, other := searched("a"), searched("b")
	if _, err := engine.Merge(one[0], other[1]); err == nil || !strings.Contains(err.Error(), "different searches: compressed model: m (SHA-256 aaaaaaaaaaaa) and m (SHA-256 bbbbbbbbbbbb)") {
		t.Errorf("found %v", err)
	}
	again := searched("b")
	again[1].Compressed.Content = one[0].Compressed.Content
	if _, err := engine.Merge(one[0], again[1]); err != nil {
		t.Errorf("saved again: found %v", err)
	}
	old := searched("a")
	old[1].Compressed = model.Description{Name: "m", SHA256: graph}
	r, err := engine.Merge(one[0], old[1])
	if err != nil || len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "the graph's file of m alone") {
		t.Errorf("of an earlier version: found %v, warnings %q", err, r.Warnings)
	}
}

func TestQuestionsDiffer(t *testing.T) {
	asked := engine.Question{Strategy: "boundary", Oracle: "top-1", Aim: "ssim", Budget: engine.Budget{QueriesPerSeed: 9, Time: time.Minute}}
	for _, test := range []struct {
		change func(*engine.Question)
		want   string
	}{
		{func(*engine.Question) {}, ": <nil> and <nil>"},
		{func(q *engine.Question) { q.Strategy = "random" }, "strategy: boundary and random"},
		{func(q *engine.Question) { q.Oracle = "labels" }, "oracle: top-1 and labels"},
		{func(q *engine.Question) { q.Bound = "LInf 8" }, "bound: none and LInf 8"},
		{func(q *engine.Question) { q.Aim = "l2" }, "aim: ssim and l2"},
		{func(q *engine.Question) { q.Budget.ClosingQueriesPerSeed = 3 },
			"budget: 9 queries and 0s a seed, 0 to close in, 1m0s in all and 9 queries and 0s a seed, 3 to close in, 1m0s in all"},
		{func(q *engine.Question) { q.Budget.MinQueriesPerSeed, q.Budget.Queries = 4, 70 },
			"budget: 9 queries and 0s a seed, 0 to close in, 1m0s in all and 9 queries and 0s a seed, 0 to close in, 70 queries in all, 1m0s in all, at least 4 queries a seed"},
		{func(q *engine.Question) { q.RandomSeed = 7 }, "random seed: 0 and 7"},
	} {
		other := asked
		test.change(&other)
		setting, own, others := asked.Differs(other)
		if got := fmt.Sprintf("%s: %v and %v", setting, own, others); got != test.want {
			t.Errorf("got %q, expected %q", got, test.want)
		}
	}
}

// At the same distance, IDs decide, then seeds.
func TestTriggersHaveAnOrder(t *testing.T) {
	a, b, c := &engine.Trigger{ID: "a", SeedIndex: 2}, &engine.Trigger{ID: "b", SeedIndex: 1}, &engine.Trigger{ID: "b", SeedIndex: 2}
	if engine.CompareTriggers(a, b) >= 0 || engine.CompareTriggers(b, c) >= 0 || engine.CompareTriggers(c, c) != 0 {
		t.Error("triggers at the same distance: expected their IDs to decide, then their seeds")
	}
}
