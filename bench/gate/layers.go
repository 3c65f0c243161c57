package main

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/layers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/restore"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// What the experiment about layers searches.
const (
	layersQueries = 300
	layersShare   = 0.9
	layersGap     = 0.3
	// requantisedFile is what onnxruntime's quantiser made without the nodes that the search names; see
	// fixtures/training/README.md.
	requantisedFile = "../layers/testdata/rescnn-badlayer-requantised.onnx"
)

// layersExperiment finds the layers to blame on the quantised fixtures, and checks the list for the one with
// a badly calibrated layer against the model that the quantiser itself made without the listed nodes.
// It writes gate-layers.md into the folder o.out.
func layersExperiment(ctx context.Context, o options) error {
	var page strings.Builder
	runtimeName := ""
	severe, err := answer.MinGap(layersGap, answer.Top1())
	if err != nil {
		return err
	}
	var rows, details strings.Builder
	for _, c := range []struct {
		pair   fixtures.Pair
		seeds  int
		oracle answer.Oracle // of the search; all are judged by top-1
	}{
		{fixtures.ResCNNBadLayer, 500, severe},
		{fixtures.ResCNNInt8, 200, answer.Top1()},
		{fixtures.LeNet5Int8, 200, answer.Top1()},
		{fixtures.LeNet5Dynamic, 200, answer.Top1()},
	} {
		fmt.Fprintf(o.log, "layers: %s\n", c.pair.Name)
		pair, err := onnx.OpenPairFS(fixtures.Models, c.pair.Original, c.pair.Compressed, onnx.PairName(c.pair.Name), onnx.Scale(fixtures.Scale))
		if err != nil {
			return err
		}
		original, _ := pair.Describe()
		runtimeName = original.Settings["runtime"] + ", " + original.Settings["cpu"]
		found, err := engine.Search(ctx, pair, generators.First(fixtures.Seeds(), c.seeds), engine.Settings{
			Strategy: strategies.Boundary(), Oracle: c.oracle, Budget: engine.Budget{QueriesPerSeed: layersQueries},
			Workers: runtime.GOMAXPROCS(0),
		})
		if err != nil {
			return err
		}
		var triggers []input.Input
		for _, t := range found.Triggers() {
			triggers = append(triggers, t.Input)
		}
		r, operators, err := blame(ctx, pair, c.pair, triggers)
		if err != nil {
			return err
		}
		fmt.Fprintf(&rows, "| %s | %s | %d | %d | %d of %d | %s | %d of %d | %s | %d |\n", c.pair.Name, c.oracle, c.seeds, len(triggers),
			len(r.Exclude), len(operators), r.Status, r.Healed, r.Curable, r.Cause, r.Evaluations)
		fmt.Fprintf(&details, "\n### %s\n\n| node | operator | heals | causes | in the list |\n| --- | --- | ---: | ---: | :---: |\n", c.pair.Name)
		listed := map[string]string{}
		for _, name := range r.Exclude {
			listed[name] = "yes"
		}
		for _, rank := range r.Ranking {
			fmt.Fprintf(&details, "| `%s` | %s | %d | %d | %s |\n", rank.Node, operators[rank.Node], rank.Heals, rank.Causes, listed[rank.Node])
		}
		if c.pair == fixtures.ResCNNBadLayer {
			line, err := requantised(ctx, pair, triggers, severe)
			if err != nil {
				return err
			}
			fmt.Fprintf(&details, "\nThe badly calibrated activation lies between `%s`, which makes it, and `%s`, which reads it. %s\n",
				fixtures.BadNode, fixtures.BadReader, line)
		}
		if err := pair.Close(); err != nil {
			return err
		}
	}
	fmt.Fprintf(&page, `# Which layer is to blame

Written by the command `+"`gate`"+` in `+"`bench/`"+` (experiment `+"`layers`"+`); measured on %s with %s, %s.

`+"```\ngo run ./gate -only layers\n```"+`

Triggers: Boundary, %d queries a seed, no closing in, random seed 0. Judged by top-1: the list has to heal
at least %.0f %% of them. Heals counts the triggers that heal with a node alone in float, causes those that
deviate with a node alone quantised. A set is a copy of the model that was run on all triggers.

| pair | oracle of the search | seeds | triggers | nodes in the list | | healed | cause | sets |
| --- | --- | ---: | ---: | ---: | --- | ---: | --- | ---: |
%s
The same from the command line, for the first pair:

`+"```"+`
triggerfinder search --original fixtures/models/rescnn.onnx --compressed fixtures/models/rescnn-badlayer.onnx \
    --seeds fixtures/seeds/fashion-seeds-images.idx3-ubyte.gz --scale 1/255 --min-gap %g --budget %d --closing 0 \
    --out triggers --save all
triggerfinder layers --triggers triggers --share %g
`+"```"+`

How the requantised model was made, with onnxruntime's quantiser and the list as its nodes_to_exclude, stands in
fixtures/training/README.md. That restored and requantised models give the same scores, bit by bit, on 100 seeds is a
test of package restore: 14 lists of nodes on models in the forms QDQ, QOperator and dynamic.
%s`, time.Now().Format(time.DateOnly), runtime.Version(), runtimeName, layersQueries, 100*layersShare, rows.String(),
		layersGap, layersQueries, layersShare, details.String())
	return o.write("gate-layers.md", []byte(page.String()))
}

// blame finds the layers of a pair of fixtures, and returns the operators of all nodes too.
func blame(ctx context.Context, pair *model.Pair, p fixtures.Pair, triggers []input.Input) (*layers.Result, map[string]string, error) {
	m, err := restore.OpenFS(fixtures.Models, p.Original, p.Compressed)
	if err != nil {
		return nil, nil, err
	}
	open := func(restored func(...string) ([]byte, error)) layers.Open {
		return func(_ context.Context, nodes []string) (model.Predictor, error) {
			data, err := restored(nodes...)
			if err != nil {
				return nil, err
			}
			return onnx.OpenBytes(p.Compressed, data, onnx.Scale(fixtures.Scale))
		}
	}
	operators := map[string]string{}
	for _, n := range m.Nodes() {
		operators[n.Name] = n.Operator
	}
	r, err := layers.Find(ctx, layers.Problem{
		Original: pair.Original(), Nodes: m.Names(), Triggers: triggers,
		Open: open(m.Restore), OpenWeights: open(m.RestoreWeights),
	}, layers.Settings{Share: layersShare})
	return r, operators, err
}

// requantised says how many triggers the quantiser's own model heals.
func requantised(ctx context.Context, pair *model.Pair, triggers []input.Input, severe answer.Oracle) (string, error) {
	m, err := onnx.Open(requantisedFile, onnx.Scale(fixtures.Scale))
	if err != nil {
		return "", err
	}
	defer m.Close()
	again, err := model.NewPair("requantised", pair.Original(), m)
	if err != nil {
		return "", err
	}
	var parts []string
	for _, oracle := range []answer.Oracle{answer.Top1(), severe} {
		evaluations, err := engine.Replay(ctx, again, triggers, oracle)
		if err != nil {
			return "", err
		}
		healed := 0
		for _, e := range evaluations {
			if !e.Verdict.Deviates {
				healed++
			}
		}
		parts = append(parts, fmt.Sprintf("%d of %d (%.1f %%) by %s", healed, len(triggers), 100*float64(healed)/float64(len(triggers)), oracle))
	}
	return "Really requantised without these two nodes, the model heals " + strings.Join(parts, ", and ") + ".", nil
}
