package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/input"
)

// rowViewer shows the changed columns of a row of a table, by their names.
type rowViewer struct{}

var _ Teller = rowViewer{}

// changedColumn is one of them.
type changedColumn struct {
	name, before, after string
	share               float64 // of the column's range; 1 for another category
}

// changedColumns are those that changed, the largest change first.
func changedColumns(seed, trigger input.Input) (all []changedColumn) {
	for i, v := range trigger.Data {
		s := seed.Data[i]
		if v == s {
			continue
		}
		c := changedColumn{name: oneLine(seed.ColumnAt(i).Name), before: fmt.Sprintf("%g", s), after: fmt.Sprintf("%g", v), share: 1}
		if c.name == "" {
			c.name = fmt.Sprintf("column %d", i)
		}
		if was, ok := seed.ColumnAt(i).Category(s, seed.DomainAt(i)); ok {
			is, _ := seed.ColumnAt(i).Category(v, seed.DomainAt(i))
			c.before, c.after = oneLine(was), oneLine(is)
		} else {
			c.share = math.Abs(float64(v)-float64(s)) / float64(seed.DomainAt(i).Range())
		}
		all = append(all, c)
	}
	slices.SortStableFunc(all, func(a, b changedColumn) int {
		switch {
		case a.share > b.share:
			return -1
		case a.share < b.share:
			return 1
		}
		return 0
	})
	return all
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
		parts = append(parts, fmt.Sprintf("%s %s → %s", c.name, c.before, c.after))
	}
	if more := len(all) - len(parts); more > 0 {
		parts = append(parts, fmt.Sprintf("%d more", more))
	}
	return []string{fmt.Sprintf("%s of %d changed, scaled L1 %.3g: %s", Plural(len(all), "column"), len(seed.Data), distance.ScaledL1(seed, trigger), strings.Join(parts, ", "))}
}

// View implements [Viewer]: a table of the changed columns.
func (rowViewer) View(seed, trigger input.Input) (View, error) {
	var b strings.Builder
	b.WriteString("column\tseed\ttrigger\tshare of the range\n")
	for _, c := range changedColumns(seed, trigger) {
		fmt.Fprintf(&b, "%s\t%s\t%s\t%.4g\n", c.name, c.before, c.after, c.share)
	}
	return View{Files: []File{{Name: "columns.tsv", Data: []byte(b.String())}}}, nil
}
