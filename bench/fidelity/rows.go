package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/triggerfinder/triggerfinder/bench/page"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
)

// part is a table of the results.
type part int

const (
	comparison part = iota + 1
	allSeeds
	fixturePairs
)

// row is what one version of the search came to on one pair, or what the authors' own code did. A
// number of 0 was not measured.
type row struct {
	part    part
	pair    string
	version string
	date    string // "" for the authors' code, as the machine
	machine string

	seeds, randomSeeds, limit, searches, found, deviating, unstable, queries int

	median, mean, p90, max, geometricMean             float64
	meanSSIM, medianSSIM, medianL2, medianLInf, ratio float64
	wallSeconds, modelSeconds                         float64
}

func newRow(s subject, t task, pooled *engine.Report) row {
	stats := report.StatsOf(pooled)
	r := row{
		part: t.part, pair: s.name, version: t.contender.name, date: time.Now().Format(time.DateOnly), machine: page.Machine(),
		seeds: len(pooled.Seeds) / t.randomSeeds, randomSeeds: t.randomSeeds, limit: t.limit,
		searches: stats.Seeds, found: stats.Found, deviating: stats.DeviatingSeeds, unstable: stats.Unstable,
		queries: stats.TotalQueries, wallSeconds: stats.WallSeconds, modelSeconds: stats.ModelSeconds,
	}
	if stats.Found == 0 {
		return r
	}
	q := stats.Queries
	r.median, r.mean, r.p90, r.max = q.Median, q.Mean, q.P90, q.Max
	r.medianL2, r.medianLInf = stats.L2.Median, stats.LInf.Median
	if stats.SSIM != nil {
		r.medianSSIM = stats.SSIM.Median
	}
	var logs, similarities float64
	for _, trigger := range pooled.Triggers() {
		logs += math.Log(float64(max(trigger.Queries, 1)))
		if ssim := trigger.Distance.SSIM; ssim != nil {
			similarities += *ssim
		}
	}
	r.geometricMean = math.Exp(logs / float64(stats.Found))
	r.meanSSIM = similarities / float64(stats.Found)
	if theirs := s.counterpart(t); theirs != nil {
		r.ratio = r.median / theirs.median
	}
	return r
}

// counterpart is what the authors' code did in the same circumstances, or nil.
func (s subject) counterpart(t task) *row {
	switch {
	case s.authors == nil || t.part != comparison:
		return nil
	case t.contender.name == released().name:
		return s.authors.row(s.name, "authors' code, released", s.authors.released)
	case t.contender.name == releasedUniform().name:
		return s.authors.row(s.name, "authors' code, uniform selector", s.authors.uniform)
	}
	return nil
}

func (a *authorsFigures) row(pair, version string, r row) *row {
	r.part, r.pair, r.version = comparison, pair, version
	r.seeds, r.randomSeeds, r.searches, r.found = firstSeeds, authorsRandomSeeds, firstSeeds, firstSeeds
	return &r
}

// field is a column of the CSV file.
type field struct {
	name  string
	value any // *string, *int, *part or *float64
}

func (r *row) fields() []field {
	return []field{
		{"part", &r.part},
		{"pair", &r.pair},
		{"search", &r.version},
		{"date", &r.date},
		{"machine", &r.machine},
		{"seeds", &r.seeds},
		{"random_seeds", &r.randomSeeds},
		{"limit", &r.limit},
		{"searches", &r.searches},
		{"found", &r.found},
		{"deviating_seeds", &r.deviating},
		{"unstable", &r.unstable},
		{"total_queries", &r.queries},
		{"median", &r.median},
		{"mean", &r.mean},
		{"p90", &r.p90},
		{"max", &r.max},
		{"geometric_mean", &r.geometricMean},
		{"mean_ssim", &r.meanSSIM},
		{"median_ssim", &r.medianSSIM},
		{"median_l2", &r.medianL2},
		{"median_linf", &r.medianLInf},
		{"median_over_authors", &r.ratio},
		{"wall_s", &r.wallSeconds},
		{"model_s", &r.modelSeconds},
	}
}

func (f field) String() string {
	switch v := f.value.(type) {
	case *string:
		return *v
	case *part:
		return strconv.Itoa(int(*v))
	case *int:
		return strconv.Itoa(*v)
	case *float64:
		if *v != 0 {
			return strconv.FormatFloat(*v, 'g', 6, 64)
		}
	}
	return ""
}

func (f field) parse(text string) (err error) {
	switch v := f.value.(type) {
	case *string:
		*v = text
	case *part:
		_, err = fmt.Sscan(text, v)
	case *int:
		*v, err = strconv.Atoi(text)
	case *float64:
		if text != "" {
			*v, err = strconv.ParseFloat(text, 64)
		}
	}
	return err
}

func toCSV(rows []row) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	var header []string
	for _, f := range new(row).fields() {
		header = append(header, f.name)
	}
	_ = w.Write(header) // to memory: cannot fail
	for _, r := range rows {
		var cells []string
		for _, f := range r.fields() {
			cells = append(cells, f.String())
		}
		_ = w.Write(cells)
	}
	w.Flush()
	return b.Bytes()
}

func fromCSV(data []byte) ([]row, error) {
	records, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil || len(records) == 0 {
		return nil, err
	}
	var rows []row
	for line, record := range records[1:] {
		var r row
		for i, f := range r.fields() {
			if i >= len(record) || records[0][i] != f.name {
				return nil, fmt.Errorf("expected column %d to be %q, found %s", i+1, f.name, strings.Join(records[0], ","))
			}
			if err := f.parse(record[i]); err != nil {
				return nil, fmt.Errorf("line %d: %s: %w", line+2, f.name, err)
			}
		}
		rows = append(rows, r)
	}
	return rows, nil
}
