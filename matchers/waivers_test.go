package matchers_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

// waiverFile writes a waiver file; each of its waivers is a list of fields beside the owner and so on.
func waiverFile(t *testing.T, fields ...string) string {
	t.Helper()
	var entries []string
	for _, f := range fields {
		entry := `{"pair": "lenet5-int8", "owner": "Ada", "reason": "too blurred", ` + f
		if !strings.Contains(f, "expires") {
			entry += `, "expires": "2027-01-31"`
		}
		entries = append(entries, entry+"}")
	}
	file := filepath.Join(t.TempDir(), "waivers.json")
	text := `{"format": "triggerfinder-waivers", "version": 1, "waivers": [` + strings.Join(entries, ",\n") + "]}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func byID(s report.SavedTrigger) string { return fmt.Sprintf(`"trigger": %q`, s.Trigger.ID) }

var january = time.Date(2027, 1, 31, 23, 0, 0, 0, time.UTC)

func TestReplayCleanlyWithWaivers(t *testing.T) {
	g, root := NewWithT(t), t.TempDir()
	int8 := open(t, fixtures.LeNet5Int8)
	g.Expect(int8).To(HaveDeviationFrom(seeds(12)).SavingTo(root).SavingAtMost(3))
	saved := model.Must(model.Must(report.OpenStore(root)).List("lenet5-int8"))
	g.Expect(saved).To(HaveLen(3))
	Restarted()
	base := ReplayCleanly(root).AsOf(january)
	g.Expect(int8).NotTo(base)

	some := waiverFile(t, byID(saved[0]), byID(saved[2]))
	m := base.WithWaivers(some)
	g.Expect(m.Match(int8)).To(BeFalse())
	g.Expect(m.FailureMessage(int8)).To(SatisfyAll(
		HavePrefix("Expected pair lenet5-int8 (lenet5, lenet5-int8) to replay cleanly, but 1 of 3 saved triggers in "),
		ContainSubstring("\n\n2 more triggers are waived in "+some+"."),
		ContainSubstring(saved[1].Dir), Not(ContainSubstring(saved[0].Dir)),
	))

	all := waiverFile(t, byID(saved[0]), byID(saved[1]), byID(saved[2]))
	m = base.WithWaivers(all)
	g.Expect(m.Match(int8)).To(BeTrue())
	g.Expect(m.NegatedFailureMessage(int8)).To(Equal("Expected pair lenet5-int8 (lenet5, lenet5-int8) not to replay cleanly, " +
		"but of 3 saved triggers in " + root + ", 3 still deviate and all of them are waived in " + all))
	g.Expect(int8).To(ReplayCleanly(saved[1].Dir).AsOf(january).WithWaivers(all), "of one trigger alone, the others are not unused")

	var labels []string
	for _, s := range saved {
		l := fmt.Sprintf(`"original_label": %d, "compressed_label": %d`, s.Trigger.OriginalLabel, s.Trigger.CompressedLabel)
		if !strings.Contains(strings.Join(labels, "\n"), l) {
			labels = append(labels, l)
		}
	}
	g.Expect(int8).To(base.WithWaivers(waiverFile(t, labels...)), "by their labels")
	g.Expect(int8).NotTo(base.WithWaivers(waiverFile(t)), "no waivers")

	nearest := slices.MinFunc(saved, func(a, b report.SavedTrigger) int {
		return distance.NearestLInf.Compare(a.Trigger.Distance, b.Trigger.Distance)
	})
	inside := base.Within(distance.LInf(float32(nearest.Trigger.Distance.LInf))).WithWaivers(all)
	g.Expect(int8).To(inside, "a trigger that the bound leaves out says nothing about its waiver")
	g.Expect(inside.NegatedFailureMessage(int8)).To(ContainSubstring("2 of 3 saved triggers lie outside LInf "))

	for says, m := range map[string]*ReplayCleanlyMatcher{
		all + ": waivers[1] (trigger " + saved[1].Trigger.ID + " of pair lenet5-int8, owner Ada): expired on 2027-01-31; fix what it accepts, or renew it. Its reason: too blurred": base.WithWaivers(all).AsOf(january.Add(time.Hour)),
		": waivers[1] (trigger 0123456789abcdef of pair lenet5-int8, owner Ada): unused: there is no such trigger; delete the waiver":                                               base.WithWaivers(waiverFile(t, byID(saved[0]), `"trigger": "0123456789abcdef"`)),
		": waivers[0] (labels 99 and 98 of pair lenet5-int8, owner Ada): unused: no trigger has these labels any more; delete the waiver":                                           base.WithWaivers(waiverFile(t, `"original_label": 99, "compressed_label": 98`)),
		"none.json: expected a file, found none": base.WithWaivers("none.json"),
	} {
		_, err := m.Match(int8)
		g.Expect(err).To(MatchError(And(HavePrefix("ReplayCleanly: "), ContainSubstring(says))))
	}
	_, err := ReplayCleanly(filepath.Join(root, "nothing")).OrNothing().AsOf(january).WithWaivers(all).Match(int8)
	g.Expect(err).To(MatchError(ContainSubstring("unused")), "also when there is nothing to replay")

	t.Run("what is fixed is told", func(t *testing.T) {
		g := NewWithT(t)
		healed := model.Must(model.NewPair("lenet5-int8", open(t, fixtures.LeNet5Planted).Original(), mended(t)))
		var fixed []string
		report := func(f []report.SavedTrigger) {
			for _, s := range f {
				fixed = append(fixed, s.Trigger.ID)
			}
		}
		g.Expect(healed).To(base.ReportingFixedTo(report))
		g.Expect(fixed).To(ConsistOf(saved[0].Trigger.ID, saved[1].Trigger.ID, saved[2].Trigger.ID))
		_, err := base.WithWaivers(all).Match(healed)
		g.Expect(err).To(MatchError(ContainSubstring("unused: the trigger no longer deviates; delete the waiver and " + saved[0].Dir)))
		g.Expect(strings.Count(err.Error(), "unused")).To(Equal(3))
	})
}

func TestHaveDeviationFromWithWaivers(t *testing.T) {
	g, root := NewWithT(t), t.TempDir()
	int8 := open(t, fixtures.LeNet5Int8)
	// Within this bound few seeds have a trigger.
	base := HaveDeviationFrom(seeds(30)).Within(distance.LInf(16)).WithQueriesPerSeed(60).SavingTo(root).AsOf(january)
	g.Expect(int8).To(base)
	saved := model.Must(model.Must(report.OpenStore(root)).List("lenet5-int8"))
	g.Expect(len(saved)).To(BeNumerically(">=", 2))
	var entries []string
	for _, s := range saved {
		entries = append(entries, byID(s))
	}

	Restarted()
	all := waiverFile(t, entries...)
	m := base.WithWaivers(all)
	g.Expect(m.Match(int8)).To(BeFalse(), "all that is saved, and all that the search finds")
	g.Expect(m.FailureMessage(int8)).To(MatchRegexp(
		`to have a deviation that is not waived, but none was found from 30 seeds\.\n(.*\n)*All ` + fmt.Sprint(len(saved)) + ` triggers that were found are waived in ` + regexp.QuoteMeta(all)))

	m = base.WithWaivers(waiverFile(t, entries[1:]...))
	g.Expect(m.Match(int8)).To(BeTrue())
	g.Expect(m.NegatedFailureMessage(int8)).To(SatisfyAll(
		ContainSubstring(fmt.Sprintf("1 of %d saved triggers in ", len(saved))), ContainSubstring(saved[0].Dir)))

	m = base.WithoutReplay().WithoutSaving().WithWaivers(waiverFile(t, entries[1:]...))
	g.Expect(m.Match(int8)).To(BeTrue())
	g.Expect(m.NegatedFailureMessage(int8)).To(SatisfyAll(
		ContainSubstring("but 1 of 30 seeds has one."), ContainSubstring("more trigger")))

	_, err := base.WithWaivers(waiverFile(t, append(entries, `"trigger": "0123456789abcdef"`)...)).Match(int8)
	g.Expect(err).To(MatchError(And(HavePrefix("HaveDeviationFrom: "), ContainSubstring("unused: there is no such trigger"))))
	_, err = base.WithWaivers(all).AsOf(january.AddDate(0, 0, 1)).Match(int8)
	g.Expect(err).To(MatchError(ContainSubstring("expired on 2027-01-31")))
}

func TestInShard(t *testing.T) {
	g, pair := NewWithT(t), open(t, fixtures.LeNet5Int8)
	var budgets []engine.Budget
	var parts []*engine.Report
	base := HaveDeviationFrom(seeds(10)).WithoutSaving().Inspecting(func(r *engine.Report) { budgets, parts = append(budgets, r.Budget), append(parts, r) })
	for i := range 2 {
		m := base.InShard(engine.Shard{Index: i, Total: 2})
		g.Expect(m.Match(pair)).To(BeTrue())
		g.Expect(m.NegatedFailureMessage(pair)).To(SatisfyAll(
			MatchRegexp(`but \d of 5 seeds have one\.`), ContainSubstring(fmt.Sprintf("; shard %d/2; random seed 0;", i+1))))
	}
	usual := DefaultBudget
	if testing.Short() {
		usual = ShortBudget
	}
	g.Expect(budgets[0]).To(Equal(engine.Budget{QueriesPerSeed: usual.QueriesPerSeed, ClosingQueriesPerSeed: usual.ClosingQueriesPerSeed}))
	g.Expect(pair).To(base.WithBudget(budgets[0]))
	g.Expect(model.Must(model.Must(engine.Merge(parts[:2]...)).Canonical())).To(Equal(model.Must(parts[2].Canonical())))

	_, err := base.InShard(engine.Shard{Index: 0, Total: 2}).WithBudget(engine.Budget{Queries: 500}).Match(pair)
	g.Expect(err).To(MatchError(ContainSubstring("Budget.Queries is 500 in shard 1/2")))
	t.Setenv("TRIGGERFINDER_SHARD", "2/2")
	g.Expect(pair).To(base.InShardOfEnvironment())
	g.Expect(parts[len(parts)-1].Shard).To(Equal(engine.Shard{Index: 1, Total: 2}))
	t.Setenv("TRIGGERFINDER_SHARD", "3/2")
	_, err = base.InShardOfEnvironment().Match(pair)
	g.Expect(err).To(MatchError(ContainSubstring(`InShardOfEnvironment: shards: TRIGGERFINDER_SHARD: expected a shard such as 1/4 or 4/4, found "3/2"`)))
}

// A search that ended early and found what is waived alone has not shown that there is nothing else.
func TestWaivedTriggersOfASearchThatEndedEarly(t *testing.T) {
	g, int8 := NewWithT(t), open(t, fixtures.LeNet5Int8)
	var found []*engine.Trigger
	search := HaveDeviationFrom(seeds(12)).WithoutSaving().WithoutReplay()
	g.Expect(int8).To(search.Inspecting(func(r *engine.Report) { found = r.Triggers() }))
	var fields []string
	for _, t := range found {
		fields = append(fields, fmt.Sprintf(`"trigger": %q, "expires": "2999-01-01"`, t.ID))
	}
	all := waiverFile(t, fields...)
	var r told
	pass := search.WithWaivers(all).RecordedIn(&r)
	g.Expect(int8).NotTo(pass)
	g.Expect(r[0].Message).To(Equal(fmt.Sprintf("All %d triggers that were found are waived in %s.", len(found), filepath.Base(all))))

	queries := 0
	early := pass.WithSettings(func(s *engine.Settings) { s.Window = 1; s.Workers = 1 })
	g.Expect(int8).NotTo(early.Inspecting(func(r *engine.Report) { // up to the end of a seed, as a trigger that is cut short is another one
		for _, o := range r.Seeds[:6] {
			queries += o.Queries
		}
	}))
	_, err := early.WithSettings(func(s *engine.Settings) { s.Budget.Queries = queries }).Match(int8)
	g.Expect(err).To(MatchError(engine.ErrInconclusive))
	g.Expect(err.Error()).To(MatchRegexp(`its limit of queries was reached, with \d+ of 12 seeds not searched to the end, and all triggers that it found are waived`))
}
