package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/internal/commandline"
	"github.com/triggerfinder/triggerfinder/internal/modeltext"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

// replayFlags are the flags of the command replay.
type replayFlags struct {
	*commandline.Flags
	models     *models
	oracle     *oracleFlags
	bound      distance.Bound  // nil for none
	waivers    *report.Waivers // nil for none
	causes     []model.Cause   // none for any
	classNames []string
	talk       talk
}

func defineReplay() *replayFlags {
	f := &replayFlags{Flags: commandline.NewFlags("replay")}
	f.models = defineModels(f.Flags, "MODEL", "the original model (default: that of the search, if a file has the same content)", "its compressed version (default: as above)")
	f.models.defineConverted("the model in between: tells which step causes each trigger; --converted.X as in search")
	f.models.defineOptions(asInTheSearch)
	f.Section("What counts")
	defineCauses(f.Flags, "judge what a step of these is to blame for: conversion, compression, no-step-alone", &f.causes)
	defineBound(f.Flags, "judge those near their seed only: linf=8, l2=300, l0=20 (raw units), ssim=0.9", &f.bound)
	f.oracle = defineOracle(f.Flags)
	commandline.Define(f.Flags, "waivers", "FILE", "triggers that somebody accepts; waivers that expired or that nothing needs are errors", &f.waivers, "", report.LoadWaivers).Files("json")
	f.Section("Results")
	defineClassNames(f.Flags, "by comma, or a file with one a line", &f.classNames)
	f.talk.define(f.Flags, "tell how the models are run")
	return f
}

// asInTheSearch is said of how models are opened that saved triggers are of.
const asInTheSearch = "The default is what the search used, where its report lies beside the triggers."

// fates count what became of triggers.
type fates struct{ still, waived, healed, outside, never, broken, apart, notFinite int }

func (f *fates) add(n fates) {
	f.still, f.waived, f.healed = f.still+n.still, f.waived+n.waived, f.healed+n.healed
	f.outside, f.never, f.broken, f.notFinite = f.outside+n.outside, f.never+n.never, f.broken+n.broken, f.notFinite+n.notFinite
	f.apart += n.apart
}

// judged is how many say something about their pair.
func (f fates) judged() int { return f.still + f.waived + f.healed }

// unjudged tells of those that say nothing: ", 3 outside LInf 8"; "" where there are none.
func (f fates) unjudged(oracle string, bound distance.Bound) string {
	s := ""
	if f.outside > 0 {
		s += fmt.Sprintf(", %d outside %s", f.outside, bound)
	}
	if f.never > 0 {
		s += fmt.Sprintf(", %d never deviated by %s", f.never, oracle)
	}
	if f.apart > 0 {
		s += fmt.Sprintf(", %d of other causes", f.apart)
	}
	if f.broken > 0 {
		s += fmt.Sprintf(", %d for which the original gives NaN or infinity", f.broken)
	}
	return s
}

// corpus are the saved triggers of one pair.
type corpus struct {
	dir    string // of the pair
	saved  []report.SavedTrigger
	broken []error // those that cannot be used
	oracle judging // that judges them
}

// oraclesOf names the oracles that judge the triggers.
func oraclesOf(corpora []corpus) string {
	var names []string
	for _, c := range corpora {
		if name := c.oracle.String(); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, " and ")
}

