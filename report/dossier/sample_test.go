package dossier_test

import (
	"fmt"
	"math"
	"time"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report/dossier"
)

// hostile is a name that must be harmless everywhere.
const hostile = "</style></script><script>alert(1)</script>|`x`|<img src=http://192.0.2.1/a.png onerror=alert(2)>\n\n# [a](javascript:alert(3))"

var classNames = []string{"T-shirt/top", "Trouser", "Pullover", hostile}

// picture is a grey image without any file.
func picture(n int) input.Input {
	in := input.Input{Shape: []int{28, 28, 1}, Kind: input.Image, Domain: input.Bytes}
	for y := range 28 {
		for x := range 28 {
			in.Data = append(in.Data, float32((6*x+4*y+11*n)%256))
		}
	}
	return in
}

func sampleTrigger(n int) *engine.Trigger {
	seed := picture(n)
	in := seed.Clone()
	for i := n % 7; i < len(in.Data); i += 29 {
		in.Data[i] = in.Domain.Snap(in.Data[i] + float32(9+n%5))
	}
	from, to := n%4, (n/4+n+1)%4
	if from == to {
		to = (to + 1) % 4
	}
	original, compressed := []float32{0.05, 0.05, 0.05, 0.05}, []float32{0.125, 0.125, 0.125, 0.125}
	original[from], compressed[to] = 0.85, 0.625
	return &engine.Trigger{
		SeedIndex: n, SeedName: fmt.Sprintf("seed-%d.png", n), SeedLabel: from, SeedID: seed.ID(), ID: in.ID(), Seed: seed, Input: in,
		Original: answer.Of(original...), Compressed: answer.Of(compressed...), Labels: answer.Labels{OriginalLabel: from, CompressedLabel: to},
		OriginalConfidence: original[from], CompressedConfidence: compressed[to],
		Queries: 3 * n, Distance: distance.DistanceBetween(seed, in), History: []string{"gaussian-noise", "gaussian-noise", "blur"},
	}
}

// notFinite is a trigger to which the compressed model gives NaN.
func notFinite(t *engine.Trigger) *engine.Trigger {
	nan := float32(math.NaN())
	t.Kind, t.Compressed.Scores, t.CompressedLabel, t.CompressedConfidence = answer.NotFinite, []float32{nan, 0, nan, 1}, answer.NoLabel, 0
	return t
}

// sampleReport is a search of which every third seed has no trigger. The last but one is not finite.
func sampleReport(seeds int) *engine.Report {
	r := &engine.Report{
		Pair: "lenet5-int8",
		Original: model.Description{Name: "lenet5", File: "/home/somebody/models/lenet5.onnx", SHA256: "9f86d081884c7d65", Size: 250123,
			Settings: map[string]string{"runtime": "ONNX Runtime 1.0.0", "provider": "cpu", "cpu": "AVX2", "note": hostile}},
		Compressed: model.Description{Name: "lenet5-int8", File: "models/lenet5-int8.onnx", SHA256: "60303ae22b998861", Size: 70123},
		Strategy:   "boundary", Oracle: "top-1", Bound: "LInf 16", Budget: engine.Budget{QueriesPerSeed: 500}, RandomSeed: 18446744073709551615,
		Status: engine.AllSearched, Warnings: []string{"the compressed model has a fixed batch of 1"},
		Timing: engine.Timing{Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), WallSeconds: 2},
	}
	for i := range seeds {
		o := engine.Outcome{Index: i, Name: fmt.Sprintf("seed-%d.png", i), Label: i % 4, Status: engine.SeedExhausted, Queries: 500}
		if i%3 != 2 {
			o.Status, o.Trigger, o.Queries = engine.Triggered, sampleTrigger(i), 3*i+20
			if i == seeds-2 {
				notFinite(o.Trigger)
			}
			o.FirstHit = &engine.Hit{Queries: 3 * i, Distance: o.Trigger.Distance}
		}
		r.Ledger.Queries += o.Queries
		r.Seeds = append(r.Seeds, o)
	}
	r.Seeds = append(r.Seeds, engine.Outcome{Index: seeds, Name: "wide.png", Label: -1, Status: engine.Skipped, Reason: "shape [12 99 1]"})
	r.Ledger.Skipped = 1
	return r
}

