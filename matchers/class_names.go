package matchers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
)

// classNamesOf are the names of the classes: those given, or those that the seeds or the distribution carry.
func classNamesOf(given []string, source any, pair *engine.Pair) (names []string, note string, err error) {
	original, _ := pair.Describe()
	return report.ResolveClassNames(given, engine.ClassNamesOf(source), original.Classes)
}

// classesOf are the names as of classNamesOf, and all notes about the seeds.
func classesOf(given []string, source any, pair *engine.Pair) (names, notes []string, err error) {
	names, note, err := classNamesOf(given, source, pair)
	notes = slices.Clone(engine.NotesOf(source))
	if note != "" {
		notes = append(notes, note)
	}
	return names, notes, err
}

// noteLines are the lines of a message that tell the notes.
func noteLines(notes []string) string {
	var b strings.Builder
	for _, n := range notes {
		fmt.Fprintf(&b, "\nNote: %s.", n)
	}
	return b.String()
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
