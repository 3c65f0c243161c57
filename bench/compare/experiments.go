package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/bench/page"
	"github.com/triggerfinder/triggerfinder/bench/subjects"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// experiment is a comparison, carried out pair by pair.
type experiment struct {
	name       string
	title      string
	text       string
	pairs      []string                             // nil for all
	subjects   func(data string) []subjects.Subject // in place of all; nil for those
	ownProcess bool
	measure    func(context.Context, opened, options, io.Writer) (entry, error)
	tables     func([]entry) []page.Table
}

// The limits of the experiments, in queries a seed.
const (
	firstHitLimit = 100
	closingLimit  = 200
	againstLimit  = 5000
	boundedLimit  = 500
	severeLimit   = 1000
	manyLimit     = 20
)

// slow are pairs that take fewer seeds where strategies stand side by side.
const (
	slowPair       = "resnet20"
	vehiclesPair   = "vehicles-int8" // of two classes
	slowShare      = 4
	slowShareTimed = 20 // where each search is repeated
)

func (o options) fewOf(pair string) int {
	if pair == slowPair {
		return max(o.few/slowShare, 1)
	}
	return o.few
}

func experiments() []experiment {
	return []experiment{
		{
			name: "first-hit", title: "The first trigger",
			text: fmt.Sprintf("Boundary, at most %d queries a seed, no closing in. SSIM is that of the first trigger. Commit b7925a8, measured beside it on 2026-11-29, takes as many queries on every "+
				"seed of the pairs that it knew, but for lenet5-planted, where it finds triggers on 117 of 500.", firstHitLimit),
			measure: func(ctx context.Context, p opened, o options, log io.Writer) (entry, error) {
				return searches(ctx, p, log, trial{
					contender: boundary(), seeds: o.seeds, budget: engine.Budget{QueriesPerSeed: firstHitLimit}, distances: true,
				})
			},
			tables: firstHitTables,
		},
		{
			name: "closing", title: "Closing in",
			text: fmt.Sprintf("Boundary, %d queries a seed in all, those after the first trigger spent on bringing it nearer, with SSIM "+
				"as the aim. p10 of SSIM is the tail of those that changed most; p90 of the distances likewise.", closingLimit),
			measure: func(ctx context.Context, p opened, o options, log io.Writer) (entry, error) {
				return searches(ctx, p, log, trial{contender: boundary(), seeds: o.seeds, distances: true,
					budget: engine.Budget{QueriesPerSeed: closingLimit, ClosingQueriesPerSeed: closingLimit}})
			},
			tables: closingTables,
		},
		{
			name: "one-label", title: "Seeds of one label",
			text: fmt.Sprintf("Boundary, %d queries a seed, with the seeds of one label of the original alone, apart from all others: %d in all, as many of each label. Without a seed of another label no path leads to one; "+
				"beside it what a pool of the other seeds brings, which are not searched. What was before is of commit cb816d3, with the same seeds and without a pool.", closingLimit, oneLabelSeeds),
			subjects: oneLabelSubjects, measure: oneLabel, tables: oneLabelTables,
		},
		{
			name: "aims", title: "Closing in, by the aim",
			text: fmt.Sprintf("Boundary, %d queries a seed in all, those after the first trigger spent on bringing it nearer by SSIM, by L2, by LInf or by the number of values that are changed. What exists was found by "+
				"gradients of both models. Two candidates that only the original was asked about count as one query.", closingLimit),
			subjects: aimedSubjects, measure: closeByAims, tables: aimsTables,
		},
		{
			name: "against", title: "Strategies side by side",
			text: fmt.Sprintf("The first trigger of each seed, at most %d queries a seed, the first seeds of each pair (%s: fewer, it is slow). "+
				"A seed without a trigger counts as the limit in mean and median. One worker, one run; the screening of seeds is part of the time.",
				againstLimit, slowPair),
			measure: func(ctx context.Context, p opened, o options, log io.Writer) (entry, error) {
				var trials []trial
				for _, c := range []contender{boundary(), published(), released(), diffChaser(), random()} {
					trials = append(trials, trial{
						contender: c, seeds: o.fewOf(p.name), workers: 1, budget: engine.Budget{QueriesPerSeed: againstLimit}, distances: true,
					})
				}
				return searches(ctx, p, log, trials...)
			},
			tables: againstTables,
		},
		{
			name: "bounded", title: "Within a bound",
			text: fmt.Sprintf("Share of seeds with a trigger that differs by at most 8 or 16 of 255 in any value, %d queries a seed.", boundedLimit),
			measure: func(ctx context.Context, p opened, o options, log io.Writer) (entry, error) {
				var trials []trial
				for _, most := range []float32{8, 16} {
					for _, c := range o.beside(boundary(), published(), released(), diffChaser(), random(), square()) {
						trials = append(trials, trial{contender: c, setting: fmt.Sprintf("LInf %g", most), seeds: o.fewOf(p.name),
							budget: engine.Budget{QueriesPerSeed: boundedLimit}, bound: distance.LInf(most)})
					}
				}
				return searches(ctx, p, log, trials...)
			},
			tables: boundedTables,
		},
		{
			name: "within", title: "Within bounds, against what exists",
			text: fmt.Sprintf("On how many of the first seeds of a pair there is a trigger within a bound, and on how many it is found with %d queries a seed. "+
				"What exists was found by gradients of both models, and is a lower bound of it. Two candidates that only the original was asked about count as one "+
				"query; the last column is their share of the queries. Figures of commit b7925a8 are of a processor with AVX2 and no VNNI, where 8-bit models round alike. "+
				"Where the original has to be sure, its label need not be that of the seed, as it is in the count of what exists; [what exists with any label](ceiling.md) is more.", boundedLimit),
			subjects: withinSubjects, measure: within, tables: withinTables,
		},
		{
			name: "severe", title: "Severe deviations",
			text: fmt.Sprintf("Share of seeds with a trigger on which the original gives its label a score of at least 0.9, %d queries a seed.", severeLimit),
			measure: func(ctx context.Context, p opened, o options, log io.Writer) (entry, error) {
				oracle, err := answer.MinConfidence(0.9, nil)
				if err != nil {
					return entry{}, err
				}
				var trials []trial
				for _, c := range o.beside(boundary(), published(), released(), square()) {
					trials = append(trials, trial{contender: c, seeds: o.fewOf(p.name), budget: engine.Budget{QueriesPerSeed: severeLimit}, oracle: oracle})
				}
				return searches(ctx, p, log, trials...)
			},
			tables: severeTables,
		},
		{
			name: "throughput", title: "Cost of the search itself",
			text: fmt.Sprintf("ONNX Runtime at one thread. Overhead is the share of wall time outside the models. The bare loop gives both models batches of the sizes "+
				"that the search gave them, confirmations among them, and does nothing else. The speed of a machine changes from second to second, so each batch of a search is followed by "+
				"the same batch in the loop. Searches by one and by two workers, the loop, and two loops at once (the most that the "+
				"machine allows) take turns, in %d rounds; the table has the medians. TriggerFinder as published: at most %d queries a seed up to the first trigger. "+
				"Boundary: %d queries a seed, closing in. On %s a twentieth of the seeds.", rounds, closingLimit, closingLimit, slowPair),
			pairs: []string{"lenet5", "resnet20", "lenet5-int8"}, ownProcess: false,
			measure: throughput, tables: throughputTables,
		},
		{
			name: "many", title: "Many seeds",
			text: fmt.Sprintf("A folder of PNG images: the embedded seeds, each shifted by some pixels, with noise. Boundary, at most %d queries a seed. "+
				"Memory is that of the whole process: Sys is what the Go runtime holds, VmHWM the most that was resident, ONNX Runtime included.", manyLimit),
			pairs: []string{"lenet5-int8"}, ownProcess: true, measure: many, tables: manyTables,
		},
	}
}

