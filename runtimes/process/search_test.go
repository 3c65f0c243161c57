//go:build unix

package process_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/process"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// search is one against a coarser model. Where n triggers were found, during is called.
func search(t *testing.T, n int, during func(folder string), list ...process.Option) (*engine.Report, error) {
	t.Helper()
	original := model.Softmax(model.Func("fine", func(_ context.Context, batch []input.Input) ([][]float32, error) {
		var rows [][]float32
		for _, in := range batch {
			row := corners([]byte{byte(in.Data[0]), byte(in.Data[1]), byte(in.Data[2]), byte(in.Data[3])})
			rows = append(rows, row[:])
		}
		return rows, nil
	}))
	m, folder := open(t, "coarse", list...)
	pair := model.Must(model.NewPair("", original, m))
	seeds := model.Must(generators.FromInputs(images(60), nil))
	found := 0
	return engine.Search(t.Context(), pair, seeds, engine.Settings{
		Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 300}, Window: 4, BatchSize: 8,
		OnTrigger: func(*engine.Trigger) error {
			if found++; found == n {
				during(folder)
			}
			return nil
		},
	})
}

// TestKilledInASearch: a program that is killed is started again, and the search goes on as if nothing had happened. Where it may not be, what
// was found is kept, with one error, and another run finds the rest.
func TestKilledInASearch(t *testing.T) {
	whole, err := search(t, 0, nil)
	if err != nil || len(whole.Triggers()) < 20 {
		t.Fatalf("%d triggers, %v", len(whole.Triggers()), err)
	}
	disturbed, err := search(t, 10, func(folder string) { kill(t, folder) })
	if err != nil || disturbed.Ledger.Queries != whole.Ledger.Queries || !reflect.DeepEqual(ids(disturbed), ids(whole)) {
		t.Errorf("restarted: got %d triggers of %d, %d queries of %d, %v", len(disturbed.Triggers()), len(whole.Triggers()), disturbed.Ledger.Queries, whole.Ledger.Queries, err)
	}
	ended, err := search(t, 10, func(folder string) { kill(t, folder) }, process.Restarts(0))
	if err == nil || !strings.Contains(err.Error(), "not started again, as process.Restarts(0) says: the program ended") || !strings.Contains(err.Error(), "signal: killed") ||
		strings.Count(err.Error(), "process.Restarts") != 1 {
		t.Errorf("got %v", err)
	}
	if ended == nil || len(ended.Triggers()) < 10 || len(ended.Triggers()) >= len(whole.Triggers()) {
		t.Fatalf("expected what was found before, found %v", ended)
	}
	// Those of seeds that were under way may not be as near as they would have become.
	same := 0
	for _, one := range ids(ended) {
		if slices.ContainsFunc(ids(whole), func(other []float32) bool { return slices.Equal(one, other) }) {
			same++
		}
	}
	if same < 10 {
		t.Errorf("expected the 10 triggers that were announced, found %v", ids(ended))
	}
}

// ids are the inputs of triggers.
func ids(r *engine.Report) (all [][]float32) {
	for _, trigger := range r.Triggers() {
		all = append(all, trigger.Input.Data)
	}
	return all
}
