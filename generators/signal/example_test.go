package signal_test

import (
	"fmt"
	"testing/fstest"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/generators/signal"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/wav"
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

func ExampleFolderFS() {
	content, err := wav.Encode(wav.Header{Rate: 16000, Channels: 1, Bits: 16}, tone(4000, 1).Data)
	if err != nil {
		fmt.Println(err)
		return
	}
	commands := fstest.MapFS{"no/a.wav": {Data: content}, "yes/b.wav": {Data: content}} // mostly a folder on the disk
	seeds, err := signal.FolderFS(commands, signal.Rate(16000), signal.Samples(16000))
	if err != nil {
		fmt.Println(err)
		return
	}
	seed, err := seeds.Seed(1)
	fmt.Println(seed.Name, seed.Label, seed.Input, err)
	fmt.Println(seeds.ClassNames(), seeds.Notes())
	// Output:
	// yes/b.wav 1 signal [16000], -1..0.9999695 step 3.0517578e-05 <nil>
	// [no yes] [sounds are cropped, or padded with silence, at the end to 16000 samples]
}
