package answer

import (
	"fmt"
	"math"
	"slices"
)

// MaskLayout says how an output holds the labels of pixels.
type MaskLayout string

// Layouts of masks. The dimension of the batch is left out, and dimensions of 1 before the height are too.
const (
	ClassesFirst MaskLayout = "classes-first" // [classes, height, width]: a score for each class, of which the highest is the label
	ClassesLast  MaskLayout = "classes-last"  // [height, width, classes]
	LabelMap     MaskLayout = "labels"        // [height, width]: the labels themselves
	// OneClass and OneLogit are [height, width] too, of numbers for one class, its probability or its logit: from Threshold on, a pixel
	// has label 1, and 0 below.
	OneClass MaskLayout = "one-class"
	OneLogit MaskLayout = "one-logit"
)

// Masks says how a segmenter's answer holds the labels of pixels, and how much may differ. At least one of Share and IoU is set.
type Masks struct {
	// Layout says how labels lie; "" for the one that the shape and the numbers leave. Where they leave several, that is an error
	// which names them.
	Layout MaskLayout
	// Output is the name of the output; "" for the only one.
	Output string
	// Threshold is from where on a pixel is of the class; 0 for what is usual, 0.5 of [OneClass] and 0 of [OneLogit].
	Threshold float64

	// Share is the share of the pixels, above 0 and below 1, of which at most so many may have another label; 0 for any number.
	Share float64
	// IoU is the intersection over union, above 0 and at most 1, that the pixels of each class in both answers have at least; 0 for
	// any. Classes that cover less than Covering in both answers are left out.
	IoU float64
	// Covering is the share of the pixels from which IoU counts for a class; 0 for 0.01.
	Covering float64

	// Empty says that the pictures rightly show one class alone. Otherwise a search in which the original gives one label to all pixels
	// of every seed is an error, as the seeds or the preprocessing may not fit.
	Empty bool
}

func (m Masks) check() error {
	switch {
	case m.Layout != "" && m.Layout != ClassesFirst && m.Layout != ClassesLast && m.Layout != LabelMap && m.Layout != OneClass && m.Layout != OneLogit:
		return fmt.Errorf("layout: expected %s, %s, %s, %s or %s, found %.40q", ClassesFirst, ClassesLast, LabelMap, OneClass, OneLogit, string(m.Layout))
	case m.Threshold != 0 && m.Layout != OneClass && m.Layout != OneLogit:
		return fmt.Errorf("threshold: expected the layout %s or %s with it, found %q", OneClass, OneLogit, string(m.Layout))
	case math.IsNaN(m.Threshold) || math.IsInf(m.Threshold, 0):
		return fmt.Errorf("threshold: expected a number, found %g", m.Threshold)
	case !(m.Share >= 0 && m.Share < 1):
		return fmt.Errorf("share: expected above 0 and below 1, or 0 for any, found %g", m.Share)
	case !(m.IoU >= 0 && m.IoU <= 1):
		return fmt.Errorf("IoU: expected above 0 and at most 1, or 0 for any, found %g", m.IoU)
	case m.Share == 0 && m.IoU == 0:
		return fmt.Errorf("expected a share of the pixels or an IoU, found neither")
	case !(m.Covering >= 0 && m.Covering < 1):
		return fmt.Errorf("covering: expected above 0 and below 1, or 0 for 0.01, found %g", m.Covering)
	case m.Covering > 0 && m.IoU == 0:
		return fmt.Errorf("covering: expected an IoU with it, found none")
	}
	return nil
}

func (m Masks) covering() float64 {
	if m.Covering > 0 {
		return m.Covering
	}
	return 0.01
}

func (m Masks) threshold() float32 {
	if m.Threshold == 0 && m.Layout != OneLogit {
		return 0.5
	}
	return float32(m.Threshold)
}

// maskView is an answer with the places of the numbers of its pixels.
type maskView struct {
	values        []float32
	layout        MaskLayout
	classes       int // 0 for what has no scores of classes
	height, width int
}

func (v maskView) size() int { return v.height * v.width }

// mostLabels is more than the labels of any map.
const mostLabels = 1 << 16

