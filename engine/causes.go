package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// The usual causes of deviations, for [model.NewChain]. Others are names: model.Cause("float16").
const (
	// Conversion leads to the original in another format or runtime.
	Conversion model.Cause = "conversion"
	// Compression leads to the compressed model.
	Compression model.Cause = "compression"
	// RuntimeSetting leads to the same model under other settings of its runtime, such as other kernels or another provider.
	RuntimeSetting model.Cause = "runtime setting"
	// NoStepAlone is the cause of a deviation of the pair that no step shows by itself, as of two steps that stay within a tolerance which both together
	// exceed, or where a model in between is in a tie that agrees with both. It is not for a chain.
	NoStepAlone model.Cause = "no step alone"
)

// StepVerdict is what one step of a pair's chain does on an input: whether the model that it leads to deviates from the one before, by the oracle
// in force, each model being asked alone.
type StepVerdict struct {
	Cause    model.Cause `json:"cause"`
	Model    string      `json:"model"` // the name of the one that it leads to
	Deviates bool        `json:"deviates"`
	// Kind is [answer.NotFinite] where that model gives NaN or infinity, and [answer.Unusable] where the one before does, so that nothing
	// can be told of the step.
	Kind answer.Kind `json:"kind,omitempty"`
	// Tied says that their top labels differ within a tie alone, which is no deviation.
	Tied bool `json:"tied,omitempty"`
	// Deviation is how they deviate, as the oracle tells it.
	Deviation answer.Deviation `json:"deviation,omitzero"`
}

// StepVerdicts are those of all steps, in the order of the chain.
type StepVerdicts []StepVerdict

// Causes are those of the steps that show a deviation: mostly one, several where each of several steps deviates, and [NoStepAlone] where
// none does. There are none of a pair without a chain.
func (v StepVerdicts) Causes() []model.Cause {
	var causes []model.Cause
	for _, s := range v {
		if s.Deviates {
			causes = append(causes, s.Cause)
		}
	}
	if len(v) > 0 && causes == nil {
		causes = []model.Cause{NoStepAlone}
	}
	return causes
}

// By reports whether one of these is among the causes, alone or with others.
func (v StepVerdicts) By(causes ...model.Cause) bool {
	return slices.ContainsFunc(v.Causes(), func(c model.Cause) bool { return slices.Contains(causes, c) })
}

// String names the causes: "compression", "conversion and compression"; "" of a pair without a chain.
func (v StepVerdicts) String() string { return inWords(v.Causes()) }

