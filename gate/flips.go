package gate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/stats"
)

// Flips is how the answers of the compressed model differ from those of the original on labelled inputs.
type Flips struct {
	// Pair is the name of the pair, and ClassNames are those of the labels, nil where they are not known. Documents have both elsewhere.
	Pair       string   `json:"-"`
	ClassNames []string `json:"-"`

	Inputs     int `json:"inputs"`               // labelled and usable
	Unlabelled int `json:"unlabelled,omitempty"` // left out
	// Unusable seeds are left out too: they could not be read, or a model cannot take them, or the original gives NaN or
	// infinity for them.
	Unusable      int    `json:"unusable,omitempty"`
	FirstUnusable string `json:"first_unusable,omitempty"` // why
	// UnusableReasons are why, the commonest first.
	UnusableReasons engine.SkipReasons `json:"unusable_reasons,omitempty"`

	BothRight    int `json:"both_right"`
	BothWrong    int `json:"both_wrong"`     // with the same label
	RightToWrong int `json:"right_to_wrong"` // negative flips
	WrongToRight int `json:"wrong_to_right"` // positive flips
	WrongToOther int `json:"wrong_to_other"` // another wrong label
	// NotFinite is how many of them all are such that the compressed model gives NaN or infinity, which is a wrong answer:
	// with a right one of the original a negative flip, otherwise one to another wrong answer.
	NotFinite int `json:"not_finite,omitempty"`

	// Unstable inputs have labels that differed once and not when both models ran again, alone; they count with the
	// labels that they have alone.
	Unstable int `json:"unstable,omitempty"`
	// Tied negative flips are differences within a tie for the top score, which a search does not count as a
	// deviation. A deployed model has to answer all the same, so they are flips.
	Tied int `json:"tied,omitempty"`

	// Confidence is that of the one-sided Clopper-Pearson bounds of the rate of negative flips.
	Confidence float64 `json:"confidence"`
	Lower      float64 `json:"lower"`
	Upper      float64 `json:"upper"`
	// McNemar is the exact two-sided p value for right-to-wrong and wrong-to-right being equally likely.
	McNemar float64 `json:"mcnemar_p"`

	Classes []ClassFlips `json:"classes"`
	// Matrix counts inputs by the label of the original, then that of the compressed model, without those of NotFinite;
	// nil for models of more than 2000 classes, for which it would take too much memory.
	Matrix [][]int `json:"matrix"`

	// Examples are the first negative flips: a seed as it is.
	Examples []*engine.Trigger `json:"examples,omitempty"`
}

// ClassFlips are the flips among inputs of one true class.
type ClassFlips struct {
	Label        int `json:"label"`
	Inputs       int `json:"inputs"`
	RightToWrong int `json:"right_to_wrong"`
	WrongToRight int `json:"wrong_to_right"`
	WrongToOther int `json:"wrong_to_other"`
}

// FlipSettings are the options of [MeasureFlips]; the zero value is valid.
type FlipSettings struct {
	// Confidence is that of the bounds, above 0 and below 1. 0 means 0.95.
	Confidence float64
	// SkippedAtMost is the largest share of the seeds, but for those without a label, that may be unusable; see
	// [engine.Settings]. 0 means 0.1, below 0 none. More are [engine.ErrTooManySkipped].
	SkippedAtMost float64
	// Examples is how many negative flips are kept. 0 means 3, below 0 none.
	Examples int
	// BatchSize and Workers are those of [engine.EvaluatorSettings], and so is AllowIdentical.
	BatchSize, Workers int
	AllowIdentical     bool
}

// MeasureFlips runs both models on every labelled seed and counts how their answers differ. A model's answer is the
// first label of its highest score. Answers that differ are confirmed by both models again, alone.
//
// Seeds without a label and seeds that cannot be used are left out and counted; too many of the latter are an error. No
// labelled seed at all is an error, and so is a label that the models do not have, a model that fails or is constant, and
// cancellation: a part of the seeds, sorted by class as they often are, would say something else than all.
//
// The bounds are about the inputs that the seeds were sampled from, independently of each other; the seeds are few
// or many, but their number must not have been chosen after looking. They say nothing about other inputs. A rate of negative flips
// is that of all inputs, whether or not the original is right on them (Yan et al., Positive-Congruent Training,
// CVPR 2021, section 3).
func MeasureFlips(ctx context.Context, pair *model.Pair, seeds input.Seeds, settings FlipSettings) (*Flips, error) {
	f, err := measureFlips(ctx, pair, seeds, settings)
	if err != nil {
		return nil, fmt.Errorf("gate: flips: %w", err)
	}
	return f, nil
}

