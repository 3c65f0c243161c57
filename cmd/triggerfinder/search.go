package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/commandline"
	"github.com/triggerfinder/triggerfinder/internal/modeltext"
	"github.com/triggerfinder/triggerfinder/internal/spelling"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/strategies"
	"github.com/triggerfinder/triggerfinder/triage"
)

// searchFlags are the flags of the command search.
type searchFlags struct {
	*commandline.Flags
	models *models
	seeds  *seedFlags
	oracle *oracleFlags

	strategy, mode             string
	bound                      distance.Bound
	aim                        distance.Aim
	budget, closing, stopAfter int
	time                       time.Duration
	randomSeed                 uint64
	workers, batch             int
	window, memory             int
	classNames                 []string
	out, json, html, evidence  string
	pool                       string // a path
	shard                      engine.Shard
	save                       int
	skippedAtMost              float64 // as in [engine.Settings]
	allowIdentical             bool
	causes                     []model.Cause // none for any
	talk                       talk
}

func defineSearch() *searchFlags {
	f := &searchFlags{
		Flags: commandline.NewFlags("search"), strategy: boundary, budget: 1000, save: 20,
		workers: runtime.GOMAXPROCS(0), batch: engine.DefaultBatchSize, window: engine.DefaultWindow, memory: engine.DefaultMemory,
	}
	f.models = defineModels(f.Flags, "MODEL", "the original model", "its compressed version")
	f.models.defineConverted("the original as it was converted on the way to the compressed model: each trigger is traced to the step that causes it, " +
		"conversion or compression; --converted.X is a flag about this model, which is opened as the original otherwise")
	f.seeds = defineSeeds(f.Flags)
	f.models.defineOptions("")
	f.seeds.define(f.Flags)

	f.Section("What counts")
	defineCauses(f.Flags, "what a step of these is to blame for, with --converted: conversion, compression, no-step-alone (default: any); the search goes on behind others", &f.causes)
	defineBound(f.Flags, "near a seed only: linf=8, l2=300, l0=20 (raw units), ssim=0.9, or several by comma", &f.bound)
	f.oracle = defineOracle(f.Flags)

	f.Section("Search")
	f.Choice("strategy", "NAME", "boundary, triggerfinder, diffchaser, random or square (default boundary)", &f.strategy, boundary, triggerFinder, diffChaser, random, square)
	f.Choice("mode", "MODE", "of triggerfinder: published or released (default published)", &f.mode, published, released)
	defineAim(f.Flags, "what is near: ssim, l2, linf or l0 (default ssim)", &f.aim)
	f.Count("budget", "queries a seed (default 1000)", &f.budget, 1)
	f.Count("closing", "queries a seed to bring its first trigger nearer (boundary: the rest of the budget; others: 0, which ends a seed at its first trigger)", &f.closing, 0)
	commandline.Define(f.Flags, "time", "T", "time of the whole search, such as 60s (default: no limit)", &f.time, "", func(text string) (time.Duration, error) {
		d, err := time.ParseDuration(text)
		if err != nil || d <= 0 {
			return 0, spelling.Expected("a time above 0 such as 60s or 5m", text)
		}
		return d, nil
	})
	f.Count("stop-after", "end after N triggers (default 0: search every seed)", &f.stopAfter, 0)
	commandline.Define(f.Flags, "skipped-at-most", "P", "share of the seeds that may be skipped, from 0 to 1 (default 0.1); more are an error", &f.skippedAtMost, "0.1", parseSkipped)
	commandline.Define(f.Flags, "random-seed", "N", "source of all randomness (default 0)", &f.randomSeed, "0", func(text string) (uint64, error) {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return 0, spelling.Expected("a whole number of at least 0", text)
		}
		return n, nil
	})
	f.String("pool", "PATH", "inputs like --seeds, in its form, that are not searched: paths may lead to them, as from seeds of one class to those of another", &f.pool).Files()
	f.Count("workers", "batches under way at once (default: one a processor)", &f.workers, 1)
	f.Count("batch", "inputs in a batch (default 32, fewer of large ones)", &f.batch, 1)
	f.Count("window", "seeds searched side by side, at most (default 64, and 16 of large ones)", &f.window, 1)
	commandline.Define(f.Flags, "memory", "SIZE", "what these may take, such as 2GiB (default 512MiB): fewer large inputs are searched side by side", &f.memory, strconv.Itoa(f.memory), parseBytes)
	f.Switch("allow-identical", "accept models that give the same scores for everything, as a graph optimiser's should", &f.allowIdentical)
	commandline.Define(f.Flags, "shard", "I/N", "search the I-th of N parts of the seeds only, without --time and --stop-after; the results of --json are for triggerfinder merge. "+
		`"auto" takes the shard that Bazel, an Indexed Job of Kubernetes (with TRIGGERFINDER_SHARDS) or TRIGGERFINDER_SHARD says`, &f.shard, "", parseShard).Words("auto")

	f.Section("Results")
	f.String("out", "DIR", "save triggers, pictures and a report", &f.out).Folder()
	commandline.Define(f.Flags, "save", "N|all", "how many triggers to save (default 20)", &f.save, strconv.Itoa(f.save), parseSave).Words("all")
	f.String("json", "FILE", "write the result for programs; - is the standard output", &f.json).Files("json")
	f.String("html", "FILE", "write a page for people, with the triggers in pictures", &f.html).Files("html")
	f.String("evidence", "FILE", "write what a later release is compared with, in Go: DeviateNoMoreThan(FILE)", &f.evidence).Files("json")
	defineClassNames(f.Flags, "by comma, or a file with one a line, one a class (default: those of the seeds)", &f.classNames)
	f.talk.define(f.Flags, "tell each trigger as it is found, and how the models are run")
	return f
}

