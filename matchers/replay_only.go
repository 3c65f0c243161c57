package matchers

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

// ReplayVariable is the environment variable that names saved triggers by their IDs, separated by commas. HaveDeviationFrom and ReplayCleanly
// then replay those alone and search nothing: what failure messages and report.html offer to look at one trigger again. Such a run decides
// nothing about a release: in a dossier it is recorded as undecided.
const ReplayVariable = "TRIGGERFINDER_REPLAY"

// replayOnly are the IDs, or beginnings of IDs, of the only triggers to replay; none for all.
func replayOnly() []string {
	return strings.FieldsFunc(os.Getenv(ReplayVariable), func(r rune) bool { return r == ',' || r == ' ' })
}

// onlyThese keeps the triggers of those IDs, and is an error where there is none.
func onlyThese(ids []string, saved []report.SavedTrigger, pair *model.Pair, dir string) ([]report.SavedTrigger, error) {
	found := slices.DeleteFunc(slices.Clone(saved), func(s report.SavedTrigger) bool {
		return !slices.ContainsFunc(ids, func(id string) bool {
			return strings.HasPrefix(s.Trigger.ID, id) || filepath.Base(s.Dir) == id
		})
	})
	if len(found) == 0 {
		return nil, fmt.Errorf("%w: %s=%s: expected the ID of a saved trigger of pair %s, found %s in %s, none of that ID; unset the variable to replay and search all",
			gate.ErrUndecided, ReplayVariable, strings.Join(ids, ","), pair.Name(), report.Plural(len(saved), "trigger"), shown(dir))
	}
	return found, nil
}

// replayThese replays the triggers that the environment variable names.
func replayThese(ctx context.Context, ids []string, pair *model.Pair, store *report.Store, by asked, w *report.PairWaivers) (*replayed, error) {
	saved, err := store.List(pair.Name())
	if err != nil {
		return nil, err
	}
	dir := store.PairDir(pair.Name())
	if saved, err = onlyThese(ids, saved, pair, dir); err != nil {
		return nil, err
	}
	r, err := replay(ctx, pair, dir, saved, by, w)
	if err != nil {
		return nil, err
	}
	if err := r.vacuous(); err != nil {
		return nil, err
	}
	if len(r.still) == 0 {
		fmt.Fprintf(os.Stderr, "triggerfinder: %s: %s; nothing was searched\n", ReplayVariable, r.healed())
	}
	return r, nil
}

// healed says that none of the triggers deviates any more, or that what does is waived.
func (r *replayed) healed() string {
	text := fmt.Sprintf("%s no longer %s", report.Plural(len(r.fixed), "saved trigger"), report.Verb(len(r.fixed), "deviate"))
	if n := len(r.waived); n > 0 {
		text += fmt.Sprintf(", %d %s waived", n, report.Verb(n, "are"))
	}
	return text
}

// replayCommand gives one trigger alone to the models again: in a test as a command, elsewhere in Go.
func (f findings) replayCommand(id, dir string) string {
	if f.test == "" || !f.single {
		return fmt.Sprintf("Expect(pair).To(ReplayCleanly(%q))", filepath.ToSlash(shown(dir)))
	}
	return ReplayVariable + "=" + id + " " + f.test
}

// replayCommands are those of the triggers that are saved, by ID.
func (f findings) replayCommands() map[string]string {
	if f.test == "" || !f.single {
		return nil
	}
	commands := map[string]string{}
	if f.saved != nil && f.saved.problem == nil {
		for id, dir := range f.saved.dirs {
			commands[id] = f.replayCommand(id, dir)
		}
	}
	if f.replayed != nil {
		for _, s := range slices.Concat(f.replayed.still, f.replayed.waived) {
			commands[s.Trigger.ID] = f.replayCommand(s.Trigger.ID, s.Dir)
		}
	}
	return commands
}
