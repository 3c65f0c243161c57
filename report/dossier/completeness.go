package dossier

import (
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/report"
)

// Partial is the verdict of a release of which some checks were left out, or may have been, while none of the others
// kept it from passing. It is no verdict of a check.
const Partial Verdict = "partial"

// NotRunState is why a check that belongs to the release was not run.
type NotRunState string

// The states.
const (
	Filtered    NotRunState = "filtered"     // left out by -run, -skip, --focus, --label-filter and the like
	Skipped     NotRunState = "skipped"      // it skipped itself, or was skipped after another one failed
	Pending     NotRunState = "pending"      // such as Ginkgo's PIt
	Interrupted NotRunState = "interrupted"  // the run ended before it, or during it
	NotRecorded NotRunState = "not-recorded" // nothing was heard of it
)

var notRunStates = []NotRunState{Filtered, Skipped, Pending, Interrupted, NotRecorded}

// NotRun is a check that belongs to the release and of which this run knows nothing.
type NotRun struct {
	Name  string      `json:"name"`
	State NotRunState `json:"state"`
	// Reason says more, where it is known, such as what Skip was told.
	Reason string `json:"reason,omitempty"`
}

// inWords is why it was not run: "skipped: no data here".
func (n NotRun) inWords() string {
	state := strings.ReplaceAll(string(n.State), "-", " ")
	if n.Reason == "" {
		return state
	}
	return state + ": " + n.Reason
}

// Run is which of the release's checks were run.
type Run struct {
	// Partial says that checks were left out, or may have been.
	Partial bool `json:"partial"`
	// Reasons say why, such as "-run ^TestRate$".
	Reasons []string `json:"reasons,omitempty"`
	NotRun  []NotRun `json:"not_run,omitempty"` // by name
}

// flagsGiven are the flags of this process that leave out checks or make them smaller, as they were written. Tests replace it.
var flagsGiven = func() (filters []string, short bool) {
	for _, name := range []string{
		"test.run", "test.skip", "ginkgo.focus", "ginkgo.skip", "ginkgo.label-filter", "ginkgo.focus-file", "ginkgo.skip-file", "ginkgo.sem-ver-filter",
	} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			filters = append(filters, "-"+strings.TrimPrefix(name, "test.")+" "+f.Value.String())
		}
	}
	if f := flag.Lookup("test.short"); f != nil {
		short = f.Value.String() == "true"
	}
	return filters, short
}

const shortReason = "-short: checks may be left out, and searches and draws are fewer"

// Ran tells the dossier which checks of the release were left out, from somebody who knows the whole suite, such as
// specs.Writing of package matchers/specs does. Without it, the dossier goes by the flags of the process, by what was
// declared, and by the report that lies in the folder.
func (d *Dossier) Ran(r Run) {
	r.Reasons, r.NotRun = slices.Clone(r.Reasons), slices.Clone(r.NotRun)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ran = &r
}

// Incomplete says why this run is partial, such as that it was interrupted.
func (d *Dossier) Incomplete(reason string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.incomplete = append(d.incomplete, reason)
}

// completeness finds out whether all checks were run. earlier are the checks of the last full report; nil for none.
// shards are reasons that searches give, of which not all shards were recorded.
func (d *Dossier) completeness(checks, earlier []Check, shards []string) Run {
	d.mu.Lock()
	defer d.mu.Unlock()
	filters, short := flagsGiven()
	run := Run{Reasons: slices.Concat(d.incomplete, shards)}
	if short {
		run.Reasons = append(run.Reasons, shortReason)
	}
	var missing []string
	for _, p := range d.declared {
		if !p.recorded {
			missing = append(missing, p.name)
		}
	}
	state := NotRecorded
	switch {
	case d.begun != "":
		run.Reasons = append(run.Reasons, "it has not ended: it was interrupted, or goes on still")
		state = Interrupted
	case len(filters) > 0:
		state = Filtered
	case short:
		state = Skipped
	}
	switch {
	case d.ran != nil:
		// The suite was looked at as a whole.
		run.Partial = d.ran.Partial
		run.Reasons = append(run.Reasons, d.ran.Reasons...)
		run.NotRun = slices.Clone(d.ran.NotRun)
		missing = slices.DeleteFunc(missing, func(name string) bool { // a spec of that name is listed already
			return slices.ContainsFunc(run.NotRun, func(n NotRun) bool { return strings.HasSuffix(n.Name, name) })
		})
		filters, state = nil, NotRecorded
	case len(d.declared) > 0:
	case earlier != nil:
		left := lacking(earlier, checks)
		if len(filters) > 0 || len(checks) < len(earlier) || d.begun != "" { // a check may be renamed, and its limit is part of its name
			missing = left
		}
		if len(missing) > 0 && len(filters) == 0 && !short && d.begun == "" {
			run.Reasons = append(run.Reasons, fmt.Sprintf("the last full report has %s, this run %d; if there are fewer now, delete that report, or declare the checks",
				report.Plural(len(earlier), "check"), len(checks)))
		}
	case len(filters) > 0:
		run.Reasons = append(run.Reasons, strings.Join(filters, ", ")+": it is not known which checks there are besides; declare them, or run all of them once")
		filters = nil
	}
	if len(missing) > 0 {
		run.Reasons = append(run.Reasons, filters...)
	}
	for _, name := range missing {
		run.NotRun = append(run.NotRun, NotRun{Name: name, State: state})
	}
	slices.SortStableFunc(run.NotRun, func(a, b NotRun) int { return strings.Compare(a.Name, b.Name) })
	run.Partial = run.Partial || len(run.Reasons) > 0 || len(run.NotRun) > 0
	return run
}

// missingShards tells of searches that were recorded in parts, and not all of the parts.
func missingShards(searches []searched) (reasons []string) {
	type search struct {
		about, pair, strategy, oracle, bound string
		randomSeed                           uint64
		seeds, total                         int
	}
	present := map[search]map[int]bool{}
	var order []search
	for _, s := range searches {
		r := s.report
		if r.Shard.Total < 2 {
			continue
		}
		key := search{s.about, r.Pair, r.Strategy, r.Oracle, r.Bound, r.RandomSeed, len(r.Seeds), r.Shard.Total}
		if present[key] == nil {
			present[key], order = map[int]bool{}, append(order, key)
		}
		present[key][r.Shard.Index] = true
	}
	for _, key := range order {
		if missing := key.total - len(present[key]); missing > 0 {
			name := key.about
			if name == "" {
				name = "search of pair " + key.pair
			}
			reasons = append(reasons, fmt.Sprintf("%s: %d of its %d shards %s not in this report", name, missing, key.total, report.Verb(missing, "are")))
		}
	}
	slices.Sort(reasons)
	return reasons
}

// lacking are the names of earlier checks that are not among these, as often as they are missing.
func lacking(earlier, checks []Check) []string {
	left := map[string]int{}
	for _, c := range checks {
		left[c.Name]++
	}
	var names []string
	for _, c := range earlier {
		if left[c.Name]--; left[c.Name] < 0 {
			names = append(names, c.Name)
		}
	}
	return names
}

// why is the run's partiality in a few words: "4 of 7 checks did not run (-run ^TestRate$)".
func (r Run) why(recorded int) string {
	var parts []string
	if n := len(r.NotRun); n > 0 {
		parts = append(parts, fmt.Sprintf("%d of %s did not run", n, report.Plural(recorded+n, "check")))
	}
	return strings.Join(append(parts, r.Reasons...), "; ")
}
