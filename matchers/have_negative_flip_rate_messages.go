package matchers

import (
	"fmt"
	"strings"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/report"
)

// notBelow is the message about a pair whose rates should be below their limits.
func (f flipFindings) notBelow(classNames []string) string {
	var b strings.Builder
	but := "not every class is within its limit"
	if all := f.claims[0]; all.Decision == gate.NotBelow {
		but = "it is at least " + boundBeside(all.Lower, all.Limit)
	}
	fmt.Fprintf(&b, "Expected %s\nto have a negative flip rate below %s, but %s, with a confidence of %s.%s\n%s", f.subject, f.limits(), but,
		gate.Percent(f.flips.Confidence), f.classesThatAre(gate.NotBelow, classNames), f.counted())
	for i, t := range f.flips.Examples {
		fmt.Fprintf(&b, "\n\n  %d. %s:\n     %s", i+1, report.OriginInWords(t, classNames), bothAnswers(t, classNames))
	}
	if more := f.flips.RightToWrong - len(f.flips.Examples); more > 0 && len(f.flips.Examples) > 0 {
		fmt.Fprintf(&b, "\n\n  … and %d more.", more)
	}
	b.WriteString("\n" + runAgainLine(f.test))
	return b.String()
}

// below is the message about a pair one of whose rates should not be below its limit.
func (f flipFindings) below() string {
	return fmt.Sprintf("Expected %s\nnot to have a negative flip rate below %s, but it is at most %s, with a confidence of %s.%s\n%s"+
		"\n\nThat is about inputs such as these seeds, and no proof that the models agree on others.%s",
		f.subject, f.limits(), boundBeside(f.claims[0].Upper, f.claims[0].Limit), gate.Percent(f.flips.Confidence), f.classesThatAre(gate.Below, nil),
		f.counted(), runAgainLine(f.test))
}

// undecided is the error about rates that the seeds are too few for.
func (f flipFindings) undecided(classNames []string) error {
	all, which, more := f.claims[0], "that of all inputs is below its limit, but not each class can be told to be", ""
	if all.Decision == gate.Undecided {
		which = fmt.Sprintf("it is at least %s and at most %s, and may or may not be below %s",
			gate.Percent(all.Lower), gate.Percent(all.Upper), gate.Percent(all.Limit))
		more = "; " + moreSeeds(all)
	}
	return fmt.Errorf("%w: the negative flip rate of %s: %s, with a confidence of %s%s.%s\n%s%s", gate.ErrUndecided, f.subject, which,
		gate.Percent(f.flips.Confidence), more, f.classesThatAre(gate.Undecided, classNames), f.counted(), runAgainLine(f.test))
}

// moreSeeds says how many seeds would probably do.
func moreSeeds(c gate.FlipClaim) string {
	if c.Needed == 0 {
		return "at this rate, next to the limit, no number of seeds decides"
	}
	return fmt.Sprintf("at this rate a decision probably takes about %d labelled seeds", c.Needed)
}

// limits are the limits in words.
func (f flipFindings) limits() string {
	s := gate.Percent(f.claims[0].Limit)
	if len(f.claims) > 1 {
		s += fmt.Sprintf(" and within the limits of %s", manyClasses(len(f.claims)-1))
	}
	return s
}

func manyClasses(n int) string {
	if n == 1 {
		return "1 class"
	}
	return fmt.Sprintf("%d classes", n)
}

// classesThatAre lists the classes with the decision, one a line. Those that are below their limit are too many to list.
func (f flipFindings) classesThatAre(decision gate.Decision, classNames []string) string {
	var b strings.Builder
	if decision == gate.Below {
		if n := len(f.claims) - 1; n > 0 {
			fmt.Fprintf(&b, "\nSo it is for %s, each within its limit.", manyClasses(n))
		}
		return b.String()
	}
	listed, more := 0, 0
	for _, c := range f.claims[1:] {
		if c.Decision != decision {
			continue
		}
		if listed++; listed > shownClasses {
			more++
			continue
		}
		fmt.Fprintf(&b, "\n  %s: %d of %s, ", answer.ClassName(classNames, c.Label), c.Flips, report.Plural(c.Inputs, "seed"))
		if decision == gate.NotBelow {
			fmt.Fprintf(&b, "at least %s; its limit is %s", gate.Percent(c.Lower), gate.Percent(c.Limit))
		} else {
			fmt.Fprintf(&b, "at most %s; its limit is %s; %s of it", gate.Percent(c.Upper), gate.Percent(c.Limit), moreSeeds(c))
		}
	}
	if more > 0 {
		fmt.Fprintf(&b, "\n  … and %d more.", more)
	}
	return b.String()
}

// counted is the paragraph that says what was seen.
func (f flipFindings) counted() string {
	var b strings.Builder
	n := f.flips
	fmt.Fprintf(&b, "Of %s, %d went from right to wrong, %d from wrong to right, %d from wrong to another wrong label; %d stayed right, %d wrong. "+
		"Exact McNemar p %.3g.", report.Plural(n.Inputs, "labelled seed"), n.RightToWrong, n.WrongToRight, n.WrongToOther, n.BothRight, n.BothWrong, n.McNemar)
	if n.NotFinite > 0 {
		fmt.Fprintf(&b, "\nFor %s the compressed model gives NaN or infinity, which counts as a wrong answer.", report.Plural(n.NotFinite, "seed"))
	}
	if n.Unlabelled > 0 {
		fmt.Fprintf(&b, "\nLeft out, without a label: %s.", report.Plural(n.Unlabelled, "seed"))
	}
	if n.Unusable > 0 {
		fmt.Fprintf(&b, "\nLeft out, as unusable: %s (first: %s).", report.Plural(n.Unusable, "seed"), n.FirstUnusable)
	}
	if n.Unstable > 0 {
		fmt.Fprintf(&b, "\nUnstable, with labels that did not repeat when both models ran again alone: %s.", report.Plural(n.Unstable, "seed"))
	}
	if n.Tied > 0 {
		fmt.Fprintf(&b, "\n%d of the negative flips lie within a tie for the top score.", n.Tied)
	}
	return b.String() + noteLines(f.notes)
}
