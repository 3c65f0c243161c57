package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/repair"
	"github.com/triggerfinder/triggerfinder/zoo"
)

// limits are the shares of clean inputs for which the original may be asked.
var limits = []float64{0.01, 0.02, 0.05, 0.1}

// searchedAgain are those with which the repaired system is searched.
var searchedAgain = []float64{0.01, 0.05, 0.1}

// both is what a selector that is trained on the triggers of all strategies is trained on.
const both = "both"

// selectorEntry is what was measured about the selector of one pair.
type selectorEntry struct {
	Date     string     `json:"date"`
	Budget   int        `json:"budget"`
	Searches []searched `json:"searches"`
	// Selectors are those of every kind of triggers and every limit; Baselines the thresholds on one number.
	Selectors []selectorRow `json:"selectors"`
	Baselines []baselineRow `json:"baselines"`
	Again     []againRow    `json:"again"`
	Curves    []curve       `json:"curves"`
}

// searched is one search of the pair, of the seeds of both halves.
type searched struct {
	Strategy string `json:"strategy"`
	Seeds    int    `json:"seeds"`
	Found    int    `json:"found"`
	Training int    `json:"training"` // triggers of the training half
	HeldOut  int    `json:"held_out"`
	// HeldOutSeeds and HeldOutQueries are of the held-out half; a seed without a trigger took the budget.
	HeldOutSeeds   int     `json:"held_out_seeds"`
	HeldOutQueries float64 `json:"held_out_mean_queries"`
}

// selectorRow is one selector, on the held-out triggers that one strategy found.
type selectorRow struct {
	TrainedOn string  `json:"trained_on"` // a strategy, or both
	TestedOn  string  `json:"tested_on"`
	Limit     float64 `json:"limit"`
	repair.Measured
}

// baselineRow is a threshold on one number, on the held-out triggers that one strategy found.
type baselineRow struct {
	Method   string  `json:"method"`
	TestedOn string  `json:"tested_on"`
	Limit    float64 `json:"limit"`
	Triggers int     `json:"triggers"`
	Mended   int     `json:"mended"`
	Clean    int     `json:"clean"`
	Asked    int     `json:"asked"`
}

// againRow is a search of the repaired system from the first held-out seeds, beside that of the pair from the same ones.
type againRow struct {
	Strategy      string  `json:"strategy"`
	Limit         float64 `json:"limit"`
	Seeds         int     `json:"seeds"`
	Found         int     `json:"found"`
	Queries       float64 `json:"mean_queries"` // a seed without a trigger took the budget
	FoundBefore   int     `json:"found_before"`
	QueriesBefore float64 `json:"mean_queries_before"`
}

// curve is the share of held-out triggers mended against that of held-out clean inputs asked for.
type curve struct {
	Method   string       `json:"method"`
	TestedOn string       `json:"tested_on"`
	Points   [][2]float64 `json:"points"` // in per cent
}

// doubt is how little scores are to be trusted.
type doubt func(scores []float32) float64

// baselines are the obvious ones, which need no triggers.
var baselines = []struct {
	name  string
	doubt doubt
}{
	{"top probability", func(scores []float32) float64 { return -float64(slices.Max(scores)) }},
	{"margin", func(scores []float32) float64 {
		label, second := answer.Label(scores), math.Inf(-1)
		for i, s := range scores {
			if i != label {
				second = max(second, float64(s))
			}
		}
		return second - float64(scores[label])
	}},
}

// answered are the halves of triggers, by strategy, and of clean inputs, with both models' answers.
type answered struct {
	training, heldOut           map[string][]repair.Answers
	trainingClean, heldOutClean []repair.Answers
	again                       input.Seeds // the held-out seeds to search again
	before                      map[string][]*engine.Trigger
}

