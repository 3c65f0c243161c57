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

// closesIn closes in on a pair of linear models, from a first trigger that is far away, and returns how far the nearest trigger is by the aim. All that is asked lies within the bound.
func closesIn(t *testing.T, aim distance.Aim, m tilted, seed input.Input, region distance.Region, atSeed float64, rng *rand.Rand) float64 {
	judge := func(e engine.Evaluation) engine.Evaluation {
		e.Verdict = answer.Judge(answer.Top1(), e.Original, e.Compressed)
		return e
	}
	task := engine.Task{Seed: judge(m.answer(seed, seed, atSeed)), Region: region, Oracle: answer.Top1(), Aim: aim, Rand: rng}
	searcher := model.Must(BoundarySearch{}.NewSearcher(task))
	s := searcher.(*boundarySearcher)
	s.CloseIn()
	c := s.closer.(interface {
		closingIn
		originalAsker
	})
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
				nearest = min(nearest, s.ruler.Far(aim, in))
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
		ratios = append(ratios, closesIn(t, distance.NearestL2, m, seed, nil, atSeed, rng)/exists)
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
		if far := closesIn(t, distance.NearestL2, faintlyTilted(g, rng), seed, model.Must(distance.LInf(16).Around(seed)), 60, rng); far < math.Inf(1) {
			found++
		}
	}
	if found < 3 {
		t.Errorf("triggers of %d of 5 seeds, expected 3 at least", found)
	}
}

// In a linear model the fewest values are known that take it over the boundary: those that do most. 380 questions come near to that.
func TestFewValuesCrossALinearBoundary(t *testing.T) {
	g := grid{28, 28, 1}
	seed := input.Input{Shape: []int{28, 28, 1}, Kind: input.Image, Domain: input.Bytes, Data: slices.Repeat([]float32{100}, 784)}
	const atSeed = 40
	var more []float64
	for stream := range uint64(10) {
		rng := rand.New(rand.NewPCG(stream, 5))
		m := faintlyTilted(g, rng)
		var falls []float64
		for _, w := range m.weights[0] {
			falls = append(falls, max(w*100, -w*155))
		}
		slices.Sort(falls)
		least, left := 0, float64(atSeed)
		for ; left > 0; least++ {
			left -= falls[len(falls)-1-least]
		}
		more = append(more, closesIn(t, distance.NearestL0, m, seed, nil, atSeed, rng)/float64(least))
	}
	slices.Sort(more)
	t.Logf("%.2f", more)
	if more[5] > 1.5 {
		t.Errorf("%.2f times as many values as are needed in the median, expected at most 1.5", more[5])
	}
}

func TestFewValuesKeepToABound(t *testing.T) {
	g := grid{28, 28, 1}
	seed := input.Input{Shape: []int{28, 28, 1}, Kind: input.Image, Domain: input.Bytes, Data: slices.Repeat([]float32{100}, 784)}
	found := 0
	for stream := range uint64(5) {
		rng := rand.New(rand.NewPCG(stream, 5))
		if many := closesIn(t, distance.NearestL0, faintlyTilted(g, rng), seed, model.Must(distance.LInf(60).Around(seed)), 10, rng); many < math.Inf(1) {
			found++
		}
	}
	if found < 3 {
		t.Errorf("triggers of %d of 5 seeds, expected 3 at least", found)
	}
}

// sparseOf is closing in with a set of three values past the boundary of linear models, and what taking each of them out comes to.
func sparseOf(margins ...float64) *sparseCloser {
	g := grid{28, 28, 1}
	seed := input.Input{Shape: []int{28, 28, 1}, Kind: input.Image, Domain: input.Bytes, Data: slices.Repeat([]float32{100}, 784)}
	rng := rand.New(rand.NewPCG(1, 5))
	task := engine.Task{Seed: faintlyTilted(g, rng).answer(seed, seed, 10), Oracle: answer.Top1(), Aim: distance.NearestL0, Rand: rng}
	c := newSparseCloser(model.Must(BoundarySearch{}.NewSearcher(task)).(*boundarySearcher))
	c.begin()
	c.tired = make([]bool, 784)
	for i := range margins {
		c.set = append(c.set, single{i: i, to: 255})
		c.base.Data[i] = 255
	}
	c.without()
	for i, m := range margins {
		c.singles[i].margin = m
	}
	return c
}

func TestAValueThatIsNotNeededIsTakenOut(t *testing.T) {
	c := sparseOf(1, -2, -1)
	if c.prune(); len(c.set) != 2 || c.set[0].i != 0 || c.set[1].i != 2 || c.base.Data[1] != 100 || c.state != pruning {
		t.Errorf("the set is %v, expected values 0 and 2, and to be pruned further", c.set)
	}
	c = sparseOf(1, 2, 3)
	if c.prune(); len(c.set) != 3 || c.state != crossingByLevels {
		t.Errorf("the set is %v, expected all three, as they are needed", c.set)
	}
}

// Where a set had no gap, another value is to take the place of one; where it had one, one that of two.
func TestOtherValuesTakeThePlaceOfSome(t *testing.T) {
	for _, test := range []struct{ fewest, left int }{{0, 2}, {3, 1}} {
		c := sparseOf(3, 1, 2)
		c.fewest = test.fewest
		if c.again(); len(c.set) != test.left || c.set[0].i != 0 || !c.tired[1] || c.base.Data[1] != 100 || c.state != askingBase {
			t.Errorf("of a smallest set of %d: the set is %v, expected %d values without the second", test.fewest, c.set, test.left)
		}
	}
}
