package matchers

import (
	"flag"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
)

// Keeping is the part of [testing.T] that [HaveDeviationMatcher.KeepingArtifactsOf] needs.
type Keeping interface {
	ArtifactDir() string
	Cleanup(func())
	Failed() bool
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
}

// artifacts are what a test leaves behind; the zero value is for a test that leaves nothing.
type artifacts struct{ test Keeping }

// wanted reports whether go test was given -artifacts. Without it, the folder that a test is given is removed when the test is over.
func (a artifacts) wanted() bool {
	f := flag.Lookup("test.artifacts")
	return a.test != nil && f != nil && f.Value.String() == "true"
}

// keepArtifacts keeps what this Match found, when the test is over, if it failed.
func (m *HaveDeviationMatcher) keepArtifacts() {
	found, t, n := m.found, m.artifacts.test, m.saving.atMost
	if !m.artifacts.wanted() || found.report == nil && !found.replayed.deviate() {
		return
	}
	t.Cleanup(func() {
		if !t.Failed() {
			return
		}
		dir := t.ArtifactDir()
		if err := found.keep(dir, n); err != nil {
			t.Errorf("KeepingArtifactsOf: %v", err)
			return
		}
		t.Logf("triggerfinder: what was found is kept in %s", dir)
	})
}

// keep saves the triggers that count, at most n of the search and n that were saved before, and the report of the search.
func (f findings) keep(dir string, n int) error {
	if f.replayed.deviate() {
		store, err := report.OpenStore(dir)
		if err != nil {
			return err
		}
		for i := range f.replayed.still[:min(n, len(f.replayed.still))] {
			s := &f.replayed.still[i]
			if _, err := store.Save(&s.Trigger, s.Context); err != nil {
				return err
			}
		}
	}
	if f.report == nil {
		return nil
	}
	var triggers []*engine.Trigger
	for _, t := range f.report.Triggers() {
		if !f.waivers.Accept(t) {
			triggers = append(triggers, t)
		}
	}
	return report.KeepSearch(dir, f.report, triggers, f.saved.context, n)
}
