package signal_test

import (
	"fmt"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/generators/signal"
	"github.com/triggerfinder/triggerfinder/input"
)

// A rate of deviations under disturbances of sounds: see the matchers of rates.
func ExampleCorruptions() {
	seeds := input.SeedList{{Input: tone(8000, 1), Label: 3, Name: "3/tone"}}
	d := generators.Corrupted(seeds).By(signal.Corruptions()...).WithSeverity(generators.Between(0.1, 0.5))
	draw, err := input.DrawAt(d, 1, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(draw.Change)
	// Output: pink-noise at severity 0.107
}

func ExampleWhiteNoise() {
	noise, err := signal.WhiteNoise(20) // 20 dB at severity 1
	if err != nil {
		fmt.Println(err)
		return
	}
	seed := tone(8000, 1)
	mutant := seed.Clone()
	noise.MutateAt(mutant, seed, 0.5, 7)
	fmt.Printf("%s: L2 %.1f of %.1f\n", noise, distance.DistanceBetween(seed, mutant).L2, distance.DistanceBetween(seed, silence(8000)).L2)
	// Output: white-noise: L2 1.0 of 20.0
}

func silence(n int) input.Input {
	in := tone(n, 1)
	clear(in.Data)
	return in
}
