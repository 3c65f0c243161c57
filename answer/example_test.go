package answer_test

import (
	"fmt"
	"math"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/model"
)

func ExampleMinConfidence() {
	severe := model.Must(answer.MinConfidence(0.9, answer.Top1()))
	fmt.Println(severe.Judge(answer.Of(0.95, 0.05), answer.Of(0.4, 0.6)).Deviates)
	fmt.Println(severe.Judge(answer.Of(0.55, 0.45), answer.Of(0.4, 0.6)).Deviates)
	// Output:
	// true
	// false
}

func ExampleTopK() {
	top2 := model.Must(answer.TopK(2))
	fmt.Println(top2.Judge(answer.Of(0.5, 0.3, 0.2), answer.Of(0.4, 0.6, 0)).Deviates)
	// Output: false
}

// Without labels: the scores themselves must not be farther apart.
func ExampleScoreTolerance() {
	near := model.Must(answer.ScoreTolerance(0.1))
	fmt.Println(near.Judge(answer.Of(0.7, 0.3), answer.Of(0.65, 0.35)).Deviates)
	fmt.Println(near.Judge(answer.Of(0.7, 0.3), answer.Of(0.55, 0.45)).Deviates)
	// Output:
	// false
	// true
}

// A model that gives no numbers deviates, whatever the oracle asks for.
func ExampleJudge() {
	nan := float32(math.NaN())
	verdict := answer.Judge(model.Must(answer.MinGap(0.9, nil)), answer.Of(0.7, 0.3), answer.Of(nan, nan))
	fmt.Println(verdict.Deviates, verdict.Kind)
	// Output: true not finite
}
