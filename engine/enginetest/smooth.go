package enginetest

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// Linear is a smooth model: the softmax of scores that are linear in the values of the input.
type Linear struct {
	Weights [][]float32 // of each class, about 1 a value
	Centre  float32
	Scale   float64
}

// patterns are smooth weights for 12x12 images.
func patterns() [][]float32 {
	weights := make([][]float32, 4)
	for k := range weights {
		for i := range 144 {
			y, x := float64(i/12)/12, float64(i%12)/12
			weights[k] = append(weights[k], float32(math.Sin(2*math.Pi*(float64(1+k%2)*y+float64(k/2)*x)+float64(k))))
		}
	}
	return weights
}

// Moved is the model with weights changed by share of their size: a compressed version of it.
func (m Linear) Moved(share float32) Linear {
	rng := rand.New(rand.NewPCG(3, 4))
	weights := make([][]float32, len(m.Weights))
	for k, row := range m.Weights {
		weights[k] = slices.Clone(row)
		for i := range row {
			weights[k][i] += share * float32(2*rng.Float64()-1+0.3*float64(k))
		}
	}
	m.Weights = weights
	return m
}

// Scores are those of one input.
func (m Linear) Scores(in input.Input) []float32 {
	var sum float64
	row := make([]float64, len(m.Weights))
	for k, w := range m.Weights {
		for i, v := range in.Data {
			row[k] += float64(w[i]) * float64(v-m.Centre) / float64(in.Domain.Range())
		}
		row[k] *= m.Scale / float64(len(in.Data))
	}
	most := slices.Max(row)
	for k := range row {
		row[k] = math.Exp(row[k] - most)
		sum += row[k]
	}
	scores := make([]float32, len(row))
	for k, v := range row {
		scores[k] = float32(v / sum)
	}
	return scores
}

// Predict is the model as a [model.PredictorFunc].
func (m Linear) Predict(_ context.Context, batch []input.Input) ([][]float32, error) {
	scores := make([][]float32, len(batch))
	for i, in := range batch {
		scores[i] = m.Scores(in)
	}
	return scores, nil
}

// Labels is the model for [model.LabelFunc].
func (m Linear) Labels(_ context.Context, batch []input.Input) ([]int, error) {
	labels := make([]int, len(batch))
	for i, in := range batch {
		labels[i] = answer.Label(m.Scores(in))
	}
	return labels, nil
}

// Smooth is a model of images of 12x12 with four classes, one a pattern.
var Smooth = Linear{Weights: patterns(), Centre: 128, Scale: 100}

// SmoothPair is [Smooth] and a version whose weights are a tenth off.
func SmoothPair() *model.Pair { return PairOf(Smooth.Predict, Smooth.Moved(0.1).Predict) }

// LabelPair is [Smooth] and a version whose weights are off by that share, of which only labels can be seen.
func LabelPair(share float32) *model.Pair {
	return model.Must(model.NewPair("labels",
		model.LabelFunc("original", 4, Smooth.Labels), model.LabelFunc("compressed", 4, Smooth.Moved(share).Labels)))
}

// PatternSeeds are n images of the patterns with noise. Neither model is in doubt about any.
func PatternSeeds(n int, classes ...int) input.SeedList {
	rng := rand.New(rand.NewPCG(1, 2))
	if len(classes) == 0 {
		classes = []int{0, 1, 2, 3}
	}
	var seeds input.SeedList
	for i := range n {
		k := classes[i%len(classes)]
		seed := input.Input{Shape: []int{12, 12, 1}, Kind: input.Image, Domain: input.Bytes}
		for _, w := range Smooth.Weights[k] {
			seed.Data = append(seed.Data, input.Bytes.Snap(float32(128+60*float64(w)+100*(rng.Float64()-0.5))))
		}
		seeds = append(seeds, input.Seed{Input: seed, Label: k})
	}
	return seeds
}
