// Package matchers holds Gomega matchers for an original model and its compressed version: they search for inputs on
// which the two deviate, and gate a release by how many, how often, how severely, or how much more than before.
//
//	func TestCompressedModelAgrees(t *testing.T) {
//		g := NewWithT(t)
//		pair := model.Must(onnx.OpenPair("model.onnx", "model-int8.onnx", onnx.Scale(1.0/255)))
//		defer pair.Close()
//		g.Expect(pair).NotTo(HaveDeviationFrom(seeds))
//	}
//
// What they expect:
//
//   - [HaveDeviationFrom] seeds: a search finds an input on which they deviate
//   - [ReplayCleanly]: no saved trigger deviates any longer
//   - [HaveAtMost] n DistinctDeviationsFrom seeds: a search finds no more different deviations
//   - [HaveDeviationRateBelow] a share of the inputs under a distribution
//   - [HaveNegativeFlipRateBelow] a share of labelled inputs
//   - [DeviateNoMoreThan] an earlier release, whose evidence is in a file
//   - [Recorder]: keeps what matchers find, for the document of a release
//
// # The matchers
//
// [HaveDeviationFrom] searches from seeds for an input on which the models deviate:
//
//	Expect(pair).NotTo(HaveDeviationFrom(seeds).Within(distance.LInf(8)).MinGap(0.3))
//
// [ReplayCleanly] runs saved triggers again, and passes when none deviates any longer but those that a waiver accepts:
//
//	Expect(pair).To(ReplayCleanly("testdata/triggers").WithWaivers("testdata/waivers.json"))
//
// [HaveAtMost] counts the different deviations that a search finds, where it finds a trigger from nearly every seed:
//
//	Expect(pair).To(HaveAtMost(3).DistinctDeviationsFrom(seeds))
//
// [HaveDeviationRateBelow] draws inputs from a distribution until it is shown that the models deviate on less than
// a share of them, or that they do not:
//
//	Expect(pair).To(HaveDeviationRateBelow(0.01).Under(generators.Corrupted(seeds)).WithConfidence(0.95))
//
// [HaveNegativeFlipRateBelow] evaluates labelled inputs as they are, and bounds how often the original is right and the
// compressed model wrong:
//
//	Expect(pair).To(HaveNegativeFlipRateBelow(0.01).On(testSet).PerClass(0.05))
//
// [DeviateNoMoreThan] makes the search of an earlier release again, and passes when the pair is not worse:
//
//	Expect(pair).To(DeviateNoMoreThan("testdata/evidence/lenet5-int8.json").From(seeds))
//
// # Options
//
// Options read as a sentence and return changed copies, so that a common start can be shared:
//
//	Expect(pair).NotTo(HaveDeviationFrom(seeds).
//		Within(distance.LInf(8)).        // look near the seeds only
//		MinConfidence(0.9).            // count only answers the original is sure of
//		WithQueriesPerSeed(500).
//		WithRandomSeed(7))
//
// An option that several matchers have is listed as one that returns a *Matcher: that is the matcher which has it. Their order
// says nothing. Of an option that is given twice the latter counts; two of which one alone can be meant, such as
// WithBudget and WithQueriesPerSeed, are an error. WithSettings sees what the others have set, but for MinConfidence, MinGap,
// ClosingIn and WithinTime, which add to what it leaves.
//
// What a search is worth is measured beside it: WithCanary runs it against a copy of the original with a known
// change, WithPowerAtLeast demands that it finds that, and WithNoiseFloor tells triggers of the compression from those of
// the runtime's settings. RecordedIn collects what matchers find in a *dossier.Dossier, the document of a release.
//
// # What is left behind
//
// The triggers are saved in testdata/triggers, in a folder for the pair, with pictures; see package report.
// Commit them, as one commits testdata/fuzz: the next run replays them before it searches. This run does not, whatever
// the order of its specs: only triggers that were saved before the process began are replayed. Beside them
// lies a report of the search, which need not be committed. The environment variable TRIGGERFINDER_TRIGGERS
// moves the folder.
//
// # What a pass means
//
// That nothing was found from these seeds with this budget, or that a rate is bounded with a confidence under one
// distribution; never that the models agree. What could not be carried out or decided is an error, which fails To and
// NotTo alike: the same model twice, no usable seeds, scores constant or NaN for all, a budget that ended before every seed
// had its minimum of queries or before a rate was decided, a search weaker than was asked for, evidence of another search, a
// waiver that has expired, a cancelled search without a trigger.
//
// # Where it runs
//
// In plain tests with NewWithT(t), and in Ginkgo, also with ginkgo -p; package specs adds progress, cancellation, report
// entries and shards to Ginkgo's specs. go test -v shows a line of progress every two seconds, and go test -short searches
// with a smaller budget. InShardOfEnvironment splits a search among the processes of Bazel or of a Kubernetes Job.
package matchers
