// Package minimize makes a trigger smaller. It puts back the changes to the seed that the deviation does not need,
// and then moves closer to the seed. By the aim, the result is never farther from the seed than the trigger.
//
//	result, err := minimize.Trigger(ctx, pair, trigger, minimize.Settings{Aim: distance.NearestL2})
//	smaller := result.Trigger // confirmed by both models
//
// It asks the models as a search does, through [engine.Sides], and spends queries in the same way: [Settings] limits them.
// Results are the same in every run, unless a limit of time ends it.
package minimize

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
	"github.com/triggerfinder/triggerfinder/model"
)

// DefaultQueries is how many queries [Trigger] spends at most unless it is told otherwise.
const DefaultQueries = 500

// Settings are the options of [Trigger]. The zero value is valid.
type Settings struct {
	// Oracle decides what a deviation is. nil means [answer.Top1].
	Oracle answer.Oracle
	// Bound keeps the trigger near its seed; the one to begin with has to be inside. nil means anywhere
	// in the domain.
	Bound distance.Bound
	// Aim is the distance that may never grow, and that is made smaller once there are no pixels to be
	// put back any more.
	Aim distance.Aim
	// AnyDeviation accepts triggers with other labels too. Otherwise both models keep theirs, so that what
	// is left shows the same deviation. A trigger keeps its [answer.Kind] in any case: one that is [answer.NotFinite] stays so.
	AnyDeviation bool
	// Queries is the most queries to spend. 0 means [DefaultQueries].
	Queries int
	// Time is the most time to spend. 0 means no limit. Results are the same in every run without one.
	Time time.Duration
	// BatchSize is the most inputs given to a model at once. 0 means 32. It has no influence on the result.
	BatchSize int
}

func (s Settings) validate() error {
	for _, option := range []struct {
		name  string
		value int64
	}{{"Queries", int64(s.Queries)}, {"Time", int64(s.Time)}, {"BatchSize", int64(s.BatchSize)}} {
		if option.value < 0 {
			return fmt.Errorf("settings: %s is %d; expected 0 (the default) or more", option.name, option.value)
		}
	}
	return nil
}

// Result is what [Trigger] came to.
type Result struct {
	// Trigger is the smaller trigger, confirmed by both models alone. Where nothing smaller was found it
	// is the one to begin with, with the scores that the models give now.
	Trigger *engine.Trigger `json:"trigger"`
	// Before and After are the distances of the trigger to begin with, and of Trigger, to their seed.
	Before distance.Distance `json:"before"`
	After  distance.Distance `json:"after"`
	// Phases are what was done, in order, and what each came to.
	Phases []Phase `json:"phases,omitempty"`

	Queries       int `json:"queries"`       // candidates answered by both models
	Confirmations int `json:"confirmations"` // inputs evaluated alone; not counted as queries
	Unstable      int `json:"unstable"`      // smaller triggers that did not repeat alone, and were given up
	// Limit is what ended it: [engine.QueryLimit], [engine.TimeLimit], [engine.Cancelled], or [engine.Failed] beside an error;
	// "" when no step made the trigger smaller any more, or what did so did not repeat alone.
	Limit engine.Status `json:"limit,omitempty"`
}

// Smaller reports whether the trigger is another one than that to begin with.
func (m Result) Smaller() bool { return m.Before.L0 != m.After.L0 || m.Before.L2 != m.After.L2 }

// Phase is one part of a minimisation.
type Phase struct {
	Name    string            `json:"name"` // "pixels" or "distance"
	Queries int               `json:"queries"`
	Before  distance.Distance `json:"before"`
	After   distance.Distance `json:"after"`
}

// The names of phases.
const (
	pixelPhase    = "pixels"
	distancePhase = "distance"
)

