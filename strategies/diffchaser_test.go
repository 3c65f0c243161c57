package strategies_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// generations runs DiffChaser by hand and returns the mean uncertainty of the children of each generation,
// of both models.
func generations(t *testing.T, strategy strategies.DiffChaserSearch, seed input.Input, n int) []float64 {
	t.Helper()
	d := newDrive(t, strategy, seed, nil)
	means := make([]float64, n)
	children := strategy.Population - 1 // without the seed
	for g := range means {
		for left := children; left > 0; left -= len(d.asked) {
			if d.step(left); len(d.asked) > left {
				t.Fatalf("generation %d has %d children too many", g, len(d.asked)-left)
			}
			for _, e := range d.told {
				for _, scores := range [][]float32{e.Original.Scores, e.Compressed.Scores} {
					sorted := slices.Sorted(slices.Values(scores))
					means[g] += float64(sorted[3]-sorted[2]) / float64(2*children)
				}
			}
		}
		children = strategy.Population - 2 // without the fittest by either model
	}
	return means
}

func TestDiffChaserBecomesMoreUncertain(t *testing.T) {
	bright := model.Must(input.NewImage(8, 8, 1, slices.Repeat([]uint8{240}, 64)))
	for name, mutator := range map[string]input.Mutator{"by crossover": enginetest.Speckle{}, "by mutation": enginetest.Shift{Most: 40}} {
		t.Run(name, func(t *testing.T) {
			strategy := strategies.DiffChaserSearch{Mutators: []input.Mutator{mutator}, Population: 100, Tournament: 5}
			means := generations(t, strategy, bright, 12)
			for g := 1; g < 4; g++ {
				if means[g] >= means[g-1] {
					t.Errorf("mean uncertainties %.3f: expected generation %d to be below the one before", means, g)
				}
			}
			if means[11] > 0.85*means[0] {
				t.Errorf("mean uncertainties %.3f: expected them to fall", means)
			}
		})
	}
}

func TestDiffChaserHistoryFollowsFirstParents(t *testing.T) {
	seed := enginetest.GreySeeds(1)[0].Input
	d := newDrive(t, strategies.DiffChaserSearch{
		Mutators: []input.Mutator{mark{0}, mark{1}, mark{2}}, Population: 12, Tournament: 2, MutationRate: 1,
	}, seed, nil)
	const operator = "(first|second|third)"
	firstOnes, later := regexp.MustCompile("^"+operator+"$"), regexp.MustCompile("^("+operator+" )?(crossover "+operator+" ?)+$")
	longest := 0
	for asked := 0; asked < 400; asked += len(d.asked) {
		d.ask(7)
		for i, candidate := range d.asked {
			history := d.searcher.(engine.Historian).History(i)
			longest = max(longest, len(history))
			shape := later
			if asked+i < 11 {
				shape = firstOnes
				if at := slices.Index([]string{"first", "second", "third"}, history[0]); candidate.Data[at] != seed.Data[at]+1 {
					t.Errorf("candidate %d: %v does not lead to it", asked+i, history)
				}
			}
			if !shape.MatchString(strings.Join(history, " ")) {
				t.Errorf("candidate %d: history %v", asked+i, history)
			}
		}
		d.tell()
	}
	// 400 queries are 39 generations; each adds two entries at most.
	if longest < 10 || longest > 80 {
		t.Errorf("the longest history has %d entries", longest)
	}
}

// Every value of a child is that of a parent, so without mutation a population never has values that
// its first generation did not have.
func TestDiffChaserMixesValues(t *testing.T) {
	d := newDrive(t, strategies.DiffChaserSearch{
		Mutators: []input.Mutator{jitter{}}, Population: 20, Tournament: 2, MutationRate: 1e-12,
	}, enginetest.GreySeeds(1)[0].Input, nil)
	first := [][]float32{d.seed.Data}
	for range 19 {
		first = append(first, slices.Clone(d.step(1)[0].Data))
	}
	for range 18 * 5 {
		candidate, copied := d.step(1)[0].Data, false
		for i, v := range candidate {
			if !slices.ContainsFunc(first, func(ancestor []float32) bool { return ancestor[i] == v }) {
				t.Fatalf("a child has the value %g at %d, which no ancestor has", v, i)
			}
		}
		for _, ancestor := range first {
			copied = copied || slices.Equal(candidate, ancestor)
		}
		if copied {
			t.Errorf("child %v is a copy of an ancestor", candidate)
		}
	}
}

// Where all values come from the first parent, the operators of a history make its candidate.
func TestDiffChaserHistoryMakesItsCandidate(t *testing.T) {
	operators := []input.Mutator{mark{0}, mark{1}, mark{2}}
	d := newDrive(t, strategies.DiffChaserSearch{
		Mutators: operators, Population: 12, Tournament: 2, MutationRate: 0.5, CrossoverRate: 0.9999999,
	}, enginetest.GreySeeds(1)[0].Input, nil)
	for asked := 0; asked < 300; asked += len(d.asked) {
		d.ask(7)
		for i, candidate := range d.asked {
			want := d.seed.Clone()
			history := d.searcher.(engine.Historian).History(i)
			for _, name := range history {
				for at, o := range operators {
					if name == o.String() {
						want.Data[at]++
					}
				}
			}
			if !slices.Equal(candidate.Data, want.Data) {
				t.Fatalf("candidate %d: %v does not lead from %v to %v", asked+i, history, d.seed.Data, candidate.Data)
			}
		}
		d.tell()
	}
}
