package matchers_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/gate"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// savedEvidence is evidence of a real pair, within a bound that leaves many seeds without a trigger.
func savedEvidence(t *testing.T, p fixtures.Pair) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "evidence", p.Name+".json")
	matcher := HaveDeviationFrom(seeds(30)).Within(distance.LInf(24)).WithQueriesPerSeed(30).WithoutSaving().SavingEvidence(file)
	if _, err := matcher.Match(open(t, p)); err != nil {
		t.Fatal(err)
	}
	return file
}

// withoutTimes takes out of a message what differs from run to run.
func withoutTimes(message string) string {
	message = regexp.MustCompile(`queries in \d\S*\.`).ReplaceAllString(message, "queries in TIME.")
	return regexp.MustCompile(`in \S*/evidence/`).ReplaceAllString(message, "in FOLDER/")
}

// The numbers of 8-bit models differ among CPUs, so the words are pinned and the numbers are the comparison's.
func TestDeviateNoMoreThanNamesWhatChanged(t *testing.T) {
	g, file, root := NewWithT(t), savedEvidence(t, fixtures.LeNet5Int8), t.TempDir()
	var c *gate.Comparison
	base := DeviateNoMoreThan(file).From(seeds(30)).WithClassNames(fixtures.ClassNames()...).
		Inspecting(func(_ *engine.Report, got *gate.Comparison) { c = got })

	pruned := open(t, fixtures.LeNet5Pruned)
	worse := base.SavingTo(root)
	g.Expect(worse.Match(pruned)).To(BeFalse())
	g.Expect(c.Worse).To(BeNumerically(">", c.Better))
	message := withoutTimes(worse.FailureMessage(pruned))
	g.Expect(message).To(MatchRegexp(`^Expected pair lenet5-pruned \(lenet5, lenet5-pruned\)
to deviate no more than lenet5-int8 does in FOLDER/lenet5-int8\.json, but \d+ of 30 seeds have a trigger, where \d+ had one before: \d+ became worse and \d better\.
Accepted: no more seeds with a trigger than before\. Exact one-sided McNemar p for not being worse: 0\.\d+\.
Searched with boundary; oracle top-1; within LInf 24; random seed 0; \d+ queries in TIME\.
(\d+ quer.*\n)?
Worse \(a trigger only now\):
(  seed [0-9a-f]{16}, truly [A-Z][-/a-zA-Z ]+: trigger [0-9a-f]{16} in \S+\n)+`))
	g.Expect(message).To(MatchRegexp(`\n\nSeeds with a trigger, by true class: [A-Z][^:]* \d → \d`))
	g.Expect(message).To(MatchRegexp(`\n\nqueries to the first hit, median: [\d.]+ → [\d.]+( \(worse\))?\nL2 distance`))
	g.Expect(message).To(HaveSuffix("To run this again: go test -run '^TestDeviateNoMoreThanNamesWhatChanged$' github.com/triggerfinder/triggerfinder/matchers"))
	saved := model.Must(model.Must(report.OpenStore(root)).List("lenet5-pruned"))
	g.Expect(saved).To(HaveLen(c.Worse))
	Restarted()
	g.Expect(pruned).NotTo(ReplayCleanly(root), "what was saved deviates")

	same := open(t, fixtures.LeNet5Int8)
	g.Expect(base.Match(same)).To(BeTrue(), "the same release repeats")
	passing := base.AtMost(15)
	g.Expect(passing.Match(same)).To(BeTrue())
	g.Expect(c.Worse + c.Better).To(BeZero())
	g.Expect(withoutTimes(passing.NegatedFailureMessage(same))).To(MatchRegexp(`^Expected pair lenet5-int8 \(lenet5, lenet5-int8\)
to deviate more than lenet5-int8 does in FOLDER/lenet5-int8\.json, but (\d+) of 30 seeds have a trigger, where (\d+) had one before: 0 became worse and 0 better\.
Accepted: no more seeds with a trigger than before; in any case at most 15 seeds with one\. Exact one-sided McNemar p for not being worse: 1\.
Searched with boundary; (.*\n)+
queries to the first hit(.*\n)+
That is no proof that it is as good: it is one search from these seeds\.
To run this again: go test `))

	better := open(t, fixtures.LeNet5Planted)
	g.Expect(better).To(base)
	g.Expect(c.Better).To(BeNumerically(">", 0))
	g.Expect(base.NegatedFailureMessage(better)).To(ContainSubstring("\n\nBetter (a trigger only before):\n  seed "))
}

