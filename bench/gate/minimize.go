package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/bench/subjects"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/minimize"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/strategies"
)

const (
	minimizeEach    = 20  // triggers of a pair and a strategy: 100 of each strategy
	minimizeQueries = 500 // to make one smaller
)

// minimizeRow is one trigger, before and after.
type minimizeRow struct {
	pair, strategy string
	seed           int
	before         *engine.Trigger
	result         minimize.Result
	lost           string // why, if it was
}

// minimizing measures what minimisation makes of triggers: 20 of each embedded pair that TriggerFinder found, and 20
// that Boundary found and closed in on. Each minimised one is replayed alone.
func minimizing(ctx context.Context, o options) error {
	out, log := o.out, o.log
	start := time.Now()
	var rows []minimizeRow
	var versions string
	for _, s := range subjects.Fixtures() {
		if s.Name == fixtures.LeNet5Planted.Name {
			continue // its few triggers take long to find
		}
		found, version, err := minimizePair(ctx, s, out, log)
		if err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
		rows, versions = append(rows, found...), version
	}
	if err := os.MkdirAll(out, 0o777); err != nil {
		return err
	}
	if err := o.write("gate-minimize.csv", minimizeCSV(rows)); err != nil {
		return err
	}
	page := minimizePage(rows, versions)
	fmt.Fprintf(log, "minimize: %d triggers in %s\n", len(rows), time.Since(start).Round(time.Second))
	return o.write("gate-minimize.md", page)
}

func minimizePair(ctx context.Context, s subjects.Subject, out string, log io.Writer) (rows []minimizeRow, version string, err error) {
	pair, seeds, err := s.Open()
	if err != nil {
		return nil, "", err
	}
	defer func() { err = errors.Join(err, pair.Close()) }()
	original, _ := pair.Describe()
	for _, search := range []engine.Settings{
		{Strategy: strategies.TriggerFinder(), Budget: engine.Budget{QueriesPerSeed: 1000}},
		{Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 1000, ClosingQueriesPerSeed: 100}},
	} {
		search.StopAfter, search.Window = minimizeEach, minimizeEach
		r, err := engine.Search(ctx, pair, seeds, search)
		if err != nil {
			return nil, "", err
		}
		triggers := r.Triggers()
		if len(triggers) < minimizeEach {
			return nil, "", fmt.Errorf("%s: expected %d triggers, found %d", r.Strategy, minimizeEach, len(triggers))
		}
		began := time.Now()
		for _, t := range triggers[:minimizeEach] {
			row, err := minimizeOne(ctx, pair, r.Strategy, t)
			if err != nil {
				return nil, "", err
			}
			rows = append(rows, row)
		}
		fmt.Fprintf(log, "minimize, %s, %s: %s\n", s.Name, r.Strategy, time.Since(began).Round(time.Second/10))
	}
	if s.Name == fixtures.LeNet5Int8.Name {
		err = minimizePicture(pair, rows, filepath.Join(out, "images"))
	}
	return rows, original.Settings["runtime"], err
}

// minimizeOne makes one trigger smaller, and replays what came of it.
func minimizeOne(ctx context.Context, pair *model.Pair, strategy string, t *engine.Trigger) (minimizeRow, error) {
	row := minimizeRow{pair: pair.Name(), strategy: strategy, seed: t.SeedIndex, before: t}
	var err error
	row.result, err = minimize.Trigger(ctx, pair, t, minimize.Settings{Queries: minimizeQueries})
	if err != nil {
		return row, err
	}
	small := row.result.Trigger
	again, err := engine.Replay(ctx, pair, []input.Input{small.Input}, nil)
	if err != nil {
		return row, err
	}
	o, c := answer.Label(again[0].Original.Scores), answer.Label(again[0].Compressed.Scores)
	switch {
	case !again[0].Verdict.Deviates:
		row.lost = "it does not deviate"
	case o != t.OriginalLabel || c != t.CompressedLabel:
		row.lost = fmt.Sprintf("labels %d and %d became %d and %d", t.OriginalLabel, t.CompressedLabel, o, c)
	case *row.result.After.SSIM < *row.result.Before.SSIM:
		row.lost = "it is farther"
	}
	return row, nil
}

// minimizePicture shows the first triggers of either strategy, before and after, as rows of a sheet.
func minimizePicture(pair *model.Pair, rows []minimizeRow, out string) error {
	sheet := &engine.Report{Pair: pair.Name() + ": triggers before and after minimisation", Strategy: "TriggerFinder (rows 1 to 4), Boundary (5 to 8)", Oracle: "top-1"}
	sheet.Original, sheet.Compressed = pair.Describe()
	for _, strategy := range []int{0, minimizeEach} {
		for _, row := range rows[strategy : strategy+2] {
			for _, t := range []*engine.Trigger{row.before, row.result.Trigger} {
				sheet.Seeds = append(sheet.Seeds, engine.Outcome{Index: t.SeedIndex, Trigger: t, Status: engine.Triggered})
				sheet.Ledger.Queries += t.Queries
			}
		}
	}
	image, ok := report.Sheet(sheet, report.Options{ClassNames: fixtures.ClassNames()})
	if !ok {
		return errors.New("the sheet has no pictures")
	}
	var data bytes.Buffer
	if err := png.Encode(&data, image); err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o777); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, "gate-minimize.png"), data.Bytes(), 0o666)
}

