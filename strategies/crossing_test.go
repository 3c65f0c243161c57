package strategies

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"pgregory.net/rapid"
)

// An exchange begins at the one end, comes to the other, and on the way changes whole pixels, one after the other, never back.
func TestAnExchangeGoesPixelByPixel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := grid{rapid.IntRange(1, 5).Draw(t, "height"), rapid.IntRange(1, 5).Draw(t, "width"), rapid.IntRange(1, 3).Draw(t, "channels")}
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "stream"), 1))
		n := g.Height * g.Width * g.Channels
		from := input.Input{Shape: []int{g.Height, g.Width, g.Channels}, Kind: input.Image, Domain: input.Bytes, Data: make([]float32, n)}
		to, at := from.Clone(), from.Clone()
		differ := 0
		for p := range g.Height * g.Width {
			if rng.IntN(3) > 0 {
				to.Data[p*g.Channels+rng.IntN(g.Channels)] = 1
				differ++
			}
		}
		var c crossing
		c.begin(point{t: 0, original: 1}, point{t: 1, original: -1}, g)
		c.shuffle(from, to, rng)
		before := 0
		for k := range differ + 1 {
			c.exchange(at, from, to, float64(k)/float64(max(differ, 1)))
			changed := 0
			for i, v := range at.Data {
				if v != from.Data[i] {
					changed++
				}
			}
			if changed != k || changed < before {
				t.Fatalf("%d of %d pixels are exchanged, expected %d", changed, differ, k)
			}
			before = changed
		}
		if !slices.Equal(at.Data, to.Data) {
			t.Fatalf("the way ends at %v, expected %v", at.Data, to.Data)
		}
	})
}

// Within a bound of one step an image of bytes has no place between two corners but by exchanging pixels, and the gap is narrow.
func TestPixelsAreExchangedWhereABlendHasNoPlaces(t *testing.T) {
	g := grid{28, 28, 1}
	const atSeed = 10
	found := 0
	for stream := range uint64(10) {
		rng := rand.New(rand.NewPCG(stream, 5))
		m := newTilted(g, rng)
		for i := range m.weights[1] {
			m.weights[1][i] = 0.99*m.weights[0][i] + 0.01*m.weights[1][i]
		}
		seed := input.Input{Shape: []int{28, 28, 1}, Kind: input.Image, Domain: input.Bytes, Data: slices.Repeat([]float32{100}, 784)}
		region := model.Must(distance.LInf(1).Around(seed))
		judge := func(e engine.Evaluation) engine.Evaluation {
			e.Verdict = answer.Judge(answer.Top1(), e.Original, e.Compressed)
			return e
		}
		task := engine.Task{Seed: judge(m.answer(seed, seed, atSeed)), Region: region, Oracle: answer.Top1(), Rand: rng}
		s := model.Must(BoundarySearch{}.NewSearcher(task))
		for range 300 {
			in := s.Ask(1)[0]
			region.Project(in)
			e := judge(m.answer(seed, in, atSeed))
			if e.Verdict.Deviates {
				found++
				break
			}
			s.Tell([]engine.Evaluation{e})
		}
	}
	if found < 8 {
		t.Errorf("%d of 10 gaps were found, expected 8 at least", found)
	}
}

// For an oracle that asks for more than different labels the climb goes on where labels differ, until nothing is lacking.
func TestTheClimbMaximisesWhatASevereOracleLacks(t *testing.T) {
	g := grid{28, 28, 1}
	oracle := model.Must(answer.MinConfidence(0.7, nil))
	const atSeed = 100
	found := 0
	for stream := range uint64(10) {
		rng := rand.New(rand.NewPCG(stream, 9))
		m := newTilted(g, rng)
		seed := input.Input{Shape: []int{28, 28, 1}, Kind: input.Image, Domain: input.Bytes, Data: slices.Repeat([]float32{100}, 784)}
		region := model.Must(distance.LInf(3).Around(seed))
		judge := func(e engine.Evaluation) engine.Evaluation {
			e.Verdict = answer.Judge(oracle, e.Original, e.Compressed)
			return e
		}
		task := engine.Task{Seed: judge(m.answer(seed, seed, atSeed)), Region: region, Oracle: oracle, Rand: rng}
		s := model.Must(BoundarySearch{}.NewSearcher(task))
		for range 200 {
			in := s.Ask(1)[0]
			region.Project(in)
			e := judge(m.answer(seed, in, atSeed))
			if e.Verdict.Deviates {
				found++
				break
			}
			s.Tell([]engine.Evaluation{e})
		}
	}
	if found < 8 {
		t.Errorf("%d of 10 were found, expected 8 at least", found)
	}
}
