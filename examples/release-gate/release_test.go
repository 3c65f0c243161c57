package releasegate

import (
	"cmp"
	"os"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/matchers/specs"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report/dossier"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

// The document of the release is written when the suite is over, of one process or of several. Its checks are the specs with the
// label: a run that leaves out some of them, with -short or a filter, is partial, says so, and does not take the place of
// the report of a full one.
var (
	release = dossier.New(product+" 2.1", dossier.Options{
		ClassNames: classNames,
		Settings:   map[string]string{"candidate": candidateName(), "seeds": "the first 100 of package fixtures"},
		Versions:   map[string]string{"data set": "Fashion-MNIST"},
		Replay:     "CANDIDATE=" + candidateName() + " go test ./examples/release-gate",
	})
	_ = specs.Writing(release, cmp.Or(os.Getenv("RELEASE_REPORT"), "release-report"), "release")
)

// The checks are Ordered, since they share a pair; and they go on after a failure, so that the dossier shows all there is to say
// about a candidate.
var _ = Describe("The release", Ordered, ContinueOnFailure, Label("release"), specs.LabelOf(product), func() {
	var pair *model.Pair

	BeforeAll(func() { pair = open(candidate()) })

	// Severe: the score of the original's own answer changes by 0.4 or more. Without such a bound, a search
	// finds a deviation for nearly every seed of every compressed model, at the edge between two classes. "Nothing found"
	// only says something of a search that finds what is there: here, noise of 20 % in the weights.
	It("has no severe deviation", func(ctx SpecContext) {
		Expect(pair).NotTo(specs.Tracked(ctx, HaveDeviationFrom(seeds).
			MinGap(0.4).WithQueriesPerSeed(100).
			WithCanary(onnx.PerturbedFS(fixtures.Models, candidate().Original, scale), 0.2).WithPowerAtLeast(0.9).
			WithClassNames(classNames...).
			WithoutReplay(). // a check of its own, below
			SavingTo(triggers).SavingAtMost(3).
			RecordedIn(release)))
	}, SpecTimeout(2*time.Minute))

	// Smaller deviations are accepted, but only so many kinds of them. The noise floor tells which come from a
	// setting of the runtime rather than from the compression.
	It("deviates in few ways", func(ctx SpecContext) {
		variants := model.Try(onnx.OpenVariantsFS(fixtures.Models, candidate().Original, candidate().Compressed, scale)).OrFail(GinkgoTB())
		DeferCleanup(variants.Close)
		Expect(pair).To(HaveAtMost(25).DistinctDeviationsFoundBy(specs.Tracked(ctx, HaveDeviationFrom(seeds).
			MinGap(0.15).WithQueriesPerSeed(100).
			WithNoiseFloor(variants).
			WithClassNames(classNames...).
			WithoutReplay().WithoutSaving())).
			RecordedIn(release))
	}, SpecTimeout(2*time.Minute))

	// How often, rather than whether: on photos that are blurred, dark, turned and so on, fewer than 2 in 100.
	It("rarely deviates on worse photos", func(ctx SpecContext) {
		Expect(pair).To(HaveDeviationRateBelow(0.02).Under(generators.Corrupted(seeds)).WithConfidence(0.95).
			WithClassNames(classNames...).WithContext(ctx).RecordedIn(release))
	}, SpecTimeout(2*time.Minute))

	// An average may hide one bad class. Of ten sentences that are each right with 95 %, one is wrong in up to 40 % of all
	// runs; so each has to be right with 99.5 %, and all are with 95 % (Bonferroni).
	DescribeTable("rarely deviates on worse photos of", Label("classes"), func(ctx SpecContext, ofClass input.Seeds) {
		if testing.Short() {
			Skip("each class by itself: not with -short")
		}
		Expect(pair).To(HaveDeviationRateBelow(0.10).Under(generators.Corrupted(ofClass)).WithConfidence(0.995).
			WithClassNames(classNames...).WithContext(ctx).RecordedIn(release.For(CurrentSpecReport().LeafNodeText)))
	}, specs.EntriesByClass(fixtures.Seeds(), classNames...))

	// What users notice most: what used to be right becomes wrong. A class has fewer photos than all have, and so
	// needs a looser limit.
	It("keeps right what was right", func(ctx SpecContext) {
		Expect(pair).To(HaveNegativeFlipRateBelow(0.01).On(testSet()).PerClass(0.05).WithConfidence(0.95).
			WithClassNames(classNames...).WithContext(ctx).RecordedIn(release))
	}, SpecTimeout(time.Minute))

	// The bound and the budget are those with which the evidence is made, on the day of a release:
	//
	//	TRIGGERFINDER_UPDATE_EVIDENCE=1 go test ./examples/release-gate --ginkgo.label-filter=evidence
	It("is not worse than the last release", Label("evidence"), func(ctx SpecContext) {
		Expect(pair).To(specs.Compared(ctx, DeviateNoMoreThan(evidence).From(seeds).
			Within(distance.LInf(8)).WithQueriesPerSeed(100).
			WithClassNames(classNames...).
			RecordedIn(release)))
	}, SpecTimeout(2*time.Minute))

	// Triggers of candidates that were refused, and one that is accepted until a given day.
	It("does not repeat known deviations", func(ctx SpecContext) {
		Expect(pair).To(specs.Replayed(ctx, ReplayCleanly(triggers).WithWaivers(waivers).
			AsOf(releaseDay). // only so that this example passes next year too; leave it out
			WithClassNames(classNames...).RecordedIn(release)))
	}, SpecTimeout(time.Minute))
})
