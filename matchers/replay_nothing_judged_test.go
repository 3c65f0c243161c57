package matchers_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/fixtures/shades"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/input"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

// A replay in which no trigger tells anything about the pair decides nothing, whichever way it is put.
func TestReplaysThatJudgeNothingAreUndecided(t *testing.T) {
	g, root, int8 := NewWithT(t), t.TempDir(), open(t, fixtures.LeNet5Int8)
	g.Expect(int8).To(HaveDeviationFrom(seeds(4)).SavingTo(root).WithQueriesPerSeed(300))
	saved := model.Must(model.Must(report.OpenStore(root)).List("lenet5-int8"))
	Restarted()
	n := len(saved)
	g.Expect(n).To(BeNumerically(">", 2))
	float := open(t, fixtures.LeNet5Planted).Original()
	healed := model.Must(model.NewPair("lenet5-int8", float, mended(t)))
	strict := model.Must(answer.MinConfidence(1, answer.Top1()))
	for _, test := range []struct {
		name    string
		matcher *ReplayCleanlyMatcher
		says    string
		number  string
	}{
		{"all outside the bound", ReplayCleanly(root).Within(distance.LInf(1)),
			fmt.Sprintf("all %d saved triggers in %s lie outside LInf 1, so nothing was judged", n, root), "saved triggers outside the bound, not judged"},
		{"all outside, and none is asked for", ReplayCleanly(root).OrNothing().Within(distance.LInf(1)), "lie outside LInf 1", "saved triggers outside the bound, not judged"},
		{"one outside", ReplayCleanly(saved[0].Dir).Within(distance.LInf(1)), "the saved trigger in " + saved[0].Dir + " lies outside LInf 1", "saved triggers outside the bound, not judged"},
		{"an oracle by which none ever deviated", ReplayCleanly(root).JudgedBy(strict),
			fmt.Sprintf("none of the %d saved triggers in %s deviated by %s when saved, so that none does now says nothing; judge by what they were found by: top-1", n, root, strict),
			"saved triggers that never deviated by this oracle, not judged"},
		{"one that never deviated", ReplayCleanly(saved[0].Dir).JudgedBy(strict), "the saved trigger in " + saved[0].Dir + " did not deviate by ", "saved triggers that never deviated by this oracle, not judged"},
	} {
		for _, pair := range []*model.Pair{int8, healed} {
			var r told
			var counts ReplaySummary
			m := test.matcher.RecordedIn(&r).Inspecting(func(s ReplaySummary) { counts = s })
			matched, err := m.Match(pair)
			if matched || !errors.Is(err, gate.ErrUndecided) || !strings.Contains(fmt.Sprint(err), test.says) {
				t.Errorf("%s: %t, %v; expected %q", test.name, matched, err, test.says)
			}
			g.Expect(r).To(HaveLen(1), test.name)
			g.Expect(r[0].Verdict).To(Equal(gate.CheckUndecided), test.name)
			g.Expect(r[0].Numbers).To(HaveLen(1), test.name)
			g.Expect(r[0].Numbers[0].Name).To(Equal(test.number), test.name)
			g.Expect(r[0].Message).To(Equal(err.Error()), test.name)
			g.Expect(counts.Judged).To(BeZero())
			g.Expect(counts.Outside + counts.NeverDeviated).To(Equal(counts.Saved))
		}
	}
}

