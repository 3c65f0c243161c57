package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/triggerfinder/triggerfinder/bench/page"
)

// entry is what one experiment came to on one pair.
type entry struct {
	Experiment string       `json:"experiment"`
	Pair       string       `json:"pair"`
	Date       string       `json:"date"`
	Command    string       `json:"command"`
	Machine    string       `json:"machine"`
	Others     string       `json:"others_machine,omitempty"` // that of strategies beside Boundary, where they were measured before
	Runtime    string       `json:"runtime"`
	Runs       []measured   `json:"runs,omitempty"`
	Costs      []cost       `json:"costs,omitempty"`
	Many       *manyFigures `json:"many,omitempty"`
}

// notFound stands for the queries of a seed without a trigger.
const notFound = -1

// measured is one search of all seeds by one strategy.
type measured struct {
	Strategy     string    `json:"strategy"`
	Setting      string    `json:"setting,omitempty"`
	Limit        int       `json:"limit"`
	Total        int       `json:"total_queries"`
	OriginalOnly int       `json:"original_only,omitempty"`
	WallSeconds  float64   `json:"wall_s"`
	ModelSeconds float64   `json:"model_s"`
	Queries      []int     `json:"queries"` // to the first trigger, a seed
	SSIM         []float64 `json:"ssim,omitempty"`
	L2           []float64 `json:"l2,omitempty"`
	LInf         []float64 `json:"linf,omitempty"`
	L0           []float64 `json:"l0,omitempty"` // values changed
}

func (r measured) found() int {
	n := 0
	for _, q := range r.Queries {
		if q != notFound {
			n++
		}
	}
	return n
}

func (r measured) success() float64 { return float64(r.found()) / float64(max(len(r.Queries), 1)) }

// hits are the queries of the seeds with a trigger.
func (r measured) hits() []float64 {
	var hits []float64
	for _, q := range r.Queries {
		if q != notFound {
			hits = append(hits, float64(q))
		}
	}
	return hits
}

// limited are the queries of all seeds; without a trigger they count as the limit.
func (r measured) limited() []float64 {
	var all []float64
	for _, q := range r.Queries {
		if q == notFound {
			q = r.Limit
		}
		all = append(all, float64(q))
	}
	return all
}

// results are all entries so far.
type results struct{ entries []entry }

const (
	dataFile = "boundary.json"
	pageFile = "boundary.md"
)

// load reads the entries of earlier runs.
func (r *results) load(dir string) error {
	path := filepath.Join(dir, dataFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(data, &r.entries)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// pairOrder is the order of pairs in tables.
var pairOrder = []string{
	"lenet1", "lenet5", "resnet20",
	"lenet5-int8", "lenet5-dynamic", "lenet5-pruned", "lenet5-student", "rescnn-int8", "lenet5-planted", vehiclesPair,
}

// replace puts an entry in the place of an earlier one.
func (r *results) replace(e entry) {
	r.entries = slices.DeleteFunc(r.entries, func(old entry) bool { return old.Experiment == e.Experiment && old.Pair == e.Pair })
	r.entries = append(r.entries, e)
	all := experiments()
	place := func(e entry) [2]int {
		return [2]int{
			slices.IndexFunc(all, func(x experiment) bool { return x.name == e.Experiment }),
			slices.Index(pairOrder, e.Pair),
		}
	}
	slices.SortStableFunc(r.entries, func(a, b entry) int {
		x, y := place(a), place(b)
		return slices.Compare(x[:], y[:])
	})
}

// keepOthers adds what strategies that were not searched by came to in the earlier entry.
func (r *results) keepOthers(e *entry) {
	for _, old := range r.entries {
		if old.Experiment != e.Experiment || old.Pair != e.Pair {
			continue
		}
		for _, run := range old.Runs {
			if run.Strategy != boundary().name {
				e.Runs, e.Others = append(e.Runs, run), cmp.Or(old.Others, old.Machine)
			}
		}
	}
}

// of are the entries of an experiment, in the order of pairs.
func (r *results) of(experiment string) []entry {
	var list []entry
	for _, e := range r.entries {
		if e.Experiment == experiment {
			list = append(list, e)
		}
	}
	return list
}

// save writes the data file, one line an entry, in place of the earlier one.
func (r *results) save(dir string) error {
	var b bytes.Buffer
	b.WriteString("[\n")
	for i, e := range r.entries {
		line, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("%s, %s: %w", e.Experiment, e.Pair, err)
		}
		b.Write(line)
		if i+1 < len(r.entries) {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
	}
	b.WriteString("]\n")
	return page.WriteFile(filepath.Join(dir, dataFile), b.Bytes())
}

// write makes the tables, plots and the page from all entries.
func (r *results) write(dir string) error {
	pictures, err := r.plots(dir)
	if err != nil {
		return err
	}
	for _, x := range experiments() {
		for _, t := range x.tables(r.of(x.name)) {
			if err := page.WriteFile(filepath.Join(dir, t.File), t.CSV()); err != nil {
				return err
			}
		}
	}
	return page.WriteFile(filepath.Join(dir, pageFile), r.page(pictures))
}
