package matchers

import (
	"fmt"
	"os"
	"time"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
)

// linesEvery is how often go test -v shows a line of progress.
const linesEvery = 2 * time.Second

// onProgress joins everyone who wants to know: the settings' own function, those of
// ReportingProgressTo and, under go test -v, the terminal.
func onProgress(own func(engine.Progress), others []func(engine.Progress)) func(engine.Progress) {
	var listeners []func(engine.Progress)
	if own != nil {
		listeners = append(listeners, own)
	}
	listeners = append(listeners, others...)
	if verbose() {
		listeners = append(listeners, lines())
	}
	if len(listeners) == 0 {
		return nil
	}
	return func(p engine.Progress) {
		for _, listener := range listeners {
			listener(p)
		}
	}
}

// lines prints a line of progress now and then. Searches that are over before the first one say
// nothing.
func lines() func(engine.Progress) {
	var last time.Duration
	return func(p engine.Progress) {
		if p.Elapsed-last < linesEvery {
			return
		}
		last = p.Elapsed
		fmt.Fprintln(os.Stderr, "triggerfinder:", p)
	}
}

// tellSkipped tells, where a passing assertion has no message, of seeds that were skipped.
func tellSkipped(r *engine.Report) {
	if skipped := report.SkippedAndWhy(r); skipped != "" && verbose() {
		fmt.Fprintf(os.Stderr, "triggerfinder: pair %s: %s\n", r.Pair, skipped)
	}
}

// nameClasses puts the names, and a note about them, into a report.
func nameClasses(r *engine.Report, names []string, note string) {
	if r == nil {
		return
	}
	if r.ClassNames = names; note != "" {
		r.Notes = append(r.Notes, note)
	}
}
