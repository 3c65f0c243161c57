package main

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/internal/commandline"
	"github.com/triggerfinder/triggerfinder/internal/spelling"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/shards"
)

// parseShard takes a shard, or asks the environment.
func parseShard(text string) (engine.Shard, error) {
	if strings.EqualFold(text, "auto") {
		return shards.Detect()
	}
	shard, err := engine.ParseShard(text)
	if err != nil {
		return shard, spelling.Expected(`a shard such as 1/4 or 4/4, or "auto"`, text)
	}
	return shard, nil
}

// mergeFlags are the flags of the command merge.
type mergeFlags struct {
	*commandline.Flags
	classNames     []string
	json, evidence string
	talk           talk
}

func defineMerge() *mergeFlags {
	f := &mergeFlags{Flags: commandline.NewFlags("merge")}
	f.String("json", "FILE", "write the result for programs; - is the standard output", &f.json).Files("json")
	f.String("evidence", "FILE", "write what a later release is compared with, in Go: DeviateNoMoreThan(FILE)", &f.evidence).Files("json")
	defineClassNames(f.Flags, "by comma, or a file with one a line", &f.classNames)
	f.talk.define(f.Flags, "")
	return f
}

// run is the command merge: from the results of all shards to that of the whole.
func (f *mergeFlags) run(files []string, c console) (code int, err error) {
	if len(files) == 0 {
		return exitError, f.Misuse("expected the results of all shards of a search, which search --shard 1/4 --json FILE writes, found none")
	}
	c = f.talk.of(c)
	if err := errors.Join(checkFile("json", f.json), checkFile("evidence", f.evidence)); err != nil {
		return exitError, err
	}
	var reports []*engine.Report
	var first report.SearchResult
	dirs := map[string]string{}
	for i, file := range files {
		s, r, err := report.LoadShard(file)
		if err != nil {
			return exitError, err
		}
		if i == 0 {
			first = s
		}
		for _, seed := range s.PerSeed {
			if t := seed.Trigger; t != nil && t.Dir != "" {
				dirs[t.ID] = t.Dir
			}
		}
		reports = append(reports, r)
	}
	r, failure := engine.Merge(reports...)
	if r == nil {
		return exitError, failure
	}
	names, note, err := report.ResolveClassNames(f.classNames, r.ClassNames, r.Original.Classes)
	if err != nil {
		return exitError, fmt.Errorf("--class-names: %w", err)
	}
	if r.ClassNames, f.classNames = names, names; note != "" {
		r.Notes = append(r.Notes, note)
	}
	result := report.ResultOf(r, dirs)
	result.Versions, result.Options = first.Versions, maps.Clone(first.Options)
	delete(result.Options, "shard")
	if failure != nil {
		result.Error = inFlags(failure.Error())
	}
	failure = errors.Join(failure, writeJSON(c, f.json, result))
	if failure == nil && f.evidence != "" {
		failure = writeEvidence(f.evidence, r, first.Versions)
	}
	if f.json == "-" {
		c.out = c.err
	}
	if !c.quiet && (failure == nil || result.Found > 0) {
		_, err := fmt.Fprint(c.out, f.summary(r, dirs, len(files)))
		failure = errors.Join(failure, err)
	}
	return verdict(result.Found, failure)
}

func (f *mergeFlags) summary(r *engine.Report, dirs map[string]string, n int) string {
	var b strings.Builder
	b.WriteString(inFlags(report.Summary(r)) + "\n")
	if len(r.Triggers()) == 0 {
		b.WriteString("Nothing was found. That is no proof that there is nothing.\n")
	} else {
		b.WriteString(describeTriggers(r.Triggers(), dirs, f.classNames) + "\n")
	}
	fmt.Fprintf(&b, "Merged from %s.\n", report.Plural(n, "shard"))
	for _, written := range [][2]string{{"Result", f.json}, {"Evidence", f.evidence}} {
		if written[1] != "" && written[1] != "-" {
			fmt.Fprintf(&b, "%s: %s\n", written[0], written[1])
		}
	}
	return b.String()
}

// writeEvidence writes the evidence that a later release is compared with.
func writeEvidence(file string, r *engine.Report, versions map[string]string) error {
	e, err := gate.EvidenceOf(r)
	if err != nil {
		return fmt.Errorf("--evidence %s: %w", file, err)
	}
	for _, name := range []string{"triggerfinder", "go", "platform"} {
		if versions[name] != "" {
			e.Versions[name] = versions[name]
		}
	}
	return report.SaveEvidence(file, e)
}

// verdict is what a search comes to.
func verdict(found int, failure error) (int, error) {
	switch {
	case failure != nil:
		return exitError, failure
	case found > 0:
		return exitFound, nil
	}
	return exitNothing, nil
}
