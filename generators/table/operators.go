package table

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/input"
)

func positive(name, what string, v float64) error {
	if !(v > 0) || math.IsInf(v, 1) {
		return fmt.Errorf("table: %s: expected %s above 0, found %g", name, what, v)
	}
	return nil
}

// Noise returns the operator "column-noise": Gaussian noise is added to each column of numbers, with a standard deviation of that share of
// the column's range at severity 1. Only the columns of these names change, or all of numbers. Whole numbers are rounded. It
// takes rows.
func Noise(sigma float64, columns ...string) (input.SeverityMutator, error) {
	if err := positive("column-noise", "a standard deviation, as a share of the range,", sigma); err != nil {
		return nil, err
	}
	return &operator{name: "column-noise", columns: columns, fits: isNumber, of: "a column of numbers", change: func(w *work, severity float64) {
		for _, i := range w.columns {
			w.set(i, float64(w.src.Data[i])+float64(severity*sigma*float64(w.src.DomainAt(i).Range())*w.rng.NormFloat64()))
		}
	}}, nil
}

// NoiseOf returns the operator "spread-noise": as [Noise] with a standard deviation at severity 1 of that many of the units given for
// each column by name, such as those of [Seeds.Spread]. Columns without one do not change.
func NoiseOf(sigma float64, units map[string]float64) (input.SeverityMutator, error) {
	const name = "spread-noise"
	if err := positive(name, "a standard deviation, in units of the columns,", sigma); err != nil {
		return nil, err
	}
	if len(units) == 0 {
		return nil, fmt.Errorf("table: %s: expected the unit of at least one column, found none", name)
	}
	for _, column := range slices.Sorted(maps.Keys(units)) {
		if u := units[column]; !(u >= 0) || math.IsInf(u, 1) {
			return nil, fmt.Errorf("table: %s: column %q: expected a unit of at least 0, found %g", name, column, u)
		}
	}
	units = maps.Clone(units)
	return &operator{name: name, columns: slices.Sorted(maps.Keys(units)), fits: isNumber, of: "a column of numbers", change: func(w *work, severity float64) {
		for _, i := range w.columns {
			w.set(i, float64(w.src.Data[i])+float64(severity*sigma*units[w.src.ColumnAt(i).Name]*w.rng.NormFloat64()))
		}
	}}, nil
}

// Replace returns the operator "column-replacement": one column goes to a random value of its domain, of which a severity is the share of
// the way; a category becomes another one. Only the columns of these names change, or any. It takes rows.
func Replace(columns ...string) (input.SeverityMutator, error) {
	return &operator{name: "column-replacement", columns: columns, of: "a column", change: func(w *work, severity float64) {
		i := w.columns[w.rng.IntN(len(w.columns))]
		to := w.anyValue(i)
		if isCategory(w.src, i) {
			w.dst.Data[i] = to
			return
		}
		from := float64(w.src.Data[i])
		w.set(i, from+float64(severity*(float64(to)-from)))
	}}, nil
}

// CategoryChange returns the operator "category-change": a share of the categories, the severity, at least one, become other ones. Only
// the columns of these names change, or all categories. It takes rows.
func CategoryChange(columns ...string) (input.SeverityMutator, error) {
	return &operator{name: "category-change", columns: columns, fits: isCategory, of: "a column of categories", change: func(w *work, severity float64) {
		// What each becomes does not depend on how many change.
		w.some(severity, func(i int) { w.dst.Data[i] = w.anyValue(i) })
	}}, nil
}

// Swap returns the operator "column-swap": a share of the columns, the severity times most, at least one, have the values that another
// of the rows has there. At most 1,000 rows are used, evenly spread, and rows that cannot be read are left out. It takes rows of
// the same columns as these.
func Swap(most float64, rows input.Seeds) (input.SeverityMutator, error) {
	const name, enough = "column-swap", 1000
	if !(most > 0 && most <= 1) {
		return nil, fmt.Errorf("table: %s: expected a share of the columns above 0 and at most 1, found %g", name, most)
	}
	if rows == nil || rows.Len() == 0 {
		return nil, fmt.Errorf("table: %s: expected rows, found none: %w", name, input.ErrNoSeeds)
	}
	var others []input.Input
	var first error
	n := min(rows.Len(), enough)
	for k := range n {
		seed, err := rows.Seed(k * rows.Len() / n)
		switch {
		case err != nil && first == nil:
			first = err
		case err == nil && seed.Input.Kind != input.Row:
			return nil, fmt.Errorf("table: %s: expected rows of a table, found %s", name, seed.Input)
		case err == nil && len(others) > 0 && !seed.Input.Like(others[0]):
			return nil, fmt.Errorf("table: %s: %s: expected the same columns in every row", name, seed.Name)
		case err == nil:
			others = append(others, seed.Input)
		}
	}
	if len(others) == 0 {
		return nil, fmt.Errorf("table: %s: none of %d rows can be read: %w", name, n, first)
	}
	return &swap{others: others, operator: operator{name: name, of: "a column", change: func(w *work, severity float64) {
		other := others[w.rng.IntN(len(others))]
		w.some(float64(severity*most), func(i int) { w.dst.Data[i] = other.Data[i] })
	}}}, nil
}

