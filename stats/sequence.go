package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"
)

// The sequence is two one-sided tests of a Bernoulli rate by mixtures of likelihood ratios (Robbins, Annals
// of Mathematical Statistics 41, 1970; the beta-binomial mixture of Howard, Ramdas, McAuliffe and Sekhon,
// Annals of Statistics 49, 2021, section 3, with the mixture cut off at the rate that is tested).
//
// To reject "the rate is p or more", each alternative q < p is weighed: after k hits in n draws the ratio
//
//	(q/p)^k ((1-q)/(1-p))^(n-k)
//
// is a martingale at the rate p, and a supermartingale at any higher rate, since one draw multiplies it by
// q/p < 1 for a hit and by (1-q)/(1-p) > 1 otherwise. A mixture over q, fixed beforehand, is one too, so by Ville's inequality
// it ever reaches 1/alpha with a probability of at most alpha: it may be looked at after every draw, and
// drawing may stop for any reason. The same goes for "p or less" with alternatives q > p.
//
// The mixtures are chosen so that both have a closed form, weigh alternatives relative to p (limits of
// 0.1 and 0.001 work alike), and are monotonous in p, so that the rates not rejected are an interval:
//
//   - from above, q = p*s with s from Beta(1/2, 1); at a fixed s the ratio grows with p;
//   - from below, q = p^u with u uniform in 0..1, so that q is log-uniform in p..1; at a fixed u the ratio
//     falls with p, as (1-p^u)/(1-p) is a chord of a concave function.

// shape is the first parameter of the mixture from above. Smaller ones decide earlier where there are
// hardly any hits, and later where the rate is near the limit.
const shape = 0.5

// against is the logarithm of the mixture against "the rate is p or more": large when the hits are too few
// for that. k need not be whole.
func against(k, n, p float64) float64 {
	if k >= n*p { // every ratio is below 1
		return math.Inf(-1)
	}
	a, b := k+shape, n-k+1
	return math.Log(shape) + mathext.Lbeta(a, b) + math.Log(mathext.RegIncBeta(a, b, p)) -
		a*math.Log(p) - (n-k)*math.Log1p(-p)
}

// beyond is the logarithm of the mixture against "the rate is p or less": large when the hits are too
// many for that.
func beyond(k, n, p float64) float64 {
	if k <= n*p { // every ratio is below 1
		return math.Inf(-1)
	}
	b := n - k + 1
	return mathext.Lbeta(k, b) + math.Log(mathext.RegIncBeta(b, k, 1-p)) -
		k*math.Log(p) - (n-k)*math.Log1p(-p) - math.Log(-math.Log(p))
}

// SequenceUpper is an upper bound of a rate that holds after every draw at once: with at least the
// confidence, the rate is at most that for all n. Drawing may stop when the bound, or anything else, suits.
func SequenceUpper(k, n int, confidence float64) float64 {
	switch {
	case !sensible(k, n, confidence):
		return math.NaN()
	case k == n:
		return 1
	}
	enough := -math.Log1p(-confidence)
	_, hi := bisect(float64(k)/float64(n), 1, func(p float64) bool { return against(float64(k), float64(n), p) < enough })
	return hi
}

// SequenceLower is a lower bound of a rate that holds after every draw at once: with at least the
// confidence, the rate is at least that for all n. Together, SequenceLower and [SequenceUpper] hold with twice
// the error.
func SequenceLower(k, n int, confidence float64) float64 {
	switch {
	case !sensible(k, n, confidence):
		return math.NaN()
	case k == 0:
		return 0
	}
	enough := -math.Log1p(-confidence)
	lo, _ := bisect(0, float64(k)/float64(n), func(p float64) bool { return beyond(float64(k), float64(n), p) >= enough })
	return lo
}

// bisect narrows lo..hi, where holds is true from lo up to some place and false from there on.
func bisect(lo, hi float64, holds func(float64) bool) (float64, float64) {
	for {
		mid := lo + (hi-lo)/2
		if mid <= lo || mid >= hi || hi-lo < 1e-15*hi {
			return lo, hi
		}
		if holds(mid) {
			lo = mid
		} else {
			hi = mid
		}
	}
}

