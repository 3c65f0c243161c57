package stats_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/triggerfinder/triggerfinder/stats"
)

// The values are the mixtures by numeric integration of their definition, in 30 digits (mpmath 1.3).
func TestMixturesAgainstIntegration(t *testing.T) {
	for _, c := range []struct{ k, n, p, log float64 }{
		{0, 300, 0.01, 2.3297221421073},
		{2, 1000, 0.01, 3.8647339181984},
		{50, 10000, 0.01, 13.388520773293},
		{400, 1000, 0.5, 16.998164556008},
		{3, 100000, 0.001, 84.436788878444},
	} {
		if got := stats.Against(c.k, c.n, c.p); math.Abs(got-c.log) > 1e-8 {
			t.Errorf("against %g or more after %g of %g: %.12g; expected %.12g", c.p, c.k, c.n, got, c.log)
		}
	}
	for _, c := range []struct{ k, n, p, log float64 }{
		{1, 1, 0.01, 3.0679402243267},
		{10, 300, 0.01, 3.3537075632859},
		{20, 1000, 0.01, 1.7982852354696},
		{150, 10000, 0.01, 7.8256804102575},
		{600, 1000, 0.5, 17.764618699629},
		{200, 100000, 0.001, 35.016053653121},
	} {
		if got := stats.Beyond(c.k, c.n, c.p); math.Abs(got-c.log) > 1e-8 {
			t.Errorf("beyond %g or less after %g of %g: %.12g; expected %.12g", c.p, c.k, c.n, got, c.log)
		}
	}
}

// wrongWithin is the exact probability that a test at the limit, looked at after every draw, ever says that
// the rate is below the limit, and that it is not, within so many draws. Every path of counts is followed.
func wrongWithin(t *testing.T, limit, rate, confidence float64, draws int) (below, notBelow float64) {
	t.Helper()
	s := newSequence(t, limit, confidence)
	// Probabilities of the counts of the paths that have not crossed either line yet.
	paths := []float64{1}
	for n := 1; n <= draws; n++ {
		next := make([]float64, n+1)
		for k, p := range paths {
			next[k] += p * (1 - rate)
			next[k+1] += p * rate
		}
		for k, p := range next {
			if p == 0 {
				continue
			}
			switch b, nb := s.Look(k, n); {
			case b:
				below, next[k] = below+p, 0
			case nb:
				notBelow, next[k] = notBelow+p, 0
			}
		}
		paths = next
	}
	return below, notBelow
}

