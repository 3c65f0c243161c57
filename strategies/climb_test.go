package strategies

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
	"github.com/triggerfinder/triggerfinder/model"
	"pgregory.net/rapid"
)

// tilted are two models whose log scores are linear: of three labels, the second falls behind the first by a sum of
// weighted values, and the third is never near.
type tilted struct{ weights [2][]float64 }

// newTilted draws weights that are alike in neighbouring pixels and in the colours of one, as those of images are, with differences
// between the models.
func newTilted(g grid, rng *rand.Rand) tilted {
	n := g.Height * g.Width * g.Channels
	raw, scratch := make([]float64, n), make([]float64, n)
	var m tilted
	for side := range m.weights {
		for i := range raw {
			raw[i] = rng.NormFloat64()
			if colour := i % g.Channels; colour > 0 {
				raw[i] += raw[i-colour]
			}
		}
		m.weights[side] = make([]float64, n)
		g.smooth(m.weights[side], raw, scratch)
	}
	vec.AddScaled(m.weights[1], 4, m.weights[0]) // so that the models mostly agree
	for i := range m.weights[1] {
		m.weights[1][i] /= 4
	}
	return m
}

// ahead is how far the first label is ahead of the second one.
func (m tilted) ahead(side int, seed, in input.Input, atSeed float64) float64 {
	for i, w := range m.weights[side] {
		atSeed += w * float64(in.Data[i]-seed.Data[i])
	}
	return atSeed
}

func (m tilted) answer(seed, in input.Input, atSeed float64) engine.Evaluation {
	e := engine.Evaluation{Input: in}
	for side, scores := range []*answer.Scores{&e.Original.Scores, &e.Compressed.Scores} {
		odds := math.Exp(-m.ahead(side, seed, in, atSeed))
		sum := 1 + odds + 1e-6
		*scores = []float32{float32(1 / sum), float32(odds / sum), float32(1e-6 / sum)}
	}
	return e
}

// lowest is the least that a model's lead can become within the bound.
func (m tilted) lowest(which int, seed input.Input, box distance.Box, atSeed float64) float64 {
	low, high := box.Ends()
	for i, w := range m.weights[which] {
		atSeed += min(w*float64(low[i]-seed.Data[i]), w*float64(high[i]-seed.Data[i]))
	}
	return atSeed
}

// In a linear model the climb comes near to the lowest corner, in fewer queries than the image has values, and
// lower than Square; in an image in colour too.
func TestTheClimbFindsTheLowestCorner(t *testing.T) {
	const most, queries = 8, 300
	for _, g := range []grid{{28, 28, 1}, {20, 20, 3}, {1, 500, 1}} {
		t.Run(fmt.Sprintf("%dx%dx%d", g.Height, g.Width, g.Channels), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, uint64(g.Height)))
			m := newTilted(g, rng)
			seed := input.Input{Shape: []int{g.Height, g.Width, g.Channels}, Kind: input.Image, Domain: input.Bytes, Data: make([]float32, g.Height*g.Width*g.Channels)}
			for i := range seed.Data {
				seed.Data[i] = float32(rng.IntN(256))
			}
			region := model.Must(distance.LInf(most).Around(seed)).(distance.Box)
			low, high := region.Ends()
			deepest := min(m.lowest(0, seed, region, 0), m.lowest(1, seed, region, 0))
			// Scores must not be rounded to 0.
			k := -10 / deepest
			for side := range m.weights {
				for i := range m.weights[side] {
					m.weights[side][i] *= k
				}
			}
			const atSeed = 11 // out of reach
			reached := map[string]float64{}
			for name := range map[string]bool{"linear": true, "square": false} {
				task := engine.Task{Seed: m.answer(seed, seed, atSeed), Region: region, Rand: rand.New(rand.NewPCG(3, 4))}
				var c climber = model.Must(SquareSearch{}.NewSearcher(task)).(*squareSearcher)
				if name == "linear" {
					c = model.Must(newClimber(task, nil))
					if _, ok := c.(*linearClimb); !ok {
						t.Fatalf("the climber within LInf is %T", c)
					}
				}
				least := math.Inf(1)
				for range queries {
					e := m.answer(seed, c.Ask(1)[0], atSeed)
					for i, v := range e.Input.Data {
						if v != low[i] && v != high[i] && v != seed.Data[i] {
							t.Fatalf("%s: value %d is %g; the bound is from %g to %g around %g", name, i, v, low[i], high[i], seed.Data[i])
						}
					}
					c.learn(e)
					before := least
					least = min(least, newSquareLoss(task).of(e.Original, e.Compressed))
					if kept := c.keep(e); kept != (least < before) && before < atSeed {
						t.Fatalf("%s: kept %v with the least loss %g after %g", name, kept, least, before)
					}
				}
				reached[name] = atSeed - least
			}
			t.Logf("of 10: linear %.2f, square %.2f", reached["linear"], reached["square"])
			if reached["linear"] < 6.5 || reached["linear"] < reached["square"]+0.8 {
				t.Errorf("%d queries came %g of 10 down, and Square %g", queries, reached["linear"], reached["square"])
			}
		})
	}
}

