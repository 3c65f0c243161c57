package matchers_test

import (
	"errors"
	"fmt"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	. "github.com/triggerfinder/triggerfinder/matchers"
)

// mostlyDamaged cannot read any but every tenth seed.
type mostlyDamaged struct{ input.Seeds }

func (m mostlyDamaged) Seed(i int) (input.Seed, error) {
	if i%10 != 0 {
		return input.Seed{}, fmt.Errorf("file-%d.png: damaged", i)
	}
	return m.Seeds.Seed(i)
}

func TestPassesThatUsedFewOfTheirSeedsAreErrors(t *testing.T) {
	g := NewWithT(t)
	pair := open(t, fixtures.LeNet5Int8)
	seeds := mostlyDamaged{generators.First(fixtures.Seeds(), 30)}
	search := HaveDeviationFrom(seeds).Within(distance.LInf(1)).WithQueriesPerSeed(20).WithoutSaving()

	const says = "too many seeds skipped: 27 of 30 (90 %), where at most 10 % may be, unless SkippedAtMost accepts more; 27 because: file-1.png: damaged"
	for name, matcher := range map[string]interface{ Match(any) (bool, error) }{
		"HaveDeviationFrom":         search,
		"HaveAtMost":                HaveAtMost(3).DistinctDeviationsFoundBy(search),
		"DeviateNoMoreThan":         DeviateNoMoreThan(t.TempDir() + "/e.json").From(seeds).Within(distance.LInf(1)).WithQueriesPerSeed(20).UpdatingEvidence(),
		"HaveNegativeFlipRateBelow": HaveNegativeFlipRateBelow(0.9).On(seeds),
	} {
		_, err := matcher.Match(pair)
		g.Expect(err).To(MatchError(engine.ErrTooManySkipped), name)
		g.Expect(err).To(MatchError(ContainSubstring(says)), name)
	}

	// What is accepted passes, and says so.
	var checks []gate.Check
	lenient := search.SkippedAtMost(0.9).RecordedIn(recorder(func(c gate.Check) { checks = append(checks, c) }))
	g.Expect(pair).NotTo(lenient)
	g.Expect(lenient.FailureMessage(pair)).To(ContainSubstring("\n27 of 30 seeds were skipped because: file-1.png: damaged."))
	g.Expect(checks[0].Numbers).To(ContainElement(gate.Number{Name: "skipped seeds", Value: 27, Unit: "of 30 seeds"}))
	g.Expect(pair).To(HaveNegativeFlipRateBelow(0.9).On(seeds).SkippedAtMost(1))

	for _, misuse := range []struct {
		share float64
		says  string
	}{{-0.1, "SkippedAtMost(-0.1): expected a share from 0 to 1"}, {25, "SkippedAtMost(25): expected a share from 0 to 1, such as 0.25; did you mean 0.25?"}} {
		for _, matcher := range []interface{ Match(any) (bool, error) }{
			search.SkippedAtMost(misuse.share), HaveNegativeFlipRateBelow(0.9).On(seeds).SkippedAtMost(misuse.share),
			DeviateNoMoreThan("x").From(seeds).SkippedAtMost(misuse.share),
		} {
			_, err := matcher.Match(pair)
			g.Expect(err).To(MatchError(ContainSubstring(misuse.says)))
		}
	}
	_, err := HaveDeviationFrom(mostlyDamaged{generators.First(fixtures.Seeds(), 2)}).WithoutSaving().SkippedAtMost(0).Match(pair)
	g.Expect(errors.Is(err, engine.ErrTooManySkipped)).To(BeTrue(), "%v", err)
}

func TestBoundsThatHoldTheSeedAloneAreErrorsInBothDirections(t *testing.T) {
	g := NewWithT(t)
	pair := open(t, fixtures.LeNet5Pruned)
	search := HaveDeviationFrom(generators.First(fixtures.Seeds(), 5)).Within(distance.LInf(0.03)).WithoutSaving()
	_, err := search.Match(pair)
	g.Expect(err).To(MatchError(distance.ErrNoRoom))
	g.Expect(err).To(MatchError(ContainSubstring("Bounds are in raw units of the input's domain, here 0..255 step 1: the smallest useful one is LInf 1; 0.03 of the range is LInf 7.65")))
}

type recorder func(gate.Check)

func (r recorder) Check(c gate.Check) { r(c) }
