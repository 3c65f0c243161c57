package matchers

import (
	"context"
	"slices"
	"time"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

// This file holds the options that several matchers have. A matcher embeds [options], where they are noted, and of the types
// below it, whose methods are the options, those that it has. Options only note what they were given; Match makes the settings
// of all of them at once, so that their order says nothing: first those that set a value, then WithSettings, then those that
// add to what is there (MinConfidence, MinGap, ClosingIn, WithinTime). Of an option that is given twice the latter counts, so
// that a shared start can be changed.

// options are what a matcher was given.
type options struct {
	ctx           context.Context
	classNames    []string
	recording     recording
	oracle        answer.Oracle
	severity      severity
	bound         distance.Bound // nil for none
	causes        []model.Cause  // none for any
	identical     bool           // accepts identical scores
	skippedAtMost float64        // as in [engine.Settings]
	confidence    float64
	waiverFile    string
	now           func() time.Time // by which waivers expire
	progress      []func(engine.Progress)
	given         given
	misuse        []error // Match reports it
}

func (o options) clone() options {
	o.progress, o.misuse = slices.Clone(o.progress), slices.Clone(o.misuse)
	return o
}

// forked is a matcher M. A fork is a copy, without what Match found, and the options in it, which may be changed.
type forked[M any] interface{ fork() (*M, *options) }

func fork[M any](of forked[M]) (*M, *options) {
	if of == nil { // of a matcher that no constructor made
		of = any(new(M)).(forked[M])
	}
	return of.fork()
}

// made finishes what a constructor makes.
func made[M any](of forked[M]) *M {
	m, _ := of.fork()
	return m
}

// with is a changed copy of a matcher.
func with[M any](m forked[M], change func(*M)) *M {
	c, _ := m.fork()
	change(c)
	return c
}

// assertion has the options of every matcher that is told how to match.
type assertion[Matcher any] struct {
	repeatable
	of forked[Matcher]
}

// WithContext sets a context that can cancel what the matcher does.
func (a assertion[Matcher]) WithContext(ctx context.Context) *Matcher {
	c, o := fork(a.of)
	if o.expect(ctx != nil, "WithContext(nil): expected a context") {
		o.ctx = ctx
	}
	return c
}

// WithClassNames names the classes, by label, in messages, pictures and artifacts. The default are the names that the
// seeds carry, see [input.ClassNamer], or with which triggers were saved. Names that are not as many as the models have
// classes are an error, and so are those of the seeds in another order.
func (a assertion[Matcher]) WithClassNames(names ...string) *Matcher {
	c, o := fork(a.of)
	o.classNames = slices.Clone(names)
	return c
}

// RecordedIn records in r, such as a *dossier.Dossier, what the matcher finds, with the search, the rate, the flips, the
// comparison or the triggers that it rests on. The check passes where a release would: when no trigger is found, none deviates,
// the rate is below its limit, or the candidate is not worse; whether the assertion is in the negative says nothing. nil
// records nothing.
func (a assertion[Matcher]) RecordedIn(r Recorder) *Matcher {
	c, o := fork(a.of)
	o.recording.into = r
	return c
}

// repeatable is a matcher that comes to the same when it matches again.
type repeatable struct{}

// MatchMayChangeInTheFuture tells Eventually and Consistently that to match again gives the same.
func (repeatable) MatchMayChangeInTheFuture(any) bool { return false }

// judged has the option of a matcher with an oracle.
type judged[Matcher any] struct{ of forked[Matcher] }

// JudgedBy sets the oracle: what counts as a deviation. The default is [answer.Top1]. A saved trigger that was none by this
// oracle when it was saved, and is none now, counts neither as healed nor as deviating.
func (j judged[Matcher]) JudgedBy(oracle answer.Oracle) *Matcher {
	c, o := fork(j.of)
	if o.expect(oracle != nil, "JudgedBy(nil): expected an oracle such as answer.Top1()") {
		o.oracle = oracle
	}
	return c
}

// severe has the option of a matcher that may restrict its oracle.
type severe[Matcher any] struct{ of forked[Matcher] }

// MinConfidence counts severe deviations only: those in which the original gives its label a score of
// at least p, above 0 and at most 1.
func (s severe[Matcher]) MinConfidence(p float64) *Matcher {
	c, o := fork(s.of)
	o.severity.confidence, o.severity.confidenceSet = p, true
	return c
}

// bounded has the option of a matcher that may look near the seeds only.
type bounded[Matcher any] struct{ of forked[Matcher] }

// Within keeps the search, and what counts as a trigger, within a bound around each seed, such as [distance.LInf](8). Saved
// triggers that lie outside are not run, and are counted apart. Evidence has a bound of its own, with which it is compared:
// there this is the bound with which evidence is made.
func (b bounded[Matcher]) Within(bound distance.Bound) *Matcher {
	c, o := fork(b.of)
	o.bound = bound
	return c
}

// traced has the option of a matcher that may look for deviations of some causes only.
type traced[Matcher any] struct{ of forked[Matcher] }

// CausedBy counts only what a step of one of these causes is to blame for, by itself or with others, and with [engine.NoStepAlone] what no step
// shows alone:
//
//	Expect(shipped).NotTo(HaveDeviationFrom(seeds).CausedBy(engine.Compression))
//
// The pair has to know the models in between, see [model.NewChain]; a pair of two models alone is an error. A search goes on behind deviations of
// other causes, and counts them; a saved trigger that is caused otherwise is not judged. Without CausedBy, deviations of any cause count, and messages
// tell what causes each.
func (t traced[Matcher]) CausedBy(causes ...model.Cause) *Matcher {
	c, o := fork(t.of)
	if o.expect(len(causes) > 0, "CausedBy(): expected a cause such as engine.Compression") {
		o.causes = slices.Clone(causes)
	}
	return c
}

// alike has the option of a matcher that takes models which never differ for an error.
type alike[Matcher any] struct{ of forked[Matcher] }

// AllowingIdenticalScores accepts models that give the same scores, to the last bit, for everything, and a model that is the
// original saved again. It is for asserting exactly that of a graph optimiser:
//
//	Expect(optimised).NotTo(HaveDeviationFrom(seeds).AllowingIdenticalScores())
//
// Without it that is an error, since it mostly means that nothing was compressed. Two files of equal bytes that run in
// the same runtime, under the same settings, are an error all the same.
func (a alike[Matcher]) AllowingIdenticalScores() *Matcher {
	c, o := fork(a.of)
	o.identical = true
	return c
}

// skipping has the option of a matcher that skips seeds which it cannot use.
type skipping[Matcher any] struct{ of forked[Matcher] }

// SkippedAtMost sets the largest share of the seeds that may be skipped, from 0 to 1, because they cannot be read or
// searched. The default is 0.1. More are an error, [engine.ErrTooManySkipped], in either direction of the assertion: it says
// little about the seeds that were given. Seeds that LeavingOutMisreadSeeds leaves out, or that have no label where labelled ones
// are asked for, do not count.
func (s skipping[Matcher]) SkippedAtMost(share float64) *Matcher {
	c, o := fork(s.of)
	if o.expect(share >= 0 && share <= 1, "SkippedAtMost(%g): expected a share from 0 to 1, such as 0.25%s", share, ofHundred(share)) {
		if o.skippedAtMost = share; share == 0 { // none, and not the default
			o.skippedAtMost = -1
		}
	}
	return c
}

// confident has the option of a matcher that decides about a rate.
type confident[Matcher any] struct{ of forked[Matcher] }

// WithConfidence sets how sure a decision has to be, above 0 and below 1: it is wrong in at most 1 - confidence of
// all runs. The default is 0.95.
func (s confident[Matcher]) WithConfidence(confidence float64) *Matcher {
	c, o := fork(s.of)
	if o.expectShare("WithConfidence", confidence) {
		o.confidence = confidence
	}
	return c
}

// waiving has the options of a matcher for which somebody may accept triggers.
type waiving[Matcher any] struct{ of forked[Matcher] }

// WithWaivers accepts the triggers that a waiver file accepts, saved ones and those that a search finds; see
// [report.Waivers]. A waiver that has expired is an error, and so is one that nothing needs, since its trigger is not there or
// deviates no longer, unless saved triggers are not replayed.
func (w waiving[Matcher]) WithWaivers(file string) *Matcher {
	c, o := fork(w.of)
	o.waiverFile = file
	return c
}

// AsOf sets the time at which waivers must not have expired. The default is now.
func (w waiving[Matcher]) AsOf(now time.Time) *Matcher {
	c, o := fork(w.of)
	o.now = func() time.Time { return now }
	return c
}

// watched has the option of a matcher that searches.
type watched[Matcher any] struct{ of forked[Matcher] }

// ReportingProgressTo calls fn now and then during the search, besides the lines that go test -v shows.
func (w watched[Matcher]) ReportingProgressTo(fn func(engine.Progress)) *Matcher {
	c, o := fork(w.of)
	if o.expect(fn != nil, "ReportingProgressTo(nil): expected a function") {
		o.progress = append(o.progress, fn)
	}
	return c
}

// severity restricts an oracle; 0 stands for no restriction.
type severity struct {
	confidence, gap       float64
	confidenceSet, gapSet bool
}

// restrict is the oracle with the restrictions.
func (s severity) restrict(oracle answer.Oracle) (answer.Oracle, error) {
	restricted := oracle
	var err error
	if s.gapSet {
		if restricted, err = answer.MinGap(s.gap, restricted); err != nil {
			return oracle, err
		}
	}
	if s.confidenceSet {
		if restricted, err = answer.MinConfidence(s.confidence, restricted); err != nil {
			return oracle, err
		}
	}
	return restricted, nil
}

// classNamesOf are the names of the classes: those given, or those that the seeds or the distribution carry.
func classNamesOf(given []string, source any, pair *model.Pair) (names []string, note string, err error) {
	original, _ := pair.Describe()
	return report.ResolveClassNames(given, input.ClassNamesOf(source), original.Classes)
}

// classesOf are the names as of classNamesOf, and all notes about the seeds.
func classesOf(given []string, source any, pair *model.Pair) (names, notes []string, err error) {
	names, note, err := classNamesOf(given, source, pair)
	notes = slices.Clone(input.NotesOf(source))
	if note != "" {
		notes = append(notes, note)
	}
	return names, notes, err
}
