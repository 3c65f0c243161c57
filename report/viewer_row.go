package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/input"
)

// rowViewer shows the changed columns of a row of a table, by their names.
type rowViewer struct{}

var (
	_ Teller   = rowViewer{}
	_ measurer = rowViewer{}
)

// changedColumn is one of them.
type changedColumn struct {
	name, unit    string
	before, after string
	number        bool    // it has values that can be subtracted
	from, to      float64 // of a number
	share         float64 // of the column's range, from -1 to 1; 1 for another category
}

// changedColumns are those that changed, the largest change first.
func changedColumns(seed, trigger input.Input) (all []changedColumn) {
	for i, v := range trigger.Data {
		s := seed.Data[i]
		if v == s {
			continue
		}
		c := changedColumn{name: oneLine(seed.ColumnAt(i).Name), unit: oneLine(seed.ColumnAt(i).Unit), number: true, from: float64(s), to: float64(v), share: 1}
		if c.name == "" {
			c.name = fmt.Sprintf("column %d", i)
		}
		if was, ok := seed.ColumnAt(i).Category(s, seed.DomainAt(i)); ok {
			is, _ := seed.ColumnAt(i).Category(v, seed.DomainAt(i))
			c.before, c.after, c.number = oneLine(was), oneLine(is), false
		} else {
			c.before, c.after = inDigits(float64(s), float64(v))
			c.share = min(max((float64(v)-float64(s))/float64(seed.DomainAt(i).Range()), -1), 1)
		}
		all = append(all, c)
	}
	slices.SortStableFunc(all, func(a, b changedColumn) int {
		switch a, b := math.Abs(a.share), math.Abs(b.share); {
		case a > b:
			return -1
		case a < b:
			return 1
		}
		return 0
	})
	return all
}

// inDigits writes two numbers with as many digits as a person reads, and more where they look alike otherwise.
func inDigits(a, b float64) (string, string) {
	for digits := 5; ; digits++ {
		x, y := significant(a, digits, 32), significant(b, digits, 32)
		if digits == 5 { // whole numbers and those of few digits are written as they are
			x, y = shortest(a, x), shortest(b, y)
		}
		if x != y || a == b || digits > 9 {
			return x, y
		}
	}
}

// shortest is all of a number where that takes no more than so many digits, or where it is whole; otherwise it is rounded.
func shortest(v float64, rounded string) string {
	const most = 6
	exact := strconv.FormatFloat(v, 'g', -1, 32)
	if digits := strings.Trim(exact, "-0."); !strings.Contains(exact, "e") && len(digits) <= most {
		return exact
	}
	return rounded
}

// nameWithUnit is "ldl, mg/dl".
func (c changedColumn) nameWithUnit() string {
	if c.unit == "" {
		return c.name
	}
	return c.name + ", " + c.unit
}

// change is what a column changed by, with its unit: "+0.0092, 3.5 % of the range".
func (c changedColumn) change() (by, share string) {
	if !c.number {
		return "another category", ""
	}
	return signed(c.to - c.from), signedPercent(c.share)
}

func signed(v float64) string {
	text := significant(v, 3, 64)
	if v > 0 {
		return "+" + text
	}
	return text
}

// significant writes a number with so many digits, those of a small one behind the point.
func significant(v float64, digits, bits int) string {
	const smallest = 1e-7
	text := strconv.FormatFloat(v, 'g', digits, bits)
	if size := math.Abs(v); !strings.Contains(text, "e") || !(size >= smallest && size < 1e15) {
		return text
	}
	rounded, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

// signedPercent is a share as a person reads it: "+3.5 %".
func signedPercent(share float64) string {
	const least = 0.001 // %
	p := 100 * math.Abs(share)
	sign := "+"
	if share < 0 {
		sign = "-"
	}
	switch {
	case p > 0 && p < least:
		return sign + "<0.001 %"
	case p > 0 && p < 0.05:
		return sign + significant(p, 1, 64) + " %"
	case p < 10:
		return sign + strconv.FormatFloat(p, 'f', 1, 64) + " %"
	}
	return sign + strconv.FormatFloat(p, 'f', 0, 64) + " %"
}

// far implements measurer.
func (rowViewer) far(seed, trigger input.Input) string {
	return fmt.Sprintf("scaled L1 %.3g, %d of %s changed", distance.ScaledL1(seed, trigger), len(changedColumns(seed, trigger)), Plural(len(seed.Data), "column"))
}

// Tell implements [Teller].
func (rowViewer) Tell(seed, trigger input.Input) []string {
	const shown = 4
	all := changedColumns(seed, trigger)
	if len(all) == 0 {
		return nil
	}
	var parts []string
	for _, c := range all[:min(shown, len(all))] {
		part := strings.TrimSpace(fmt.Sprintf("%s %s → %s %s", c.name, c.before, c.after, c.unit))
		if _, share := c.change(); share != "" {
			part += " (" + share + ")"
		}
		parts = append(parts, part)
	}
	if more := len(all) - len(parts); more > 0 {
		parts = append(parts, fmt.Sprintf("%d more", more))
	}
	line := "columns: "
	if slices.ContainsFunc(all[:min(shown, len(all))], func(c changedColumn) bool { return c.number }) {
		line = "columns, with the share of their range: "
	}
	return []string{line + strings.Join(parts, ", ")}
}

// View implements [Viewer]: a table of the changed columns.
func (rowViewer) View(seed, trigger input.Input) (View, error) {
	all := changedColumns(seed, trigger)
	name := fmt.Sprintf("%d of %s changed", len(all), Plural(len(seed.Data), "column"))
	t := Table{Name: name, Head: []string{"column", "seed", "trigger", "change", "of range"}, Left: max(0, len(all)-mostTableRows)}
	var b strings.Builder
	b.WriteString("column\tseed\ttrigger\tshare of the range\n")
	for i, c := range all {
		by, share := c.change()
		exact := [2]string{c.before, c.after}
		if c.number {
			exact = [2]string{strconv.FormatFloat(c.from, 'g', -1, 32), strconv.FormatFloat(c.to, 'g', -1, 32)}
		}
		fmt.Fprintf(&b, "%s\t%s\t%s\t%.4g\n", c.nameWithUnit(), exact[0], exact[1], math.Abs(c.share))
		if i < mostTableRows {
			row := TableRow{Cells: []string{c.nameWithUnit(), c.before, c.after, by, share}}
			if c.number {
				row.Bars = []float64{c.share}
			}
			t.Rows = append(t.Rows, row)
		}
	}
	if len(all) == 0 {
		t = wholeRow(seed)
	}
	return View{Tables: []Table{t}, Files: []File{{Name: "columns.tsv", Data: []byte(b.String())}}}, nil
}

// wholeRow are the columns of a row of which none was changed.
func wholeRow(row input.Input) Table {
	t := Table{Name: "the row itself, unchanged", Head: []string{"column", "value"}, Left: max(0, len(row.Data)-mostTableRows)}
	for i, v := range row.Data[:min(len(row.Data), mostTableRows)] {
		c := changedColumn{name: oneLine(row.ColumnAt(i).Name), unit: oneLine(row.ColumnAt(i).Unit)}
		if c.name == "" {
			c.name = fmt.Sprintf("column %d", i)
		}
		value, ok := row.ColumnAt(i).Category(v, row.DomainAt(i))
		if !ok {
			value = strconv.FormatFloat(float64(v), 'g', -1, 32)
		}
		t.Rows = append(t.Rows, TableRow{Cells: []string{c.nameWithUnit(), oneLine(value)}})
	}
	return t
}