func measureSelector(ctx context.Context, p zoo.Pair, pair *model.Pair, i images, s settings) (*selectorEntry, error) {
	e := &selectorEntry{Date: time.Now().Format(time.DateOnly), Budget: s.budget}
	a := answered{training: map[string][]repair.Answers{}, heldOut: map[string][]repair.Answers{}, before: map[string][]*engine.Trigger{}}
	_, held, err := repair.Split(nil, i.seeds)
	if err != nil {
		return nil, err
	}
	a.again = generators.First(held.Clean, s.again)
	among, err := ids(a.again)
	if err != nil {
		return nil, err
	}
	var exported []*engine.Trigger
	for _, by := range searchers() {
		r, err := search(ctx, pair, by, i.seeds, s.budget)
		if err != nil {
			return nil, err
		}
		training, heldOut, err := repair.Split(r.Triggers(), nil)
		if err != nil {
			return nil, err
		}
		exported = append(exported, training.Triggers...)
		for _, t := range heldOut.Triggers {
			if among[t.SeedID] {
				a.before[by.name] = append(a.before[by.name], t)
			}
		}
		if a.training[by.name], err = repair.AnswersToTriggers(ctx, pair, training.Triggers); err != nil {
			return nil, err
		}
		if a.heldOut[by.name], err = repair.AnswersToTriggers(ctx, pair, heldOut.Triggers); err != nil {
			return nil, err
		}
		a.training[both] = append(a.training[both], a.training[by.name]...)
		n := held.Clean.Len()
		e.Searches = append(e.Searches, searched{
			Strategy: by.name, Seeds: i.seeds.Len(), Found: len(r.Triggers()), Training: len(training.Triggers), HeldOut: len(heldOut.Triggers),
			HeldOutSeeds: n, HeldOutQueries: meanQueries(heldOut.Triggers, n, s.budget),
		})
		fmt.Fprintf(s.log, "  %s: triggers for %d of %d seeds\n", by.name, len(r.Triggers()), i.seeds.Len())
	}
	if err := export(s.export, p, exported); err != nil {
		return nil, err
	}
	training, heldOut, err := repair.Split(nil, i.test)
	if err != nil {
		return nil, err
	}
	if a.trainingClean, err = repair.AnswersTo(ctx, pair, training.Clean); err != nil {
		return nil, err
	}
	if a.heldOutClean, err = repair.AnswersTo(ctx, pair, heldOut.Clean); err != nil {
		return nil, err
	}
	if err := e.train(ctx, pair, a, s); err != nil {
		return nil, err
	}
	return e, e.compare(a)
}

