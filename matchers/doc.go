// Package matchers holds Gomega matchers for an original model and its compressed version: they search for inputs on
// which the two deviate, and gate a release by how many, how often, how severely, or how much more than before.
//
//	func TestCompressedModelAgrees(t *testing.T) {
//		g := NewWithT(t)
//		pair := model.Try(onnx.OpenPair("model.onnx", "model-int8.onnx", onnx.Scale(1.0/255))).OrFail(t)
//		defer pair.Close()
//		g.Expect(pair).NotTo(HaveDeviationFrom(seeds))
//	}
//
// What there is to expect of a pair:
//
//	NotTo(HaveDeviationFrom(seeds).MinGap(0.3))                   // a search finds no input on which the models deviate
//	To(ReplayCleanly("testdata/triggers"))                        // no saved trigger deviates any longer
//	To(HaveAtMost(3).DistinctDeviationsFrom(seeds))               // a search finds no more different deviations
//	To(HaveDeviationRateBelow(0.01).Under(distribution))          // they deviate on fewer of the inputs drawn from it
//	To(HaveNegativeFlipRateBelow(0.01).On(testSet).PerClass(0.05))  // few labelled inputs became wrong
//	To(DeviateNoMoreThan("testdata/evidence/release.json").From(seeds))  // no worse than an earlier release
//
// Options return changed copies: see [HaveDeviationMatcher]. A [Recorder] keeps what matchers find, for the document of a release.
//
// A pass says that nothing was found from these seeds with this budget, or that a rate is bounded with a confidence under one
// distribution; never that the models agree. What could not be carried out or decided is an error, which fails To and NotTo alike.
//
// In plain tests with NewWithT(t), and in Ginkgo, also with ginkgo -p; package specs adds progress, cancellation, report
// entries and shards to Ginkgo's specs. go test -v shows a line of progress every two seconds, and go test -short searches
// with a smaller budget. InShardOfEnvironment splits a search among the processes of Bazel or of a Kubernetes Job.
package matchers
