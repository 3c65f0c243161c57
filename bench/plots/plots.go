// Package plots draws panels of lines side by side, above one legend.
package plots

import (
	"fmt"
	"image/color"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// Line is one line of a plot.
type Line struct {
	Name   string
	Style  int // of Styles
	Points plotter.XYs
}

// Panel is one plot of a picture.
type Panel struct {
	Title, X, Y string
	LogX, LogY  bool
	MinX, MaxX  float64 // 0, 0 for what the lines need
	Share       bool    // Y is a share in per cent
	Lines       []Line
}

// Styles are colours that differ in brightness too.
var Styles = []color.RGBA{
	{0x00, 0x4c, 0x9e, 0xff}, {0xd5, 0x5e, 0x00, 0xff}, {0xe6, 0x9f, 0x00, 0xff},
	{0x00, 0x7a, 0x55, 0xff}, {0x80, 0x80, 0x80, 0xff}, {0x56, 0xb4, 0xe9, 0xff},
}

// Cumulative is a staircase: the share of n, in per cent, that is at most x. Values below lowest, which a
// logarithmic axis cannot show, are moved there.
func Cumulative(values []float64, n int, lowest, end float64) plotter.XYs {
	sorted := slices.Sorted(slices.Values(values))
	points := plotter.XYs{{X: lowest, Y: 0}}
	for i, v := range sorted {
		v = max(v, lowest)
		y := 100 * float64(i+1) / float64(n)
		points = append(points, plotter.XY{X: v, Y: points[len(points)-1].Y}, plotter.XY{X: v, Y: y})
	}
	return append(points, plotter.XY{X: end, Y: points[len(points)-1].Y})
}

func (p Panel) draw() (*plot.Plot, error) {
	out := plot.New()
	out.Title.Text, out.X.Label.Text, out.Y.Label.Text = p.Title, p.X, p.Y
	out.Add(plotter.NewGrid())
	for i := len(p.Lines) - 1; i >= 0; i-- { // the first one on top
		l, err := plotter.NewLine(p.Lines[i].Points)
		if err != nil {
			return nil, fmt.Errorf("%s, %s: %w", p.Title, p.Lines[i].Name, err)
		}
		l.Color, l.Width = Styles[p.Lines[i].Style], vg.Points(1.6)
		out.Add(l)
	}
	if p.LogX {
		LogAxis(&out.X)
	}
	if p.LogY {
		LogAxis(&out.Y)
	}
	if p.MaxX > p.MinX {
		out.X.Min, out.X.Max = p.MinX, p.MaxX
	}
	if p.Share {
		out.Y.Min, out.Y.Max = 0, 100
	}
	return out, nil
}

// decades are the ticks of a logarithmic axis, with short labels.
type decades struct{}

// Ticks implements plot.Ticker.
func (decades) Ticks(least, most float64) []plot.Tick {
	ticks := plot.LogTicks{Prec: -1}.Ticks(least, most)
	for i, t := range ticks {
		if t.Label == "" {
			continue
		}
		for _, unit := range []struct {
			value float64
			name  string
		}{{1e6, "M"}, {1e4, "0k"}} { // 1000 is short as it is
			if t.Value >= unit.value {
				ticks[i].Label = strconv.FormatFloat(t.Value/unit.value, 'f', -1, 64) + unit.name
				break
			}
		}
	}
	return ticks
}

// LogAxis makes an axis logarithmic.
func LogAxis(axis *plot.Axis) {
	axis.Scale, axis.Tick.Marker = plot.LogScale{}, decades{}
}

const (
	panelWidth  = 3.1 * vg.Inch
	panelHeight = 2.5 * vg.Inch
	perRow      = 3

	legendRow = 0.35 * vg.Inch
	legendGap = 12
	dash      = 16
)

// Draw draws panels in rows above one legend, as PNG; nil where there are none.
func Draw(panels []Panel) ([]byte, error) {
	if len(panels) == 0 {
		return nil, nil
	}
	columns := min(len(panels), perRow)
	rows := (len(panels) + columns - 1) / columns
	grid := make([][]*plot.Plot, rows)
	for i, p := range panels {
		drawn, err := p.draw()
		if err != nil {
			return nil, err
		}
		grid[i/columns] = append(grid[i/columns], drawn)
	}
	for len(grid[rows-1]) < columns {
		grid[rows-1] = append(grid[rows-1], nil)
	}
	lines := linesOf(panels)
	width := vg.Length(columns) * panelWidth
	legendHeight := LegendHeight(lines, width)
	height := vg.Length(rows)*panelHeight + legendHeight
	picture := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(96))
	canvas := draw.New(picture)
	above := draw.Crop(canvas, 4, -8, legendHeight, -4)
	tiles := draw.Tiles{Rows: rows, Cols: columns, PadX: 10, PadY: 8}
	for row, canvases := range plot.Align(grid, tiles, above) {
		for column, c := range canvases {
			if grid[row][column] != nil {
				grid[row][column].Draw(c)
			}
		}
	}
	Legend(draw.Crop(canvas, 0, 0, 0, legendHeight-height), lines)
	return Encode(picture)
}

// linesOf are the lines of all panels, one a name.
func linesOf(panels []Panel) []Line {
	var lines []Line
	for _, p := range panels {
		for _, l := range p.Lines {
			if !slices.ContainsFunc(lines, func(known Line) bool { return known.Name == l.Name }) {
				lines = append(lines, l)
			}
		}
	}
	return lines
}

// LegendHeight is what Legend needs at a width.
func LegendHeight(lines []Line, width vg.Length) vg.Length {
	return vg.Length(len(legendRows(lines, width))) * legendRow
}

func legendStyle() draw.TextStyle {
	style := plot.New().Legend.TextStyle
	style.Font.Size, style.YAlign = 9, draw.YCenter
	return style
}

// entryWidth is that of a line's name in a legend, with its dash.
func entryWidth(l Line) vg.Length { return dash + 4 + legendStyle().Width(l.Name) }

// legendRows breaks a legend into rows.
func legendRows(lines []Line, width vg.Length) [][]Line {
	var rows [][]Line
	var at vg.Length
	for _, l := range lines {
		if next := at + legendGap + entryWidth(l); len(rows) == 0 || next > width {
			rows, at = append(rows, nil), 0
		}
		at += legendGap + entryWidth(l)
		rows[len(rows)-1] = append(rows[len(rows)-1], l)
	}
	return rows
}

// Legend writes the names of lines side by side, in as many rows as they need.
func Legend(c draw.Canvas, lines []Line) {
	style := legendStyle()
	for row, entries := range legendRows(lines, c.Max.X-c.Min.X) {
		total := -vg.Length(legendGap)
		for _, l := range entries {
			total += entryWidth(l) + legendGap
		}
		x, y := c.Min.X+max((c.Max.X-c.Min.X-total)/2, 4), c.Max.Y-(vg.Length(row)+0.5)*legendRow
		for _, l := range entries {
			c.StrokeLine2(draw.LineStyle{Color: Styles[l.Style], Width: 2.5}, x, y, x+dash, y)
			c.FillText(style, vg.Point{X: x + dash + 4, Y: y}, l.Name)
			x += entryWidth(l) + legendGap
		}
	}
}
