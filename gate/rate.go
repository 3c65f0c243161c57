package gate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/stats"
)

// Decision is what a gate came to about a rate.
type Decision string

// The decisions.
const (
	Below     Decision = "below"     // the rate is below the limit, with the confidence asked for
	NotBelow  Decision = "not-below" // the rate is at or above the limit, with the same confidence
	Undecided Decision = "undecided" // the budget ended before either could be said
)

// ErrUndecided says that what was seen is too little for a decision. [MeasureRate] and [MeasureFlips] do not return it:
// it is for gates, which have to pass or fail.
var ErrUndecided = errors.New("undecided")

// Stop is why drawing ended.
type Stop string

// The reasons.
const (
	Decided   Stop = "decided"   // the sequence decided
	AllDrawn  Stop = "all-drawn" // the budget of draws is spent
	TimeSpent Stop = "time"      // the budget of time is spent
	Cancelled Stop = "cancelled" // the context was cancelled
)

// BoundMethod is how the bounds of a rate were computed, and so when they may be looked at.
type BoundMethod string

// The methods.
const (
	// Anytime bounds hold after every draw at once: see [stats.SequenceUpper].
	Anytime BoundMethod = "anytime"
	// ClopperPearson bounds are narrower, and valid because the number of draws was fixed beforehand and
	// nothing was decided before the last: see [stats.ClopperPearsonUpper].
	ClopperPearson BoundMethod = "clopper-pearson"
)

// Rate is how often the two models deviate on independent draws from a distribution of inputs.
type Rate struct {
	// Pair is the name of the pair, and ClassNames are those of the seeds' labels, nil where they are not known. Documents have both elsewhere.
	Pair       string   `json:"-"`
	ClassNames []string `json:"-"`

	Distribution string  `json:"distribution"`
	Oracle       string  `json:"oracle"`
	Limit        float64 `json:"limit"`
	Confidence   float64 `json:"confidence"`
	RandomSeed   uint64  `json:"random_seed"`
	Budget       int     `json:"budget"` // the most draws

	Drawn      int `json:"drawn"`              // draws that count
	Deviations int `json:"deviations"`         // confirmed by both models again, alone
	Unstable   int `json:"unstable,omitempty"` // deviations that did not repeat
	// NotFinite is how many of the deviations are such that the compressed model gives NaN or infinity.
	NotFinite int `json:"not_finite,omitempty"`
	// Unusable counts draws for which the original does. They say nothing and are not among Drawn: the rate is that of
	// inputs to which the original has an answer.
	Unusable int  `json:"unusable,omitempty"`
	Stop     Stop `json:"stop"`

	// Lower and Upper are one-sided bounds of the true rate: each holds with the confidence. They may
	// be looked at after every draw, unless Method is ClopperPearson.
	Lower    float64     `json:"lower"`
	Upper    float64     `json:"upper"`
	Method   BoundMethod `json:"bound"`
	Decision Decision    `json:"decision"`
	// Needed is how many draws a decision probably takes at the rate seen so far, when it is undecided; 0 when
	// that is more than a billion, as the rate seen is next to the limit.
	Needed int `json:"needed,omitempty"`

	// Examples are the first deviating draws. Their Queries is the number of the draw, from 1.
	Examples []*engine.Trigger `json:"examples,omitempty"`
}

// RateSettings are the options of [MeasureRate]. Limit and Draws are needed.
type RateSettings struct {
	// Limit is what the rate should be below, above 0 and below 1.
	Limit float64
	// Confidence is that of either decision, above 0 and below 1. 0 means 0.95.
	Confidence float64
	// Oracle decides what a deviation is. nil means [answer.Top1].
	Oracle answer.Oracle
	// Draws is the most draws. It must be enough to decide for a rate of 0.
	Draws int
	// Time is the most time spent; 0 means no limit.
	Time time.Duration
	// Fixed makes all Draws and decides once, at the end, by Clopper-Pearson bounds. That takes fewer draws than the
	// sequence would where the rate is near the limit, and more elsewhere.
	Fixed bool
	// RandomSeed is the source of all randomness.
	RandomSeed uint64
	// Examples is how many deviating draws are kept. 0 means 3, below 0 none.
	Examples int
	// BatchSize and Workers are those of [engine.EvaluatorSettings], and so is AllowIdentical.
	BatchSize, Workers int
	AllowIdentical     bool
}

