package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// noiseSeeds is how many seeds are searched, and how many inputs each model is compared with itself on.
const noiseSeeds = 100

// noise measures the noise floor of the embedded pairs and writes gate-noise.md.
func noise(ctx context.Context, o options) error {
	var causes, floors bytes.Buffer
	runtime := ""
	for _, p := range fixtures.Pairs() {
		fmt.Fprintf(o.log, "noise, %s\n", p.Name)
		n, about, err := noiseOfPair(ctx, p)
		if err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
		runtime = about
		fmt.Fprintf(&causes, "| %s | %d | %d | %d | %d |\n", p.Name, len(n.Triggers), n.Count(gate.FromCompression), n.Count(gate.FromSetting), n.Count(gate.FromInstability))
		for _, s := range n.Settings {
			vanished := 0
			for _, t := range n.Triggers {
				for _, under := range t.Settings {
					if under == s.Setting {
						vanished++
					}
				}
			}
			fmt.Fprintf(&floors, "| %s | %s | %s | %d | %d | %.2g | %d |\n", p.Name, s.Model, s.Setting, s.Labels, s.Scores, s.LargestChange, vanished)
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `# The noise floor of the embedded pairs

Each model of a pair against itself on %d inputs when only the runtime's settings change; the measure is its answer to each input
alone, with all optimisation and 1 thread. Triggers were searched from the same inputs (boundary, at most 300 queries a seed, 100 more to bring a
trigger nearer, random seed 0) and run under every setting: one that vanishes under some comes from a setting, one that does not repeat under the
same is unstable. Measured with %s.

`+"```\ngo run ./gate -only noise\n```\n"+`
## Where the triggers come from

| pair | triggers | compression | runtime setting | unstable |
| --- | ---: | ---: | ---: | ---: |
%s
## Each model against itself

Labels and scores count inputs whose label, or any score, changed; the last column counts triggers of the pair that vanish under the setting.

| pair | model | setting | labels | scores | largest change | triggers that vanish |
| --- | --- | --- | ---: | ---: | ---: | ---: |
%s`, noiseSeeds, runtime, causes.Bytes(), floors.Bytes())
	return saveResult(filepath.Join(o.out, "gate-noise.md"), b.Bytes())
}

func noiseOfPair(ctx context.Context, p fixtures.Pair) (n *gate.Noise, runtime string, err error) {
	options := []onnx.Option{onnx.PairName(p.Name), onnx.Scale(fixtures.Scale)}
	pair, err := onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, options...)
	if err != nil {
		return nil, "", err
	}
	variants, err := onnx.OpenVariantsFS(fixtures.Models, p.Original, p.Compressed, options...)
	if err != nil {
		return nil, "", errors.Join(err, pair.Close())
	}
	defer func() { err = errors.Join(err, variants.Close(), pair.Close()) }()
	seeds := generators.First(fixtures.Seeds(), noiseSeeds)
	r, err := engine.Search(ctx, pair, seeds, engine.Settings{
		Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 300, ClosingQueriesPerSeed: 100},
	})
	if err != nil {
		return nil, "", err
	}
	original, _ := pair.Describe()
	n, err = gate.MeasureNoise(ctx, gate.NoiseStudy{Pair: pair, Variants: variants, Seeds: seeds, Most: noiseSeeds, Triggers: r.Triggers()})
	return n, original.Settings["runtime"] + ", " + original.Settings["cpu"], err
}
