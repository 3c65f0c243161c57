package matchers_test

import (
	"errors"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/generators"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
)

func TestARateThatWasMeasuredElsewhere(t *testing.T) {
	g := NewWithT(t)
	d := generators.Corrupted(fixtures.Seeds())
	measured := func(p fixtures.Pair, s gate.RateSettings) *gate.Rate {
		return model.Must(gate.MeasureRate(t.Context(), open(t, p), d, s))
	}
	var checks told
	below := HaveDeviationRateBelow(0.05).WithClassNames(fixtures.ClassNames()...).RecordedIn(&checks)
	g.Expect(measured(fixtures.LeNet5Int8, gate.RateSettings{Limit: 0.05, Draws: 1000})).To(below)
	g.Expect(below.NegatedFailureMessage(nil)).To(HavePrefix("Expected pair lenet5-int8\nnot to have a deviation rate below 5 %, but it is at most "))
	student := measured(fixtures.LeNet5Student, gate.RateSettings{Limit: 0.05, Draws: 1000})
	g.Expect(student).NotTo(below)
	// The message is that about the pair itself, but for how it is called.
	here := HaveDeviationRateBelow(0.05).WithClassNames(fixtures.ClassNames()...).Under(d).WithBudget(1000)
	pair := open(t, fixtures.LeNet5Student)
	g.Expect(pair).NotTo(here)
	g.Expect(below.FailureMessage(nil)[len("Expected pair lenet5-student"):]).To(Equal(here.FailureMessage(nil)[len("Expected pair lenet5-student (lenet5, lenet5-student)"):]))
	g.Expect(below.FailureMessage(nil)).To(ContainSubstring("truly " + fixtures.ClassNames()[2]))
	g.Expect(checks).To(HaveLen(2))
	g.Expect(checks[1].Pair).To(Equal("lenet5-student"))
	g.Expect(checks[1].Sentence).To(HavePrefix("Expected lenet5-student to have a deviation rate below 5 % under 500 seeds"))
	g.Expect(checks[1].Name).To(Equal("deviation rate below 5 % (top-1)"))
	g.Expect(checks[1].Evidence.Rate).To(Equal(student))

	undecided := measured(fixtures.LeNet5Int8, gate.RateSettings{Limit: 0.005, Draws: 800})
	_, err := HaveDeviationRateBelow(0.005).Match(undecided)
	g.Expect(errors.Is(err, gate.ErrUndecided)).To(BeTrue(), "%v", err)
	for says, matcher := range map[string]*HaveDeviationRateMatcher{
		"measured against this limit, 1 %, found 5 %":             HaveDeviationRateBelow(0.01),
		"with a confidence of 99 %, found 95 %":                   HaveDeviationRateBelow(0.05).WithConfidence(0.99),
		"about draws to be made, found one for a rate":            HaveDeviationRateBelow(0.05).Under(d),
		"about draws to be made":                                  HaveDeviationRateBelow(0.05).WithinTime(time.Second),
		"SavingTo are about draws":                                HaveDeviationRateBelow(0.05).SavingTo(t.TempDir()),
		"judged by oracle top-5, found top-1":                     HaveDeviationRateBelow(0.05).JudgedBy(model.Must(answer.TopK(5))),
		"HaveDeviationRateBelow(5): expected a share above 0 and": HaveDeviationRateBelow(5),
	} {
		_, err := matcher.Match(student)
		g.Expect(err).To(MatchError(ContainSubstring(says)))
	}
}

func TestFlipsThatWereCountedElsewhere(t *testing.T) {
	g := NewWithT(t)
	seeds := changedSeeds(500)
	pair := open(t, fixtures.LeNet5Student)
	flips := model.Must(gate.MeasureFlips(t.Context(), pair, seeds, gate.FlipSettings{}))
	var checks told
	matcher := HaveNegativeFlipRateBelow(0.02).PerClass(0.5).WithClassNames(fixtures.ClassNames()...).RecordedIn(&checks)
	g.Expect(flips).NotTo(matcher)
	here := HaveNegativeFlipRateBelow(0.02).PerClass(0.5).WithClassNames(fixtures.ClassNames()...).On(seeds)
	g.Expect(pair).NotTo(here)
	g.Expect(matcher.FailureMessage(nil)[len("Expected pair lenet5-student"):]).To(Equal(here.FailureMessage(nil)[len("Expected pair lenet5-student (lenet5, lenet5-student)"):]))
	g.Expect(checks[0].Pair).To(Equal("lenet5-student"))
	g.Expect(checks[0].Evidence.Flips).To(Equal(flips))
	g.Expect(flips).To(HaveNegativeFlipRateBelow(0.2))
	for says, matcher := range map[string]*HaveNegativeFlipRateMatcher{
		"bounds of a confidence of 99 %, found 95 %":                 HaveNegativeFlipRateBelow(0.02).WithConfidence(0.99),
		"about seeds to be evaluated":                                HaveNegativeFlipRateBelow(0.02).On(seeds),
		"expected 10, one a class of the models, found 2":            HaveNegativeFlipRateBelow(0.02).WithClassNames("a", "b"),
		"HaveNegativeFlipRateBelow(5): expected a share above 0 and": HaveNegativeFlipRateBelow(5),
	} {
		_, err := matcher.Match(flips)
		g.Expect(err).To(MatchError(ContainSubstring(says)))
	}
}
