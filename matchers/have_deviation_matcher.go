package matchers

import (
	"context"
	"fmt"

	"github.com/onsi/gomega/types"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// HaveDeviationFrom succeeds when a trigger of the actual [*model.Pair] is found in a search from the
// seeds. Its usual place is in the negative:
//
//	Expect(pair).NotTo(HaveDeviationFrom(seeds))
//
// Triggers of the pair that earlier runs saved, before this process began, are replayed first; when one of them still
// deviates, that is the answer and no search is made. Otherwise the search starts from every seed, with the
// defaults of a unit test: strategy [strategies.Boundary], oracle [answer.Top1], random seed 0, at
// most [DefaultBudget] (or [ShortBudget] under -short). Triggers are saved in testdata/triggers.
//
// A search that could not be carried out, or that ended before it could tell anything, is an error
// and fails the assertion in both directions: the same model twice, no usable seeds, scores constant or NaN for all, a budget
// that ended before every seed had its minimum of queries, a search weaker than was asked for, a waiver that has expired, a
// cancelled search without a trigger.
//
// # What is left behind
//
// The triggers are saved in testdata/triggers, in a folder for the pair, with pictures; see package report.
// Commit them, as one commits testdata/fuzz: the next run replays them before it searches. This run does not, whatever
// the order of its specs: only triggers that were saved before the process began are replayed. Beside them
// lies a report of the search, which need not be committed. The environment variable TRIGGERFINDER_TRIGGERS
// moves the folder. KeepingArtifactsOf(t) keeps both in the artifacts of go test -artifacts as well.
func HaveDeviationFrom(seeds input.Seeds) *HaveDeviationMatcher {
	return made(&HaveDeviationMatcher{
		options:  options{ctx: context.Background(), oracle: answer.Top1()},
		seeds:    seeds,
		settings: engine.Settings{Strategy: strategies.Boundary(), Budget: defaultBudget()},
		saving:   saving{atMost: defaultSaved},
	})
}

// HaveDeviationMatcher is the matcher of [HaveDeviationFrom]. Its methods return changed copies, so
// that a common start can be shared.
//
// # Options
//
// Options read as a sentence and return changed copies, so that a common start can be shared:
//
//	Expect(pair).NotTo(HaveDeviationFrom(seeds).
//		Within(distance.LInf(8)).        // look near the seeds only
//		MinConfidence(0.9).              // count only answers the original is sure of
//		WithQueriesPerSeed(500).
//		WithRandomSeed(7))
//
// An option that several matchers have is listed as one that returns a *Matcher: that is the matcher which has it. Their order
// says nothing. Of an option that is given twice the latter counts; two of which one alone can be meant, such as
// WithBudget and WithQueriesPerSeed, are an error. WithSettings sees what the others have set, but for MinConfidence, MinGap,
// ClosingIn and WithinTime, which add to what it leaves.
//
// What a search is worth is measured beside it: WithCanary runs it against a copy of the original with a known
// change, WithPowerAtLeast demands that it finds that, and WithNoiseFloor tells triggers of the compression from those of
// the runtime's settings. RecordedIn collects what matchers find in a *dossier.Dossier, the document of a release.
type HaveDeviationMatcher struct {
	options
	assertion[HaveDeviationMatcher]
	judged[HaveDeviationMatcher]
	severe[HaveDeviationMatcher]
	bounded[HaveDeviationMatcher]
	traced[HaveDeviationMatcher]
	alike[HaveDeviationMatcher]
	skipping[HaveDeviationMatcher]
	waiving[HaveDeviationMatcher]
	watched[HaveDeviationMatcher]

	seeds      input.Seeds
	settings   engine.Settings // of options that set a value each; see resolve
	counted    bool            // by HaveAtMost
	budget     *engine.Budget  // nil for the default one
	closing    *int            // nil for that of the budget
	changes    []func(*engine.Settings)
	saving     saving
	artifacts  artifacts
	minimizing int    // queries a trigger
	evidence   string // where to save it; "" for nowhere
	inspect    []func(*engine.Report)
	canaries   canaries
	noise      noiseFloor

	found findings // of the latest Match
}

var _ types.GomegaMatcher = (*HaveDeviationMatcher)(nil)

// Match replays and searches. It implements [types.GomegaMatcher].
func (m *HaveDeviationMatcher) Match(actual any) (bool, error) {
	deviates, err := m.match(actual)
	return deviates, m.recording.add(!deviates, err, m.NegatedFailureMessage, m.checked)
}

func (m *HaveDeviationMatcher) match(actual any) (bool, error) {
	m.found = findings{test: runAgain(), single: true}
	pair, err := pairOf(actual, "HaveDeviationFrom")
	if err != nil {
		m.found.settings, _ = m.resolve() // for a record
		return false, err
	}
	deviates, err := m.replayAndSearch(pair)
	m.keepArtifacts()
	if err != nil {
		return false, fmt.Errorf("HaveDeviationFrom: %w", err)
	}
	return deviates, nil
}

// FailureMessage says why nothing was found. It implements [types.GomegaMatcher].
func (m *HaveDeviationMatcher) FailureMessage(any) string { return m.found.nothing() }

// NegatedFailureMessage shows what was found. It implements [types.GomegaMatcher].
func (m *HaveDeviationMatcher) NegatedFailureMessage(any) string {
	return m.found.something(m.found.classNames)
}
