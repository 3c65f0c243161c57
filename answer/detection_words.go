package answer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// BoxPair is a box of both models, or of one that the other does not have.
type BoxPair struct {
	Original, Compressed *Box    // nil for none
	IoU                  float64 // of both; 0 where there is one
	Deviates             bool
}

// leastMoved is the IoU from which a box counts as the same that was moved.
const leastMoved = 0.1

// BoxPairs are the boxes that count of two answers, as a [Detection] oracle sees them, those that deviate first and of these the best
// ones: in pixels of a picture of a width and a height, at least 1, as far as the oracle knows how pictures became the model's
// input. It reports false for oracles that are no Detection, and for answers that it refuses. It sees through [Telling] and [AnyOf].
func BoxPairs(oracle Oracle, original, compressed Answer, width, height int) ([]BoxPair, bool) {
	o, ok := within[detection](oracle)
	if !ok || !Finite(original.Scores) || Check(o, original, original) != nil {
		return nil, false
	}
	if !Finite(compressed.Scores) || Check(o, original, compressed) != nil {
		compressed = Answer{}
	}
	return o.pairs(original, compressed, width, height), true
}

// Read are the boxes of an answer that count, best first, without those that overlap better ones, in pixels of the picture where Fit
// tells its size, and as the model gives them otherwise.
func (b Boxes) Read(a Answer) ([]Box, error) {
	oracle, err := Detection(b)
	if err != nil {
		return nil, err
	}
	o := oracle.(detection)
	if err := a.Check(); err != nil {
		return nil, fmt.Errorf("answer: Boxes: %w", err)
	}
	if !Finite(a.Scores) {
		return nil, fmt.Errorf("answer: Boxes: expected finite numbers, found %s", NotFiniteInWords(a))
	}
	if _, err := o.boxes.checked(&a, o.known); err != nil {
		return nil, fmt.Errorf("answer: Boxes: %w", err)
	}
	var f foundBoxes
	f.read(&o.boxes, &a, o.known)
	boxes := make([]Box, f.sure)
	for i := range boxes {
		boxes[i] = o.placed(&f.kept[i], b.Fit.PictureWidth, b.Fit.PictureHeight)
	}
	return boxes, nil
}

// within finds an oracle of a sort in one that is made of others.
func within[T Oracle](oracle Oracle) (found T, ok bool) {
	switch o := oracle.(type) {
	case T:
		return o, true
	case gradedTelling:
		return within[T](o.Oracle)
	case telling:
		return within[T](o.Oracle)
	case anyOf:
		for _, one := range o {
			if found, ok = within[T](one); ok {
				return found, ok
			}
		}
	}
	return found, false
}

// Drawable reports whether what models answer can be drawn over a picture as the oracle sees it: boxes, see [BoxPairs], or masks, see
// [Masked].
func Drawable(oracle Oracle) bool {
	_, boxes := within[detection](oracle)
	_, masks := within[segmentation](oracle)
	return boxes || masks
}

func (o detection) placed(f *foundBox, width, height int) Box {
	return o.boxes.place(Box{f.x1, f.y1, f.x2, f.y2, f.score, f.class}, width, height)
}

// pairs lists what is the same, and what is not.
func (o detection) pairs(original, compressed Answer, width, height int) (pairs []BoxPair) {
	c := o.compare(&original, &compressed)
	defer c.done()
	from, to := &c.original, &c.compressed
	pair := func(i, j int) BoxPair {
		p := BoxPair{Deviates: true}
		if i >= 0 {
			box := o.placed(&from.kept[i], width, height)
			p.Original = &box
		}
		if j >= 0 {
			box := o.placed(&to.kept[j], width, height)
			p.Compressed = &box
		}
		if i >= 0 && j >= 0 {
			p.IoU = iou(&from.kept[i], &to.kept[j])
			p.Deviates = p.Original.Class != p.Compressed.Class || p.IoU < o.boxes.same()
		}
		return p
	}
	taken, used := make([]bool, to.faint), make([]bool, from.faint)
	for i, j := range c.there.of {
		if j >= 0 {
			pairs, taken[j], used[i] = append(pairs, pair(i, int(j))), true, true
		}
	}
	for j, i := range c.back.of { // of which the original's does not count for itself
		if i >= 0 && !taken[j] && !used[i] {
			pairs, taken[j], used[i] = append(pairs, pair(int(i), j)), true, true
		}
	}
	for i := range from.sure { // in another place, or of another class
		if used[i] {
			continue
		}
		partner, best := -1, leastMoved
		for j := range to.faint {
			v := iou(&from.kept[i], &to.kept[j])
			if same := from.kept[i].class == to.kept[j].class; !taken[j] && v > best && (same || v >= o.boxes.same()) {
				partner, best = j, v
			}
		}
		if pairs, used[i] = append(pairs, pair(i, partner)), true; partner >= 0 {
			taken[partner] = true
		}
	}
	for j := range to.sure {
		if !taken[j] {
			pairs = append(pairs, pair(-1, j))
		}
	}
	slices.SortStableFunc(pairs, func(a, b BoxPair) int {
		switch {
		case a.Deviates != b.Deviates:
			if a.Deviates {
				return -1
			}
			return 1
		}
		return cmp.Compare(b.best(), a.best())
	})
	return pairs
}

