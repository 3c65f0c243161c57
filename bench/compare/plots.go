package main

import (
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/bench/page"
	"github.com/triggerfinder/triggerfinder/bench/plots"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// shown are the pairs in plots of several strategies; those that were not measured are left out.
var shown = []string{"lenet5", "resnet20", "lenet5-int8"}

// palette is the order of strategies in plots.Styles.
var palette = []string{boundary().name, published().name, released().name, diffChaser().name, random().name, closedIn}

const closedIn = "Boundary, closing in"

func lineOf(name string, points plotter.XYs) plots.Line {
	return plots.Line{Name: name, Style: max(slices.Index(palette, name), 0), Points: points}
}

// plots draws all plots for which there are entries, into the folder of the page.
func (r *results) plots(dir string) (*page.Pictures, error) {
	pictures := page.NewPictures(dir)
	against := chosenEntries(r.of("against"))
	data, err := plots.Draw(panels(against, successPanel))
	if err := pictures.Add(page.Picture{
		Section: "against", File: "boundary-success.png", Alt: "Success against queries",
		Text: "Share of seeds with a trigger, against the queries spent on each.",
	}, data, err); err != nil {
		return nil, err
	}
	data, err = plots.Draw(panels(against, sortedPanel))
	if err := pictures.Add(page.Picture{
		Section: "against", File: "boundary-queries.png", Alt: "Queries against seeds",
		Text: "Queries to the first trigger, of each seed, sorted; the limit for seeds without a trigger.",
	}, data, err); err != nil {
		return nil, err
	}
	var distances []plots.Panel
	for _, e := range against {
		closing := chosenEntry(r.of("closing"), e.Pair)
		distances = append(distances, ssimPanel(e, closing))
	}
	for _, e := range against {
		closing := chosenEntry(r.of("closing"), e.Pair)
		distances = append(distances, linfPanel(e, closing))
	}
	data, err = plots.Draw(distances)
	if err := pictures.Add(page.Picture{
		Section: "closing", File: "boundary-distance.png", Alt: "Success against distance",
		Text: "Share of seeds with a trigger within a distance. First triggers as in \"Strategies side by side\", and those that Boundary closed in.",
	}, data, err); err != nil {
		return nil, err
	}
	data, err = overheadBars(r.of("throughput"))
	err = pictures.Add(page.Picture{
		Section: "throughput", File: "boundary-overhead.png", Alt: "Overhead of the search",
		Text: "Share of wall time outside the models.",
	}, data, err)
	return pictures, err
}

func chosenEntry(entries []entry, pair string) *entry {
	i := slices.IndexFunc(entries, func(e entry) bool { return e.Pair == pair })
	if i < 0 {
		return nil
	}
	return &entries[i]
}

func chosenEntries(entries []entry) []entry {
	var chosen []entry
	for _, pair := range shown {
		if e := chosenEntry(entries, pair); e != nil {
			chosen = append(chosen, *e)
		}
	}
	return chosen
}

func panels(entries []entry, of func(entry) plots.Panel) []plots.Panel {
	var list []plots.Panel
	for _, e := range entries {
		list = append(list, of(e))
	}
	return list
}

func successPanel(e entry) plots.Panel {
	p := plots.Panel{Title: e.Pair, X: "queries", Y: "seeds with a trigger, %", LogX: true, MinX: 1, MaxX: againstLimit, Share: true}
	for _, r := range e.Runs {
		p.Lines = append(p.Lines, lineOf(r.Strategy, plots.Cumulative(r.hits(), len(r.Queries), 1, againstLimit)))
	}
	return p
}

func sortedPanel(e entry) plots.Panel {
	p := plots.Panel{Title: e.Pair, X: "seed", Y: "queries", LogY: true}
	for _, r := range e.Runs {
		var points plotter.XYs
		for i, q := range slices.Sorted(slices.Values(r.limited())) {
			points = append(points, plotter.XY{X: float64(i + 1), Y: max(q, 1)})
		}
		p.Lines = append(p.Lines, lineOf(r.Strategy, points))
	}
	return p
}

func ssimPanel(e entry, closing *entry) plots.Panel {
	return distancePanel(e, closing, "1 - SSIM", 1, func(r measured) []float64 {
		var list []float64
		for _, s := range r.SSIM {
			list = append(list, 1-s)
		}
		return list
	})
}

func linfPanel(e entry, closing *entry) plots.Panel {
	return distancePanel(e, closing, "LInf, of 255", 255, func(r measured) []float64 { return r.LInf })
}

func distancePanel(e entry, closing *entry, name string, most float64, of func(measured) []float64) plots.Panel {
	p := plots.Panel{Title: e.Pair, X: name, Y: "seeds with a trigger, %", MaxX: most, Share: true}
	for _, r := range e.Runs {
		p.Lines = append(p.Lines, lineOf(r.Strategy, plots.Cumulative(of(r), len(r.Queries), 0, most)))
	}
	if closing != nil && len(closing.Runs) > 0 {
		r := closing.Runs[0]
		p.Lines = append(p.Lines, lineOf(closedIn, plots.Cumulative(of(r), len(r.Queries), 0, most)))
	}
	return p
}

// overheadBars has a group of bars a pair; nil where there are no entries.
func overheadBars(entries []entry) ([]byte, error) {
	if len(entries) == 0 {
		return nil, nil
	}
	out := plot.New()
	out.Y.Label.Text, out.Y.Min = "overhead, %", 0
	grid := plotter.NewGrid()
	grid.Vertical.Color = nil
	out.Add(grid)
	width := vg.Points(26)
	var names []string
	for i, c := range entries[0].Costs {
		var values plotter.Values
		for _, e := range entries {
			v := math.NaN()
			if i < len(e.Costs) {
				v = 100 * e.Costs[i].Overhead
			}
			values = append(values, v)
		}
		bars, err := plotter.NewBarChart(values, width)
		if err != nil {
			return nil, err
		}
		bars.Color, bars.LineStyle.Width = plots.Styles[max(slices.Index(palette, c.Strategy), 0)], 0
		bars.Offset = width * (vg.Length(i) - vg.Length(len(entries[0].Costs)-1)/2)
		out.Add(bars)
		out.Legend.Add(c.Strategy, bars)
	}
	for _, e := range entries {
		names = append(names, e.Pair)
	}
	out.NominalX(names...)
	out.X.Min, out.X.Max = -0.6, float64(len(entries))-0.4
	out.Legend.Top, out.Legend.XOffs = true, -8
	out.Y.Max *= 1.35 // room for the legend
	picture := vgimg.NewWith(vgimg.UseWH(5*vg.Inch, 2.6*vg.Inch), vgimg.UseDPI(96))
	out.Draw(draw.Crop(draw.New(picture), 4, -4, 4, -4))
	return plots.Encode(picture)
}
