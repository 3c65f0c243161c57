package main

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/bench/page"
)

// page is the Markdown page of all tables and of the given pictures.
func (r *results) page(pictures *page.Pictures) []byte {
	var b bytes.Buffer
	several := len(machines(r.entries)) > 1
	fmt.Fprintf(&b, "# Boundary beside the other strategies\n\n%s\n", r.header())
	for _, x := range experiments() {
		entries := r.of(x.name)
		if len(entries) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n```\n%s\n```\n", x.title, x.text, strings.Join(commands(entries), "\n"))
		if several {
			fmt.Fprintf(&b, "\nMeasured on %s.", strings.Join(machines(entries), " and on "))
			if others := othersMachines(entries); len(others) > 0 {
				fmt.Fprintf(&b, " Strategies beside Boundary were measured earlier, on %s.", strings.Join(others, " and on "))
			}
			b.WriteByte('\n')
		}
		for _, t := range x.tables(entries) {
			b.WriteByte('\n')
			if t.Text != "" {
				fmt.Fprintf(&b, "%s\n\n", t.Text)
			}
			b.WriteString(t.Markdown())
			if t.Targets != "" {
				missed := "All are met."
				if len(t.Missed) > 0 {
					missed = "Missed on " + strings.Join(t.Missed, "; ") + "."
				}
				fmt.Fprintf(&b, "\nTargets: %s. %s\n", t.Targets, missed)
			}
		}
		b.WriteString(pictures.Of(x.name))
	}
	return b.Bytes()
}

// header says how the figures came about.
func (r *results) header() string {
	var dates, runtimes []string
	for _, e := range r.entries {
		dates, runtimes = append(dates, e.Date), append(runtimes, e.Runtime)
	}
	versions := append([]string{"Go " + strings.TrimPrefix(runtime.Version(), "go")}, page.Distinct(runtimes)...)
	return fmt.Sprintf("Written by the command `compare` in `bench/`; measured on %s, on %s, with %s. A query is one candidate evaluated by both models; "+
		"the screening of seeds and the confirmation of a hit are not counted. Seeds on which the models differ already count as 0 queries. "+
		"Random seed 0. L2 and LInf are in grey levels of 255. The command line above each table repeats it, where DIR is a folder as "+
		"`go run ./compare -help` describes it; with `-pairs` for one pair alone. "+
		"Every table is also a CSV file, `boundary-*.csv`; the figures of each seed are in `%s`.",
		strings.Join(page.Distinct(dates), ", "), strings.Join(machines(r.entries), " and on "), strings.Join(versions, ", "), dataFile)
}

// machines are those that the entries were measured on.
func machines(entries []entry) []string {
	var list []string
	for _, e := range entries {
		list = append(list, e.Machine)
	}
	return page.Distinct(list)
}

// othersMachines are those that strategies beside Boundary were measured on, where that was before.
func othersMachines(entries []entry) []string {
	var list []string
	for _, e := range entries {
		list = append(list, e.Others)
	}
	return page.Distinct(list)
}

// commands are the command lines that repeat the entries. Where there are several, each names its pairs.
func commands(entries []entry) []string {
	var lines []string
	pairs := map[string][]string{}
	for _, e := range entries {
		if !slices.Contains(lines, e.Command) {
			lines = append(lines, e.Command)
		}
		pairs[e.Command] = append(pairs[e.Command], e.Pair)
	}
	if len(lines) > 1 {
		for i, line := range lines {
			lines[i] += " -pairs " + strings.Join(pairs[line], ",")
		}
	}
	return lines
}
