package specs

import (
	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/triggerfinder/triggerfinder/matchers"
)

// Replayed ties a replay of saved triggers to the running spec: it ends when the spec is interrupted or times out, and a
// report entry says how many triggers were judged, and what became of them.
func Replayed(ctx ginkgo.SpecContext, matcher *matchers.ReplayCleanlyMatcher) *matchers.ReplayCleanlyMatcher {
	where := types.NewCodeLocation(1)
	return matcher.WithContext(ctx).Inspecting(func(s matchers.ReplaySummary) {
		ginkgo.AddReportEntry("triggerfinder", s, where, ginkgo.ReportEntryVisibilityFailureOrVerbose)
	})
}
