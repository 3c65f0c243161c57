package matchers

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

// Recorder keeps what checks say; a *dossier.Dossier is one.
type Recorder interface {
	Check(gate.Check)
}

// recording is how a matcher records itself. A matcher that embeds options and assertion has it, and Match calls
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

// add records a check, if somebody wants to know, and returns the error. What could not tell
// anything, though it could be carried out, is recorded as undecided.
func (r recording) add(passed bool, err error, message func(any) string, checked func() gate.Check) error {
	if r.into == nil {
		return err
	}
	c := checked()
	switch {
	case err != nil:
		c.Verdict, c.Message = gate.CheckError, err.Error()
		for _, undecided := range []error{gate.ErrUndecided, gate.ErrTooWeak, engine.ErrInconclusive} {
			if errors.Is(err, undecided) {
				c.Verdict = gate.CheckUndecided
			}
		}
	case passed:
		c.Verdict = gate.CheckPassed
	default:
		c.Verdict, c.Message = gate.CheckFailed, message(nil)
	}
	if ids := replayOnly(); len(ids) > 0 && c.Verdict == gate.CheckPassed {
		c.Verdict, c.Message = gate.CheckUndecided, strings.TrimSpace(fmt.Sprintf("%s=%s asks for single triggers, so nothing else was tested.\n%s", ReplayVariable, strings.Join(ids, ","), c.Message))
	}
	r.into.Check(c)
	return err
}

func (m *HaveDeviationMatcher) checked() gate.Check {
	what := how(askedOf(m.found.settings))
	c := m.found.check()
	c.Name = "no deviation found (" + what + ")"
	c.Pair, c.Sentence = about(m.found.pair, "not to have a deviation from "+m.found.from()+", judged by "+what)
	return c
}

func (m *DistinctDeviationsMatcher) checked() gate.Check {
	c, what := m.found.check(), "top-1"
	if m.search != nil {
		what = how(askedOf(m.found.settings))
	}
	c.Name = fmt.Sprintf("at most %s (%s)", report.Plural(m.most, "distinct deviation"), what)
	if m.clusters != nil {
		limit := float64(m.most)
		c.Numbers = append([]gate.Number{{Name: "distinct deviations", Value: float64(len(m.clusters)), Limit: &limit}}, c.Numbers...)
	}
	c.Pair, c.Sentence = about(m.found.pair, fmt.Sprintf("to have at most %s from %s, judged by %s",
		report.Plural(m.most, "distinct deviation"), m.found.from(), what))
	return c
}

// from is what the search began with.
func (f findings) from() string {
	if f.report == nil {
		return "the seeds"
	}
	return report.Plural(f.report.Usable(), "seed")
}

// check has the numbers and the evidence of a search.
func (f findings) check() gate.Check {
	c := gate.Check{Evidence: gate.CheckEvidence{
		Models: f.pair, Search: f.report, Canary: f.canary, Noise: f.noise, Minimized: f.minimized, Triggers: f.replayed.deviating(),
		ClassNames: f.classNames, Replays: f.replayCommands(),
	}}
	if r := f.report; r != nil {
		triggers := len(r.Triggers())
		c.Numbers = []gate.Number{
			{Name: "seeds with a trigger", Value: float64(triggers), Unit: "of " + f.from()},
			{Name: "queries", Value: float64(r.Ledger.Queries)},
		}
		c.Numbers = append(c.Numbers, notFinite(r.NotFinite(), report.Plural(triggers, "trigger"))...)
		if n := r.Ledger.Unusable; n > 0 {
			c.Numbers = append(c.Numbers, gate.Number{Name: "queries for which the original is not finite", Value: float64(n)})
		}
		for _, by := range engine.CountCauses(r.Triggers()) {
			c.Numbers = append(c.Numbers, gate.Number{Name: "caused by " + report.CauseNames(by.Causes, "and"), Value: float64(by.N), Unit: "of " + report.Plural(triggers, "trigger")})
		}
		if n := r.Ledger.OtherCauses; n > 0 {
			c.Numbers = append(c.Numbers, gate.Number{Name: "hits that are not caused by " + report.CauseNames(r.CausedBy, "or"), Value: float64(n)})
		}
		if r.Ledger.Skipped > 0 {
			c.Numbers = append(c.Numbers, gate.Number{Name: "skipped seeds", Value: float64(r.Ledger.Skipped), Unit: "of " + report.Plural(r.Own(), "seed")})
		}
		if f.waived > 0 {
			c.Numbers = append(c.Numbers, gate.Number{Name: "waived", Value: float64(f.waived), Unit: fmt.Sprintf("of %d", triggers)})
			c.Message = waivedLine(f.waivers, f.waived)
			if len(f.open) == 0 {
				c.Message = f.allWaived(published(f.waivers.File))
			}
		}
	}
	c.Numbers = append(c.Numbers, f.replayed.numbers()...)
	return c
}

