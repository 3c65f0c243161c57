package main

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	"image/color"
	imagedraw "image/draw"
	"image/png"
	"maps"
	"math"
	"path/filepath"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// picture is a plot of the page.
type picture struct {
	experiment string // below whose tables it stands
	file       string
	alt        string
	text       string
}

// shown are the pairs in plots of several strategies; those that were not measured are left out.
var shown = []string{"lenet5", "resnet20", "lenet5-int8"}

// line is one line of a plot.
type line struct {
	name   string
	style  int // of styles
	points plotter.XYs
}

// panel is one plot of a picture.
type panel struct {
	title, x, y string
	logX, logY  bool
	minX, maxX  float64 // 0, 0 for what the lines need
	share       bool    // y is a share in per cent
	lines       []line
}

// styles are colours that differ in brightness too; the place is that of the strategy in palette.
var styles = []color.RGBA{
	{0x00, 0x4c, 0x9e, 0xff}, {0xd5, 0x5e, 0x00, 0xff}, {0xe6, 0x9f, 0x00, 0xff},
	{0x00, 0x7a, 0x55, 0xff}, {0x80, 0x80, 0x80, 0xff}, {0x56, 0xb4, 0xe9, 0xff},
}

// palette is the order of strategies in styles.
var palette = []string{boundary().name, published().name, released().name, diffChaser().name, random().name, closedIn}

const closedIn = "Boundary, closing in"

func lineOf(name string, points plotter.XYs) line {
	return line{name: name, style: max(slices.Index(palette, name), 0), points: points}
}

