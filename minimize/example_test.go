package minimize_test

import (
	"context"
	"fmt"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/minimize"
	"github.com/triggerfinder/triggerfinder/model"
)

// A trigger that is brighter than its seed all over, of which the deviation needs less.
func ExampleTrigger() {
	seed, bright := make([]uint8, 16), make([]uint8, 16)
	for i := range seed {
		seed[i], bright[i] = 61, 124
	}
	trigger := &engine.Trigger{
		Seed:  model.Must(input.NewImage(4, 4, 1, seed)),
		Input: model.Must(input.NewImage(4, 4, 1, bright)),
	}
	m := model.Must(minimize.Trigger(context.Background(), enginetest.BrightnessPair(), trigger, minimize.Settings{Aim: distance.NearestL2}))
	fmt.Printf("L2 %.1f became %.1f\n", m.Before.L2, m.After.L2)
	fmt.Println(answer.Label(m.Trigger.Original.Scores), answer.Label(m.Trigger.Compressed.Scores))
	// Output:
	// L2 252.0 became 244.0
	// 1 0
}
