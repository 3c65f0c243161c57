// Package repairing is the example of docs/repair.md: a compressed model that a search finds wanting, a selector in front of
// it that was trained from the triggers, and the same gate again. It is meant to be copied.
package repairing

import (
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/repair"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

func TestRepairedSystemPassesTheGate(t *testing.T) {
	t.Setenv(report.RootVariable, t.TempDir()) // in a suite of your own, commit the triggers
	g, ctx, dir := NewWithT(t), t.Context(), t.TempDir()
	p := fixtures.LeNet5Int8
	pair := model.Try(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName("clothes"), onnx.Scale(fixtures.Scale))).OrFail(t)
	defer pair.Close()
	clean := fixtures.Seeds() // use validation data: labelled inputs that no model was trained on

	// Triggers, of both kinds of search: theirs differ.
	var triggers []*engine.Trigger
	for _, strategy := range []engine.Strategy{strategies.TriggerFinder(), strategies.Boundary()} {
		search := model.Try(engine.Search(ctx, pair, clean, engine.Settings{
			Strategy: strategy, Budget: engine.Budget{QueriesPerSeed: 200},
		})).OrFail(t)
		triggers = append(triggers, search.Triggers()...)
	}
	training, heldOut, err := repair.Split(triggers, clean)
	g.Expect(err).NotTo(HaveOccurred())

	// For a framework: the same as triggerfinder export.
	g.Expect(report.ExportTriggers(filepath.Join(dir, "clothes.npz"), training.Triggers)).To(Succeed())

	// A selector, and what it does on what it has not seen.
	selector := model.Try(repair.Train(ctx, pair, training.Triggers, training.Clean, repair.Settings{AskAtMost: 0.1})).OrFail(t)
	measured := model.Try(selector.Measure(ctx, pair, heldOut.Triggers, heldOut.Clean)).OrFail(t)
	t.Log(measured)
	g.Expect(measured.MendedShare()).To(BeNumerically(">", 0.9))
	g.Expect(measured.AskedShare()).To(BeNumerically("<", 0.15))

	// It ships beside the models, and is for these alone.
	g.Expect(report.SaveSelector(filepath.Join(dir, "selector.json"), selector)).To(Succeed())
	selector = model.Try(report.LoadSelector(filepath.Join(dir, "selector.json"))).OrFail(t)

	// The gate, before and after.
	guarded := model.Try(selector.Guard(pair)).OrFail(t)
	repaired := model.Try(model.NewPair("clothes-repaired", pair.Original(), guarded)).OrFail(t)
	seeds := generators.First(heldOut.Clean, 50)
	g.Expect(pair).To(HaveDeviationFrom(seeds).WithQueriesPerSeed(100))
	g.Expect(repaired).NotTo(HaveDeviationFrom(seeds).WithQueriesPerSeed(100))
}
