package matchers_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/fixtures/shades"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxtest"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// open opens an embedded pair.
func open(t *testing.T, p fixtures.Pair) *model.Pair {
	t.Helper()
	pair, err := onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pair.Close() })
	return pair
}

func seeds(n int) input.Seeds { return generators.First(fixtures.Seeds(), n) }

// ofOneClass are seeds of the one class that both models of agreeing give to everything.
func ofOneClass(n int) input.Seeds {
	return model.Must(generators.Labelled(seeds(n), make([]int, n)))
}

// agreeing is a pair of two Go functions that differ, but never in their label.
func agreeing() *model.Pair {
	return model.Must(model.NewPair("agreeing", shades.Model("a", 400), shades.Model("b", 410)))
}

func TestHaveDeviationFromFailsWithWhatItFound(t *testing.T) {
	g, root := NewWithT(t), t.TempDir()
	matcher := HaveDeviationFrom(seeds(20)).SavingTo(root).WithClassNames(fixtures.ClassNames()...)
	pair := open(t, fixtures.LeNet5Int8)

	matched, err := matcher.Match(pair)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(matched).To(BeTrue())

	message := matcher.NegatedFailureMessage(pair)
	g.Expect(message).To(HavePrefix("Expected pair lenet5-int8 (lenet5, lenet5-int8)\nnot to have a deviation, but "))
	g.Expect(message).To(MatchRegexp(`but \d+ of 20 seeds have one\.`))
	g.Expect(message).To(MatchRegexp(`Searched with boundary; oracle top-1; random seed 0; \d+ queries in `))
	g.Expect(regexp.MustCompile(`(?m)^  \d\. from seed \d+`).FindAllString(message, -1)).To(HaveLen(3))
	g.Expect(message).To(MatchRegexp(`truly [A-Z][^:]*:\n     original says [A-Z]\S* .*\(0\.\d\d\), compressed says [A-Z].*\(0\.\d\d\)`))
	g.Expect(message).To(MatchRegexp(`\d+ quer(y|ies); distance to the seed: SSIM 0\.\d\d, L2 \d+`))
	g.Expect(message).To(MatchRegexp(`… and \d+ more\.`))
	g.Expect(message).To(ContainSubstring("To replay: Expect(pair).To(ReplayCleanly(%q))", filepath.ToSlash(root)))
	g.Expect(message).To(ContainSubstring("To run this again: go test -run '^TestHaveDeviationFromFailsWithWhatItFound$' github.com/triggerfinder/triggerfinder/matchers"))

	for _, path := range regexp.MustCompile(regexp.QuoteMeta(root)+`[^\s")]*`).FindAllString(message, -1) {
		g.Expect(path).To(BeAnExistingFile(), "a path in the message")
	}
	saved, err := model.Must(report.OpenStore(root)).List("lenet5-int8")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(len(saved)).To(BeNumerically(">", 3))
}

func TestSavedTriggersAreReplayedFirst(t *testing.T) {
	g, root := NewWithT(t), t.TempDir()
	pair := open(t, fixtures.LeNet5Int8)
	searches := 0
	matcher := HaveDeviationFrom(seeds(20)).SavingTo(root).SavingAtMost(5).Inspecting(func(*engine.Report) { searches++ })

	g.Expect(pair).To(matcher)
	g.Expect(searches).To(Equal(1))
	Restarted()
	g.Expect(pair).To(matcher, "from the saved triggers")
	g.Expect(searches).To(Equal(1), "no second search")
	g.Expect(matcher.NegatedFailureMessage(pair)).To(SatisfyAll(
		ContainSubstring("5 of 5 saved triggers in "),
		ContainSubstring("No search was made: these come first."),
	))

	g.Expect(pair).To(matcher.WithoutReplay())
	g.Expect(searches).To(Equal(2))

	// The saved triggers lie far from their seeds, so they do not count within a narrow bound.
	narrow := matcher.Within(distance.LInf(1)).WithQueriesPerSeed(10)
	g.Expect(pair).NotTo(narrow)
	g.Expect(searches).To(Equal(3))
	g.Expect(narrow.FailureMessage(pair)).To(ContainSubstring("5 of 5 saved triggers lie outside LInf 1 and were not judged."))
}

