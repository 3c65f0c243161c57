package strategies_test

import (
	"fmt"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/strategies"
)

func ExampleRandom() {
	walk := strategies.Random()
	walk.Accumulate = true
	fmt.Println(walk)
	// Output: random, accumulating
}

// A smaller population than the usual one, for smaller budgets.
func ExampleDiffChaser() {
	small := strategies.DiffChaser()
	small.Population = 200
	fmt.Println(small)
	// Output: diffchaser, population 200
}

// Squares shrink over the horizon, so it should be what a seed may cost.
func ExampleSquare() {
	long := strategies.Square()
	long.Horizon = 2000
	fmt.Println(long)
	// Output: square, horizon 2000
}

func TestBaselinesTakeSeedsOfTheFixtures(t *testing.T) {
	seed := model.Must(fixtures.Seeds().Seed(0)).Input
	scores := []float32{0.9, 0.1}
	for _, strategy := range []engine.Strategy{strategies.Random(), strategies.DiffChaser(), strategies.Square()} {
		_, err := strategy.NewSearcher(engine.Task{Seed: engine.Evaluation{Input: seed, Original: scores, Compressed: scores}})
		if err != nil {
			t.Error(err)
		}
	}
}