// run is the command replay.
func (f *replayFlags) run(others []string, c console) (code int, err error) {
	if err := f.models.readFile(); err != nil {
		return exitError, err
	}
	c = f.talk.of(c)
	corpora, err := savedOnes(f.Flags, f.oracle, others)
	if err != nil {
		return exitError, err
	}
	if err := f.models.checkCauses(f.causes); err != nil {
		return exitError, err
	}
	given := f.Given(originalSide) || f.Given(compressedSide) || f.Given(convertedSide) || f.Given("pair")
	if given {
		if _, err := onlyPair(f.Flags, others[0]+", with --original, --compressed, --converted or --pair", corpora); err != nil {
			return exitError, err
		}
	}
	var sum fates
	broken := []error(nil)
	for _, corpus := range corpora {
		n, err := f.replay(corpus, c, !report.IsTrigger(others[0]))
		sum.add(n)
		if err != nil {
			return exitError, errors.Join(append(broken, err)...)
		}
		broken = append(broken, corpus.broken...)
	}
	oracle := oraclesOf(corpora)
	left := sum.unjudged(oracle, f.bound)
	if sum.judged() == 0 && left != "" {
		broken = append(broken, fmt.Errorf("nothing was judged: %s; that none deviates now says nothing", strings.TrimPrefix(left, ", ")))
	}
	if !c.quiet && sum.judged() > 0 {
		waived := ""
		if sum.notFinite > 0 {
			waived = fmt.Sprintf("; not finite: %d of them", sum.notFinite)
			if f.waivers != nil {
				waived = fmt.Sprintf("; not finite: %d of all that deviate", sum.notFinite)
			}
		}
		if f.waivers != nil {
			waived += fmt.Sprintf("; waived: %d more", sum.waived)
		}
		if left != "" {
			left = "; not judged: " + strings.TrimPrefix(left, ", ")
		}
		if _, err := fmt.Fprintf(c.out, "Still deviating: %d of %s%s%s; oracle %s.\n", sum.still, report.Plural(sum.judged(), "trigger"), waived, left, oracle); err != nil {
			return exitError, err
		}
	}
	switch {
	case len(broken) > 0:
		return exitError, errors.Join(broken...)
	case sum.still > 0:
		return exitFound, nil
	}
	return exitNothing, nil
}

// savedOnes are what commands about one folder of saved triggers begin with: the triggers, each pair's with its oracle.
func savedOnes(f *commandline.Flags, judging *oracleFlags, folders []string) ([]corpus, error) {
	if len(folders) != 1 {
		return nil, f.Misuse("expected one folder of saved triggers, found %d: %q", len(folders), folders)
	}
	if _, err := judging.oracle(f); err != nil { // what is wrong with the command line comes first
		return nil, err
	}
	corpora, err := findCorpora(folders[0])
	if err != nil {
		return nil, err
	}
	for i := range corpora {
		if corpora[i].oracle, err = judging.asSaved(f, corpora[i]); err != nil {
			return nil, err
		}
	}
	return corpora, nil
}

// onlyPair is the one pair whose triggers there are.
func onlyPair(f *commandline.Flags, where string, corpora []corpus) (corpus, error) {
	if len(corpora) == 1 {
		return corpora[0], nil
	}
	var dirs []string
	for _, c := range corpora {
		dirs = append(dirs, c.dir)
	}
	return corpus{}, f.Misuse("%s: expected the triggers of one pair, found those of %d: %s", where, len(corpora), strings.Join(dirs, ", "))
}

// findCorpora reads what a folder holds: one trigger, the triggers of one pair, or those of several
// pairs.
func findCorpora(dir string) ([]corpus, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("expected a folder of saved triggers: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s: expected a folder of saved triggers, found a file", dir)
	}
	if report.IsTrigger(dir) {
		t, err := report.LoadTrigger(dir)
		return []corpus{{dir: filepath.Join(dir, ".."), saved: []report.SavedTrigger{t}}}, err
	}
	pair, err := readCorpus(dir)
	if err != nil {
		return nil, err
	}
	if len(pair.saved)+len(pair.broken) > 0 {
		return []corpus{pair}, nil
	}
	var corpora []corpus
	folders, err := foldersIn(dir)
	if err != nil {
		return nil, err
	}
	for _, folder := range folders {
		pair, err := readCorpus(folder)
		if err != nil {
			return nil, err
		}
		if len(pair.saved)+len(pair.broken) > 0 {
			corpora = append(corpora, pair)
		}
	}
	if len(corpora) == 0 {
		return nil, fmt.Errorf("%s: expected saved triggers, found none: no folder in it, or one level below, holds a trigger.json", dir)
	}
	return corpora, nil
}

