package matchers_test

import (
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/engine"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/report/dossier"
	"github.com/triggerfinder/triggerfinder/report/dossier/dossiertest"
)

// shippedDetectors are detectors, by way of a converted one: rows of a mean above 100, 102 and 104 are marked.
func shippedDetectors() *model.Pair {
	return model.Must(model.NewChain("detectors", detector("fine", 100), engine.Conversion.To(detector("converted", 102)), engine.Compression.To(detector("coarse", 104))))
}

func searchDetectors(root string) *HaveDeviationMatcher {
	return HaveDeviationFrom(seeds(12)).JudgedBy(anotherCount).WithQueriesPerSeed(60).SavingTo(root)
}

func TestMessagesTellTheCauses(t *testing.T) {
	g := NewWithT(t)
	m := searchDetectors(t.TempDir())
	g.Expect(m.Match(shippedDetectors())).To(BeTrue())
	g.Expect(m.NegatedFailureMessage(shippedDetectors())).To(SatisfyAll(
		HavePrefix("Expected pair detectors (fine, coarse)\nnot to have a deviation, but "),
		MatchRegexp(`\n\d+ of \d+ triggers (is|are) caused by (conversion|compression|conversion and compression)(, \d+ by [a-z ]+)*\.\n`),
		MatchRegexp(`\n     caused by (compression, not by conversion|conversion, not by compression|conversion \(\d+ marks? → \d+ marks?\) and compression \(\d+ marks? → \d+ marks?\))\n`)))
	plain := searchDetectors(t.TempDir())
	g.Expect(plain.Match(detectors())).To(BeTrue())
	g.Expect(plain.NegatedFailureMessage(detectors())).NotTo(ContainSubstring("caused"))
}

func TestOnlyWhatTheCompressionCausesCounts(t *testing.T) {
	g, root := NewWithT(t), t.TempDir()
	var r *engine.Report
	m := searchDetectors(root).CausedBy(engine.Compression).Inspecting(func(found *engine.Report) { r = found })
	g.Expect(m.Match(shippedDetectors())).To(BeTrue())
	g.Expect(len(r.Triggers())).To(BeNumerically(">=", 3))
	for _, trigger := range r.Triggers() {
		g.Expect(trigger.Steps.By(engine.Compression)).To(BeTrue())
	}
	g.Expect(r.Ledger.OtherCauses).To(BeNumerically(">", 0))
	g.Expect(m.NegatedFailureMessage(shippedDetectors())).To(SatisfyAll(
		HavePrefix("Expected pair detectors (fine, coarse)\nnot to have a deviation caused by compression, but "),
		MatchRegexp(`\n\d+ hits? from \d+ seeds? (is|are) not caused by compression and (does|do) not count; of the first ones, \d+ by conversion\.\n`)))

	// A pair of which the conversion alone is to blame has none of the other cause.
	same := model.Must(model.NewChain("mended", detector("fine", 100), engine.Conversion.To(detector("converted", 104)), engine.Compression.To(detector("coarse", 104))))
	none := searchDetectors(t.TempDir()).CausedBy(engine.Compression)
	g.Expect(none.Match(same)).To(BeFalse())
	g.Expect(none.FailureMessage(same)).To(ContainSubstring("to have a deviation caused by compression, but none was found"))
	g.Expect(searchDetectors(t.TempDir()).CausedBy(engine.Compression, engine.Conversion).Match(same)).To(BeTrue())

	// What was saved says why, and replays by its cause.
	saved := model.Must(model.Must(report.OpenStore(root)).List("detectors"))
	g.Expect(saved).NotTo(BeEmpty())
	for _, s := range saved {
		g.Expect(s.Trigger.Steps).To(HaveLen(2))
		g.Expect(s.Trigger.Steps.By(engine.Compression)).To(BeTrue())
	}
	sheets, err := filepath.Glob(filepath.Join(root, "detectors", "report-*"))
	g.Expect(err).NotTo(HaveOccurred())
	loaded, err := report.LoadReport(sheets[0])
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(loaded.Report.Triggers()[0].Steps).To(Equal(r.Triggers()[0].Steps))
	g.Expect(loaded.Report.Apart()).To(HaveLen(len(r.Apart())))
	g.Expect(loaded.Report.Apart()[0].Steps).To(Equal(r.Apart()[0].Steps))
	g.Expect(loaded.Report.Between[0].Name).To(Equal("converted"))
	g.Expect(loaded.Report.CausedBy).To(Equal([]model.Cause{engine.Compression}))
	g.Expect(loaded.Stats.ByCause).To(Equal(engine.CountCauses(r.Triggers())))

	replay := ReplayCleanly(root).JudgedBy(anotherCount).IncludingThisRun()
	g.Expect(replay.CausedBy(engine.Compression).Match(shippedDetectors())).To(BeFalse())
	moved := model.Must(model.NewChain("detectors", detector("fine", 100), engine.Conversion.To(detector("converted", 104)), engine.Compression.To(detector("coarse", 104.001))))
	var summary ReplaySummary
	_, err = replay.CausedBy(engine.Compression).Inspecting(func(s ReplaySummary) { summary = s }).Match(moved)
	g.Expect(err).To(MatchError(SatisfyAll(ContainSubstring("nothing was judged"), ContainSubstring("but not caused by compression"))))
	g.Expect(summary.OtherCauses).To(Equal(len(saved)))
	both := replay.CausedBy(engine.Conversion, engine.Compression)
	g.Expect(both.Match(moved)).To(BeFalse())
	g.Expect(both.FailureMessage(moved)).To(SatisfyAll(ContainSubstring("to replay cleanly of what is caused by conversion or compression, but "), ContainSubstring("caused by conversion, not by compression")))
}

func TestCausedByIsOfChains(t *testing.T) {
	g := NewWithT(t)
	_, err := searchDetectors(t.TempDir()).CausedBy(engine.Compression).Match(detectors())
	g.Expect(err).To(MatchError("HaveDeviationFrom: caused by compression: expected a pair of which the models in between are known, made by model.NewChain, found pair detectors of two models alone"))
	_, err = ReplayCleanly(t.TempDir()).CausedBy(engine.Compression).Match(detectors())
	g.Expect(err).To(MatchError(HavePrefix("ReplayCleanly: caused by compression: expected a pair of which")))
	_, err = searchDetectors(t.TempDir()).CausedBy(engine.RuntimeSetting).Match(shippedDetectors())
	g.Expect(err).To(MatchError(ContainSubstring(`whose steps are conversion and compression, found "runtime setting"`)))
	_, err = searchDetectors(t.TempDir()).CausedBy().Match(shippedDetectors())
	g.Expect(err).To(MatchError(ContainSubstring("CausedBy(): expected a cause such as engine.Compression")))
	_, err = searchDetectors(t.TempDir()).CausedBy(engine.Compression).SavingEvidence(filepath.Join(t.TempDir(), "e.json")).Match(shippedDetectors())
	g.Expect(err).To(MatchError(ContainSubstring("expected it without CausedBy")))
}

func TestADocumentTellsTheCauses(t *testing.T) {
	g, out := NewWithT(t), t.TempDir()
	release := dossier.New("r", dossier.Options{})
	g.Expect(searchDetectors(t.TempDir()).CausedBy(engine.Compression).RecordedIn(release).Match(shippedDetectors())).To(BeTrue())
	_, err := release.Write(out)
	g.Expect(err).NotTo(HaveOccurred())
	dossiertest.CheckFolder(t, out)
}
