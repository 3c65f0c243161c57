package model_test

import (
	"context"
	"fmt"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// A service that answers with labels alone.
func ExampleLabelFunc() {
	dark := model.LabelFunc("service", 2, func(_ context.Context, batch []input.Input) ([]int, error) {
		labels := make([]int, len(batch))
		for i, in := range batch {
			if in.Data[0] > 127 {
				labels[i] = 1
			}
		}
		return labels, nil
	})
	image := model.Must(input.NewImage(1, 1, 1, []uint8{200}))
	fmt.Println(dark.Predict(context.Background(), []input.Input{image}))
	// Output: [[0 1]] <nil>
}

// bright gives class 1 to images whose first pixel is bright: the probability of it, by a threshold.
func bright(threshold float32) model.PredictorFunc {
	return func(_ context.Context, batch []input.Input) ([][]float32, error) {
		scores := make([][]float32, len(batch))
		for i, in := range batch {
			p := min(max(0.5+(in.Data[0]-threshold)/200, 0), 1)
			scores[i] = []float32{1 - p, p}
		}
		return scores, nil
	}
}

func ExampleFunc() {
	image := model.Must(input.NewImage(1, 1, 1, []uint8{200}))
	fmt.Println(model.Func("threshold", bright(150)).Predict(context.Background(), []input.Input{image}))
	// Output: [[0.25 0.75]] <nil>
}

// The name is that of the folder of the pair's triggers.
func ExampleNewPair() {
	pair, err := model.NewPair("threshold", model.Func("full", bright(120)), model.Func("compressed", bright(128)))
	fmt.Println(pair, err)
	// Output: pair threshold (full, compressed) <nil>
}

func ExampleSoftmax() {
	logits := model.Func("logits", func(context.Context, []input.Input) ([][]float32, error) {
		return [][]float32{{2, 2, 2, 2}}, nil
	})
	fmt.Println(model.Softmax(logits).Predict(context.Background(), make([]input.Input, 1)))
	// Output: [[0.25 0.25 0.25 0.25]] <nil>
}

// Two steps within one runtime, under names of one's own.
func ExampleNewChain() {
	pair, err := model.NewChain("threshold", model.Func("full", bright(120)),
		model.Cause("float16").To(model.Func("half", bright(121))), model.Cause("int8").To(model.Func("quantised", bright(128))))
	fmt.Println(pair, err)
	// Output: pair threshold (full, quantised) <nil>
}
