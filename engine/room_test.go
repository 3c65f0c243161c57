package engine

import (
	"math/rand/v2"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// greedy asks for many candidates at once.
type greedy struct{ asked []input.Input }

func (g greedy) Ask(limit int) []input.Input { return g.asked[:min(limit, len(g.asked))] }
func (greedy) Tell([]Evaluation)             {}

func (g greedy) NewSearcher(Task) (Searcher, error) { return g, nil }
func (greedy) String() string                       { return "greedy" }

func TestRunsWaitWhereCandidatesAreLarge(t *testing.T) {
	for _, test := range []struct{ side, runs, most int }{
		{32, 32, 32}, // as many as there are, for images of usual small sizes
		{224, 32, 1}, // 64 of 0.6 MB are enough
		{100, 32, 4},
	} {
		seed := model.Must(input.NewImage(test.side, test.side, 3, make([]uint8, 3*test.side*test.side)))
		asked := make([]input.Input, 64)
		for i := range asked {
			asked[i] = seed
		}
		w := &worker{search: &search{settings: Settings{Strategy: greedy{asked}, BatchSize: 32}, labelOnly: true}} // so that no model is asked for gradients
		runs := make([]*run, test.runs)
		for i := range runs {
			runs[i] = &run{outcome: &Outcome{}, seed: input.Seed{Input: seed}, known: true, allowance: 100, rng: rand.New(rand.NewPCG(1, 2))}
		}
		if n := w.ask(runs); n != test.most {
			t.Errorf("images of %d pixels a side: expected candidates of %d runs at once, found those of %d", test.side, test.most, n)
		}
	}
}

func TestMemoryMakesTheWindowSmaller(t *testing.T) {
	for _, test := range []struct {
		values, classes, memory, window int
		expected                        int
	}{
		{28 * 28, 10, DefaultMemory, 64, 64},
		{3 * 224 * 224, 1000, DefaultMemory, 64, 61},
		{3 * 384 * 384, 1000, DefaultMemory, 64, 21},
		{3 * 224 * 224, 1000, 64 << 20, 64, 7},
		{3 * 224 * 224, 1000, 64 << 20, 3, 3},
		{3 * 224 * 224, 1000, 1, 64, 1},
		{0, 0, DefaultMemory, 64, 64}, // not known yet
	} {
		pooled := &search{settings: Settings{Window: test.window, Memory: test.memory + 100<<20}, sides: &Sides{original: &side{}}, largest: test.values, pooled: 100 << 20}
		pooled.sides.original.seen.classes = test.classes
		if n := pooled.window(); n != test.expected {
			t.Errorf("%+v, and as much again for a pool: found %d", test, n)
		}
		s := &search{settings: Settings{Window: test.window, Memory: test.memory}, sides: &Sides{original: &side{}}, largest: test.values}
		s.sides.original.seen.classes = test.classes
		if n := s.window(); n != test.expected {
			t.Errorf("%+v: found %d", test, n)
		}
	}
}

func TestFewerTriggersKeepLargeInputs(t *testing.T) {
	for _, test := range []struct{ values, keep, expected int }{
		{28 * 28, 0, 1000}, {3 * 224 * 224, 0, 111}, {3 * 1024 * 1024, 0, 20}, {3 * 1024 * 1024, 500, 500},
	} {
		s := &search{settings: Settings{Memory: DefaultMemory, KeepInputs: test.keep}}
		s.measureSeeds(t.Context(), []input.Input{{Data: make([]float32, test.values)}})
		if n := s.settings.KeepInputs; n != test.expected {
			t.Errorf("%d values: expected %d triggers that keep their inputs, found %d", test.values, test.expected, n)
		}
	}
}

// TestPackedRuns: seeds of the pool wait as bytes, and are what they were when their turn comes.
func TestPackedRuns(t *testing.T) {
	seed := model.Must(input.NewImage(1, 2, 1, []uint8{3, 250}))
	r := &run{outcome: &Outcome{}, seed: input.Seed{Input: seed, Name: "s"}, screening: Evaluation{Input: seed}, known: true, asked: []input.Input{seed}}
	if size := r.pack(); size != 2 || r.seed.Input.Data != nil || r.screening.Input.Data != nil || r.asked != nil {
		t.Errorf("expected 2 bytes and no more, found %d, %v, %v and %v", size, r.seed.Input, r.screening.Input, r.asked)
	}
	r.unpack()
	if r.seed.Input.ID() != seed.ID() || r.screening.Input.ID() != seed.ID() || r.packed.Len() != 0 {
		t.Errorf("expected the seed, found %v and %v", r.seed.Input.Data, r.screening.Input.Data)
	}
	unread := &run{}
	if size := unread.pack(); size != 0 {
		t.Errorf("a seed that could not be read: expected nothing, found %d bytes", size)
	}
	unread.unpack()
}
