package matchers_test

import (
	"errors"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/fixtures/shades"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/generators"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

// A shared matcher is often a variable of the package, which is made before the flags of go test are parsed.
var (
	madeEarly     = HaveDeviationFrom(ofOneClass(12)).WithoutSaving().WithQueriesPerSeed(20)
	rateMadeEarly = HaveDeviationRateBelow(0.5).Under(generators.AsTheyAre(seeds(12))).WithBudget(50)
	shardOfEarly  = HaveDeviationFrom(seeds(12)).WithoutSaving().InShard(engine.Shard{Total: 2})
)

func TestMatchersMayBeMadeBeforeFlagsAreParsed(t *testing.T) {
	g := NewWithT(t)
	g.Expect(agreeing()).NotTo(madeEarly)
	g.Expect(agreeing()).To(rateMadeEarly)
	g.Expect(agreeing()).NotTo(shardOfEarly, "a default budget, of whichever mode, is none that a shard cannot have")
}

func TestACanaryIsSearchedInTheSameShard(t *testing.T) {
	g := NewWithT(t)
	var power *gate.Canary
	changed := func(float64, uint64) (model.Predictor, error) { return shades.Model("changed", 60), nil }
	g.Expect(agreeing()).NotTo(HaveDeviationFrom(seeds(12)).WithoutSaving().InShard(engine.Shard{Total: 3}).
		WithCanary(changed, 0.1).InspectingCanary(func(c *gate.Canary) { power = c }))
	g.Expect(power.Trials[0].Seeds).To(Equal(4))
}

func TestASearchThatStopsAtWaivedTriggersDecidesNothing(t *testing.T) {
	g, root, pair := NewWithT(t), t.TempDir(), open(t, fixtures.LeNet5Int8)
	base := HaveDeviationFrom(seeds(3)).SavingTo(root).WithQueriesPerSeed(150).AsOf(january).WithSettings(func(s *engine.Settings) { s.Window = 1 })
	g.Expect(pair).To(base.StoppingAfter(1))
	saved := model.Must(model.Must(report.OpenStore(root)).List("lenet5-int8"))
	first := base.WithWaivers(waiverFile(t, byID(saved[0])))

	_, err := first.StoppingAfter(1).Match(pair)
	g.Expect(errors.Is(err, engine.ErrInconclusive)).To(BeTrue())
	g.Expect(err).To(MatchError("HaveDeviationFrom: inconclusive search: it was to stop after 1 trigger, and all that it found are waived; search without StoppingAfter"))
	g.Expect(pair).To(first, "the other seeds have triggers that are not waived")

	t.Run("nor does one that ended early find waivers useless", func(t *testing.T) {
		g := NewWithT(t)
		elsewhere := waiverFile(t, byID(saved[0]), `"trigger": "0123456789abcdef"`)
		_, err := base.WithWaivers(elsewhere).SavingTo(t.TempDir()).Match(pair)
		g.Expect(err).To(MatchError(ContainSubstring("unused: there is no such trigger")))
		g.Expect(pair).To(base.WithWaivers(elsewhere).SavingTo(t.TempDir()).StoppingAfter(2))
	})
}

func TestSavingEvidenceDoesNotHideSavedTriggers(t *testing.T) {
	g, root, pair := NewWithT(t), t.TempDir(), open(t, fixtures.LeNet5Int8)
	g.Expect(pair).To(HaveDeviationFrom(seeds(3)).SavingTo(root).WithQueriesPerSeed(300).SavingAtMost(1))
	Restarted()

	file := filepath.Join(t.TempDir(), "evidence.json")
	// From these seeds, severe deviations so near are not found.
	nothing := HaveDeviationFrom(seeds(6)).SavingTo(root).WithQueriesPerSeed(5).SavingEvidence(file)
	m := nothing.WithRandomSeed(1)
	g.Expect(m.Match(pair)).To(BeTrue())
	g.Expect(m.NegatedFailureMessage(pair)).To(SatisfyAll(
		ContainSubstring("not to have a deviation, but 1 of 1 saved trigger in "),
		MatchRegexp(`\nThe search, for evidence, found triggers from \d of 6 seeds\.\nSearched with boundary; `),
		Not(ContainSubstring("No search was made")),
	))
	g.Expect(model.Must(report.LoadEvidence(file)).Seeds).To(HaveLen(6))

	_, err := nothing.Minimizing(50).Match(pair)
	g.Expect(err).To(MatchError(ContainSubstring("expected it without Minimizing: evidence is of triggers as they are found")))
}

func TestAMessageCountsWhatItDoesNotShow(t *testing.T) {
	g, pair := NewWithT(t), open(t, fixtures.LeNet5Student)
	m := HaveDeviationFrom(seeds(5)).SavingTo(t.TempDir()).SavingAtMost(1).WithQueriesPerSeed(300)
	var found int
	g.Expect(pair).To(m.Inspecting(func(r *engine.Report) { found = len(r.Triggers()) }))
	m = m.WithoutReplay()
	g.Expect(pair).To(m)
	g.Expect(m.NegatedFailureMessage(pair)).To(ContainSubstring("\n\n  … and %d more.", found-1))
}

func TestDistinctDeviationsAreRecorded(t *testing.T) {
	g, root, pair := NewWithT(t), t.TempDir(), open(t, fixtures.LeNet5Int8)
	var r told
	search := HaveDeviationFrom(seeds(4)).SavingTo(root).WithQueriesPerSeed(300).WithNoiseFloor(nil).RecordedIn(&r)
	g.Expect(pair).To(HaveAtMost(4).DistinctDeviationsFoundBy(search.Minimizing(40)))
	g.Expect(r).To(HaveLen(1), "the gate alone, not its search")
	found := len(r[0].Evidence.Search.Triggers())
	g.Expect(r[0].Verdict).To(Equal(gate.CheckPassed))
	g.Expect(r[0].Name).To(Equal("at most 4 distinct deviations (top-1)"))
	g.Expect(r[0].Sentence).To(Equal("Expected lenet5-int8 to have at most 4 distinct deviations from 4 seeds, judged by top-1."))
	g.Expect(r[0].Numbers[0].Value).To(BeNumerically(">", 0))
	g.Expect(*r[0].Numbers[0].Limit).To(BeEquivalentTo(4))
	g.Expect(r[0].Evidence.Minimized).To(HaveLen(found))
	ids := map[string]bool{}
	for _, t := range r[0].Evidence.Search.Triggers() {
		ids[t.ID] = true
	}
	for _, m := range r[0].Evidence.Minimized {
		g.Expect(ids).To(HaveKey(m.ID))
	}

	r = nil
	early := HaveAtMost(4).DistinctDeviationsFoundBy(search.StoppingAfter(1).WithSettings(func(s *engine.Settings) { s.Window = 1 }).WithoutReplay())
	_, err := early.Match(pair)
	g.Expect(err).To(HaveOccurred())
	g.Expect(r[0].Verdict).To(Equal(gate.CheckUndecided))
	_, err = early.RecordedIn(nil).Match("no pair")
	g.Expect(err).To(HaveOccurred())
	g.Expect(r).To(HaveLen(1))

	// Saved triggers that count are judged by the noise floor too, and a search without any says what it is worth.
	var noise *gate.Noise
	other := HaveDeviationFrom(seeds(1)).SavingTo(root).WithQueriesPerSeed(300).WithRandomSeed(3).WithNoiseFloor(nil).InspectingNoise(func(n *gate.Noise) { noise = n })
	Restarted()
	m := HaveAtMost(9).DistinctDeviationsFoundBy(other.WithReplay())
	g.Expect(pair).To(m)
	g.Expect(len(noise.Triggers)).To(BeNumerically(">=", found))
	changed := func(float64, uint64) (model.Predictor, error) { return shades.Model("changed", 60), nil }
	none := HaveAtMost(0).DistinctDeviationsFoundBy(HaveDeviationFrom(ofOneClass(12)).WithoutSaving().WithQueriesPerSeed(60).WithCanary(changed, 0.1))
	g.Expect(agreeing()).To(none)
	g.Expect(none.NegatedFailureMessage(nil)).To(ContainSubstring("\nThe same search found "))
}
