package matchers

import (
	"path/filepath"
	"sync"
	"time"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
)

// This file keeps the specs of one run apart: what one of them saves must not be what another one finds, or their order
// would decide. So only those triggers are replayed that were there before: saved before this process began, and so also
// before others of the same run, such as those of ginkgo -p, which begin together and save later.

// thisRun is what is known of the run.
var thisRun = struct {
	sync.Mutex
	began time.Time
	saved map[string]bool // folders of the triggers that matchers of this process have saved
}{began: time.Now(), saved: map[string]bool{}}

// saveTrigger saves a trigger as one of this run, unless it was there before.
func saveTrigger(store *report.Store, t *engine.Trigger, c report.Context) (dir string, err error) {
	before := report.IsTrigger(filepath.Join(store.PairDir(c.Pair), t.Input.ID()))
	if dir, err = store.Save(t, c); err != nil || before {
		return dir, err
	}
	thisRun.Lock()
	defer thisRun.Unlock()
	thisRun.saved[absolute(dir)] = true
	return dir, nil
}

// ofEarlierRuns parts saved triggers into those that were there before this run, and those that were saved since.
func ofEarlierRuns(saved []report.SavedTrigger) (earlier, since []report.SavedTrigger) {
	thisRun.Lock()
	defer thisRun.Unlock()
	for _, s := range saved {
		if thisRun.saved[absolute(s.Dir)] || s.SavedSince(thisRun.began) {
			since = append(since, s)
		} else {
			earlier = append(earlier, s)
		}
	}
	return earlier, since
}

func absolute(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		return abs
	}
	return dir
}
