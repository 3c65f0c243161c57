package main

import (
	"errors"
	"fmt"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/internal/commandline"
	"github.com/triggerfinder/triggerfinder/report"
)

// exportFlags are the flags of the command export.
type exportFlags struct {
	*commandline.Flags
	out  string
	talk talk
}

func defineExport() *exportFlags {
	f := &exportFlags{Flags: commandline.NewFlags("export")}
	f.String("out", "FILE", "the file, in place of an earlier one", &f.out).Files("npz")
	f.talk.define(f.Flags, "")
	return f
}

// run is the command export.
func (f *exportFlags) run(others []string, c console) (code int, err error) {
	if len(others) != 1 {
		return exitError, f.Misuse("expected one folder of saved triggers, found %d: %q", len(others), others)
	}
	if err := f.Require("out"); err != nil {
		return exitError, err
	}
	corpora, err := findCorpora(others[0])
	if err != nil {
		return exitError, err
	}
	corpus, err := onlyPair(f.Flags, others[0], corpora)
	if err != nil {
		return exitError, err
	}
	if len(corpus.broken) > 0 { // a data set without them would be taken for all
		return exitError, errors.Join(corpus.broken...)
	}
	triggers := make([]*engine.Trigger, len(corpus.saved))
	for i := range corpus.saved {
		triggers[i] = &corpus.saved[i].Trigger
	}
	if err := report.ExportTriggers(f.out, triggers); err != nil {
		return exitError, err
	}
	if !f.talk.quiet {
		_, err = fmt.Fprintf(c.out, "Exported %s to %s\n", report.Plural(len(triggers), "trigger"), f.out)
	}
	return exitNothing, err
}