func TestHaveDeviationFromSaysWhyNothingWasFound(t *testing.T) {
	g := NewWithT(t)
	for _, test := range []struct {
		budget engine.Budget
		says   string
	}{
		{engine.Budget{QueriesPerSeed: 30}, "20 of 20 seeds spent the whole budget of a seed: give it a larger budget, more seeds or another strategy."},
		{engine.Budget{Queries: 300}, "The search ended at its limit of 300 queries: give it a larger budget or fewer seeds."},
	} {
		matcher := HaveDeviationFrom(ofOneClass(20)).WithoutSaving().WithBudget(test.budget)
		matched, err := matcher.Match(agreeing())
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(matched).To(BeFalse())
		g.Expect(matcher.FailureMessage(nil)).To(SatisfyAll(
			HavePrefix("Expected pair agreeing (a, b)\nto have a deviation, but none was found from 20 seeds.\n"),
			ContainSubstring("That is no proof that there is none. "+test.says),
		))
	}
}

// Nor is it said where the original gives one label to everything, and the seeds are of several classes or of none that is known.
func TestNothingFoundWithOneLabelIsAnError(t *testing.T) {
	g := NewWithT(t)
	for _, seeds := range []input.Seeds{seeds(20), generators.WithoutLabels(seeds(20))} {
		matcher := HaveDeviationFrom(seeds).WithoutSaving().WithQueriesPerSeed(30)
		_, err := matcher.Match(agreeing())
		g.Expect(err).To(MatchError(engine.ErrInconclusive))
		g.Expect(err).To(MatchError(ContainSubstring("expected an original that gives several labels, found class 0 for all of 620 inputs")))
	}
}

func TestEmbeddedPairsDeviate(t *testing.T) {
	for _, p := range append(fixtures.Pairs(), fixtures.LeNet5Planted) {
		t.Run(p.Name, func(t *testing.T) {
			g := NewWithT(t)
			matcher := HaveDeviationFrom(seeds(10)).WithoutSaving().StoppingAfter(3)
			g.Expect(open(t, p)).To(matcher)
		})
	}
}

func TestErrorsFailInBothDirections(t *testing.T) {
	lenet := open(t, fixtures.LeNet5Int8)
	itself := open(t, fixtures.LeNet5Itself)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	colour := input.SeedList{{Input: model.Must(input.NewImage(28, 28, 3, make([]uint8, 28*28*3)))}}
	var noContext context.Context
	plain := HaveDeviationFrom(seeds(3)).WithoutSaving()
	for _, test := range []struct {
		reason  string
		actual  any
		matcher *HaveDeviationMatcher
		says    string
	}{
		{"not a pair", 42, plain, "HaveDeviationFrom matcher expects a *model.Pair. Got:"},
		{"a nil pair", (*model.Pair)(nil), plain, "HaveDeviationFrom matcher expects a *model.Pair. Got:"},
		{"the same file twice", itself, plain, "original and compressed are the same model: lenet5.onnx and lenet5.onnx have the same content"},
		{"no seeds", lenet, HaveDeviationFrom(input.SeedList{}), "no seeds"},
		{"nil seeds", lenet, HaveDeviationFrom(nil), "no seeds"},
		{"seeds of another shape", lenet, HaveDeviationFrom(colour).WithoutSaving(), "no usable seeds: all 1 were skipped, the first because: seed 0: original model \"lenet5\": "},
		{"budget 0", lenet, plain.WithQueriesPerSeed(0), "budget is 0"},
		{"negative budget", lenet, plain.WithQueriesPerSeed(-3), "QueriesPerSeed is -3"},
		{"negative number of triggers", lenet, plain.StoppingAfter(-1), "StopAfter is -1"},
		{"nothing to save", lenet, plain.SavingAtMost(0), "SavingAtMost(0): expected at least 1"},
		{"no strategy", lenet, plain.Using(nil), "Strategy is nil"},
		{"no oracle", lenet, plain.JudgedBy(nil), "JudgedBy(nil)"},
		{"no context", lenet, plain.WithContext(noContext), "WithContext(nil)"},
		{"a confidence beyond 1", lenet, plain.MinConfidence(90), "MinConfidence: p is 90"},
		{"a file where triggers should be saved", lenet, plain.SavingTo(file), file},
		{"too small a budget to tell", agreeing(), plain.WithBudget(engine.Budget{Queries: 5}), "inconclusive search: query-limit ended the search"},
	} {
		t.Run(test.reason, func(t *testing.T) {
			_ = errsBothWays(t, test.actual, test.matcher, regexp.QuoteMeta(test.says))
		})
	}
}