var (
	sampleRate = gate.Rate{
		Distribution: "seeds x corruptions, severity 0.3", Oracle: "top-1", Limit: 0.02, Confidence: 0.95, Drawn: 1500, Deviations: 12,
		Unstable: 1, Budget: 10000, Stop: gate.Decided, Method: gate.Anytime, Lower: 0.0046, Upper: 0.0129, Decision: gate.Below,
	}
	sampleFlips = gate.Flips{
		Inputs: 1000, Unlabelled: 3, BothRight: 900, BothWrong: 60, RightToWrong: 20, WrongToRight: 12, WrongToOther: 8,
		Confidence: 0.95, Lower: 0.0133, Upper: 0.0289, McNemar: 0.215,
		Classes: []gate.ClassFlips{{Label: 0, Inputs: 400, RightToWrong: 12, WrongToRight: 4}, {Label: 3, Inputs: 600, RightToWrong: 8, WrongToRight: 8, WrongToOther: 8}},
		Matrix:  [][]int{{240, 3, 1, 0}, {0, 250, 0, 9}, {2, 0, 236, 4}, {11, 0, 10, 234}},
	}
	sampleComparison = gate.Comparison{
		Evidence: "testdata/release-2.0.json", Baseline: "lenet5-int8 2.0", Seeds: 100, Both: 50, Worse: 9, Better: 2, Neither: 39, Tolerance: 3,
		P: 0.0327, Changes: []gate.SeedChange{{Seed: "seed-4.png", Label: 0, Worse: true, Trigger: "0123456789abcdef"}, {Seed: "seed-9.png", Label: 1}},
		Metrics: []gate.MetricChange{{Name: "SSIM to the seed, median", Before: 0.905, After: 0.91, Worse: true}},
		Classes: []gate.MetricChange{{Name: "Trouser", Before: 3, After: 8, Worse: true}},
	}
	sampleCanary = gate.Canary{
		Model: "lenet5", Perturbation: "normal noise on every weight", Search: "boundary, LInf 16, at most 500 queries a seed",
		Trials: []gate.CanaryTrial{
			{Size: 0.01, Seeds: 50, Found: 11, Queries: 21000, Confidence: 0.95, Lower: 0.115, Upper: 0.36},
			{Size: 0.03, Seeds: 50, Found: 34, Queries: 12000, Confidence: 0.95, Lower: 0.533, Upper: 0.805},
			{Size: 0.1, Seeds: 50, Found: 49, Unchanged: 3, Queries: 4000, Confidence: 0.95, Lower: 0.893, Upper: 0.9995},
		},
	}
)

func sampleNoise() gate.Noise {
	return gate.Noise{
		Inputs: 200, Unjudged: 2,
		Settings: []gate.NoiseSetting{
			{Model: "original", Setting: "2 threads", LargestChange: 0},
			{Model: "compressed", Setting: "optimisation off", Labels: 2, Scores: 180, LargestChange: 0.0132},
		},
		Triggers: []gate.TriggerCause{
			{ID: sampleTrigger(0).ID, Cause: gate.FromCompression},
			{ID: sampleTrigger(1).ID, Cause: gate.FromSetting, Settings: []string{"optimisation off"}},
		},
	}
}

func ptr(v float64) *float64 { return &v }

// fullDossier has every section. Its numbers are made up; steps run in the order given.
func fullDossier(options dossier.Options, seeds int, order ...int) *dossier.Dossier {
	d := dossier.New("lenet5-int8 "+hostile, options)
	steps := []func(){
		func() {
			d.Check(dossier.Check{
				Name: "no deviation found", Pair: "lenet5-int8", Sentence: "Expected lenet5-int8 not to have a deviation from the seeds.",
				Verdict: dossier.Failed, Message: "Expected pair lenet5-int8\nnot to have a deviation, but some seeds have one.\n\n  1. from seed 1\n" + hostile,
				Numbers: []gate.Number{{Name: "seeds with a trigger", Value: 20, Unit: "of 30 seeds"}},
				Evidence: gate.CheckEvidence{Search: sampleReport(seeds), Replays: map[string]string{
					sampleTrigger(0).ID: "TRIGGERFINDER_REPLAY=" + sampleTrigger(0).ID + " go test -run '^TestRelease$' ./models",
				}},
			})
		},
		func() {
			d.Check(dossier.Check{
				Name: "rate below 2 %", Pair: "lenet5-int8", Sentence: "Expected lenet5-int8 to deviate at a rate below 2 %.", Verdict: dossier.Passed,
				Numbers:  []gate.Number{{Name: "rate", Value: 0.008, Unit: "share", Lower: ptr(0.0046), Upper: ptr(0.0129), Confidence: 0.95, Limit: ptr(0.02)}},
				Evidence: gate.CheckEvidence{Rate: &sampleRate},
			})
		},
		func() {
			d.Check(dossier.Check{Name: "rate below 0.1 %", Sentence: "Expected a rate below 0.1 %.", Verdict: dossier.Undecided, Message: "undecided after 1500 draws"})
		},
		func() {
			d.Check(dossier.Check{Name: hostile, Sentence: "Expected " + hostile, Verdict: dossier.Error, Message: "cannot: \x00\x1b[31m"})
		},
		func() { d.Flips("test set", sampleFlips) },
		func() { d.Compare("", sampleComparison) },
		func() { d.Canary("", sampleCanary) },
		func() { d.Noise("", sampleNoise()) },
		func() {
			d.Clusters(
				dossier.Cluster{Labels: answer.Labels{OriginalLabel: 1, CompressedLabel: 3}, Family: "noise", Count: 4, Exemplar: sampleTrigger(1).ID},
				dossier.Cluster{Labels: answer.Labels{OriginalLabel: 0, CompressedLabel: 1}, Family: hostile, Count: 9, Exemplar: sampleTrigger(4).ID})
		},
		func() {
			before := sampleTrigger(1).Distance
			after := before
			after.L0, after.L2 = 3, 2.5
			d.Minimized(dossier.Minimized{ID: sampleTrigger(1).ID, Before: before, After: after, Queries: 210})
		},
	}
	if order == nil {
		for i := range steps {
			order = append(order, i)
		}
	}
	for _, i := range order {
		steps[i]()
	}
	return d
}

const steps = 10 // of fullDossier

var fullOptions = dossier.Options{
	ClassNames: classNames, Settings: map[string]string{"mode": "release " + hostile}, Versions: map[string]string{"commit": "abc" + hostile},
	Replay: "go test -run '^TestRelease$' ./models\n```\n" + hostile,
}
