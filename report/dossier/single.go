package dossier

import (
	"fmt"

	"github.com/triggerfinder/triggerfinder/report"
)

// WritePage writes the page for people alone, into a file of any name: of a single search, say, that is no release. It takes the
// place of an earlier one, and is never half written.
func (d *Dossier) WritePage(file string) error {
	doc, triggers := d.assemble(nil, newSearchOf)
	page, err := renderPage(doc, showings(doc, triggers))
	if err != nil {
		return fmt.Errorf("dossier: %s: %w", file, err)
	}
	return report.WriteFile(file, page)
}