func TestOptionsReachTheSearch(t *testing.T) {
	g, root := NewWithT(t), t.TempDir()
	var got *engine.Report
	progressed := false
	base := HaveDeviationFrom(seeds(12)).SavingTo(root).Inspecting(func(r *engine.Report) { got = r })
	changed := base.Using(strategies.TriggerFinderAsReleased()).JudgedBy(model.Must(answer.TopK(2))).MinConfidence(0.3).
		Within(distance.LInf(200)).WithBudget(engine.Budget{QueriesPerSeed: 500}).WithRandomSeed(7).StoppingAfter(2).
		WithSettings(func(s *engine.Settings) { s.Workers, s.Window = 1, 4 }).
		ReportingProgressTo(func(engine.Progress) { progressed = true })
	g.Expect(open(t, fixtures.LeNet5Student)).To(changed)
	g.Expect(got.Strategy).To(Equal("triggerfinder as released"))
	g.Expect(got.Oracle).To(Equal("top-2 with the original at least 0.3 confident"))
	g.Expect(got.Bound).To(Equal("LInf 200"))
	g.Expect(got.Budget).To(Equal(engine.Budget{QueriesPerSeed: 500}))
	g.Expect(got.RandomSeed).To(BeEquivalentTo(7))
	g.Expect(got.StopAfter).To(Equal(2))
	g.Expect(got.Execution.Workers).To(Equal(1))
	g.Expect(progressed).To(BeTrue())

	g.Expect(open(t, fixtures.LeNet5Student)).To(base.WithoutReplay(), "the base is as it was")
	g.Expect(got.Strategy).To(Equal("boundary"))
	g.Expect(got.RandomSeed).To(BeZero())
}

func TestCancelledSearchKeepsItsArtifacts(t *testing.T) {
	g, root := NewWithT(t), t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	matcher := HaveDeviationFrom(seeds(500)).SavingTo(root).WithContext(ctx).WithSettings(func(s *engine.Settings) {
		s.Window = 4
		s.OnTrigger = func(*engine.Trigger) error { cancel(); return nil }
	})
	pair := open(t, fixtures.LeNet5Int8)
	g.Expect(pair).To(matcher)
	g.Expect(matcher.NegatedFailureMessage(pair)).To(ContainSubstring("The search is partial: it was cancelled."))
	g.Expect(model.Must(model.Must(report.OpenStore(root)).List("lenet5-int8"))).NotTo(BeEmpty())

	stopped, stop := context.WithCancel(t.Context())
	stop()
	_, err := HaveDeviationFrom(seeds(5)).WithoutSaving().WithContext(stopped).Match(pair)
	g.Expect(errors.Is(err, context.Canceled)).To(BeTrue())
}

func TestEventuallyDoesNotSearchAgain(t *testing.T) {
	searches := 0
	matcher := HaveDeviationFrom(seeds(12)).WithoutSaving().WithQueriesPerSeed(12).Inspecting(func(*engine.Report) { searches++ })
	failed := false
	NewGomega(func(string, ...int) { failed = true }).Eventually(agreeing()).Should(matcher)
	if !failed || searches != 1 {
		t.Errorf("failed %t after %d searches; expected a failure after one", failed, searches)
	}
}