// Trigger makes a trigger smaller: it takes out of the difference between the trigger and its seed what the
// deviation does not need.
//
// In the phase "pixels", blocks of the difference are put back to the seed's values, from coarse to fine, in
// the manner of delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE
// TSE 28(2), 2002). Where delta debugging has a test that passes or fails, there are two margins here, so
// that blocks need not be tried blindly: a linear model of both margins, corrected by every answer as in
// Broyden's method (Math. Comp. 19, 1965), tells which blocks are likely to matter least, and the longest
// run of these that can be put back at once is found by bisection. In the phase "distance", what is left is
// scaled towards the seed, as a whole and block by block, and evened out within blocks, which takes
// out noise of high frequency. The phases take turns until neither helps, or a limit is reached. Of these moves, those are made that fit
// the kind of the input, see [distance.Traits]: values that have no order, such as tokens, are put back alone. Of a text into which tokens may
// be put, edits are taken back, many at a time and then single ones, whatever has moved to another place by them.
//
// Where a deviation does not go by labels, the margins are those of an [answer.Decider] or the excess of an [answer.Measured]; with other
// oracles blocks are tried as with labels alone.
//
// Every accepted step is judged by both models; it keeps the label of either one, or the sort of the deviation where it
// does not go by labels (unless AnyDeviation says otherwise), and the causes of the deviation where the pair is a chain, lies in the domain and in the bound, and is not farther from the seed by the aim. Differences of
// single elements never grow beyond the largest of the trigger. The result is confirmed by both models
// alone; where it does not repeat, the latest one that did is the result. There is no randomness in it.
//
// The operators in [engine.Trigger].History are not taken out one by one: a history records their names, not the
// random numbers that they drew, so that it cannot be replayed.
//
// A trigger that does not deviate (any more) is an [engine.ErrNoDeviation]. Running into a limit, and
// cancellation, are no errors: see [Result].Limit. After an error of a model, what was confirmed so
// far is returned beside the error.
func Trigger(ctx context.Context, pair *model.Pair, trigger *engine.Trigger, settings Settings) (Result, error) {
	m, err := newMinimizer(pair, trigger, settings)
	if err != nil {
		return Result{}, fmt.Errorf("minimize: %w", err)
	}
	err = m.run(ctx)
	m.result.Queries, m.result.Confirmations, m.result.Unstable = m.spent.Queries, m.spent.Confirmations, m.spent.Unstable
	if err != nil {
		err = fmt.Errorf("minimize: pair %s: minimize trigger %s: %w", pair.Name(), trigger.Input.ID(), err)
		return m.result, err
	}
	return m.result, nil
}

// minimizer is the state of one call of Minimize.
type minimizer struct {
	sides    *engine.Sides
	answers  *engine.Answers
	spent    engine.Ledger
	settings Settings
	trigger  *engine.Trigger
	seed     input.Input
	region   distance.Region // nil for none
	ruler    *distance.Ruler
	grid     distance.Grid
	moves    distance.Moves // that fit the kind
	weights  []float32      // what changing a value costs, in the square of the aim

	limited context.Context // ends with the limit of time too
	outer   context.Context
	failure error // of a model

	state                     // the smallest trigger so far
	confirmed state           // the smallest one that both models confirmed alone
	answer    *engine.Trigger // it as a trigger
	alone     bool            // answers in a batch were not those alone
	stopped   bool            // no more queries
	gradient  [2][]float64
	tried     map[uint64]bool // inputs that do not deviate as they should
	result    Result

	causes []model.Cause // of the deviation, where the pair is a chain: they are kept
	worded bool          // the deviation does not go by labels
	like   answer.Labels // what deviations have in common that are like it, then
	// What leads then, where the oracle has it.
	decider   answer.Decider
	measured  answer.Measured
	reference answer.Answer // of the original to the trigger

	candidates []input.Input // memory of theirs
}

// state is a trigger and how it stands.
type state struct {
	input  input.Input
	far    float64    // by the aim
	size   float64    // by L2
	labels [2]int     // of both models, NoLabel where an answer is not finite; see labelsOf
	margin [2]float64 // by which each is ahead
}

func newMinimizer(pair *model.Pair, trigger *engine.Trigger, settings Settings) (*minimizer, error) {
	switch {
	case pair == nil:
		return nil, errors.New("pair is nil")
	case trigger == nil:
		return nil, errors.New("trigger is nil")
	case trigger.Input.Data == nil || trigger.Seed.Data == nil:
		return nil, errors.New("expected a trigger with its input and its seed, found one without: it is abridged, or from the report of a search")
	}
	if err := settings.validate(); err != nil {
		return nil, err
	}
	settings.Queries = cmp.Or(settings.Queries, DefaultQueries)
	settings.BatchSize = cmp.Or(settings.BatchSize, engine.DefaultBatchSize)
	if settings.Oracle == nil {
		settings.Oracle = answer.Top1()
	}
	sides := engine.NewSides(pair, settings.Oracle)
	m := &minimizer{
		sides: sides, answers: sides.NewAnswers(),
		settings: settings, trigger: trigger, seed: trigger.Seed,
		ruler: distance.NewRuler(trigger.Seed), grid: distance.GridOf(trigger.Seed), moves: distance.TraitsOf(trigger.Seed).Moves, tried: map[uint64]bool{},
	}
	if !trigger.Input.Like(trigger.Seed) {
		return nil, fmt.Errorf("expected seed and trigger alike, found %s", trigger.Seed.Unlike(trigger.Input))
	}
	for _, of := range []struct {
		name  string
		input input.Input
	}{{"trigger", trigger.Input}, {"seed", trigger.Seed}} {
		if err := sides.Usable(of.input); err != nil {
			return nil, fmt.Errorf("%s: %w", of.name, err)
		}
	}
	if settings.Bound != nil {
		region, err := settings.Bound.Around(trigger.Seed)
		if err != nil {
			return nil, err
		}
		if !region.Contains(trigger.Input) {
			return nil, fmt.Errorf("expected a trigger within %s, found one beyond", settings.Bound)
		}
		m.region = region
	}
	return m, nil
}