// allWaived says that triggers were found, and somebody accepts all of them.
func (f findings) allWaived(in string) string {
	if f.waived == 1 {
		return "The only trigger that was found is waived in " + in + "."
	}
	return fmt.Sprintf("All %d triggers that were found are waived in %s.", f.waived, in)
}

func (m *ReplayCleanlyMatcher) checked() gate.Check {
	what := how(m.asked())
	c := gate.Check{
		Name:     "saved triggers replay cleanly (" + what + ")",
		Evidence: gate.CheckEvidence{Models: m.pair, Triggers: m.replayed.deviating(), ClassNames: m.names()},
	}
	c.Pair, c.Sentence = about(m.pair, "to replay the saved triggers in "+published(m.dir)+" cleanly, judged by "+what)
	if r := m.replayed; r != nil {
		c.Numbers = r.numbers()
		c.Message = r.remarks(m.pair)
	}
	return c
}

// notFinite is for how many the compressed model gives NaN or infinity; nothing where there is none.
func notFinite(n int, of string) []gate.Number {
	if n == 0 {
		return nil
	}
	return []gate.Number{{Name: "not finite", Value: float64(n), Unit: "of " + of}}
}

// numbers are how many of the saved triggers still deviate, and of which; nil when there is none.
func (r *replayed) numbers() []gate.Number {
	if r == nil {
		return nil
	}
	all, judged := r.total(), r.judged()
	if all == 0 {
		return []gate.Number{{Name: "saved triggers", Value: 0}}
	}
	of := fmt.Sprintf("of %d", judged)
	switch {
	case len(r.never)+len(r.broken)+len(r.apart) > 0:
		of = fmt.Sprintf("of the %d judged", judged)
	case len(r.outside) > 0:
		of = fmt.Sprintf("of the %d within %s", judged, r.bound)
	}
	var numbers []gate.Number
	if judged > 0 {
		numbers = append(numbers, gate.Number{Name: "saved triggers that still deviate", Value: float64(len(r.still) + len(r.waived)), Unit: of})
	}
	n := 0
	for _, t := range r.deviating() {
		if t.Kind == answer.NotFinite {
			n++
		}
	}
	numbers = append(numbers, notFinite(n, report.Plural(len(r.still)+len(r.waived), "trigger"))...)
	if len(r.waived) > 0 {
		numbers = append(numbers, gate.Number{Name: "saved triggers that are waived", Value: float64(len(r.waived)), Unit: of})
	}
	for _, left := range []struct {
		n    int
		name string
	}{{len(r.outside), "saved triggers outside the bound, not judged"}, {len(r.never), "saved triggers that never deviated by this oracle, not judged"},
		{len(r.broken), "saved triggers for which the original is not finite, not judged"}, {len(r.apart), "saved triggers of other causes, not judged"}} {
		if left.n > 0 {
			numbers = append(numbers, gate.Number{Name: left.name, Value: float64(left.n), Unit: fmt.Sprintf("of %d", all)})
		}
	}
	return numbers
}

// published is a path as a document may show it that others read, and that is the same on all machines: below the
// working folder, or else its last element.
func published(path string) string {
	if path = shown(path); filepath.IsAbs(path) {
		return filepath.Base(path)
	}
	return filepath.ToSlash(path)
}

func (m *HaveDeviationRateMatcher) checked() gate.Check {
	settings := m.found.settings
	limit := settings.Limit
	judged := how(asked{oracle: settings.Oracle})
	if m.found.pair == nil && m.found.rate != nil {
		judged = m.found.rate.Oracle
	}
	c := gate.Check{
		Name:     fmt.Sprintf("deviation rate below %s (%s)", gate.Percent(limit), judged),
		Evidence: gate.CheckEvidence{Models: m.found.pair, Rate: m.found.rate, ClassNames: m.found.classNames},
	}
	under := ""
	if r := m.found.rate; r != nil && r.Drawn > 0 {
		under = " under " + r.Distribution
		c.Numbers = []gate.Number{{
			Name: "deviation rate", Value: float64(r.Deviations) / float64(r.Drawn), Unit: "share",
			Lower: &r.Lower, Upper: &r.Upper, Confidence: r.Confidence, Limit: &limit,
		}, {Name: "draws", Value: float64(r.Drawn)}}
		c.Numbers = append(c.Numbers, notFinite(r.NotFinite, report.Plural(r.Deviations, "deviation"))...)
		if r.Unusable > 0 {
			c.Numbers = append(c.Numbers, gate.Number{Name: "draws for which the original is not finite, left out", Value: float64(r.Unusable)})
		}
	}
	expected := fmt.Sprintf("to have a deviation rate below %s%s, with a confidence of %s, judged by %s",
		gate.Percent(limit), under, gate.Percent(settings.Confidence), judged)
	if c.Pair, c.Sentence = about(m.found.pair, expected); m.found.pair == nil && m.found.rate != nil {
		c.Pair, c.Sentence = aboutNamed(m.found.rate.Pair, expected)
	}
	return c
}

