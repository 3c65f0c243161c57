package matchers

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

// saving says where triggers are saved, and how many.
type saving struct {
	root   string
	atMost int
	off    bool
}

// savedTriggers saves the triggers of one search as they are found.
type savedTriggers struct {
	saving
	store   *report.Store // a rescue, once the own one cannot be written
	context report.Context
	key     string            // of the report
	problem error             // why the own store cannot be written
	place   string            // the own store
	lost    bool              // the rescue cannot be written either
	inputs  map[string]string // by ID, of triggers that could be saved nowhere, in words
	dirs    map[string]string // by ID of the trigger
	files   []string          // of the report
}

func newSavedTriggers(store *report.Store, s saving, pair *model.Pair, settings engine.Settings, classNames []string, test string) *savedTriggers {
	c := report.ContextFor(pair, settings)
	c.ClassNames, c.Replay = classNames, test
	return &savedTriggers{
		saving: s, store: store, context: c, dirs: map[string]string{}, inputs: map[string]string{}, key: key(c, settings), place: store.PairDir(pair.Name()),
	}
}

// key tells the reports of a pair's different tests apart, so that processes which run them side by
// side do not write the same file.
func key(c report.Context, settings engine.Settings) string {
	sum := sha256.Sum256(fmt.Append(nil, c.Strategy, "\n", c.Oracle, "\n", c.Bound, "\n", c.RandomSeed, "\n",
		settings.StopAfter, "\n", fmt.Sprint(settings.Budget), "\n", c.Replay, settings.Shard))
	return hex.EncodeToString(sum[:4])
}

// add saves a trigger. One that cannot be saved is no end of the search, lest the finding is lost with it: it goes to a
// folder for temporary files, or else into the message.
func (s *savedTriggers) add(t *engine.Trigger) {
	if s.off || len(s.dirs)+len(s.inputs) >= s.atMost {
		return
	}
	if s.lost {
		s.inputs[t.ID] = report.InputInWords(t)
		return
	}
	dir, err := saveTrigger(s.store, t, s.context)
	if err != nil && s.rescue(err) {
		dir, err = saveTrigger(s.store, t, s.context)
		s.lost = err != nil
	}
	if err != nil {
		s.inputs[t.ID] = report.InputInWords(t)
		return
	}
	s.dirs[t.ID] = dir
}

// rescue turns to a folder for temporary files, and reports whether there is one.
func (s *savedTriggers) rescue(problem error) bool {
	if s.problem != nil {
		s.lost = true
		return false
	}
	s.problem = problem
	store, err := report.OpenRescue()
	if s.lost = err != nil; s.lost {
		return false
	}
	s.store = store
	return true
}

// unsaved is the paragraph about triggers that could not be saved where they should; "" when all could.
func (s *savedTriggers) unsaved() string {
	if s.problem == nil {
		return ""
	}
	kept := "They are in a folder for temporary files instead; move it to keep them."
	if s.lost {
		kept = "They could not be saved elsewhere either, so they are in this message alone."
	}
	return fmt.Sprintf("\n\nTriggers could not be saved in %s: %s. %s\nSavingTo(dir) or the environment variable %s names another folder; WithoutSaving() saves none.",
		shown(s.place), s.problem, kept, report.RootVariable)
}

// input is the line with the input of a trigger that could be saved nowhere; "" for others.
func (s *savedTriggers) input(t *engine.Trigger) string {
	if s.inputs[t.ID] == "" {
		return ""
	}
	return "\n     " + s.inputs[t.ID]
}

// first is the first n triggers to show: those that were saved or whose input is told, or any when there are none.
func (s *savedTriggers) first(triggers []*engine.Trigger, n int) []*engine.Trigger {
	var shown []*engine.Trigger
	for _, t := range triggers {
		told := s.dirs[t.ID] != "" || s.inputs[t.ID] != ""
		if (told || len(s.dirs)+len(s.inputs) == 0) && len(shown) < n {
			shown = append(shown, t)
		}
	}
	return shown
}

// writeReport writes the report beside the triggers.
func (s *savedTriggers) writeReport(r *engine.Report) {
	if s.off || s.lost {
		return
	}
	write := func() (err error) {
		s.files, err = s.store.SaveReport(s.key, r, report.Options{ClassNames: s.context.ClassNames})
		return err
	}
	if err := write(); err != nil && s.rescue(err) {
		s.lost = write() != nil
	}
	if s.problem != nil { // an assertion that passes has no message
		fmt.Fprintln(os.Stderr, "triggerfinder: "+strings.TrimSpace(s.unsaved()))
	}
}

// afterError tells what a search that ended in an error leaves behind.
func (s *savedTriggers) afterError() string {
	if len(s.dirs) == 0 {
		return s.unsaved()
	}
	return fmt.Sprintf(" (%s found before that %s saved in %s)", report.Plural(len(s.dirs), "trigger"), report.Verb(len(s.dirs), "are"), s.store.PairDir(s.context.Pair)) + s.unsaved()
}