func (m *minimizer) run(ctx context.Context) error {
	m.outer, m.limited = ctx, ctx
	if m.settings.Time > 0 {
		limited, cancel := context.WithTimeout(ctx, m.settings.Time)
		defer cancel()
		m.limited = limited
	}
	if err := m.sides.Prepare(ctx, []input.Input{m.seed, m.trigger.Input}); err != nil {
		return err
	}
	if err := m.begin(); err != nil {
		return err
	}
	if m.result.Before.L0 > 0 && m.learnSeed() {
		m.phases()
	}
	m.confirm()
	m.result.Trigger, m.result.After = m.answer, m.answer.Distance
	if m.result.Smaller() {
		m.answer.Queries = m.trigger.Queries + m.spent.Queries
	}
	m.result.Limit = m.limit()
	return m.failure
}

// limit is what ended the minimisation.
func (m *minimizer) limit() engine.Status {
	switch {
	case m.failure != nil:
		return engine.Failed
	case m.outer.Err() != nil:
		return engine.Cancelled
	case m.limited.Err() != nil:
		return engine.TimeLimit
	case m.stopped && m.spent.Queries >= m.settings.Queries:
		return engine.QueryLimit
	}
	return ""
}

// begin confirms the trigger to begin with. The labels to be kept are those that the models give it now.
func (m *minimizer) begin() error {
	e, ok, err := m.sides.Confirm(m.outer, m.trigger.Input, &m.spent, nil)
	if err != nil {
		return err
	}
	switch {
	case e.Verdict.Kind == answer.Unusable:
		return fmt.Errorf("%w: expected a trigger by oracle %s, found that the original gives %s",
			engine.ErrNoDeviation, m.settings.Oracle, answer.NotFiniteInWords(e.Original))
	case !ok:
		d := answer.DeviationOf(m.settings.Oracle, e.Original, e.Compressed)
		return fmt.Errorf("%w: expected a trigger by oracle %s, found that the original says %s and the compressed model %s",
			engine.ErrNoDeviation, m.settings.Oracle, d.From.In(nil), d.To.In(nil))
	}
	if e.Steps, err = m.sides.Trace(m.outer, e); err != nil {
		return err
	}
	t := engine.Trigger{}
	t.Answer(e)
	m.causes = e.Steps.Causes()
	if m.worded, m.like = !t.Told().OfLabels(), t.Sort(); m.worded {
		m.decider, m.measured, m.reference = answer.DeciderOf(m.settings.Oracle), answer.MeasuredOf(m.settings.Oracle), e.Original.Clone()
	}
	m.state = state{
		input: e.Input, labels: m.labelsOf(e),
		far: m.ruler.Far(m.settings.Aim, e.Input), size: m.ruler.Far(distance.NearestL2, e.Input),
	}
	m.margin = m.margins(e, m.labels)
	m.confirmed = m.state
	m.answer = m.asTrigger(e)
	m.result.Before = m.answer.Distance
	m.result.Trigger, m.result.After = m.answer, m.answer.Distance
	return nil
}

// asTrigger makes the trigger of a confirmation.
func (m *minimizer) asTrigger(e engine.Evaluation) *engine.Trigger {
	t := *m.trigger
	t.ID, t.SeedID, t.Input = e.Input.ID(), m.seed.ID(), e.Input
	t.Answer(e)
	t.Distance = m.ruler.Measure(e.Input)
	t.History = slices.Clone(t.History)
	if !slices.Equal(e.Input.Data, m.trigger.Input.Data) {
		t.History = append(t.History, "minimized")
	}
	return &t
}