func measureFlips(ctx context.Context, pair *model.Pair, seeds input.Seeds, settings FlipSettings) (*Flips, error) {
	w, err := newFlipWorker(pair, seeds, settings)
	if err != nil {
		return nil, err
	}
	sum := w.asked.begin()
	for at := 0; at < seeds.Len(); at += chunk {
		c, err := w.evaluate(ctx, w.evaluator, seeds.Seed, at, min(at+chunk, seeds.Len()))
		if err != nil {
			return nil, err
		}
		sum.add(c)
	}
	return sum.result(w.evaluator.Conclude)
}

// flipAsked is what a count of flips is, wherever parts of it are made.
type flipAsked struct {
	Pair          string         `json:"pair"`
	Original      model.Identity `json:"original"`
	Compressed    model.Identity `json:"compressed"`
	Seeds         int            `json:"seeds"`
	ClassNames    []string       `json:"class_names,omitempty"`
	Confidence    float64        `json:"confidence"`
	SkippedAtMost float64        `json:"skipped_at_most"`
	Examples      int            `json:"examples"`
}

// flipWorker evaluates seeds.
type flipWorker struct {
	asked     flipAsked
	evaluator *engine.Evaluator
}

func newFlipWorker(pair *model.Pair, seeds input.Seeds, settings FlipSettings) (*flipWorker, error) {
	if settings.Confidence == 0 {
		settings.Confidence = defaultConfidence
	}
	if !(settings.Confidence > 0 && settings.Confidence < 1) {
		return nil, fmt.Errorf("confidence is %g; expected above 0 and below 1", settings.Confidence)
	}
	if !(settings.SkippedAtMost <= 1) {
		return nil, fmt.Errorf("SkippedAtMost is %g; expected a share of at most 1, such as 0.25", settings.SkippedAtMost)
	}
	if settings.Examples == 0 {
		settings.Examples = defaultExamples
	}
	if seeds == nil || seeds.Len() == 0 {
		return nil, fmt.Errorf("%w: expected at least one", input.ErrNoSeeds)
	}
	evaluator, err := engine.NewEvaluator(pair, engine.EvaluatorSettings{
		Oracle: otherLabel{}, BatchSize: settings.BatchSize, Workers: settings.Workers, AllowIdentical: settings.AllowIdentical,
	})
	if err != nil {
		return nil, err
	}
	original, compressed := pair.Describe()
	return &flipWorker{evaluator: evaluator, asked: flipAsked{
		Pair: pair.Name(), Original: original.Identity(), Compressed: compressed.Identity(), Seeds: seeds.Len(), ClassNames: input.ClassNamesOf(seeds),
		Confidence: settings.Confidence, SkippedAtMost: settings.SkippedAtMost, Examples: max(settings.Examples, 0),
	}}, nil
}

// otherLabel deviates when the models give different labels, also within a tie.
type otherLabel struct{}

func (otherLabel) Judge(original, compressed answer.Answer) answer.Verdict {
	return answer.Verdict{Deviates: answer.Label(original.Scores) != answer.Label(compressed.Scores)}
}

// Shortfall implements [answer.Graded]: how little the scores of one model have to move for another label. What
// hardly agrees is asked again, alone, so that labels do not depend on the rounding of a batch.
func (o otherLabel) Shortfall(original, compressed answer.Answer) float64 {
	if o.Judge(original, compressed).Deviates {
		return 0
	}
	return min(ahead(original.Scores), ahead(compressed.Scores))
}

// ahead is by how much the label's score is above the next one.
func ahead(scores []float32) float64 {
	label, next := answer.Label(scores), math.Inf(-1)
	for i, s := range scores {
		if i != label {
			next = max(next, float64(s))
		}
	}
	return float64(scores[label]) - next
}

func (otherLabel) String() string { return "label" }

// ByLabel implements [answer.ClassOracle].
func (otherLabel) ByLabel() bool { return true }

