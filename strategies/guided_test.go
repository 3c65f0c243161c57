//go:build cgo

package strategies_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// byGradients searches the first embedded seeds within LInf 8.
func byGradients(t *testing.T, p fixtures.Pair, seeds, queries int, change func(*engine.Settings), options ...onnx.Option) *engine.Report {
	t.Helper()
	pair := model.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, append(options, onnx.Scale(fixtures.Scale))...))
	defer pair.Close()
	settings := engine.Settings{Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: queries}, Bound: distance.LInf(8)}
	if change != nil {
		change(&settings)
	}
	return model.Must(engine.Search(t.Context(), pair, generators.First(fixtures.Seeds(), seeds), settings))
}

// TestGradientsFindMore holds Boundary with gradients against itself without, on the same seeds and queries.
func TestGradientsFindMore(t *testing.T) {
	const seeds, queries = 16, 100
	p := fixtures.LeNet5Int8
	without := byGradients(t, p, seeds, queries, nil)
	for name, options := range map[string][]onnx.Option{"of the original": {onnx.Original(onnx.Gradients())}, "of both": {onnx.Gradients()}} {
		with := byGradients(t, p, seeds, queries, nil, options...)
		if n, least := len(with.Triggers()), len(without.Triggers())+3; n < least {
			t.Errorf("%s: %d triggers, expected at least %d", name, n, least)
		}
		if with.Ledger.Gradients == 0 || without.Ledger.Gradients != 0 {
			t.Errorf("%s: %d gradients, and %d without", name, with.Ledger.Gradients, without.Ledger.Gradients)
		}
		for _, trigger := range with.Triggers() {
			if trigger.Distance.LInf > 8 || trigger.Queries > 0 && !strings.HasPrefix(strings.Join(trigger.History, ", "), "climb by gradients") {
				t.Errorf("%s: a trigger at %v, by %q", name, trigger.Distance, trigger.History)
			}
		}
	}
}

// TestSearchesByGradientsRepeatThemselves is the first invariant, with closing in and with an oracle that asks for more than labels.
func TestSearchesByGradientsRepeatThemselves(t *testing.T) {
	sure := model.Must(answer.MinConfidence(0.4, nil))
	for name, change := range map[string]func(*engine.Settings){
		"labels":     func(s *engine.Settings) { s.Budget.ClosingQueriesPerSeed = s.Budget.QueriesPerSeed },
		"confidence": func(s *engine.Settings) { s.Oracle, s.Budget.QueriesPerSeed = sure, 20 },
	} {
		var reports [][]byte
		for _, layout := range [][2]int{{1, 1}, {5, 2}, {32, 3}} {
			r := byGradients(t, fixtures.LeNet5Int8, 6, 60, func(s *engine.Settings) {
				change(s)
				s.BatchSize, s.Workers = layout[0], layout[1]
			}, onnx.Gradients())
			reports = append(reports, model.Must(r.Canonical()))
		}
		if !slices.EqualFunc(reports[1:], reports[:2], bytes.Equal) {
			t.Errorf("%s: other reports with other batches and workers", name)
		}
	}
}

// TestNoGradientsNoDifference takes a compressed model whose operators have no rule.
func TestNoGradientsNoDifference(t *testing.T) {
	p := fixtures.LeNet5Dynamic
	plain := byGradients(t, p, 4, 40, nil)
	asked := byGradients(t, p, 4, 40, nil, onnx.Compressed(onnx.Gradients()))
	if len(asked.Compressed.Notes) != len(plain.Compressed.Notes)+1 || !slices.ContainsFunc(asked.Compressed.Notes, func(n string) bool { return strings.Contains(n, "MatMulInteger") }) {
		t.Errorf("notes %q", asked.Compressed.Notes)
	}
	asked.Compressed.Notes = plain.Compressed.Notes
	if a, b := model.Must(asked.Canonical()), model.Must(plain.Canonical()); !bytes.Equal(a, b) {
		t.Error("another report where no model gives gradients")
	}
}

// TestGradientsFindWhereTheOriginalIsSure holds Boundary with gradients against itself without, where the original has to be sure of its label.
func TestGradientsFindWhereTheOriginalIsSure(t *testing.T) {
	const seeds, queries = 16, 100
	sure := func(s *engine.Settings) { s.Oracle = model.Must(answer.MinConfidence(0.5, nil)) }
	without := byGradients(t, fixtures.ResCNNInt8, seeds, queries, sure)
	with := byGradients(t, fixtures.ResCNNInt8, seeds, queries, sure, onnx.Gradients())
	if n, least := len(with.Triggers()), len(without.Triggers())+3; n < least {
		t.Errorf("%d triggers, expected at least %d", n, least)
	}
	for _, trigger := range with.Triggers() {
		if trigger.OriginalConfidence < 0.5 || trigger.Distance.LInf > 8 {
			t.Errorf("a trigger at %v of which the original is sure by %g", trigger.Distance, trigger.OriginalConfidence)
		}
	}
}
