package matchers_test

import (
	"fmt"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/onnx"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/generators"
	. "github.com/triggerfinder/triggerfinder/matchers"
)

func ExampleHaveDeviationRateBelow() {
	p := fixtures.LeNet5Int8
	pair := engine.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed,
		onnx.PairName(p.Name), onnx.Scale(fixtures.Scale)))
	defer pair.Close()
	weather := generators.Corrupted(fixtures.Seeds()).WithSeverity(generators.Between(0.1, 0.5))

	g := firstLines(2) // in a test: g := NewWithT(t)
	g.Expect(pair).To(HaveDeviationRateBelow(0.05).Under(weather).WithConfidence(0.95).
		Inspecting(func(r *gate.Rate) { fmt.Println(r.Decision, r.Limit) }))
	// Output: below 0.05
}

func ExampleHaveNegativeFlipRateBelow() {
	p := fixtures.LeNet5Int8
	pair := engine.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed,
		onnx.PairName(p.Name), onnx.Scale(fixtures.Scale)))
	defer pair.Close()

	g := firstLines(2) // in a test: g := NewWithT(t)
	g.Expect(pair).To(HaveNegativeFlipRateBelow(0.01).On(fixtures.Seeds()).PerClass(0.1).WithConfidence(0.95).
		Inspecting(func(f *gate.Flips) { fmt.Printf("%d of %d, at most %.2f %%\n", f.RightToWrong, f.Inputs, 100*f.Upper) }))
	// Output: 0 of 500, at most 0.60 %
}
