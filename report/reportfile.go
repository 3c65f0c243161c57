package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input/pixels"
)

// The files that SaveReport writes.
const (
	reportFile = "search-report.json"
	sheetFile  = "triggers.png"
)

// earlierReportFile is what reportFile was called when the document of a release, which has that name too, was not told
// from it.
const earlierReportFile = "report.json"

const aboutReport = "A report of triggerfinder: the search for inputs to which two models give different answers."

// Options say how a report is shown. The zero value is valid.
type Options struct {
	// ClassNames are the names of the classes, by label. A class without one is "class 7".
	// nil: those that the report carries from its seeds.
	ClassNames []string
	// Rows is the most triggers in a contact sheet. 0 means 8.
	Rows int
}

// SavedReport is a report read back.
type SavedReport struct {
	// Report is the report. Its triggers are without their inputs, which are in a [Store].
	Report     *engine.Report
	Stats      Stats
	ClassNames []string
}

// SaveReport writes search-report.json into the folder dir and, when there are triggers that are images of 1 or
// 3 channels, the contact sheet triggers.png. Either replaces that of an earlier report. It returns
// the files written.
func SaveReport(dir string, r *engine.Report, o Options) (files []string, err error) {
	if r == nil {
		return nil, errors.New("report: save report: expected a report, found nil: the search did not start")
	}
	files, err = saveReport(dir, r, o)
	if err != nil {
		return files, fmt.Errorf("report: save report of pair %q: %w", r.Pair, err)
	}
	return files, nil
}

func saveReport(dir string, r *engine.Report, o Options) (files []string, err error) {
	if o.ClassNames == nil {
		o.ClassNames = r.ClassNames
	}
	if err := makeFolder(dir); err != nil {
		return nil, err
	}
	removeStale(dir, time.Now())
	path := filepath.Join(dir, reportFile)
	if err := writeFileBy(path, func(w io.Writer) error { return encodeReport(w, r, o) }); err != nil {
		return nil, err
	}
	files = append(files, path)

	path = filepath.Join(dir, sheetFile)
	sheet, ok := Sheet(r, o)
	if !ok {
		// A sheet of an earlier report would contradict this one.
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return files, err
		}
		return files, nil
	}
	data, err := pixels.EncodePNG(sheet)
	if err != nil {
		return files, err
	}
	if err := writeFile(path, data); err != nil {
		return files, err
	}
	return append(files, path), nil
}

// LoadReport reads the report that [SaveReport] wrote into the folder dir. Where there is none, it reads the report.json of an
// earlier version.
func LoadReport(dir string) (SavedReport, error) {
	path := filepath.Join(dir, reportFile)
	data, err := readFile(path)
	if errors.Is(err, os.ErrNotExist) {
		earlier := filepath.Join(dir, earlierReportFile)
		if old, oldErr := os.ReadFile(earlier); !errors.Is(oldErr, os.ErrNotExist) {
			path, data, err = earlier, old, oldErr
		}
	}
	if err != nil {
		return SavedReport{}, fmt.Errorf("report: %w", err)
	}
	r, err := decodeReport(data)
	if err != nil {
		return SavedReport{}, fmt.Errorf("report: %s: %w", path, err)
	}
	return r, nil
}

func decodeReport(data []byte) (SavedReport, error) {
	var head struct {
		Format string `json:"format"`
	}
	if err := json.Unmarshal(data, &head); err == nil && head.Format != "" {
		return SavedReport{}, fmt.Errorf("expected the report of a search, which has no format, found format %.80q", head.Format)
	}
	var d reportDocument
	if err := decodeLoosely(data, "", artifactVersion, &d); err != nil {
		return SavedReport{}, err
	}
	if d.Report.Report == nil {
		return SavedReport{}, errors.New("expected a report, found none")
	}
	saved := SavedReport{Report: d.Report.report(), Stats: d.Stats, ClassNames: d.ClassNames}
	if saved.ClassNames == nil {
		saved.ClassNames = saved.Report.ClassNames
	}
	return saved, nil
}

// reportDocument is the schema of search-report.json.
type reportDocument struct {
	About      string     `json:"about"`
	Version    int        `json:"version"`
	Stats      Stats      `json:"stats"`
	ClassNames []string   `json:"class_names,omitempty"`
	Report     reportJSON `json:"report"`
}

