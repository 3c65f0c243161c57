package table

import (
	"fmt"
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/input"
)

// Seeds are the rows of a table, see [CSV].
type Seeds struct {
	name    string
	rows    int
	place   string // what lines are called: line, or row
	lines   []int
	columns []Column
	layout  *input.Layout // of all rows
	domain  input.Domain
	values  []float32 // row after row
	labels  []int     // nil where there is no column of labels
	classes []string
	notes   []string
	spread  []float64
}

var (
	_ input.Seeds      = (*Seeds)(nil)
	_ input.Noted      = (*Seeds)(nil)
	_ input.ClassNamer = (*Seeds)(nil)
)

// finish finds what all rows have in common.
func (s *Seeds) finish() error {
	if len(s.columns) == 0 {
		return fmt.Errorf("expected columns of the input, found none")
	}
	least := make([]float32, len(s.columns))
	for i, d := range s.layout.Domains {
		least[i] = d.Min
	}
	row, err := input.NewRow(least, s.layout.Domains)
	if err != nil {
		return err
	}
	s.domain = row.Domain
	if row.Layout == nil {
		s.layout.Domains = nil
	}
	s.spread = make([]float64, len(s.columns))
	for k := range s.columns {
		var n, sum, squares float64
		for i := range s.rows {
			if v := float64(s.values[i*len(s.columns)+k]); v == v {
				n, sum = n+1, sum+v
			}
		}
		mean := sum / max(n, 1)
		for i := range s.rows {
			if v := float64(s.values[i*len(s.columns)+k]); v == v {
				squares += float64((v - mean) * (v - mean))
			}
		}
		s.spread[k] = math.Sqrt(squares / max(n, 1))
	}
	return nil
}

// Len implements [input.Seeds].
func (s *Seeds) Len() int { return s.rows }

// Seed implements [input.Seeds].
func (s *Seeds) Seed(i int) (input.Seed, error) {
	if i < 0 || i >= s.rows {
		return input.Seed{}, fmt.Errorf("table: seed %d: expected an index below %d", i, s.rows)
	}
	n := len(s.columns)
	in := input.Input{Shape: []int{n}, Data: slices.Clone(s.values[i*n:][:n]), Domain: s.domain, Kind: input.Row, Layout: s.layout}
	for k, v := range in.Data {
		c := s.columns[k]
		if v != v {
			return input.Seed{}, fmt.Errorf("table: %s, %s %d, column %q: expected one of the categories %s, found another one", s.name, s.place, s.lines[i], c.Name, list(c.Categories))
		}
		// A step such as 0.1 is no float32: the nearest value is meant.
		snapped := c.Domain.Snap(v)
		if v < c.Domain.Min || v > c.Domain.Max || math.Abs(float64(snapped)-float64(v)) > 1e-3*float64(c.Domain.Step) {
			return input.Seed{}, fmt.Errorf("table: %s, %s %d, column %q: expected a value of the domain %s, found %g", s.name, s.place, s.lines[i], c.Name, c.Domain, v)
		}
		in.Data[k] = snapped
	}
	seed := input.Seed{Input: in, Label: input.Unlabelled, Name: fmt.Sprintf("%s, %s %d", s.name, s.place, s.lines[i])}
	if s.labels != nil {
		seed.Label = s.labels[i]
	}
	return seed, nil
}

// Columns are those of the input, in its order, with all that was declared and found.
func (s *Seeds) Columns() []Column { return slices.Clone(s.columns) }

// Spread is the standard deviation of each column of numbers over the rows, by name, in units of the column; see [NoiseOf].
func (s *Seeds) Spread() map[string]float64 {
	all := map[string]float64{}
	for k, c := range s.columns {
		if c.Type != Category {
			all[c.Name] = s.spread[k]
		}
	}
	return all
}

// ClassNames implements [input.ClassNamer].
func (s *Seeds) ClassNames() []string { return s.classes }

// Notes implements [input.Noted].
func (s *Seeds) Notes() []string { return s.notes }
