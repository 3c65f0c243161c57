package answer

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
)

// Detection deviates where a box of one model, of a score that counts, is not among those of the other: none is of the same class and in
// the same place. Each box stands for one of the other model at most. Boxes that overlap better ones are left out before, where the
// layout needs it, and the best 1,000 boxes of a model are compared.
//
// A deviation is told as what the compressed model missed, invented, moved or took for another class: "3 boxes → 2 boxes, missed class 0
// (0.81) at (12, 30, 40, 52)". Coordinates are those of the left upper and the right lower corner.
func Detection(b Boxes) (Oracle, error) {
	known, err := b.Layout.parse()
	if err == nil {
		err = b.check()
	}
	if err != nil {
		return nil, fmt.Errorf("answer: Detection: %w", err)
	}
	// Defaults are settings as any others, so that equal oracles are equal.
	b.Score, b.IoU = b.score(), b.same()
	if b.Faint == b.Score {
		b.Faint = 0
	}
	return detection{b, known}, nil
}

// detection is comparable, as oracles are.
type detection struct {
	boxes Boxes
	known columns
}

var (
	_ Measured = detection{}
	_ Teller   = detection{}
	_ Checker  = detection{}
)

// String implements [Oracle].
func (o detection) String() string {
	b := o.boxes
	var s strings.Builder
	s.WriteString("detection")
	if b.Layout != "" {
		s.WriteString(" " + string(b.Layout) + ",")
	}
	fmt.Fprintf(&s, " score %g", b.Score)
	if b.Faint > 0 {
		fmt.Fprintf(&s, ", faint %g", b.Faint)
	}
	fmt.Fprintf(&s, ", iou %g", b.IoU)
	if b.NMS > 0 {
		fmt.Fprintf(&s, ", nms %g", b.NMS)
	}
	if b.AcrossClasses {
		s.WriteString(", across classes")
	}
	if b.Classes > 0 {
		fmt.Fprintf(&s, ", classes %d", b.Classes)
	}
	for _, option := range [...]struct{ name, value string }{
		{"corners", string(b.Corners)}, {"scores", string(b.Scores)}, {"background", string(b.Background)},
		{"of", b.Output}, {"scores-of", b.ScoresOutput}, {"classes-of", b.ClassesOutput},
	} {
		if option.value != "" {
			s.WriteString(", " + option.name + " " + option.value)
		}
	}
	if b.Normalised {
		s.WriteString(", normalised yes")
	}
	if b.Empty {
		s.WriteString(", empty yes")
	}
	if f := b.Fit; f != (Fit{}) {
		fmt.Fprintf(&s, ", fit %s, input %dx%d", f.By, f.Width, f.Height)
		if f.PictureWidth > 0 {
			fmt.Fprintf(&s, ", picture %dx%d", f.PictureWidth, f.PictureHeight)
		}
	}
	return s.String()
}

// Check implements [Checker]: boxes have to be found in both answers, of as many classes, and those of the original have to be
// boxes.
func (o detection) Check(original, compressed Answer) error {
	from, err := o.boxes.checked(&original, o.known)
	if err != nil {
		return fmt.Errorf("the original: %w", err)
	}
	to, err := o.boxes.view(&compressed, o.known)
	if err != nil {
		return fmt.Errorf("the compressed model: %w", err)
	}
	if from.classes != to.classes {
		return fmt.Errorf("expected scores of as many classes of both models, found %s of the original and %s of the compressed model", original.inWords(), compressed.inWords())
	}
	return nil
}

// boxComparison is what both models found. Its memory is used again.
type boxComparison struct {
	original, compressed foundBoxes
	there, back          matching // boxes of the original that count among all of the compressed model, and the other way round
}

var boxComparisons = sync.Pool{New: func() any { return new(boxComparison) }}

// compare reads both answers and matches their boxes.
func (o detection) compare(original, compressed *Answer) *boxComparison {
	c := boxComparisons.Get().(*boxComparison)
	c.original.read(&o.boxes, original, o.known)
	c.compressed.read(&o.boxes, compressed, o.known)
	c.there.match(c.original.kept[:c.original.sure], c.compressed.kept[:c.compressed.faint], o.boxes.same())
	c.back.match(c.compressed.kept[:c.compressed.sure], c.original.kept[:c.original.faint], o.boxes.same())
	return c
}

// done lets others use the memory, and nobody the answers.
func (c *boxComparison) done() {
	c.original.view, c.compressed.view = boxView{}, boxView{}
	boxComparisons.Put(c)
}

func (c *boxComparison) deviates() bool { return c.there.left > 0 || c.back.left > 0 }

