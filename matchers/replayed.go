package matchers

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

// asked is what saved triggers are judged by.
type asked struct {
	oracle answer.Oracle
	bound  distance.Bound // nil for none
	causes []model.Cause  // none for any
}

func askedOf(s engine.Settings) asked { return asked{s.Oracle, s.Bound, s.CausedBy} }

// of names the causes: " of deviations caused by compression"; "" for any.
func (a asked) of() string {
	if len(a.causes) == 0 {
		return ""
	}
	return " of what is caused by " + report.CauseNames(a.causes, "or")
}

// replayed is what became of saved triggers.
type replayed struct {
	asked
	from    string                // the folder
	still   []report.SavedTrigger // those that deviate and are not waived, with what the models say now
	waived  []report.SavedTrigger // those that deviate, and are accepted
	fixed   []report.SavedTrigger // those that do not deviate any more
	outside []report.SavedTrigger // those outside the bound: they were not run
	never   []report.SavedTrigger // those that were none by this oracle when they were saved: nothing healed them
	broken  []report.SavedTrigger // those for which the original gives no finite answer: there is nothing to deviate from
	apart   []report.SavedTrigger // those that deviate by other causes than those asked for
	by      *report.PairWaivers
	changed []string // which models are not those that the triggers were found with; see [report.ChangesSince]
}

func (r *replayed) total() int {
	return r.judged() + len(r.outside) + len(r.never) + len(r.broken) + len(r.apart)
}

// judged is how many of the saved triggers tell something about the pair.
func (r *replayed) judged() int { return len(r.still) + len(r.waived) + len(r.fixed) }

func (r *replayed) deviate() bool { return r != nil && len(r.still) > 0 }

// vacuous is the error about saved triggers none of which tells anything; nil where one does, or where there is none.
func (r *replayed) vacuous() error {
	all, outside, never := r.total(), len(r.outside), len(r.never)
	if all == 0 || r.judged() > 0 {
		return nil
	}
	they, none := fmt.Sprintf("all %d saved triggers in %s", all, shown(r.from)), fmt.Sprintf("none of the %d saved triggers in %s deviated", all, shown(r.from))
	if all == 1 {
		they = "the saved trigger in " + shown(r.from)
		none = they + " did not deviate"
	}
	switch {
	case len(r.broken) > 0:
		return fmt.Errorf("%w: nothing was judged: for %d of %s the original gives NaN or infinity", gate.ErrUndecided, len(r.broken), they)
	case len(r.apart) > 0:
		return fmt.Errorf("%w: nothing was judged: %d of %s %s, but not caused by %s", gate.ErrUndecided, len(r.apart), they,
			report.Verb(len(r.apart), "deviate"), report.CauseNames(r.causes, "or"))
	case never == 0:
		return fmt.Errorf("%w: %s %s outside %s, so nothing was judged; replay within a larger bound, or without one",
			gate.ErrUndecided, they, report.Verb(all, "lie"), r.bound)
	case outside == 0:
		return fmt.Errorf("%w: %s by %s when saved, so that none does now says nothing; judge by what they were found by: %s",
			gate.ErrUndecided, none, r.oracle, r.never[0].Oracle)
	}
	return fmt.Errorf("%w: nothing was judged: of %s in %s, %d %s outside %s, and %d did not deviate by %s when saved",
		gate.ErrUndecided, report.Plural(all, "saved trigger"), shown(r.from), outside, report.Verb(outside, "lie"), r.bound, never, r.oracle)
}

// replayAll replays the pair's triggers that earlier runs saved. It returns nil when there are none.
func replayAll(ctx context.Context, pair *model.Pair, store *report.Store, by asked, w *report.PairWaivers) (*replayed, error) {
	saved, err := store.List(pair.Name())
	saved, since := ofEarlierRuns(saved)
	leaveOut(w, since)
	if err != nil || len(saved) == 0 {
		return nil, err
	}
	return replay(ctx, pair, store.PairDir(pair.Name()), saved, by, w)
}

