package answer_test

import (
	"fmt"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/model"
)

func ExampleMinConfidence() {
	severe := model.Must(answer.MinConfidence(0.9, answer.Top1()))
	fmt.Println(severe.Judge([]float32{0.95, 0.05}, []float32{0.4, 0.6}).Deviates)
	fmt.Println(severe.Judge([]float32{0.55, 0.45}, []float32{0.4, 0.6}).Deviates)
	// Output:
	// true
	// false
}

func ExampleTopK() {
	top2 := model.Must(answer.TopK(2))
	fmt.Println(top2.Judge([]float32{0.5, 0.3, 0.2}, []float32{0.4, 0.6, 0}).Deviates)
	// Output: false
}
