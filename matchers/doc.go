// Package matchers holds Gomega matchers for an original model and its compressed version. They search for inputs on
// which the two deviate, and decide about a release by how many there are, how often, how severe, and how many more than before.
//
//	func TestCompressedModelAgrees(t *testing.T) {
//		g := NewWithT(t)
//		pair := model.Try(onnx.OpenPair("model.onnx", "model-int8.onnx", onnx.Scale(1.0/255))).OrFail(t)
//		defer pair.Close()
//		g.Expect(pair).NotTo(HaveDeviationFrom(seeds))
//	}
//
// What you can expect of a pair:
//
//	NotTo(HaveDeviationFrom(seeds).MinGap(0.3))                   // a search finds no input on which the models deviate
//	To(ReplayCleanly("testdata/triggers"))                        // no saved trigger deviates any longer
//	To(HaveAtMost(3).DistinctDeviationsFrom(seeds))               // a search finds no more different deviations
//	To(HaveDeviationRateBelow(0.01).Under(distribution))          // they deviate on fewer inputs of the distribution
//	To(HaveNegativeFlipRateBelow(0.01).On(testSet).PerClass(0.05))  // few right answers became wrong
//	To(DeviateNoMoreThan("testdata/evidence/release.json").From(seeds))  // not worse than an earlier release
//
// Options return changed copies: see [HaveDeviationMatcher]. A [Recorder] collects results for the document of a release. The page
// docs/matchers.md of the module shows every option and message.
//
// A pass means that nothing was found from these seeds with this budget, or that a rate is bounded under one distribution, with a
// confidence. It never means that the models agree. If a check could not be carried out or decided, that is an error, which fails To and NotTo alike.
//
// Use the matchers in plain tests with NewWithT(t), or in Ginkgo, also with ginkgo -p. Package specs adds progress, cancellation, report
// entries and shards for Ginkgo. go test -v shows progress, and go test -short searches
// with a smaller budget. InShardOfEnvironment splits a search among the processes of Bazel or of a Kubernetes Job.
package matchers
