package wild

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/generators/signal"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/zoo/kinds"
)

// silero runs over 1.5 seconds in 48 steps. Its Fourier transform, a convolution with fixed weights, stays as it is: quantised, it leaves
// nothing of quiet sounds.
var silero = Pair{
	Name: "silero-vad", Kind: input.Signal, Task: "speech or none, over time", Licence: "MIT",
	Deviates: "one hears speech somewhere, from 0.5 on, and the other nowhere",
	from:     sileroWheel,
	model:    "silero_vad/data/silero_vad_16k_op15.onnx",
	leave:    []string{"/model/stft/Conv"},
	options: func(*shelf) ([]onnx.Option, error) {
		return []onnx.Option{
			onnx.Steps{Size: sileroStep, Before: 64}, onnx.State("state", "stateN"), onnx.Fixed("sr", 2*spokenRate), onnx.Scores(onnx.Raw),
		}, nil
	},
	seeds:  func(context.Context, *shelf) (input.Seeds, error) { return spoken() },
	oracle: func(*shelf) (answer.Oracle, error) { return speechSomewhere() },
}

var sileroWheel = wheel{
	requirement: "silero-vad==6.2.3", file: "silero_vad-6.2.3-py3-none-any.whl",
	sum: "7b7f5436cfcb02fae583a05b512ea96467fd449fe54cb49a5e4f06c51a1e43b8",
}

const (
	sileroStep  = 512 // samples
	sileroSteps = 48
	spokenRate  = 8000 // of the recordings of package kinds
)

// spoken are the spoken digits of package kinds at 16 kHz, with silence around them.
func spoken() (input.Seeds, error) {
	voices, err := fs.Sub(kinds.Files, kinds.KeywordsWave.Seeds)
	if err != nil {
		return nil, err
	}
	sounds, err := signal.FolderFS(voices, signal.Rate(spokenRate), signal.Mono())
	if err != nil {
		return nil, err
	}
	return speech{sounds}, nil
}

type speech struct{ sounds input.Seeds }

func (s speech) Len() int { return s.sounds.Len() }

// Seed makes two samples of one, the second on the straight line to the next, as cheap converters do.
func (s speech) Seed(i int) (input.Seed, error) {
	seed, err := s.sounds.Seed(i)
	if err != nil {
		return seed, err
	}
	const samples, before = sileroStep * sileroSteps, spokenRate / 2
	from := seed.Input
	if len(from.Data) == 0 || before+2*len(from.Data) > samples {
		return seed, fmt.Errorf("%s: expected 1 to %d samples, found %d", seed.Name, (samples-before)/2, len(from.Data))
	}
	to := input.Input{
		Shape: []int{samples}, Data: make([]float32, samples), Domain: from.Domain, Kind: input.Signal, Layout: &input.Layout{Rate: 2 * spokenRate},
	}
	for k, v := range from.Data {
		next := float32(0)
		if k+1 < len(from.Data) {
			next = from.Data[k+1]
		}
		to.Data[before+2*k], to.Data[before+2*k+1] = v, (v+next)/2
	}
	to.Snap()
	return input.Seed{Input: to, Label: input.Unlabelled, Name: seed.Name}, nil
}

// speechSomewhere is what one uses such a model for: whether to record, to transcribe, to wake up.
func speechSomewhere() (answer.Oracle, error) {
	return somewhere("speech", 0.5, func(p float32) float64 { return float64(p) })
}