// parseSkipped parses the largest share of the seeds that may be skipped.
func parseSkipped(text string) (float64, error) {
	share, err := spelling.Number(text)
	switch {
	case err != nil || share < 0 || share > 1:
		return 0, spelling.Expected("a share from 0 to 1 such as 0.25", text)
	case share == 0:
		return -1, nil // 0 is the default in the settings
	}
	return share, nil
}

// parseBytes parses a size of memory.
func parseBytes(text string) (int, error) {
	digits := strings.TrimRight(text, "BGKMiT")
	by := 1.0
	switch text[len(digits):] {
	case "", "B":
	case "KB":
		by = 1e3
	case "MB":
		by = 1e6
	case "GB":
		by = 1e9
	case "TB":
		by = 1e12
	case "KiB":
		by = 1 << 10
	case "MiB":
		by = 1 << 20
	case "GiB":
		by = 1 << 30
	case "TiB":
		by = 1 << 40
	default:
		by = 0
	}
	n, err := strconv.ParseFloat(digits, 64)
	if n *= by; err != nil || !(n >= 1) || n >= math.MaxInt {
		return 0, spelling.Expected("a size of memory such as 512MiB, 2GB or 1000000000", text)
	}
	return int(n), nil
}

// parse reads a command line, as the tests do.
func (f *searchFlags) parse(args []string) error {
	others, err := f.Parse(args)
	if err != nil {
		return err
	}
	return f.check(others)
}

// check finds what contradicts itself in a command line that was parsed.
func (f *searchFlags) check(others []string) (err error) {
	if len(others) > 0 {
		return f.Misuse("expected flags only, found %q", others[0])
	}
	if err := f.models.readFile(); err != nil {
		return err
	}
	if err := f.Require(originalSide, compressedSide, "seeds"); err != nil {
		return err
	}
	if f.seeds.preset, err = f.models.geometryOfPresets(); err != nil {
		return err
	}
	if err := f.seeds.check(f.Flags); err != nil {
		return err
	}
	if err := f.models.checkCauses(f.causes); err != nil {
		return err
	}
	if f.pool != "" && f.evidence != "" {
		return f.Misuse("--evidence: expected it without --pool: evidence is of a search that the seeds alone repeat")
	}
	if len(f.causes) > 0 && f.evidence != "" {
		return f.Misuse("--evidence: expected it without --caused-by: evidence is of deviations of any cause")
	}
	switch {
	case f.strategy == triggerFinder && f.mode == "":
		f.mode = published
	case f.strategy != triggerFinder && f.mode != "":
		return f.Misuse("--mode: expected it with --strategy %s only, found --strategy %s", triggerFinder, f.strategy)
	}
	if f.shard.Total > 1 {
		for _, name := range []string{"time", "stop-after", "evidence"} {
			if f.Given(name) && (name != "stop-after" || f.stopAfter > 0) {
				return f.Misuse("--%s: expected it without --shard, found --shard %s: it is about the whole search", name, f.shard)
			}
		}
	}
	if !f.Given("closing") && f.strategy == boundary {
		f.closing = f.budget
	}
	return nil
}