func minimizeCSV(rows []minimizeRow) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(strings.Split("pair,strategy,seed,original,compressed,l0_before,l0_after,l2_before,l2_after,linf_before,linf_after,ssim_before,ssim_after,queries,unstable,limit,lost", ","))
	for _, r := range rows {
		m := r.result
		record := []string{r.pair, r.strategy, strconv.Itoa(r.seed), strconv.Itoa(m.Trigger.OriginalLabel), strconv.Itoa(m.Trigger.CompressedLabel)}
		for _, v := range []float64{
			float64(m.Before.L0), float64(m.After.L0), m.Before.L2, m.After.L2, m.Before.LInf, m.After.LInf, *m.Before.SSIM, *m.After.SSIM,
			float64(m.Queries), float64(m.Unstable),
		} {
			record = append(record, strconv.FormatFloat(v, 'g', 6, 64))
		}
		_ = w.Write(append(record, string(m.Limit), r.lost))
	}
	w.Flush()
	return b.Bytes()
}

func minimizePage(rows []minimizeRow, runtimeVersion string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Minimised triggers\n\nWritten by the command `gate` in `bench/`; measured on %s, with Go %s, %s. ",
		time.Now().Format(time.DateOnly), strings.TrimPrefix(runtime.Version(), "go"), runtimeVersion)
	fmt.Fprintf(&b, "%d triggers of each embedded pair that TriggerFinder (as published) found, and %d that Boundary found and closed in on "+
		"with 100 queries. `minimize.Trigger` then had at most %d queries for each, with SSIM as the aim. L2 is in grey levels of 255; an image "+
		"has 784 values. Random seed 0. The figures of each trigger are in `gate-minimize.csv`.\n\n", minimizeEach, minimizeEach, minimizeQueries)
	b.WriteString("```\ngo run ./gate -only minimize\n```\n\n")
	b.WriteString("Medians:\n\n| found by | pair | triggers | lost | values changed (L0) | L2 | SSIM | queries |\n| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	strategies := []string{}
	for _, r := range rows {
		if !slices.Contains(strategies, r.strategy) {
			strategies = append(strategies, r.strategy)
		}
	}
	var lost []string
	for _, strategy := range strategies {
		pairs := []string{}
		for _, r := range rows {
			if !slices.Contains(pairs, r.pair) {
				pairs = append(pairs, r.pair)
			}
		}
		for _, pair := range append(pairs, "all") {
			var some []minimizeRow
			for _, r := range rows {
				if r.strategy == strategy && (r.pair == pair || pair == "all") {
					some = append(some, r)
				}
			}
			fmt.Fprintf(&b, "| %s | %s | %d | %d | %.0f → %.0f | %.0f → %.0f | %.3f → %.3f | %.0f |\n", strategy, pair, len(some), count(some, func(r minimizeRow) bool { return r.lost != "" }),
				middle(some, func(r minimizeRow) float64 { return float64(r.result.Before.L0) }),
				middle(some, func(r minimizeRow) float64 { return float64(r.result.After.L0) }),
				middle(some, func(r minimizeRow) float64 { return r.result.Before.L2 }),
				middle(some, func(r minimizeRow) float64 { return r.result.After.L2 }),
				middle(some, func(r minimizeRow) float64 { return *r.result.Before.SSIM }),
				middle(some, func(r minimizeRow) float64 { return *r.result.After.SSIM }),
				middle(some, func(r minimizeRow) float64 { return float64(r.result.Queries) }))
		}
	}
	for _, r := range rows {
		if r.lost != "" {
			lost = append(lost, fmt.Sprintf("%s, %s, seed %d: %s", r.pair, r.strategy, r.seed, r.lost))
		}
	}
	fmt.Fprintf(&b, "\nReplayed alone, %d of %d still deviate with the labels that they had, and are not farther by SSIM. ", len(rows)-len(lost), len(rows))
	fmt.Fprintf(&b, "%d are smaller than before; %d candidates did not repeat alone and were given up.\n",
		count(rows, func(r minimizeRow) bool { return r.result.Smaller() }), unstable(rows))
	for _, l := range lost {
		fmt.Fprintf(&b, "\nLost: %s.\n", l)
	}
	fmt.Fprintf(&b, "\n![Triggers of %s before and after](images/gate-minimize.png)\n\n", fixtures.LeNet5Int8.Name)
	b.WriteString("Each trigger stands above its minimised one.\n")
	return b.Bytes()
}

func count(rows []minimizeRow, is func(minimizeRow) bool) int {
	n := 0
	for _, r := range rows {
		if is(r) {
			n++
		}
	}
	return n
}

func unstable(rows []minimizeRow) int {
	n := 0
	for _, r := range rows {
		n += r.result.Unstable
	}
	return n
}

func middle(rows []minimizeRow, of func(minimizeRow) float64) float64 {
	var values []float64
	for _, r := range rows {
		values = append(values, of(r))
	}
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}
