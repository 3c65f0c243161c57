package report

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
)

// rows are the items of a JSON array that may be very long: they are written one by one, and never are in memory as text all at once.
type rows struct {
	name  string // of the field
	depth int    // of it, 1 for a field of the document
	n     int
	row   func(i int) any
}

// encodeRows writes what [EncodeJSON] makes of a document in which the field has these rows. In v it is an empty array.
func encodeRows(w io.Writer, v any, r rows) error {
	data, err := EncodeJSON(v)
	if err != nil {
		return err
	}
	indent := "\n" + strings.Repeat("  ", r.depth)
	empty := fmt.Appendf(nil, "%s%q: []", indent, r.name) // no text has a line break of its own
	at := bytes.Index(data, empty)
	if at < 0 || bytes.Count(data, empty) != 1 {
		return fmt.Errorf("expected a document with an empty field %q, found another one", r.name)
	}
	if r.n == 0 {
		_, err := w.Write(data)
		return err
	}
	b := bufio.NewWriterSize(w, 1<<16)
	b.Write(data[:at+len(empty)-1])
	before := indent + "  "
	for i := range r.n {
		row, err := EncodeJSON(r.row(i))
		if err != nil {
			return err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		for line := range bytes.Lines(row) {
			b.WriteString(before)
			b.Write(bytes.TrimSuffix(line, []byte("\n")))
		}
	}
	b.WriteString(indent)
	b.Write(data[at+len(empty)-1:])
	return b.Flush()
}
