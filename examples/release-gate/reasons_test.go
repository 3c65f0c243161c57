package releasegate

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

// One spec for each reason for which the gate refuses a candidate. A suite of yours does not have these: here they show
// what it would say. go test -v ./examples/release-gate --ginkgo.v prints the whole messages.
var _ = Describe("A release is refused for", Label("reasons"), func() {
	var (
		good    = fixtures.LeNet5Int8
		pruned  = fixtures.LeNet5Pruned  // 85 % of its weights are zero
		student = fixtures.LeNet5Student // a much smaller network
	)

	// search is that of the release, which writes nothing here.
	search := func() *HaveDeviationMatcher {
		return HaveDeviationFrom(seeds).MinGap(0.4).WithQueriesPerSeed(100).
			WithClassNames(classNames...).WithoutReplay().WithoutSaving()
	}

	Describe("what it does:", func() {
		It("a severe deviation", func() {
			Expect(refusal(func() {
				Expect(open(pruned)).NotTo(search())
			})).To(ContainSubstring("not to have a deviation, but 100 of 100 seeds have one"))
		})

		It("too many different deviations", func() {
			Expect(refusal(func() {
				Expect(open(pruned)).To(HaveAtMost(25).DistinctDeviationsFoundBy(search()))
			})).To(ContainSubstring("to have at most 25 distinct deviations, but "))
		})

		It("a rate that is not below its limit", func() {
			Expect(refusal(func() {
				Expect(open(pruned)).To(HaveDeviationRateBelow(0.02).Under(generators.Corrupted(seeds)))
			})).To(MatchRegexp(`deviation rate below 2 %, but it is at least [\d.]+ %, with a confidence of 95 %`))
		})

		It("one class in which too much becomes wrong, where all together are fine", func() {
			const shirt = 6
			Expect(refusal(func() {
				Expect(open(student)).To(HaveNegativeFlipRateBelow(0.10).On(testSet()).ForClass(shirt, 0.03).WithClassNames(classNames...))
			})).To(And(
				ContainSubstring("not every class is within its limit"),
				MatchRegexp(`Shirt: \d+ of \d+ seeds, at least [\d.]+ %; its limit is 3 %`),
			))
		})

		It("more deviations than the last release had", func() {
			Expect(refusal(func() {
				Expect(open(student)).To(DeviateNoMoreThan(evidence).From(seeds))
			})).To(MatchRegexp(`to deviate no more than lenet5-dynamic does .*: \d+ became worse`))
		})

		It("a known deviation that came back", func() {
			Expect(refusal(func() {
				Expect(open(student)).To(ReplayCleanly(triggers))
			})).To(ContainSubstring("to replay cleanly, but 2 of 3 saved triggers"))
		})
	})

	// These fail the assertion whichever way it is put, To or NotTo: nothing was shown.
	Describe("what cannot be told:", func() {
		It("a rate next to its limit", func() {
			Expect(refusal(func() {
				Expect(open(pruned)).To(HaveDeviationRateBelow(0.12).Under(generators.Corrupted(seeds)).WithBudget(400))
			})).To(And(ContainSubstring("undecided"), ContainSubstring("may or may not be below 12 %"),
				MatchRegexp(`a decision probably takes about \d+ draws`)))
		})

		It("a search too weak to find a change that is there", func() {
			changed := onnx.PerturbedFS(fixtures.Models, good.Original, scale)
			Expect(refusal(func() {
				Expect(open(good)).NotTo(search().WithCanary(changed, 0.03).WithPowerAtLeast(0.9))
			})).To(ContainSubstring("nothing was found in pair clothes, but that cannot be relied on: search too weak"))
		})

		It("the original, released by mistake", func() {
			Expect(refusal(func() {
				Expect(open(fixtures.LeNet5Itself)).NotTo(search())
			})).To(ContainSubstring("the same model"))
		})

		It("a search that was interrupted", func() {
			interrupted, stop := context.WithCancel(context.Background())
			Expect(refusal(func() {
				Expect(open(good)).NotTo(search().WithContext(interrupted).
					ReportingProgressTo(func(engine.Progress) { stop() }))
			})).To(ContainSubstring("cancelled"))
		})

		It("saved triggers that are not where they should be", func() {
			Expect(refusal(func() {
				Expect(open(good)).To(ReplayCleanly(GinkgoT().TempDir()))
			})).To(ContainSubstring("expected saved triggers of pair clothes, found none"))
		})

		It("evidence about other seeds", func() {
			Expect(refusal(func() {
				Expect(open(good)).To(DeviateNoMoreThan(evidence).From(generators.First(fixtures.Seeds(), 90)))
			})).To(ContainSubstring("not comparable"))
		})
	})

	Describe("a waiver that", func() {
		It("has expired", func() {
			Expect(refusal(func() {
				Expect(open(good)).To(ReplayCleanly(triggers).WithWaivers(waivers).AsOf(releaseDay.AddDate(1, 0, 0)))
			})).To(ContainSubstring("owner Ada): expired on 2027-06-30; fix what it accepts, or renew it"))
		})

		It("nothing needs any more", func() {
			Expect(refusal(func() {
				Expect(open(fixtures.LeNet5Dynamic)).To(ReplayCleanly(triggers).WithWaivers(waivers).AsOf(releaseDay))
			})).To(ContainSubstring("unused: the trigger no longer deviates; delete the waiver"))
		})
	})
})

// refusal is how an assertion fails.
func refusal(assertion func()) string {
	GinkgoHelper()
	failures := InterceptGomegaFailures(assertion)
	Expect(failures).To(HaveLen(1))
	GinkgoWriter.Println(failures[0])
	return failures[0]
}

var releaseDay = time.Date(2026, time.December, 1, 12, 0, 0, 0, time.UTC)
