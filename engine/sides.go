package engine

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// Sides are both models of a pair, asked together: what a search, an [Evaluator], a replay and a minimisation have in
// common. They check the answers, judge them by the oracle, run single inputs again to confirm what they show, and
// know how long each model ran. They are safe for concurrent use; each [Answers] is not.
type Sides struct {
	original, compressed *side
	oracle               answer.Oracle
	likeness             likeness
	decisions            decisions
	between              between
	// apart says that the models take inputs in other forms, as far as it is known; see encoded.
	apart atomic.Bool
	// unsure is how many answers of models that do not vouch for their scores are still looked at; see [answer.CheckClasses].
	unsure atomic.Int32
}

// enoughRows is how many answers tell whether a model gives scores of classes.
const enoughRows = 64

// NewSides makes the sides of a pair, which is not nil. The oracle judges the answers; nil means [answer.Top1].
func NewSides(pair *model.Pair, oracle answer.Oracle) *Sides {
	if oracle == nil {
		oracle = answer.Top1()
	}
	s := &Sides{
		original: newSide("original", pair.Original()), compressed: newSide("compressed", pair.Compressed()), oracle: oracle, between: newBetween(pair),
	}
	if answer.ByLabel(oracle) {
		s.unsure.Store(enoughRows)
	} else {
		s.decisions.decider = answer.DecisionsOf(oracle)
	}
	return s
}

func (s *Sides) models() [2]*side { return [...]*side{s.original, s.compressed} }

// all are both models and those between them.
func (s *Sides) all() []*side { return append([]*side{s.original, s.compressed}, s.between.models...) }

// Usable tells, without running the models, why an input cannot be given to both of them, and to those between them; nil when it can.
func (s *Sides) Usable(in input.Input) error {
	if err := in.Validate(); err != nil {
		return err
	}
	if err := distance.Check(in); err != nil {
		return err
	}
	for _, m := range s.all() {
		if err := m.accepts(in); err != nil {
			return err
		}
	}
	return nil
}

// seconds is how long each model ran, and how long inputs were encoded for both, summed over all that called them at once.
func (s *Sides) seconds() (original, compressed, encoding float64) {
	original, forOriginal := s.original.seconds()
	compressed, forCompressed := s.compressed.seconds()
	return original, compressed, forOriginal + forCompressed
}

// Answers are both models' answers to the inputs of one batch, one each. Their memory is used again by the next batch;
// [Answers.Evaluation] shows one of them.
type Answers struct {
	inputs               []input.Input
	original, compressed []answer.Answer // one for each input

	sides   *Sides
	company *company    // that these are asked in; nil for none
	kept    [2]answered // of each model, for as many inputs as there ever were
	second  half
}

// NewAnswers returns memory for answers of these sides.
func (s *Sides) NewAnswers() *Answers {
	return &Answers{sides: s}
}

// half is what somebody else evaluates of a batch, so that both models are busy at once: the compressed model's answers, or both models' to some
// of the inputs.
type half struct {
	sides  *Sides
	inputs []input.Input
	dst    [2]answered
	both   bool
	most   int // inputs at once
	err    error
	done   chan struct{}
}

func (h *half) run(ctx context.Context) {
	if h.both {
		h.err = h.sides.predictBoth(ctx, h.inputs, h.dst[0], h.dst[1], h.most)
	} else {
		h.err = h.sides.compressed.predictInPieces(ctx, h.inputs, h.dst[1], h.most)
	}
	h.done <- struct{}{}
}

// Ask runs both models on inputs that they can take, with at most so many in one call of a model. The inputs are kept
// until the next batch. When it fails there are no answers.
func (a *Answers) Ask(ctx context.Context, inputs []input.Input, most int) error {
	a.hold(inputs)
	if len(inputs) == 0 {
		return nil
	}
	var err error
	if a.company != nil {
		err = a.askInCompany(ctx, false, most)
	} else {
		err = a.sides.predictBoth(ctx, inputs, a.part(0, 0, len(inputs)), a.part(1, 0, len(inputs)), most)
	}
	if err != nil {
		return err
	}
	return a.compare()
}

