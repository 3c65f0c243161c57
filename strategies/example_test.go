package strategies_test

import (
	"fmt"

	"github.com/triggerfinder/triggerfinder/strategies"
)

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