// effective are the effective values of all flags, by name.
func (f *searchFlags) effective() map[string]any {
	all := map[string]any{}
	for _, name := range f.Names() {
		all[name] = f.Value(name).Effective()
	}
	for _, side := range sides {
		for _, spec := range modeltext.Options {
			all[side+"."+spec.Name] = f.models.effective(side, spec.Name)
		}
	}
	if all["save"] = any(f.save); f.save == math.MaxInt {
		all["save"] = "all"
	}
	all["mode"] = f.mode
	if share := max(f.skippedAtMost, 0); f.Given("skipped-at-most") {
		all["skipped-at-most"] = share
	} else {
		all["skipped-at-most"] = 0.1
	}
	return all
}

func (f *searchFlags) settings(oracle answer.Oracle) engine.Settings {
	return engine.Settings{
		Strategy: newStrategy(f.strategy, f.mode), Oracle: oracle, Bound: f.bound, Aim: f.aim,
		Budget:     engine.Budget{QueriesPerSeed: f.budget, ClosingQueriesPerSeed: f.closing, Time: f.time},
		RandomSeed: f.randomSeed, StopAfter: f.stopAfter, Shard: f.shard, SkippedAtMost: f.skippedAtMost, BatchSize: unless(f.batch, engine.DefaultBatchSize), Workers: f.workers,
		AllowIdentical: f.allowIdentical, Window: unless(f.window, engine.DefaultWindow), Memory: f.memory, CausedBy: f.causes,
	}
}

// run is the command search.
func (f *searchFlags) run(others []string, c console) (code int, err error) {
	if err := f.check(others); err != nil {
		return exitError, err
	}
	c = f.talk.of(c)
	judging, err := f.oracle.oracle(f.Flags)
	if err != nil {
		return exitError, err
	}
	f.models.raw = readsRaw(judging.String())
	store, err := f.openPlaces()
	if err != nil {
		return exitError, err
	}
	seeds, err := f.seeds.open(f.classNames)
	if err != nil {
		return exitError, err
	}
	pair, err := f.models.open(c)
	if err != nil {
		return exitError, err
	}
	defer func() { _ = pair.Close() }()
	oracle, err := judging.with(pair)
	if err != nil {
		return exitError, err
	}
	original, _ := pair.Describe()
	if seeds, err = f.seeds.take(seeds, f.classNames, original.Classes, f.randomSeed); err != nil {
		return exitError, err
	}
	var note string
	if f.classNames, note, err = report.ResolveClassNames(f.classNames, input.ClassNamesOf(seeds), original.Classes); err != nil {
		return exitError, fmt.Errorf("--class-names: %w", err)
	}

	settings := f.settings(oracle)
	if f.pool != "" {
		if settings.Pool, err = f.seeds.beside(f.pool, f.classNames); err != nil {
			return exitError, fmt.Errorf("--pool: %w", err)
		}
	}
	saved := newArtifacts(store, f.save, pair, settings, f.classNames, f.models)
	shown := report.ProgressTo(c.err, c.live)
	if !c.quiet {
		settings.OnProgress = shown.Show
	}
	settings.OnTrigger = func(t *engine.Trigger) error {
		err := saved.add(t)
		if c.verbose {
			shown.Clear()
			c.note("%s", triggerLine(t, saved.dirs[t.ID], f.classNames))
		}
		return err
	}
	r, err := searchInterruptibly(pair, seeds, settings)
	shown.Clear()
	if r == nil {
		return exitError, err
	}
	if r.ClassNames = f.classNames; note != "" {
		r.Notes = append(r.Notes, note)
	}
	return f.finish(c, pair, r, err, saved)
}

// openPlaces finds out before the search whether its results can be written.
func (f *searchFlags) openPlaces() (*report.Store, error) {
	if err := errors.Join(checkFile("json", f.json), checkFile("html", f.html), checkFile("evidence", f.evidence)); err != nil {
		return nil, err
	}
	for _, two := range [][2]string{{"json", "evidence"}, {"json", "html"}, {"html", "evidence"}} {
		if one, other := f.Written(two[0]), f.Written(two[1]); one != "" && filepath.Clean(one) == filepath.Clean(other) {
			return nil, fmt.Errorf("--%s and --%s: expected two files, found %s for both", two[0], two[1], one)
		}
	}
	if f.out == "" {
		return nil, nil
	}
	store, err := report.OpenStore(f.out)
	if err != nil {
		return nil, fmt.Errorf("--out %s: %w", f.out, err)
	}
	return store, nil
}