func (m *HaveNegativeFlipRateMatcher) checked() gate.Check {
	c := gate.Check{
		Name:     "negative flip rate below " + gate.Percent(m.limits.Overall),
		Evidence: gate.CheckEvidence{Models: m.found.pair, Flips: m.found.flips, ClassNames: m.found.classNames},
	}
	for _, claim := range told(m.found.claims) {
		name := "negative flip rate"
		if claim.Label != gate.AllClasses {
			name += " of " + answer.ClassName(m.found.classNames, claim.Label)
		}
		n := gate.Number{
			Name: name, Unit: "share", Lower: &claim.Lower, Upper: &claim.Upper, Confidence: m.confidence, Limit: &claim.Limit,
		}
		if claim.Inputs > 0 {
			n.Value = float64(claim.Flips) / float64(claim.Inputs)
		}
		c.Numbers = append(c.Numbers, n)
	}
	on := "the labelled seeds"
	if f := m.found.flips; f != nil {
		if f.Unusable > 0 {
			c.Numbers = append(c.Numbers, gate.Number{Name: "unusable seeds", Value: float64(f.Unusable), Unit: fmt.Sprintf("of %d", f.Unusable+f.Inputs)})
		}
		on = report.Plural(f.Inputs, "labelled seed")
		c.Numbers = append(c.Numbers, notFinite(f.NotFinite, on)...)
	}
	expected := fmt.Sprintf("to have a negative flip rate below %s on %s, with a confidence of %s",
		gate.Percent(m.limits.Overall), on, gate.Percent(m.confidence))
	if c.Pair, c.Sentence = about(m.found.pair, expected); m.found.pair == nil && m.found.flips != nil {
		c.Pair, c.Sentence = aboutNamed(m.found.flips.Pair, expected)
	}
	return c
}

// told are the claims to record: of very many classes, those that are not below their limit.
func told(claims []gate.FlipClaim) []gate.FlipClaim {
	if len(claims) <= 1+shownClasses {
		return claims
	}
	some := claims[:1:1]
	for _, c := range claims[1:] {
		if c.Decision != gate.Below && len(some) <= shownClasses {
			some = append(some, c)
		}
	}
	return some
}

// deviating are the saved triggers that still deviate, also those that are waived.
func (r *replayed) deviating() []*engine.Trigger {
	if r == nil {
		return nil
	}
	var triggers []*engine.Trigger
	for _, saved := range [][]report.SavedTrigger{r.still, r.waived} {
		for i := range saved {
			triggers = append(triggers, &saved[i].Trigger)
		}
	}
	return triggers
}

func (m *DeviateNoMoreThanMatcher) checked() gate.Check {
	c := gate.Check{
		Name:     "no more deviations than in " + published(m.file),
		Evidence: gate.CheckEvidence{Models: m.found.pair, Search: m.found.report, Comparison: m.found.comparison, ClassNames: m.found.classNames},
		Message:  strings.Join(m.found.notes, "\n"),
	}
	than := "the release"
	if x := m.found.comparison; x != nil {
		than = x.Baseline
		after, before := x.Found()
		limit := float64(before + x.Tolerance)
		if x.AtMost != nil {
			limit = min(limit, float64(*x.AtMost))
		}
		c.Numbers = []gate.Number{
			{Name: "seeds with a trigger", Value: float64(after), Unit: "of " + report.Plural(x.Seeds, "seed"), Limit: &limit},
			{Name: "worse", Value: float64(x.Worse), Unit: "seeds"},
			{Name: "better", Value: float64(x.Better), Unit: "seeds"},
		}
		if x.Missing+x.New > 0 {
			c.Numbers = append(c.Numbers, gate.Number{Name: "seeds compared", Value: float64(x.Seeds), Unit: fmt.Sprintf("of the %d of the evidence", x.Seeds+x.Missing)})
			c.Message = strings.TrimSpace(leftOut(x) + "\n" + c.Message)
		}
		c.Numbers = append(c.Numbers, notFinite(x.NotFinite, report.Plural(x.Seeds, "seed"))...)
	}
	expected := "to deviate no more than " + than + " does in " + published(m.file)
	if c.Pair, c.Sentence = about(m.found.pair, expected); m.found.pair == nil && m.found.report != nil {
		c.Pair, c.Sentence = aboutNamed(m.found.report.Pair, expected)
	}
	return c
}

// about makes a sentence about a pair, which a failed Match may not know.
func about(pair *model.Pair, expected string) (name, sentence string) {
	if pair == nil {
		return "", "Expected a pair " + expected + "."
	}
	return aboutNamed(pair.Name(), expected)
}

// aboutNamed is about for models that are not at hand.
func aboutNamed(pair, expected string) (name, sentence string) {
	return pair, "Expected " + pair + " " + expected + "."
}

// how names what counts as a deviation.
func how(by asked) string {
	s := "top-1"
	if by.oracle != nil {
		s = by.oracle.String()
	}
	if len(by.causes) > 0 {
		s += ", caused by " + report.CauseNames(by.causes, "or")
	}
	if by.bound != nil {
		s += ", within " + by.bound.String()
	}
	return s
}
