package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/report/dossier"
)

// writePage writes the page of a search: that of a release, with this one check.
func (f *searchFlags) writePage(pair *model.Pair, r *engine.Report, failure error) error {
	if f.html == "" {
		return nil
	}
	check := gate.Check{
		Name: "no deviation found (" + r.Oracle + ")", Pair: pair.Name(), Verdict: gate.CheckPassed,
		Sentence: fmt.Sprintf("Expected %s not to have a deviation from %s, judged by %s.", pair.Name(), report.Plural(len(r.Seeds), "seed"), r.Oracle),
		Evidence: gate.CheckEvidence{Models: pair, Search: r, ClassNames: f.classNames},
	}
	switch found := len(r.Triggers()); {
	case failure != nil:
		check.Verdict, check.Message = gate.CheckError, inFlags(failure.Error())
	case found > 0:
		check.Verdict, check.Message = gate.CheckFailed, headline(r)
	}
	d := dossier.New(pair.Name(), dossier.Options{ClassNames: f.classNames, Replay: strings.Join(quotedAll(os.Args), " ")})
	d.Check(check)
	if err := d.WritePage(f.html); err != nil {
		return fmt.Errorf("--html: %w", err)
	}
	return nil
}

// headline is the first line of a search's summary.
func headline(r *engine.Report) string {
	line, _, _ := strings.Cut(report.Summary(r), "\n")
	return line
}

// quotedAll are words for a shell.
func quotedAll(words []string) []string {
	var all []string
	for _, word := range words {
		all = append(all, quoted(word))
	}
	return all
}