// readCorpus reads the triggers directly in a folder.
func readCorpus(dir string) (corpus, error) {
	c := corpus{dir: dir}
	folders, err := foldersIn(dir)
	if err != nil {
		return c, err
	}
	if !slices.ContainsFunc(folders, report.IsTrigger) {
		return c, nil
	}
	for _, folder := range folders {
		if strings.HasPrefix(filepath.Base(folder), "report-") {
			continue
		}
		t, err := report.LoadTrigger(folder)
		if err != nil {
			c.broken = append(c.broken, err)
			continue
		}
		c.saved = append(c.saved, t)
	}
	return c, nil
}

func foldersIn(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var folders []string
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if info, err := os.Stat(path); err == nil && info.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			folders = append(folders, path)
		}
	}
	return folders, nil
}

// replay replays the triggers of one pair. Waivers that none of them needs are an error, if these are all that there are.
func (f *replayFlags) replay(corpus corpus, c console, all bool) (n fates, err error) {
	if len(corpus.saved) == 0 {
		return n, nil // the caller tells what is broken
	}
	var waivers *report.PairWaivers
	if f.waivers != nil { // the triggers know the pair by the name that the waivers know it by
		if waivers, err = f.waivers.Of(corpus.saved[0].Context.Pair, time.Now()); err != nil {
			return n, fmt.Errorf("--waivers %w", err)
		}
	}
	// Each pair starts from the command line alone.
	own := defineReplay()
	if err := own.Take(f.Flags); err != nil {
		return n, err
	}
	own.models.folders = f.models.folders
	pair, err := own.models.openAsSaved(corpus, c)
	if err != nil {
		return n, err
	}
	defer func() { _ = pair.Close() }()
	oracle, err := corpus.oracle.with(pair)
	if err != nil {
		return n, err
	}
	var fixed []report.SavedTrigger
	for _, s := range corpus.saved {
		fate, e, err := s.Replay(context.Background(), pair, oracle, f.bound)
		if err != nil {
			return n, err
		}
		word := string(fate)
		switch fate {
		case report.Healed:
			fixed = append(fixed, s)
			n.healed++
		case report.OutsideBound:
			waivers.LeaveOut(&s.Trigger)
			n.outside++
			word = "outside"
		case report.NeverDeviated:
			waivers.LeaveOut(&s.Trigger)
			n.never++
			word = "never deviated"
		case report.OriginalNotFinite:
			waivers.LeaveOut(&s.Trigger)
			n.broken++
			word = "unusable"
		default:
			s.Trigger.Answer(e)
			if len(f.causes) > 0 && !e.Steps.By(f.causes...) {
				waivers.LeaveOut(&s.Trigger)
				n.apart++
				word = "other cause"
				break
			}
			if e.Verdict.Kind == answer.NotFinite {
				n.notFinite++
			}
			if waivers.Accept(&s.Trigger) {
				word = "waived"
				n.waived++
			} else {
				n.still++
			}
		}
		if c.quiet {
			continue
		}
		if _, err := fmt.Fprintln(c.out, replayLine(word, s, e, s.Names(f.classNames))); err != nil {
			return n, err
		}
	}
	if err := waivers.Unused(fixed, all && len(corpus.broken) == 0); err != nil {
		return n, fmt.Errorf("--waivers %w", err)
	}
	return n, nil
}