const (
	defaultConfidence = 0.95
	defaultExamples   = 3
	// chunk is how many draws are evaluated together. Those behind the deciding one are wasted. It does not depend on
	// the machine, so that the checks of the models see the same everywhere.
	chunk = 128
)

// MeasureRate draws from the distribution until it can say whether the models of the pair deviate at a rate below
// the limit, or the budget is spent.
//
// # What is guaranteed
//
// A decision is wrong with a probability of at most 1 - Confidence, over the random seeds that one could have
// chosen: when the true rate is the limit or more, at most that share of all runs say [Below]; when it is less, at
// most that share say [NotBelow]. The guarantee counts all runs, undecided ones as not wrong. It is not one about
// those runs alone that decided: at a rate next to the limit few do, and these are about as often wrong as right.
//
// Draws are looked at one after the other, each with an anytime-valid sequence ([stats.Sequence]), so the run ends at the first
// draw that decides, whatever the size of batches. The bounds that are reported then are those of the sequence. Clopper-Pearson
// bounds of the same counts would be narrower and wrong: they hold for a number of draws that was fixed beforehand, not for one
// that the draws themselves brought about. The same goes for a run that spent its budget undecided: all runs that would have
// been decided earlier are missing among those that get there, and to use one bound here and another one there errs up to twice
// as often.
//
// With [RateSettings].Fixed, nothing is decided before the last draw, so the Clopper-Pearson bounds are valid and are
// what decides. Such a run that is cut short decides nothing.
//
// The rate is one under the distribution, judged by the oracle; it says nothing about inputs that the
// distribution does not make. To run the gate again with other random seeds until it passes voids it.
//
// # Errors
//
// An error means that the rate could not be measured: options that cannot be, a budget that could not decide at any
// rate, a draw that fails, a model that fails or is constant, the same model twice, cancellation. Where drawing had
// begun, the rate is returned beside the error and holds what was drawn until then; it decides nothing. Undecided is
// no error.
func MeasureRate(ctx context.Context, pair *model.Pair, distribution input.Distribution, settings RateSettings) (*Rate, error) {
	m, err := newMeasurement(pair, distribution, settings)
	if err != nil {
		return nil, fmt.Errorf("gate: rate: %w", err)
	}
	if err := m.run(ctx); err != nil {
		return m.rate, fmt.Errorf("gate: rate: %w", err)
	}
	return m.rate, nil
}

// measurement is the state of one call of MeasureRate.
type measurement struct {
	rateSum
	*rateDrawer
}

func newMeasurement(pair *model.Pair, distribution input.Distribution, settings RateSettings) (*measurement, error) {
	d, err := newRateDrawer(pair, distribution, settings)
	if err != nil {
		return nil, err
	}
	sum, err := d.asked.begin()
	if err != nil {
		return nil, err
	}
	return &measurement{*sum, d}, nil
}

// rateDrawer makes draws.
type rateDrawer struct {
	settings     RateSettings
	distribution input.Distribution
	evaluator    *engine.Evaluator
	asked        rateAsked
}

func newRateDrawer(pair *model.Pair, distribution input.Distribution, settings RateSettings) (*rateDrawer, error) {
	if distribution == nil {
		return nil, errors.New("distribution is nil; expected one such as generators.Corrupted(seeds)")
	}
	if settings.Confidence == 0 {
		settings.Confidence = defaultConfidence
	}
	if settings.Examples == 0 {
		settings.Examples = defaultExamples
	}
	if _, err := stats.NewSequence(settings.Limit, settings.Confidence); err != nil {
		return nil, err
	}
	if err := settings.checkBudget(); err != nil {
		return nil, err
	}
	evaluator, err := engine.NewEvaluator(pair, engine.EvaluatorSettings{
		Oracle: settings.Oracle, BatchSize: settings.BatchSize, Workers: settings.Workers, AllowIdentical: settings.AllowIdentical,
	})
	if err != nil {
		return nil, err
	}
	original, compressed := pair.Describe()
	return &rateDrawer{
		settings: settings, distribution: distribution, evaluator: evaluator,
		asked: rateAsked{
			Pair: pair.Name(), Original: original.Identity(), Compressed: compressed.Identity(),
			Distribution: distribution.String(), Oracle: evaluator.Oracle().String(), Limit: settings.Limit, Confidence: settings.Confidence,
			ClassNames: input.ClassNamesOf(distribution), RandomSeed: settings.RandomSeed, Budget: settings.Draws, Fixed: settings.Fixed, Examples: max(settings.Examples, 0),
		},
	}, nil
}

