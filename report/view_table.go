package report

import (
	"fmt"
	"math"
)

// Table is a table in a [View]: what is compared stands in its rows, such as the columns of a row that changed.
type Table struct {
	Name string   // some words that stand above it
	Head []string // what stands in each cell of a row, the first of which names the row
	Rows []TableRow
	Left int // how many more rows there are, which are not listed
}

// TableRow is a row of a [Table].
type TableRow struct {
	Cells []string // as many as the table's Head has
	// Bars are drawn beside the row, from -1 to 1: one for a change, or two for what the original and the compressed model say.
	Bars []float64
}

// mostTableRows is how many rows a table lists at most.
const mostTableRows = 40

func (t Table) check() error {
	switch {
	case t.Name == "":
		return fmt.Errorf("expected a Name, found none")
	case len(t.Head) == 0 || len(t.Head) > 8:
		return fmt.Errorf("expected a Head of 1 to 8 cells, found %d", len(t.Head))
	case len(t.Rows) > mostTableRows:
		return fmt.Errorf("expected at most %d rows, and others counted in Left, found %d", mostTableRows, len(t.Rows))
	case t.Left < 0:
		return fmt.Errorf("expected a Left of 0 or more, found %d", t.Left)
	}
	for i, r := range t.Rows {
		if len(r.Cells) != len(t.Head) {
			return fmt.Errorf("row %d: expected %d cells as in Head, found %d", i+1, len(t.Head), len(r.Cells))
		}
		if len(r.Bars) > 2 {
			return fmt.Errorf("row %d: expected at most 2 bars, found %d", i+1, len(r.Bars))
		}
		for _, b := range r.Bars {
			if !(math.Abs(b) <= 1) {
				return fmt.Errorf("row %d: expected bars from -1 to 1, found %g", i+1, b)
			}
		}
	}
	return nil
}

// hasBars reports whether a row has bars.
func (t Table) hasBars() bool {
	for _, r := range t.Rows {
		if len(r.Bars) > 0 {
			return true
		}
	}
	return false
}