// plots draws all plots for which there are entries, into the folder.
func (r *results) plots(dir string) ([]picture, error) {
	var pictures []picture
	add := func(p picture, data []byte, err error) error {
		if err != nil {
			return fmt.Errorf("%s: %w", p.file, err)
		}
		if data == nil {
			return nil
		}
		pictures = append(pictures, p)
		return writeFile(filepath.Join(dir, p.file), data)
	}
	against := chosenEntries(r.of("against"))
	data, err := drawPanels(panels(against, successPanel))
	if err := add(picture{"against", "boundary-success.png", "Success against queries",
		"Share of seeds with a trigger, against the queries spent on each."}, data, err); err != nil {
		return nil, err
	}
	data, err = drawPanels(panels(against, sortedPanel))
	if err := add(picture{"against", "boundary-queries.png", "Queries against seeds",
		"Queries to the first trigger, of each seed, sorted; the limit for seeds without a trigger."}, data, err); err != nil {
		return nil, err
	}
	var distances []panel
	for _, e := range against {
		closing := chosenEntry(r.of("closing"), e.Pair)
		distances = append(distances, ssimPanel(e, closing))
	}
	for _, e := range against {
		closing := chosenEntry(r.of("closing"), e.Pair)
		distances = append(distances, linfPanel(e, closing))
	}
	data, err = drawPanels(distances)
	if err := add(picture{"closing", "boundary-distance.png", "Success against distance",
		"Share of seeds with a trigger within a distance. First triggers as in \"Strategies side by side\", and those that Boundary closed in."}, data, err); err != nil {
		return nil, err
	}
	data, err = overheadBars(r.of("throughput"))
	err = add(picture{"throughput", "boundary-overhead.png", "Overhead of the search",
		"Share of wall time outside the models."}, data, err)
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

func panels(entries []entry, of func(entry) panel) []panel {
	var list []panel
	for _, e := range entries {
		list = append(list, of(e))
	}
	return list
}

// cumulative is a staircase: the share of n, in per cent, that is at most x. Values below lowest, which a
// logarithmic axis cannot show, are moved there.
func cumulative(values []float64, n int, lowest, end float64) plotter.XYs {
	sorted := slices.Sorted(slices.Values(values))
	points := plotter.XYs{{X: lowest, Y: 0}}
	for i, v := range sorted {
		v = max(v, lowest)
		y := 100 * float64(i+1) / float64(n)
		points = append(points, plotter.XY{X: v, Y: points[len(points)-1].Y}, plotter.XY{X: v, Y: y})
	}
	return append(points, plotter.XY{X: end, Y: points[len(points)-1].Y})
}

func successPanel(e entry) panel {
	p := panel{title: e.Pair, x: "queries", y: "seeds with a trigger, %", logX: true, minX: 1, maxX: againstLimit, share: true}
	for _, r := range e.Runs {
		p.lines = append(p.lines, lineOf(r.Strategy, cumulative(r.hits(), len(r.Queries), 1, againstLimit)))
	}
	return p
}

func sortedPanel(e entry) panel {
	p := panel{title: e.Pair, x: "seed", y: "queries", logY: true}
	for _, r := range e.Runs {
		var points plotter.XYs
		for i, q := range slices.Sorted(slices.Values(r.limited())) {
			points = append(points, plotter.XY{X: float64(i + 1), Y: max(q, 1)})
		}
		p.lines = append(p.lines, lineOf(r.Strategy, points))
	}
	return p
}

func ssimPanel(e entry, closing *entry) panel {
	return distancePanel(e, closing, "1 - SSIM", 1, func(r measured) []float64 {
		var list []float64
		for _, s := range r.SSIM {
			list = append(list, 1-s)
		}
		return list
	})
}

func linfPanel(e entry, closing *entry) panel {
	return distancePanel(e, closing, "LInf, of 255", 255, func(r measured) []float64 { return r.LInf })
}

func distancePanel(e entry, closing *entry, name string, most float64, of func(measured) []float64) panel {
	p := panel{title: e.Pair, x: name, y: "seeds with a trigger, %", maxX: most, share: true}
	for _, r := range e.Runs {
		p.lines = append(p.lines, lineOf(r.Strategy, cumulative(of(r), len(r.Queries), 0, most)))
	}
	if closing != nil && len(closing.Runs) > 0 {
		r := closing.Runs[0]
		p.lines = append(p.lines, lineOf(closedIn, cumulative(of(r), len(r.Queries), 0, most)))
	}
	return p
}

func (p panel) draw() (*plot.Plot, error) {
	out := plot.New()
	out.Title.Text, out.X.Label.Text, out.Y.Label.Text = p.title, p.x, p.y
	out.Add(plotter.NewGrid())
	for i := len(p.lines) - 1; i >= 0; i-- { // the first one on top
		l, err := plotter.NewLine(p.lines[i].points)
		if err != nil {
			return nil, fmt.Errorf("%s, %s: %w", p.title, p.lines[i].name, err)
		}
		l.Color, l.Width = styles[p.lines[i].style], vg.Points(1.6)
		out.Add(l)
	}
	if p.logX {
		out.X.Scale, out.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	}
	if p.logY {
		out.Y.Scale, out.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	}
	if p.maxX > p.minX {
		out.X.Min, out.X.Max = p.minX, p.maxX
	}
	if p.share {
		out.Y.Min, out.Y.Max = 0, 100
	}
	return out, nil
}

const (
	panelWidth   = 3.1 * vg.Inch
	panelHeight  = 2.5 * vg.Inch
	legendHeight = 0.35 * vg.Inch
	perRow       = 3
)

// drawPanels draws panels in rows above one legend; nil where there are none.
func drawPanels(panels []panel) ([]byte, error) {
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
	width, height := vg.Length(columns)*panelWidth, vg.Length(rows)*panelHeight+legendHeight
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
	legend(draw.Crop(canvas, 0, 0, 0, legendHeight-height), panels)
	return encode(picture)
}

// legend writes the names of all lines side by side.
func legend(c draw.Canvas, panels []panel) {
	var names []string
	for _, p := range panels {
		for _, l := range p.lines {
			if !slices.Contains(names, l.name) {
				names = append(names, l.name)
			}
		}
	}
	style := plot.New().Legend.TextStyle
	style.Font.Size, style.YAlign = 9, draw.YCenter
	const dash, gap = 16, 12
	total := -vg.Length(gap)
	for _, name := range names {
		total += dash + 4 + style.Width(name) + gap
	}
	x, y := c.Min.X+max((c.Max.X-c.Min.X-total)/2, 4), (c.Min.Y+c.Max.Y)/2
	for _, name := range names {
		c.StrokeLine2(draw.LineStyle{Color: styles[max(slices.Index(palette, name), 0)], Width: 2.5}, x, y, x+dash, y)
		c.FillText(style, vg.Point{X: x + dash + 4, Y: y}, name)
		x += dash + 4 + style.Width(name) + gap
	}
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
		bars.Color, bars.LineStyle.Width = styles[max(slices.Index(palette, c.Strategy), 0)], 0
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
	return encode(picture)
}

// encode writes at most 256 colours, which makes files small: plots have few but those of smooth edges.
func encode(c *vgimg.Canvas) ([]byte, error) {
	picture := c.Image()
	few := image.NewPaletted(picture.Bounds(), frequent(picture, 256))
	imagedraw.Draw(few, few.Bounds(), picture, picture.Bounds().Min, imagedraw.Src)
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&b, few); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// frequent are the most frequent colours of a picture.
func frequent(picture image.Image, most int) color.Palette {
	counts := map[color.RGBA]int{}
	bounds := picture.Bounds()
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			counts[color.RGBAModel.Convert(picture.At(x, y)).(color.RGBA)]++
		}
	}
	colours := slices.SortedFunc(maps.Keys(counts), func(a, b color.RGBA) int {
		return cmp.Or(counts[b]-counts[a], cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	var palette color.Palette
	for _, c := range colours[:min(most, len(colours))] {
		palette = append(palette, c)
	}
	return palette
}