// margins are by how much each model is ahead with its label. Of a deviation that does not go by labels they are how far both models are from
// deciding otherwise, or both what the excess is; else it is as of models that give labels alone: it is there or not.
func (m *minimizer) margins(e engine.Evaluation, labels [2]int) [2]float64 {
	if !m.worded {
		return [2]float64{marginOf(e.Original.Scores, labels[0]), marginOf(e.Compressed.Scores, labels[1])}
	}
	keeps := m.labelsOf(e) == labels
	margins := [2]float64{sureMargin, sureMargin}
	switch finite := e.Verdict.Kind == answer.OtherAnswer; {
	case finite && m.decider != nil:
		o, c := answer.Margins(m.decider, e.Original, e.Compressed, m.reference)
		margins = [2]float64{o, -c}
	case finite && m.measured != nil:
		excess := m.measured.Excess(e.Original, e.Compressed)
		margins = [2]float64{excess, excess}
	case !keeps:
		margins = [2]float64{-sureMargin, -sureMargin}
	}
	const faint = 1e-9 // what the margin is at least that an oracle's figure has not: whether it is kept is what counts
	for side := range margins {
		if keeps {
			margins[side] = max(margins[side], faint)
		}
	}
	if !keeps && margins[0] > 0 && margins[1] > 0 { // another deviation than the one that is to be kept
		margins = [2]float64{-faint, -faint}
	}
	return margins
}

// marginOf is the margin of a label, and of NoLabel as of a model that gives labels alone: the answer is finite or it is
// not, by how much cannot be said.
func marginOf(scores []float32, label int) float64 {
	finite := answer.Finite(scores)
	switch {
	case finite && label != answer.NoLabel:
		return answer.Margin(scores, label)
	case finite == (label != answer.NoLabel):
		return sureMargin
	}
	return -sureMargin
}

// sureMargin is the margin of a model that gives labels alone.
var sureMargin = answer.LogScore(1) - answer.LogScore(0)

// What stands for the label of the compressed model where a deviation does not go by labels.
const (
	asBefore = iota // it is of the sort that is to be kept
	otherwise
	agreeing // it is none
)

// labelsOf are the labels of both models.
func (m *minimizer) labelsOf(e engine.Evaluation) [2]int {
	switch {
	case !m.worded:
		return [2]int{answer.LabelOf(e.Original.Scores), answer.LabelOf(e.Compressed.Scores)}
	case !answer.Finite(e.Compressed.Scores):
		return [2]int{asBefore, answer.NoLabel}
	case !e.Verdict.Deviates:
		return [2]int{asBefore, agreeing}
	}
	told := answer.DeviationOf(m.settings.Oracle, e.Original, e.Compressed)
	if (answer.Labels{Deviation: told}).Sort() == m.like {
		return [2]int{asBefore, asBefore}
	}
	return [2]int{asBefore, otherwise}
}

// keeps reports whether an answer shows the deviation that is to be kept, and its labels. Its kind is kept in any case.
func (m *minimizer) keeps(e engine.Evaluation) ([2]int, bool) {
	labels := m.labelsOf(e)
	sameKind := (labels[1] == answer.NoLabel) == (m.labels[1] == answer.NoLabel)
	return labels, e.Verdict.Deviates && sameKind && (m.settings.AnyDeviation || labels == m.labels)
}

// learnSeed makes the gradients those of a straight fall from the trigger to the seed. It reports whether
// the models answered.
func (m *minimizer) learnSeed() bool {
	m.weights = make([]float32, len(m.seed.Data))
	m.ruler.Weights(m.settings.Aim, m.weights)
	for side := range m.gradient {
		m.gradient[side] = make([]float64, len(m.seed.Data))
	}
	copy(m.candidate(0).Data, m.seed.Data)
	answers := m.ask(1)
	return len(answers) == 1
}

// candidate is the memory of candidate i.
func (m *minimizer) candidate(i int) input.Input {
	for len(m.candidates) <= i {
		m.candidates = append(m.candidates, m.seed.Clone())
	}
	return m.candidates[i]
}

// reply is what the models say about a candidate.
type reply struct {
	state
	deviates bool // as it should
}

