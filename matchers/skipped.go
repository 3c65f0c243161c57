package matchers

import (
	"fmt"
	"os"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
)

// SkippedAtMost sets the largest share of the seeds that may be skipped, from 0 to 1, because they cannot be read or
// searched. The default is 0.1. More are an error, [engine.ErrTooManySkipped], in either direction of the assertion: it says
// little about the seeds that were given. Seeds that LeavingOutMisreadSeeds leaves out do not count.
func (m *HaveDeviationMatcher) SkippedAtMost(share float64) *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) {
		skippedOption(share, &c.settings.SkippedAtMost, &c.misuse)
	})
}

// SkippedAtMost sets the largest share of the labelled seeds that may be unusable, from 0 to 1. The default is 0.1. More
// are an error, [engine.ErrTooManySkipped], in either direction of the assertion.
func (m *HaveNegativeFlipRateMatcher) SkippedAtMost(share float64) *HaveNegativeFlipRateMatcher {
	return m.with(func(c *HaveNegativeFlipRateMatcher) {
		skippedOption(share, &c.settings.SkippedAtMost, &c.misuse)
	})
}

// skippedOption takes a share of seeds, of which 0 is none and not the default.
func skippedOption(share float64, into *float64, misuse *[]error) {
	switch {
	case !(share >= 0 && share <= 1):
		*misuse = append(*misuse, fmt.Errorf("SkippedAtMost(%g): expected a share from 0 to 1, such as 0.25%s", share, ofHundred(share)))
	case share == 0:
		*into = -1
	default:
		*into = share
	}
}

// ofHundred asks about a number that was probably meant as per cent; "" for others.
func ofHundred(share float64) string {
	if share >= 1 && share < 100 {
		return fmt.Sprintf("; did you mean %g?", share/100)
	}
	return ""
}

// tellSkipped tells, where a passing assertion has no message, of seeds that were skipped.
func tellSkipped(r *engine.Report) {
	if skipped := report.SkippedAndWhy(r); skipped != "" && verbose() {
		fmt.Fprintf(os.Stderr, "triggerfinder: pair %s: %s\n", r.Pair, skipped)
	}
}