func TestDeviateNoMoreThanTakesReports(t *testing.T) {
	g, file := NewWithT(t), savedEvidence(t, fixtures.LeNet5Int8)
	search := func(p fixtures.Pair) (r *engine.Report) {
		t.Helper()
		_, err := DeviateNoMoreThan(file).From(seeds(30)).Inspecting(func(found *engine.Report, _ *gate.Comparison) { r = found }).Match(open(t, p))
		g.Expect(err).NotTo(HaveOccurred())
		return r
	}
	g.Expect(search(fixtures.LeNet5Int8)).To(DeviateNoMoreThan(file))
	worse, matcher := search(fixtures.LeNet5Pruned), DeviateNoMoreThan(file)
	g.Expect(matcher.Match(worse)).To(BeFalse())
	g.Expect(matcher.FailureMessage(worse)).To(MatchRegexp(`^Expected pair lenet5-pruned\nto deviate no more than lenet5-int8 does in (.*\n)+Worse \(a trigger only now\):\n`))

	partial := *worse
	partial.Status = engine.Cancelled
	for says, try := range map[string]struct {
		matcher *DeviateNoMoreThanMatcher
		report  *engine.Report
	}{
		"found one that ended early: cancelled": {DeviateNoMoreThan(file), &partial},
		"From, WithSettings,":                   {DeviateNoMoreThan(file).From(seeds(30)), worse},
		"expected an evidence file, found none": {DeviateNoMoreThan(file + ".none"), worse},
		"expects a *model.Pair":                 {DeviateNoMoreThan(file), nil},
	} {
		_, err := try.matcher.Match(try.report)
		g.Expect(err).To(MatchError(ContainSubstring(says)))
	}
}

func TestDeviateNoMoreThanKeepsToItsOptions(t *testing.T) {
	g, file := NewWithT(t), savedEvidence(t, fixtures.LeNet5Int8)
	pruned := open(t, fixtures.LeNet5Pruned)
	base := DeviateNoMoreThan(file).From(seeds(30))
	g.Expect(pruned).NotTo(base)
	g.Expect(pruned).To(base.Allowing(30))
	g.Expect(pruned).NotTo(base.Allowing(30).AtMost(2), "absolute and relative bounds combine")
	g.Expect(pruned).To(base.WithConfidence(0.999999), "not as significant as that")
	g.Expect(base.Allowing(30).Match(pruned)).To(BeTrue())
	g.Expect(pruned).NotTo(base, "the base is as it was")

	m := base.Allowing(1).WithConfidence(0.95).AtMost(1)
	g.Expect(m.Match(pruned)).To(BeFalse())
	g.Expect(m.FailureMessage(pruned)).To(ContainSubstring("Accepted: up to 1 more seed with a trigger than before, " +
		"or an increase that is not significant with a confidence of 0.95; in any case at most 1 seed with one. "))
}

