package specs

import (
	"sync/atomic"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/matchers"
)

// Tracked ties the search of a matcher to the running spec. The search ends when the spec is
// interrupted or times out, its progress stands in Ginkgo's progress reports (see
// --poll-progress-after, or send the process SIGUSR1), and once it is over a report entry says what
// it came to.
func Tracked(ctx ginkgo.SpecContext, matcher *matchers.HaveDeviationMatcher) *matchers.HaveDeviationMatcher {
	where := types.NewCodeLocation(1)
	return matcher.
		WithContext(ctx).
		ReportingProgressTo(showing(ctx)).
		Inspecting(func(r *engine.Report) {
			entry(where, summaryOf(r))
		})
}

// Compared is [Tracked] for a comparison with the last release.
func Compared(ctx ginkgo.SpecContext, matcher *matchers.DeviateNoMoreThanMatcher) *matchers.DeviateNoMoreThanMatcher {
	where := types.NewCodeLocation(1)
	return matcher.
		WithContext(ctx).
		ReportingProgressTo(showing(ctx)).
		Inspecting(func(r *engine.Report, c *gate.Comparison) {
			s := ComparisonSummary{Summary: summaryOf(r)}
			if c != nil {
				s.Evidence, s.Both, s.Worse, s.Better, s.P, s.Pass = c.Evidence, c.Both, c.Worse, c.Better, c.P, c.Pass
			}
			entry(where, s)
		})
}

// Replayed ties a replay of saved triggers to the running spec: it ends when the spec is interrupted or times out, and a
// report entry says how many triggers were judged, and what became of them.
func Replayed(ctx ginkgo.SpecContext, matcher *matchers.ReplayCleanlyMatcher) *matchers.ReplayCleanlyMatcher {
	where := types.NewCodeLocation(1)
	return matcher.WithContext(ctx).Inspecting(func(s matchers.ReplaySummary) {
		entry(where, s)
	})
}

// showing shows in Ginkgo's progress reports what it is called with.
func showing(ctx ginkgo.SpecContext) func(engine.Progress) {
	var latest atomic.Pointer[engine.Progress]
	ginkgo.DeferCleanup(ctx.AttachProgressReporter(func() string {
		if p := latest.Load(); p != nil {
			return "triggerfinder: " + p.String()
		}
		return "triggerfinder: the search has not begun"
	}))
	return func(p engine.Progress) { latest.Store(&p) }
}

func entry(where types.CodeLocation, summary any) {
	ginkgo.AddReportEntry("triggerfinder", summary, where, ginkgo.ReportEntryVisibilityFailureOrVerbose)
}