// view finds out where the labels of pixels stand. It allocates nothing, but for errors.
func (m *Masks) view(a *Answer) (v maskView, err error) {
	values, shape, err := shaped(m.Output, a)
	if err != nil {
		return v, err
	}
	if slices.Contains(shape, 0) {
		return v, fmt.Errorf("expected at least one pixel, found shape %v", shape)
	}
	v = maskView{values: values, layout: m.Layout}
	dims := shape
	switch m.Layout {
	case LabelMap, OneClass, OneLogit:
		if len(dims) == 3 && dims[2] == 1 && dims[0] != 1 {
			dims = dims[:2]
		}
		dims = squeezed(dims, 2)
		if len(dims) != 2 {
			return v, fmt.Errorf("expected a number for each pixel, [height, width], found shape %v", shape)
		}
	case ClassesFirst, ClassesLast:
		dims = squeezed(dims, 3)
		if len(dims) != 3 {
			return v, fmt.Errorf("expected scores of classes for each pixel, in 3 dimensions, found shape %v", shape)
		}
	default:
		if dims = squeezed(dims, 2); len(dims) == 3 && dims[2] == 1 {
			dims = dims[:2]
		}
		if v.layout, err = m.tell(values, dims); err != nil {
			return v, err
		}
	}
	switch v.layout {
	case ClassesFirst:
		v.classes, v.height, v.width = dims[0], dims[1], dims[2]
	case ClassesLast:
		v.height, v.width, v.classes = dims[0], dims[1], dims[2]
	default:
		v.height, v.width = dims[0], dims[1]
		return v, nil
	}
	if v.classes < 2 || v.classes > mostLabels {
		return v, fmt.Errorf("expected 2 to %d classes, found %d in shape %v; a number for one class is of the layout %s", mostLabels, v.classes, shape, OneClass)
	}
	return v, nil
}

// tell finds the layout of an output where its shape, or what stands in it, leaves but one.
func (m *Masks) tell(values Scores, dims []int) (MaskLayout, error) {
	switch len(dims) {
	case 3:
		switch first, last := 2*dims[0] <= min(dims[1], dims[2]), 2*dims[2] <= min(dims[0], dims[1]); {
		case first:
			return ClassesFirst, nil
		case last:
			return ClassesLast, nil
		}
		return "", fmt.Errorf("expected a Layout, as shape %v may be %s of %d classes or %s of %d", dims, ClassesFirst, dims[0], ClassesLast, dims[2])
	case 2:
		whole, share := true, true
		for _, s := range values {
			if s-s != 0 { // NaN and infinity are no matter of the layout
				continue
			}
			whole = whole && s >= 0 && s == float32(int32(s))
			share = share && s >= 0 && s <= 1
		}
		switch {
		case whole: // of zeros and ones, both layouts say the same
			return LabelMap, nil
		case share:
			return OneClass, nil
		}
		return "", fmt.Errorf("expected a Layout, as numbers that are neither labels nor probabilities may be %s or another %s, found shape %v", OneLogit, OneClass, dims)
	}
	return "", fmt.Errorf("expected a number for each pixel, or scores of its classes, found shape %v", dims)
}

// checkLabels finds numbers that are no labels.
func (v maskView) checkLabels() error {
	if v.layout != LabelMap {
		return nil
	}
	for i, s := range v.values {
		if s < 0 && s-s == 0 || s >= mostLabels && s-s == 0 || s-s == 0 && s != float32(int32(s)) {
			return fmt.Errorf("expected labels from 0 to %d, found %g at pixel (%d, %d); if they are no labels, say so by Layout", mostLabels-1, s, i%v.width, i/v.width)
		}
	}
	return nil
}

// labels writes the label of each pixel, and how far its score is ahead of the next one, which may be nil.
func (v maskView) labels(labels []uint16, ahead []float32, threshold float32) {
	switch v.layout {
	case LabelMap:
		for i, s := range v.values {
			labels[i] = uint16(min(max(s, 0), mostLabels-1))
		}
		for i := range ahead {
			ahead[i] = 1
		}
	case OneClass, OneLogit:
		for i, s := range v.values {
			labels[i] = 0
			if s >= threshold {
				labels[i] = 1
			}
			if ahead != nil {
				ahead[i] = max(s-threshold, threshold-s)
			}
		}
	case ClassesLast:
		for i := range labels {
			best, next, label := v.values[i*v.classes], float32(math.Inf(-1)), 0
			for k, s := range v.values[i*v.classes+1 : (i+1)*v.classes] {
				if s > best {
					best, next, label = s, best, k+1
				} else if s > next {
					next = s
				}
			}
			labels[i] = uint16(label)
			if ahead != nil {
				ahead[i] = best - next
			}
		}
	case ClassesFirst:
		v.planes(labels, ahead)
	}
}

// planes is labels for scores that lie class by class: it takes some pixels at once through all classes.
func (v maskView) planes(labels []uint16, ahead []float32) {
	const block = 256
	var best, next [block]float32
	size := v.size()
	for from := 0; from < size; from += block {
		n := min(block, size-from)
		for i, s := range v.values[from : from+n] {
			best[i], next[i], labels[from+i] = s, float32(math.Inf(-1)), 0
		}
		for k := 1; k < v.classes; k++ {
			for i, s := range v.values[k*size+from:][:n] {
				if s > best[i] {
					best[i], next[i], labels[from+i] = s, best[i], uint16(k)
				} else if s > next[i] {
					next[i] = s
				}
			}
		}
		if ahead != nil {
			for i := range n {
				ahead[from+i] = best[i] - next[i]
			}
		}
	}
}
