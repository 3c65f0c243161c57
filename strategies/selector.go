package strategies

import (
	"math"
	"math/rand/v2"
)

// selector chooses the next mutation operator (arXiv 2112.02819, section 3.4): a Metropolis-Hastings
// walk whose target favours operators that were kept often. Operators are ranked by their score
// kept/chosen, best first, ties in random order. A uniform proposal of rank k2 is accepted with
// probability min(1, (1-p)^(k2-k1)), where p = 1/n and k1 is the rank of the last operator.
type selector struct {
	mode    Mode
	uniform bool
	// accept holds the probability of each move k2-k1, from -n to n, at index n+k2-k1.
	accept  []float64
	chosen  []int
	kept    []int
	scores  []float64
	ranking []int
	last    int // the last operator chosen (as published) or kept (as released), or -1
}

func newSelector(n int, mode Mode, uniform bool) *selector {
	s := &selector{
		mode: mode, uniform: uniform, last: -1, accept: make([]float64, 2*n+1),
		chosen: make([]int, n), kept: make([]int, n), scores: make([]float64, n), ranking: make([]int, n),
	}
	for i := range s.ranking {
		s.ranking[i] = i
	}
	for move := -n; move <= n; move++ {
		s.accept[n+move] = acceptance(1/float64(n), move)
	}
	return s
}

func (s *selector) choose(rng *rand.Rand) int {
	if s.uniform || s.last < 0 {
		return rng.IntN(len(s.ranking))
	}
	s.rank(rng)
	k1 := s.lastRank()
	for {
		if k2, accepted := s.propose(rng, k1); accepted {
			return s.ranking[k2]
		}
	}
}

// propose is one step of the walk: a proposed rank and whether it is accepted.
func (s *selector) propose(rng *rand.Rand, k1 int) (k2 int, accepted bool) {
	k2 = rng.IntN(len(s.ranking))
	return k2, rng.Float64() < s.accept[len(s.ranking)+k2-k1]
}

// acceptance is the probability to accept a move of k2-k1 ranks.
func acceptance(p float64, move int) float64 {
	return min(1, math.Pow(1-p, float64(move)))
}

// lastRank is the rank of the last operator. The released code looks it up in a list that never
// holds it and goes on with -1.
func (s *selector) lastRank() int {
	if s.mode == AsPublished {
		for k, operator := range s.ranking {
			if operator == s.last {
				return k
			}
		}
	}
	return -1
}

// rank orders the operators by score, best first, ties at random.
func (s *selector) rank(rng *rand.Rand) {
	rng.Shuffle(len(s.ranking), func(i, j int) {
		s.ranking[i], s.ranking[j] = s.ranking[j], s.ranking[i]
	})
	// A stable insertion sort: there are few operators, and it keeps ties as shuffled.
	for i := 1; i < len(s.ranking); i++ {
		for j := i; j > 0 && s.scores[s.ranking[j]] > s.scores[s.ranking[j-1]]; j-- {
			s.ranking[j], s.ranking[j-1] = s.ranking[j-1], s.ranking[j]
		}
	}
}

// credit records that an operator was chosen and whether its mutant was kept.
func (s *selector) credit(operator int, kept bool) {
	s.chosen[operator]++
	if kept {
		s.kept[operator]++
	}
	if kept || s.mode == AsPublished {
		s.last = operator
	}
	s.scores[operator] = float64(s.kept[operator]) / (float64(s.chosen[operator]) + 1e-7)
}
