package matchers

import (
	"fmt"
	"os"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
)

// onProgress joins everyone who wants to know: the settings' own function, those of
// ReportingProgressTo and, under go test -v, the terminal.
func onProgress(own func(engine.Progress), others []func(engine.Progress)) func(engine.Progress) {
	var listeners []func(engine.Progress)
	if own != nil {
		listeners = append(listeners, own)
	}
	listeners = append(listeners, others...)
	if verbose() {
		listeners = append(listeners, report.ProgressTo(os.Stderr, report.IsTerminal(os.Stderr)).Show)
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
