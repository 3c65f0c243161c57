// Package page holds what pages of results have in common: tables, which are CSV files too, their cells, and the
// machine that the results are from.
package page

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
)

// Table is one table of the page and one CSV file.
type Table struct {
	File    string
	Title   string
	Text    string // above it
	Columns []string
	Labels  int // columns that are no numbers
	Rows    [][]string
	Missed  []string // targets
	Targets string
}

// Add adds a row.
func (t *Table) Add(cells ...any) {
	row := make([]string, len(cells))
	for i, c := range cells {
		row[i] = fmt.Sprint(c)
	}
	t.Rows = append(t.Rows, row)
}

// CSV is the table as a file.
func (t Table) CSV() []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(t.Columns) // to memory: cannot fail
	for _, row := range t.Rows {
		_ = w.Write(row)
	}
	w.Flush()
	return b.Bytes()
}

// Section is the table under its title and its text.
func (t Table) Section() string {
	return fmt.Sprintf("## %s\n\n%s\n\n%s", t.Title, t.Text, t.Markdown())
}

// Markdown is the table as a part of a page.
func (t Table) Markdown() string {
	var b strings.Builder
	line := func(cells []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	line(t.Columns)
	var rule []string
	for i := range t.Columns {
		if i < t.Labels {
			rule = append(rule, "---")
		} else {
			rule = append(rule, "---:")
		}
	}
	line(rule)
	for _, row := range t.Rows {
		line(row)
	}
	return b.String()
}

// Demand notes a target that was missed.
func (t *Table) Demand(met bool, pair, what string, value float64, decimals int) {
	if !met {
		t.Missed = append(t.Missed, fmt.Sprintf("%s: %s %s", pair, what, Number(value, decimals)))
	}
}
