// Package specs ties matchers of package matchers to Ginkgo suites: progress, cancellation, report entries, table entries,
// artifacts, labels and parallel processes.
//
// A search is long compared with other specs, so Ginkgo users want to see how far it is and to be able
// to interrupt it:
//
//	It("agrees with the original", specs.LabelOf("lenet5-int8"), func(ctx SpecContext) {
//		Expect(pair).NotTo(specs.Tracked(ctx, HaveDeviationFrom(seeds)))
//	}, SpecTimeout(time.Minute))
//
// [Tracked] is for a search, [Compared] for a comparison with the last release, [Replayed] for saved triggers. [EntriesByClass] and
// [EntriesBySlice] make a spec of each class or slice of the seeds. [KeepingArtifacts] keeps what a failed spec
// found. [Writing] writes the report of a release when the suite is over.
//
// Parallel processes (ginkgo -p) may search the same pair and save in the same folder; [Sharded] splits one search
// among them.
package specs

import (
	"fmt"
	"sync/atomic"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/report"
)

// Tracked ties the search of a matcher to the running spec. The search ends when the spec is
// interrupted or times out, its progress stands in Ginkgo's progress reports (see
// --poll-progress-after, or send the process SIGUSR1), and once it is over a report entry says what
// it came to.
func Tracked(ctx ginkgo.SpecContext, matcher *matchers.HaveDeviationMatcher) *matchers.HaveDeviationMatcher {
	where := types.NewCodeLocation(1)
	var latest atomic.Pointer[engine.Progress]
	stop := ctx.AttachProgressReporter(func() string {
		if p := latest.Load(); p != nil {
			return "triggerfinder: " + p.String()
		}
		return "triggerfinder: the search has not begun"
	})
	ginkgo.DeferCleanup(stop)
	return matcher.
		WithContext(ctx).
		ReportingProgressTo(func(p engine.Progress) { latest.Store(&p) }).
		Inspecting(func(r *engine.Report) {
			ginkgo.AddReportEntry("triggerfinder", summaryOf(r), where, ginkgo.ReportEntryVisibilityFailureOrVerbose)
		})
}

// Summary is the report entry of a search. All of its fields go through JSON.
type Summary struct {
	Pair    string        `json:"pair"`
	Shard   string        `json:"shard,omitempty"` // such as "2/4"; "" for a search in one piece
	Status  engine.Status `json:"status"`
	Seeds   int           `json:"seeds"`
	Usable  int           `json:"usable"`
	Skipped int           `json:"skipped,omitempty"`
	// SkipReasons are why, the commonest first.
	SkipReasons engine.SkipReasons `json:"skip_reasons,omitempty"`
	// Notes are about the seeds, such as that files were left out.
	Notes    []string `json:"notes,omitempty"`
	Triggers int      `json:"triggers"`
	Queries  int      `json:"queries"`
	Seconds  float64  `json:"wall_s"`
}

func summaryOf(r *engine.Report) Summary {
	return Summary{
		Pair: r.Pair, Shard: r.Shard.String(), Status: r.Status, Seeds: r.Own(), Usable: r.Usable(),
		Skipped: r.Ledger.Skipped, SkipReasons: r.SkipReasons(), Notes: r.Notes,
		Triggers: len(r.Triggers()), Queries: r.Ledger.Queries, Seconds: r.Timing.WallSeconds,
	}
}

// String is what Ginkgo prints.
func (s Summary) String() string {
	pair := s.Pair
	if s.Shard != "" {
		pair += ", shard " + s.Shard
	}
	text := fmt.Sprintf("pair %s: %s from %s, %s in %.1f s (%s)", pair, report.Plural(s.Triggers, "trigger"),
		report.Plural(s.Usable, "usable seed"), report.Plural(s.Queries, "query"), s.Seconds, s.Status)
	if s.Skipped > 0 {
		text += fmt.Sprintf("; %d of %s skipped: %s", s.Skipped, report.Plural(s.Seeds, "seed"), s.SkipReasons)
	}
	for _, n := range s.Notes {
		text += "; note: " + n
	}
	return text
}
