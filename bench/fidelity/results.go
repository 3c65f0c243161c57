package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/triggerfinder/triggerfinder/bench/page"
)

// results are all rows so far, and how they came about.
type results struct {
	runtime string // version of ONNX Runtime
	rows    []row
}

const (
	markdownFile = "triggerfinder.md"
	csvFile      = "triggerfinder.csv"
)

// load reads the rows of earlier runs.
func (r *results) load(dir string) error {
	path := filepath.Join(dir, csvFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		r.rows, err = fromCSV(data)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// replace puts the rows of a pair in the place of earlier ones. The order of pairs is that of all.
func (r *results) replace(pair string, rows []row, all []subject) {
	r.rows = slices.DeleteFunc(r.rows, func(r row) bool { return r.pair == pair })
	r.rows = append(r.rows, rows...)
	place := func(r row) int {
		return slices.IndexFunc(all, func(s subject) bool { return s.name == r.pair })
	}
	slices.SortStableFunc(r.rows, func(a, b row) int {
		if a.part != b.part {
			return int(a.part) - int(b.part)
		}
		return place(a) - place(b)
	})
}

// save writes both files into the folder, in place of earlier ones.
func (r *results) save(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	if err := write(filepath.Join(dir, markdownFile), r.markdown()); err != nil {
		return err
	}
	return write(filepath.Join(dir, csvFile), toCSV(r.rows))
}

// write never leaves half a file behind.
func write(path string, data []byte) error {
	temporary := path + ".tmp"
	if err := os.WriteFile(temporary, data, 0o666); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

func (r *results) markdown() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# TriggerFinder: queries to a trigger\n\n%s", r.explanation())
	for _, section := range []struct {
		part  part
		title string
		text  string
	}{
		{comparison, "Beside the authors' own code", "The pairs are those of the authors' public artefact, converted to ONNX: " +
			"LeNet-1 and LeNet-5 on MNIST, ResNet-20 on CIFAR-10, each against its 8-bit version. Ours: the first seeds, random seeds pooled. " +
			"The authors' own search loop ran on the same files and the same first 100 seeds, without a limit; of its rows the median is pooled over five random " +
			"seeds, everything else is from one of them. A few hard seeds dominate the means, so compare medians and geometric means. " +
			"SSIM is not comparable between the two: ours has an 11x11 Gaussian window, that of the authors' rows fits a uniform 7x7 window (ours is " +
			"0.17 with one, on LeNet-1 as released)."},
		{allSeeds, "All seeds of the same pairs", "Random seed 0."},
		{fixturePairs, "The pairs of package fixtures", "Fashion-MNIST, random seed 0. " +
			"`lenet5-planted` is no compressed model but a copy with one changed weight."},
	} {
		rows := slices.DeleteFunc(slices.Clone(r.rows), func(r row) bool { return r.part != section.part })
		if len(rows) > 0 {
			fmt.Fprintf(&b, "\n## %s\n\n%s\n\n", section.title, section.text)
			table(&b, rows)
		}
	}
	return b.Bytes()
}

func (r *results) explanation() string {
	var dates, machines []string
	for _, row := range r.rows {
		dates, machines = append(dates, row.date), append(machines, row.machine)
	}
	return fmt.Sprintf("A query is one candidate evaluated by both models; the seed itself and the confirmation of a hit are "+
		"not counted. \"Limit\" is the most queries a seed. \"Found\" is the number of searches, one a seed and random seed, that ended with a "+
		"confirmed trigger; the columns to its right are about these alone, so beside an incomplete \"found\" they are too "+
		"small. A seed that is a trigger itself took 0 queries (1 in the geometric mean). SSIM is that of the trigger to its seed. "+
		"Measured on %s, on %s, with %s, by one worker (the file `%s` has more columns). These commands in `bench/` repeat it, "+
		"where DIR is a folder as `go run ./fidelity -help` describes it:\n\n```\n%s\n```\n",
		strings.Join(page.Distinct(dates), ", "), strings.Join(page.Distinct(machines), " and "), r.versions(), csvFile, strings.Join(commands(r.rows), "\n"))
}

var columns = []string{
	"pair", "search", "limit", "found", "median", "mean", "p90", "max", "geometric mean", "mean SSIM", "median / authors'",
}

// cells are the row as it stands in a table, beneath columns.
func (r row) cells() []string {
	return []string{
		r.pair, r.version, grouped(r.limit), fmt.Sprintf("%d/%d", r.found, r.searches),
		number(r.median, 1), number(r.mean, 1), number(r.p90, 1), number(r.max, 0), number(r.geometricMean, 1),
		number(r.meanSSIM, 2), number(r.ratio, 2),
	}
}

func table(b *bytes.Buffer, rows []row) {
	shown := len(columns)
	if rows[0].part != comparison {
		shown-- // no ratio
	}
	line := func(cells []string) { fmt.Fprintf(b, "| %s |\n", strings.Join(cells[:shown], " | ")) }
	line(columns)
	rule := []string{"---", "---"}
	for len(rule) < len(columns) {
		rule = append(rule, "---:")
	}
	line(rule)
	for _, r := range rows {
		line(r.cells())
	}
}

// number has at most so many decimals; what was not measured is a dash.
func number(v float64, decimals int) string {
	if v == 0 {
		return "–"
	}
	return strings.TrimSuffix(strconv.FormatFloat(v, 'f', decimals, 64), ".0")
}

// grouped is a number with commas; 0 is a dash.
func grouped(n int) string {
	if n == 0 {
		return "–"
	}
	s := strconv.Itoa(n)
	for at := len(s) - 3; at > 0; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}

func (r *results) versions() string {
	version := "Go " + strings.TrimPrefix(runtime.Version(), "go")
	if r.runtime != "" {
		version += " and " + r.runtime
	}
	return version
}
