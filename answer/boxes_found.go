package answer

import (
	"cmp"
	"math"
	"slices"
)

// This file reads boxes, best first and without those that overlap better ones.

// foundBox is a box of an answer.
type foundBox struct {
	x1, y1, x2, y2 float64
	score          float64
	class, row     int
}

const (
	// mostBoxes is how many boxes of an answer are compared at most, the best ones.
	mostBoxes = 1000
	// mostWeak is how many boxes are kept that do not count yet.
	mostWeak = 32
)

// foundBoxes are the boxes of an answer. Its memory is used again.
type foundBoxes struct {
	view    boxView
	best    []float64 // of each box, the score
	classOf []int32
	all     []foundBox // candidates, best first
	weak    []foundBox
	kept    []foundBox // those that overlap no better one, best first
	sure    int        // how many of them count
	faint   int        // how many are good enough for a box of the other model
}

// logistic is 1 / (1 + e^-v).
func logistic(v float64) float64 { return 1 / (1 + math.Exp(-v)) }

// scoreOf is the score of a box for a class; 0 where an answer tells none of it.
func (v *boxView) scoreOf(i, class int) float64 {
	if v.classes == 0 {
		if v.classAt(i) == class {
			return v.best(i)
		}
		return 0
	}
	if class < v.first || class >= v.end {
		return 0
	}
	return v.weighed(i, v.raw(i, class))
}

// weighed makes a score of a number of a box.
func (v *boxView) weighed(i int, raw float64) float64 {
	switch v.as {
	case SigmoidScores:
		raw = logistic(raw)
	case SoftmaxScores:
		most, sum := math.Inf(-1), 0.0
		for k := range v.classes {
			most = max(most, v.raw(i, k))
		}
		for k := range v.classes {
			sum += math.Exp(v.raw(i, k) - most)
		}
		raw = math.Exp(raw-most) / sum
	}
	return raw * v.object(i)
}

// object is by what the scores of a box are multiplied.
func (v *boxView) object(i int) float64 {
	switch {
	case v.objectness.values == nil:
		return 1
	case v.as == SigmoidScores:
		return logistic(v.objectness.of(i))
	}
	return v.objectness.of(i)
}

// classAt is the class of a box that is told as such.
func (v *boxView) classAt(i int) int {
	if v.class.values == nil {
		return 0
	}
	return int(v.class.of(i))
}

// best is the highest score of a box that is read alone.
func (v *boxView) best(i int) float64 {
	if v.classes == 0 {
		if v.as == SigmoidScores {
			return logistic(v.score.of(i)) * v.object(i)
		}
		return v.score.of(i) * v.object(i)
	}
	raw := math.Inf(-1)
	for k := v.first; k < v.end; k++ {
		raw = max(raw, v.raw(i, k))
	}
	return v.weighed(i, raw)
}

// other is the highest score of a box for another class.
func (v *boxView) other(i, class int) float64 {
	if v.classes == 0 {
		if v.classAt(i) != class {
			return v.best(i)
		}
		return 0
	}
	raw := math.Inf(-1)
	for k := v.first; k < v.end; k++ {
		if k != class {
			raw = max(raw, v.raw(i, k))
		}
	}
	if math.IsInf(raw, -1) {
		return 0
	}
	return v.weighed(i, raw)
}

// scores fills in the best score and the class of each box.
func (f *foundBoxes) scores() {
	v := &f.view
	f.best, f.classOf = slices.Grow(f.best[:0], v.n)[:v.n], slices.Grow(f.classOf[:0], v.n)[:v.n]
	if v.classes == 0 {
		for i := range v.n {
			f.best[i], f.classOf[i] = v.best(i), int32(v.classAt(i))
		}
		return
	}
	raw := math.Inf(-1)
	for i := range v.n {
		f.best[i], f.classOf[i] = raw, int32(v.first)
	}
	if v.scores.step == 1 { // class by class, as they lie in memory
		for k := v.first; k < v.end; k++ {
			for i, s := range v.scores.values[v.scores.at+k*v.nextClass:][:v.n] {
				if float64(s) > f.best[i] {
					f.best[i], f.classOf[i] = float64(s), int32(k)
				}
			}
		}
	} else {
		for i := range v.n {
			row := v.scores.values[v.scores.at+i*v.scores.step:]
			for k := v.first; k < v.end; k++ {
				if s := float64(row[k*v.nextClass]); s > f.best[i] {
					f.best[i], f.classOf[i] = s, int32(k)
				}
			}
		}
	}
	if v.as != "" || v.objectness.values != nil {
		for i := range v.n {
			f.best[i] = v.weighed(i, f.best[i])
		}
	}
}

