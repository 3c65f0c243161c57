package dossier

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/triggerfinder/triggerfinder/report"
)

func known(v Verdict) bool { return slices.Contains([]Verdict{Passed, Failed, Error, Undecided}, v) }

func quoted(s string) string { return strconv.Quote(s) }

func countsOf(checks []Check) Counts {
	var c Counts
	for _, check := range checks {
		switch check.Verdict {
		case Passed:
			c.Passed++
		case Failed:
			c.Failed++
		case Undecided:
			c.Undecided++
		default:
			c.Error++
		}
	}
	return c
}

// verdict is that of the whole release. Without any check nothing is decided.
func (c Counts) verdict(partial bool) Verdict {
	switch {
	case c.Failed > 0:
		return Failed
	case c.Error > 0:
		return Error
	case c.Undecided > 0:
		return Undecided
	case partial:
		return Partial
	case c.Passed == 0:
		return Undecided
	}
	return Passed
}

// headline is the verdict in a sentence.
func (doc Document) headline() string {
	c := doc.Counts
	total := c.Total()
	of := func(n int) string {
		if n == total && n == 1 {
			return "The only check"
		}
		return fmt.Sprintf("%d of %s", n, report.Plural(total, "check"))
	}
	if !doc.Run.Partial {
		return c.sentence(of)
	}
	why := doc.Run.why(total)
	if total == 0 {
		return "This run was partial, and no check was recorded: " + why + "."
	}
	of = func(n int) string {
		if n == total {
			return map[bool]string{true: "The only check that ran", false: fmt.Sprintf("All %d checks that ran", total)}[total == 1]
		}
		return fmt.Sprintf("%d of the %s that ran", n, report.Plural(total, "check"))
	}
	if c.verdict(true) == Partial {
		return of(total) + " passed, but the run was partial, which decides nothing about the release: " + why + "."
	}
	return c.sentence(of) + " The run was partial: " + why + "."
}

// sentence is the verdict of the checks that were run.
func (c Counts) sentence(of func(int) string) string {
	total := c.Total()
	switch c.verdict(false) {
	case Failed:
		return of(c.Failed) + " failed" + c.besides() + "."
	case Error:
		others := c
		others.Error = 0
		return of(c.Error) + " could not be carried out" + others.besides() + ", so the release is not decided."
	case Undecided:
		if total == 0 {
			return "No check was recorded, so nothing is decided."
		}
		return of(c.Undecided) + " could not decide, so the release is not decided."
	}
	if total == 1 {
		return "The only check passed. It found no reason against this release, which is no proof that there is none."
	}
	return fmt.Sprintf("All %d checks passed. They found no reason against this release, which is no proof that there is none.", total)
}

// besides names what else kept checks from passing.
func (c Counts) besides() string {
	var s string
	if c.Error > 0 {
		s += fmt.Sprintf(", %d could not be carried out", c.Error)
	}
	if c.Undecided > 0 {
		s += fmt.Sprintf(", %d could not decide", c.Undecided)
	}
	return s
}

// rank orders checks by how much they matter to a reader.
func rank(v Verdict) int {
	return slices.Index([]Verdict{Failed, Error, Undecided, Partial, Passed}, v)
}