// draw makes n draws, from one on.
func (d *rateDrawer) draw(ctx context.Context, evaluator *engine.Evaluator, from, n int) (rateChunk, error) {
	drawn, err := evaluator.Draws(ctx, d.distribution, d.settings.RandomSeed, from, n)
	if err != nil {
		return rateChunk{}, err
	}
	c := rateChunk{Kinds: make([]drawKind, n)}
	for i, one := range drawn {
		c.Kinds[i] = kindOf(one.Judged)
		if c.Kinds[i].deviates() && len(c.Examples) < d.asked.Examples {
			var history []string
			if one.Change != "" {
				history = []string{one.Change}
			}
			c.Examples = append(c.Examples, engine.TriggerOf(one.Seed, one.SeedIndex, one.Judged.Evaluation, from+i+1, history...))
		}
	}
	return c, nil
}

// rateAsked is what a measurement is, wherever parts of it are made.
type rateAsked struct {
	Pair         string         `json:"pair"`
	Original     model.Identity `json:"original"`
	Compressed   model.Identity `json:"compressed"`
	ClassNames   []string       `json:"class_names,omitempty"`
	Distribution string         `json:"distribution"`
	Oracle       string         `json:"oracle"`
	Limit        float64        `json:"limit"`
	Confidence   float64        `json:"confidence"`
	RandomSeed   uint64         `json:"random_seed"`
	Budget       int            `json:"budget"`
	Fixed        bool           `json:"fixed"`
	Examples     int            `json:"examples"`
}

// begin is the sum of no draws yet.
func (a rateAsked) begin() (*rateSum, error) {
	sequence, err := stats.NewSequence(a.Limit, a.Confidence)
	if err != nil {
		return nil, err
	}
	return &rateSum{asked: a, sequence: sequence, rate: &Rate{
		Pair: a.Pair, ClassNames: a.ClassNames, Distribution: a.Distribution, Oracle: a.Oracle, Limit: a.Limit, Confidence: a.Confidence, RandomSeed: a.RandomSeed, Budget: a.Budget,
		Upper: 1, Method: Anytime, Decision: Undecided,
	}}, nil
}

// drawKind is what a draw came to.
type drawKind byte

const (
	drawAgrees drawKind = iota
	drawDeviates
	drawNotFinite // it deviates, as the compressed model gives NaN or infinity
	drawUnstable
	drawUnusable
)

func (k drawKind) deviates() bool { return k == drawDeviates || k == drawNotFinite }

func kindOf(j engine.Judged) drawKind {
	switch {
	case j.Verdict.Kind == answer.Unusable:
		return drawUnusable
	case j.Unstable:
		return drawUnstable
	case !j.Verdict.Deviates:
		return drawAgrees
	case j.Verdict.Kind == answer.NotFinite:
		return drawNotFinite
	}
	return drawDeviates
}

// rateChunk is what draws came to that were evaluated together.
type rateChunk struct {
	Kinds    []drawKind        // of each
	Examples []*engine.Trigger // the first ones that deviate, as many as are kept
}

// rateSum looks at draws one after the other.
type rateSum struct {
	asked    rateAsked
	sequence *stats.Sequence
	rate     *Rate
}

// made is how many draws were made, usable or not.
func (m *rateSum) made() int { return m.rate.Drawn + m.rate.Unusable }

// checkBudget refuses a budget with which no pair could pass.
func (s RateSettings) checkBudget() error {
	if s.Draws < 1 || s.Time < 0 {
		return fmt.Errorf("budget of %d draws and %s: expected at least 1 draw, and a time of 0 (no limit) or more", s.Draws, s.Time)
	}
	least, ok := LeastDraws(s.Limit, s.Confidence, s.Fixed)
	if !ok {
		return fmt.Errorf("limit %g: no number of draws up to %d can show that a rate is below", s.Limit, stats.Farthest)
	}
	if s.Draws < least {
		return fmt.Errorf("budget of %d draws: to show a rate below %g with a confidence of %g takes at least %d, even if none deviates",
			s.Draws, s.Limit, s.Confidence, least)
	}
	return nil
}

