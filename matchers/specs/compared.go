package specs

import (
	"fmt"
	"sync/atomic"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/matchers"
)

// Compared is [Tracked] for a comparison with the last release.
func Compared(ctx ginkgo.SpecContext, matcher *matchers.DeviateNoMoreThanMatcher) *matchers.DeviateNoMoreThanMatcher {
	where := types.NewCodeLocation(1)
	var latest atomic.Pointer[engine.Progress]
	ginkgo.DeferCleanup(ctx.AttachProgressReporter(func() string {
		if p := latest.Load(); p != nil {
			return "triggerfinder: " + p.String()
		}
		return "triggerfinder: the search has not begun"
	}))
	return matcher.
		WithContext(ctx).
		ReportingProgressTo(func(p engine.Progress) { latest.Store(&p) }).
		Inspecting(func(r *engine.Report, c *gate.Comparison) {
			s := ComparisonSummary{Summary: summaryOf(r)}
			if c != nil {
				s.Evidence, s.Both, s.Worse, s.Better, s.P, s.Pass = c.Evidence, c.Both, c.Worse, c.Better, c.P, c.Pass
			}
			ginkgo.AddReportEntry("triggerfinder", s, where, ginkgo.ReportEntryVisibilityFailureOrVerbose)
		})
}

// ComparisonSummary is the report entry of a comparison. All of its fields go through JSON.
type ComparisonSummary struct {
	Summary
	Evidence string  `json:"evidence"` // "" when there was no comparison
	Both     int     `json:"both"`
	Worse    int     `json:"worse"`
	Better   int     `json:"better"`
	P        float64 `json:"p"`
	Pass     bool    `json:"pass"`
}

// String is what Ginkgo prints.
func (s ComparisonSummary) String() string {
	if s.Evidence == "" {
		return s.Summary.String() + "; not compared"
	}
	return fmt.Sprintf("%s; %d worse and %d better than %s", s.Summary, s.Worse, s.Better, s.Evidence)
}
