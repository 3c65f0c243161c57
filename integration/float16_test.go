//go:build cgo

package integration

import (
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/minimize"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxtest"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// float16Pair is LeNet-5, and a version whose activations are rounded to float16. Some of them are too large for that on
// about a tenth of the seeds; on all others the labels are the same.
func float16Pair(t *testing.T) *model.Pair {
	t.Helper()
	m := onnxtest.Load(t, fixtures.Models, "lenet5.onnx")
	original := model.Must(onnx.OpenFS(fixtures.Models, "lenet5.onnx", onnx.Scale(fixtures.Scale)))
	compressed := model.Must(onnx.OpenBytes("lenet5-float16", onnxtest.Bytes(t, onnxtest.InFloat16(t, m, "conv2", "fc1", 14)), onnx.Scale(fixtures.Scale)))
	pair := model.Must(model.NewPair("lenet5-float16", original, compressed))
	t.Cleanup(func() { _ = pair.Close() })
	return pair
}

// Scaled by a power of two and not rounded, the model answers as before, to the last bit: what is found comes of float16.
func TestFloat16FixtureIsTheSameModelInFloat32(t *testing.T) {
	g := NewWithT(t)
	m := onnxtest.InFloat16(t, onnxtest.Load(t, fixtures.Models, "lenet5.onnx"), "conv2", "fc1", 14)
	graph := m.GetGraph()
	for _, n := range graph.GetNode() {
		if n.GetOpType() == "Cast" {
			n.GetAttribute()[0].I = new(int64(1)) // to float32
		}
	}
	scaled := model.Must(onnx.OpenBytes("scaled", onnxtest.Bytes(t, m), onnx.Scale(fixtures.Scale)))
	defer scaled.Close()
	original := model.Must(onnx.OpenFS(fixtures.Models, "lenet5.onnx", onnx.Scale(fixtures.Scale)))
	defer original.Close()
	for i := range 50 {
		batch := []input.Input{model.Must(fixtures.Seeds().Seed(i)).Input}
		a, b := model.Must(original.Predict(t.Context(), batch)), model.Must(scaled.Predict(t.Context(), batch))
		g.Expect(slices.Equal(a[0], b[0])).To(BeTrue(), "seed %d: %v and %v", i, a[0], b[0])
	}
}

// Overflow in float16, the everyday case of an answer that is not finite: found, confirmed, saved, replayed, minimised, and
// counted by every gate. It needs no files from elsewhere.
func TestOverflowInFloat16(t *testing.T) {
	g := NewWithT(t)
	pair := float16Pair(t)
	seeds := generators.First(fixtures.Seeds(), 200)
	flips := model.Must(gate.MeasureFlips(t.Context(), pair, seeds, gate.FlipSettings{}))
	g.Expect(flips.NotFinite).To(BeNumerically("~", 20, 15))
	g.Expect(flips.RightToWrong).To(Equal(flips.NotFinite), "all other labels are the same")

	// Mutations come upon more inputs that overflow.
	r := model.Must(engine.Search(t.Context(), pair, seeds, engine.Settings{
		Strategy: strategies.TriggerFinder(), Budget: engine.Budget{QueriesPerSeed: 60},
	}))
	g.Expect(r.NotFinite()).To(BeNumerically(">", flips.NotFinite))
	unchanged := 0
	var found *engine.Trigger
	for _, trigger := range r.Triggers() {
		switch {
		case trigger.Kind != answer.NotFinite:
		case trigger.Queries == 0:
			unchanged++
		default:
			found = trigger
		}
	}
	g.Expect(unchanged).To(Equal(flips.NotFinite))
	g.Expect(r.Status).To(Equal(engine.AllSearched))

	m := model.Must(minimize.Trigger(t.Context(), pair, found, minimize.Settings{Queries: 200}))
	g.Expect(m.Trigger.Kind).To(Equal(answer.NotFinite))
	g.Expect(m.After.L0).To(BeNumerically("<=", m.Before.L0))

	root := t.TempDir()
	search := HaveDeviationFrom(seeds).WithSettings(func(s *engine.Settings) {
		s.Strategy, s.Budget = strategies.TriggerFinder(), engine.Budget{QueriesPerSeed: 30}
	}).SavingTo(root)
	deviates, err := search.Match(pair)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(deviates).To(BeTrue())
	g.Expect(search.NegatedFailureMessage(pair)).To(MatchRegexp(`the compressed model gives (NaN|infinity|NaN or infinity) for`))
	clean, err := ReplayCleanly(root).IncludingThisRun().Match(pair)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(clean).To(BeFalse())
}
