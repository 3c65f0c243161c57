package strategies_test

import (
	"fmt"

	"github.com/triggerfinder/triggerfinder/strategies"
)

// Corruptions first, for triggers that could come from a camera.
func ExampleBoundary() {
	natural := strategies.Boundary()
	natural.Natural = true
	fmt.Println(natural)
	// Output: boundary, natural paths first
}

func ExampleTriggerFinder() {
	fmt.Println(strategies.TriggerFinder())
	// Output: triggerfinder as published
}

// The ablations of the paper are fields of the strategy.
func ExampleTriggerFinderAsReleased() {
	ablated := strategies.TriggerFinderAsReleased()
	ablated.UniformSelector = true
	fmt.Println(ablated)
	// Output: triggerfinder as released, uniform selector
}

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