// mostMatrixClasses is for how many classes there is a matrix: one of 21,843, as some models have, takes 4 GiB.
const mostMatrixClasses = 2000

// flipChunk is what became of seeds that were evaluated together.
type flipChunk struct {
	Seeds    []evaluatedSeed
	Classes  int               // of the models; 0 where none of the seeds could be used
	Examples []*engine.Trigger // the first negative flips, as many as are kept
}

// evaluatedSeed is what became of one seed.
type evaluatedSeed struct {
	Label      int // the true one; [input.Unlabelled] for a seed that is left out for that
	Original   int // what the models say
	Compressed int // [answer.NoLabel] for NaN or infinity
	Unstable   bool
	Tied       bool   // the models' labels lie within a tie
	Name       string // of a seed that cannot be used
	Unusable   string // why
}

// evaluate reads the seeds from one index to another, and evaluates them.
func (w *flipWorker) evaluate(ctx context.Context, evaluator *engine.Evaluator, read func(int) (input.Seed, error), from, to int) (c flipChunk, err error) {
	var usable []input.Seed
	var indices []int
	var inputs []input.Input
	c.Seeds = make([]evaluatedSeed, to-from)
	for i := from; i < to; i++ {
		if ctx.Err() != nil {
			return c, fmt.Errorf("cancelled after %d of %d seeds: %w", i, w.asked.Seeds, context.Cause(ctx))
		}
		seed, err := read(i)
		if err == nil && seed.Label == input.Unlabelled {
			c.Seeds[i-from].Label = input.Unlabelled
			continue
		}
		if err == nil {
			err = evaluator.Usable(seed.Input)
		}
		if err != nil {
			c.Seeds[i-from] = unusable(i, seed, err)
			continue
		}
		usable, indices, inputs = append(usable, seed), append(indices, i), append(inputs, seed.Input)
	}
	judged, err := evaluator.Evaluate(ctx, inputs)
	if err != nil {
		if ctx.Err() != nil {
			err = fmt.Errorf("cancelled after %d of %d seeds: %w", from, w.asked.Seeds, context.Cause(ctx))
		}
		return c, err
	}
	for j, seed := range usable {
		if err := w.judge(&c, from, indices[j], seed, judged[j]); err != nil {
			return c, blameSeed(indices[j], seed, err)
		}
	}
	return c, nil
}

// unusable is a seed that cannot be used.
func unusable(index int, seed input.Seed, err error) evaluatedSeed {
	return evaluatedSeed{Label: seed.Label, Name: seed.Name, Unusable: blameSeed(index, seed, err).Error()}
}

func blameSeed(i int, seed input.Seed, err error) error {
	if seed.Name == "" {
		return fmt.Errorf("seed %d: %w", i, err)
	}
	return fmt.Errorf("seed %d (%s): %w", i, seed.Name, err)
}

// judge notes what the models say about a seed.
func (w *flipWorker) judge(c *flipChunk, from, index int, seed input.Seed, j engine.Judged) error {
	classes := len(j.Original.Scores)
	if j.Verdict.Kind == answer.Unusable {
		c.Seeds[index-from] = unusable(index, seed, fmt.Errorf("the original gives %s", answer.NotFiniteInWords(j.Original)))
		return nil
	}
	if seed.Label < input.Unlabelled {
		return fmt.Errorf("label %d: expected 0 to %d, as the models have %d classes", seed.Label, classes-1, classes)
	}
	if err := engine.CheckClasses(seed.Label, w.asked.ClassNames, classes); err != nil {
		return err
	}
	c.Classes = classes
	s := evaluatedSeed{Label: seed.Label, Original: answer.Label(j.Original.Scores), Compressed: answer.LabelOf(j.Compressed.Scores), Unstable: j.Unstable}
	if s.negative() {
		tie := answer.Judge(nil, j.Original, j.Compressed)
		s.Tied, j.Verdict.Tied = !tie.Deviates, tie.Tied
		if len(c.Examples) < w.asked.Examples {
			c.Examples = append(c.Examples, engine.TriggerOf(seed, index, j.Evaluation, 0))
		}
	}
	c.Seeds[index-from] = s
	return nil
}

// negative reports whether a seed is a negative flip.
func (s evaluatedSeed) negative() bool { return s.Original == s.Label && s.Compressed != s.Label }