func inWords(causes []model.Cause) string {
	var b strings.Builder
	for i, c := range causes {
		switch {
		case i > 0 && i == len(causes)-1:
			b.WriteString(" and ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(string(c))
	}
	return b.String()
}

// CauseCount is how many triggers have the same causes.
type CauseCount struct {
	Causes []model.Cause `json:"causes"` // several where each of several steps deviates
	N      int           `json:"n"`
}

// String is "38 by compression".
func (c CauseCount) String() string { return fmt.Sprintf("%d by %s", c.N, inWords(c.Causes)) }

// CountCauses counts triggers by their causes, the commonest first. Triggers of which no causes are known are left out.
func CountCauses(triggers []*Trigger) []CauseCount {
	var counts []CauseCount
	for _, t := range triggers {
		causes := t.Steps.Causes()
		if causes == nil {
			continue
		}
		i := slices.IndexFunc(counts, func(c CauseCount) bool { return slices.Equal(c.Causes, causes) })
		if i < 0 {
			i, counts = len(counts), append(counts, CauseCount{Causes: causes})
		}
		counts[i].N++
	}
	slices.SortStableFunc(counts, func(a, b CauseCount) int { return b.N - a.N })
	return counts
}

// Apart lists the triggers of other causes than those that were asked for, one of a seed at most, in the order of their seeds. See [Settings].CausedBy.
func (r *Report) Apart() []*Trigger {
	var triggers []*Trigger
	for i := range r.Seeds {
		if t := r.Seeds[i].Apart; t != nil {
			triggers = append(triggers, t)
		}
	}
	return triggers
}

// CheckCauses tells why the causes cannot be asked for of the pair; nil when they can, and for none.
func CheckCauses(pair *model.Pair, causes []model.Cause) error {
	if len(causes) == 0 {
		return nil
	}
	var own []model.Cause
	for _, s := range pair.Steps() {
		own = append(own, s.Cause)
	}
	if own == nil {
		return fmt.Errorf("caused by %s: expected a pair of which the models in between are known, made by model.NewChain, found pair %s of two models alone", inWords(causes), pair.Name())
	}
	for _, c := range causes {
		if c != NoStepAlone && !slices.Contains(own, c) {
			return fmt.Errorf("caused by %s: expected a cause of pair %s, whose steps are %s, found %q", inWords(causes), pair.Name(), inWords(own), string(c))
		}
	}
	return nil
}

// checkSteps refuses a chain with a step that changes nothing, or that is called as none may be.
func checkSteps(pair *model.Pair) error {
	before := pair.Original()
	for _, s := range pair.Steps() {
		if s.Cause == NoStepAlone {
			return fmt.Errorf("pair %s: step %q: expected another name, as deviations of no step alone are called so", pair.Name(), string(s.Cause))
		}
		if err := checkDistinctModels(before, s.Model, true); err != nil {
			return fmt.Errorf("pair %s: step %s: %w", pair.Name(), s.Cause, err)
		}
		before = s.Model
	}
	return nil
}

// between are the models of a chain between the original and the compressed one.
type between struct {
	causes []model.Cause // of all steps, one more than there are models
	models []*side
}

func newBetween(pair *model.Pair) (b between) {
	steps := pair.Steps()
	for i, s := range steps {
		b.causes = append(b.causes, s.Cause)
		if i < len(steps)-1 {
			b.models = append(b.models, newSide("intermediate", s.Model))
		}
	}
	return b
}

// anew are the same models, of which nothing was seen yet.
func (b between) anew() between {
	fresh := between{causes: b.causes}
	for _, m := range b.models {
		fresh.models = append(fresh.models, m.anew())
	}
	return fresh
}

// TraceTogether says of each evaluation what each step of the pair's chain does, by asking the models in between about at most so many inputs at
// once. It is for evaluations of a batch, as in a search; see [Sides.Trace]. Of a pair without a chain there is nothing to tell.
func (s *Sides) TraceTogether(ctx context.Context, evaluations []Evaluation, most int) ([]StepVerdicts, error) {
	if len(evaluations) == 0 || len(s.between.causes) == 0 {
		return make([]StepVerdicts, len(evaluations)), nil
	}
	inputs := make([]input.Input, len(evaluations))
	for i, e := range evaluations {
		inputs[i] = e.Input
	}
	given := make([]answered, len(s.between.models))
	for i, m := range s.between.models {
		given[i].grow(len(inputs), m)
		if err := m.predictInPieces(ctx, inputs, given[i].part(0, len(inputs)), most); err != nil {
			return nil, err
		}
	}
	all := make([]StepVerdicts, len(evaluations))
	for at := range evaluations {
		before, from := evaluations[at].Original, s.original
		for i, cause := range s.between.causes {
			after, to := evaluations[at].Compressed, s.compressed
			if i < len(given) {
				after, to = given[i].answers[at], s.between.models[i]
			}
			v, err := s.step(before, after, from, to)
			if err != nil {
				return nil, fmt.Errorf("step %s: %w", cause, err)
			}
			v.Cause = cause
			all[at] = append(all[at], v)
			before, from = after, to
		}
	}
	return all, nil
}

// step judges the answers of a model and of the one that a step leads to from it.
func (s *Sides) step(before, after answer.Answer, from, to *side) (v StepVerdict, err error) {
	v.Model = to.described().Name
	if err := answer.Check(s.oracle, before, after); err != nil {
		return v, fmt.Errorf("models %q and %q: %w", from.described().Name, v.Model, err)
	}
	if to.role == "intermediate" && to.described().Settings[model.ScoresSetting] == "" && answer.ByLabel(s.oracle) {
		if err := answer.CheckClasses(s.oracle, after); err != nil {
			return v, fmt.Errorf("%s model %q: %w", to.role, v.Model, err)
		}
	}
	verdict := answer.JudgeChecked(s.oracle, before, after)
	if v.Deviates, v.Kind, v.Tied = verdict.Deviates, verdict.Kind, verdict.Tied; v.Deviates {
		v.Deviation = answer.DeviationOf(s.oracle, before, after)
	}
	return v, nil
}

// Trace finds out what each step of the pair's chain does on the input of an evaluation whose answers the models gave alone: the models in between are
// asked alone too, also for a while after an interruption. There is nothing to tell of a pair without a chain, or of no deviation.
func (s *Sides) Trace(ctx context.Context, e Evaluation) (StepVerdicts, error) {
	if len(s.between.causes) == 0 || !e.Verdict.Deviates {
		return nil, nil
	}
	traced, err := s.TraceTogether(ctx, []Evaluation{e}, 1)
	if err != nil && ctx.Err() != nil {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), confirmationGrace)
		defer cancel()
		traced, err = s.TraceTogether(grace, []Evaluation{e}, 1)
	}
	if err != nil {
		return nil, err
	}
	return traced[0], nil
}