// replayLine says what became of a trigger.
func replayLine(word string, s report.SavedTrigger, e engine.Evaluation, classNames []string) string {
	if len(e.Original.Scores) == 0 { // it was not run
		return fmt.Sprintf("%-14s  %s", word, s.Dir)
	}
	t := s.Trigger
	t.Answer(e)
	says := report.AnswersInWords(&t, classNames)
	if !e.Verdict.Deviates && t.OriginalLabel == t.CompressedLabel && t.OriginalLabel != answer.NoLabel {
		says = fmt.Sprintf("both say %s (%.2f and %.2f)", answer.ClassName(classNames, t.OriginalLabel),
			t.OriginalConfidence, t.CompressedConfidence)
	}
	if cause := report.CausesInWords(&t, classNames); cause != "" {
		says += "; " + cause
	}
	return fmt.Sprintf("%-14s  %s: %s", word, s.Dir, says)
}

// openAsSaved opens the models as they were opened when the triggers were found, as far as the command line does not say.
func (m *models) openAsSaved(corpus corpus, c console) (*model.Pair, error) {
	if err := m.complete(corpus, c); err != nil {
		return nil, err
	}
	for _, side := range sides {
		if runs := modeltext.Where(*m.paths[side]); m.onlyONNX != "" && runs != modeltext.ONNXFile {
			return nil, m.flags.Misuse("--%s: expected %s, found %s: %s", side, m.onlyONNX, runs, *m.paths[side])
		}
	}
	m.raw = readsRaw(corpus.oracle.String())
	pair, err := m.open(c)
	if err != nil {
		return nil, err
	}
	if err := m.checkPreprocessing(pair, corpus, c); err != nil {
		return nil, errors.Join(err, pair.Close())
	}
	for _, sentence := range report.ChangesSince(pair, corpus.saved) {
		c.note("%s", sentence)
	}
	return pair, nil
}

// complete takes from what was saved with the triggers which models they are of, and how they are
// opened, as far as the command line does not say.
func (m *models) complete(corpus corpus, c console) error {
	results := savedResults(corpus.dir)
	for _, side := range sides {
		if err := m.completePath(side, corpus, results); err != nil {
			return err
		}
	}
	for _, side := range sides {
		if m.preprocessedFor(side) {
			m.insisted = append(m.insisted, side)
		}
		r, err := m.searchOf(side, results)
		if err != nil {
			return err
		}
		if r == nil {
			continue
		}
		taken, err := m.describeAs(side, *r)
		if err != nil {
			return err
		}
		if len(taken) > 0 {
			c.note("%s model %s: %s, as in the search", side, *m.paths[side], strings.Join(taken, " "))
		}
	}
	return nil
}

// searchOf is the search from which a side's options are taken; nil for none.
func (m *models) searchOf(side string, results []savedResult) (*savedResult, error) {
	path := *m.paths[side]
	if modeltext.Where(path).IsFile() {
		found, err := modeltext.Identify(path)
		if err != nil {
			return nil, err
		}
		return bestResult(results, side, found.Identity()), nil
	}
	for i := range results {
		if results[i].option(side) == path {
			return &results[i], nil
		}
	}
	return bestResult(results, side, model.Identity{}), nil
}

// savedResult is the result of a search that lies beside triggers.
type savedResult struct{ report.SearchResult }

// savedResults reads the results of searches that lie beside the triggers of a pair, the newest first.
// One that cannot be read is of no use, and no harm.
func savedResults(pairDir string) []savedResult {
	paths, _ := filepath.Glob(filepath.Join(escapeGlob(pairDir), "*", resultFile))
	var results []savedResult
	for _, path := range paths {
		if r, err := report.LoadResult(path); err == nil {
			results = append(results, savedResult{r})
		}
	}
	slices.SortStableFunc(results, func(a, b savedResult) int { return b.Started.Compare(a.Started) })
	return results
}

