package main

import (
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"github.com/triggerfinder/triggerfinder/bench/page"
	"github.com/triggerfinder/triggerfinder/bench/plots"
)

// palette is the order of strategies in plots.Styles.
var palette = []string{boundary, published, released, diffChaser, random}

// drawAll draws all pictures for which there are results, into the folder of the page.
func drawAll(dir string, list []subject, examples []example) (*page.Pictures, error) {
	pictures := page.NewPictures(dir)
	for _, dataset := range datasets {
		of := ofDataset(list, dataset)
		data, err := meansPlot(of)
		if err := pictures.Add(page.Picture{
			Section: "queries", File: "study-means-" + dataset + ".png", Alt: "Mean queries by pair, " + titles[dataset],
			Text: "Mean of queries to the first trigger, " + titles[dataset] + ". An arrow marks a lower bound: some seeds have no trigger within the limit.",
		}, data, err); err != nil {
			return nil, err
		}
		data, err = curves(of)
		if err := pictures.Add(page.Picture{
			Section: "curves", File: "study-curves-" + dataset + ".png", Alt: "Success against queries, " + titles[dataset],
			Text: "Seeds of " + titles[dataset] + ".",
		}, data, err); err != nil {
			return nil, err
		}
		data, err = sheet(dataset, examples)
		if err := pictures.Add(page.Picture{
			Section: "triggers", File: "study-triggers-" + dataset + ".png", Alt: "Triggers, " + titles[dataset],
			Text: "Triggers from seeds of " + titles[dataset] + ".",
		}, data, err); err != nil {
			return nil, err
		}
	}
	return pictures, nil
}

// curves has a panel a pair.
func curves(list []subject) ([]byte, error) {
	most := 10.0
	for _, s := range list {
		for _, name := range palette {
			if one := s.searches[name]; one != nil {
				most = max(most, float64(slices.Max(one.Queries)))
			}
		}
	}
	most = math.Pow(10, math.Ceil(math.Log10(most)))
	var panels []plots.Panel
	for _, s := range list {
		p := plots.Panel{Title: s.pair, X: "queries", Y: "seeds with a trigger, %", LogX: true, MinX: 1, MaxX: most, Share: true}
		for style, name := range palette {
			one := s.searches[name]
			if one == nil {
				continue
			}
			var hits []float64
			f := one.all()
			for _, q := range one.Queries {
				if q > 0 {
					hits = append(hits, float64(q))
				}
			}
			p.Lines = append(p.Lines, plots.Line{Name: name, Style: style, Points: plots.Cumulative(hits, f.seeds, 1, min(most, float64(f.limit)))})
		}
		if len(p.Lines) > 0 {
			panels = append(panels, p)
		}
	}
	return plots.Draw(panels)
}

// meansPlot has a row a pair and a dot a strategy; nil where there is nothing to show.
func meansPlot(list []subject) ([]byte, error) {
	if len(list) == 0 {
		return nil, nil
	}
	out := plot.New()
	out.X.Label.Text = "queries to the first trigger, mean"
	plots.LogAxis(&out.X)
	grid := plotter.NewGrid()
	out.Add(grid)
	var names []string
	for i := range list {
		names = append(names, list[len(list)-1-i].pair) // the first one on top
	}
	shown := 0
	least, most := math.Inf(1), 0.0
	for style := len(palette) - 1; style >= 0; style-- { // the first strategy on top, and larger below so that equal ones show
		var exact, bound plotter.XYs
		for i := range list {
			one := list[len(list)-1-i].searches[palette[style]]
			if one == nil {
				continue
			}
			f := one.all()
			if len(f.queries) == 0 {
				continue
			}
			at := plotter.XY{X: max(meanQueries(f), 1), Y: float64(i)}
			least, most = min(least, at.X), max(most, at.X)
			if f.complete() {
				exact = append(exact, at)
			} else {
				bound = append(bound, at)
			}
		}
		for _, group := range []struct {
			points plotter.XYs
			shape  draw.GlyphDrawer
		}{{exact, draw.CircleGlyph{}}, {bound, arrow{}}} {
			if len(group.points) == 0 {
				continue
			}
			scatter, err := plotter.NewScatter(group.points)
			if err != nil {
				return nil, err
			}
			scatter.GlyphStyle = draw.GlyphStyle{Color: plots.Styles[style], Radius: vg.Points(3.6) + vg.Length(style)*0.35, Shape: group.shape}
			out.Add(scatter)
			shown += len(group.points)
		}
	}
	if shown == 0 {
		return nil, nil
	}
	out.NominalY(names...)
	out.Y.Min, out.Y.Max = -0.6, float64(len(list))-0.4
	out.X.Min, out.X.Max = math.Pow(10, math.Floor(math.Log10(least))), math.Pow(10, math.Ceil(math.Log10(most*1.01)))
	const legendHeight = 0.3 * vg.Inch
	width, height := 7*vg.Inch, vg.Length(len(list))*0.26*vg.Inch+0.7*vg.Inch+legendHeight
	picture := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(96))
	canvas := draw.New(picture)
	out.Draw(draw.Crop(canvas, 4, -12, legendHeight, -4))
	var entries []plots.Line
	for style, name := range palette {
		entries = append(entries, plots.Line{Name: name, Style: style})
	}
	plots.Legend(draw.Crop(canvas, 0, 0, 0, legendHeight-height), entries)
	return plots.Encode(picture)
}

// arrow is a triangle that points to the right.
type arrow struct{}

// DrawGlyph implements draw.GlyphDrawer.
func (arrow) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, at vg.Point) {
	r := style.Radius * 1.15
	c.SetColor(style.Color)
	var path vg.Path
	path.Move(vg.Point{X: at.X - r, Y: at.Y - r})
	path.Line(vg.Point{X: at.X + r, Y: at.Y})
	path.Line(vg.Point{X: at.X - r, Y: at.Y + r})
	path.Close()
	c.Fill(path)
}