func replay(ctx context.Context, pair *model.Pair, from string, saved []report.SavedTrigger, by asked, w *report.PairWaivers) (*replayed, error) {
	if by.oracle == nil {
		by.oracle = answer.Top1()
	}
	r := &replayed{asked: by, from: from, by: w, changed: report.ChangesSince(pair, saved)}
	for _, s := range saved {
		fate, e, err := s.Replay(ctx, pair, by.oracle, by.bound)
		if err != nil {
			return nil, err
		}
		switch fate {
		case report.OutsideBound:
			w.LeaveOut(&s.Trigger)
			r.outside = append(r.outside, s)
			continue
		case report.NeverDeviated:
			w.LeaveOut(&s.Trigger)
			r.never = append(r.never, s)
			continue
		case report.OriginalNotFinite:
			w.LeaveOut(&s.Trigger)
			r.broken = append(r.broken, s)
			continue
		}
		s.Trigger.Answer(e)
		switch {
		case fate == report.StillDeviates && len(by.causes) > 0 && !e.Steps.By(by.causes...):
			w.LeaveOut(&s.Trigger)
			r.apart = append(r.apart, s)
		case fate == report.Healed:
			r.fixed = append(r.fixed, s)
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
	for _, line := range r.told() {
		lines += "\n" + line
	}
	return lines
}

// told are the sentences about saved triggers that stand in every message.
func (r *replayed) told() []string { return slices.Concat(r.unjudged(), r.changed) }

// unjudged tells of saved triggers that tell nothing, a sentence each.
func (r *replayed) unjudged() (sentences []string) {
	of := " of " + report.Plural(r.total(), "saved trigger")
	if n := len(r.outside); n > 0 {
		sentences = append(sentences, fmt.Sprintf("%d%s %s outside %s and %s not judged.", n, of, report.Verb(n, "lie"), r.bound, were(n)))
	}
	if n := len(r.never); n > 0 {
		sentences = append(sentences, fmt.Sprintf("%d%s did not deviate by %s when saved either, and %s not counted as healed.", n, of, r.oracle, were(n)))
	}
	if n := len(r.broken); n > 0 {
		sentences = append(sentences, fmt.Sprintf("For %d%s the original gives NaN or infinity: %s not judged.", n, of, theyWere(n)))
	}
	if n := len(r.apart); n > 0 {
		var triggers []*engine.Trigger
		for i := range r.apart {
			triggers = append(triggers, &r.apart[i].Trigger)
		}
		sentences = append(sentences, fmt.Sprintf("%d%s %s, but not caused by %s, and %s not judged: %s.", n, of, report.Verb(n, "deviate"), report.CauseNames(r.causes, "or"), were(n), report.CausesLine(triggers)))
	}
	return sentences
}

// judgedOnes names those that tell something: "3 saved triggers in DIR", where others are left out "the 3 saved triggers
// in DIR that were judged", or "that lie within LInf 8".
func (r *replayed) judgedOnes() string {
	n := r.judged()
	all := report.Plural(n, "saved trigger") + " in " + shown(r.from)
	switch {
	case len(r.never)+len(r.broken)+len(r.apart) > 0:
		return "the " + all + " that " + were(n) + " judged"
	case len(r.outside) > 0:
		return "the " + all + " that " + report.Verb(n, "lie") + " within " + r.bound.String()
	}
	return all
}

// remarks are what a reader of a pass should know, a sentence a line; "" when there is nothing.
func (r *replayed) remarks(pair *model.Pair) string {
	var lines []string
	if r.total() == 0 {
		lines = append(lines, fmt.Sprintf("There is no saved trigger of pair %s in %s: nothing was replayed.", pair.Name(), published(r.from)))
	}
	if n := len(r.waived); n > 0 {
		line := fmt.Sprintf("%d of %s still %s, and %s waived in %s.", n, report.Plural(r.judged(), "saved trigger"), report.Verb(n, "deviate"), report.Verb(n, "are"), published(r.by.File))
		if n == r.judged() {
			line += " No saved trigger is healed: this check accepts all of them."
		}
		lines = append(lines, line)
	}
	return strings.Join(append(lines, r.told()...), "\n")
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
