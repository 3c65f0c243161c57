package strategies

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
	"github.com/triggerfinder/triggerfinder/model"
)

// rememberingClimb is a climb in grey images between two labels, and the models that it climbs.
func rememberingClimb(t *testing.T, g grid) (*linearClimb, tilted, input.Input) {
	m := newTilted(g, rand.New(rand.NewPCG(11, 12)))
	seed := input.Input{Shape: []int{g.Height, g.Width, g.Channels}, Kind: input.Image, Domain: input.Bytes, Data: make([]float32, g.Height*g.Width*g.Channels)}
	for i := range seed.Data {
		seed.Data[i] = 128
	}
	region := model.Must(distance.LInf(8).Around(seed))
	for side := range m.weights { // scores must not be rounded to 0
		for i := range m.weights[side] {
			m.weights[side][i] *= 0.5 / float64(8*len(seed.Data)) * 10
		}
	}
	c := model.Must(newClimber(engine.Task{Seed: m.answer(seed, seed, climbedFrom), Region: region, Rand: rand.New(rand.NewPCG(3, 4))}, nil)).(*linearClimb)
	if c.told == nil {
		t.Fatal("the climb remembers nothing")
	}
	return c, m, seed
}

const climbedFrom = 8 // out of reach

// The covariance is symmetric and falls with each pixel, is of one channel or of all colours, and gradients that are drawn have it.
func TestGradientsAreExpectedToBeAlike(t *testing.T) {
	for _, test := range []struct {
		grid
		input.Kind
		colours bool
	}{{grid{5, 4, 1}, input.Image, false}, {grid{3, 3, 3}, input.Image, true}, {grid{3, 3, 5}, input.Image, false}, {grid{1, 12, 1}, input.Signal, false}, {grid{1, 6, 2}, input.Signal, false}} {
		g := test.grid
		t.Run(fmt.Sprintf("%dx%dx%d", g.Height, g.Width, g.Channels), func(t *testing.T) {
			n := g.Height * g.Width * g.Channels
			told := newToldAnswers(g, test.Kind)
			covariance, root := make([][]float64, n), make([][]float64, n)
			for i := range n {
				covariance[i], root[i] = make([]float64, n), make([]float64, n)
				covariance[i][i], root[i][i] = 1, 1
				told.spread(covariance[i])
				told.spreadBack(root[i])
			}
			near := func(a, b float64) bool { return math.Abs(a-b) < 1e-12 }
			for i := range n {
				for j := range n {
					var drawn float64 // covariance of values i and j
					for k := range n {
						drawn += root[k][i] * root[k][j]
					}
					if !near(covariance[i][j], covariance[j][i]) || !near(covariance[i][j], drawn) {
						t.Fatalf("values %d and %d: %g, the other way round %g, drawn %g", i, j, covariance[i][j], covariance[j][i], drawn)
					}
					if apart := (i-j)%g.Channels != 0 && !test.colours; apart != (covariance[i][j] == 0) {
						t.Fatalf("values %d and %d of %d channels: %g", i, j, g.Channels, covariance[i][j])
					}
				}
			}
			if test.colours && !near(covariance[1][0], 0.5*covariance[0][0]) {
				t.Errorf("from one colour to the next: %g of %g", covariance[1][0], covariance[0][0])
			}
			if g.Width > 2 && !near(covariance[0][g.Channels], alikeness*covariance[g.Channels][g.Channels]) {
				t.Errorf("from one pixel to the next: %g of %g", covariance[0][g.Channels], covariance[g.Channels][g.Channels])
			}
		})
	}
}