// escapeGlob keeps the special characters of a folder's name from being a pattern.
func escapeGlob(path string) string {
	if os.PathSeparator == '\\' {
		return path
	}
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

// model is the model of one side.
func (r savedResult) model(side string) model.Description {
	if side == originalSide {
		return r.Models.Original
	}
	return r.Models.Compressed
}

// option is the text of a flag of that search.
func (r savedResult) option(name string) string {
	text, _ := r.Options[name].(string)
	return text
}

func recordedModel(s report.SavedTrigger, side string) model.Description {
	if side == originalSide {
		return s.Context.Original
	}
	return s.Context.Compressed
}

// completePath finds a model's file: that of an earlier search, or one of its name in the working folder,
// with the hash that a trigger records. A program or an endpoint has to be named: a folder of triggers may come from anybody, and is
// no reason to run a command.
func (m *models) completePath(side string, corpus corpus, results []savedResult) error {
	if m.flags.Given(side) {
		return nil
	}
	var recorded []string // names and hashes, for the error
	known := map[model.Identity]bool{}
	var candidates []string
	for _, r := range results {
		candidates = append(candidates, r.option(side))
	}
	for _, s := range corpus.saved {
		d := recordedModel(s, side)
		id := d.Identity()
		if known[id] {
			continue
		}
		known[id] = true
		if d.File == "" {
			continue // no file
		}
		candidates = append(candidates, d.File)
		recorded = append(recorded, fmt.Sprintf("%s (sha256 %s)", d.File, shortSum(d.SHA256)))
	}
	for _, r := range results {
		if text := r.option(side); text != "" && !modeltext.Where(text).IsFile() && known[r.model(side).Identity()] {
			return m.flags.Misuse("--%s: expected to be told which program or endpoint to ask, as none is run because a folder names it; the search asked %q. To ask it again, add --%s %s",
				side, text, side, quoted(text))
		}
	}
	for _, path := range candidates {
		if path == "" || !modeltext.Where(path).IsFile() {
			continue
		}
		found, err := modeltext.Identify(path)
		if err != nil {
			continue
		}
		for id := range known {
			if found.Identity().Compare(id) != model.Different {
				*m.paths[side] = path
				return nil
			}
		}
	}
	if len(recorded) == 0 {
		return m.flags.Misuse("--%s: expected a model, since the triggers in %s record no file of one", side, corpus.dir)
	}
	return m.flags.Misuse("--%s: expected a model file, since there is none here with the content that the triggers in %s record: %s",
		side, corpus.dir, strings.Join(recorded, ", "))
}

// bestResult is the newest search with the very same model, or else the newest with any.
func bestResult(results []savedResult, side string, m model.Identity) *savedResult {
	for i := range results {
		if results[i].model(side).Identity().Compare(m) != model.Different {
			return &results[i]
		}
	}
	if len(results) > 0 {
		return &results[0]
	}
	return nil
}

// describeAs opens a side's model as an earlier search did, but for the flags that are given; those of the preprocessing hold
// together. It gives the flags that it took from there.
func (m *models) describeAs(side string, r savedResult) (taken []string, err error) {
	for _, spec := range modeltext.Options {
		name := side + "." + spec.Name
		text := r.option(name)
		if text == "" || m.flags.Given(m.flagFor(side, spec.Name)) ||
			slices.Contains(preprocessingFlags, spec.Name) && slices.Contains(m.insisted, side) {
			continue
		}
		if err := m.flags.Assign(name, text); err != nil {
			return nil, fmt.Errorf("%s beside the triggers: option %s: %w", resultFile, name, err)
		}
		taken = append(taken, wordsOf(spec, text)...)
	}
	return taken, nil
}

// checkPreprocessing refuses the models of the search with another preprocessing, unless the command line insists on it.
func (m *models) checkPreprocessing(pair *model.Pair, corpus corpus, c console) error {
	for _, other := range report.PreprocessingSince(pair, corpus.saved) {
		if other.SameModel && !slices.Contains(m.insisted, other.Role) {
			return m.flags.Misuse("%w; give --preset, --scale, --mean, --std, --channels or --grey-to-rgb, any of them to insist", other)
		}
		c.note("%s model %s: its preprocessing is %q; it was %q when the triggers were found", other.Role, other.Model, other.Is, other.Was)
	}
	return nil
}
