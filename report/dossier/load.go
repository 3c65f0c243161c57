package dossier

import (
	"fmt"
	"slices"

	"github.com/triggerfinder/triggerfinder/report"
)

// maxDocument is the largest report.json that is read, in bytes.
const maxDocument = 512 << 20

// Load reads a report.json that [Dossier.Write] wrote. It is strict: a field that version 2 does not
// have, a verdict that does not follow from the checks, or a number out of its range is an error that names the file.
func Load(path string) (Document, error) {
	data, err := report.ReadBounded(path, maxDocument)
	if err != nil {
		return Document{}, fmt.Errorf("dossier: %w", err)
	}
	doc, err := decode(data)
	if err != nil {
		return Document{}, fmt.Errorf("dossier: %s: %w", path, err)
	}
	return doc, nil
}

func decode(data []byte) (Document, error) {
	var doc Document
	if err := report.DecodeStrict(data, Format, Version, &doc); err != nil {
		return Document{}, err
	}
	return doc, doc.check()
}

// check finds contradictions.
func (doc Document) check() error {
	for i, c := range doc.Checks {
		if c.Name == "" {
			return fmt.Errorf("checks[%d].name: expected a name, found none", i)
		}
		if !known(c.Verdict) {
			return fmt.Errorf("checks[%d].verdict: expected passed, failed, error or undecided, found %q", i, c.Verdict)
		}
	}
	for i, n := range doc.Run.NotRun {
		if n.Name == "" || !slices.Contains(notRunStates, n.State) {
			return fmt.Errorf("run.not_run[%d]: expected a name, and one of the states %q, found %q and %q", i, notRunStates, n.Name, n.State)
		}
	}
	counts := countsOf(doc.Checks)
	counts.NotRun = len(doc.Run.NotRun)
	if doc.Counts != counts {
		return fmt.Errorf("counts: expected %+v, which the checks have, found %+v", counts, doc.Counts)
	}
	if left := len(doc.Run.NotRun) + len(doc.Run.Reasons); left > 0 && !doc.Run.Partial {
		return fmt.Errorf("run.partial: expected true, as %d checks and reasons are listed, found false", left)
	}
	if want := counts.verdict(doc.Run.Partial); doc.Verdict != want {
		return fmt.Errorf("verdict: expected %q, which follows from the checks, found %q", want, doc.Verdict)
	}
	if doc.TriggersFound < len(doc.Triggers) {
		return fmt.Errorf("triggers_found: expected at least the %d that are shown, found %d", len(doc.Triggers), doc.TriggersFound)
	}
	for i, s := range doc.Searches {
		if s.Usable < 0 || s.Usable > s.Seeds || s.Found < 0 || s.Found > s.Usable {
			return fmt.Errorf("searches[%d]: expected 0 <= found <= usable <= seeds, found %d, %d and %d", i, s.Found, s.Usable, s.Seeds)
		}
	}
	for i, r := range doc.Rates {
		if r.Deviations < 0 || r.Deviations > r.Drawn {
			return fmt.Errorf("rates[%d]: expected 0 <= deviations <= drawn, found %d and %d", i, r.Deviations, r.Drawn)
		}
		for _, v := range []struct {
			name  string
			value float64
		}{{"limit", r.Limit}, {"confidence", r.Confidence}, {"lower", r.Lower}, {"upper", r.Upper}} {
			if err := share(v.value); err != nil {
				return fmt.Errorf("rates[%d].%s: %w", i, v.name, err)
			}
		}
	}
	for i, f := range doc.Flips {
		for j, row := range f.Matrix {
			if len(row) != len(f.Matrix) {
				return fmt.Errorf("flips[%d].matrix[%d]: expected %d numbers, as many as rows, found %d", i, j, len(f.Matrix), len(row))
			}
		}
	}
	for i, c := range doc.Canaries {
		for j, t := range c.Trials {
			if t.Found < 0 || t.Found > t.Seeds {
				return fmt.Errorf("canaries[%d].trials[%d]: expected 0 <= found <= seeds, found %d and %d", i, j, t.Found, t.Seeds)
			}
		}
	}
	return nil
}

func share(v float64) error {
	if v < 0 || v > 1 {
		return fmt.Errorf("expected 0 to 1, found %v", v)
	}
	return nil
}
