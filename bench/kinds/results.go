package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/triggerfinder/triggerfinder/bench/page"
)

const (
	dataFile = "kinds.json"
	pageFile = "kinds.md"
)

// entry is what one pair came to, compared in one way.
type entry struct {
	Name      string     `json:"name"`
	Deviates  string     `json:"deviates"` // when two answers do, in words
	Oracle    string     `json:"oracle"`
	Measure   string     `json:"measure"` // of distances; "" where nothing was found
	Limit     int        `json:"limit"`
	Closing   int        `json:"closing"`
	Seeds     int        `json:"seeds"`
	Usable    int        `json:"usable"`
	Deviating int        `json:"deviating"` // themselves; searches leave these out
	Date      string     `json:"date"`
	Command   string     `json:"command"`
	Machine   string     `json:"machine"`
	Runtime   string     `json:"runtime"`
	Runs      []measured `json:"runs"`
}

// notFound stands for the queries of a seed without a trigger.
const notFound = -1

// measured is one search of the seeds that do not deviate themselves.
type measured struct {
	Strategy   string `json:"strategy"`
	RandomSeed uint64 `json:"random_seed"`
	Queries    []int  `json:"queries"` // to the first trigger, a seed
	// Of each trigger, at first and after closing in: the distance by the entry's measure, and how many values differ.
	First         []float64 `json:"first,omitempty"`
	Closed        []float64 `json:"closed,omitempty"`
	FirstChanged  []int     `json:"first_changed,omitempty"`
	ClosedChanged []int     `json:"closed_changed,omitempty"`
}

func (m measured) found() int {
	n := 0
	for _, q := range m.Queries {
		if q != notFound {
			n++
		}
	}
	return n
}

// pooled are the figures of a strategy over all random seeds.
type pooled struct {
	measured
	limited []float64 // queries of all seeds; without a trigger they count as the limit
}

// pool joins the searches of a strategy; false where there is none.
func (e entry) pool(strategy string) (p pooled, ok bool) {
	for _, m := range e.Runs {
		if m.Strategy != strategy {
			continue
		}
		ok = true
		p.Queries, p.First, p.Closed = append(p.Queries, m.Queries...), append(p.First, m.First...), append(p.Closed, m.Closed...)
		p.FirstChanged, p.ClosedChanged = append(p.FirstChanged, m.FirstChanged...), append(p.ClosedChanged, m.ClosedChanged...)
	}
	for _, q := range p.Queries {
		if q == notFound {
			q = e.Limit
		}
		p.limited = append(p.limited, float64(q))
	}
	return p, ok
}

// validate holds an entry against what this command writes.
func (e entry) validate() error {
	searched := e.Usable - e.Deviating
	if e.Name == "" || e.Limit < 1 || e.Seeds < 1 || e.Seeds > mostSeeds || e.Usable > e.Seeds || e.Deviating < 0 || searched < 0 {
		return fmt.Errorf("expected a name, a limit and 1 to %d seeds, of which some are usable, found %q, %d, %d and %d", mostSeeds, e.Name, e.Limit, e.Seeds, e.Usable)
	}
	for i, m := range e.Runs {
		if len(m.Queries) != searched {
			return fmt.Errorf("runs[%d]: expected the queries of %d seeds, found %d", i, searched, len(m.Queries))
		}
		if n := m.found(); len(m.First) != n || len(m.Closed) != n || len(m.FirstChanged) != n || len(m.ClosedChanged) != n {
			return fmt.Errorf("runs[%d]: expected the distances of %d triggers, found %d, %d, %d and %d",
				i, n, len(m.First), len(m.Closed), len(m.FirstChanged), len(m.ClosedChanged))
		}
	}
	return nil
}

// load reads the entries of earlier runs, in order. Those of pairs that there are no longer are dropped.
func load(dir string, order []string) ([]entry, error) {
	path := filepath.Join(dir, dataFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var entries []entry
	if err == nil {
		err = json.Unmarshal(data, &entries)
	}
	for i := 0; i < len(entries) && err == nil; i++ {
		if err = entries[i].validate(); err != nil {
			err = fmt.Errorf("[%d] (%.80s): %w", i, entries[i].Name, err)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	entries = slices.DeleteFunc(entries, func(e entry) bool { return place(order, e.Name) < 0 })
	slices.SortStableFunc(entries, func(a, b entry) int { return place(order, a.Name) - place(order, b.Name) })
	return entries, nil
}

// keep puts an entry into the file, in the place of an earlier one. The file is read again, so that nothing is lost when two commands run
// side by side on different pairs.
func keep(dir string, order []string, e entry) error {
	entries, err := load(dir, order)
	if err != nil {
		return err
	}
	entries = append(slices.DeleteFunc(entries, func(old entry) bool { return old.Name == e.Name }), e)
	slices.SortStableFunc(entries, func(a, b entry) int { return place(order, a.Name) - place(order, b.Name) })
	var b bytes.Buffer
	for i, e := range entries {
		line, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("%s: %w", e.Name, err)
		}
		fmt.Fprintf(&b, "%s%s", map[bool]string{true: "[\n", false: ",\n"}[i == 0], line)
	}
	b.WriteString("\n]\n")
	return page.WriteFile(filepath.Join(dir, dataFile), b.Bytes())
}

// write makes the page and its tables from all entries; without any it writes nothing.
func write(dir string, order []string) error {
	entries, err := load(dir, order)
	if err != nil || len(entries) == 0 {
		return err
	}
	tables := tablesOf(entries)
	for _, t := range tables {
		if err := page.WriteFile(filepath.Join(dir, t.File), t.CSV()); err != nil {
			return err
		}
	}
	return page.WriteFile(filepath.Join(dir, pageFile), pageOf(entries, order, tables))
}
