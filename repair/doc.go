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
// # What it costs
//
// A selector that always asks the original mends everything and saves nothing. So training takes a limit: the share
// of clean inputs, such as users send, for which the original may be asked. How many deviations are mended within
// that limit, on triggers of seeds that training has not seen, is what [Selector.Measure] tells.
//
// # Where this comes from
//
// The authors of TriggerFinder (Tian, Zhang, Wen, Cheung, Sun, Ma, Jiang: "Finding Deviated Behaviors of the Compressed DNN
// Models for Image Classifications", TOSEM 2023, arXiv 2112.02819, abstract and the discussion of repair) repair up to
// 48.48 % of the deviations by what is learnt from triggers, and find it harder to search the repaired models. This is
// the idea, not a reimplementation: what is looked at, the regression and the limit of cost are ours.
// Rejecting what a model is unsure about, with a threshold for a share of clean inputs, is older: Chow's rule (1970).
//
// # What can be relied on
//
// The same triggers, clean inputs, settings and models give the same selector, in whatever order the inputs come. That
// triggers are mended says nothing about inputs of another kind; a search of the repaired system tells where
// it still deviates.
package repair