// Judge implements [Oracle].
func (o detection) Judge(original, compressed Answer) Verdict {
	c := o.compare(&original, &compressed)
	defer c.done()
	return Verdict{Deviates: c.deviates()}
}

// Shortfall implements [Graded]: how far the nearest box is from counting, from no longer being good enough, from another class or from
// lying somewhere else, in scores or as an IoU.
func (o detection) Shortfall(original, compressed Answer) float64 {
	return max(0, -o.Excess(original, compressed))
}

// Excess implements [Measured]: where boxes deviate, how far the worst of them is from being the same again.
func (o detection) Excess(original, compressed Answer) float64 {
	c := o.compare(&original, &compressed)
	defer c.done()
	if c.deviates() {
		return max(o.beyond(&c.original, &c.compressed, &c.there), o.beyond(&c.compressed, &c.original, &c.back), shortfallFloor)
	}
	return -max(min(o.lacking(&c.original, &c.compressed), o.lacking(&c.compressed, &c.original)), shortfallFloor)
}

// beyond is how far the worst box that is not matched is from no longer counting, from being supported, or from the class of a box that
// would support it, whichever is nearest.
func (o detection) beyond(from, to *foundBoxes, m *matching) float64 {
	most := 0.0
	for i := range from.kept[:from.sure] {
		if m.of[i] >= 0 {
			continue
		}
		box := &from.kept[i]
		far := min(box.score-o.boxes.score(), -o.support(box, to))
		for j := range to.kept[:to.faint] {
			if other := &to.kept[j]; other.class != box.class && iou(box, other) >= o.boxes.same() {
				far = min(far, box.score-from.view.scoreOf(box.row, other.class))
			}
		}
		most = max(most, far)
	}
	return most
}

// lacking is how far the nearest box is from a deviation, where there is none.
func (o detection) lacking(from, to *foundBoxes) float64 {
	least := o.boxes.score()
	for i := range from.kept {
		box := &from.kept[i]
		needs := 0.0 // until it counts
		if i >= from.sure {
			needs = o.boxes.score() - box.score
		}
		if needs >= least {
			break // as are all that follow
		}
		least = min(least, needs+max(o.support(box, to), 0))
	}
	return least
}

// support is how far the boxes of the other model are from letting a box down: by a score that is too low, another place or another class;
// below 0 where none supports it.
func (o detection) support(box *foundBox, among *foundBoxes) float64 {
	best := -o.boxes.faint()
	for i := range among.kept {
		other := &among.kept[i]
		place := iou(box, other) - o.boxes.same()
		if place <= best {
			continue
		}
		score := other.score
		next := 0.0
		if other.class != box.class {
			next, score = score, among.view.scoreOf(other.row, box.class)
		} else {
			next = among.view.other(other.row, box.class)
		}
		best = max(best, min(place, score-o.boxes.faint(), score-next))
	}
	return best
}

// matching pairs boxes of one model with those of the other, as many as can be. Its memory is used again.
type matching struct {
	of    []int32 // of each box, the box of the other model; below 0 for none
	owner []int32 // of each box of the other model, the box that has it
	seen  []int32 // in which turn a box of the other model was asked
	left  int     // boxes without one
}

// match pairs boxes, the best first: one that has a partner keeps one.
func (m *matching) match(boxes, others []foundBox, least float64) {
	reset := func(s []int32, n int) []int32 {
		s = slices.Grow(s[:0], n)[:n]
		for i := range s {
			s[i] = -1
		}
		return s
	}
	m.of, m.owner, m.seen, m.left = reset(m.of, len(boxes)), reset(m.owner, len(others)), reset(m.seen, len(others)), 0
	for i := range boxes {
		if !m.augment(boxes, others, least, int32(i), int32(i)) {
			m.left++
		}
	}
}

// augment finds a partner for a box, others of which may have to take another one. It prefers free ones that lie nearest.
func (m *matching) augment(boxes, others []foundBox, least float64, i, turn int32) bool {
	nearest, far := int32(-1), math.Inf(-1)
	for j := range others {
		if m.owner[j] < 0 && others[j].class == boxes[i].class {
			if v := iou(&boxes[i], &others[j]); v >= least && v > far {
				nearest, far = int32(j), v
			}
		}
	}
	if nearest >= 0 {
		m.of[i], m.owner[nearest] = nearest, i
		return true
	}
	for j := range others {
		if m.seen[j] == turn || others[j].class != boxes[i].class || iou(&boxes[i], &others[j]) < least {
			continue
		}
		m.seen[j] = turn
		if m.augment(boxes, others, least, m.owner[j], turn) {
			m.of[i], m.owner[j] = int32(j), i
			return true
		}
	}
	return false
}
