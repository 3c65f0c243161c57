// Package gate measures what a decision about the release of a compressed model needs.
//
// A search without a bound finds a deviation for nearly every seed. So a gate measures rates under a
// distribution of inputs ([Rate]), flips on labelled inputs ([Flips]), and what became worse since
// the last release ([Comparison]). It also measures how far a pass can be trusted: how
// often the same search finds a planted change ([Canary]), and how much each model differs from
// itself under other settings of the runtime ([Noise]).
//
//   - [MeasureRate] draws inputs until a rate of deviations is shown to be below a limit, or not.
//   - [MeasureFlips] counts answers that went from right to wrong and back on labelled inputs; [Flips.Judge] compares them with limits.
//   - [EvidenceOf] keeps what a later release is compared with, and [Compare] compares. Package report writes the file.
//   - [MeasurePower] runs the search against changed copies of the original.
//   - [MeasureNoise] compares each model with itself, and says where triggers come from.
//
// Package matchers makes an assertion of each. A [Check] is the result of such an assertion, for the document of a release
// (package dossier). A check that passes is no proof that the models agree.
package gate
