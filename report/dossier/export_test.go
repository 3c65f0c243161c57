package dossier

var (
	Decode = decode
	Encode = encode
)

// RenderPage renders a document without pictures.
func RenderPage(doc Document) ([]byte, error) { return renderPage(doc, nil) }
