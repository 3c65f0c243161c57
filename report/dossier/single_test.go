package dossier

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
)

func TestThePageAloneShowsTheSearchWithoutItsSeedsInMemory(t *testing.T) {
	r, err := engine.Search(t.Context(), enginetest.SmoothPair(), enginetest.PatternSeeds(12), enginetest.ClosingSettings(40, nil))
	if err != nil {
		t.Fatal(err)
	}
	r.Seeds[3].Status = engine.NotSearched
	whole, light := newSearch("", r), newSearchOf("", r)
	if light.PerSeed != nil || len(whole.PerSeed) != 12 {
		t.Errorf("%d seeds in memory, and %d for report.json; expected 0 and 12", len(light.PerSeed), len(whole.PerSeed))
	}
	for _, of := range []struct {
		what string
		of   func(Search) any
	}{
		{"first plot", func(s Search) any { return successPlot(s) }},
		{"second plot", func(s Search) any { return distancePlot(s) }},
		{"what was left out", func(s Search) any { return s.inShort() }},
	} {
		if diff := cmp.Diff(of.of(whole), of.of(light)); diff != "" {
			t.Errorf("%s: %s", of.what, diff)
		}
	}
	if successPlot(light) == nil || distancePlot(light) == nil || light.inShort() == "" {
		t.Error("expected plots and what was left out, found none")
	}
}
