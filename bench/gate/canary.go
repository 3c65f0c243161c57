package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"strconv"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/bench/subjects"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

const (
	canarySeeds   = 100
	canaryQueries = 100
)

// canarySizes are the sizes of the change, relative to the standard deviation of each weight tensor.
var canarySizes = []float64{0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3}

// canarySearches are the searches whose power is measured.
func canarySearches() []canarySearch {
	gap := model.Must(answer.MinGap(0.1, nil))
	return []canarySearch{
		{"Boundary", color.RGBA{0x00, 0x4c, 0x9e, 0xff}, engine.Settings{Strategy: strategies.Boundary()}},
		{"Boundary, LInf 8", color.RGBA{0x00, 0x7a, 0x55, 0xff}, engine.Settings{Strategy: strategies.Boundary(), Bound: distance.LInf(8)}},
		{"Boundary, gap 0.1", color.RGBA{0xd5, 0x5e, 0x00, 0xff}, engine.Settings{Strategy: strategies.Boundary(), Oracle: gap}},
		{"Random, gap 0.1", color.RGBA{0x80, 0x80, 0x80, 0xff}, engine.Settings{Strategy: strategies.Random(), Oracle: gap}},
	}
}

type canarySearch struct {
	name     string
	colour   color.RGBA
	settings engine.Settings
}

// canaryPair is a pair with the changed copies of its original.
type canaryPair struct {
	name    string
	open    func() (*model.Pair, input.Seeds, error)
	changed gate.Changed
}

func canaryPairs(data string) []canaryPair {
	var pairs []canaryPair
	for _, p := range []fixtures.Pair{fixtures.LeNet5Int8, fixtures.ResCNNInt8} {
		chosen, err := subjects.Choose(subjects.Fixtures(), []string{p.Name})
		if err == nil {
			pairs = append(pairs, canaryPair{p.Name, func() (*model.Pair, input.Seeds, error) { return chosen[0].Open() }, onnx.PerturbedFS(fixtures.Models, p.Original, onnx.Scale(fixtures.Scale))})
		}
	}
	if data != "" {
		chosen, err := subjects.Choose(subjects.Authors(data), []string{"lenet5"})
		if err == nil {
			pairs = append(pairs, canaryPair{"lenet5 (MNIST)", func() (*model.Pair, input.Seeds, error) { return chosen[0].Open() },
				onnx.Perturbed(filepath.Join(data, "models", "diffchaser", "lenet5.onnx"), onnx.Scale(1.0/255), onnx.Layout(onnx.NHWC))})
		}
	}
	return pairs
}

// canaryRow is the power of one search on one pair.
type canaryRow struct {
	pair, search string
	colour       color.RGBA
	trials       []gate.CanaryTrial
	found        int // seeds with a trigger in the pair itself
	seeds        int
}

// canary measures the power of searches against the size of the change, and writes gate-canary.md, gate-canary.csv and
// images/canary-power.png.
func canary(ctx context.Context, o options) error {
	var rows []canaryRow
	runtime := ""
	for _, p := range canaryPairs(o.data) {
		pair, seeds, err := p.open()
		if err != nil {
			return err
		}
		seeds = generators.First(seeds, canarySeeds)
		original, _ := pair.Describe()
		runtime = original.Settings["runtime"] + ", " + original.Settings["cpu"]
		for _, s := range canarySearches() {
			s.settings.Budget = engine.Budget{QueriesPerSeed: canaryQueries}
			fmt.Fprintf(o.log, "canary, %s, %s\n", p.name, s.name)
			row := canaryRow{pair: p.name, search: s.name, colour: s.colour}
			c, err := gate.MeasurePower(ctx, gate.PowerStudy{
				Original: pair.Original(), Changed: p.changed, Sizes: canarySizes, Seeds: seeds, Settings: s.settings,
			})
			if err != nil {
				return errors.Join(err, pair.Close())
			}
			r, err := engine.Search(ctx, pair, seeds, s.settings)
			if err != nil && !errors.Is(err, engine.ErrInconclusive) {
				return errors.Join(err, pair.Close())
			}
			row.trials, row.found, row.seeds = c.Trials, len(r.Triggers()), r.Usable()
			rows = append(rows, row)
		}
		if err := pair.Close(); err != nil {
			return err
		}
	}
	picture, err := powerPlot(rows)
	if err != nil {
		return err
	}
	command := "go run ./gate -only canary"
	if o.data != "" {
		command += " -data DIR"
	}
	for name, content := range map[string][]byte{
		"images/canary-power.png": picture, "gate-canary.csv": canaryCSV(rows), "gate-canary.md": canaryPage(rows, command, runtime),
	} {
		if err := saveResult(filepath.Join(o.out, name), content); err != nil {
			return err
		}
	}
	return nil
}

