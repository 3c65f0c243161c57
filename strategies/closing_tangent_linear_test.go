package strategies

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
	"github.com/triggerfinder/triggerfinder/model"
)

// tangentsOf closes in on a pair of linear models, from a first trigger that is far away, and returns the distance of the nearest trigger. All that is asked lies within the bound.
func tangentsOf(t *testing.T, m tilted, seed input.Input, region distance.Region, atSeed float64, rng *rand.Rand) float64 {
	judge := func(e engine.Evaluation) engine.Evaluation {
		e.Verdict = answer.Judge(answer.Top1(), e.Original, e.Compressed)
		return e
	}
	task := engine.Task{Seed: judge(m.answer(seed, seed, atSeed)), Region: region, Oracle: answer.Top1(), Aim: distance.NearestL2, Rand: rng}
	searcher := model.Must(BoundarySearch{}.NewSearcher(task))
	s := searcher.(*boundarySearcher)
	c := newTangentCloser(s)
	far := seed.Clone()
	first := engine.Evaluation{Input: far, Original: task.Seed.Original, Compressed: task.Seed.Compressed, Verdict: answer.Verdict{Kind: answer.OtherAnswer, Deviates: true}}
	c.tell([]engine.Evaluation{first})
	within := func(inputs []input.Input) {
		for _, in := range inputs {
			if region != nil && !region.Contains(in) {
				t.Fatal("a candidate lies beyond the bound")
			}
		}
	}
	nearest := math.Inf(1)
	for left := 380; left > 1; {
		if asked := c.askOriginal(left &^ 1); len(asked) > 0 {
			within(asked)
			var answers []answer.Answer
			for _, in := range asked {
				answers = append(answers, m.answer(seed, in, atSeed).Original)
			}
			left -= len(asked)
			c.tellOriginal(answers)
			continue
		}
		asked := c.ask(left / 2)
		if len(asked) == 0 {
			break
		}
		within(asked)
		var told []engine.Evaluation
		for _, in := range asked {
			e := judge(m.answer(seed, in, atSeed))
			if e.Verdict.Deviates {
				nearest = min(nearest, s.ruler.Far(distance.NearestL2, in))
			}
			told = append(told, e)
		}
		left -= 2 * len(asked)
		c.tell(told)
	}
	return nearest
}

// faintlyTilted are linear models whose boundary is some levels of a byte away.
func faintlyTilted(g grid, rng *rand.Rand) tilted {
	m := newTilted(g, rng)
	for side := range m.weights {
		for i := range m.weights[side] {
			m.weights[side][i] /= 20
		}
	}
	return m
}

// In a linear model the nearest place of the boundary is known: the margin, divided by the length of its gradient. 380 questions to the original about 784 values
// come near it.
func TestTangentsComeToTheNearestPlaceOfALinearBoundary(t *testing.T) {
	g := grid{28, 28, 1}
	seed := input.Input{Shape: []int{28, 28, 1}, Kind: input.Image, Domain: input.Bytes, Data: slices.Repeat([]float32{100}, 784)}
	const atSeed = 60
	var ratios []float64
	for stream := range uint64(10) {
		rng := rand.New(rand.NewPCG(stream, 5))
		m := faintlyTilted(g, rng)
		exists := atSeed / math.Sqrt(vec.Dot(m.weights[0], m.weights[0]))
		ratios = append(ratios, tangentsOf(t, m, seed, nil, atSeed, rng)/exists)
	}
	slices.Sort(ratios)
	t.Logf("%.2f", ratios)
	if ratios[5] > 1.4 {
		t.Errorf("the distance is %.2f times that of the nearest place in the median, expected at most 1.4", ratios[5])
	}
}

func TestTangentsKeepToABound(t *testing.T) {
	g := grid{28, 28, 1}
	seed := input.Input{Shape: []int{28, 28, 1}, Kind: input.Image, Domain: input.Bytes, Data: slices.Repeat([]float32{100}, 784)}
	found := 0
	for stream := range uint64(5) {
		rng := rand.New(rand.NewPCG(stream, 5))
		if far := tangentsOf(t, faintlyTilted(g, rng), seed, model.Must(distance.LInf(16).Around(seed)), 60, rng); far < math.Inf(1) {
			found++
		}
	}
	if found < 3 {
		t.Errorf("triggers of %d of 5 seeds, expected 3 at least", found)
	}
}
