package answer

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Segmentation deviates where more than a share of the pixels has another label, or where the pixels of a class in both answers have less
// than an IoU: "class 1 covers 12 % → 7 %, 5.3 % of the pixels changed". Both models give labels for as many pixels.
func Segmentation(m Masks) (Oracle, error) {
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("answer: Segmentation: %w", err)
	}
	return segmentation{m}, nil
}

// segmentation is comparable, as oracles are.
type segmentation struct{ masks Masks }

var (
	_ Measured = segmentation{}
	_ Teller   = segmentation{}
	_ Checker  = segmentation{}
)

// String implements [Oracle].
func (o segmentation) String() string {
	m := o.masks
	parts := []string{}
	if m.Layout != "" {
		parts = append(parts, string(m.Layout))
	}
	if m.Share > 0 {
		parts = append(parts, fmt.Sprintf("share %g", m.Share))
	}
	if m.IoU > 0 {
		parts = append(parts, fmt.Sprintf("iou %g", m.IoU))
	}
	if m.Covering > 0 {
		parts = append(parts, fmt.Sprintf("covering %g", m.Covering))
	}
	if m.Threshold != 0 {
		parts = append(parts, fmt.Sprintf("threshold %g", m.Threshold))
	}
	if m.Output != "" {
		parts = append(parts, "of "+m.Output)
	}
	if m.Empty {
		parts = append(parts, "empty yes")
	}
	return "segmentation " + strings.Join(parts, ", ")
}

// Check implements [Checker]: both models have to give labels of as many pixels, and scores of as many classes.
func (o segmentation) Check(original, compressed Answer) error {
	from, err := o.masks.view(&original)
	if err == nil {
		err = from.checkLabels()
	}
	if err != nil {
		return fmt.Errorf("the original: %w", err)
	}
	to, err := o.masks.view(&compressed)
	if err == nil {
		err = to.checkLabels()
	}
	if err != nil {
		return fmt.Errorf("the compressed model: %w", err)
	}
	if from.height != to.height || from.width != to.width || from.classes != to.classes {
		return fmt.Errorf("expected labels of the same pixels and classes, found %s of the original and %s of the compressed model", original.inWords(), compressed.inWords())
	}
	return nil
}

// covered is what one class covers.
type coveredBy struct{ from, to, both int }

func (c coveredBy) either() int { return c.from + c.to - c.both }

func (c coveredBy) iou() float64 {
	if c.either() == 0 {
		return 1
	}
	return float64(c.both) / float64(c.either())
}

// maskComparison is what both models see. Its memory is used again.
type maskComparison struct {
	labels      [2][]uint16
	ahead       [2][]float32
	classes     []coveredBy
	size, other int     // pixels, and those with another label
	sure        float64 // how far the pixels of one label are from another one, above 0 and below 1
}

var maskComparisons = sync.Pool{New: func() any { return new(maskComparison) }}

// compare reads both answers. Where margins is set, it also finds how sure both models are of pixels on which they agree.
func (o segmentation) compare(original, compressed *Answer, margins bool) *maskComparison {
	c := maskComparisons.Get().(*maskComparison)
	c.size, c.other, c.sure, c.classes = 0, 0, 1, c.classes[:0]
	from, err1 := o.masks.view(original)
	to, err2 := o.masks.view(compressed)
	if err1 != nil || err2 != nil || from.size() != to.size() {
		return c // Check refused it
	}
	c.size = from.size()
	for side, v := range [...]maskView{from, to} {
		c.labels[side] = slices.Grow(c.labels[side][:0], c.size)[:c.size]
		var ahead []float32
		if margins {
			c.ahead[side] = slices.Grow(c.ahead[side][:0], c.size)[:c.size]
			ahead = c.ahead[side]
		}
		v.labels(c.labels[side], ahead, o.masks.threshold())
	}
	most := 0
	for i, l := range c.labels[0] {
		most = max(most, int(l), int(c.labels[1][i]))
	}
	c.classes = slices.Grow(c.classes, most+1)[:most+1]
	clear(c.classes)
	for i, l := range c.labels[0] {
		k := c.labels[1][i]
		c.classes[l].from++
		c.classes[k].to++
		if l == k {
			c.classes[l].both++
		} else {
			c.other++
		}
	}
	if margins {
		near := 0.0
		for i, l := range c.labels[0] {
			if l == c.labels[1][i] {
				ahead := float64(min(c.ahead[0][i], c.ahead[1][i]))
				near += 1 / (1 + ahead) // of any unit
			}
		}
		c.sure = min(max(1-near/float64(c.size), shortfallFloor), 1-shortfallFloor)
	}
	return c
}

// judges reports whether the IoU of a class counts.
func (c *maskComparison) judges(k coveredBy, covering float64) bool {
	return float64(max(k.from, k.to)) >= covering*float64(c.size) && k.either() > 0
}

