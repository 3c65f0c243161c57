// Package gate measures what the decision about the release of a compressed model rests on.
//
// A search without a bound finds a deviation for nearly every seed, so a gate speaks of rates under a
// distribution of inputs ([Rate]), of flips on labelled inputs ([Flips]), and of what became worse since
// the last release ([Comparison]). What makes a green result mean something is measured beside it: how
// often the same search finds a change that is known to be there ([Canary]), and how much the models differ from
// themselves under other settings of the runtime ([Noise]).
//
//   - [MeasureRate] draws inputs until a rate of deviations is shown to be below a limit, or not.
//   - [MeasureFlips] counts right to wrong and wrong to right on labelled inputs; [Flips.Judge] holds them to limits.
//   - [EvidenceOf] keeps what a later release is compared with, and [Compare] compares. Package report has the file.
//   - [MeasurePower] searches in changed copies of the original.
//   - [MeasureNoise] compares each model with itself, and says where triggers come from.
//
// Package matchers makes an assertion of each. A [Check] is what such an assertion came to, for the document of a release
// (package dossier). That a check passes is no proof that the models agree.
package gate
