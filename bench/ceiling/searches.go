package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// contender is a search of a column.
type contender struct {
	name      string
	strategy  engine.Strategy
	queries   int
	gradients gradients
}

// gradients says which models offer them.
type gradients int

const (
	none gradients = iota
	ofBoth
	asNeeded // of the original, or of both where it has to be sure
)

func (g gradients) options(r row) []onnx.Option {
	switch {
	case g == asNeeded && r.Confidence == 0:
		return []onnx.Option{onnx.Original(onnx.Gradients())}
	case g != none:
		return []onnx.Option{onnx.Gradients()}
	}
	return nil
}

// contenders are the searches beside each other; the reference comes last.
func contenders(reference int) []contender {
	return []contender{
		{"TriggerFinder", strategies.TriggerFinder(), 500, none},
		{"Square", strategies.Square(), 500, none},
		{boundaryName, strategies.Boundary(), 500, none},
		{boundaryName + ", 2,000 queries", strategies.Boundary(), 2000, none},
		{boundaryName + " with gradients", strategies.Boundary(), 500, asNeeded},
		{referenceName, attack{}, reference, ofBoth},
	}
}

const boundaryName, referenceName = "Boundary", "reference"

// column is what a search came to: the seeds with a trigger, by their index.
type column struct {
	Name      string  `json:"name"`
	Limit     int     `json:"queries_per_seed"`
	Found     []int   `json:"found"`
	Queries   int     `json:"queries"`
	Gradients int     `json:"gradients,omitempty"`
	Seconds   float64 `json:"wall_s"`
}

// search carries one search out. Every trigger is one that both models confirm, alone.
//
// The reference goes on where the other searches have found nothing, as what exists is what any of them finds.
func search(ctx context.Context, r row, c contender, known []int) (column, string, error) {
	out := column{Name: c.name, Limit: c.queries, Found: []int{}}
	pair, seeds, err := r.subject.Open(c.gradients.options(r)...)
	if err != nil {
		return out, "", err
	}
	defer pair.Close()
	var left []int
	for i := range min(r.Seeds, seeds.Len()) {
		if c.name != referenceName || !slices.Contains(known, i) {
			left = append(left, i)
		}
	}
	if left == nil {
		return out, pair.Original().(model.Describer).Describe().Settings["runtime"], nil
	}
	report, err := engine.Search(ctx, pair, some{seeds, left}, engine.Settings{
		Strategy: c.strategy, Budget: engine.Budget{QueriesPerSeed: c.queries}, Bound: r.bound(), Oracle: r.oracle(), Strict: true, KeepInputs: 1,
	})
	if err != nil {
		return out, "", err
	}
	if report.Status != engine.AllSearched {
		return out, "", fmt.Errorf("%s after %d queries", report.Status, report.Ledger.Queries)
	}
	for _, o := range report.Seeds {
		if o.Trigger != nil {
			out.Found = append(out.Found, left[o.Index])
		}
	}
	out.Queries, out.Gradients, out.Seconds = report.Ledger.Queries, report.Ledger.Gradients, report.Timing.WallSeconds
	return out, report.Original.Settings["runtime"], nil
}

// some are seeds by their index.
type some struct {
	input.Seeds
	at []int
}

func (s some) Len() int { return len(s.at) }

func (s some) Seed(i int) (input.Seed, error) { return s.Seeds.Seed(s.at[i]) }
