package main

import (
	"errors"
	"fmt"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
)

// exportFlags are the flags of the command export.
type exportFlags struct {
	*flags
	out   string
	quiet bool
}

func defineExport() *exportFlags {
	f := &exportFlags{flags: newFlags("export")}
	f.text("out", &f.out)
	f.boolean("quiet", &f.quiet)
	return f
}

// export is the command export.
func export(args []string, c console) (code int, err error) {
	f := defineExport()
	others, err := f.parse(args)
	if err != nil {
		return exitError, err
	}
	if len(others) != 1 {
		return exitError, f.misuse("expected one folder of saved triggers, found %d: %q", len(others), others)
	}
	if err := f.require("out"); err != nil {
		return exitError, err
	}
	corpora, err := findCorpora(others[0])
	if err != nil {
		return exitError, err
	}
	corpus, err := f.onlyPair(others[0], corpora)
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
	if !f.quiet {
		_, err = fmt.Fprintf(c.out, "Exported %s to %s\n", report.Plural(len(triggers), "trigger"), f.out)
	}
	return exitNothing, err
}