// train trains selectors of all kinds, and searches the systems that the one for all triggers repairs.
func (e *selectorEntry) train(ctx context.Context, pair *model.Pair, a answered, s settings) error {
	kinds := []string{both}
	for _, by := range searchers() {
		kinds = append(kinds, by.name)
	}
	for _, kind := range kinds {
		for _, limit := range limits {
			selector, err := repair.TrainOn(ctx, a.training[kind], a.trainingClean, repair.Settings{AskAtMost: limit})
			if err != nil {
				return err
			}
			for _, by := range searchers() {
				m, err := selector.MeasureOn(a.heldOut[by.name], a.heldOutClean)
				if err != nil {
					return err
				}
				e.Selectors = append(e.Selectors, selectorRow{TrainedOn: kind, TestedOn: by.name, Limit: limit, Measured: m})
			}
			if kind != both {
				continue
			}
			if limit == limits[0] { // the threshold does not matter
				score := func(scores []float32) float64 { return model.Must(selector.Doubt(scores)) }
				for _, by := range searchers() {
					e.Curves = append(e.Curves, curveOf("selector", by.name, score, a.heldOut[by.name], a.heldOutClean))
				}
			}
			if slices.Contains(searchedAgain, limit) && !e.foundNothing() {
				if err := e.searchAgain(ctx, pair, selector, a, s); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// foundNothing reports whether the last searches found nothing, so that there is no use in asking more.
func (e *selectorEntry) foundNothing() bool {
	n := len(searchers())
	return len(e.Again) >= n && !slices.ContainsFunc(e.Again[len(e.Again)-n:], func(r againRow) bool { return r.Found > 0 })
}

func (e *selectorEntry) searchAgain(ctx context.Context, pair *model.Pair, selector *repair.Selector, a answered, s settings) error {
	guarded, err := selector.Guard(pair)
	if err != nil {
		return err
	}
	repaired, err := model.NewPair(pair.Name()+"-repaired", pair.Original(), guarded)
	if err != nil {
		return err
	}
	for _, by := range searchers() {
		r, err := search(ctx, repaired, by, a.again, s.budget)
		if err != nil {
			return err
		}
		n, before := a.again.Len(), a.before[by.name]
		row := againRow{
			Strategy: by.name, Limit: selector.AskAtMost, Seeds: n, Found: len(r.Triggers()), Queries: meanQueries(r.Triggers(), n, s.budget),
			FoundBefore: len(before), QueriesBefore: meanQueries(before, n, s.budget),
		}
		e.Again = append(e.Again, row)
		fmt.Fprintf(s.log, "  %s again, with at most %g asked: %d of %d\n", by.name, selector.AskAtMost, row.Found, n)
	}
	return nil
}

// compare measures the baselines, whose thresholds are quantiles of all clean inputs of the training half.
func (e *selectorEntry) compare(a answered) error {
	for _, b := range baselines {
		var known []float64
		for _, c := range a.trainingClean {
			known = append(known, b.doubt(c.Compressed))
		}
		slices.Sort(known)
		for _, by := range searchers() {
			e.Curves = append(e.Curves, curveOf(b.name, by.name, b.doubt, a.heldOut[by.name], a.heldOutClean))
			for _, limit := range limits {
				threshold := known[len(known)-int(limit*float64(len(known)+1))]
				row := baselineRow{Method: b.name, TestedOn: by.name, Limit: limit, Triggers: len(a.heldOut[by.name]), Clean: len(a.heldOutClean)}
				row.Mended, row.Asked = above(b.doubt, threshold, a.heldOut[by.name]), above(b.doubt, threshold, a.heldOutClean)
				e.Baselines = append(e.Baselines, row)
			}
		}
	}
	return nil
}

func above(d doubt, threshold float64, answers []repair.Answers) int {
	n := 0
	for _, a := range answers {
		if d(a.Compressed) > threshold {
			n++
		}
	}
	return n
}

// curveOf has a point for each of some shares of clean inputs, evenly spaced on a logarithmic scale.
func curveOf(method, testedOn string, d doubt, triggers, clean []repair.Answers) curve {
	c := curve{Method: method, TestedOn: testedOn}
	var doubts []float64
	for _, a := range clean {
		doubts = append(doubts, d(a.Compressed))
	}
	slices.Sort(doubts)
	n := len(doubts)
	for exponent := -1.0; exponent < 1.51; exponent += 0.1 { // 0.1 % to 32 %
		asked := int(math.Pow(10, exponent) / 100 * float64(n))
		threshold := doubts[n-1-asked]
		point := [2]float64{percent(above(d, threshold, clean), n), percent(above(d, threshold, triggers), len(triggers))}
		c.Points = append(c.Points, point)
	}
	return c
}

func percent(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return math.Round(1e4*float64(n)/float64(of)) / 1e2
}

// meanQueries are the queries to the first trigger; a seed without one took the budget.
func meanQueries(triggers []*engine.Trigger, seeds, budget int) float64 {
	sum := (seeds - len(triggers)) * budget
	for _, t := range triggers {
		sum += t.Queries
	}
	return math.Round(10*float64(sum)/float64(max(seeds, 1))) / 10
}

// ids are those of the inputs of seeds.
func ids(seeds input.Seeds) (map[string]bool, error) {
	found := map[string]bool{}
	for i := range seeds.Len() {
		seed, err := seeds.Seed(i)
		if err != nil {
			return nil, err
		}
		found[seed.Input.ID()] = true
	}
	return found, nil
}
