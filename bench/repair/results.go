package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/bench/page"
	"github.com/triggerfinder/triggerfinder/zoo"
)

// dataFile keeps what is known, pair by pair.
const dataFile = "repair.json"

// entry is what is known about one pair.
type entry struct {
	Pair     string         `json:"pair"`
	Task     string         `json:"task"`
	Runtime  string         `json:"runtime"`
	Selector *selectorEntry `json:"selector,omitempty"`
	Mended   []*mendedEntry `json:"mended,omitempty"` // one for each folder of models, by its name
}

// keep replaces what is known about the models of one folder.
func (e *entry) keep(m *mendedEntry) {
	e.Mended = slices.DeleteFunc(e.Mended, func(old *mendedEntry) bool { return old.Name == m.Name })
	e.Mended = append(e.Mended, m)
	slices.SortFunc(e.Mended, func(a, b *mendedEntry) int { return strings.Compare(a.Name, b.Name) })
}

// results are the entries of all pairs, in the order of the zoo.
type results struct{ Entries []*entry }

func load(dir string) (*results, error) {
	r := &results{}
	data, err := os.ReadFile(filepath.Join(dir, dataFile))
	if errors.Is(err, os.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &r.Entries); err != nil {
		return nil, fmt.Errorf("%s: %w", dataFile, err)
	}
	return r, nil
}

// of is the entry of a pair, which is added where there is none.
func (r *results) of(p zoo.Pair) *entry {
	for _, e := range r.Entries {
		if e.Pair == p.Name {
			return e
		}
	}
	e := &entry{Pair: p.Name, Task: p.Task}
	r.Entries = append(r.Entries, e)
	order := func(name string) int {
		return slices.IndexFunc(zoo.Pairs(), func(p zoo.Pair) bool { return p.Name == name })
	}
	slices.SortStableFunc(r.Entries, func(a, b *entry) int { return order(a.Pair) - order(b.Pair) })
	return e
}

func (r *results) save(dir string) error {
	var b bytes.Buffer
	for i, e := range r.Entries { // a line a pair
		line, err := json.Marshal(e)
		if err != nil {
			return err
		}
		b.WriteString([]string{"[\n", ",\n"}[min(i, 1)])
		b.Write(line)
	}
	b.WriteString("\n]\n")
	return page.WriteFile(filepath.Join(dir, dataFile), b.Bytes())
}