func TestReplaysCountWhatTheyJudge(t *testing.T) {
	g, root, int8 := NewWithT(t), t.TempDir(), open(t, fixtures.LeNet5Int8)
	g.Expect(int8).To(HaveDeviationFrom(seeds(6)).SavingTo(root).WithQueriesPerSeed(300))
	saved := model.Must(model.Must(report.OpenStore(root)).List("lenet5-int8"))
	n := len(saved)
	slices.SortFunc(saved, func(a, b report.SavedTrigger) int {
		return distance.NearestLInf.Compare(a.Trigger.Distance, b.Trigger.Distance)
	})
	bound := distance.LInf(float32(saved[1].Trigger.Distance.LInf))
	inside := slices.IndexFunc(saved, func(s report.SavedTrigger) bool { return s.Trigger.Distance.LInf > saved[1].Trigger.Distance.LInf })
	g.Expect(inside).To(BeNumerically(">=", 2))
	outside := n - inside

	var r told
	Restarted()
	m := ReplayCleanly(root).Within(bound).RecordedIn(&r)
	g.Expect(m.Match(int8)).To(BeFalse())
	g.Expect(m.FailureMessage(int8)).To(SatisfyAll(
		HavePrefix("Expected pair lenet5-int8 (lenet5, lenet5-int8) to replay cleanly, but %d of the %d saved triggers in %s that lie within %s still deviate.", inside, inside, root, bound),
		ContainSubstring("\n\n%s of %d saved triggers %s outside %s and ", fmt.Sprint(outside), n, report.Verb(outside, "lie"), bound),
	))
	g.Expect(r[0].Numbers).To(Equal([]gate.Number{
		{Name: "saved triggers that still deviate", Value: float64(inside), Unit: fmt.Sprintf("of the %d within %s", inside, bound)},
		{Name: "saved triggers outside the bound, not judged", Value: float64(outside), Unit: fmt.Sprintf("of %d", n)},
	}))

	// A pass says how few it is about.
	healed := model.Must(model.NewPair("lenet5-int8", open(t, fixtures.LeNet5Planted).Original(), mended(t)))
	r = nil
	var fixed []report.SavedTrigger
	m = m.ReportingFixedTo(func(f []report.SavedTrigger) { fixed = f }).RecordedIn(&r)
	g.Expect(healed).To(m)
	g.Expect(fixed).To(HaveLen(inside), "those outside were not run: they are not fixed")
	g.Expect(r[0].Message).To(HavePrefix("%d of %d saved triggers", outside, n))
	g.Expect(r[0].Numbers[0]).To(Equal(gate.Number{Name: "saved triggers that still deviate", Unit: fmt.Sprintf("of the %d within %s", inside, bound)}))
	g.Expect(m.NegatedFailureMessage(healed)).To(MatchRegexp(`but none of the %d saved triggers in .* that lie within .* deviates any more\n%d of %d saved triggers lies? outside`, inside, outside, n))

	// By a stricter oracle, those that never deviated by it are neither healed nor deviating.
	gaps := make([]float64, n)
	for i, s := range saved {
		gaps[i] = float64(s.Trigger.Original.Scores[s.Trigger.OriginalLabel] - s.Trigger.Compressed.Scores[s.Trigger.OriginalLabel])
	}
	slices.Sort(gaps)
	g.Expect(gaps[n-1]).To(BeNumerically(">", gaps[0]))
	strict := model.Must(answer.MinGap(gaps[0]+1e-6, answer.Top1()))
	severe := 0
	for _, s := range saved {
		if strict.Judge(s.Trigger.Original, s.Trigger.Compressed).Deviates {
			severe++
		}
	}
	g.Expect(severe).To(SatisfyAll(BeNumerically(">", 0), BeNumerically("<", n)))
	r = nil
	var counts ReplaySummary
	m = ReplayCleanly(root).JudgedBy(strict).RecordedIn(&r).Inspecting(func(s ReplaySummary) { counts = s }).ReportingFixedTo(func(f []report.SavedTrigger) { fixed = f })
	g.Expect(healed).To(m)
	g.Expect(fixed).To(HaveLen(severe))
	g.Expect(counts).To(Equal(ReplaySummary{Pair: "lenet5-int8", Oracle: strict.String(), Saved: n, Judged: severe, Healed: severe, NeverDeviated: n - severe, Changed: counts.Changed}))
	g.Expect(counts.Changed).To(ConsistOf(MatchRegexp(`^The compressed model has changed since \d saved triggers were found: it was lenet5-int8 \(SHA-256 \w{12}\), and is lenet5-mended \(SHA-256 \w{12}\) now\.$`)))
	g.Expect(counts.String()).To(Equal(fmt.Sprintf("pair lenet5-int8: %d of %d saved triggers judged, 0 of which still deviate; %d never deviated by %s", severe, n, n-severe, strict)))
	g.Expect(r[0].Message).To(MatchRegexp(`^%d of %d saved triggers did not deviate by .* when saved either, and w.* not counted as healed\.\nThe compressed model has changed since .* now\.$`, n-severe, n))
}