// ask evaluates the first n candidates, as far as the limit of queries allows, and learns from the answers.
// It returns none when there are none, and then no more can be asked. The inputs of replies are valid until the next call.
func (m *minimizer) ask(n int) []reply {
	n = min(n, m.settings.Queries-m.spent.Queries)
	if n <= 0 || m.stopped {
		m.stopped = true
		return nil
	}
	step := m.settings.BatchSize
	if m.alone {
		step = 1
	}
	batch := m.candidates[:n]
	if err := m.answers.Ask(m.limited, batch, step); err != nil {
		m.stopped = true
		if m.limited.Err() == nil {
			m.failure = err
		}
		return nil
	}
	m.spent.Queries += n
	otherwise, err := m.causedOtherwise(n, step)
	if err != nil {
		m.stopped, m.failure = true, err
		return nil
	}
	replies := make([]reply, n)
	for i, in := range batch {
		r, e := &replies[i], m.answers.Evaluation(i)
		r.input, r.margin = in, m.margins(e, m.labels)
		r.labels, r.deviates = m.keeps(e)
		if r.deviates = r.deviates && !otherwise[i]; !r.deviates {
			m.tried[vec.Hash(in.Data)] = true
		}
		m.learn(r)
		if r.deviates && r.labels != m.labels {
			r.margin = m.margins(e, r.labels)
		}
	}
	return replies
}

// causedOtherwise finds the deviations among the first n candidates that are of other causes than the one that is kept.
func (m *minimizer) causedOtherwise(n, step int) (otherwise map[int]bool, err error) {
	if m.causes == nil {
		return nil, nil
	}
	var hits []engine.Evaluation
	var places []int
	for i := range n {
		if e := m.answers.Evaluation(i); e.Verdict.Deviates {
			hits, places = append(hits, e), append(places, i)
		}
	}
	traced, err := m.sides.TraceTogether(m.outer, hits, step)
	if err != nil {
		if m.outer.Err() != nil { // interrupted: what is confirmed stands
			err = nil
			m.stopped = true
		}
		return map[int]bool{}, err
	}
	otherwise = map[int]bool{}
	for i, steps := range traced {
		otherwise[places[i]] = !slices.Equal(steps.Causes(), m.causes)
	}
	return otherwise, nil
}

// learn corrects both gradients along the change of a candidate.
func (m *minimizer) learn(r *reply) {
	var squares float64
	var expected [2]float64
	for i, v := range r.input.Data {
		if d := float64(v - m.input.Data[i]); d != 0 {
			squares += float64(d * d)
			for side := range expected {
				expected[side] += float64(d * m.gradient[side][i])
			}
		}
	}
	if squares == 0 {
		return
	}
	for side := range expected {
		k := (r.margin[side] - m.margin[side] - expected[side]) / squares
		for i, v := range r.input.Data {
			if d := float64(v - m.input.Data[i]); d != 0 {
				m.gradient[side][i] += float64(k * d)
			}
		}
	}
}

// worth reports whether a candidate is worth asking for, and measures it: it is another input that was not
// refused before, within the bound, and not farther than the state.
func (m *minimizer) worth(in input.Input, r *state) bool {
	if m.tried[vec.Hash(in.Data)] || m.region != nil && !m.region.Contains(in) {
		return false
	}
	*r = m.measure(in)
	return r.size > 0 && r.far <= m.far
}

// accept makes a reply the state.
func (m *minimizer) accept(r reply, measured state) {
	m.state = state{input: r.input.Clone(), far: measured.far, size: measured.size, labels: r.labels, margin: r.margin}
}

// confirm runs both models on the state alone. When they do not deviate again, the state goes back to the latest
// one that was confirmed. It reports whether they did.
func (m *minimizer) confirm() bool {
	if slices.Equal(m.input.Data, m.confirmed.input.Data) {
		return true
	}
	e, ok, err := m.sides.Confirm(m.outer, m.input, &m.spent, func(e engine.Evaluation) bool {
		_, keeps := m.keeps(e)
		return keeps
	})
	if ok {
		e.Steps, err = m.sides.Trace(m.outer, e)
		ok = err == nil && slices.Equal(e.Steps.Causes(), m.causes)
	}
	switch {
	case ok:
		m.labels = m.labelsOf(e)
		m.margin = m.margins(e, m.labels)
		m.confirmed = m.state
		m.answer = m.asTrigger(e)
		return true
	case err == nil:
		m.tried[vec.Hash(m.input.Data)] = true
		m.stopped = m.stopped || m.alone // the models do not even repeat themselves
		m.alone = true
	default:
		m.stopped = true
		m.failure = cmp.Or(m.failure, err)
	}
	m.state = m.confirmed
	return false
}
