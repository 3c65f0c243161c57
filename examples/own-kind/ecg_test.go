package ownkind_test

import (
	"context"
	"math"
	"path/filepath"
	"testing"

	"github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/engine"
	ownkind "github.com/triggerfinder/triggerfinder/examples/own-kind"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// beat is a heartbeat of a second whose main wave is so many seconds wide: a wide one begins in a chamber.
func beat(width float64) input.Input {
	in := input.Input{Shape: []int{ownkind.Rate}, Data: make([]float32, ownkind.Rate), Domain: input.Domain{Min: -2.5, Max: 2.5, Step: 0.005}, Kind: ownkind.Kind}
	for i := range in.Data {
		bump := func(at, mV, width float64) float64 {
			return mV * math.Exp(-math.Pow((float64(i)/ownkind.Rate-at)/width, 2)/2)
		}
		in.Data[i] = in.Domain.Snap(float32(bump(0.2, 0.15, 0.03) + bump(0.4, 1.2, width) - bump(0.46, 0.3, width) + bump(0.7, 0.3, 0.05)))
	}
	return in
}

// templates is a classifier, normal or ectopic, by the nearer of two templates whose values are whole numbers of a step.
func templates(step float64) model.PredictorFunc {
	normal, ectopic := beat(0.012), beat(0.05)
	return func(_ context.Context, batch []input.Input) ([][]float32, error) {
		scores := make([][]float32, len(batch))
		for i, in := range batch {
			nearer, rounded := 0.0, func(v float32) float64 { return math.Round(float64(v)/step) * step }
			for j, v := range in.Data {
				nearer += math.Pow(float64(v)-rounded(ectopic.Data[j]), 2) - math.Pow(float64(v)-rounded(normal.Data[j]), 2)
			}
			p := float32(1 / (1 + math.Exp(-nearer)))
			scores[i] = []float32{p, 1 - p}
		}
		return scores, nil
	}
}

func TestAKindOfOnesOwn(t *testing.T) {
	g, root := gomega.NewWithT(t), t.TempDir()
	pair := model.Try(model.NewPair("ecg", model.Func("templates", templates(0.001)), model.Func("templates of 6 bits", templates(0.1)))).OrFail(t)
	var seeds input.SeedList
	for i := range 20 {
		seeds = append(seeds, input.Seed{Input: beat(0.01 + 0.0022*float64(i)), Label: input.Unlabelled})
	}
	deviates := matchers.HaveDeviationFrom(seeds).ClosingIn(50).Minimizing(100).SavingTo(root)
	g.Expect(pair).To(deviates) // a test of one's own has NotTo here
	g.Expect(deviates.NegatedFailureMessage(pair)).To(gomega.And(
		gomega.ContainSubstring("distance to the seed: 1-PRD² 0.9"), gomega.Not(gomega.ContainSubstring("left out"))))
	g.Expect(pair).To(matchers.HaveDeviationFrom(seeds).Using(strategies.Random()).WithoutSaving().Inspecting(func(r *engine.Report) {
		for _, trigger := range r.Triggers() {
			g.Expect(trigger.History).To(gomega.HaveEach(gomega.BeElementOf("mains", "breathing")), "the operators of the kind")
		}
	}))
	g.Expect(filepath.Glob(filepath.Join(root, "ecg", "*", "ecg.*"))).NotTo(gomega.BeEmpty(), "a picture and a table of each trigger")
	g.Expect(pair).NotTo(matchers.ReplayCleanly(root).IncludingThisRun(), "what was saved still deviates")
}
