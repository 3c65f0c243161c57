package matchers_test

import (
	"context"
	"errors"
	"regexp"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

func corrupted() input.Distribution {
	return generators.Corrupted(fixtures.Seeds()).WithSeverity(generators.Between(0.1, 0.6))
}

const inDistribution = "drawn from 500 seeds x those of 17 corruptions that fit x severity 0.1..0.6; oracle top-1; random seed 1; "

func TestHaveDeviationRateBelowFailsWithDraws(t *testing.T) {
	g, root := NewWithT(t), t.TempDir()
	matcher := HaveDeviationRateBelow(0.05).Under(corrupted()).WithRandomSeed(1).WithConfidence(0.95).
		WithClassNames(fixtures.ClassNames()...).WithBudget(5000).SavingTo(root)
	pair := open(t, fixtures.LeNet5Student)
	matched, err := matcher.Match(pair)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(matched).To(BeFalse())
	message := matcher.FailureMessage(pair)
	g.Expect(message).To(HavePrefix("Expected pair lenet5-student (lenet5, lenet5-student)\n" +
		"to have a deviation rate below 5 %, but it is at least 5.89 %, with a confidence of 95 %.\n" +
		"5 of 19 draws deviate; " + inDistribution + "at most 5000 draws.\n\n" +
		"  1. draw 7: seed 180 (fashion-seeds-images.idx3-ubyte.gz[180]), truly T-shirt/top, with translation at severity 0.357:\n" +
		"     original says T-shirt/top (0.77), compressed says Dress (0.63); the original is right\n" +
		"     distance to the seed: SSIM 0.22, L2 1245, L-infinity 186, 480 values changed\n     "))
	g.Expect(message).To(HaveSuffix("\n\n  … and 2 more.\n\n" +
		"To run this again: go test -run '^TestHaveDeviationRateBelowFailsWithDraws$' github.com/triggerfinder/triggerfinder/matchers"))

	saved, err := model.Must(report.OpenStore(root)).List("lenet5-student")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(saved).To(HaveLen(3))
	for _, s := range saved {
		g.Expect(message).To(ContainSubstring(s.Dir))
		g.Expect(s.Trigger.History).To(HaveLen(1))
	}
	Restarted()
	g.Expect(pair).NotTo(ReplayCleanly(root))
}

func TestHaveDeviationRateBelowPassesBelow(t *testing.T) {
	g := NewWithT(t)
	matcher := HaveDeviationRateBelow(0.05).Under(corrupted()).WithRandomSeed(1).WithBudget(5000)
	pair := open(t, fixtures.LeNet5Int8)
	g.Expect(pair).To(matcher)
	g.Expect(matcher.NegatedFailureMessage(pair)).To(Equal("Expected pair lenet5-int8 (lenet5, lenet5-int8)\n" +
		"not to have a deviation rate below 5 %, but it is at most 4.98 %, with a confidence of 95 %.\n" +
		"0 of 74 draws deviate; " + inDistribution + "at most 5000 draws.\n\n" +
		"That is about inputs of this distribution, and no proof that the models agree on others.\n" +
		"To run this again: go test -run '^TestHaveDeviationRateBelowPassesBelow$' github.com/triggerfinder/triggerfinder/matchers"))
}

func TestUndecidedRateIsAnErrorInBothDirections(t *testing.T) {
	pair := open(t, fixtures.LeNet5Student)
	base := HaveDeviationRateBelow(0.09).Under(corrupted()).WithRandomSeed(1)
	for _, test := range []struct {
		matcher *HaveDeviationRateMatcher
		says    string
	}{
		{base.WithBudget(500), "HaveDeviationRateBelow: undecided: after all 500 draws, 52 of which deviate, the deviation rate of pair lenet5-student (lenet5, lenet5-student) " +
			"is at least 6.58 % and at most 15.2 %, each with a confidence of 95 %, and may or may not be below 9 %.\n" +
			"At this rate a decision probably takes about 5395 draws; now it has at most 500.\n" +
			"52 of 500 draws deviate; " + inDistribution + "at most 500 draws."},
		{base.WithFixedDraws(500), "At this rate a decision probably takes about 1232 draws; now it has at most 500.\n" +
			"52 of 500 draws deviate; " + inDistribution + "500 draws fixed beforehand."},
		{HaveDeviationRateBelow(0.104).Under(corrupted()).WithRandomSeed(1).WithBudget(500), "At this rate it takes more than a billion draws to decide: it is next to the limit."},
		{base.WithinTime(1), "after 0 of at most"},
		{base.WithinTime(1), "Nothing was drawn: give it more time."},
	} {
		if err := errsBothWays(t, pair, test.matcher, regexp.QuoteMeta(test.says)); !errors.Is(err, gate.ErrUndecided) {
			t.Errorf("error %v; expected gate.ErrUndecided", err)
		}
	}
}

func TestRateMatcherErrors(t *testing.T) {
	lenet := open(t, fixtures.LeNet5Int8)
	stopped, stop := context.WithCancel(t.Context())
	stop()
	var noContext context.Context
	good := HaveDeviationRateBelow(0.05).Under(corrupted())
	for _, test := range []struct {
		reason  string
		actual  any
		matcher *HaveDeviationRateMatcher
		says    string
	}{
		{"not a pair", 42, good, "HaveDeviationRateBelow matcher expects a *model.Pair. Got:"},
		{"no distribution", lenet, HaveDeviationRateBelow(0.05), "expected a distribution, as in HaveDeviationRateBelow(0.01).Under("},
		{"a limit in percent", lenet, HaveDeviationRateBelow(5).Under(corrupted()), "HaveDeviationRateBelow(5): expected a share above 0 and below 1; did you mean 0.05?"},
		{"a confidence in percent", lenet, good.WithConfidence(95), "WithConfidence(95): expected a share above 0 and below 1; did you mean 0.95?"},
		{"no confidence", lenet, good.WithConfidence(0), "WithConfidence(0)"},
		{"no oracle", lenet, good.JudgedBy(nil), "JudgedBy(nil)"},
		{"a confidence beyond 1", lenet, good.MinConfidence(90), "MinConfidence: p is 90"},
		{"no draws", lenet, good.WithBudget(0), "WithBudget(0): expected at least 1 draw"},
		{"no fixed draws", lenet, good.WithFixedDraws(-1), "WithFixedDraws(-1)"},
		{"no time", lenet, good.WithinTime(-time.Second), "WithinTime(-1s): expected more than 0"},
		{"a small budget", lenet, good.WithBudget(20), "budget of 20 draws: to show a rate below 0.05 with a confidence of 0.95 takes at least 74"},
		{"no context", lenet, good.WithContext(noContext), "WithContext(nil)"},
		{"cancelled", lenet, good.WithContext(stopped), "cancelled after 0 of at most"},
		{"the same file twice", open(t, fixtures.LeNet5Itself), good, "original and compressed are the same model"},
		{"a wrong option of the distribution", lenet, HaveDeviationRateBelow(0.05).Under(generators.Corrupted(fixtures.Seeds()).Only("fog")), `corruption "fog": expected one of`},
	} {
		t.Run(test.reason, func(t *testing.T) {
			_ = errsBothWays(t, test.actual, test.matcher, regexp.QuoteMeta(test.says))
		})
	}
}

func TestRateOptionsReachTheGate(t *testing.T) {
	g := NewWithT(t)
	var got *gate.Rate
	base := HaveDeviationRateBelow(0.05).Under(corrupted()).Inspecting(func(r *gate.Rate) { got = r })
	changed := base.JudgedBy(model.Must(answer.TopK(2))).MinConfidence(0.3).WithConfidence(0.99).WithFixedDraws(150).WithRandomSeed(7)
	pair := open(t, fixtures.LeNet5Int8)
	g.Expect(pair).To(changed)
	g.Expect(got.Oracle).To(Equal("top-2 with the original at least 0.3 confident"))
	g.Expect(got.Confidence).To(Equal(0.99))
	g.Expect(got.RandomSeed).To(BeEquivalentTo(7))
	g.Expect(got.Drawn).To(Equal(150))
	g.Expect(got.Method).To(Equal(gate.ClopperPearson))

	g.Expect(pair).To(base, "the base is as it was")
	g.Expect(got.Oracle).To(Equal("top-1"))
	want := DefaultDraws
	if testing.Short() {
		want = ShortDraws
	}
	g.Expect(got.Budget).To(Equal(want))

	// The default budget can show any limit.
	_, _ = HaveDeviationRateBelow(0.0005).Under(corrupted()).WithinTime(1).Inspecting(func(r *gate.Rate) { got = r }).Match(pair)
	least, _ := gate.LeastDraws(0.0005, 0.95, false)
	g.Expect(got.Budget).To(Equal(max(want, 2*least)))

	draws := 0
	failed := false
	NewGomega(func(string, ...int) { failed = true }).Eventually(pair).ShouldNot(base.Inspecting(func(*gate.Rate) { draws++ }))
	g.Expect(failed).To(BeTrue())
	g.Expect(draws).To(Equal(1), "Eventually does not draw again")
}