// askWith is Ask with half of it done by an idle worker of the pool, where there is one: of several calls of models that share what they are
// given, the latter half, and otherwise the compressed model's.
func (a *Answers) askWith(ctx context.Context, inputs []input.Input, most int, p *pool) error {
	if p == nil || len(inputs) == 0 {
		return a.Ask(ctx, inputs, most)
	}
	a.hold(inputs)
	h, n := &a.second, len(inputs)
	if h.done == nil {
		h.sides, h.done = a.sides, make(chan struct{}, 1)
	}
	calls, first := (n+most-1)/most, n
	h.both = calls > 1 && a.sides.sharing(most)
	if h.both {
		first = (calls + 1) / 2 * most
		h.inputs, h.dst = inputs[first:], [2]answered{a.part(0, first, n), a.part(1, first, n)}
	} else {
		h.inputs, h.dst = inputs, [2]answered{a.part(0, 0, n), a.part(1, 0, n)}
	}
	h.most = most
	if !p.handOff(h) {
		return a.Ask(ctx, inputs, most)
	}
	var err error
	if h.both {
		err = a.sides.predictBoth(ctx, inputs[:first], a.part(0, 0, first), a.part(1, 0, first), most)
	} else {
		err = a.sides.original.predictInPieces(ctx, inputs, a.part(0, 0, n), most)
	}
	<-h.done
	if err == nil {
		err = h.err
	}
	if err != nil {
		return err
	}
	return a.compare()
}

// hold makes room for the answers to the inputs.
func (a *Answers) hold(inputs []input.Input) {
	a.inputs = inputs
	if n := len(inputs); a.kept[0].answers == nil { // for both models at once, as most are for one input alone
		answers := make([]answer.Answer, 2*n)
		a.kept[0].answers, a.kept[1].answers = answers[:n:n], answers[n:]
		if a.sides.original.buffered && a.sides.compressed.buffered {
			rows := make([][]float32, 2*n)
			a.kept[0].rows, a.kept[1].rows = rows[:n:n], rows[n:]
		}
	}
	for side, m := range a.sides.models() {
		a.kept[side].grow(len(inputs), m)
	}
	a.original, a.compressed = a.kept[0].answers[:len(inputs)], a.kept[1].answers[:len(inputs)]
}

// part is where answers of one model are written to, 0 for the original and 1 for the compressed one.
func (a *Answers) part(side, from, to int) answered { return a.kept[side].part(from, to) }

// askSide runs one model, the original for 0 and the compressed one for 1, on a part of the inputs that are held.
func (a *Answers) askSide(ctx context.Context, side, from, to int) error {
	return a.sides.models()[side].predict(ctx, a.inputs[from:to], a.part(side, from, to))
}

// compare finds answers that the oracle cannot judge, and notes whether the models differ at all.
func (a *Answers) compare() error {
	for i, o := range a.original {
		c := a.compressed[i]
		if err := answer.Check(a.sides.oracle, o, c); err != nil {
			return a.sides.explain(err, o, c)
		}
		a.sides.likeness.see(o, c)
		a.sides.decisions.see(o)
	}
	if a.sides.unsure.Load() > 0 {
		return a.checkClasses()
	}
	return nil
}

// checkClasses finds rows that cannot be scores of classes, though labels are compared, of models that do not say how theirs are to be read.
func (a *Answers) checkClasses() error {
	for side, m := range a.sides.models() {
		if m.described().Settings[model.ScoresSetting] != "" {
			continue
		}
		for _, given := range a.kept[side].answers[:len(a.original)] {
			if err := answer.CheckClasses(a.sides.oracle, given); err != nil {
				return fmt.Errorf("%s model %q: %w", m.role, m.described().Name, err)
			}
		}
	}
	a.sides.unsure.Add(-int32(len(a.original)))
	return nil
}

// explain says of which models the answers are that the oracle cannot judge.
func (s *Sides) explain(err error, o, c answer.Answer) error {
	original, compressed := s.original.described().Name, s.compressed.described().Name
	if n, m := len(o.Scores), len(c.Scores); n != m && min(n, m) > 1 && o.Outputs == nil && c.Outputs == nil {
		return fmt.Errorf("%w: expected one number for both models, found %d in %q (original) and %d in %q (compressed)",
			ErrClassCount, n, original, m, compressed)
	}
	return fmt.Errorf("models %q (original) and %q (compressed): %w", original, compressed, err)
}

