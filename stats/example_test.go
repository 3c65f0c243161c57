package stats_test

import (
	"fmt"

	"github.com/triggerfinder/triggerfinder/stats"
)

func ExampleClopperPearson() {
	lower, upper := stats.ClopperPearson(3, 100, 0.95)
	fmt.Printf("%.3f to %.3f\n", lower, upper)
	// Output: 0.006 to 0.085
}

// 9 seeds became worse and 1 better.
func ExampleMcNemarOneSided() {
	fmt.Printf("%.4f\n", stats.McNemarOneSided(9, 1))
	// Output: 0.0107
}

// How many draws it takes to show that a rate is below 1 %, when it is 0.2 % and when it is nearly 1 %.
func ExampleDrawsToDecide() {
	few, _ := stats.DrawsToDecide(0.002, 0.01, 0.95)
	many, _ := stats.DrawsToDecide(0.009, 0.01, 0.95)
	fmt.Println(few < 2_000, many > 50_000)
	fmt.Println(stats.FixedDraws(0, 0.01, 0.95)) // all at once, none deviates
	// Output:
	// true true
	// 299 true
}
