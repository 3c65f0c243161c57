package strategies

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
)

// herd is a search with one finished generation: the individual i has all its values i, and the
// uncertainties given.
func herd(options DiffChaserSearch, domain input.Domain, original, compressed []float32) *diffChaserSearcher {
	options.Population, options.Mutators = len(original), []input.Mutator{still{}}
	options, err := options.completed()
	if err != nil {
		panic(err)
	}
	const size = 4001
	s := &diffChaserSearcher{
		options: options, rng: rand.New(rand.NewPCG(1, 2)), other: make([]float32, size),
		seed: input.Input{Shape: []int{size}, Data: make([]float32, size), Domain: domain},
	}
	task := engine.Task{Seed: engine.Evaluation{Input: s.seed, Original: answer.Of(1, 0), Compressed: answer.Of(1, 0)}}
	s.parents, s.children = newGeneration(task), newGeneration(task)
	for i := range original {
		s.lineage = append(s.lineage, birth{parent: none, operator: none})
		scores := func(u float32) []float32 { return []float32{0, (1 + u) / 2, (1 - u) / 2} }
		e := engine.Evaluation{Original: answer.Of(scores(original[i])...), Compressed: answer.Of(scores(compressed[i])...)}
		e.Input = s.seed
		e.Input.Data = slices.Repeat([]float32{float32(i)}, size)
		s.children.add(e, options.K, int32(i))
	}
	return s
}

func TestDiffChaserMixesTheWinnersForBothModels(t *testing.T) {
	original, compressed := []float32{0.5, 0.1, 0.9, 0.8}, []float32{0.5, 0.9, 0.8, 0.1}
	for _, domain := range []input.Domain{input.Bytes, {Min: 0, Max: 255}} {
		for _, rate := range []float64{0.1, 0.5, 0.75} {
			s := herd(DiffChaserSearch{Tournament: 50, CrossoverRate: rate, MutationRate: 1e-12}, domain, original, compressed)
			child := s.Ask(1)[0]
			ofFirst := 0
			for i, v := range child.Data {
				switch v {
				case 1: // the original is the least certain about individual 1
					ofFirst++
				case 3:
				default:
					t.Fatalf("value %g at %d is not of individual 1 or 3", v, i)
				}
			}
			if share := float64(ofFirst) / float64(len(child.Data)); share < rate-0.03 || share > rate+0.03 {
				t.Errorf("domain %s: %.3f of the values are of the first parent, expected about %g", domain, share, rate)
			}
		}
	}
}

func TestDiffChaserNeverMixesAnIndividualWithItself(t *testing.T) {
	s := herd(DiffChaserSearch{Tournament: 50}, input.Bytes, []float32{0.9, 0.1, 0.8}, []float32{0.9, 0.1, 0.8})
	if !slices.Contains(s.Ask(1)[0].Data, 2) {
		t.Error("the best by both models was mixed with itself; expected the second best as the other parent")
	}
}

func TestDiffChaserKeepsTheFittestByEachModel(t *testing.T) {
	for _, test := range []struct {
		elite int
		want  []float32 // individuals that live on
	}{
		// Individual 0 is the fittest by both: the next fittest by the compressed model takes its
		// place there.
		{1, []float32{0, 2}},
		{2, []float32{0, 1, 2, 3}},
	} {
		s := herd(DiffChaserSearch{Elite: test.elite}, input.Bytes,
			[]float32{0.1, 0.2, 0.3, 0.4, 0.5, 0.6}, []float32{0.1, 0.5, 0.2, 0.3, 0.4, 0.6})
		asked := s.Ask(100)
		var kept []float32
		value := make([]float32, len(s.seed.Data))
		for i := range s.children.len() {
			s.children.read(value, i)
			kept = append(kept, value[0])
		}
		if !slices.Equal(kept, test.want) || len(asked) != 6-len(kept) {
			t.Errorf("elite %d: %v live on and %d are asked, expected %v and %d", test.elite, kept, len(asked), test.want, 6-len(test.want))
		}
		if got := s.children.uncertainty[1][1]; got != s.parents.uncertainty[1][int(test.want[1])] {
			t.Errorf("elite %d: the uncertainty %g was not handed on", test.elite, got)
		}
	}
}

func TestUncertaintyIsOfTheKthScore(t *testing.T) {
	row := []float32{0.125, 0.5, 0.25, 0.125}
	for k, want := range map[int]float32{2: 0.25, 3: 0.375, 4: 0.375, 9: 0.375} {
		if got := uncertainty(row, k); got != want {
			t.Errorf("k %d: %g, expected %g", k, got, want)
		}
	}
	if got := uncertainty([]float32{0.5, 0.5, 0}, 2); got != 0 {
		t.Errorf("of a tie: %g, expected 0", got)
	}
}