// takesAlone are the experiments in which Boundary may be searched by alone.
var takesAlone = []string{"bounded", "within", "severe"}

// beside are the contenders that are to be searched by: all of them, or the first alone.
func (o options) beside(contenders ...contender) []contender {
	if o.alone {
		return contenders[:1]
	}
	return contenders
}

func experimentNames() string {
	var names []string
	for _, e := range experiments() {
		names = append(names, e.name)
	}
	return strings.Join(names, ", ")
}

func chooseExperiments(names []string) ([]experiment, error) {
	all := experiments()
	if len(names) == 0 {
		return all, nil
	}
	var chosen []experiment
	for _, name := range names {
		i := slices.IndexFunc(all, func(e experiment) bool { return e.name == name })
		if i < 0 {
			return nil, fmt.Errorf("-only: expected some of %s, found %q", experimentNames(), name)
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// contender is a strategy with the name that it has in tables.
type contender struct {
	name     string
	strategy engine.Strategy
}

func boundary() contender { return contender{"Boundary", strategies.Boundary()} }

func published() contender { return contender{"TriggerFinder, published", strategies.TriggerFinder()} }

func released() contender {
	return contender{"TriggerFinder, released", strategies.TriggerFinderAsReleased()}
}

func diffChaser() contender { return contender{"DiffChaser", strategies.DiffChaser()} }

func random() contender { return contender{"Random", strategies.Random()} }

func square() contender { return contender{"Square", strategies.Square()} }
