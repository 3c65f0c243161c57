package main

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/generators"
)

const (
	severity   = 0.3
	confidence = 0.95
)

// countFlips compares both models' answers on every seed under every corruption.
func countFlips(ctx context.Context, pair *engine.Pair, seeds engine.Seeds) (gate.Flips, error) {
	var inputs []engine.Input
	var truth []int
	for i := range seeds.Len() {
		seed, err := seeds.Seed(i)
		if err != nil {
			return gate.Flips{}, fmt.Errorf("seed %d: %w", i, err)
		}
		for _, c := range generators.Corruptions() {
			if s, ok := c.(engine.InputSupporter); ok && s.Supports(seed.Input) != nil {
				continue
			}
			in := seed.Input.Clone()
			c.MutateAt(in, seed.Input, severity, uint64(i))
			inputs, truth = append(inputs, in), append(truth, seed.Label)
		}
	}
	answers, err := engine.Replay(ctx, pair, inputs, engine.Top1())
	if err != nil {
		return gate.Flips{}, err
	}
	classes := len(answers[0].Original)
	f := gate.Flips{
		Inputs: len(inputs), Confidence: confidence,
		Classes: make([]gate.ClassFlips, classes), Matrix: make([][]int, classes),
	}
	for i := range classes {
		f.Classes[i].Label, f.Matrix[i] = i, make([]int, classes)
	}
	for i, a := range answers {
		original, compressed := engine.Label(a.Original), engine.Label(a.Compressed)
		class := &f.Classes[truth[i]]
		class.Inputs++
		f.Matrix[original][compressed]++
		switch {
		case original == truth[i] && compressed == truth[i]:
			f.BothRight++
		case original == truth[i]:
			f.RightToWrong++
			class.RightToWrong++
		case compressed == truth[i]:
			f.WrongToRight++
			class.WrongToRight++
		case original == compressed:
			f.BothWrong++
		default:
			f.WrongToOther++
			class.WrongToOther++
		}
	}
	f.Lower, f.Upper = clopperPearson(f.RightToWrong, f.Inputs)
	f.McNemar = mcNemar(f.RightToWrong, f.WrongToRight)
	return f, nil
}

// clopperPearson are one-sided bounds of a rate (Biometrika 26, 1934).
func clopperPearson(k, n int) (lower, upper float64) {
	lower, upper = 0, 1
	if k > 0 {
		lower = mathext.InvRegIncBeta(float64(k), float64(n-k+1), 1-confidence)
	}
	if k < n {
		upper = mathext.InvRegIncBeta(float64(k+1), float64(n-k), confidence)
	}
	return lower, upper
}

// mcNemar is the exact two-sided p value for b and c being equally likely.
func mcNemar(b, c int) float64 {
	if b+c == 0 {
		return 1
	}
	return min(1, 2*distuv.Binomial{N: float64(b + c), P: 0.5}.CDF(float64(min(b, c))))
}
