package matchers_test

import (
	"context"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// Operators that do not fit the kind of the seeds are left out, and the message tells it.
func TestMessagesTellOfOperatorsThatDoNotFit(t *testing.T) {
	g := NewWithT(t)
	above := func(threshold float32) model.PredictorFunc {
		return func(_ context.Context, batch []input.Input) ([][]float32, error) {
			rows := make([][]float32, len(batch))
			for i, in := range batch {
				p := min(max(0.5+(in.Data[0]-threshold)/100, 0), 1)
				rows[i] = []float32{p, 1 - p}
			}
			return rows, nil
		}
	}
	pair := model.Must(model.NewPair("rows", model.Func("a", above(50)), model.Func("b", above(55))))
	var seeds input.SeedList
	for i := range 10 {
		row := model.Must(input.NewRow([]float32{float32(10 * i), 1}, []input.Domain{{Min: 0, Max: 100, Step: 1}, {Min: 0, Max: 2, Step: 1}}))
		seeds = append(seeds, input.Seed{Input: row, Label: input.Unlabelled})
	}
	const leftOut = " of the strategy's operators do not fit 10 seeds, and were left out.\n"
	listed := HaveDeviationFrom(seeds).Using(strategies.TriggerFinderSearch{Mutators: generators.Published()}).WithoutSaving()
	g.Expect(pair).To(listed)
	g.Expect(listed.NegatedFailureMessage(pair)).To(ContainSubstring("\n3" + leftOut))

	// Of operators that nobody listed, those of other kinds are not left out.
	usual := HaveDeviationFrom(seeds).Using(strategies.TriggerFinder()).WithoutSaving()
	g.Expect(pair).To(usual)
	g.Expect(usual.NegatedFailureMessage(pair)).To(And(ContainSubstring("column-"), Not(ContainSubstring("left out"))))
}
