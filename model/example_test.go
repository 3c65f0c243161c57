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
