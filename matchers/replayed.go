package matchers

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
)

// replayed is what became of saved triggers.
type replayed struct {
	from    string                // the folder
	still   []report.SavedTrigger // those that deviate and are not waived, with what the models say now
	waived  []report.SavedTrigger // those that deviate, and are accepted
	outside []report.SavedTrigger // those that deviate, but outside the bound: they do not count
	fixed   []report.SavedTrigger // those that do not deviate any more
	by      *report.PairWaivers
}

func (r *replayed) total() int { return len(r.still) + len(r.waived) + len(r.outside) + len(r.fixed) }

func (r *replayed) deviate() bool { return r != nil && len(r.still) > 0 }

// replayAll replays the pair's saved triggers. It returns nil when there are none.
func replayAll(ctx context.Context, pair *engine.Pair, store *report.Store, oracle engine.Oracle, bound engine.Bound, w *report.PairWaivers) (*replayed, error) {
	saved, err := store.List(pair.Name())
	if err != nil || len(saved) == 0 {
		return nil, err
	}
	return replay(ctx, pair, store.PairDir(pair.Name()), saved, oracle, bound, w)
}

func replay(ctx context.Context, pair *engine.Pair, from string, saved []report.SavedTrigger, oracle engine.Oracle, bound engine.Bound, w *report.PairWaivers) (*replayed, error) {
	r := &replayed{from: from, by: w}
	for _, s := range saved {
		evaluations, err := engine.Replay(ctx, pair, []engine.Input{s.Trigger.Input}, oracle)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Dir, err)
		}
		e := evaluations[0]
		update(&s.Trigger, e)
		inside, err := within(bound, s.Trigger)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Dir, err)
		}
		switch {
		case !e.Verdict.Deviates:
			r.fixed = append(r.fixed, s)
		case !inside:
			w.LeaveOut(&s.Trigger)
			r.outside = append(r.outside, s)
		case w.Accept(&s.Trigger):
			r.waived = append(r.waived, s)
		default:
			r.still = append(r.still, s)
		}
	}
	if line := r.deletable(); line != "" && verbose() {
		fmt.Fprintln(os.Stderr, "triggerfinder: "+line)
	}
	return r, nil
}

// passed are the lines about saved triggers that do not count any more; "" when there are none.
func (r *replayed) passed() (lines string) {
	if r == nil {
		return ""
	}
	if n := len(r.fixed); n > 0 {
		lines += fmt.Sprintf("\n%s of earlier runs no longer %s.", report.Plural(n, "saved trigger"), report.Verb(n, "deviate"))
	}
	return lines + r.beyond("\n%s of earlier runs still %s, but %s outside the bound.")
}

// beyond tells of saved triggers outside the bound; "" when there are none.
func (r *replayed) beyond(format string) string {
	n := len(r.outside)
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(format, report.Plural(n, "saved trigger"), report.Verb(n, "deviate"), report.Verb(n, "lie"))
}

// deletable names the saved triggers that have been fixed; "" when there are none.
func (r *replayed) deletable() string {
	if r == nil || len(r.fixed) == 0 {
		return ""
	}
	const most = 8
	var ids []string
	for _, s := range r.fixed[:min(most, len(r.fixed))] {
		ids = append(ids, s.Trigger.ID)
	}
	more := ""
	if n := len(r.fixed) - most; n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return fmt.Sprintf("Fixed since, and can be deleted from %s: %s%s.", shown(r.from), strings.Join(ids, ", "), more)
}

// waivedLine is the sentence about triggers that are waived; "" when there are none.
func waivedLine(w *report.PairWaivers, n int) string {
	if w == nil || n == 0 {
		return ""
	}
	return fmt.Sprintf("%s %s waived in %s.", report.Plural(n, "more trigger"), report.Verb(n, "are"), shown(w.File))
}

// update puts what the models say now in the place of what they said when the trigger was saved.
func update(t *engine.Trigger, e engine.Evaluation) {
	t.Original, t.Compressed = e.Original, e.Compressed
	t.OriginalLabel, t.CompressedLabel = engine.Label(e.Original), engine.Label(e.Compressed)
	t.OriginalConfidence, t.CompressedConfidence = e.Original[t.OriginalLabel], e.Compressed[t.CompressedLabel]
}

// within reports whether the trigger lies in the bound around its seed.
func within(bound engine.Bound, t engine.Trigger) (bool, error) {
	if bound == nil {
		return true, nil
	}
	region, err := bound.Around(t.Seed)
	if err != nil {
		return false, err
	}
	return region.Contains(t.Input), nil
}