func TestEvidenceIsUpdated(t *testing.T) {
	g, file := NewWithT(t), filepath.Join(t.TempDir(), "evidence", "e.json")
	int8, pruned := open(t, fixtures.LeNet5Int8), open(t, fixtures.LeNet5Pruned)
	base := DeviateNoMoreThan(file).From(seeds(60)).Within(distance.LInf(16)).WithQueriesPerSeed(20)

	_, err := base.Match(int8)
	g.Expect(err).To(MatchError("DeviateNoMoreThan: " + file + ": expected an evidence file, found none; run the test once with " +
		"TRIGGERFINDER_UPDATE_EVIDENCE=1 on a release that is good enough to make it"))
	t.Setenv(UpdateEvidenceVariable, "1")
	g.Expect(int8).To(base)
	g.Expect(base.NegatedFailureMessage(int8)).To(ContainSubstring("The evidence has just been written from this very search."))
	first := model.Must(os.ReadFile(file))

	t.Setenv(UpdateEvidenceVariable, "0")
	g.Expect(int8).To(base)
	g.Expect(pruned).NotTo(base)
	g.Expect(os.ReadFile(file)).To(Equal(first), "only told to")
	g.Expect(pruned).To(DeviateNoMoreThan(file).From(seeds(60)).UpdatingEvidence(), "with the settings of the file")
	g.Expect(pruned).To(base)
	e := model.Must(report.LoadEvidence(file))
	g.Expect(e.Pair).To(Equal("lenet5-pruned"))
	g.Expect(e.Bound).To(Equal("LInf 16"))
	g.Expect(e.Budget).To(Equal(engine.Budget{QueriesPerSeed: 20}))
	g.Expect(e.Versions).To(HaveKeyWithValue("runtime", HavePrefix("ONNX Runtime ")))
}

func TestEvidenceSettingsAreMadeFromTheirNames(t *testing.T) {
	both := model.Must(answer.MinConfidence(0.1, model.Must(answer.MinGap(0.001, model.Must(answer.TopK(2))))))
	for name, change := range map[string]func(*engine.Settings){
		"random":     func(s *engine.Settings) { s.Strategy = strategies.Random() },
		"released":   func(s *engine.Settings) { s.Strategy = strategies.TriggerFinderAsReleased() },
		"label only": func(s *engine.Settings) { s.Oracle = answer.LabelOnly() },
		"tolerance":  func(s *engine.Settings) { s.Oracle = model.Must(answer.ScoreTolerance(0.3)) },
		"severe":     func(s *engine.Settings) { s.Oracle = both },
		"several": func(s *engine.Settings) {
			s.Bound = model.Must(distance.ParseBound("linf=16,l0=600,ssim=0.3,l2=300.5"))
		},
		"aim":         func(s *engine.Settings) { s.Aim = model.Must(distance.ParseAim("l2")) },
		"random seed": func(s *engine.Settings) { s.RandomSeed = 1<<64 - 1 },
	} {
		t.Run(name, func(t *testing.T) {
			g, file := NewWithT(t), filepath.Join(t.TempDir(), "e.json")
			pair := open(t, fixtures.LeNet5Pruned)
			search := HaveDeviationFrom(seeds(10)).Within(distance.LInf(4)).WithQueriesPerSeed(15).WithoutSaving().WithSettings(change)
			_, err := search.SavingEvidence(file).Match(pair)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(pair).To(DeviateNoMoreThan(file).From(seeds(10)))
		})
	}
}

