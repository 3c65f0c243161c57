package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/triggerfinder/triggerfinder/bench/page"
)

const (
	dataFile   = "study.json"
	pageFile   = "study.md"
	format     = "triggerfinder-study"
	version    = 1
	mostBytes  = 64 << 20
	mostSeeds  = 100_000
	mostParts  = 10_000
	mostSearch = 10_000
)

// What stands for the queries of a seed that has no trigger.
const (
	notFound    = -1
	notSearched = -2 // its part was not carried out yet
)

// identity is whose search it is. There is one search of each identity in a store.
type identity struct {
	Pair     string `json:"pair"`
	Dataset  string `json:"dataset"` // of the seeds
	Strategy string `json:"strategy"`
}

// conditions are what a result depends on: under the same ones, parts of a search belong together.
type conditions struct {
	Original   string `json:"original"` // SHA-256 of the model
	Compressed string `json:"compressed"`
	SeedSet    string `json:"seed_set"` // SHA-256 of the seeds
	Seeds      int    `json:"seeds"`
	Options    string `json:"options"` // of the strategy
	Limit      int    `json:"limit"`   // queries a seed
	Parts      int    `json:"parts"`   // seed i belongs to part i modulo Parts
	Runtime    string `json:"runtime"`
}

// search is the search of all seeds of a pair by one strategy, or the parts of it that were carried out.
type search struct {
	identity
	conditions
	Date    string `json:"date"` // of the latest part
	Machine string `json:"machine"`
	Workers int    `json:"workers"`

	Wall     float64 `json:"wall_s"`
	Total    int     `json:"total_queries"`
	Unstable int     `json:"unstable"`
	Misread  int     `json:"misread"` // seeds that the original gives another label than their own
	// A seed each. Micros is the seed's share of the time of the batches that it took part in.
	Queries []int     `json:"queries"` // to the first trigger; 0 for a seed that is one itself, or as above
	Micros  []int     `json:"micros"`
	SSIM    []float64 `json:"ssim"` // of the nearest trigger; 0 without one
}

func newSearch(id identity, c conditions) search {
	s := search{identity: id, conditions: c, Queries: make([]int, c.Seeds), Micros: make([]int, c.Seeds), SSIM: make([]float64, c.Seeds)}
	for i := range s.Queries {
		s.Queries[i] = notSearched
	}
	return s
}

// has reports whether a part was carried out.
func (s *search) has(part int) bool { return s.Queries[part] != notSearched }

// complete reports whether all parts were.
func (s *search) complete() bool {
	return !slices.Contains(s.Queries, notSearched)
}

// searched is the number of seeds in the parts that were carried out.
func (s *search) searched() int {
	n := 0
	for _, q := range s.Queries {
		if q != notSearched {
			n++
		}
	}
	return n
}

func (s *search) validate() error {
	switch {
	case s.Pair == "" || s.Dataset == "" || s.Strategy == "":
		return errors.New("expected a pair, a dataset and a strategy, found one without a name")
	case s.Seeds < 1 || s.Seeds > mostSeeds:
		return fmt.Errorf("seeds: expected 1 to %d, found %d", mostSeeds, s.Seeds)
	case s.Parts < 1 || s.Parts > min(s.Seeds, mostParts):
		return fmt.Errorf("parts: expected 1 to %d, found %d", min(s.Seeds, mostParts), s.Parts)
	case s.Limit < 1:
		return fmt.Errorf("limit: expected 1 or more, found %d", s.Limit)
	case s.Workers < 0 || s.Wall < 0 || s.Total < 0 || s.Unstable < 0 || s.Misread < 0:
		return errors.New("workers, wall_s, total_queries, unstable, misread: expected 0 or more, found less")
	case len(s.Queries) != s.Seeds || len(s.Micros) != s.Seeds || len(s.SSIM) != s.Seeds:
		return fmt.Errorf("queries, micros, ssim: expected %d values each, found %d, %d and %d", s.Seeds, len(s.Queries), len(s.Micros), len(s.SSIM))
	}
	for i, q := range s.Queries {
		switch {
		case q < notSearched || q > s.Limit:
			return fmt.Errorf("queries[%d]: expected %d to %d, found %d", i, notSearched, s.Limit, q)
		case (q == notSearched) != (s.Queries[i%s.Parts] == notSearched):
			return fmt.Errorf("queries[%d]: expected what is done of part %d to be all of it, found %d", i, i%s.Parts, q)
		case s.Micros[i] < 0:
			return fmt.Errorf("micros[%d]: expected 0 or more, found %d", i, s.Micros[i])
		case !(s.SSIM[i] >= -1 && s.SSIM[i] <= 1):
			return fmt.Errorf("ssim[%d]: expected -1 to 1, found %g", i, s.SSIM[i])
		}
	}
	return nil
}

