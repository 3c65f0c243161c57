package main

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"github.com/triggerfinder/triggerfinder/bench/plots"
)

// drawn are the lines of a panel: colours tell strategies apart, dashes the baseline.
var drawn = []struct {
	method, strategy string
	colour           color.RGBA
	dashes           []vg.Length
}{
	{"margin", "TriggerFinder", color.RGBA{0xd5, 0x5e, 0x00, 0xff}, []vg.Length{3, 2}},
	{"margin", "Boundary", color.RGBA{0x00, 0x4c, 0x9e, 0xff}, []vg.Length{3, 2}},
	{"selector", "TriggerFinder", color.RGBA{0xd5, 0x5e, 0x00, 0xff}, nil},
	{"selector", "Boundary", color.RGBA{0x00, 0x4c, 0x9e, 0xff}, nil},
}

const (
	perRow       = 4
	panelWidth   = 2.4 * vg.Inch
	panelHeight  = 2 * vg.Inch
	legendHeight = 0.3 * vg.Inch
)

// plot draws a panel a pair above one legend; nil where there is nothing to draw.
func (r *results) plot() ([]byte, error) {
	var panels []*plot.Plot
	for _, e := range r.Entries {
		if e.Selector == nil {
			continue
		}
		p, err := panel(e)
		if err != nil {
			return nil, fmt.Errorf("plot of %s: %w", e.Pair, err)
		}
		panels = append(panels, p)
	}
	if len(panels) == 0 {
		return nil, nil
	}
	columns := min(perRow, len(panels))
	rows := (len(panels) + columns - 1) / columns
	grid := make([][]*plot.Plot, rows)
	for i := range rows * columns {
		var p *plot.Plot
		if i < len(panels) {
			p = panels[i]
		}
		grid[i/columns] = append(grid[i/columns], p)
	}
	width, height := vg.Length(columns)*panelWidth, vg.Length(rows)*panelHeight+legendHeight
	picture := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(96))
	canvas := draw.New(picture)
	tiles := draw.Tiles{Rows: rows, Cols: columns, PadX: 8, PadY: 8}
	for row, canvases := range plot.Align(grid, tiles, draw.Crop(canvas, 4, -8, legendHeight, -4)) {
		for column, c := range canvases {
			if grid[row][column] != nil {
				grid[row][column].Draw(c)
			}
		}
	}
	legend(draw.Crop(canvas, 0, 0, 0, legendHeight-height))
	return plots.Encode(picture)
}

func panel(e *entry) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = e.Pair, "asked, %", "mended, %"
	p.Add(plotter.NewGrid())
	for _, d := range drawn {
		for _, c := range e.Selector.Curves {
			if c.Method != d.method || c.TestedOn != d.strategy {
				continue
			}
			var points plotter.XYs
			for _, q := range c.Points {
				if q[0] > 0 {
					points = append(points, plotter.XY{X: q[0], Y: q[1]})
				}
			}
			l, err := plotter.NewLine(points)
			if err != nil {
				return nil, err
			}
			l.Color, l.Dashes, l.Width = d.colour, d.dashes, vg.Points(1.5)
			p.Add(l)
		}
	}
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0.1, 32, 0, 100
	return p, nil
}

// legend writes what the lines are, side by side.
func legend(c draw.Canvas) {
	style := plot.New().Legend.TextStyle
	style.Font.Size, style.YAlign = 9, draw.YCenter
	const dash, gap = 16, 12
	x, y := c.Min.X+12, (c.Min.Y+c.Max.Y)/2
	for _, d := range drawn {
		text := d.method + ", triggers of " + d.strategy
		c.StrokeLine2(draw.LineStyle{Color: d.colour, Width: 2, Dashes: d.dashes}, x, y, x+dash, y)
		c.FillText(style, vg.Point{X: x + dash + 4, Y: y}, text)
		x += dash + 4 + style.Width(text) + gap
	}
}