func TestReplayCleanly(t *testing.T) {
	g, root := NewWithT(t), t.TempDir()
	int8, float := open(t, fixtures.LeNet5Int8), open(t, fixtures.LeNet5Planted)
	g.Expect(int8).To(HaveDeviationFrom(seeds(10)).SavingTo(root).StoppingAfter(2).WithClassNames(fixtures.ClassNames()...))
	store := model.Must(report.OpenStore(root))
	saved := model.Must(store.List("lenet5-int8"))

	Restarted()
	for what, dir := range map[string]string{"store": root, "pair": store.PairDir("lenet5-int8"), "trigger": saved[0].Dir} {
		matcher := ReplayCleanly(dir)
		matched, err := matcher.Match(int8)
		g.Expect(err).NotTo(HaveOccurred(), what)
		g.Expect(matched).To(BeFalse(), what)
		g.Expect(matcher.FailureMessage(int8)).To(SatisfyAll(
			HavePrefix("Expected pair lenet5-int8 (lenet5, lenet5-int8) to replay cleanly, but "),
			MatchRegexp(`still deviates?\.\n\n  1\. from seed \d+ .*\n     original says [A-Z]`),
		), what)
	}

	t.Run("a pair that is healed replays cleanly", func(t *testing.T) {
		g := NewWithT(t)
		healed := model.Must(model.NewPair("lenet5-int8", float.Original(), mended(t)))
		matcher := ReplayCleanly(root)
		g.Expect(healed).To(matcher)
		g.Expect(matcher.NegatedFailureMessage(healed)).To(MatchRegexp(`none of the \d saved triggers in .* deviates any more`))
	})
	t.Run("nothing to replay is an error", func(t *testing.T) {
		g := NewWithT(t)
		_, err := ReplayCleanly(root).Match(float)
		g.Expect(err).To(MatchError(ContainSubstring("expected saved triggers of pair lenet5-planted, found none")))
		_, err = ReplayCleanly(filepath.Join(root, "elsewhere")).Match(int8)
		g.Expect(err).To(MatchError(ContainSubstring("elsewhere: no such file or directory")))
		g.Expect(float).To(ReplayCleanly(root).OrNothing())
		g.Expect(int8).To(ReplayCleanly(filepath.Join(root, "elsewhere")).OrNothing())
		_, err = ReplayCleanly(root).Match("pair")
		g.Expect(err).To(MatchError(ContainSubstring("ReplayCleanly matcher expects a *model.Pair")))
	})
	t.Run("a damaged trigger is an error", func(t *testing.T) {
		g := NewWithT(t)
		g.Expect(os.WriteFile(filepath.Join(saved[0].Dir, "trigger.png"), []byte("x"), 0o600)).To(Succeed())
		_, err := ReplayCleanly(root).Match(int8)
		g.Expect(err).To(MatchError(ContainSubstring("trigger.png")))
		_, err = HaveDeviationFrom(seeds(10)).SavingTo(root).Match(int8)
		g.Expect(err).To(MatchError(ContainSubstring("trigger.png")))
	})
}

// mended is a compressed LeNet-5 that agrees with the original: one weight differs, by its last bit. The original itself in
// its place would be no pair.
func mended(t testing.TB) model.Predictor {
	t.Helper()
	m := onnxtest.Load(t, fixtures.Models, fixtures.LeNet5Int8.Original)
	m.GetGraph().GetInitializer()[0].RawData[0] ^= 1
	model, err := onnx.OpenBytes("lenet5-mended.onnx", onnxtest.Bytes(t, m), onnx.Scale(fixtures.Scale))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { model.Close() })
	return model
}

// once is a matcher that answers again as it first did: the assertions To and NotTo ask it the same.
type once struct {
	types.GomegaMatcher
	asked, matched bool
	err            error
}

// Match implements [types.GomegaMatcher].
func (m *once) Match(actual any) (bool, error) {
	if !m.asked {
		m.matched, m.err = m.GomegaMatcher.Match(actual)
		m.asked = true
	}
	return m.matched, m.err
}

// errsBothWays asserts that the matcher makes To and NotTo fail, with a message that the pattern is found in. It returns
// the error.
func errsBothWays(t *testing.T, actual any, matcher types.GomegaMatcher, pattern string) error {
	t.Helper()
	m := &once{GomegaMatcher: matcher}
	for direction, assert := range map[string]func(g Gomega){
		"To":    func(g Gomega) { g.Expect(actual).To(m) },
		"NotTo": func(g Gomega) { g.Expect(actual).NotTo(m) },
	} {
		failure := ""
		assert(NewGomega(func(message string, _ ...int) { failure = message }))
		if !regexp.MustCompile(pattern).MatchString(failure) {
			t.Errorf("%s: failure %q; expected one that says %q", direction, failure, pattern)
		}
	}
	return m.err
}
