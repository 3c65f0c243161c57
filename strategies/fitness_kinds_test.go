package strategies

import (
	"math/rand/v2"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// side decides by the sign of a number, and is not graded.
type side struct{ answer.Oracle }

func (side) Margin(a, reference answer.Answer) float64 {
	return float64(a.Scores[0] * reference.Scores[0])
}

// priceTask is a search from a seed of which the models say 100 and 100.
func priceTask(oracle answer.Oracle) engine.Task {
	seed := input.Input{Shape: []int{2}, Data: make([]float32, 2), Domain: input.Domain{Max: 9}, Kind: input.Row}
	return engine.Task{
		Seed: engine.Evaluation{Input: seed, Original: answer.Of(100), Compressed: answer.Of(100)}, Oracle: oracle, Rand: rand.New(rand.NewPCG(1, 2)),
	}
}

// Where answers are no class scores, the fitness is what the oracle lacks, in whatever unit, and new answers.
func TestFitnessOfAnyAnswer(t *testing.T) {
	tolerance := func(most float64) answer.Oracle { return model.Must(answer.Tolerance(answer.Absolute(most))) }
	verdict := model.Must(answer.OracleFunc("own", func(o, c answer.Answer) bool { return false }))
	type step struct {
		original, compressed float32
		better               bool
	}
	for _, test := range []struct {
		name   string
		rules  TriggerFinderSearch
		oracle answer.Oracle
		steps  []step
	}{
		{"farther apart is better", TriggerFinderSearch{DifferenceOnly: true}, tolerance(5), []step{{100, 101, true}, {100, 100.5, false}, {90, 92, true}, {90, 91, false}}},
		{"small units count as large ones", TriggerFinderSearch{DifferenceOnly: true}, tolerance(5e-3), []step{{100, 100.001, true}, {100, 100.0005, false}, {100, 100.002, true}}},
		{"so do large ones", TriggerFinderSearch{DifferenceOnly: true}, tolerance(5e3), []step{{100, 101, false}, {100, 1100, true}}},
		{"answers far from all others are new", TriggerFinderSearch{}, tolerance(5), []step{{180, 180, true}, {180, 180, false}, {110, 110, false}}},
		{"also where the oracle tells nothing", TriggerFinderSearch{}, verdict, []step{{180, 180, true}, {180, 180, false}}},
		{"which leaves no difference", TriggerFinderSearch{DifferenceOnly: true}, verdict, []step{{180, 10, false}}},
		{"nearer to another decision is better", TriggerFinderSearch{DifferenceOnly: true}, side{verdict}, []step{{60, 80, true}, {70, 75, false}, {90, 40, true}}},
	} {
		f := newFitness(test.rules, priceTask(test.oracle))
		for i, s := range test.steps {
			if got := f.better(&engine.Evaluation{Original: answer.Of(s.original), Compressed: answer.Of(s.compressed)}); got != s.better {
				t.Errorf("%s: step %d: better(%g, %g) is %t, expected %t", test.name, i, s.original, s.compressed, got, s.better)
			}
		}
	}
}

// DiffChaser breeds from what is nearest to another decision, or to a deviation.
func TestUncertaintyOfAnyAnswer(t *testing.T) {
	verdict := model.Must(answer.OracleFunc("own", func(o, c answer.Answer) bool { return false }))
	for _, test := range []struct {
		name           string
		oracle         answer.Oracle
		fittest, other [2]float32
		differ         bool // by the model
	}{
		{"decisions", side{verdict}, [2]float32{10, 60}, [2]float32{50, 20}, true},
		{"a tolerance", model.Must(answer.Tolerance(answer.Absolute(5))), [2]float32{100, 104}, [2]float32{100, 101}, false},
	} {
		task := priceTask(test.oracle)
		g := newGeneration(task)
		for i, of := range [][2]float32{test.other, test.fittest} {
			g.add(engine.Evaluation{Input: task.Seed.Input, Original: answer.Of(of[0]), Compressed: answer.Of(of[1])}, 2, int32(i))
		}
		none := newGeneration(task)
		original, compressed := g.fittest(0, none), g.fittest(1, none)
		if original != 1 || (compressed != 1) != test.differ {
			t.Errorf("%s: the fittest are %d by the original and %d by the compressed model; expected 1 and, by the compressed model, another one: %v", test.name, original, compressed, test.differ)
		}
	}
}
