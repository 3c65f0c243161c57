package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRowsAreWrittenAsAWhole(t *testing.T) {
	type row struct {
		Name   string         `json:"name"`
		Scores []float64      `json:"scores"`
		Map    map[string]int `json:"map,omitempty"`
		Rows   []row          `json:"rows,omitempty"`
	}
	type inner struct {
		About string `json:"about"`
		Rows  []row  `json:"rows"`
		Last  int    `json:"last"`
	}
	type document struct {
		Head inner `json:"head"`
		Rows []row `json:"rows"`
	}
	for _, n := range []int{0, 1, 3} {
		all := []row{}
		for i := range n {
			all = append(all, row{Name: strings.Repeat("<\n  \"rows\": []\u2028", i), Scores: []float64{1, 2e-9}, Map: map[string]int{"a": i}, Rows: []row{{Name: "below"}}})
		}
		about := inner{About: "\n    \"rows\": []", Rows: []row{}, Last: 1}
		whole := about
		whole.Rows = all
		for depth, d := range map[int][2]document{
			1: {{Head: about, Rows: all}, {Head: about, Rows: []row{}}},
			2: {{Head: whole, Rows: []row{}}, {Head: about, Rows: []row{}}},
		} {
			want, err := EncodeJSON(d[0])
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			if err := encodeRows(&got, d[1], rows{name: "rows", depth: depth, n: n, row: func(i int) any { return all[i] }}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("%d rows: %s", n, diff)
			}
		}
	}
	if err := encodeRows(&bytes.Buffer{}, inner{Rows: []row{{}}}, rows{name: "rows", depth: 1, n: 1, row: func(int) any { return row{} }}); err == nil {
		t.Error("rows were written into a document that has some")
	}
}