// saveResult writes a file in one go.
func saveResult(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	temporary := path + ".new"
	if err := os.WriteFile(temporary, content, 0o644); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

func canaryCSV(rows []canaryRow) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write([]string{"pair", "search", "size", "seeds", "found", "unchanged", "lower", "upper", "queries"})
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }
	for _, r := range rows {
		for _, t := range r.trials {
			_ = w.Write([]string{r.pair, r.search, number(t.Size), strconv.Itoa(t.Seeds), strconv.Itoa(t.Found), strconv.Itoa(t.Unchanged),
				number(t.Lower), number(t.Upper), strconv.Itoa(t.Queries)})
		}
	}
	w.Flush()
	return b.Bytes()
}

func canaryPage(rows []canaryRow, command, runtime string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `# The power of a search against the size of a known change

The canary (package `+"`gate`, `WithCanary`"+`): Gaussian noise was added to the weights of each original, with the given share of the
standard deviation of each weight tensor, and the same search ran against the copy: %d seeds, at most %d queries a seed, random
seed 0. The figures are the share of seeds with a confirmed deviation, and its 95 %% Clopper-Pearson interval. "gap 0.1" counts
only deviations in which the compressed model gives the original's label a score lower by 0.1 or more; "LInf 8" allows 8 of 255 grey
levels a pixel. The last column is the same search on the pair itself. Measured with %s. The CSV is
`+"`gate-canary.csv`"+`.

`+"```\n%s\n```\n", canarySeeds, canaryQueries, runtime, command)
	fmt.Fprintf(&b, "\n![Power against the size of the change](images/canary-power.png)\n\nBars are the intervals.\n\n| pair | search |")
	for _, size := range canarySizes {
		fmt.Fprintf(&b, " %s |", gate.Percent(size))
	}
	b.WriteString(" the pair |\n| --- | --- |")
	for range len(canarySizes) + 1 {
		b.WriteString(" ---: |")
	}
	b.WriteString("\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s |", r.pair, r.search)
		for _, t := range r.trials {
			fmt.Fprintf(&b, " %.0f (%.0f to %.0f) |", 100*t.Rate(), 100*t.Lower, 100*t.Upper)
		}
		fmt.Fprintf(&b, " %d of %d |\n", r.found, r.seeds)
	}
	return b.Bytes()
}

// pointsWithBars are points with their intervals.
type pointsWithBars struct {
	plotter.XYs
	plotter.YErrors
}

func powerPlot(rows []canaryRow) ([]byte, error) {
	var plots []*plot.Plot
	var names []string
	for _, r := range rows {
		if len(names) == 0 || names[len(names)-1] != r.pair {
			p := plot.New()
			p.Title.Text, p.X.Label.Text, p.Y.Label.Text = r.pair, "change of the weights, %", "seeds with a deviation, %"
			p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.ConstantTicks{{Value: 0.01, Label: "0.01"}, {Value: 0.1, Label: "0.1"}, {Value: 1, Label: "1"}, {Value: 10, Label: "10"}}
			p.Add(plotter.NewGrid())
			plots, names = append(plots, p), append(names, r.pair)
		}
		p := plots[len(plots)-1]
		var points pointsWithBars
		for _, t := range r.trials {
			points.XYs = append(points.XYs, plotter.XY{X: 100 * t.Size, Y: 100 * t.Rate()})
			points.YErrors = append(points.YErrors, struct{ Low, High float64 }{100 * (t.Rate() - t.Lower), 100 * (t.Upper - t.Rate())})
		}
		line, dots, err := plotter.NewLinePoints(points.XYs)
		if err != nil {
			return nil, err
		}
		errorBars, err := plotter.NewYErrorBars(points)
		if err != nil {
			return nil, err
		}
		line.Color, line.Width, dots.Color, dots.Shape, dots.Radius = r.colour, vg.Points(1.6), r.colour, draw.CircleGlyph{}, vg.Points(2)
		errorBars.Color, errorBars.CapWidth = r.colour, vg.Points(3)
		p.Add(errorBars, line, dots)
		p.Legend.Add(r.search, line)
		p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0.008, 40, 0, 100
	}
	legend := plots[len(plots)-1].Legend
	for _, p := range plots {
		p.Legend = plot.NewLegend()
	}
	const width, height, side = 3 * vg.Inch, 2.7 * vg.Inch, 1.6 * vg.Inch
	total := vg.Length(len(plots))*width + side
	canvas := vgimg.NewWith(vgimg.UseWH(total, height), vgimg.UseDPI(96))
	all := draw.New(canvas)
	for i, p := range plots {
		left := vg.Length(i) * width
		p.Draw(draw.Crop(all, left+6, left+width-6-total, 6, -6))
	}
	legend.Left, legend.Top, legend.TextStyle.Font.Size, legend.Padding = true, true, 10, vg.Points(3)
	legend.Draw(draw.Crop(all, total-side+4, 0, 0, -0.4*vg.Inch))
	var b bytes.Buffer
	_, err := vgimg.PngCanvas{Canvas: canvas}.WriteTo(&b)
	return b.Bytes(), err
}
