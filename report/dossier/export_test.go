package dossier

var Decode = decode

// RenderPage renders a document without pictures.
func RenderPage(doc Document) ([]byte, error) { return renderPage(doc, nil) }

// WithFlags makes the flags of this process out to be others.
func WithFlags(filters []string, short bool) (restore func()) {
	before := flagsGiven
	flagsGiven = func() ([]string, bool) { return filters, short }
	return func() { flagsGiven = before }
}

// PageScript is the script of report.html.
var PageScript = pageScript