func TestDeviateNoMoreThanErrorsFailInBothDirections(t *testing.T) {
	file := savedEvidence(t, fixtures.LeNet5Int8)
	broken := filepath.Join(t.TempDir(), "broken.json")
	own := filepath.Join(t.TempDir(), "own.json")
	saturated := filepath.Join(t.TempDir(), "saturated.json")
	text := string(model.Must(os.ReadFile(file)))
	for path, content := range map[string]string{
		broken: strings.Replace(text, `"version": 3`, `"version": 7`, 1),
		own:    strings.Replace(text, `"strategy": "boundary"`, `"strategy": "mine"`, 1),
	} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	int8 := open(t, fixtures.LeNet5Int8)
	if _, err := HaveDeviationFrom(seeds(6)).WithoutSaving().SavingEvidence(saturated).Match(int8); err != nil {
		t.Fatal(err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	base := DeviateNoMoreThan(file).From(seeds(30))
	for _, test := range []struct {
		reason  string
		actual  any
		matcher *DeviateNoMoreThanMatcher
		says    string
	}{
		{"not a pair", 42, base, "DeviateNoMoreThan matcher expects a *model.Pair. Got:"},
		{"no seeds given", int8, DeviateNoMoreThan(file), `expected the seeds of the evidence, found none; write DeviateNoMoreThan("`},
		{"no file", int8, DeviateNoMoreThan(file + "x").From(seeds(30)), "TRIGGERFINDER_UPDATE_EVIDENCE=1"},
		{"a newer file", int8, DeviateNoMoreThan(broken).From(seeds(30)), broken + ": version 7: expected at most 3"},
		{"other seeds", int8, base.From(seeds(29)), "expected the 30 usable seeds of the evidence: 1 are missing"},
		{"another original", open(t, fixtures.ResCNNInt8), base, "the evidence is about another original model: expected lenet5 (SHA-256 "},
		{"another bound", int8, base.Within(distance.LInf(8)), "bound: expected LInf 24, found LInf 8"},
		{"another budget", int8, base.WithQueriesPerSeed(9), "budget: expected 30 queries and 0s a seed, 0 to close in, found 9 queries"},
		{"a strategy of one's own", int8, DeviateNoMoreThan(own).From(seeds(30)), `the strategy of the evidence, "mine", cannot be made from its name; give it with WithSettings`},
		{"a negative tolerance", int8, base.Allowing(-1), "tolerance is -1"},
		{"a confidence of 95", int8, base.WithConfidence(95), "confidence is 95"},
		{"evidence that nothing can exceed", int8, DeviateNoMoreThan(saturated).From(seeds(6)), "each of the 6 seeds has a trigger in the evidence already"},
		{"a limit of the whole search that is met", int8, base.WithSettings(func(s *engine.Settings) { s.Budget.Queries = 400 }), "ended early (query-limit)"},
		{"a cancelled search", int8, base.WithContext(cancelled), "cancelled after 0 queries"},
	} {
		t.Run(test.reason, func(t *testing.T) {
			_ = errsBothWays(t, test.actual, test.matcher, regexp.QuoteMeta(test.says))
		})
	}
	g := NewWithT(t)
	g.Expect(int8).To(base.From(seeds(20)).OnCommonSeeds().Allowing(3))
	_, err := HaveDeviationFrom(seeds(30)).WithoutSaving().StoppingAfter(1).SavingEvidence(file).Match(int8)
	g.Expect(err).To(MatchError(ContainSubstring("ended early (enough-triggers)")))
	_, err = HaveDeviationFrom(seeds(3)).SavingEvidence("").Match(int8)
	g.Expect(err).To(MatchError(ContainSubstring("expected the name of a file")))
}

func TestEvidenceOfAnotherRevisionOfTheSearch(t *testing.T) {
	g := NewWithT(t)
	file := filepath.Join(t.TempDir(), "evidence.json")
	int8 := open(t, fixtures.LeNet5Int8)
	base := DeviateNoMoreThan(file).From(seeds(20)).Within(distance.LInf(8)).WithQueriesPerSeed(5)
	t.Setenv(UpdateEvidenceVariable, "1")
	g.Expect(int8).To(base)
	t.Setenv(UpdateEvidenceVariable, "0")
	g.Expect(int8).To(base)
	g.Expect(base.NegatedFailureMessage(int8)).NotTo(ContainSubstring("another revision"))

	e := model.Must(report.LoadEvidence(file))
	delete(e.Versions, gate.SearchVersion) // as evidence of 0.1.0
	g.Expect(report.SaveEvidence(file, e)).To(Succeed())
	g.Expect(int8).To(base)
	g.Expect(base.NegatedFailureMessage(int8)).To(ContainSubstring("The evidence is from another revision of the search: none noted; this is"))
}