// Corrected again and again, the weights come to solve the ridge regression, and the gradients are what follows from them.
func TestAnswersAreWeighedTogether(t *testing.T) {
	c, m, seed := rememberingClimb(t, grid{8, 8, 1})
	from := [2][]float64{}
	for side := range from {
		from[side] = append([]float64(nil), c.slope[0][side]...)
	}
	const answers = 40
	for range answers {
		e := m.answer(seed, c.Ask(1)[0], climbedFrom)
		c.learn(e) // the base stays
	}
	for range 2000 {
		c.told.fresh = true
		c.reweigh()
	}
	if len(c.told.all) < answers/2 {
		t.Fatalf("%d of %d answers are remembered", len(c.told.all), answers)
	}
	apart := make([]float64, len(seed.Data))
	expected := [2][]float64{from[0], apart}
	for i := range apart {
		apart[i] = from[1][i] - from[0][i]
	}
	for i := range c.told.all {
		a := &c.told.all[i]
		for side, g := range [2][]float64{c.slope[0][0], c.told.apart[0]} {
			if left := a.by[0][side] - vec.DotOfSingles(g, a.change) - unevenness*a.length*a.weights[0][side]; math.Abs(left) > 1e-4*math.Abs(a.by[0][side])+1e-6 {
				t.Fatalf("answer %d, side %d: %g of %g is left", i, side, left, a.by[0][side])
			}
			vec.AddScaledSingles(expected[side], a.weights[0][side], a.spread)
		}
	}
	for i, v := range c.slope[0][0] {
		if math.Abs(v-expected[0][i]) > 1e-6 || math.Abs(c.slope[0][1][i]-v-expected[1][i]) > 1e-6 {
			t.Fatalf("value %d: gradients of %g and %g, expected %g and that and %g", i, v, c.slope[0][1][i], expected[0][i], expected[1][i])
		}
	}
}

// What the latest answers say together is more than what each said when it came: the climb knows the gradients well when it has seen as many
// answers as the image has values.
func TestRememberedAnswersTellTheGradients(t *testing.T) {
	c, m, seed := rememberingClimb(t, grid{12, 12, 1})
	for range 144 {
		e := m.answer(seed, c.Ask(1)[0], climbedFrom)
		c.learn(e)
		c.keep(e)
	}
	g, w := c.slope[0][0], m.weights[0]
	if cosine := vec.Dot(g, w) / math.Sqrt(vec.Dot(g, g)*vec.Dot(w, w)); cosine < 0.9 {
		t.Errorf("gradients have a cosine of %.3f with the true ones", cosine)
	} else {
		t.Logf("cosine %.3f", cosine)
	}
}

// A climb remembers no more answers than there is room for, and none where few would take much of it, and none for oracles that ask for more than other labels.
func TestWhatAClimbRemembers(t *testing.T) {
	severe := model.Must(answer.MinConfidence(0.9, nil))
	for _, test := range []struct {
		side   int
		oracle answer.Oracle
		most   int // 0 for none
	}{
		{28, answer.Top1(), mostTold},
		{28, severe, 0},
		{60, answer.Top1(), 72},
		{80, answer.Top1(), leastTold},
		{81, answer.Top1(), 0},
		{100, answer.Top1(), 0},
	} {
		g := grid{test.side, test.side, 1}
		m := newTilted(g, rand.New(rand.NewPCG(5, 6)))
		seed := input.Input{Shape: []int{test.side, test.side, 1}, Kind: input.Image, Domain: input.Bytes, Data: make([]float32, test.side*test.side)}
		c := model.Must(newClimber(engine.Task{
			Seed: m.answer(seed, seed, 20), Region: model.Must(distance.LInf(8).Around(seed)), Oracle: test.oracle, Rand: rand.New(rand.NewPCG(3, 4)),
		}, nil)).(*linearClimb)
		if c.told == nil || test.most == 0 {
			if c.told != nil || test.most != 0 {
				t.Errorf("%d pixels a side, %s: remembers answers: %t", test.side, test.oracle, c.told != nil)
			}
			continue
		}
		if c.told.most != test.most {
			t.Errorf("%d pixels a side: remembers %d answers, expected %d", test.side, c.told.most, test.most)
		}
		for range test.most + 10 {
			e := m.answer(seed, c.Ask(1)[0], 20)
			c.learn(e)
			c.keep(e)
		}
		if len(c.told.all) != test.most {
			t.Errorf("%d pixels a side: %d answers are remembered, expected %d", test.side, len(c.told.all), test.most)
		}
	}
}