// flipSum counts flips, seed by seed.
type flipSum struct {
	asked    flipAsked
	flips    *Flips
	classes  map[int]*ClassFlips // by label
	said     map[int]bool        // labels that the original gave
	unusable []engine.Outcome
	next     int // the index of the next seed
}

func (a flipAsked) begin() *flipSum {
	return &flipSum{asked: a, flips: &Flips{Pair: a.Pair, ClassNames: a.ClassNames, Confidence: a.Confidence}, classes: map[int]*ClassFlips{}, said: map[int]bool{}}
}

// add counts the next seeds.
func (c *flipSum) add(seeds flipChunk) {
	f := c.flips
	if classes := seeds.Classes; f.Matrix == nil && classes > 0 && classes <= mostMatrixClasses {
		f.Matrix = make([][]int, classes)
		for i := range f.Matrix {
			f.Matrix[i] = make([]int, classes)
		}
	}
	for _, s := range seeds.Seeds {
		c.count(s)
		c.next++
	}
	f.Examples = append(f.Examples, seeds.Examples[:min(len(seeds.Examples), c.asked.Examples-len(f.Examples))]...)
}

func (c *flipSum) count(s evaluatedSeed) {
	f := c.flips
	switch {
	case s.Unusable != "":
		if f.Unusable++; f.Unusable == 1 {
			f.FirstUnusable = s.Unusable
		}
		c.unusable = append(c.unusable, engine.Outcome{Index: c.next, Name: s.Name, Status: engine.Skipped, Reason: s.Unusable})
		return
	case s.Label == input.Unlabelled:
		f.Unlabelled++
		return
	}
	class := c.classes[s.Label]
	if class == nil {
		class = &ClassFlips{Label: s.Label}
		c.classes[s.Label] = class
	}
	c.said[s.Original] = true
	switch {
	case s.Compressed == answer.NoLabel:
		f.NotFinite++
	case f.Matrix != nil:
		f.Matrix[s.Original][s.Compressed]++
	}
	f.Inputs++
	class.Inputs++
	if s.Unstable {
		f.Unstable++
	}
	switch {
	case s.Original == s.Label && s.Compressed == s.Label:
		f.BothRight++
	case s.Original == s.Compressed:
		f.BothWrong++
	case s.negative():
		f.RightToWrong++
		class.RightToWrong++
		if s.Tied {
			f.Tied++
		}
	case s.Compressed == s.Label:
		f.WrongToRight++
		class.WrongToRight++
	default:
		f.WrongToOther++
		class.WrongToOther++
	}
}

// result is the count of all seeds. conclude tells whether the evaluations can say anything.
func (c *flipSum) result(conclude func(deviated bool) error) (*Flips, error) {
	f := c.flips
	f.UnusableReasons = engine.SkipReasonsOf(c.unusable)
	switch {
	case f.Inputs == 0 && f.Unusable > 0:
		return nil, fmt.Errorf("%w: of %d seeds, %d have no label and %d cannot be used, the first because: %s",
			engine.ErrNoUsableSeeds, c.asked.Seeds, f.Unlabelled, f.Unusable, f.FirstUnusable)
	case f.Inputs == 0:
		return nil, fmt.Errorf("%w: none of the %d seeds has a label; expected labelled ones", ErrNoLabels, c.asked.Seeds)
	}
	if err := engine.TooManySkipped(f.Unusable, f.Unusable+f.Inputs, c.asked.SkippedAtMost, f.UnusableReasons); err != nil {
		return nil, err
	}
	flipped := f.RightToWrong+f.WrongToRight+f.WrongToOther > 0
	if err := conclude(flipped); err != nil {
		return nil, err
	}
	if !flipped && len(c.said) == 1 {
		classes := map[int]bool{}
		for label := range c.classes {
			classes[label] = true
		}
		for label := range c.said {
			if err := engine.CheckOneLabel(label, f.Inputs, classes, c.asked.ClassNames); err != nil {
				return nil, err
			}
		}
	}
	f.Lower = stats.ClopperPearsonLower(f.RightToWrong, f.Inputs, f.Confidence)
	f.Upper = stats.ClopperPearsonUpper(f.RightToWrong, f.Inputs, f.Confidence)
	f.McNemar = stats.McNemar(f.RightToWrong, f.WrongToRight)
	f.Classes = nil
	for _, label := range slices.Sorted(maps.Keys(c.classes)) {
		f.Classes = append(f.Classes, *c.classes[label])
	}
	return f, nil
}

