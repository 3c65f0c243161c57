package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/triggerfinder/triggerfinder/bench/page"
	"github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/stats"
)

const (
	gates      = 2000
	confidence = 0.95
)

// factors are the true rates, as multiples of the limit.
var factors = []float64{0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1, 1.01, 1.1, 1.5, 2, 5}

// coverage simulates gates of known rates. Gate g of every rate draws with the random seed g.
func coverage(ctx context.Context, o options) error {
	shares := page.Table{
		Title:   "Coverage",
		Columns: []string{"limit", "true rate", "gates", "below", "not below", "undecided", "wrong %", "naive wrong %"},
		Text: fmt.Sprintf("%d simulated gates per row at a nominal confidence of %g %%. Each is checked after every draw and stops at its first decision, "+
			"within the default budget. At most 5 %% of all gates may be wrong; at the limit itself \"below\" is wrong, and right below it \"not below\". "+
			"*Naive* looks at one-sided Clopper-Pearson bounds after every draw. It shows why the gate does not do that.",
			gates, 100*confidence),
	}
	draws := page.Table{
		Title:   "Draws to a decision",
		Columns: []string{"limit", "true rate", "median", "90th percentile", "fixed", "undecided %", "budget"},
		Text: "The same gates. Percentiles are over all gates; undecided ones count as more than the budget. *Fixed* is the number of draws, " +
			"fixed beforehand, after which the Clopper-Pearson bound is on the right side if hits come at exactly that rate.",
	}
	for _, limit := range []float64{0.001, 0.01, 0.05, 0.1} {
		least, _ := stats.DrawsToDecide(0, limit, confidence)
		budget := max(matchers.DefaultDraws, 2*least)
		sequence, err := stats.NewSequence(limit, confidence)
		if err != nil {
			return err
		}
		naive := naiveLines(limit, budget)
		for _, factor := range factors {
			if err := ctx.Err(); err != nil {
				return err
			}
			rate := limit * factor
			s := simulate(rate, budget, func(k, n int) (bool, bool) { return sequence.Look(k, n) })
			wrong, naiveWrong := s.notBelow, 0
			n := simulate(rate, budget, naive)
			if naiveWrong = n.notBelow; rate >= limit {
				wrong, naiveWrong = s.below, n.below
			}
			undecided := gates - s.below - s.notBelow
			shares.Add(limit, sig(rate), gates, s.below, s.notBelow, undecided, share(wrong), share(naiveWrong))
			fixed := "-"
			if f, ok := stats.FixedDraws(rate, limit, confidence); ok {
				fixed = fmt.Sprint(f)
			}
			draws.Add(limit, sig(rate), s.percentile(0.5), s.percentile(0.9), fixed, share(undecided), budget)
			fmt.Fprintf(o.log, "limit %g, rate %g: %s %% wrong, median %s draws\n", limit, rate, share(wrong), s.percentile(0.5))
		}
	}
	return o.writePage("coverage", "How reliable decisions about a rate are",
		"`HaveDeviationRateBelow` draws until an anytime-valid sequence (`stats.Sequence`) decides. Here hits are simulated at a known rate, without a model. "+
			"The guarantee covers all gates together. The few that decide although the rate is next to the limit are wrong about as often as right.",
		shares, draws)
}

func sig(rate float64) string { return fmt.Sprintf("%.4g", rate) }

func share(gatesOf int) string { return fmt.Sprintf("%.2f", 100*float64(gatesOf)/gates) }

// simulated is what the gates of one rate came to.
type simulated struct {
	below, notBelow int
	draws           []int // to a decision, sorted; undecided ones are the budget + 1
	budget          int
}

func (s simulated) percentile(p float64) string {
	n := s.draws[int(p*float64(len(s.draws)-1))]
	if n > s.budget {
		return fmt.Sprintf("> %d", s.budget)
	}
	return fmt.Sprint(n)
}

func simulate(rate float64, budget int, look func(k, n int) (below, notBelow bool)) simulated {
	s := simulated{budget: budget}
	for gate := range uint64(gates) {
		rng, k, taken := rand.New(rand.NewPCG(gate, 0)), 0, budget+1
		for n := 1; n <= budget; n++ {
			if rng.Float64() < rate {
				k++
			}
			below, notBelow := look(k, n)
			if below {
				s.below++
			}
			if notBelow {
				s.notBelow++
			}
			if below || notBelow {
				taken = n
				break
			}
		}
		s.draws = append(s.draws, taken)
	}
	slices.Sort(s.draws)
	return s
}

// naiveLines decides by one-sided Clopper-Pearson bounds. The counts at which it does are computed once.
func naiveLines(limit float64, budget int) func(k, n int) (bool, bool) {
	below, beyond := make([]int, budget+1), make([]int, budget+1)
	low, high := -1, 1
	below[0], beyond[0] = low, high
	for n := 1; n <= budget; n++ {
		for low+1 < n && stats.ClopperPearsonUpper(low+1, n, confidence) < limit {
			low++
		}
		for high <= n && stats.ClopperPearsonLower(high, n, confidence) < limit {
			high++
		}
		below[n], beyond[n] = low, high
	}
	return func(k, n int) (bool, bool) { return k <= below[n], k >= beyond[n] }
}