// checkFile finds out whether the file of a flag can be there.
func checkFile(flag, file string) error {
	if file == "" || file == "-" {
		return nil
	}
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return fmt.Errorf("--%s %s: expected a file, found a folder", flag, file)
	}
	dir := filepath.Dir(file)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return fmt.Errorf("--%s %s: expected a file in a folder that exists, found no folder %s", flag, file, dir)
	}
	return nil
}

// searchInterruptibly stops at an interruption and keeps what was found. A second one ends the process.
func searchInterruptibly(pair *model.Pair, seeds input.Seeds, settings engine.Settings) (*engine.Report, error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	defer context.AfterFunc(ctx, stop)()
	return engine.Search(ctx, pair, seeds, settings)
}

// finish writes everything. The error is that of the search or, if there is none, of writing.
func (f *searchFlags) finish(c console, pair *model.Pair, r *engine.Report, failure error, saved *artifacts) (code int, err error) {
	result := report.ResultOf(r, saved.dirs)
	result.Versions, result.Options = versions(r.Original, r.Compressed), f.effective()
	if failure != nil {
		result.Error = inFlags(failure.Error())
	}
	failure = errors.Join(failure, saved.writeReport(r, result), writeJSON(c, f.json, result), f.writePage(pair, r, failure))
	if failure == nil && f.evidence != "" {
		failure = writeEvidence(f.evidence, r, result.Versions)
	}
	if f.json == "-" {
		c.out = c.err
	}
	if !c.quiet && (failure == nil || result.Found > 0) {
		_, err := fmt.Fprint(c.out, f.summary(r, result, saved))
		failure = errors.Join(failure, err)
	}
	return verdict(result.Found, failure)
}

func writeJSON(c console, file string, result report.SearchResult) error {
	switch file {
	case "":
		return nil
	case "-":
		return result.Write(c.out)
	}
	return result.Save(file)
}

func (f *searchFlags) summary(r *engine.Report, result report.SearchResult, saved *artifacts) string {
	var b strings.Builder
	b.WriteString(inFlags(report.Summary(r)) + "\n")
	if result.Found == 0 {
		b.WriteString("Nothing was found. That is no proof that there is nothing.\n")
	} else {
		clusters := triage.Clusters(r.Triggers(), triage.Options{})
		b.WriteString(describeClusters(clusters, f.classNames))
		b.WriteString(describeTriggers(triage.ExemplarsFirst(clusters), saved.dirs, f.classNames) + "\n")
	}
	if r.Status == engine.Cancelled {
		b.WriteString("The result is partial: the search was interrupted.\n")
	}
	b.WriteString(saved.whereabouts(result.Found))
	if f.json != "" && f.json != "-" {
		fmt.Fprintf(&b, "Result: %s\n", f.json)
	}
	if f.html != "" {
		fmt.Fprintf(&b, "Page: %s\n", f.html)
	}
	if f.evidence != "" {
		fmt.Fprintf(&b, "Evidence: %s\n", f.evidence)
	}
	return b.String()
}

// The names of strategies on the command line.
const (
	boundary      = "boundary"
	triggerFinder = "triggerfinder"
	diffChaser    = "diffchaser"
	random        = "random"
	square        = "square"
)

// The modes of triggerfinder.
const (
	published = "published"
	released  = "released"
)

// newStrategy makes the strategy of a name that is one of the above.
func newStrategy(name, mode string) engine.Strategy {
	switch name {
	case triggerFinder:
		if mode == released {
			return strategies.TriggerFinderAsReleased()
		}
		return strategies.TriggerFinder()
	case diffChaser:
		return strategies.DiffChaser()
	case random:
		return strategies.Random()
	case square:
		return strategies.Square()
	}
	return strategies.Boundary()
}

// unless is 0, by which a search chooses by itself, for a number that is the default.
func unless(n, standard int) int {
	if n == standard {
		return 0
	}
	return n
}
