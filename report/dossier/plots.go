package dossier

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/stats"
)

// The measures of a plot, in units of its own that are about pixels on a phone.
const (
	plotWidth  = 420
	plotHeight = 250
	plotLeft   = 52
	plotRight  = 14
	plotTop    = 14
	plotBottom = 46
)

// plot is a drawing that the page shows as SVG.
type plot struct {
	Width, Height int
	Left, Top     float64 // of the area inside the axes
	Right, Bottom float64
	XName, YName  string
	XTicks        []tick
	YTicks        []tick

	Says     string // what it shows, for those who do not see it
	Curve    string // of a path
	Area     string // below the curve
	Bars     []bar
	Dots     []dot
	Whiskers []whisker
}

type (
	tick struct {
		At   float64
		Text string
	}
	bar     struct{ X, Y, W, H float64 }
	dot     struct{ X, Y float64 }
	whisker struct{ X, Y1, Y2 float64 }
)

func newPlot(xName, yName string) *plot {
	return &plot{
		Width: plotWidth, Height: plotHeight, Left: plotLeft, Top: plotTop,
		Right: plotWidth - plotRight, Bottom: plotHeight - plotBottom, XName: xName, YName: yName,
	}
}

// axis places a value between two ends.
type axis struct {
	least, most float64 // values
	from, to    float64 // places
	log         bool
}

func (a axis) at(v float64) float64 {
	least, most := a.least, a.most
	if a.log {
		v, least, most = math.Log10(max(v, a.least)), math.Log10(least), math.Log10(most)
	}
	share := (v - least) / (most - least)
	return round1(a.from + min(max(share, 0), 1)*(a.to-a.from))
}

func round1(v float64) float64 { return math.Round(10*v) / 10 }

func (p *plot) shares() axis {
	y := axis{0, 1, p.Bottom, p.Top, false}
	for _, v := range []float64{0, 0.25, 0.5, 0.75, 1} {
		p.YTicks = append(p.YTicks, tick{y.at(v), fmt.Sprintf("%.0f %%", 100*v)})
	}
	return y
}

// successPlot shows the share of usable seeds with a trigger after at most so many queries each; nil when
// there is nothing to show.
func successPlot(s Search) *plot {
	var hits []int
	most := 10
	for seed := range s.seeds() {
		most = max(most, seed.Queries)
		if seed.FirstHit != nil {
			hits = append(hits, seed.FirstHit.Queries)
		}
	}
	if len(hits) == 0 || s.Usable == 0 {
		return nil
	}
	slices.Sort(hits)
	p := newPlot("queries a seed", "seeds with a trigger")
	x, y := axis{1, float64(most), p.Left, p.Right, true}, p.shares()
	for decade := 1.0; decade <= float64(most); decade *= 10 {
		p.XTicks = append(p.XTicks, tick{x.at(decade), number(decade)})
	}
	// A step at each hit; of very many hits, only those that a screen can tell apart.
	var path strings.Builder
	fmt.Fprintf(&path, "M%v %v", p.Left, p.Bottom)
	lastX, lastY := p.Left, p.Bottom
	for i, q := range hits {
		px, py := x.at(float64(max(q, 1))), y.at(float64(i+1)/float64(s.Usable))
		if i < len(hits)-1 && px-lastX < 1 && lastY-py < 1 {
			continue
		}
		fmt.Fprintf(&path, "H%vV%v", px, py)
		lastX, lastY = px, py
	}
	fmt.Fprintf(&path, "H%v", p.Right)
	p.Curve = path.String()
	p.Area = fmt.Sprintf("%sV%vZ", p.Curve, p.Bottom)
	p.Says = fmt.Sprintf("%d of %d seeds have a trigger; half of those were found within %s, the last after %s.",
		len(hits), s.Usable, report.Plural(hits[(len(hits)-1)/2], "query"), report.Plural(hits[len(hits)-1], "query"))
	return p
}

const histogramBins = 20

// distancePlot is the distribution of the distances of triggers to their seeds: their structural similarity where
// all are images, else their Euclidean distance. It is nil when there are no triggers.
func distancePlot(s Search) *plot {
	var ssim, l2 []float64
	for seed := range s.seeds() {
		if t := seed.Trigger; t != nil {
			if t.SSIM != nil {
				ssim = append(ssim, *t.SSIM)
			}
			if t.L2 != nil {
				l2 = append(l2, *t.L2)
			}
		}
	}
	switch {
	case len(ssim) > 0 && len(ssim) >= len(l2):
		least := math.Min(math.Floor(10*slices.Min(ssim))/10, 0.9)
		return histogram(ssim, least, 1, "SSIM to the seed (1: the same image)")
	case len(l2) > 0:
		return histogram(l2, 0, niceCeil(slices.Max(l2)), "L2 distance to the seed")
	}
	return nil
}

