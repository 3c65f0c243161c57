// Package stats holds the statistics of a gate:
//
//   - bounds of a rate from a sample whose size was fixed beforehand: [ClopperPearson]
//   - bounds, and a test, that may be looked at after every draw: [SequenceLower], [SequenceUpper], [Sequence]
//   - how many draws a decision takes: [FixedDraws], [DrawsToDecide]
//   - exact tests of paired counts: [McNemar], [McNemarOneSided]
//   - percentiles: [Percentile], [Median]
//
// Everywhere k of n independent draws are hits, and the rate is the probability of a hit. A confidence is
// between 0 and 1, such as 0.95. Arguments that make no sense, such as k > n, give NaN, as in package math;
// a NaN compares false with every limit.
package stats

func sensible(k, n int, confidence float64) bool {
	return 0 <= k && k <= n && 0 < confidence && confidence < 1
}
