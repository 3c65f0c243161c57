package matchers_test

import (
	"context"
	"math"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/strategies"
	"github.com/triggerfinder/triggerfinder/triage"
)

// embedding gives 16 numbers of both signs an input. A rounded one knows whole tenths of the values alone, and forgets what is dark.
func embedding(name string, rounded bool) model.Predictor {
	return model.Func(name, func(_ context.Context, batch []input.Input) ([][]float32, error) {
		rows := make([][]float32, len(batch))
		for i, in := range batch {
			row := make([]float64, 16)
			for j, v := range in.Data {
				x := float64(v)/255 - 0.25
				if rounded {
					x = math.Round(10*x) / 10
				}
				row[j%16] += x * math.Sin(float64(j)*1.7)
			}
			rows[i] = make([]float32, 16)
			for j, v := range row {
				rows[i][j] = float32(v)
			}
		}
		return rows, nil
	})
}

func TestAnEmbeddingIsSearched(t *testing.T) {
	g := NewWithT(t)
	pair := model.Must(model.NewPair("embedding", embedding("exact", false), embedding("rounded", true)))
	oracle := model.Must(answer.Tolerance(answer.Cosine(0.3)))
	var r *engine.Report
	m := HaveDeviationFrom(seeds(12)).JudgedBy(oracle).WithQueriesPerSeed(100).WithoutSaving().Inspecting(func(report *engine.Report) { r = report })
	for _, strategy := range []engine.Strategy{strategies.Boundary(), strategies.TriggerFinder(), strategies.Random()} {
		g.Expect(m.Using(strategy).Match(pair)).To(BeTrue(), strategy.String())
		found := m.Using(strategy)
		g.Expect(found.Match(pair)).To(BeTrue())
		g.Expect(found.NegatedFailureMessage(pair)).To(SatisfyAll(
			MatchRegexp(`original says a vector of 16 numbers, compressed says one at cosine distance 0\.[3-9]`), Not(ContainSubstring("says class"))))
		clusters := triage.Clusters(r.Triggers(), triage.Options{AnyFamily: true})
		g.Expect(clusters).To(HaveLen(1))
		g.Expect(clusters[0].Told().In(nil)).To(Equal("in another direction"))
	}
	// Of 16 numbers of both signs none is a label: ways lead to any other seed.
	g.Expect(HaveDeviationFrom(seeds(12)).JudgedBy(model.Must(answer.Tolerance(answer.Cosine(0.02)))).Using(strategies.BoundarySearch{}).WithQueriesPerSeed(100).WithoutSaving().
		Inspecting(func(report *engine.Report) { r = report }).Match(pair)).To(BeTrue())
	var ways []string
	for _, trigger := range r.Triggers() {
		ways = append(ways, trigger.History...)
	}
	g.Expect(ways).To(ContainElement(HaveSuffix(" with another seed")))
	g.Expect(ways).NotTo(ContainElement(ContainSubstring("label")))
	_, err := HaveDeviationFrom(seeds(12)).JudgedBy(oracle).WithQueriesPerSeed(20).WithoutSaving().Match(
		model.Must(model.NewPair("embedding", embedding("exact", false), embedding("exact too", false))))
	g.Expect(err).To(MatchError(engine.ErrIdenticalScores))
}