func newSequence(t testing.TB, limit, confidence float64) *stats.Sequence {
	t.Helper()
	s, err := stats.NewSequence(limit, confidence)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSequenceErrsWithAtMostTheError(t *testing.T) {
	for _, c := range []struct {
		limit, confidence float64
		draws             int
	}{{0.01, 0.95, 3000}, {0.1, 0.95, 2000}, {0.5, 0.9, 1000}, {0.1, 0.99, 1000}, {0.9, 0.95, 1000}} {
		below, _ := wrongWithin(t, c.limit, c.limit, c.confidence, c.draws)
		_, notBelow := wrongWithin(t, c.limit, math.Nextafter(c.limit, 0), c.confidence, c.draws)
		if alpha := 1 - c.confidence; below > alpha || notBelow > alpha {
			t.Errorf("limit %g at %g: wrongly below with %.4f, wrongly not below with %.4f; expected at most %.4f",
				c.limit, c.confidence, below, notBelow, alpha)
		} else if below < alpha/4 || notBelow < alpha/4 {
			t.Errorf("limit %g at %g: wrongly below with %.4f, wrongly not below with %.4f; far more careful than it has to be",
				c.limit, c.confidence, below, notBelow)
		}
	}
}

// Clopper-Pearson bounds that are looked at after every draw err far more often than their error says:
// this is why there is a sequence.
func TestPeekingAtClopperPearsonErrs(t *testing.T) {
	const gates, draws, limit = 400, 2000, 0.1
	wrong := 0
	for gate := range uint64(gates) {
		rng, k := rand.New(rand.NewPCG(gate, 5)), 0
		for n := 1; n <= draws; n++ {
			if rng.Float64() < limit {
				k++
			}
			if stats.ClopperPearsonUpper(k, n, 0.95) <= limit {
				wrong++
				break
			}
		}
	}
	if wrong < gates/10 {
		t.Errorf("%d of %d wrong; expected far more than 5 %%", wrong, gates)
	}
}

// 2,000 simulated gates a rate, each stopped at its first decision.
func TestSimulatedGates(t *testing.T) {
	const gates, confidence = 2000, 0.95
	for _, limit := range []float64{0.01, 0.05, 0.2} {
		draws := int(60 / limit)
		s := newSequence(t, limit, confidence)
		for _, factor := range []float64{0, 0.3, 0.8, 0.99, 1, 1.01, 1.25, 3} {
			rate, below, notBelow := limit*factor, 0, 0
			for gate := range uint64(gates) {
				rng, k := rand.New(rand.NewPCG(gate, uint64(1000*factor))), 0
				for n := 1; n <= draws; n++ {
					if rng.Float64() < rate {
						k++
					}
					b, nb := s.Look(k, n)
					if b {
						below++
					}
					if nb {
						notBelow++
					}
					if b || nb {
						break
					}
				}
			}
			wrong, right := notBelow, below
			if rate >= limit {
				wrong, right = below, notBelow
			}
			if float64(wrong) > (1-confidence)*gates {
				t.Errorf("limit %g, rate %g: %d of %d decisions are wrong", limit, rate, wrong, gates)
			}
			if (factor == 0 || factor == 3) && right != gates {
				t.Errorf("limit %g, rate %g: %d of %d decided rightly within %d draws; expected all", limit, rate, right, gates, draws)
			}
		}
	}
}

// The bounds hold at all draws at once, and the test answers as they do.
func TestSequenceAgreesWithItsBounds(t *testing.T) {
	const limit, confidence, rate = 0.05, 0.9, 0.04
	s := newSequence(t, limit, confidence)
	rng, k := rand.New(rand.NewPCG(3, 1)), 0
	for n := 1; n <= 2000; n++ {
		if rng.Float64() < rate {
			k++
		}
		for _, hits := range []int{k, 0, n, n / 20, n / 10, n / 50} {
			below, notBelow := s.Look(hits, n)
			lower, upper := stats.SequenceLower(hits, n, confidence), stats.SequenceUpper(hits, n, confidence)
			if below != (upper <= limit) || notBelow != (lower >= limit) {
				t.Fatalf("%d of %d: below %t, not below %t; bounds %g..%g", hits, n, below, notBelow, lower, upper)
			}
		}
	}
}

func TestSequenceOfNothing(t *testing.T) {
	if lower, upper := stats.SequenceLower(0, 0, 0.95), stats.SequenceUpper(0, 0, 0.95); lower != 0 || upper != 1 {
		t.Errorf("0 of 0: %g..%g; expected 0..1", lower, upper)
	}
	s := newSequence(t, 0.1, 0.95)
	for _, c := range [][2]int{{0, 0}, {-1, 1000}, {2, 1}} {
		if below, notBelow := s.Look(c[0], c[1]); below || notBelow {
			t.Errorf("%d of %d: below %t, not below %t; expected neither", c[0], c[1], below, notBelow)
		}
	}
	for _, c := range [][2]float64{{0, 0.95}, {1, 0.95}, {math.NaN(), 0.95}, {0.1, 0}, {0.1, 1}, {0.1, 95}} {
		if _, err := stats.NewSequence(c[0], c[1]); err == nil {
			t.Errorf("limit %g, confidence %g: expected an error", c[0], c[1])
		}
		if _, ok := stats.DrawsToDecide(0, c[0], c[1]); ok {
			t.Errorf("limit %g, confidence %g: draws to decide", c[0], c[1])
		}
		if _, ok := stats.FixedDraws(0, c[0], c[1]); ok {
			t.Errorf("limit %g, confidence %g: fixed draws", c[0], c[1])
		}
	}
}

func TestDrawsToDecide(t *testing.T) {
	s := newSequence(t, 0.01, 0.95)
	least, ok := stats.DrawsToDecide(0, 0.01, 0.95)
	if before, _ := s.Look(0, least-1); !ok || before {
		t.Errorf("without hits: decided before %d draws", least)
	}
	if below, _ := s.Look(0, least); !below {
		t.Errorf("without hits: not decided after %d draws", least)
	}
	for _, rate := range []float64{0.01, -1, 2, math.NaN()} {
		if n, ok := stats.DrawsToDecide(rate, 0.01, 0.95); ok {
			t.Errorf("rate %g: %d draws; expected none", rate, n)
		}
	}
	// The zero-failure rule: the first n with 0.99^n <= 0.05.
	if n, ok := stats.FixedDraws(0, 0.01, 0.95); !ok || n != 299 {
		t.Errorf("fixed draws without hits: %d; expected 299", n)
	}
	for _, rate := range []float64{0, 0.002, 0.02, 1} {
		sequential, _ := stats.DrawsToDecide(rate, 0.01, 0.95)
		if fixed, ok := stats.FixedDraws(rate, 0.01, 0.95); !ok || fixed > sequential {
			t.Errorf("rate %g: %d fixed draws, %d sequential ones", rate, fixed, sequential)
		}
	}
}

// A fresh test each time, as in one gate: what looking after every draw costs.
func BenchmarkLook(b *testing.B) {
	const draws = 10_000
	for b.Loop() {
		s := newSequence(b, 0.01, 0.95)
		for n := 1; n <= draws; n++ {
			s.Look(n/200, n)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/draws, "ns/look")
}

func BenchmarkSequenceUpper(b *testing.B) {
	for b.Loop() {
		stats.SequenceUpper(50, 10_000, 0.95)
	}
}

func ExampleSequence() {
	s, err := stats.NewSequence(0.01, 0.95)
	if err != nil {
		fmt.Println(err)
		return
	}
	for n := 1; ; n++ {
		if below, _ := s.Look(0, n); below { // no hit so far
			fmt.Println("below 1 % after", n, "draws")
			return
		}
	}
	// Output: below 1 % after 377 draws
}

func ExampleClopperPearsonUpper() {
	fmt.Printf("%.4f\n", stats.ClopperPearsonUpper(0, 300, 0.95))
	// Output: 0.0099
}

func ExampleMcNemar() {
	fmt.Printf("%.4f\n", stats.McNemar(10, 3))
	// Output: 0.0923
}