// ErrNoLabels says that flips cannot be counted, since no seed has a label.
var ErrNoLabels = errors.New("no labels")

// AllClasses is the Label of a [FlipClaim] that is about inputs of all classes.
const AllClasses = -1

// FlipLimits are limits of the rate of negative flips, above 0 and below 1 each.
type FlipLimits struct {
	Overall float64 `json:"overall"`
	// EachClass is the limit for every class that has inputs; 0 for none.
	EachClass float64 `json:"each_class,omitempty"`
	// Classes are the limits for single classes, by label, in place of EachClass.
	Classes map[int]float64 `json:"classes,omitempty"`
}

// FlipClaim is one limit and what the counts say about it.
type FlipClaim struct {
	Label  int     `json:"label"` // of the class, or AllClasses
	Limit  float64 `json:"limit"`
	Inputs int     `json:"inputs"`
	Flips  int     `json:"flips"` // negative ones
	// Upper is the one-sided Clopper-Pearson bound at the confidence, and Lower that at the part of the error
	// that is this claim's; see [Flips.Judge].
	Lower    float64  `json:"lower"`
	Upper    float64  `json:"upper"`
	Decision Decision `json:"decision"`
	// Needed is how many inputs a decision probably takes at the rate seen, when it is undecided; 0 when that is too
	// many to say.
	Needed int `json:"needed,omitempty"`
}

// Judge decides whether the rate of negative flips is below all of the limits: [Below] when each is shown,
// [NotBelow] when one at least is shown not to be.
//
// Either is wrong with a probability of at most 1 - Confidence. For Below, each claim is tested with the whole error,
// since all of them have to hold (the intersection-union test, Berger, Technometrics 24, 1982). For NotBelow one of several
// is enough, so that each has an equal part of the error (Bonferroni).
//
// A limit out of range, and a limit for a class without inputs, are errors.
func (f *Flips) Judge(limits FlipLimits) (Decision, []FlipClaim, error) {
	claims, err := f.claims(limits)
	if err != nil {
		return Undecided, nil, fmt.Errorf("gate: flips: %w", err)
	}
	part := 1 - (1-f.Confidence)/float64(len(claims))
	below, decision := 0, Undecided
	for i := range claims {
		c := &claims[i]
		c.Lower = stats.ClopperPearsonLower(c.Flips, c.Inputs, part)
		c.Upper = stats.ClopperPearsonUpper(c.Flips, c.Inputs, f.Confidence)
		c.Decision = decide(c.Lower, c.Upper, c.Limit)
		switch c.Decision {
		case Below:
			below++
		case NotBelow:
			decision = NotBelow
		case Undecided:
			c.Needed = needed(c.Flips, c.Inputs, c.Limit, f.Confidence, true)
		}
	}
	if below == len(claims) {
		decision = Below
	}
	return decision, claims, nil
}

func (f *Flips) claims(limits FlipLimits) ([]FlipClaim, error) {
	claims := []FlipClaim{{Label: AllClasses, Limit: limits.Overall, Inputs: f.Inputs, Flips: f.RightToWrong}}
	missing := maps.Clone(limits.Classes)
	for _, class := range f.Classes {
		limit, own := limits.Classes[class.Label]
		delete(missing, class.Label)
		if !own && limits.EachClass == 0 {
			continue
		}
		if !own {
			limit = limits.EachClass
		}
		claims = append(claims, FlipClaim{Label: class.Label, Limit: limit, Inputs: class.Inputs, Flips: class.RightToWrong})
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("limit for class %d: expected labelled inputs of that class, found none", slices.Min(slices.Collect(maps.Keys(missing))))
	}
	for _, c := range claims {
		if !(c.Limit > 0 && c.Limit < 1) {
			return nil, fmt.Errorf("limit of %s is %g; expected above 0 and below 1", c.name(), c.Limit)
		}
	}
	return claims, nil
}

func (c FlipClaim) name() string {
	if c.Label == AllClasses {
		return "all classes"
	}
	return fmt.Sprintf("class %d", c.Label)
}
