package matchers

import (
	"fmt"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/report"
)

// notBelow is the message about a pair whose rate should be below the limit.
func (f rateFindings) notBelow(classNames []string) string {
	var b strings.Builder
	r := f.rate
	fmt.Fprintf(&b, "Expected %s\nto have a deviation rate below %s, but it is at least %s, with a confidence of %s.\n%s",
		f.subject, gate.Percent(r.Limit), boundBeside(r.Lower, r.Limit), gate.Percent(r.Confidence), f.drew())
	for i, t := range r.Examples {
		fmt.Fprintf(&b, "\n\n%s", describeDraw(i+1, t, classNames, f.dirs[t.ID]))
	}
	if more := r.Deviations - len(r.Examples); more > 0 && len(r.Examples) > 0 {
		fmt.Fprintf(&b, "\n\n  … and %d more.", more)
	}
	b.WriteString("\n" + runAgainLine(f.test))
	return b.String()
}

// below is the message about a pair whose rate should not be below the limit.
func (f rateFindings) below() string {
	r := f.rate
	return fmt.Sprintf("Expected %s\nnot to have a deviation rate below %s, but it is at most %s, with a confidence of %s.\n%s"+
		"\n\nThat is about inputs of this distribution, and no proof that the models agree on others.%s",
		f.subject, gate.Percent(r.Limit), boundBeside(r.Upper, r.Limit), gate.Percent(r.Confidence), f.drew(), runAgainLine(f.test))
}

// undecided is the error about a rate that the budget could not decide.
func (f rateFindings) undecided() error {
	r := f.rate
	why := "after all " + report.Plural(r.Drawn, "draw")
	if r.Stop == gate.TimeSpent {
		why = fmt.Sprintf("after %d of at most %d draws, when the time was over", r.Drawn, r.Budget)
	}
	needs := "At this rate it takes more than a billion draws to decide: it is next to the limit. Choose another limit, or a distribution of more severe or milder inputs."
	switch {
	case r.Drawn == 0:
		needs = "Nothing was drawn: give it more time."
	case r.Needed > r.Budget:
		needs = fmt.Sprintf("At this rate a decision probably takes about %d draws; now it has at most %d.", r.Needed, r.Budget)
	case r.Needed > 0:
		needs = fmt.Sprintf("At this rate a decision probably takes about %d draws: give it more time.", r.Needed)
	}
	return fmt.Errorf("%w: %s, %d of which deviate, the deviation rate of %s is at least %s and at most %s, each with a confidence of %s, and may or may not be below %s.\n%s\n%s%s",
		gate.ErrUndecided, why, r.Deviations, f.subject, gate.Percent(r.Lower), gate.Percent(r.Upper), gate.Percent(r.Confidence), gate.Percent(r.Limit),
		needs, f.drew(), runAgainLine(f.test))
}

// drew is the paragraph that says what was done.
func (f rateFindings) drew() string {
	var b strings.Builder
	r := f.rate
	fmt.Fprintf(&b, "%d of %s %s; drawn from %s; oracle %s; random seed %d; ", r.Deviations, report.Plural(r.Drawn, "draw"), report.Verb(r.Deviations, "deviate"), r.Distribution, r.Oracle, r.RandomSeed)
	if r.Method == gate.ClopperPearson {
		fmt.Fprintf(&b, "%d draws fixed beforehand.", r.Budget)
	} else {
		fmt.Fprintf(&b, "at most %d draws.", r.Budget)
	}
	if r.Unstable > 0 {
		fmt.Fprintf(&b, "\n%s did not repeat when both models ran again alone (unstable), and %s not count.", report.Plural(r.Unstable, "deviation"), does(r.Unstable))
	}
	if r.NotFinite > 0 {
		fmt.Fprintf(&b, "\nFor %d of the deviations the compressed model gives NaN or infinity.", r.NotFinite)
	}
	if r.Unusable > 0 {
		fmt.Fprintf(&b, "\nLeft out, as the original gives NaN or infinity for them: %s.", report.Plural(r.Unusable, "more draw"))
	}
	return b.String() + noteLines(f.notes)
}

// describeDraw describes one deviating draw in three or four lines.
func describeDraw(number int, t *engine.Trigger, classNames []string, dir string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  %d. draw %d: %s", number, t.Queries, report.OriginInWords(t, classNames))
	if len(t.History) > 0 {
		fmt.Fprintf(&b, ", with %s", strings.Join(t.History, ", "))
	}
	fmt.Fprintf(&b, ":\n     %s", bothAnswers(t, classNames))
	if len(t.History) > 0 {
		fmt.Fprintf(&b, "\n     distance to the seed: %s", report.DistanceInWords(t))
		for _, line := range report.ChangesInWords(t) {
			b.WriteString("\n     " + line)
		}
	}
	if dir != "" {
		fmt.Fprintf(&b, "\n     %s", shown(dir))
	}
	return b.String()
}
