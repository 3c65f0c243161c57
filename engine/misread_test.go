package engine_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// relabelled gives some of the embedded seeds, all of which the original reads rightly, another class.
func relabelled(t *testing.T, n int, wrong func(i int) bool) input.SeedList {
	t.Helper()
	source := generators.First(fixtures.Seeds(), n)
	var list input.SeedList
	for i := range n {
		seed, err := source.Seed(i)
		if err != nil {
			t.Fatal(err)
		}
		if wrong(i) {
			seed.Label = (seed.Label + 1) % 10
		}
		list = append(list, seed)
	}
	return list
}

func TestMisreadSeedsAreReportedApart(t *testing.T) {
	p := fixtures.LeNet5Int8
	pair := model.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.Scale(fixtures.Scale)))
	defer pair.Close()
	settings := engine.Settings{Strategy: strategies.TriggerFinderAsReleased(), Budget: engine.Budget{QueriesPerSeed: 300}}

	seeds := relabelled(t, 12, func(i int) bool { return i%4 == 1 })
	seeds[0].Label, seeds[2].Label = input.Unlabelled, (seeds[2].Label+3)%10
	r, err := engine.Search(t.Context(), pair, seeds, settings)
	if err != nil {
		t.Fatal(err)
	}
	var indexes []int
	for _, o := range r.Misread() {
		indexes = append(indexes, o.Index)
		if o.Status == engine.Skipped || *o.MisreadAs == o.Label {
			t.Errorf("seed %d: status %s, label %d, read as %d", o.Index, o.Status, o.Label, *o.MisreadAs)
		}
	}
	if got, want := indexes, []int{1, 2, 5, 9}; len(got) != len(want) || got[0] != 1 || got[1] != 2 || got[2] != 5 || got[3] != 9 {
		t.Errorf("misread: %v; expected %v", got, want)
	}
	if r.Usable() != 12 || len(r.Warnings) > 0 {
		t.Errorf("%d usable, warnings %q", r.Usable(), r.Warnings)
	}

	settings.SkipMisread = true
	left, err := engine.Search(t.Context(), pair, seeds, settings)
	if err != nil {
		t.Fatal(err)
	}
	if left.Usable() != 8 || left.Ledger.Skipped != 4 || len(left.Misread()) != 4 {
		t.Errorf("%d usable, %d skipped, %d misread", left.Usable(), left.Ledger.Skipped, len(left.Misread()))
	}
	if got, want := left.Seeds[1].Reason, "the original misreads it: it says class 9, the true one is 0"; !strings.Contains(got, "the original misreads it: it says class") {
		t.Errorf("reason %q; expected one such as %q", got, want)
	}
	for i, o := range left.Seeds { // the others are searched as before
		if o.Status != engine.Skipped && (o.Queries != r.Seeds[i].Queries || o.Status != r.Seeds[i].Status) {
			t.Errorf("seed %d: %s after %d queries; %s after %d with the others", i, o.Status, o.Queries, r.Seeds[i].Status, r.Seeds[i].Queries)
		}
	}

	all := relabelled(t, 12, func(int) bool { return true })
	if _, err := engine.Search(t.Context(), pair, all, settings); !errors.Is(err, engine.ErrNoUsableSeeds) || !strings.Contains(err.Error(), "the original misreads it") {
		t.Errorf("error %v; expected no usable seeds", err)
	}
	settings.SkipMisread = false
	r, err = engine.Search(t.Context(), pair, all, settings)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Warnings) != 1 || !strings.HasPrefix(r.Warnings[0], "the original misreads 12 of 12 labelled seeds: do the labels") {
		t.Errorf("warnings %q", r.Warnings)
	}
}
