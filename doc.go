// Package triggerfinder is the front door of a Go module that finds inputs on which a compressed neural
// network disagrees with its original, inside go test.
//
// Teams ship quantised, pruned and distilled models that are as good as the original on the test set. On
// inputs near the test set the two can disagree. This module searches for such triggering inputs. When it finds one, the
// test fails, and the input is saved:
//
//	func TestCompressedModelAgrees(t *testing.T) {
//		g := NewWithT(t)
//		pair := model.Try(onnx.OpenPair("model.onnx", "model-int8.onnx", onnx.Scale(1.0/255))).OrFail(t)
//		defer pair.Close()
//		seeds := model.Try(generators.ImageFolder("testdata/images")).OrFail(t)
//		g.Expect(pair).NotTo(HaveDeviationFrom(seeds))
//	}
//
// For decisions about a release it also bounds rates, compares a model with the last release, measures what its own
// searches can find, and names the layers at fault.
//
// This package holds no code. See
//
//   - [github.com/triggerfinder/triggerfinder/matchers] for the Gomega matchers, from a single search to a gate for
//     releases, and its folder specs for Ginkgo suites;
//   - [github.com/triggerfinder/triggerfinder/runtimes/onnx] to open models in ONNX format, and
//     [github.com/triggerfinder/triggerfinder/model] for Go functions as models, and pairs;
//   - [github.com/triggerfinder/triggerfinder/generators] for seeds, mutation operators and distributions
//     of inputs, and [github.com/triggerfinder/triggerfinder/input] for what these are;
//   - [github.com/triggerfinder/triggerfinder/answer] for the oracles that say what a deviation is, and
//     [github.com/triggerfinder/triggerfinder/distance] for bounds, which keep a search near its seeds;
//   - [github.com/triggerfinder/triggerfinder/engine] for the search itself: budgets, reports, shards,
//     [github.com/triggerfinder/triggerfinder/strategies] for what it tries, and [github.com/triggerfinder/triggerfinder/minimize]
//     for smaller triggers;
//   - [github.com/triggerfinder/triggerfinder/report] for what is saved: triggers, reports, evidence, waivers; its
//     folder dossier writes the document of a release;
//   - [github.com/triggerfinder/triggerfinder/gate] for the numbers that a gate rests on: rates, flips, power, noise,
//     comparison with the last release; package stats has the statistics;
//   - [github.com/triggerfinder/triggerfinder/triage] for triggers that show the same deviation;
//   - [github.com/triggerfinder/triggerfinder/layers] for the quantised nodes that are to blame, and
//     [github.com/triggerfinder/triggerfinder/repair] for what mends them;
//   - [github.com/triggerfinder/triggerfinder/shards] for searches that are split among processes;
//   - [github.com/triggerfinder/triggerfinder/fixtures] for small pairs to try it with.
//
// # What a pass means
//
// "Nothing found" means that this search, from these seeds, with this budget, found nothing. It is
// never a proof that the models agree. A search that could not have found anything (no usable seeds, the
// same model twice, constant or NaN outputs, a budget that ended too early) is an error, not a pass.
package triggerfinder