// ofClasses reports whether an answer is scores of classes: where the oracle compares labels, and otherwise where they are
// probabilities of several.
func (s *Sides) ofClasses(a answer.Answer) bool { return ofClasses(answer.ByLabel(s.oracle), a) }

func ofClasses(byLabel bool, a answer.Answer) bool {
	return a.Outputs == nil && len(a.Scores) > 1 && (byLabel || answer.Distribution(a.Scores))
}

// Evaluation judges the answers to input i. It shares their memory.
func (a *Answers) Evaluation(i int) Evaluation {
	return a.sides.judged(a.inputs[i], a.original[i], a.compressed[i])
}

func (s *Sides) judged(in input.Input, original, compressed answer.Answer) Evaluation {
	return Evaluation{Input: in, Original: original, Compressed: compressed, Verdict: s.verdict(original, compressed)}
}

// verdict judges answers that were compared.
func (s *Sides) verdict(original, compressed answer.Answer) answer.Verdict {
	return answer.JudgeChecked(s.oracle, original, compressed)
}

// together runs both models on inputs in one batch, or in as few as the models take. The evaluations have memory of
// their own, but for the inputs.
func (s *Sides) together(ctx context.Context, inputs []input.Input) ([]Evaluation, error) {
	a := Answers{sides: s}
	if err := a.Ask(ctx, inputs, max(1, len(inputs))); err != nil {
		return nil, err
	}
	evaluations := make([]Evaluation, len(inputs))
	for i := range inputs {
		e := a.Evaluation(i)
		e.Original, e.Compressed = e.Original.Clone(), e.Compressed.Clone()
		e.Deviation = s.told(&e)
		evaluations[i] = e
	}
	return evaluations, nil
}

// told is how the oracle tells of a deviation; nil where that is from the one label to the other.
func (s *Sides) told(e *Evaluation) *answer.Deviation {
	if !e.Verdict.Deviates {
		return nil
	}
	d := answer.DeviationOf(s.oracle, e.Original, e.Compressed)
	if d.OfLabels() && d.From.Label == e.Original.Label() && d.To.Label == e.Compressed.Label() {
		return nil
	}
	told := d
	return &told
}

// alone is together for one input.
func (s *Sides) alone(ctx context.Context, in input.Input) (Evaluation, error) {
	evaluations, err := s.together(ctx, []input.Input{in})
	if err != nil {
		return Evaluation{}, err
	}
	return evaluations[0], nil
}

// confirmationGrace is how long a confirmation may take after an interruption, so that what is in hand is not lost to a limit.
const confirmationGrace = 5 * time.Second

// Confirm runs both models again, alone, on a copy of the input, also for a while after an interruption, and reports whether
// what they say now is kept: where they deviate and keeps, unless it is nil, agrees. It books the confirmation, and that
// it did not repeat.
func (s *Sides) Confirm(ctx context.Context, in input.Input, spent *Ledger, keeps func(Evaluation) bool) (Evaluation, bool, error) {
	return s.confirmOwn(ctx, in.Clone(), spent, keeps)
}

// confirmOwn is Confirm on the input itself, whose memory becomes that of the evaluation.
func (s *Sides) confirmOwn(ctx context.Context, in input.Input, spent *Ledger, keeps func(Evaluation) bool) (Evaluation, bool, error) {
	e, err := s.aloneInGrace(ctx, in)
	if err != nil && ctx.Err() != nil { // interrupted half way: once more, within the grace
		e, err = s.aloneInGrace(ctx, in)
	}
	if err != nil {
		return Evaluation{}, false, err
	}
	spent.Confirmations++
	if !e.Verdict.Deviates || keeps != nil && !keeps(e) {
		spent.Unstable++
		return e, false, nil
	}
	return e, true, nil
}

func (s *Sides) aloneInGrace(ctx context.Context, in input.Input) (Evaluation, error) {
	if ctx.Err() != nil {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), confirmationGrace)
		defer cancel()
		ctx = grace
	}
	return s.alone(ctx, in)
}

// constant finds a model that gave the same scores for at least so many inputs. Models that give labels alone may rightly
// do so, and are judged where judgeLabels says so.
func (s *Sides) constant(least int, judgeLabels bool) error {
	for _, m := range s.models() {
		saw := m.saw()
		if err := saw.constantOutput(m.role, m.described().Name, least, judgeLabels); err != nil {
			return err
		}
	}
	return nil
}