// excess is by how much the share or an IoU is beyond what is allowed, above 0 for a deviation alone. Between two numbers of pixels it goes by
// how sure both models are of the others.
func (o segmentation) excess(c *maskComparison) float64 {
	if c.size == 0 {
		return -1
	}
	n := float64(c.size)
	most := math.Inf(-1)
	if s := o.masks.Share; s > 0 {
		beyond := float64(c.other)/n - s
		if beyond <= 0 {
			beyond = -max(-beyond+c.sure/n, shortfallFloor)
		}
		most = beyond
	}
	if u := o.masks.IoU; u > 0 {
		for _, k := range c.classes {
			if !c.judges(k, o.masks.covering()) {
				continue
			}
			beyond := u - k.iou()
			if beyond <= 0 {
				beyond = -max(-beyond+c.sure/n, shortfallFloor)
			}
			most = max(most, beyond)
		}
	}
	if math.IsInf(most, -1) { // no class covers enough
		return -1
	}
	return most
}

// Judge implements [Oracle].
func (o segmentation) Judge(original, compressed Answer) Verdict {
	c := o.compare(&original, &compressed, false)
	defer maskComparisons.Put(c)
	return Verdict{Deviates: o.excess(c) > 0}
}

// Shortfall implements [Graded]: which share of the pixels, or how much of an IoU, is missing to a deviation.
func (o segmentation) Shortfall(original, compressed Answer) float64 {
	return max(0, -o.Excess(original, compressed))
}

// Excess implements [Measured].
func (o segmentation) Excess(original, compressed Answer) float64 {
	c := o.compare(&original, &compressed, true)
	defer maskComparisons.Put(c)
	return o.excess(c)
}

// told is the class whose pixels a deviation is told by: that of the lowest IoU of those that cover something.
func (o segmentation) told(c *maskComparison) int {
	best, least := -1, math.Inf(1)
	for k, covers := range c.classes {
		if v := covers.iou(); c.judges(covers, o.masks.covering()) && v < least {
			best, least = k, v
		}
	}
	if best >= 0 {
		return best
	}
	for k, covers := range c.classes { // none covers much
		if covers.either() > 0 && (best < 0 || covers.either()-covers.both > c.classes[best].either()-c.classes[best].both) {
			best = k
		}
	}
	return max(best, 0)
}

// Deviation implements [Teller].
func (o segmentation) Deviation(original, compressed Answer) Deviation {
	c := o.compare(&original, &compressed, false)
	defer maskComparisons.Put(c)
	if c.size == 0 {
		return Deviation{From: Said{Label: NoLabel}, To: Said{Label: NoLabel}}
	}
	label := o.told(c)
	k, share := c.classes[label], float64(c.other)/float64(c.size)
	name := ClassName(nil, label)
	from, to := percent(k.from, c.size), percent(k.to, c.size)
	d := Deviation{
		From: Said{Label: NoLabel, Words: name + " covers " + from},
		To:   Said{Label: NoLabel, Words: to + ", " + percent(c.other, c.size) + " of the pixels changed"},
		Size: share, Unit: "share", Group: name + " elsewhere",
	}
	if o.masks.IoU > 0 {
		d.To.Words += ", IoU " + below(k.iou(), o.masks.IoU)
	}
	// Larger or smaller by more than what is elsewhere.
	if grown := k.to - k.from; 2*max(grown, -grown) >= k.either()-k.both {
		d.Group = name + " larger"
		if grown < 0 {
			d.Group = name + " smaller"
		}
	}
	return d
}

// below is a share with as many digits as it takes to see that it is below a bound, where it is.
func below(v, bound float64) string {
	for digits := 2; digits < 9; digits++ {
		text := strconv.FormatFloat(v, 'f', digits, 64)
		if shown, err := strconv.ParseFloat(text, 64); err != nil || v >= bound || shown < bound {
			return text
		}
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

func percent(n, of int) string {
	v := 100 * float64(n) / float64(of)
	switch {
	case n == 0 || v >= 10:
		return fmt.Sprintf("%.0f %%", v)
	case v >= 1:
		return fmt.Sprintf("%.1f %%", v)
	}
	return fmt.Sprintf("%.2g %%", v)
}

// MaskPair is what two answers say of pixels.
type MaskPair struct {
	Height, Width        int
	Original, Compressed []uint16 // the label of each pixel, row by row; Compressed is nil for an answer that is none
}

// Masked are the labels of two answers, as a [Segmentation] oracle sees them. It reports false for oracles that are none, and for
// answers that it refuses. It sees through [Telling] and [AnyOf].
func Masked(oracle Oracle, original, compressed Answer) (MaskPair, bool) {
	o, ok := within[segmentation](oracle)
	if !ok || !Finite(original.Scores) || Check(o, original, original) != nil {
		return MaskPair{}, false
	}
	v, _ := o.masks.view(&original)
	p := MaskPair{Height: v.height, Width: v.width, Original: make([]uint16, v.size())}
	v.labels(p.Original, nil, o.masks.threshold())
	if Finite(compressed.Scores) && Check(o, original, compressed) == nil {
		v, _ = o.masks.view(&compressed)
		p.Compressed = make([]uint16, v.size())
		v.labels(p.Compressed, nil, o.masks.threshold())
	}
	return p, true
}
