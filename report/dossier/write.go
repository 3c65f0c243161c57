package dossier

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"

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

// Write writes what was recorded so far into the folder dir, which is made if it is not there, in place
// of an earlier dossier, and returns the paths of the files. No file is ever half written, and
// report.json comes last: when it is new, the others are too. Where the environment variable
// GITHUB_STEP_SUMMARY names a file, the summary is appended to it.
func (d *Dossier) Write(dir string) (files []string, err error) {
	doc, triggers := d.assemble()
	page, err := renderPage(doc, picturesOf(triggers))
	if err != nil {
		return nil, fmt.Errorf("dossier: %s: %w", PageFile, err)
	}
	data, err := encode(doc)
	if err != nil {
		return nil, fmt.Errorf("dossier: %s: %w", DocumentFile, err)
	}
	junit, err := renderJUnit(doc)
	if err != nil {
		return nil, fmt.Errorf("dossier: %s: %w", JUnitFile, err)
	}
	summary := renderSummary(doc)
	files, err = report.WriteFiles(dir,
		report.File{Name: PageFile, Data: page},
		report.File{Name: SchemaFile, Data: Schema()},
		report.File{Name: JUnitFile, Data: junit},
		report.File{Name: SummaryFile, Data: summary},
		report.File{Name: ModelCardFile, Data: renderModelCard(doc)},
		report.File{Name: DocumentFile, Data: data},
	)
	if err != nil {
		return files, fmt.Errorf("dossier: %w", err)
	}
	if path := os.Getenv(summaryVariable); path != "" {
		if err := appendTo(path, summary); err != nil {
			return files, fmt.Errorf("dossier: summary: %s is %s: expected a file that can be appended to: %w", summaryVariable, path, err)
		}
	}
	return files, nil
}

func encode(doc Document) ([]byte, error) {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(doc)
	return buf.Bytes(), err
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
