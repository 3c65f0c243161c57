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
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/strategies"
	"github.com/triggerfinder/triggerfinder/triage"
)

// searchFlags are the flags of the command search.
type searchFlags struct {
	*flags
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
	out, json, evidence        string
	shard                      engine.Shard
	save                       int
	skippedAtMost              float64 // as in [engine.Settings]
	allowIdentical             bool
	causes                     []model.Cause // none for any
	quiet                      bool
}

func defineSearch() *searchFlags {
	f := &searchFlags{
		flags: newFlags("search"), strategy: boundary, budget: 1000, save: 20,
		workers: runtime.GOMAXPROCS(0), batch: engine.DefaultBatchSize, window: engine.DefaultWindow, memory: engine.DefaultMemory,
	}
	f.models, f.seeds, f.oracle = defineModels(f.flags), defineSeeds(f.flags), defineOracle(f.flags)
	f.models.defineConverted()
	defineCauses(f.flags, &f.causes)
	define(f.flags, "strategy", &f.strategy, f.strategy, oneOf(boundary, triggerFinder, diffChaser, random, square))
	define(f.flags, "mode", &f.mode, "", oneOf(published, released))
	define(f.flags, "within", &f.bound, "", plainly(distance.ParseBound))
	define(f.flags, "aim", &f.aim, f.aim.String(), plainly(distance.ParseAim))
	f.count("budget", &f.budget, 1)
	f.count("closing", &f.closing, 0)
	f.count("stop-after", &f.stopAfter, 0)
	define(f.flags, "time", &f.time, "", func(text string) (time.Duration, error) {
		d, err := time.ParseDuration(text)
		if err != nil || d <= 0 {
			return 0, expected("a time above 0 such as 60s or 5m", text)
		}
		return d, nil
	})
	define(f.flags, "random-seed", &f.randomSeed, "0", func(text string) (uint64, error) {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return 0, expected("a whole number of at least 0", text)
		}
		return n, nil
	})
	f.count("workers", &f.workers, 1)
	f.count("batch", &f.batch, 1)
	f.count("window", &f.window, 1)
	define(f.flags, "memory", &f.memory, strconv.Itoa(f.memory), parseBytes)
	define(f.flags, "class-names", &f.classNames, "", parseClassNames)
	f.text("out", &f.out)
	f.text("json", &f.json)
	f.text("evidence", &f.evidence)
	define(f.flags, "shard", &f.shard, "", parseShard)
	define(f.flags, "save", &f.save, strconv.Itoa(f.save), parseSave)
	define(f.flags, "skipped-at-most", &f.skippedAtMost, "0.1", parseSkipped)
	f.boolean("allow-identical", &f.allowIdentical)
	f.boolean("quiet", &f.quiet)
	return f
}

// parseSkipped parses the largest share of the seeds that may be skipped.
func parseSkipped(text string) (float64, error) {
	share, err := parseNumber(text)
	switch {
	case err != nil || share < 0 || share > 1:
		return 0, expected("a share from 0 to 1 such as 0.25", text)
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
		return 0, expected("a size of memory such as 512MiB, 2GB or 1000000000", text)
	}
	return int(n), nil
}

// parse parses the command line and finds what contradicts itself.
func (f *searchFlags) parse(args []string) error {
	others, err := f.flags.parse(args)
	if err != nil {
		return err
	}
	if len(others) > 0 {
		return f.misuse("expected flags only, found %q", others[0])
	}
	if err := f.require(originalSide, compressedSide, "seeds"); err != nil {
		return err
	}
	if f.seeds.preset, err = f.models.geometryOfPresets(); err != nil {
		return err
	}
	if err := f.seeds.check(f.flags); err != nil {
		return err
	}
	if err := f.models.checkCauses(f.causes); err != nil {
		return err
	}
	if len(f.causes) > 0 && f.evidence != "" {
		return f.misuse("--evidence: expected it without --caused-by: evidence is of deviations of any cause")
	}
	switch {
	case f.strategy == triggerFinder && f.mode == "":
		f.mode = published
	case f.strategy != triggerFinder && f.mode != "":
		return f.misuse("--mode: expected it with --strategy %s only, found --strategy %s", triggerFinder, f.strategy)
	}
	if f.shard.Total > 1 {
		for _, name := range []string{"time", "stop-after", "evidence"} {
			if f.given(name) && (name != "stop-after" || f.stopAfter > 0) {
				return f.misuse("--%s: expected it without --shard, found --shard %s: it is about the whole search", name, f.shard)
			}
		}
	}
	if !f.given("closing") && f.strategy == boundary {
		f.closing = f.budget
	}
	return nil
}

// effective are the effective values of all flags, by name.
func (f *searchFlags) effective() map[string]any {
	all := map[string]any{}
	for name, v := range f.values {
		all[name] = v.effective()
	}
	for _, side := range sides {
		for _, spec := range modelFlags {
			all[side+"."+spec.name] = f.models.effective(side, spec.name)
		}
	}
	if all["save"] = any(f.save); f.save == math.MaxInt {
		all["save"] = "all"
	}
	all["mode"] = f.mode
	if share := max(f.skippedAtMost, 0); f.given("skipped-at-most") {
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
		RandomSeed: f.randomSeed, StopAfter: f.stopAfter, Shard: f.shard, SkippedAtMost: f.skippedAtMost, BatchSize: f.batch, Workers: f.workers,
		AllowIdentical: f.allowIdentical, Window: f.window, Memory: f.memory, CausedBy: f.causes,
	}
}

// search is the command search.
func search(args []string, c console) (code int, err error) {
	f := defineSearch()
	if err := f.parse(args); err != nil {
		return exitError, err
	}
	c.quiet = f.quiet
	judging, err := f.oracle.oracle(f.flags)
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
	saved := newArtifacts(store, f.save, pair, settings, f.classNames, f.models)
	shown := newProgress(c, f.time)
	settings.OnTrigger, settings.OnProgress = saved.add, shown.show
	r, err := searchInterruptibly(pair, seeds, settings)
	shown.end()
	if r == nil {
		return exitError, err
	}
	if r.ClassNames = f.classNames; note != "" {
		r.Notes = append(r.Notes, note)
	}
	return f.finish(c, r, err, saved)
}

// openPlaces finds out before the search whether its results can be written.
func (f *searchFlags) openPlaces() (*report.Store, error) {
	if err := errors.Join(checkFile("json", f.json), checkFile("evidence", f.evidence)); err != nil {
		return nil, err
	}
	if f.json != "" && filepath.Clean(f.json) == filepath.Clean(f.evidence) {
		return nil, fmt.Errorf("--json and --evidence: expected two files, found %s for both", f.json)
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
func (f *searchFlags) finish(c console, r *engine.Report, failure error, saved *artifacts) (code int, err error) {
	result := report.ResultOf(r, saved.dirs)
	result.Versions, result.Options = versions(r.Original, r.Compressed), f.effective()
	if failure != nil {
		result.Error = inFlags(failure.Error())
	}
	failure = errors.Join(failure, saved.writeReport(r, result), writeJSON(c, f.json, result))
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