// traceAll traces evaluations, each model being asked about one input at a time.
func (s *Sides) traceAll(ctx context.Context, evaluations []Evaluation) error {
	for i := range evaluations {
		steps, err := s.Trace(ctx, evaluations[i])
		if err != nil {
			return err
		}
		evaluations[i].Steps = steps
	}
	return nil
}

// seconds is how long the models between ran, and how long inputs were encoded for them.
func (b between) seconds() (running, encoding float64) {
	for _, m := range b.models {
		r, e := m.seconds()
		running, encoding = running+r, encoding+e
	}
	return running, encoding
}

// descriptions of the models between.
func (b between) descriptions() []model.Description {
	var all []model.Description
	for _, m := range b.models {
		all = append(all, *m.described())
	}
	return all
}

// wants reports whether a deviation of these steps is one that the search is for.
func (s *search) wants(steps StepVerdicts) bool {
	return len(s.settings.CausedBy) == 0 || steps.By(s.settings.CausedBy...)
}

// trace finds the causes of the hits of the chunk, where those of some causes alone are triggers, and reports whether the models answered.
func (w *worker) trace(ctx context.Context, chunk []*run) bool {
	w.steps = w.steps[:0]
	if len(w.search.settings.CausedBy) == 0 {
		return true
	}
	w.steps = append(w.steps, make([]StepVerdicts, len(w.original))...)
	var hits []Evaluation
	var places []int
	for at, r := range w.asking(chunk) {
		for i := at; i < at+len(r.asked); i++ {
			e := w.search.sides.judged(w.batch[i], w.original[i], w.compressed[i])
			if e.Verdict.Deviates {
				hits, places = append(hits, e), append(places, i)
				r.spent.Between += len(w.search.sides.between.models)
			}
		}
	}
	traced, err := w.search.sides.TraceTogether(ctx, hits, w.search.atOnce(w.batch))
	if err != nil {
		w.fail(ctx, chunk, err)
		return false
	}
	for i, at := range places {
		w.steps[at] = traced[i]
	}
	return true
}

// apart books a hit of another cause than those that the search is for. The first of a seed is confirmed and kept, apart from the triggers. It reports false
// for one that is a hit after all, as its cause is another one when all models are asked about it alone.
func (w *worker) apart(ctx context.Context, r *run, e *Evaluation, i int) bool {
	r.spent.OtherCauses++
	if r.outcome.Apart != nil {
		return true
	}
	if r.err = w.showableIn(r, e.Input); r.err != nil {
		return true
	}
	confirmed, ok, err := w.search.sides.Confirm(ctx, e.Input, &r.spent, nil)
	if err == nil && ok {
		r.spent.Between += len(w.search.sides.between.models)
		confirmed.Steps, err = w.search.sides.Trace(ctx, confirmed)
	}
	if err != nil {
		r.err = r.blame(fmt.Errorf("confirming a hit: %w", err))
		return true
	}
	if !ok {
		return true
	}
	if w.search.wants(confirmed.Steps) {
		r.spent.OtherCauses--
		return false
	}
	r.outcome.Apart = w.triggerOf(r, confirmed, r.outcome.Queries+i+1, w.history(r, i))
	return true
}

// trace finds the causes of a trigger, where the search did not need them before.
func (s *search) trace(t *Trigger) error {
	if len(s.sides.between.causes) == 0 || t.Steps != nil || t.Abridged() {
		return nil
	}
	e := Evaluation{Input: t.Input, Original: t.Original, Compressed: t.Compressed, Verdict: answer.Verdict{Deviates: true}}
	steps, err := s.sides.Trace(s.outer, e)
	if err != nil {
		return fmt.Errorf("%s: tracing its trigger: %w", seedWords(t.SeedIndex, t.SeedName), err)
	}
	s.report.Ledger.Between += len(s.sides.between.models)
	t.Steps = steps
	return nil
}

// checkCause finds a Refine that made a trigger of another cause.
func (s *search) checkCause(t *Trigger) error {
	if s.wants(t.Steps) {
		return nil
	}
	return errors.New("settings: Refine: expected a trigger caused by " + inWords(s.settings.CausedBy) + ", found one by " + t.Steps.String())
}