func histogram(values []float64, least, most float64, name string) *plot {
	if !(most > least) {
		most = least + 1
	}
	var counts [histogramBins]int
	for _, v := range values {
		bin := int((v - least) / (most - least) * histogramBins)
		counts[min(max(bin, 0), histogramBins-1)]++
	}
	highest := slices.Max(counts[:])
	p := newPlot(name, "triggers")
	step := max(1, int(niceCeil(float64(highest)/4)))
	top := (highest + step - 1) / step * step
	x, y := axis{least, most, p.Left, p.Right, false}, axis{0, float64(top), p.Bottom, p.Top, false}
	for n := 0; n <= top; n += step {
		p.YTicks = append(p.YTicks, tick{y.at(float64(n)), thousands(int64(n))})
	}
	for i := range 6 {
		v := least + float64(i)/5*(most-least)
		p.XTicks = append(p.XTicks, tick{x.at(v), strconv.FormatFloat(v, 'g', 3, 64)})
	}
	width := (p.Right - p.Left) / histogramBins
	for i, n := range counts {
		if n > 0 {
			at := y.at(float64(n))
			p.Bars = append(p.Bars, bar{round1(p.Left + float64(i)*width + 0.5), at, round1(width - 1), round1(p.Bottom - at)})
		}
	}
	sorted := slices.Sorted(slices.Values(values))
	p.Says = fmt.Sprintf("%s of %s: least %s, median %s, greatest %s.", name, report.Plural(len(values), "trigger"),
		number(sorted[0]), number(stats.Median(values)), number(sorted[len(sorted)-1]))
	return p
}

// niceCeil is the least 1, 2 or 5 times a power of ten that is not below v.
func niceCeil(v float64) float64 {
	if !(v > 0) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= v {
			return m * power
		}
	}
	return 10 * power
}

// canaryPlot shows the detection rate against the size of the change; nil when there are no trials.
func canaryPlot(c gate.Canary) *plot {
	var trials []gate.CanaryTrial
	for _, t := range c.Trials {
		if t.Seeds > 0 && t.Size > 0 {
			trials = append(trials, t)
		}
	}
	if len(trials) == 0 {
		return nil
	}
	slices.SortStableFunc(trials, func(a, b gate.CanaryTrial) int {
		if a.Size < b.Size {
			return -1
		}
		return 1
	})
	p := newPlot("size of the change (of a weight's standard deviation)", "seeds where it was found")
	least, most := trials[0].Size/1.5, trials[len(trials)-1].Size*1.5
	x, y := axis{least, most, p.Left, p.Right, true}, p.shares()
	var path strings.Builder
	lastTick := math.Inf(-1)
	for i, t := range trials {
		at := dot{x.at(t.Size), y.at(float64(t.Found) / float64(t.Seeds))}
		p.Dots = append(p.Dots, at)
		p.Whiskers = append(p.Whiskers, whisker{at.X, y.at(t.Lower), y.at(t.Upper)})
		command := "L"
		if i == 0 {
			command = "M"
		}
		fmt.Fprintf(&path, "%s%v %v", command, at.X, at.Y)
		if at.X-lastTick > 34 {
			p.XTicks = append(p.XTicks, tick{at.X, strconv.FormatFloat(t.Size, 'g', 2, 64)})
			lastTick = at.X
		}
		p.Says += fmt.Sprintf("At size %s found in %d of %s. ", number(t.Size), t.Found, report.Plural(t.Seeds, "seed"))
	}
	p.Curve = path.String()
	return p
}

// strip shows an interval on a line from 0 to an end, with the limit as a mark.
type strip struct {
	Says         string
	From, Width  float64 // of 100
	Value, Limit float64
	HasLimit     bool
	Start, End   string // what the line's ends mean
}

func rateStrip(r gate.Rate) strip {
	end := niceCeil(1.2 * max(r.Upper, r.Limit, 1e-6))
	if end > 1 {
		end = 1
	}
	at := func(v float64) float64 { return round1(100 * min(max(v/end, 0), 1)) }
	s := strip{
		From: at(r.Lower), Width: max(0.5, round1(at(r.Upper)-at(r.Lower))), Limit: at(r.Limit), HasLimit: r.Limit > 0,
		Start: "0", End: percent(end),
		Says: fmt.Sprintf("the rate lies between %s and %s", percent(r.Lower), percent(r.Upper)),
	}
	if r.Drawn > 0 {
		s.Value = at(float64(r.Deviations) / float64(r.Drawn))
	}
	if s.HasLimit {
		s.Says += "; the limit is " + percent(r.Limit)
	}
	return s
}
