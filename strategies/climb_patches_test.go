package strategies

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// greyTask is the climb of a grey image within a bound, from margins of 1.
func greyTask(g grid) (*linearClimb, input.Input) {
	seed := input.Input{
		Shape: []int{g.Height, g.Width, g.Channels}, Kind: input.Image, Domain: input.Bytes, Data: slices.Repeat([]float32{128}, g.Height*g.Width*g.Channels),
	}
	task := engine.Task{
		Seed: engine.Evaluation{Input: seed, Original: answer.Of(2, 1), Compressed: answer.Of(2, 1)}, Oracle: answer.Top1(),
		Region: model.Must(distance.LInf(8).Around(seed)), Rand: rand.New(rand.NewPCG(3, 4)),
	}
	c := model.Must(newClimber(task, nil)).(*linearClimb)
	c.alike = true
	return c, seed
}

func TestPatchesLieInTheImage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := grid{rapid.IntRange(1, 300).Draw(t, "height"), rapid.IntRange(1, 300).Draw(t, "width"), rapid.IntRange(1, 4).Draw(t, "channels")}
		w := patchwork{proposed: rapid.IntRange(0, 1000).Draw(t, "proposed")}
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "random"), 1))
		for range 20 {
			p := w.next(rng, g)
			if a := p.area; a.Top < 0 || a.Left < 0 || a.Bottom > g.Height || a.Right > g.Width || a.Top >= a.Bottom || a.Left >= a.Right {
				t.Fatalf("patch of kind %d at %+v in an image of %d x %d", p.kind, a, g.Height, g.Width)
			}
			if there := signs(1)<<min(g.Channels, textureTints) - 1; p.channels&there == 0 || p.channels > every {
				t.Fatalf("patch of kind %d in the channels %b of %d", p.kind, p.channels, g.Channels)
			}
			w.credit(p, rapid.Float64Range(-1, 1).Draw(t, "gain"))
		}
	})
}

func TestPatchesShrink(t *testing.T) {
	var w patchwork
	rng, area := rand.New(rand.NewPCG(1, 2)), [2]int{}
	for n := range 400 {
		if p := w.next(rng, grid{224, 224, 3}); p.kind != columns {
			area[n/200] += (p.area.Bottom - p.area.Top) * (p.area.Right - p.area.Left)
		}
	}
	if area[1] > area[0]/3 {
		t.Errorf("the first 200 patches have %d pixels, the next ones %d; expected far fewer", area[0], area[1])
	}
}

func TestPatchesAreOfTheKindsThatPay(t *testing.T) {
	for kind := range patchKinds {
		var w patchwork
		rng, counts := rand.New(rand.NewPCG(1, 2)), [patchKinds]int{}
		for range 300 {
			p := w.next(rng, grid{224, 224, 3})
			counts[p.kind]++
			gain := 0.1
			if p.kind == kind {
				gain = 1
			}
			w.credit(p, gain)
		}
		for other, n := range counts {
			if patchKind(other) != kind && (n == 0 || 2*n > counts[kind]) {
				t.Errorf("kind %d gains most: %v of the kinds", kind, counts)
			}
		}
	}
}

// Of two improvements that were asked about together the greater one becomes the base, and the other one comes next upon it.
func TestBothImprovementsOfAPairAreKept(t *testing.T) {
	for greater := range 2 {
		c, _ := greyTask(grid{104, 104, 3})
		for c.textured > texturesFirst-len(textures) {
			c.probes(2)
			c.probed([]answer.Answer{answer.Of(2, 1), answer.Of(2, 1)})
		}
		asked := c.probes(2)
		pair := [2][]float32{slices.Clone(asked[0].Data), slices.Clone(asked[1].Data)}
		steps, before := c.steps, slices.Clone(c.base)
		answers := []answer.Answer{answer.Of(1.8, 1), answer.Of(1.8, 1)}
		answers[greater] = answer.Of(1.6, 1)
		if best := c.probed(answers); best != greater || !slices.Equal(c.base, pair[greater]) {
			t.Fatalf("candidate %d is the greater improvement, and %d is the base", greater, best)
		}
		want := slices.Clone(c.base)
		c.fill(want, steps[1-greater].patch)
		next := c.probes(2)
		if !slices.Equal(next[0].Data, want) {
			t.Errorf("candidate %d is an improvement too, and not tried upon the other one", 1-greater)
		}
		if slices.Equal(next[0].Data, before) || slices.Equal(next[1].Data, want) {
			t.Errorf("the other candidate is no new one")
		}
	}
}

func TestStripedTextures(t *testing.T) {
	for _, test := range []struct {
		name string
		of   texture
		want [4]uint64 // of the first channel at rows 0 and 2, columns 0 and 3
	}{
		{"stripes", striped(2, 0, red), [4]uint64{1, 1, 0, 0}},
		{"upright", striped(0, 3, red), [4]uint64{1, 0, 1, 0}},
		{"checkerboard", striped(2, 3, red), [4]uint64{1, 0, 0, 1}},
		{"flat", striped(0, 0, red), [4]uint64{1, 1, 1, 1}},
	} {
		for at, want := range test.want {
			field := test.of.field(at/2*2, at%2*3)
			if got := test.of.up[0] >> field & 1; got != want {
				t.Errorf("%s, corner %d: %d, expected %d", test.name, at, got, want)
			}
			if got := test.of.up[1] >> field & 1; got == want {
				t.Errorf("%s, corner %d: green is %d, as red is", test.name, at, got)
			}
		}
	}
}