// store is all that was measured.
type store struct {
	Format   string    `json:"format"`
	Version  int       `json:"version"`
	Searches []search  `json:"searches"`
	Examples []example `json:"examples"`
}

// load reads what earlier runs left in a folder, or nothing where there is none.
func load(dir string) (store, error) {
	s := store{Format: format, Version: version}
	path := filepath.Join(dir, dataFile)
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, mostBytes+1))
	if err == nil {
		s, err = decode(data)
	}
	if err != nil {
		return s, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

func decode(data []byte) (store, error) {
	var s store
	if len(data) > mostBytes {
		return s, fmt.Errorf("expected at most %d bytes, found more", mostBytes)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return s, fmt.Errorf("expected the results of a study: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return s, errors.New("expected one JSON object, found more behind it")
	}
	switch {
	case s.Format != format:
		return s, fmt.Errorf("format: expected %q, found %.80q", format, s.Format)
	case s.Version != version:
		return s, fmt.Errorf("version: expected %d, found %d", version, s.Version)
	case len(s.Searches) > mostSearch || len(s.Examples) > mostSearch:
		return s, fmt.Errorf("searches, examples: expected at most %d, found %d and %d", mostSearch, len(s.Searches), len(s.Examples))
	}
	seen := map[identity]bool{}
	for i := range s.Searches {
		one := &s.Searches[i]
		err := one.validate()
		if err == nil && seen[one.identity] {
			err = errors.New("expected one search of each strategy, found two")
		}
		if err != nil {
			return s, fmt.Errorf("searches[%d] (%.80s, %.80s): %w", i, one.Pair, one.Strategy, err)
		}
		seen[one.identity] = true
	}
	for i := range s.Examples {
		if err := s.Examples[i].validate(); err != nil {
			return s, fmt.Errorf("examples[%d] (%.80s): %w", i, s.Examples[i].Pair, err)
		}
	}
	return s, nil
}

// search is the one of an identity, or nil.
func (s *store) search(id identity) *search {
	i := slices.IndexFunc(s.Searches, func(one search) bool { return one.identity == id })
	if i < 0 {
		return nil
	}
	return &s.Searches[i]
}

// replace puts a search in the place of an earlier one.
func (s *store) replace(one search) {
	if old := s.search(one.identity); old != nil {
		*old = one
		return
	}
	s.Searches = append(s.Searches, one)
}

// save writes the store, a line a search and an example, in place of the earlier file.
func (s *store) save(dir string) error {
	order := pairOrder()
	names := make([]string, 0, 8)
	for _, c := range contenders() {
		names = append(names, c.name)
	}
	place := func(id identity) []int {
		return []int{slices.Index(datasets, id.Dataset), slices.Index(order, id.Pair), slices.Index(names, id.Strategy)}
	}
	slices.SortStableFunc(s.Searches, func(a, b search) int { return slices.Compare(place(a.identity), place(b.identity)) })
	slices.SortStableFunc(s.Examples, func(a, b example) int { return slices.Compare(place(a.identity), place(b.identity)) })
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\"format\":%q,\"version\":%d,\n\"searches\":[", s.Format, s.Version)
	if err := writeLines(&b, s.Searches); err != nil {
		return err
	}
	b.WriteString("],\n\"examples\":[")
	if err := writeLines(&b, s.Examples); err != nil {
		return err
	}
	b.WriteString("]}\n")
	return page.WriteFile(filepath.Join(dir, dataFile), b.Bytes())
}

func writeLines[T any](b *bytes.Buffer, list []T) error {
	for i := range list {
		line, err := json.Marshal(&list[i])
		if err != nil {
			return err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		b.Write(line)
	}
	return nil
}

// change makes a change to what the folder holds now: nothing is lost when two commands run side by side on
// different pairs.
func change(dir string, how func(*store)) error {
	s, err := load(dir)
	if err != nil {
		return err
	}
	how(&s)
	return s.save(dir)
}