// Sequence tests a rate against a limit after every draw. It answers as [SequenceLower] and [SequenceUpper] do
// at the same confidence, in a few nanoseconds once it has seen an n: the counts at which it decides are computed
// once and kept, which takes 16 bytes a draw. It is not safe for concurrent use.
type Sequence struct {
	limit, enough float64
	// At n draws: at most below[n] hits show that the rate is below the limit, and at least beyond[n]
	// that it is not. Both grow with n.
	below, beyond []int
}

// NewSequence returns a test against the limit, above 0 and below 1, at a confidence above 0 and below 1.
// Either answer is wrong with a probability of at most 1 - confidence, however often one looks and
// whenever one stops.
func NewSequence(limit, confidence float64) (*Sequence, error) {
	if !(limit > 0 && limit < 1) {
		return nil, fmt.Errorf("stats: limit of a rate is %g; expected above 0 and below 1", limit)
	}
	if !(confidence > 0 && confidence < 1) {
		return nil, fmt.Errorf("stats: confidence is %g; expected above 0 and below 1", confidence)
	}
	return &Sequence{limit: limit, enough: -math.Log1p(-confidence), below: []int{-1}, beyond: []int{1}}, nil
}

// Look says what k hits in n draws show: that the rate is below the limit, that it is at the limit or above,
// or neither. Counts that cannot be, such as k > n, show nothing.
func (s *Sequence) Look(k, n int) (below, notBelow bool) {
	if k < 0 || k > n {
		return false, false
	}
	for len(s.below) <= n {
		s.extend()
	}
	return k <= s.below[n], k >= s.beyond[n]
}

// extend computes the counts at the next n. One draw moves each by at most a few.
func (s *Sequence) extend() {
	n := len(s.below)
	low, high := s.below[n-1], s.beyond[n-1]
	for low < n && against(float64(low+1), float64(n), s.limit) >= s.enough {
		low++
	}
	for high <= n && beyond(float64(high), float64(n), s.limit) < s.enough {
		high++
	}
	s.below, s.beyond = append(s.below, low), append(s.beyond, high)
}

// Farthest is the number of draws beyond which [DrawsToDecide] does not look.
const Farthest = 1_000_000_000

// DrawsToDecide estimates after how many draws a [Sequence] decides if hits come at exactly the rate; about half of
// all runs take fewer. It reports false when that takes more than [Farthest], because the rate is the limit
// or next to it, or when an argument is out of range. The rate may be 0 or 1: then it is exact.
func DrawsToDecide(rate, limit, confidence float64) (draws int, ok bool) {
	if !(0 <= rate && rate <= 1 && 0 < limit && limit < 1 && 0 < confidence && confidence < 1) {
		return 0, false
	}
	enough := -math.Log1p(-confidence)
	return first(func(n int) bool {
		if k := rate * float64(n); rate < limit {
			return against(k, float64(n), limit) >= enough
		} else {
			return beyond(k, float64(n), limit) >= enough
		}
	})
}

// FixedDraws estimates how many draws, fixed beforehand, it takes for a one-sided bound of [ClopperPearson] to be
// on the rate's side of the limit if hits come at exactly the rate. It reports false as [DrawsToDecide] does.
func FixedDraws(rate, limit, confidence float64) (draws int, ok bool) {
	if !(0 <= rate && rate <= 1 && 0 < limit && limit < 1 && 0 < confidence && confidence < 1) {
		return 0, false
	}
	return first(func(n int) bool {
		k := rate * float64(n)
		if rate < limit { // P(at most k hits at the limit) <= 1-confidence
			return mathext.RegIncBeta(float64(n)-k, k+1, 1-limit) <= 1-confidence
		}
		return rate > limit && k > 0 && mathext.RegIncBeta(k, float64(n)-k+1, limit) <= 1-confidence
	})
}

// first is the first n from 1 to Farthest from which on enough is true.
func first(enough func(n int) bool) (int, bool) {
	high := 1
	for !enough(high) {
		if high >= Farthest {
			return 0, false
		}
		high = min(2*high, Farthest)
	}
	low := high / 2
	for high-low > 1 {
		if mid := low + (high-low)/2; enough(mid) {
			high = mid
		} else {
			low = mid
		}
	}
	return high, true
}
