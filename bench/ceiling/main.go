// Command ceiling measures what share of what exists the searches find within a bound: it writes ceiling.md, ceiling.csv and ceiling.json.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/triggerfinder/triggerfinder/bench/command"
	"github.com/triggerfinder/triggerfinder/bench/page"
	"github.com/triggerfinder/triggerfinder/bench/subjects"
)

const usage = `ceiling measures what share of what exists the searches find within a bound.

What exists is what a reference attack finds, by gradients of both models and at any price, together with what any of the searches
finds. Each trigger is confirmed by both models on ONNX Runtime. It is a lower bound.

Without -data it takes the pairs of package fixtures; with -data the zoo's too. The folder holds

` + subjects.Folder + `
Rows are kept in ceiling.json: those that do not run this time stay as they are, and the page is written from all.

Flags:
`

type options struct {
	data      string
	pairs     []string
	columns   []string
	reference int
	seeds     int
	out       string
}

func main() { command.Main("ceiling", run) }

func run(ctx context.Context, args []string, log io.Writer) error {
	var o options
	var pairs, columns string
	flags := flag.NewFlagSet("ceiling", flag.ContinueOnError)
	flags.StringVar(&o.data, "data", "", "the `folder` with the seeds of the zoo's pairs, as above")
	flags.StringVar(&pairs, "rows", "", "the rows of these `names`, separated by semicolons, or whose name contains them (default all)")
	flags.StringVar(&columns, "columns", "", "the searches by `name`, separated by semicolons (default all); others of a row stay as they are")
	flags.IntVar(&o.reference, "reference", 600, "what the reference attack may spend on a seed, in `queries`")
	flags.IntVar(&o.seeds, "seeds", 0, "the most seeds of a row, for a trial that writes nothing (default those of the page)")
	flags.StringVar(&o.out, "out", "../docs/results", "the `folder` for the results")
	if err := command.Parse(flags, args, usage, log); err != nil {
		return err
	}
	if o.reference < 1 {
		return fmt.Errorf("-reference: expected 1 or more, found %d", o.reference)
	}
	split := func(text string) []string {
		if text == "" {
			return nil
		}
		return strings.Split(text, ";")
	}
	o.pairs, o.columns = split(pairs), split(columns)
	all := contenders(o.reference)
	for _, name := range o.columns {
		if !slices.ContainsFunc(all, func(c contender) bool { return c.name == name }) {
			return fmt.Errorf("-columns: expected names of searches, found %q", name)
		}
	}
	chosen, questions := 0, rows(o.data)
	for _, r := range questions {
		if o.pairs != nil && !slices.ContainsFunc(o.pairs, func(word string) bool { return r.isMeant(word, questions) }) {
			continue
		}
		chosen++
		if err := o.measure(ctx, r, all, log); err != nil {
			return fmt.Errorf("%s: %w", r.name(), err)
		}
	}
	if chosen == 0 {
		return fmt.Errorf("-rows: expected words of a row's name, found %q", pairs)
	}
	return nil
}

// isMeant reports whether a word is the row's name or, where it is no row's, a part of it.
func (r row) isMeant(word string, all []row) bool {
	if slices.ContainsFunc(all, func(r row) bool { return r.name() == word }) {
		return r.name() == word
	}
	return strings.Contains(r.name(), word)
}

// trial reports whether nothing is to be written.
func (o options) trial() bool { return o.seeds > 0 }

// measured is a row with what all searches came to.
type measured struct {
	row
	Columns []column `json:"columns"`
	Date    string   `json:"date"`
	Command string   `json:"command"`
	Machine string   `json:"machine"`
	Runtime string   `json:"runtime"`
}

// exists are the seeds from which a trigger was found by any search.
func (m measured) exists() []int { return foundBy(m.Columns) }

// others are those of them from which any but the reference found one.
func (m measured) others() []int {
	return foundBy(slices.DeleteFunc(slices.Clone(m.Columns), func(c column) bool { return c.Name == referenceName }))
}

func foundBy(columns []column) []int {
	var all []int
	for _, c := range columns {
		all = append(all, c.Found...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (o options) measure(ctx context.Context, r row, all []contender, log io.Writer) error {
	m := measured{row: r, Date: time.Now().Format(time.DateOnly), Machine: page.Machine(), Command: o.command()}
	if o.seeds > 0 {
		m.row.Seeds = min(o.seeds, r.Seeds)
	}
	kept, err := o.kept(m)
	if err != nil {
		return err
	}
	m.Columns = kept
	fmt.Fprintln(log, r.name())
	for _, c := range all {
		if !o.runs(c.name) {
			continue
		}
		found, runtime, err := search(ctx, m.row, c, m.exists())
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		found.Seconds = page.Significant(found.Seconds, 3)
		m.Columns, m.Runtime = append(m.Columns, found), runtime
		fmt.Fprintf(log, "  %-30s %3d of %d, %d queries, %d gradients, %.1f s\n", c.name, len(found.Found), m.row.Seeds, found.Queries, found.Gradients, found.Seconds)
	}
	fmt.Fprintf(log, "  %-30s %3d\n", "exists", len(m.exists()))
	if o.trial() {
		return nil
	}
	var results []measured
	if err := load(o.out, &results); err != nil {
		return err
	}
	if at := slices.IndexFunc(results, m.asks); at >= 0 {
		results[at] = m
	} else {
		results = append(results, m)
	}
	return write(o.out, results)
}

// runs reports whether a search is to be measured.
func (o options) runs(name string) bool { return o.columns == nil || slices.Contains(o.columns, name) }

// kept are the columns of a row that were measured before and stay as they are.
func (o options) kept(m measured) ([]column, error) {
	var results []measured
	if o.trial() {
		return nil, nil
	}
	if err := load(o.out, &results); err != nil {
		return nil, err
	}
	at := slices.IndexFunc(results, m.asks)
	if at < 0 {
		return nil, nil
	}
	return slices.DeleteFunc(results[at].Columns, func(c column) bool { return o.runs(c.Name) }), nil
}

// asks reports whether both are of the same row.
func (m measured) asks(other measured) bool { return other.name() == m.name() }

func (o options) command() string {
	line := "go run ./ceiling"
	if o.data != "" {
		line += " -data DIR"
	}
	return line + fmt.Sprintf(" -reference %d", o.reference)
}

const dataFile = "ceiling.json"

func load(folder string, results *[]measured) error {
	data, err := os.ReadFile(filepath.Join(folder, dataFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(data, results)
	}
	return err
}