// LeastDraws is how many draws it takes to show that a rate is below the limit if none deviates, with the
// confidence. It reports false when that is more than a billion, or when an argument is out of range.
func LeastDraws(limit, confidence float64, fixed bool) (draws int, ok bool) {
	if fixed {
		return stats.FixedDraws(0, limit, confidence)
	}
	return stats.DrawsToDecide(0, limit, confidence)
}

func (m *measurement) run(ctx context.Context) error {
	limited, cancel := ctx, context.CancelFunc(func() {})
	if m.settings.Time > 0 {
		limited, cancel = context.WithTimeout(ctx, m.settings.Time)
	}
	defer cancel()
	r := m.rate
	for r.Stop == "" {
		n := min(chunk, m.settings.Draws-m.made())
		drawn, err := m.draw(limited, m.evaluator, m.made(), n)
		switch {
		case err == nil:
			m.look(drawn)
		case ctx.Err() != nil:
			r.Stop = Cancelled
		case limited.Err() != nil:
			r.Stop = TimeSpent
		default:
			m.setBounds()
			return err
		}
	}
	m.setBounds()
	if r.Stop == Cancelled {
		return fmt.Errorf("cancelled after %d of at most %d draws, %d of them deviating: %w",
			r.Drawn, r.Budget, r.Deviations, context.Cause(ctx))
	}
	return m.conclude(m.evaluator.Conclude)
}

// conclude tells whether the draws can say anything.
func (m *rateSum) conclude(evaluations func(deviated bool) error) error {
	if m.made() == 0 {
		return nil
	}
	err := evaluations(m.rate.Deviations > 0)
	if err != nil {
		m.rate.Decision = Undecided
	}
	return err
}

// look counts draws, one after the other.
func (m *rateSum) look(drawn rateChunk) {
	r, examples := m.rate, drawn.Examples
	for _, kind := range drawn.Kinds {
		if kind == drawUnusable {
			r.Unusable++
			continue
		}
		r.Drawn++
		switch {
		case kind == drawUnstable:
			r.Unstable++
		case kind.deviates():
			r.Deviations++
			if kind == drawNotFinite {
				r.NotFinite++
			}
			if len(examples) > 0 && len(r.Examples) < m.asked.Examples {
				r.Examples, examples = append(r.Examples, examples[0]), examples[1:]
			}
		}
		if m.asked.Fixed {
			continue
		}
		below, notBelow := m.sequence.Look(r.Deviations, r.Drawn)
		if below || notBelow {
			r.Decision, r.Stop = NotBelow, Decided
			if below {
				r.Decision = Below
			}
			return
		}
	}
	if m.made() >= m.asked.Budget {
		r.Stop = AllDrawn
	}
}

// setBounds computes the bounds that are valid.
func (m *rateSum) setBounds() {
	r := m.rate
	if m.asked.Fixed && r.Stop == AllDrawn && r.Drawn > 0 {
		r.Method = ClopperPearson
		r.Lower = stats.ClopperPearsonLower(r.Deviations, r.Drawn, r.Confidence)
		r.Upper = stats.ClopperPearsonUpper(r.Deviations, r.Drawn, r.Confidence)
		r.Decision = decide(r.Lower, r.Upper, r.Limit)
	} else {
		r.Lower = stats.SequenceLower(r.Deviations, r.Drawn, r.Confidence)
		r.Upper = stats.SequenceUpper(r.Deviations, r.Drawn, r.Confidence)
	}
	if r.Decision == Undecided && r.Drawn > 0 {
		r.Needed = needed(r.Deviations, r.Drawn, r.Limit, r.Confidence, m.asked.Fixed)
	}
}

// decide compares bounds with a limit. A rate that is at most the upper bound is below every limit above that.
func decide(lower, upper, limit float64) Decision {
	switch {
	case upper < limit:
		return Below
	case lower >= limit:
		return NotBelow
	}
	return Undecided
}

// needed is how many draws a decision probably takes if they go on as they did; 0 when that is too many to say. It
// is more than those that were not enough.
func needed(k, n int, limit, confidence float64, fixed bool) int {
	draws, ok := 0, false
	if rate := float64(k) / float64(n); fixed {
		draws, ok = stats.FixedDraws(rate, limit, confidence)
	} else {
		draws, ok = stats.DrawsToDecide(rate, limit, confidence)
	}
	if !ok {
		return 0
	}
	return max(draws, n+1)
}