// read finds the boxes of an answer that was checked.
func (f *foundBoxes) read(b *Boxes, a *Answer, known columns) {
	f.all, f.weak, f.kept, f.sure, f.faint = f.all[:0], f.weak[:0], f.kept[:0], 0, 0
	var err error
	if f.view, err = b.view(a, known); err != nil {
		return // Check refused it
	}
	f.scores()
	faint := b.faint()
	for i, s := range f.best {
		switch {
		case s >= faint:
			f.all = append(f.all, f.at(i))
		case s > 0 && (len(f.weak) < mostWeak || s > f.weak[len(f.weak)-1].score):
			f.keepWeak(f.at(i))
		}
	}
	slices.SortFunc(f.all, byScore)
	f.all = append(f.all, f.weak...)
	overlap := b.overlap(&f.view)
	for i := range f.all {
		if len(f.kept) == mostBoxes {
			break
		}
		if box := &f.all[i]; overlap >= 1 || !f.covered(box, overlap, b.AcrossClasses) {
			f.kept = append(f.kept, *box)
			if box.score >= b.score() {
				f.sure++
			}
			if box.score >= faint {
				f.faint++
			}
		}
	}
}

func (f *foundBoxes) at(i int) foundBox {
	x1, y1, x2, y2 := f.view.box(i)
	return foundBox{x1, y1, x2, y2, f.best[i], int(f.classOf[i]), i}
}

// keepWeak puts a box among the best that do not count.
func (f *foundBoxes) keepWeak(box foundBox) {
	if len(f.weak) < mostWeak {
		f.weak = append(f.weak, box)
	} else {
		f.weak[mostWeak-1] = box
	}
	for k := len(f.weak) - 1; k > 0 && byScore(f.weak[k], f.weak[k-1]) < 0; k-- {
		f.weak[k], f.weak[k-1] = f.weak[k-1], f.weak[k]
	}
}

// byScore orders the best first and, of equal ones, as they stand in the answer.
func byScore(a, b foundBox) int {
	switch {
	case a.score > b.score:
		return -1
	case a.score < b.score:
		return 1
	}
	return cmp.Compare(a.row, b.row)
}

// covered reports whether a better box overlaps it by more than is allowed.
func (f *foundBoxes) covered(box *foundBox, most float64, anyClass bool) bool {
	for i := range f.kept {
		if k := &f.kept[i]; (anyClass || k.class == box.class) && iou(k, box) > most {
			return true
		}
	}
	return false
}

// iou is the intersection over union of two boxes, 0 to 1.
func iou(a, b *foundBox) float64 {
	w, h := min(a.x2, b.x2)-max(a.x1, b.x1), min(a.y2, b.y2)-max(a.y1, b.y1)
	if w < 0 || h < 0 {
		return same(a, b) // the sides of a box may be below 0 by a little
	}
	both := w * h
	all := area(a) + area(b) - both
	if !(all > 0) { // points and lines
		return same(a, b)
	}
	return both / all
}

// same is the intersection over union of boxes that have no area: 1 for one and the same, else 0.
func same(a, b *foundBox) float64 {
	if a.x1 == b.x1 && a.y1 == b.y1 && a.x2 == b.x2 && a.y2 == b.y2 {
		return 1
	}
	return 0
}

func area(b *foundBox) float64 { return max(b.x2-b.x1, 0) * max(b.y2-b.y1, 0) }