// Both models' margins fall together, but the corner that the plan takes sets them apart.
func TestThePlanSetsTheModelsApart(t *testing.T) {
	g := grid{6, 6, 1}
	m := newTilted(g, rand.New(rand.NewPCG(7, 8)))
	seed := input.Input{Shape: []int{6, 6, 1}, Kind: input.Image, Domain: input.Bytes, Data: slices.Repeat([]float32{128}, 36)}
	region := model.Must(distance.LInf(10).Around(seed)).(distance.Box)
	for _, leaves := range []int{0, 1} {
		atSeed := -0.5 * m.lowest(leaves, seed, region, 0) // both corners lie beyond both boundaries
		low, high := region.Ends()
		c := newLinearClimb(engine.Task{Seed: m.answer(seed, seed, atSeed), Region: region}, low, high, nil)
		for side := range 2 {
			copy(c.slope[0][side], m.weights[side])
		}
		c.replan()
		c.corner(c.candidate[0].Data)
		e := m.answer(seed, c.candidate[0], atSeed)
		if loss := c.loss.of(e.Original, e.Compressed); loss >= 0 {
			t.Errorf("the corner of %+v has the loss %g, with leads %g and %g; expected the models to disagree", c.plan, loss,
				m.ahead(0, seed, e.Input, atSeed), m.ahead(1, seed, e.Input, atSeed))
		}
		if c.plan.weight == 1 {
			t.Errorf("plan %+v looks at one model only", c.plan)
		}
	}
}

// The climb of a large image begins with textures, goes on with patches of the base, and with blocks after those.
func TestALargeImageIsClimbedByTexturesFirst(t *testing.T) {
	for _, side := range []int{99, 100} {
		g := grid{side, side, 1}
		m := newTilted(g, rand.New(rand.NewPCG(5, 6)))
		seed := input.Input{Shape: []int{side, side, 1}, Kind: input.Image, Domain: input.Bytes, Data: slices.Repeat([]float32{128}, side*side)}
		region := model.Must(distance.LInf(8).Around(seed)).(distance.Box)
		const atSeed = 20
		c := model.Must(newClimber(engine.Task{Seed: m.answer(seed, seed, atSeed), Region: region, Rand: rand.New(rand.NewPCG(3, 4))}, nil)).(*linearClimb)
		patches := 0
		for asked := range texturesFirst + 20 {
			in := c.Ask(1)[0]
			if knows := c.slope[0][0] != nil; knows != (side < 100 || asked >= texturesFirst) {
				t.Fatalf("side %d: after %d candidates it has room for gradients: %t; they take much of it, and are of use after textures", side, asked, knows)
			}
			if asked >= len(textures) && asked < texturesFirst && (side < 100 || isPatch(g, in.Data, c.base)) {
				patches++
			}
			for i, v := range in.Data {
				if v != 120 && v != 136 && v != 128 {
					t.Fatalf("side %d: value %d is %g; the bound is from 120 to 136", side, i, v)
				}
			}
			e := m.answer(seed, in, atSeed)
			c.learn(e)
			c.keep(e)
		}
		if proposed := c.patches.proposed > 0; proposed != (side == 100) || patches < texturesFirst-len(textures) {
			t.Errorf("side %d: %d of %d candidates are the base with a patch", side, patches, texturesFirst+20)
		}
		if c.least >= atSeed {
			t.Errorf("side %d: the climb got nowhere", side)
		}
	}
}

// isPatch reports whether data is base but for a part that is not the whole of it.
func isPatch(g grid, data, base []float32) bool {
	top, left, bottom, right := g.Height, g.Width, -1, -1
	for i, v := range data {
		if v != base[i] {
			y, x := i/g.Channels/g.Width, i/g.Channels%g.Width
			top, left, bottom, right = min(top, y), min(left, x), max(bottom, y), max(right, x)
		}
	}
	return bottom-top+1 <= g.Height && right-left+1 <= g.Width/2+1
}