// reportJSON is an [engine.Report] whose numbers JSON can always hold. Its own fields go before those
// of the same name that it embeds.
type reportJSON struct {
	*engine.Report
	SkippedAtMost number64      `json:"skipped_at_most,omitzero"`
	Seeds         []outcomeJSON `json:"seeds"`
	Timing        timingJSON    `json:"timing"`
}

type outcomeJSON struct {
	engine.Outcome
	Trigger *triggerJSON `json:"trigger,omitempty"`
	Apart   *triggerJSON `json:"apart,omitempty"`
	Seconds number64     `json:"seconds"`
}

type timingJSON struct {
	Started           time.Time `json:"started"`
	WallSeconds       number64  `json:"wall_s"`
	OriginalSeconds   number64  `json:"original_s"`
	CompressedSeconds number64  `json:"compressed_s"`
	BetweenSeconds    number64  `json:"between_s,omitzero"`
	EncodingSeconds   number64  `json:"encoding_s,omitempty"`
	ModelSeconds      number64  `json:"model_s"`
	QueriesPerSecond  number64  `json:"queries_per_s"`
}

// encodeReport writes search-report.json, seed by seed.
func encodeReport(w io.Writer, r *engine.Report, o Options) error {
	return encodeRows(w, newReportHead(r, o), rows{name: "seeds", depth: 2, n: len(r.Seeds), row: func(i int) any { return newOutcomeJSON(r.Seeds[i]) }})
}

func newReportDocument(r *engine.Report, o Options) reportDocument {
	d := newReportHead(r, o)
	for _, outcome := range r.Seeds {
		d.Report.Seeds = append(d.Report.Seeds, newOutcomeJSON(outcome))
	}
	return d
}

func newOutcomeJSON(o engine.Outcome) outcomeJSON {
	return outcomeJSON{Outcome: o, Trigger: newTriggerJSON(o.Trigger), Apart: newTriggerJSON(o.Apart), Seconds: number64(o.Seconds)}
}

// newReportHead is the document without its seeds.
func newReportHead(r *engine.Report, o Options) reportDocument {
	j := reportJSON{
		Report: r, SkippedAtMost: number64(r.SkippedAtMost),
		Seeds: []outcomeJSON{},
		Timing: timingJSON{
			Started: r.Timing.Started, WallSeconds: number64(r.Timing.WallSeconds),
			OriginalSeconds:   number64(r.Timing.OriginalSeconds),
			CompressedSeconds: number64(r.Timing.CompressedSeconds),
			BetweenSeconds:    number64(r.Timing.BetweenSeconds),
			EncodingSeconds:   number64(r.Timing.EncodingSeconds),
			ModelSeconds:      number64(r.Timing.ModelSeconds), QueriesPerSecond: number64(r.Timing.QueriesPerSecond),
		},
	}
	return reportDocument{
		About: aboutReport, Version: artifactVersion, Stats: StatsOf(r), ClassNames: o.ClassNames, Report: j,
	}
}

func (j reportJSON) report() *engine.Report {
	r := *j.Report
	r.SkippedAtMost = float64(j.SkippedAtMost)
	r.Seeds = make([]engine.Outcome, len(j.Seeds))
	for i, o := range j.Seeds {
		r.Seeds[i] = o.Outcome
		r.Seeds[i].Trigger, r.Seeds[i].Apart, r.Seeds[i].Seconds = o.Trigger.trigger(), o.Apart.trigger(), float64(o.Seconds)
	}
	r.Timing = engine.Timing{
		Started: j.Timing.Started, WallSeconds: float64(j.Timing.WallSeconds),
		OriginalSeconds:   float64(j.Timing.OriginalSeconds),
		CompressedSeconds: float64(j.Timing.CompressedSeconds),
		BetweenSeconds:    float64(j.Timing.BetweenSeconds),
		EncodingSeconds:   float64(j.Timing.EncodingSeconds),
		ModelSeconds:      float64(j.Timing.ModelSeconds), QueriesPerSecond: float64(j.Timing.QueriesPerSecond),
	}
	return &r
}
