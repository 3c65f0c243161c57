// Package specs ties matchers of package matchers to Ginkgo suites: progress, cancellation, report entries, table entries,
// artifacts, labels and parallel processes.
//
// A search takes longer than most specs, so you want to see how far it is and to be able
// to interrupt it:
//
//	It("agrees with the original", specs.LabelOf("lenet5-int8"), func(ctx SpecContext) {
//		Expect(pair).NotTo(specs.Tracked(ctx, HaveDeviationFrom(seeds)))
//	}, SpecTimeout(time.Minute))
//
// [Tracked] is for a search, [Compared] for a comparison with the last release, [Replayed] for saved triggers. [EntriesByClass] and
// [EntriesBySlice] make a spec for each class or slice of the seeds. [KeepingArtifacts] keeps what a failed spec
// found. [Writing] writes the report of a release when the suite is over.
//
// Parallel processes (ginkgo -p) may search the same pair and save in the same folder. [Sharded] splits one search
// among them.
package specs