func TestTheClimberOfATask(t *testing.T) {
	seed := model.Must(input.NewImage(4, 4, 1, make([]uint8, 16)))
	severe := model.Must(answer.MinConfidence(0.9, nil))
	for _, test := range []struct {
		name   string
		bound  distance.Bound
		oracle answer.Oracle
		scores []float32
		linear bool
	}{
		{"LInf", distance.LInf(8), answer.Top1(), []float32{0.9, 0.1}, true},
		{"logits", distance.LInf(8), answer.Top1(), []float32{9, -3}, true},
		{"labels alone", distance.LInf(8), answer.Top1(), []float32{1, 0}, false},
		{"L2", distance.L2(80), answer.Top1(), []float32{0.9, 0.1}, false},
		{"severe", distance.LInf(8), severe, []float32{0.9, 0.1}, true},
	} {
		c := model.Must(newClimber(engine.Task{
			Seed:   engine.Evaluation{Input: seed, Original: answer.Of(test.scores...), Compressed: answer.Of(test.scores...)},
			Region: model.Must(test.bound.Around(seed)), Oracle: test.oracle,
		}, nil))
		if _, linear := c.(*linearClimb); linear != test.linear {
			t.Errorf("%s: %T", test.name, c)
		}
	}
}

// The correction of a gradient needs a smoothing that is the same both ways round.
func TestSmoothIsSymmetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := grid{rapid.IntRange(1, 6).Draw(t, "height"), rapid.IntRange(1, 6).Draw(t, "width"), rapid.IntRange(1, 3).Draw(t, "channels")}
		n := g.Height * g.Width * g.Channels
		i, j := rapid.IntRange(0, n-1).Draw(t, "i"), rapid.IntRange(0, n-1).Draw(t, "j")
		spread := func(at int) []float64 {
			unit, dst := make([]float64, n), make([]float64, n)
			unit[at] = 1
			g.smooth(dst, unit, make([]float64, n))
			return dst
		}
		a, b := spread(i), spread(j)
		if a[j] != b[i] {
			t.Fatalf("%+v: value %d goes to %d with %g, back with %g", g, i, j, a[j], b[i])
		}
		if a[i] != 0.25 {
			t.Fatalf("%+v: %g of value %d stay", g, a[i], i)
		}
		near := func(p, q, most int) bool { return p-q <= most && q-p <= most }
		pixel := func(at int) (int, int, int) {
			return at / g.Channels / g.Width, at / g.Channels % g.Width, at % g.Channels
		}
		yi, xi, ci := pixel(i)
		yj, xj, cj := pixel(j)
		if wanted := near(yi, yj, 1) && near(xi, xj, 1) && ci == cj; (a[j] > 0) != wanted {
			t.Fatalf("%+v: %g of value %d go to value %d", g, a[j], i, j)
		}
	})
}

// Searchers hold a single set of log scores for the latest answer, so what they keep has to be a copy.
func TestTheHighestPointKeepsItsScores(t *testing.T) {
	seed := engine.Evaluation{
		Input:    input.Input{Shape: []int{4}, Data: []float32{100, 100, 100, 100}, Domain: input.Bytes},
		Original: answer.Of(0.9, 0.1), Compressed: answer.Of(0.8, 0.2),
	}
	s := model.Must(BoundarySearch{}.NewSearcher(engine.Task{
		Seed: seed, Region: model.Must(distance.LInf(8).Around(seed.Input)), Oracle: answer.Top1(), Rand: rand.New(rand.NewPCG(1, 2)),
	})).(*boundarySearcher)
	nearer := engine.Evaluation{Input: s.Ask(1)[0].Clone(), Original: answer.Of(0.6, 0.4), Compressed: answer.Of(0.7, 0.3)}
	s.Tell([]engine.Evaluation{nearer})
	s.point(1, engine.Evaluation{Original: answer.Of(0.1, 0.9), Compressed: answer.Of(0.2, 0.8)})
	var want logScores
	want.of(&nearer)
	if !reflect.DeepEqual(s.highest.logs, want) {
		t.Errorf("the highest point has the log scores %v, expected %v", s.highest.logs, want)
	}
	want.of(&seed)
	if !reflect.DeepEqual(s.seed.logs, want) {
		t.Errorf("the seed has the log scores %v, expected %v", s.seed.logs, want)
	}
}