type swap struct {
	operator
	others []input.Input
}

// Supports implements [input.InputSupporter].
func (s *swap) Supports(in input.Input) error {
	if err := s.operator.Supports(in); err != nil {
		return err
	}
	if !in.Like(s.others[0]) {
		return fmt.Errorf("%s: expected a row of the same columns as those that it swaps with, found %s", s.name, in)
	}
	return nil
}

// MutateAt implements [input.SeverityMutator]. An input that is not supported is copied.
func (s *swap) MutateAt(dst, src input.Input, severity float64, stream uint64) {
	if !src.Like(s.others[0]) {
		severity = 0
	}
	s.operator.MutateAt(dst, src, severity, stream)
}

// Missing returns the operator "missing-value": a share of the columns, the severity, at least one, have the value that stands for a missing
// one there, given by name: as the number that the model sees. It takes rows that have these columns, with these values in their domains.
func Missing(values map[string]float32) (input.SeverityMutator, error) {
	const name = "missing-value"
	if len(values) == 0 {
		return nil, fmt.Errorf("table: %s: expected the value that stands for a missing one in at least one column, found none", name)
	}
	values = maps.Clone(values)
	return &operator{name: name, columns: slices.Sorted(maps.Keys(values)), of: "a domain that holds the value for a missing one",
		fits: func(in input.Input, i int) bool { return in.DomainAt(i).Contains(values[in.ColumnAt(i).Name]) },
		change: func(w *work, severity float64) {
			w.some(severity, func(i int) { w.dst.Data[i] = values[w.src.ColumnAt(i).Name] })
		}}, nil
}

// Rounding returns the operator "column-rounding": columns of numbers go to the nearest of so many equal steps of their range, at least 1; a severity
// is the share of the way. Only the columns of these names change, or all of numbers. It takes rows.
func Rounding(steps int, columns ...string) (input.SeverityMutator, error) {
	if steps < 1 {
		return nil, fmt.Errorf("table: column-rounding: expected at least 1 step, found %d", steps)
	}
	return &operator{name: "column-rounding", columns: columns, fits: isNumber, of: "a column of numbers", change: func(w *work, severity float64) {
		for _, i := range w.columns {
			d, v := w.src.DomainAt(i), float64(w.src.Data[i])
			step := float64(d.Range()) / float64(steps)
			to := float64(d.Min) + float64(step*math.Round((v-float64(d.Min))/step))
			w.set(i, v+float64(severity*(to-v)))
		}
	}}, nil
}

// corruptions are the operators of [Corruptions].
var corruptions = func() []input.SeverityMutator {
	must := func(m input.SeverityMutator, err error) input.SeverityMutator {
		if err != nil {
			panic(err) // cannot happen: the parameters are part of the program
		}
		return m
	}
	return []input.SeverityMutator{must(Noise(0.25)), must(Replace()), must(Rounding(10)), must(CategoryChange())}
}()

// Corruptions returns the operators that need to know no more of a row than the domains of its columns: [Noise] of a quarter of each range at severity
// 1, [Replace], [Rounding] to 10 steps, and [CategoryChange]. Mutants draw severities from 0.1 to 1. Where the rows are a table, [Seeds.Corruptions]
// are as strong as these rows differ.
func Corruptions() []input.SeverityMutator { return slices.Clone(corruptions) }

// Corruptions are the operators that fit the table, as strong at severity 1 as rows differ: [NoiseOf] half a standard deviation of each column,
// [Replace], [Swap] of half the columns, [Rounding] to 10 steps and, where there are categories, [CategoryChange]; [Missing] of
// columns that declare how a missing cell is read.
func (s *Seeds) Corruptions() []input.SeverityMutator {
	var all []input.SeverityMutator
	add := func(m input.SeverityMutator, err error) {
		if err == nil { // otherwise the table has nothing for it
			all = append(all, m)
		}
	}
	numbers := s.Spread()
	if len(numbers) > 0 {
		add(NoiseOf(0.5, numbers))
	}
	add(Replace())
	add(Swap(0.5, s))
	if len(numbers) > 0 {
		add(Rounding(10))
	}
	if len(numbers) < len(s.columns) {
		add(CategoryChange())
	}
	missing := map[string]float32{}
	for _, c := range s.columns {
		if c.Missing == "" {
			continue
		}
		v, _, _ := number(c.Missing)
		if c.Type == Category {
			v = c.Domain.Min + float32(slices.Index(c.Categories, c.Missing))
		}
		missing[c.Name] = v
	}
	if len(missing) > 0 {
		add(Missing(missing))
	}
	return all
}
