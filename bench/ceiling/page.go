package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/bench/page"
)

// write writes all rows, in the order of [rows], as data, table and page.
func write(folder string, results []measured) error {
	order := map[string]int{}
	for i, r := range rows("DIR") {
		order[r.name()] = i
	}
	slices.SortStableFunc(results, func(a, b measured) int { return order[a.name()] - order[b.name()] })
	data, err := json.MarshalIndent(results, "", " ")
	if err != nil {
		return err
	}
	table := tableOf(results)
	for name, content := range map[string][]byte{dataFile: append(data, '\n'), "ceiling.csv": table.CSV(), "ceiling.md": pageOf(results, table)} {
		if err := page.WriteFile(filepath.Join(folder, name), content); err != nil {
			return err
		}
	}
	return nil
}

func tableOf(results []measured) page.Table {
	t := page.Table{Columns: []string{"pair", "seeds", "LInf", "original sure by", "exists"}, Labels: 1}
	for _, c := range contenders(1) {
		t.Columns = append(t.Columns, c.name)
	}
	for _, m := range results {
		exists := len(m.exists())
		sure := "–"
		if m.Confidence > 0 {
			sure = fmt.Sprint(m.Confidence)
		}
		cells := []any{m.Pair, m.Seeds, m.Most, sure, exists}
		for _, c := range contenders(1) {
			at := slices.IndexFunc(m.Columns, func(found column) bool { return found.Name == c.name })
			switch {
			case at < 0:
				cells = append(cells, "–")
			case c.name == referenceName:
				cells = append(cells, exists-len(m.others()))
			case exists == 0:
				cells = append(cells, "0")
			default:
				n := len(m.Columns[at].Found)
				cells = append(cells, fmt.Sprintf("%d (%.0f %%)", n, 100*float64(n)/float64(exists)))
			}
		}
		t.Add(cells...)
	}
	return t
}

func pageOf(results []measured, t page.Table) []byte {
	var dates, machines, runtimes, commands []string
	reference := 0
	for _, m := range results {
		dates, machines, runtimes, commands = append(dates, m.Date), append(machines, m.Machine), append(runtimes, m.Runtime), append(commands, m.Command)
		for _, c := range m.Columns {
			if c.Name == referenceName {
				reference = max(reference, c.Limit)
			}
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `# What share of the existing triggers a search finds

Written by the command `+"`ceiling`"+` in `+"`bench/`"+`; measured on %s, on %s, with Go %s and %s.

`+"```\n%s\n```"+`

A row asks from how many of the first seeds of a pair a trigger can be reached that differs by at most LInf of 255 in any value and, where
that is said, on which the original is so sure of its label. What exists is not known; a lower bound of it is what the other searches of the row find,
together with what the reference attack finds beyond that (last column), with gradients of both models and up to %d queries for each seed that is left. Every
trigger is confirmed by both models alone, on ONNX Runtime. All columns start from the same seeds, with random seed 0, and have 500 queries a seed where
nothing else is said. Shares are of what exists. Two candidates that only the original was asked about count as one query. Where the original has to be sure, its
label need not be that of the seed, which is what the reference goes for. Rows, and columns of a row, may be measured one at a time (`+"`-rows`, `-columns`"+`).

%s
Gradients are those of the original or, where it has to be sure, of both models. They are no queries; for each query there were, in the mean over all rows: %s.

%s
`, strings.Join(page.Distinct(dates), ", "), strings.Join(page.Distinct(machines), " and on "), strings.TrimPrefix(runtime.Version(), "go"),
		strings.Join(page.Distinct(runtimes), ", "), strings.Join(page.Distinct(commands), "\n"), reference, t.Markdown(), gradientsInWords(results), missedInWords(results))
	for _, m := range results {
		if m.Confidence >= 0.9 && len(m.exists()) == 0 {
			fmt.Fprintf(&b, "\nWith a confidence of %g, no search found anything within LInf %g, not even the reference. As far as we can tell, 8-bit pairs have no such "+
				"triggers, and searching for them is wasted. A gate that asks for this confidence needs a wider bound, or none.\n", m.Confidence, m.Most)
			break
		}
	}
	return b.Bytes()
}

// missedInWords says on how many of the seeds where a trigger exists the searches by Boundary find none.
func missedInWords(results []measured) string {
	exists := 0
	for _, m := range results {
		exists += len(m.exists())
	}
	var parts []string
	for _, c := range contenders(1) {
		if !strings.HasPrefix(c.name, boundaryName) {
			continue
		}
		missed, measured := 0, false
		for _, m := range results {
			for _, found := range m.Columns {
				if found.Name == c.name {
					missed, measured = missed+len(m.exists())-len(found.Found), true
				}
			}
		}
		if !measured {
			continue
		}
		parts = append(parts, fmt.Sprintf("%s %d", c.name, missed))
	}
	return fmt.Sprintf("In all rows together a trigger exists for %d seeds. Missed of these: %s.", exists, strings.Join(parts, "; "))
}

// gradientsInWords says how many gradients the searches took for a query.
func gradientsInWords(results []measured) string {
	var parts []string
	for _, c := range contenders(1) {
		var queries, gradients int
		for _, m := range results {
			for _, found := range m.Columns {
				if found.Name == c.name {
					queries, gradients = queries+found.Queries, gradients+found.Gradients
				}
			}
		}
		if gradients > 0 {
			parts = append(parts, fmt.Sprintf("%s %.2f", c.name, float64(gradients)/float64(max(queries, 1))))
		}
	}
	return strings.Join(parts, ", ")
}
