// Package matchers holds Gomega matchers that search for inputs on which an original model and its
// compressed version disagree.
//
//	func TestCompressedModelAgrees(t *testing.T) {
//		g := NewWithT(t)
//		pair := engine.Must(onnx.OpenPair("model.onnx", "model-int8.onnx", onnx.Scale(1.0/255)))
//		defer pair.Close()
//		g.Expect(pair).NotTo(HaveDeviationFrom(seeds))
//	}
//
// [HaveDeviationFrom] searches from seeds, [ReplayCleanly] runs saved triggers again. Their options read
// as a sentence and return changed copies:
//
//	Expect(pair).NotTo(HaveDeviationFrom(seeds).
//		Within(engine.LInf(8)).        // look near the seeds only
//		MinConfidence(0.9).            // count only answers the original is sure of
//		WithQueriesPerSeed(500).
//		WithRandomSeed(7))
//
// # What is left behind
//
// The triggers are saved in testdata/triggers, in a folder for the pair, with pictures; see package report.
// Commit them, as one commits testdata/fuzz: the next run replays them before it searches. Beside them
// lies a report of the search, which need not be committed. The environment variable TRIGGERFINDER_TRIGGERS
// moves the folder.
//
// # What a pass means
//
// That nothing was found from these seeds with this budget; never that the models agree. A search that
// could not find anything is an error, which fails To and NotTo alike: the same model twice, no usable
// seeds, constant or NaN scores, a budget that ended before every seed had its minimum of queries, a
// cancelled search without a trigger.
//
// # Where it runs
//
// In plain tests with NewWithT(t), and in Ginkgo, also with ginkgo -p; package specs adds progress and
// cancellation to Ginkgo's specs. go test -v shows a line of progress every two seconds, and go test
// -short searches with a smaller budget.
package matchers
