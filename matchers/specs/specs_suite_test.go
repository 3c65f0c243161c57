package specs_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/fixtures/shades"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/matchers/specs"
	"github.com/triggerfinder/triggerfinder/model"
)

func TestSpecs(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Specs")
}

// withNotes are seeds with a note.
type withNotes struct{ input.Seeds }

func (withNotes) Notes() []string { return []string{"2 files were left out: 2 .heic"} }

// recorder is a SpecContext that keeps what is attached to it.
type recorder struct {
	SpecContext
	attached func() string
	detached bool
}

func (r *recorder) AttachProgressReporter(fn func() string) func() {
	r.attached = fn
	return func() { r.detached = true }
}

var _ = Describe("Tracked", func() {
	var seeds input.Seeds
	BeforeEach(func() { seeds = generators.First(fixtures.Seeds(), 12) })

	entries := func() []any {
		var values []any
		for _, entry := range CurrentSpecReport().ReportEntries {
			values = append(values, entry.GetRawValue())
		}
		return values
	}

	It("adds an entry when nothing is found", func(ctx SpecContext) {
		matcher := HaveDeviationFrom(seeds).WithoutSaving().WithQueriesPerSeed(10)
		Expect(shades.Pair("thresholds", 300, 301)).NotTo(specs.Tracked(ctx, matcher))
		Expect(entries()).To(ConsistOf(SatisfyAll(
			BeAssignableToTypeOf(specs.Summary{}),
			HaveField("Pair", "thresholds"),
			HaveField("Status", engine.AllSearched),
			HaveField("Seeds", 12),
			HaveField("Usable", 12),
			HaveField("Triggers", 0),
			HaveField("Queries", 120),
			HaveField("Seconds", BeNumerically(">", 0)),
		)))
		entry := CurrentSpecReport().ReportEntries[0]
		Expect(entry.Visibility).To(Equal(ReportEntryVisibilityFailureOrVerbose))
		Expect(entry.Location.FileName).To(HaveSuffix("specs_suite_test.go"), "where Tracked is called")
	})

	It("adds an entry when triggers are found", func(ctx SpecContext) {
		matcher := HaveDeviationFrom(seeds).WithoutSaving().StoppingAfter(1)
		Expect(shades.Pair("thresholds", 20, 200)).To(specs.Tracked(ctx, matcher))
		Expect(entries()).To(ConsistOf(SatisfyAll(
			HaveField("Triggers", BeNumerically(">=", 1)), HaveField("Status", engine.EnoughTriggers))))
	})

	It("tells the notes of the seeds in the entry", func(ctx SpecContext) {
		noted := withNotes{seeds}
		Expect(shades.Pair("thresholds", 300, 301)).NotTo(specs.Tracked(ctx, HaveDeviationFrom(noted).WithoutSaving().WithQueriesPerSeed(10)))
		Expect(entries()).To(ConsistOf(HaveField("String()", HaveSuffix("; note: 2 files were left out: 2 .heic"))))
	})

	It("adds an entry when the search fails", func(ctx SpecContext) {
		matcher := specs.Tracked(ctx, HaveDeviationFrom(seeds).WithoutSaving().WithBudget(engine.Budget{Queries: 5}))
		_, err := matcher.Match(shades.Pair("thresholds", 300, 301))
		Expect(err).To(MatchError(engine.ErrInconclusive))
		Expect(entries()).To(ConsistOf(HaveField("Status", engine.QueryLimit)))
	})

	It("leaves the matcher that it is given as it is", func(ctx SpecContext) {
		matcher := HaveDeviationFrom(seeds).WithoutSaving().WithQueriesPerSeed(10)
		specs.Tracked(ctx, matcher)
		Expect(shades.Pair("thresholds", 300, 301)).NotTo(matcher)
		Expect(entries()).To(BeEmpty())
	})

	It("keeps what else listens", func(ctx SpecContext) {
		progressed, inspected := false, false
		matcher := HaveDeviationFrom(seeds).WithoutSaving().WithQueriesPerSeed(10).
			ReportingProgressTo(func(engine.Progress) { progressed = true }).
			Inspecting(func(*engine.Report) { inspected = true })
		Expect(shades.Pair("thresholds", 300, 301)).NotTo(specs.Tracked(ctx, matcher))
		Expect(progressed).To(BeTrue())
		Expect(inspected).To(BeTrue())
	})

	It("tells Ginkgo how far the search is, until the spec is over", func(ctx SpecContext) {
		r := &recorder{SpecContext: ctx}
		DeferCleanup(func() { Expect(r.detached).To(BeTrue()) }) // after Tracked's own
		matcher := specs.Tracked(r, HaveDeviationFrom(seeds).WithoutSaving().WithQueriesPerSeed(10))
		Expect(r.attached()).To(Equal("triggerfinder: the search has not begun"))
		Expect(shades.Pair("thresholds", 300, 301)).NotTo(matcher)
		Expect(r.attached()).To(HavePrefix("triggerfinder: thresholds: 12 of 12 seeds done, 0 triggers, 120 queries, "))
		Expect(r.detached).To(BeFalse())
	})

	It("ends the search with the context of the spec", func(ctx SpecContext) {
		inner, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
		matcher := specs.Tracked(&ending{SpecContext: ctx, ctx: inner},
			HaveDeviationFrom(seeds).WithoutSaving().WithQueriesPerSeed(1<<30))
		_, err := matcher.Match(shades.Pair("thresholds", 300, 301))
		Expect(err).To(MatchError(context.DeadlineExceeded))
		Expect(entries()).To(ConsistOf(HaveField("Status", engine.Cancelled)))
	}, SpecTimeout(10*time.Second), GracePeriod(time.Second))
})