func TestReplaysOfOtherPairsAndShapes(t *testing.T) {
	g, root, int8 := NewWithT(t), t.TempDir(), open(t, fixtures.LeNet5Int8)
	g.Expect(int8).To(HaveDeviationFrom(seeds(2)).SavingTo(root).WithQueriesPerSeed(300))
	saved := model.Must(model.Must(report.OpenStore(root)).List("lenet5-int8"))
	other := model.Must(model.NewPair("other", int8.Original(), int8.Compressed()))

	Restarted()
	_, err := ReplayCleanly(root).Match(other)
	g.Expect(err).To(MatchError(ContainSubstring("%s: expected saved triggers of pair other, found none, but %s of lenet5-int8;", root, report.Plural(len(saved), "trigger"))))
	_, err = ReplayCleanly(saved[0].Dir).Match(other)
	g.Expect(err).To(MatchError(ContainSubstring("%s: expected a trigger of pair other, found one of pair lenet5-int8", saved[0].Dir)))

	// What there is none of may be allowed, and the record says that nothing was done.
	for _, dir := range []string{root, t.TempDir(), filepath.Join(root, "none")} {
		var r told
		m := ReplayCleanly(dir).OrNothing().RecordedIn(&r)
		g.Expect(other).To(m)
		g.Expect(m.NegatedFailureMessage(other)).To(HaveSuffix("not to replay cleanly, but there is no saved trigger in " + dir))
		g.Expect(r[0].Message).To(Equal("There is no saved trigger of pair other in " + filepath.Base(dir) + ": nothing was replayed."))
		g.Expect(r[0].Numbers).To(Equal([]gate.Number{{Name: "saved triggers"}}))
	}

	// Models of images of 28x28 do not take those of 8x8.
	small := input.SeedList{{Input: model.Must(input.NewImage(8, 8, 1, make([]uint8, 64)))}}
	g.Expect(model.Must(model.NewPair("lenet5-int8", shades.Model("a", 60), shades.Model("b", 90)))).
		To(HaveDeviationFrom(small).SavingTo(filepath.Join(root, "small")).WithQueriesPerSeed(300))
	Restarted()
	_, err = ReplayCleanly(filepath.Join(root, "small")).Match(int8)
	g.Expect(err).To(MatchError(SatisfyAll(HavePrefix("ReplayCleanly: "+filepath.Join(root, "small", "lenet5-int8")), ContainSubstring("expected"), ContainSubstring("found [8 8 1]"))))
}

func TestReplaysInWhichAllIsWaived(t *testing.T) {
	g, root, int8 := NewWithT(t), t.TempDir(), open(t, fixtures.LeNet5Int8)
	g.Expect(int8).To(HaveDeviationFrom(seeds(3)).SavingTo(root).WithQueriesPerSeed(300))
	saved := model.Must(model.Must(report.OpenStore(root)).List("lenet5-int8"))
	var fields []string
	for _, s := range saved {
		fields = append(fields, byID(s))
	}
	var r told
	Restarted()
	m := ReplayCleanly(root).WithWaivers(waiverFile(t, fields...)).AsOf(january).RecordedIn(&r)
	g.Expect(int8).To(m)
	g.Expect(r[0].Message).To(MatchRegexp(`^%d of %d saved triggers still deviate, and are waived in .*\. No saved trigger is healed: this check accepts all of them\.$`, len(saved), len(saved)))
}
