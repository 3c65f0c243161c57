package table_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/triggerfinder/triggerfinder/generators/table"
)

// A first row for which the header is missing, and numbers that no float32 holds, are errors and no names.
func TestNumbersThatAreTakenForNames(t *testing.T) {
	for text, want := range map[string]string{
		"5.1,3.5\n4,3\n5,2\n":   "header: expected the names of the columns, found numbers alone: 5.1, 3.5; is that the first row?",
		"7,3,2,1\n1,1,1,1\n":    "found numbers alone: 7, 3, 2, …",
		"a,b\n1e39,1\n2,3\n":    `expected a number that float32 holds, found "1e39"`,
		"a,b\n1e999,1\n2,3\n":   `found "1e999"`,
		"a,b\n1,-inf\n2,3\n":    `found "-inf"`,
		"0,1\n5,2\n6,3\n":       "",
		"1,2,3\n5,2,1\n6,3,0\n": "",
		"pixel,2\n5,2\n6,3\n":   "",
		"a,b\nx,2\ny,3\n":       "",
	} {
		_, err := table.CSVFS(fstest.MapFS{"t.csv": {Data: []byte(text)}}, "t.csv")
		if got := err; (got == nil) != (want == "") || got != nil && !strings.Contains(got.Error(), want) {
			t.Errorf("%q: error %v; expected %q", text, err, want)
		}
	}
}