// ending is a SpecContext that ends earlier than its spec.
type ending struct {
	SpecContext
	ctx context.Context
}

func (e *ending) Done() <-chan struct{} { return e.ctx.Done() }

func (e *ending) Err() error { return e.ctx.Err() }

func (e *ending) Deadline() (time.Time, bool) { return e.ctx.Deadline() }

var _ = Describe("Replayed", func() {
	It("adds an entry that says how many were judged", func(ctx SpecContext) {
		dir := GinkgoT().TempDir()
		Expect(shades.Pair("thresholds", 20, 200)).To(HaveDeviationFrom(generators.First(fixtures.Seeds(), 3)).SavingTo(dir).WithQueriesPerSeed(20))
		_, err := specs.Replayed(ctx, ReplayCleanly(dir).IncludingThisRun().Within(distance.LInf(0.5))).Match(model.Must(model.NewPair("thresholds", shades.Model("a", 100), shades.Model("b", 101))))
		Expect(err == nil || errors.Is(err, gate.ErrUndecided)).To(BeTrue())
		Expect(CurrentSpecReport().ReportEntries).To(HaveLen(1))
		s, ok := CurrentSpecReport().ReportEntries[0].GetRawValue().(ReplaySummary)
		Expect(ok).To(BeTrue())
		Expect(s.Saved).To(BeNumerically(">", 0))
		Expect(s.Judged + s.Outside).To(Equal(s.Saved))
		Expect(s.String()).To(HavePrefix("pair thresholds: "))
	})
})

var _ = Describe("Summary", func() {
	summary := specs.Summary{
		Pair: "p", Status: engine.TimeLimit, Seeds: 5, Usable: 4, Triggers: 3, Queries: 21, Seconds: 1.26,
	}

	It("is one line", func() {
		Expect(summary.String()).To(Equal("pair p: 3 triggers from 4 usable seeds, 21 queries in 1.3 s (time-limit)"))
	})

	It("goes through JSON", func() {
		data, err := json.Marshal(summary)
		Expect(err).NotTo(HaveOccurred())
		Expect(data).To(MatchJSON(`{"pair": "p", "status": "time-limit", "seeds": 5, "usable": 4, "triggers": 3, "queries": 21, "wall_s": 1.26}`))
		var back specs.Summary
		Expect(json.Unmarshal(data, &back)).To(Succeed())
		Expect(back).To(Equal(summary))
	})
})

func ExampleLabelOf() {
	fmt.Println(specs.LabelOf(fixtures.LeNet5Int8.Name), specs.LabelOf("ResNet-20 (pruned, 50 %)"))
	// Output: [pair:lenet5-int8] [pair:ResNet-20 -pruned- 50 %-]
}