// best is the higher score of both.
func (p BoxPair) best() float64 {
	best := 0.0
	for _, b := range []*Box{p.Original, p.Compressed} {
		if b != nil {
			best = max(best, b.Score)
		}
	}
	return best
}

// mostTold is how many boxes a deviation tells.
const mostTold = 2

// Deviation implements [Teller].
func (o detection) Deviation(original, compressed Answer) Deviation {
	pairs := o.pairs(original, compressed, o.boxes.Fit.PictureWidth, o.boxes.Fit.PictureHeight)
	var told []string
	counts, deviating := [2]int{}, 0
	d := Deviation{From: Said{Label: NoLabel}, To: Said{Label: NoLabel}}
	for _, p := range pairs {
		for side, b := range []*Box{p.Original, p.Compressed} {
			if b != nil && b.Score >= o.boxes.score() {
				counts[side]++
			}
		}
		if !p.Deviates {
			continue
		}
		if deviating++; deviating == 1 {
			d.Group, d.Size, d.Unit = p.sort(), p.best(), "score"
			if p.Original != nil && p.Compressed != nil && p.Original.Class == p.Compressed.Class {
				d.Size, d.Unit = 1-p.IoU, "1 - IoU"
			}
		}
		if deviating <= mostTold {
			told = append(told, o.tell(p))
		}
	}
	if more := deviating - len(told); more > 0 {
		told = append(told, fmt.Sprintf("and %d more", more))
	}
	d.From.Words, d.To.Words = boxesInWords(counts[0]), strings.Join(append([]string{boxesInWords(counts[1])}, told...), ", ")
	return d
}

func boxesInWords(n int) string {
	switch n {
	case 0:
		return "no box"
	case 1:
		return "1 box"
	}
	return fmt.Sprintf("%d boxes", n)
}

// sort is what deviations of a sort have in common.
func (p BoxPair) sort() string {
	switch {
	case p.Compressed == nil:
		return "missed " + ClassName(nil, p.Original.Class)
	case p.Original == nil:
		return "invented " + ClassName(nil, p.Compressed.Class)
	case p.Original.Class == p.Compressed.Class:
		return "moved " + ClassName(nil, p.Original.Class)
	}
	return fmt.Sprintf("%s for %s", ClassName(nil, p.Compressed.Class), ClassName(nil, p.Original.Class))
}

func (o detection) tell(p BoxPair) string {
	switch {
	case p.Compressed == nil:
		return fmt.Sprintf("%s (%.2f) at %s", p.sort(), p.Original.Score, o.corners(p.Original))
	case p.Original == nil:
		return fmt.Sprintf("%s (%.2f) at %s", p.sort(), p.Compressed.Score, o.corners(p.Compressed))
	case p.Original.Class == p.Compressed.Class:
		return fmt.Sprintf("%s (%.2f) from %s to %s, IoU %s", p.sort(), p.Original.Score, o.corners(p.Original), o.corners(p.Compressed), below(p.IoU, o.boxes.same()))
	}
	return fmt.Sprintf("%s (%.2f) for %s (%.2f) at %s", ClassName(nil, p.Compressed.Class), p.Compressed.Score, ClassName(nil, p.Original.Class), p.Original.Score, o.corners(p.Original))
}

// corners are those of a box in words, in whole pixels or as shares.
func (o detection) corners(b *Box) string {
	if o.boxes.Normalised && (o.boxes.Fit == Fit{}) {
		return fmt.Sprintf("(%.3f, %.3f, %.3f, %.3f)", b.X1, b.Y1, b.X2, b.Y2)
	}
	return fmt.Sprintf("(%.0f, %.0f, %.0f, %.0f)", b.X1, b.Y1, b.X2, b.Y2)
}
