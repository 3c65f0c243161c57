package matchers

import (
	"errors"
	"fmt"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
)

// Recorder keeps what checks say; a *dossier.Dossier is one.
type Recorder interface {
	Check(gate.Check)
}

// recording is how a matcher records itself. A matcher adopts it with a field "recording recording", the method
//
//	func (m *M) RecordedIn(r Recorder) *M {
//		return m.with(func(c *M) { c.recording.into = r })
//	}
//
// and Match, renamed to match, behind
//
//	func (m *M) Match(actual any) (bool, error) {
//		matched, err := m.match(actual)
//		return matched, m.recording.add(matched, err, m.FailureMessage, m.checked)
//	}
//
// where checked gives the name, the pair, the sentence, the numbers and the evidence of a Match that may
// have ended in an error. A matcher that a release uses in the negative passes !matched and
// m.NegatedFailureMessage: Match is not told how it is used, so what is recorded is the way that a release
// means it.
type recording struct {
	into Recorder
}

// add records a check, if somebody wants to know, and returns the error. An error is recorded as undecided where
// the evidence says so.
func (r recording) add(passed bool, err error, message func(any) string, checked func() gate.Check) error {
	if r.into == nil {
		return err
	}
	c := checked()
	switch {
	case err != nil:
		c.Verdict, c.Message = gate.CheckError, err.Error()
		if rate := c.Evidence.Rate; rate != nil && rate.Decision == gate.Undecided || errors.Is(err, gate.ErrUndecided) {
			c.Verdict = gate.CheckUndecided
		}
	case passed:
		c.Verdict = gate.CheckPassed
	default:
		c.Verdict, c.Message = gate.CheckFailed, message(nil)
	}
	r.into.Check(c)
	return err
}

// RecordedIn records in r, such as a *dossier.Dossier, what the matcher finds: a check that passes when no
// trigger is found, which is how a release means it, whatever the assertion says; and the search. nil records
// nothing.
func (m *HaveDeviationMatcher) RecordedIn(r Recorder) *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) { c.recording.into = r })
}

func (m *HaveDeviationMatcher) checked() gate.Check {
	what := how(m.settings.Oracle, m.settings.Bound)
	c := gate.Check{
		Name:     "no deviation found (" + what + ")",
		Evidence: gate.Evidence{Models: m.found.pair, Search: m.found.report},
	}
	from := "the seeds"
	if r := m.found.report; r != nil {
		from = plural(r.Usable(), "seed")
		triggers := len(r.Triggers())
		c.Numbers = []gate.Number{
			{Name: "seeds with a trigger", Value: float64(triggers), Unit: "of " + from},
			{Name: "queries", Value: float64(r.Ledger.Queries)},
		}
	}
	if f := m.found.replayed; f != nil {
		c.Numbers = append(c.Numbers, gate.Number{
			Name: "saved triggers that still deviate", Value: float64(len(f.still)), Unit: fmt.Sprintf("of %d", len(f.still)+len(f.healed)),
		})
		c.Evidence.Triggers = f.triggers()
	}
	c.Pair, c.Sentence = about(m.found.pair, "not to have a deviation from "+from+", judged by "+what)
	return c
}

// RecordedIn records in r, such as a *dossier.Dossier, what the matcher finds: a check that passes when
// no saved trigger deviates, and the triggers that do. nil records nothing.
func (m *ReplayCleanlyMatcher) RecordedIn(r Recorder) *ReplayCleanlyMatcher {
	return m.with(func(c *ReplayCleanlyMatcher) { c.recording.into = r })
}

func (m *ReplayCleanlyMatcher) checked() gate.Check {
	what := how(m.oracle, m.bound)
	c := gate.Check{
		Name:     "saved triggers replay cleanly (" + what + ")",
		Evidence: gate.Evidence{Models: m.pair, Triggers: m.replayed.triggers()},
	}
	c.Pair, c.Sentence = about(m.pair, "to replay the saved triggers in "+shown(m.dir)+" cleanly, judged by "+what)
	if r := m.replayed; r != nil {
		c.Numbers = []gate.Number{{
			Name: "saved triggers that still deviate", Value: float64(len(r.still)), Unit: fmt.Sprintf("of %d", len(r.still)+len(r.healed)),
		}}
	}
	return c
}

// triggers are those that still deviate.
func (r *replayed) triggers() []*engine.Trigger {
	if r == nil {
		return nil
	}
	triggers := make([]*engine.Trigger, len(r.still))
	for i := range r.still {
		triggers[i] = &r.still[i].Trigger
	}
	return triggers
}

// about makes a sentence about a pair, which a failed Match may not know.
func about(pair *engine.Pair, expected string) (name, sentence string) {
	if pair == nil {
		return "", "Expected a pair " + expected + "."
	}
	return pair.Name(), "Expected " + pair.Name() + " " + expected + "."
}

// how names what counts as a deviation.
func how(oracle engine.Oracle, bound engine.Bound) string {
	s := "top-1"
	if oracle != nil {
		s = oracle.String()
	}
	if bound != nil {
		s += ", within " + bound.String()
	}
	return s
}
