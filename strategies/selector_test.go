package strategies

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// rankedSelector has n operators with distinct scores, operator 0 the best, so that an operator's
// number is its rank.
func rankedSelector(n int, mode Mode) *selector {
	s := newSelector(n, mode, false)
	for operator := range n {
		for range n - operator {
			s.credit(operator, true)
		}
		for range operator * 3 {
			s.credit(operator, false)
		}
	}
	return s
}

// within reports whether the observed frequency lies within five standard errors of p.
func within(t *testing.T, what string, hits, trials int, p float64) {
	t.Helper()
	observed := float64(hits) / float64(trials)
	if tolerance := 5 * math.Sqrt(p*(1-p)/float64(trials)); math.Abs(observed-p) > tolerance+1e-12 {
		t.Errorf("%s: observed %.4f in %d trials, expected %.4f", what, observed, trials, p)
	}
}

func TestSelectorAcceptsEachRankMoveAsPublished(t *testing.T) {
	const n, trials = 7, 200_000
	s, rng := rankedSelector(n, AsPublished), rand.New(rand.NewPCG(1, 2))
	for k1 := range n {
		proposed, accepted := make([]int, n), make([]int, n)
		for range trials {
			k2, ok := s.propose(rng, k1)
			proposed[k2]++
			if ok {
				accepted[k2]++
			}
		}
		for k2 := range n {
			want := math.Min(1, math.Pow(1-1.0/n, float64(k2-k1)))
			within(t, fmt.Sprintf("proposal of rank %d", k2), proposed[k2], trials, 1.0/n)
			within(t, fmt.Sprintf("move from rank %d to %d", k1, k2), accepted[k2], proposed[k2], want)
		}
	}
}

// TestSelectorIsStationary lets the chain run on fixed scores and compares how often it visits each
// rank with the stationary distribution of its transition matrix.
func TestSelectorIsStationary(t *testing.T) {
	const n, steps = 7, 400_000
	transition := make([][]float64, n)
	for k1 := range transition {
		transition[k1] = make([]float64, n)
		var sum float64
		for k2 := range n {
			transition[k1][k2] = acceptance(1.0/n, k2-k1)
			sum += transition[k1][k2]
		}
		for k2 := range n {
			transition[k1][k2] /= sum // a rejected proposal is followed by another one
		}
	}
	stationary := make([]float64, n)
	stationary[0] = 1
	for range 200 {
		next := make([]float64, n)
		for k1 := range n {
			for k2 := range n {
				next[k2] += stationary[k1] * transition[k1][k2]
			}
		}
		stationary = next
	}

	s, rng := rankedSelector(n, AsPublished), rand.New(rand.NewPCG(3, 4))
	visits := make([]int, n)
	for range steps {
		s.last = s.choose(rng)
		visits[s.last]++
	}
	for rank, want := range stationary {
		if got := float64(visits[rank]) / steps; math.Abs(got-want) > 0.004 {
			t.Errorf("rank %d: visited %.4f of the time, expected %.4f", rank, got, want)
		}
	}
	if visits[0] <= visits[n-1] {
		t.Errorf("the best operator was chosen %d times, the worst %d times", visits[0], visits[n-1])
	}
}

func TestSelectorAsReleasedHasNoMemory(t *testing.T) {
	const n, trials = 7, 100_000
	var sum float64
	for k := range n {
		sum += math.Pow(1-1.0/n, float64(k+1))
	}
	for _, last := range []int{0, n - 1} {
		s, rng := rankedSelector(n, AsReleased), rand.New(rand.NewPCG(5, 6))
		s.last = last
		visits := make([]int, n)
		for range trials {
			visits[s.choose(rng)]++
		}
		for k := range n {
			within(t, fmt.Sprintf("rank %d after %d", k, last), visits[k], trials, math.Pow(1-1.0/n, float64(k+1))/sum)
		}
	}
}

func TestSelectorStartsUniformAndBreaksTiesAtRandom(t *testing.T) {
	const n, trials = 7, 70_000
	for _, test := range []struct {
		reason   string
		selector func() *selector
	}{
		{"the first choice is uniform", func() *selector { return newSelector(n, AsPublished, false) }},
		{"as released, choices are uniform until a mutant is kept", func() *selector {
			s := newSelector(n, AsReleased, false)
			s.credit(3, false)
			return s
		}},
		{"the uniform selector ignores scores", func() *selector {
			s := newSelector(n, AsPublished, true)
			s.credit(3, true)
			return s
		}},
	} {
		t.Run(test.reason, func(t *testing.T) {
			s, rng := test.selector(), rand.New(rand.NewPCG(7, 8))
			visits := make([]int, n)
			for range trials {
				visits[s.choose(rng)]++
			}
			for operator := range n {
				within(t, fmt.Sprintf("operator %d", operator), visits[operator], trials, 1.0/n)
			}
		})
	}

	t.Run("operators of equal score share ranks", func(t *testing.T) {
		s, rng := newSelector(3, AsPublished, false), rand.New(rand.NewPCG(9, 10))
		first := make([]int, 3)
		for range trials {
			s.rank(rng)
			first[s.ranking[0]]++
		}
		for operator := range first {
			within(t, fmt.Sprintf("operator %d first", operator), first[operator], trials, 1.0/3)
		}
	})
}

func TestSelectorScoresAreKeptOverChosen(t *testing.T) {
	s := newSelector(2, AsPublished, false)
	s.credit(0, true)
	s.credit(0, false)
	s.credit(1, true)
	if math.Abs(s.scores[0]-0.5) > 1e-6 || math.Abs(s.scores[1]-1) > 1e-6 {
		t.Errorf("scores are %v, expected about 0.5 and 1", s.scores)
	}
	if s.last != 1 {
		t.Errorf("last is %d, expected 1", s.last)
	}
}
