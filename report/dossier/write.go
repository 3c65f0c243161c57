package dossier

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
)

// The files of a dossier.
const (
	PageFile      = "report.html"
	DocumentFile  = "report.json"
	SchemaFile    = "report.schema.json"
	JUnitFile     = "junit.xml"
	SummaryFile   = "summary.md"
	ModelCardFile = "model-card.md"
)

// summaryVariable names the file to which a step of a GitHub workflow appends its summary.
const summaryVariable = "GITHUB_STEP_SUMMARY"

// partialPrefix begins the names of the files of a partial run.
const partialPrefix = "partial-"

// FileName is the name of one of the files, such as [PageFile], of this document: those of a partial run are called
// "partial-report.html" and so on, and lie beside the last full report. The schema is one for both.
func (doc Document) FileName(file string) string {
	if doc.Run.Partial && file != SchemaFile {
		return partialPrefix + file
	}
	return file
}

// Write writes what was recorded so far into the folder dir, which is made if it is not there, and returns the paths of
// the files. Of a full run they take the place of an earlier dossier, partial or full; those of a partial one, called
// "partial-report.html" and so on, lie beside the last full report and leave it as it is. No file is ever half written, and
// report.json comes last: when it is new, the others are too. Where the environment variable
// GITHUB_STEP_SUMMARY names a file, the summary is appended to it.
//
// A run is partial when a check that was declared recorded nothing, when -short, or a flag that chooses tests (-run, -skip,
// --focus, --label-filter …), left out some, or when fewer checks were recorded than the last full report in dir has. Where
// such a flag was given, no check is declared, and there is no full report, it is partial too: nobody knows what was left out.
//
// A folder is for one release: that of another one, which this process wrote there, is not replaced, which is an error.
//
// The files:
//
//	report.html          for people: one file without scripts, which asks the network for nothing
//	report.json          for programs: a [Document]; [Load] reads it back
//	report.schema.json   the JSON schema (draft 2020-12) of report.json
//	junit.xml            for a CI system: a test case a check
//	summary.md           for the page of a CI run; also appended to the file that the variable
//	                     GITHUB_STEP_SUMMARY names
//	model-card.md        a section for the model card of the release
func (d *Dossier) Write(dir string) (files []string, err error) {
	if err := d.claim(dir); err != nil {
		return nil, err
	}
	d.writing.Lock()
	defer d.writing.Unlock()
	d.mu.Lock()
	d.begun = ""
	d.mu.Unlock()
	doc, triggers := d.assemble(earlierChecks(dir), newSearch)
	files, err = write(dir, doc, triggers)
	if err != nil {
		return files, err
	}
	if path := os.Getenv(summaryVariable); path != "" {
		if err := appendTo(path, renderSummary(doc)); err != nil {
			return files, fmt.Errorf("dossier: summary: %s is %s: expected a file that can be appended to: %w", summaryVariable, path, err)
		}
	}
	return files, nil
}

// folders are the releases that this process wrote, by folder.
var folders sync.Map

// claim makes sure that this process writes one release alone into a folder.
func (d *Dossier) claim(dir string) error {
	path, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("dossier: %w", err)
	}
	if other, _ := folders.LoadOrStore(path, d.release); other != d.release {
		return fmt.Errorf("dossier: %s: expected a folder of its own for release %q, found that of release %q, which this process wrote", dir, d.release, other)
	}
	return nil
}

func write(dir string, doc Document, triggers []*engine.Trigger) (files []string, err error) {
	page, err := renderPage(doc, showings(doc, triggers))
	if err != nil {
		return nil, fmt.Errorf("dossier: %s: %w", PageFile, err)
	}
	data, err := report.EncodeJSON(doc)
	if err != nil {
		return nil, fmt.Errorf("dossier: %s: %w", DocumentFile, err)
	}
	junit, err := renderJUnit(doc)
	if err != nil {
		return nil, fmt.Errorf("dossier: %s: %w", JUnitFile, err)
	}
	all := []report.File{
		{Name: PageFile, Data: page},
		{Name: SchemaFile, Data: Schema()},
		{Name: JUnitFile, Data: junit},
		{Name: SummaryFile, Data: renderSummary(doc)},
		{Name: ModelCardFile, Data: renderModelCard(doc)},
		{Name: DocumentFile, Data: data},
	}
	for i := range all {
		all[i].Name = doc.FileName(all[i].Name)
	}
	if files, err = report.WriteFiles(dir, all...); err != nil {
		return files, fmt.Errorf("dossier: %w", err)
	}
	if !doc.Run.Partial {
		err = removePartial(dir)
	}
	return files, err
}

// partialFiles are the names of the files of a partial run, in the order in which they are written.
func partialFiles() (names []string) {
	for _, name := range []string{PageFile, JUnitFile, SummaryFile, ModelCardFile, DocumentFile} {
		names = append(names, partialPrefix+name)
	}
	return names
}

// removePartial removes the files of a partial run.
func removePartial(dir string) error {
	for _, name := range partialFiles() {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("dossier: %w", err)
		}
	}
	return nil
}

// partialIn reads the files of a partial run.
func partialIn(dir string) (files []report.File, err error) {
	for _, name := range partialFiles() {
		data, err := os.ReadFile(filepath.Join(dir, name))
		switch {
		case errors.Is(err, os.ErrNotExist):
		case err != nil:
			return nil, fmt.Errorf("dossier: %w", err)
		default:
			files = append(files, report.File{Name: name, Data: data})
		}
	}
	return files, nil
}

// earlierChecks are those of the full report in a folder; nil where there is none that can be read.
func earlierChecks(dir string) []Check {
	doc, err := Load(filepath.Join(dir, DocumentFile))
	if err != nil || doc.Run.Partial || len(doc.Checks) == 0 {
		return nil
	}
	return doc.Checks
}

// appendTo writes all at once, so that what other processes append stays whole.
func appendTo(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(append(data, '\n'))
	return errors.Join(err, f.Close())
}
