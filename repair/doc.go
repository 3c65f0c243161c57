// Package repair mends a compressed model without changing it: a [Selector], trained from triggers, decides from the
// compressed model's scores alone whether its answer is to be trusted or the original is asked.
//
//	training, heldOut, err := repair.Split(report.Triggers(), clean)
//	selector, err := repair.Train(ctx, pair, training.Triggers, training.Clean, repair.Settings{AskAtMost: 0.05})
//	measured, err := selector.Measure(ctx, pair, heldOut.Triggers, heldOut.Clean)
//
// The repaired system is a predictor like any other, so it can be searched and gated as the compressed model was:
//
//	guarded, err := selector.Guard(pair)
//	repaired, err := model.NewPair("lenet5-repaired", pair.Original(), guarded)
//	Expect(repaired).NotTo(HaveDeviationFrom(seeds))
//
// The same triggers, clean inputs, settings and models give the same selector, in whatever order the inputs come. That
// triggers are mended says nothing about inputs of another kind; a search of the repaired system tells where
// it still deviates. See [Train] for what it costs and [Selector] for where the idea comes from.
package repair
