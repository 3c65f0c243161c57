package matchers

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/triggerfinder/triggerfinder/engine"
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
	store     *report.Store
	context   report.Context
	reportDir string
	dirs      map[string]string // by ID of the trigger
	files     []string          // of the report
}

func newSavedTriggers(store *report.Store, s saving, pair *engine.Pair, settings engine.Settings, classNames []string, test string) *savedTriggers {
	c := report.ContextFor(pair, settings)
	c.ClassNames, c.Replay = classNames, test
	return &savedTriggers{
		saving: s, store: store, context: c, dirs: map[string]string{},
		reportDir: store.ReportDir(pair.Name(), key(c, settings)),
	}
}

// key tells the reports of a pair's different tests apart, so that processes which run them side by
// side do not write the same file.
func key(c report.Context, settings engine.Settings) string {
	sum := sha256.Sum256(fmt.Append(nil, c.Strategy, "\n", c.Oracle, "\n", c.Bound, "\n", c.RandomSeed, "\n",
		settings.StopAfter, "\n", fmt.Sprint(settings.Budget), "\n", c.Replay, settings.Shard))
	return hex.EncodeToString(sum[:4])
}

func (s *savedTriggers) add(t *engine.Trigger) error {
	if s.off || len(s.dirs) >= s.atMost {
		return nil
	}
	dir, err := saveTrigger(s.store, t, s.context)
	if err != nil {
		return err
	}
	s.dirs[t.ID] = dir
	return nil
}

// first is the first n triggers to show: those that were saved, or any when none was.
func (s *savedTriggers) first(triggers []*engine.Trigger, n int) []*engine.Trigger {
	var shown []*engine.Trigger
	for _, t := range triggers {
		if _, saved := s.dirs[t.ID]; (saved || len(s.dirs) == 0) && len(shown) < n {
			shown = append(shown, t)
		}
	}
	return shown
}

func (s *savedTriggers) writeReport(r *engine.Report) (err error) {
	if s.off {
		return nil
	}
	s.files, err = report.SaveReport(s.reportDir, r, report.Options{ClassNames: s.context.ClassNames})
	return err
}

// afterError tells what a search that ended in an error leaves behind.
func (s *savedTriggers) afterError() string {
	if len(s.dirs) == 0 {
		return ""
	}
	return fmt.Sprintf(" (%s found before that %s saved in %s)", report.Plural(len(s.dirs), "trigger"), report.Verb(len(s.dirs), "are"), s.store.PairDir(s.context.Pair))
}
