package answer

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// This file finds out where boxes stand in an answer.

// columns is a layout of which a box is a row, or a column.
type columns struct {
	at     [lastColumn]int // of each kind of column; below 0 for none
	n      int             // columns but those of many scores
	form   BoxCorners
	scores bool // the last are scores of each class
	across bool // a box is a column
}

// Kinds of columns.
const (
	colX1 = iota
	colY1
	colX2
	colY2
	colCX
	colCY
	colW
	colH
	colScore
	colClass
	colObjectness
	colScores
	lastColumn
)

var columnNames = [lastColumn]string{"x1", "y1", "x2", "y2", "cx", "cy", "w", "h", "score", "class", "objectness", "scores"}

const (
	yolov8Columns   BoxLayout = "cx/cy/w/h/scores"
	yolov5Columns   BoxLayout = "cx/cy/w/h/objectness/scores"
	endToEndColumns BoxLayout = "x1/y1/x2/y2/score/class"
)

// parse reads the columns of a layout; Separate and "" have none.
func (l BoxLayout) parse() (columns, error) {
	names := l
	switch l {
	case "", Separate:
		return columns{}, nil
	case YOLOv8:
		names = yolov8Columns
	case YOLOv5:
		names = yolov5Columns
	case EndToEnd:
		names = endToEndColumns
	}
	wrong := func(why string) (columns, error) {
		return columns{}, fmt.Errorf("layout: expected %s, %s, %s, %s, or columns such as %q, found %.80q%s", YOLOv8, YOLOv5, EndToEnd, Separate,
			"x1/y1/x2/y2/score/class", string(l), why)
	}
	c := columns{across: l == YOLOv8}
	for i := range c.at {
		c.at[i] = -1
	}
	parts := strings.Split(string(names), "/")
	if len(parts) < 2 {
		return wrong("")
	}
	for i, name := range parts {
		kind := slices.Index(columnNames[:], name)
		switch {
		case name == "_":
		case kind < 0:
			return wrong(fmt.Sprintf(" with the column %.40q", name))
		case c.at[kind] >= 0:
			return wrong(" with a column twice")
		case kind == colScores && i != len(parts)-1:
			return wrong(", in which scores are not last")
		default:
			c.at[kind] = i
		}
	}
	has := func(kinds ...int) bool {
		return !slices.ContainsFunc(kinds, func(k int) bool { return c.at[k] < 0 })
	}
	corners := 0
	for _, k := range c.at[:colScore] {
		if k >= 0 {
			corners++
		}
	}
	switch {
	case corners != 4:
		return wrong("")
	case has(colX1, colY1, colX2, colY2):
		c.form = XYXY
	case has(colX1, colY1, colW, colH):
		c.form = XYWH
	case has(colCX, colCY, colW, colH):
		c.form = CXCYWH
	default:
		return wrong("")
	}
	c.scores = has(colScores)
	if c.scores == has(colScore) || c.scores && has(colClass) {
		return wrong(", which needs either a score or scores of each class")
	}
	c.n = len(parts)
	if c.scores {
		c.n--
	}
	return c, nil
}

// The columns of the ready-made layouts.
var yolov8At, yolov5At, swappedAt, endToEndAt = mustColumns(YOLOv8), mustColumns(YOLOv5), mustColumns(yolov8Columns), mustColumns(EndToEnd)

func mustColumns(l BoxLayout) columns {
	c, err := l.parse()
	if err != nil {
		panic(err) // they are constants, and a test reads them
	}
	return c
}

// series are numbers of all boxes.
type series struct {
	values   []float32
	at, step int
}

func (s series) of(i int) float64 { return float64(s.values[s.at+i*s.step]) }

// boxView is an answer with the places of what stands in it.
type boxView struct {
	n       int // boxes
	form    BoxCorners
	corners [4]series
	// Either the score and the class of each box, which may be of one class alone, or scores of several classes.
	score, class series
	classes      int
	scores       series // of class 0
	nextClass    int
	objectness   series

	first, end int // of the classes that are no background
	as         BoxScores
}

// squeezed is the shape without leading dimensions of 1, down to a number of them.
func squeezed(shape []int, least int) []int {
	for len(shape) > least && shape[0] == 1 {
		shape = shape[1:]
	}
	return shape
}

// view finds out where boxes stand in an answer. It allocates nothing, but for errors.
func (b *Boxes) view(a *Answer, known columns) (v boxView, err error) {
	if b.Layout == Separate || b.Layout == "" && b.separate(a) {
		v, err = b.viewSeparate(a)
	} else {
		v, err = b.viewColumns(a, known)
	}
	if err != nil {
		return v, err
	}
	v.as, v.first, v.end = b.Scores, 0, v.classes
	switch b.Background {
	case FirstClass:
		v.first = 1
	case LastClass:
		v.end--
	}
	if v.classes > 0 && v.first >= v.end {
		return v, fmt.Errorf("expected at least one class besides the background, found %d", v.classes)
	}
	return v, nil
}

func (b *Boxes) separate(a *Answer) bool {
	return b.ScoresOutput != "" || b.ClassesOutput != "" || len(a.Outputs) > 1 && b.Output == ""
}

func (b *Boxes) viewColumns(a *Answer, c columns) (v boxView, err error) {
	values, shape, err := shaped(b.Output, a)
	if err != nil {
		return v, err
	}
	dims := squeezed(shape, 2)
	if len(dims) != 2 {
		return v, fmt.Errorf("expected boxes and their numbers, in 2 dimensions, found shape %v", shape)
	}
	if b.Layout == "" {
		if c, err = b.tell(values, dims); err != nil {
			return v, err
		}
	}
	n, width, next, step := dims[0], dims[1], 1, dims[1]
	if c.across {
		n, width, next, step = dims[1], dims[0], dims[1], 1
	}
	v = boxView{n: n, form: c.form}
	switch {
	case n == 0: // no box, whatever stands in the other dimension
	case !c.scores && width != c.n:
		return v, fmt.Errorf("expected %d numbers a box, as of the layout %s, found shape %v", c.n, b.Layout, shape)
	case c.scores && width < c.n+max(1, b.Classes):
		return v, fmt.Errorf("expected at least %d numbers a box, as of the layout %s with %d classes, found shape %v", c.n+max(1, b.Classes), b.Layout, max(1, b.Classes), shape)
	}
	at := func(kind int) series { return series{values, c.at[kind] * next, step} }
	switch c.form {
	case XYXY:
		v.corners = [4]series{at(colX1), at(colY1), at(colX2), at(colY2)}
	case XYWH:
		v.corners = [4]series{at(colX1), at(colY1), at(colW), at(colH)}
	default:
		v.corners = [4]series{at(colCX), at(colCY), at(colW), at(colH)}
	}
	if c.at[colObjectness] >= 0 {
		v.objectness = at(colObjectness)
	}
	if c.scores {
		v.classes, v.scores, v.nextClass = max(width-c.n, 1), at(colScores), next
		if b.Classes > 0 {
			v.classes = b.Classes
		}
		return v, nil
	}
	v.score = at(colScore)
	if c.at[colClass] >= 0 {
		v.class = at(colClass)
	}
	return v, nil
}

// manyMore is how many times as many boxes as numbers a box there are where a shape alone says which is which.
const manyMore = 4

// tell finds the layout of an output where its shape, or what stands in it, leaves but one.
func (b *Boxes) tell(values Scores, dims []int) (columns, error) {
	rows, width := dims[0], dims[1]
	if rows == 0 || width == 0 {
		return endToEndAt, nil // no box, in whatever layout
	}
	if n := b.Classes; n > 0 {
		across, five, four := rows == 4+n && width != 4+n && width != 5+n, width == 5+n && rows != 4+n, width == 4+n && rows != 4+n
		switch {
		case across && !(width == 6):
			return yolov8At, nil
		case five && width != 6:
			return yolov5At, nil
		case four && width != 6:
			return swappedAt, nil
		}
	}
	if width == 6 && rows != 6 && allEndToEnd(values, rows) {
		return endToEndAt, nil
	}
	if rows >= 5 && width >= manyMore*rows {
		return yolov8At, nil
	}
	var may []string
	if rows >= 5 {
		may = append(may, fmt.Sprintf("%s of %d classes", YOLOv8, rows-4))
	}
	if width >= 6 {
		may = append(may, fmt.Sprintf("%s of %d classes", YOLOv5, width-5))
	}
	if width >= 5 {
		may = append(may, fmt.Sprintf("%q of %d classes", yolov8Columns, width-4))
	}
	if width == 6 {
		may = append(may, string(EndToEnd))
	}
	if len(may) == 0 {
		return columns{}, fmt.Errorf("expected boxes of at least 5 numbers, found shape %v; Layout names columns", dims)
	}
	return columns{}, fmt.Errorf("expected a Layout, as boxes of shape %v may be %s, or others by their columns", dims, strings.Join(may, ", "))
}

// allEndToEnd reports whether all rows of six numbers are two corners, a score and a class, and not all of one class as quantised scores
// may seem.
func allEndToEnd(values Scores, rows int) bool {
	for i := range rows {
		r := values[6*i : 6*i+6]
		if Finite(r) && !(r[2] >= r[0] && r[3] >= r[1] && r[4] >= 0 && r[4] <= 1 && r[5] >= 0 && r[5] == float32(math.Trunc(float64(r[5])))) {
			return false
		}
	}
	return true
}

// roles are the places of the outputs of [Separate]; below 0 for none.
type roles struct{ boxes, scores, classes int }

func (r roles) taken(i int) bool { return i == r.boxes || i == r.scores || i == r.classes }

// outputNamed is the place of an output; below 0 where no name is given.
func outputNamed(a *Answer, name string) (int, error) {
	if name == "" {
		return -1, nil
	}
	for i := range a.Outputs {
		if a.Outputs[i].Name == name {
			return i, nil
		}
	}
	return -1, fmt.Errorf("expected the output %q, found %s", name, a.inWords())
}

// numbersAt are those of an output.
func numbersAt(a *Answer, i int) Scores {
	from := 0
	for k := range a.Outputs[:i] {
		from += a.Outputs[k].size()
	}
	return a.Scores[from : from+a.Outputs[i].size()]
}

// viewSeparate finds boxes, scores and classes in outputs of their own.
func (b *Boxes) viewSeparate(a *Answer) (v boxView, err error) {
	var r roles
	if r.boxes, err = outputNamed(a, b.Output); err != nil {
		return v, err
	}
	if r.scores, err = outputNamed(a, b.ScoresOutput); err != nil {
		return v, err
	}
	if r.classes, err = outputNamed(a, b.ClassesOutput); err != nil {
		return v, err
	}
	if r.boxes < 0 {
		if r.boxes, err = findCorners(a, r); err != nil {
			return v, err
		}
	}
	s := squeezed(a.Outputs[r.boxes].Shape, 2)
	if len(s) != 2 || s[1] != 4 {
		return v, fmt.Errorf("expected boxes of shape [boxes, 4], found %s of shape %v", a.Outputs[r.boxes].Name, a.Outputs[r.boxes].Shape)
	}
	n := s[0]
	if r.scores < 0 {
		if r.scores, err = findBeside(a, n, r, true); err != nil {
			return v, err
		}
	}
	v = boxView{n: n, form: b.Corners}
	values := numbersAt(a, r.boxes)
	for k := range v.corners {
		v.corners[k] = series{values, k, 4}
	}
	switch v.form {
	case "":
		v.form = XYXY
	case YXYX:
		v.form = XYXY
		v.corners[0], v.corners[1], v.corners[2], v.corners[3] = v.corners[1], v.corners[0], v.corners[3], v.corners[2]
	}
	of := &a.Outputs[r.scores]
	s = squeezed(of.Shape, 2)
	if ofClasses := len(s) == 2 && s[0] == n; ofClasses && (s[1] > 1 || r.classes < 0 && !hasClasses(a, n, r)) {
		v.classes, v.scores, v.nextClass = s[1], series{numbersAt(a, r.scores), 0, s[1]}, 1
		if v.classes < max(1, b.Classes) {
			return v, fmt.Errorf("expected scores of %d classes, found %s of shape %v", max(1, b.Classes), of.Name, of.Shape)
		}
		if b.Classes > 0 {
			v.classes = b.Classes
		}
		return v, nil
	}
	if !ofEach(of.Shape, n) {
		return v, fmt.Errorf("expected scores of %d boxes, found %s of shape %v", n, of.Name, of.Shape)
	}
	v.score = series{numbersAt(a, r.scores), 0, 1}
	if r.classes < 0 {
		if r.classes, err = findBeside(a, n, r, false); err != nil {
			return v, err
		}
	}
	if of = &a.Outputs[r.classes]; !ofEach(of.Shape, n) {
		return v, fmt.Errorf("expected classes of %d boxes, found %s of shape %v", n, of.Name, of.Shape)
	}
	v.class = series{numbersAt(a, r.classes), 0, 1}
	return v, nil
}

// ofEach reports whether a shape is that of one number for each of n boxes.
func ofEach(shape []int, n int) bool {
	size, longest := 1, 0
	for _, d := range shape {
		size, longest = size*d, max(longest, d)
	}
	return size == n && (longest == n || n <= 1)
}

// findCorners finds the output of boxes: the only one of shape [boxes, 4], or of several the one whose name says so.
func findCorners(a *Answer, r roles) (int, error) {
	found, named, many := -1, -1, 0
	for i := range a.Outputs {
		if s := squeezed(a.Outputs[i].Shape, 2); len(s) == 2 && s[1] == 4 && !r.taken(i) {
			found = i
			many++
			if containsFold(a.Outputs[i].Name, "box") {
				if named >= 0 {
					named = len(a.Outputs)
				} else {
					named = i
				}
			}
		}
	}
	switch {
	case many == 1:
		return found, nil
	case many > 1 && named >= 0 && named < len(a.Outputs):
		return named, nil
	case many > 1:
		return 0, fmt.Errorf("expected the names of the outputs of boxes and scores, as several are of shape [boxes, 4], found %s", a.inWords())
	}
	return 0, fmt.Errorf("expected an output of shape [boxes, 4], found %s; Output names it", a.inWords())
}

// findBeside finds the output of scores, or of classes: the only one of so many boxes whose name says so, or that has scores of classes.
func findBeside(a *Answer, n int, r roles, scores bool) (int, error) {
	found, several := -1, false
	for i := range a.Outputs {
		if r.taken(i) {
			continue
		}
		s := squeezed(a.Outputs[i].Shape, 2)
		ofClasses := scores && len(s) == 2 && s[0] == n && s[1] > 1
		if ofClasses || ofEach(a.Outputs[i].Shape, n) && nameSays(a.Outputs[i].Name, scores) {
			several = several || found >= 0
			found = i
		}
	}
	if found >= 0 && !several {
		return found, nil
	}
	what, field := "classes", "ClassesOutput"
	if scores {
		what, field = "scores", "ScoresOutput"
	}
	return 0, fmt.Errorf("expected the name of the output with the %s of %d boxes, as no shape or name says it, found %s; %s names it", what, n, a.inWords(), field)
}

// hasClasses reports whether an output is one of classes, as its name says.
func hasClasses(a *Answer, n int, r roles) bool {
	for i := range a.Outputs {
		if !r.taken(i) && ofEach(a.Outputs[i].Shape, n) && nameSays(a.Outputs[i].Name, false) {
			return true
		}
	}
	return false
}

// nameSays reports whether the name of an output is one of scores, or of classes.
func nameSays(name string, scores bool) bool {
	words := [...]string{"class", "label", "cls"}
	if scores {
		words = [...]string{"score", "conf", "prob"}
	}
	for _, w := range words {
		if containsFold(name, w) {
			return true
		}
	}
	return false
}

// containsFold reports whether a name holds a word of small letters, whatever letters it has itself.
func containsFold(name, word string) bool {
	for i := 0; i+len(word) <= len(name); i++ {
		if strings.EqualFold(name[i:i+len(word)], word) {
			return true
		}
	}
	return false
}

const (
	// rounded is how far beyond 0 and 1 scores may be.
	rounded = 0.05
	// fewNumbers are so few that logits may all happen to be from 0 to 1.
	fewNumbers = 32
	// notNormalised is a number that no share of a picture is, even of a box that goes beyond its border.
	notNormalised = 1.5
)

// checked is view for an answer whose numbers have to be those of boxes.
func (b *Boxes) checked(a *Answer, known columns) (boxView, error) {
	v, err := b.view(a, known)
	if err == nil {
		err = b.inside(&v)
	}
	return v, err
}

// inside finds numbers that no boxes of the layout would have, which tells that it is another one.
func (b *Boxes) inside(v *boxView) error {
	low, high := v.limits()
	switch {
	case math.IsInf(float64(low), 0) || math.IsInf(float64(high), 0): // no boxes, or infinite numbers, which are told as such
	case v.as != "":
		if low >= 0 && high <= 1 && v.classes*v.n >= fewNumbers {
			return fmt.Errorf("expected logits, of which Scores makes scores by %s, found all numbers of classes from 0 to 1, as scores are", v.as)
		}
	case high > 1+rounded || low < -rounded && v.classes > 0: // what is no box at all may have a score below 0
		wrong := high
		if high <= 1+rounded {
			wrong = low
		}
		return fmt.Errorf("expected scores from 0 to 1, found %.4g%s; if it is no score, say so by Layout or Classes, and for logits by Scores (%s, %s)",
			wrong, v.classOf(wrong), SigmoidScores, SoftmaxScores)
	}
	room := boxComparisons.Get().(*boxComparison)
	defer room.done()
	room.original.view = *v
	room.original.scores()
	most, some := 0.0, false
	for i, score := range room.original.best {
		if !(score >= b.faint()) {
			continue
		}
		x1, y1, x2, y2 := v.box(i)
		if size := max(math.Abs(x2-x1), math.Abs(y2-y1)); v.form == XYXY && size > 0 && (x1-x2 > rounded*size || y1-y2 > rounded*size) {
			return fmt.Errorf("expected two corners of each box, the left upper one first, found %.4g, %.4g, %.4g, %.4g; if these are other numbers, say so by Corners (%s, %s, %s) or Layout",
				v.corners[0].of(i), v.corners[1].of(i), v.corners[2].of(i), v.corners[3].of(i), YXYX, XYWH, CXCYWH)
		}
		if v.form != XYXY && (v.corners[2].of(i) < -1 || v.corners[3].of(i) < -1) {
			return fmt.Errorf("expected a width and a height of each box, found %.4g and %.4g; if these are other numbers, say so by Corners or Layout", v.corners[2].of(i), v.corners[3].of(i))
		}
		some = true
		most = max(most, math.Abs(x1), math.Abs(y1), math.Abs(x2), math.Abs(y2))
		if v.classes == 0 && v.class.values != nil {
			if c := v.class.of(i); c < 0 || c > math.MaxInt32 || c-c == 0 && c != math.Trunc(c) {
				return fmt.Errorf("expected the number of a class, found %.4g; if that is another number, say so by Layout or ClassesOutput", c)
			}
		}
	}
	switch {
	case some && !b.Normalised && most > 0 && most <= notNormalised:
		return errors.New("expected boxes in pixels, found them within 0 and 1, as shares of the picture are: say so by Normalised")
	case some && b.Normalised && most > 4*notNormalised:
		return fmt.Errorf("expected boxes within 0 and 1, as Normalised says, found %.4g", most)
	}
	return nil
}

// limits are the least and the greatest of all numbers of classes, or scores. NaN is neither.
func (v *boxView) limits() (low, high float32) {
	low, high = float32(math.Inf(1)), float32(math.Inf(-1))
	each := func(values []float32) {
		for _, s := range values {
			if s < low {
				low = s
			}
			if s > high {
				high = s
			}
		}
	}
	switch {
	case v.n == 0:
	case v.classes == 0:
		for i := range v.n {
			s := float32(v.score.of(i))
			low, high = min(low, s), max(high, s)
		}
	case v.scores.step == 1: // class by class, as they lie in memory
		for k := range v.classes {
			each(v.scores.values[v.scores.at+k*v.nextClass:][:v.n])
		}
	default:
		for i := range v.n {
			each(v.scores.values[v.scores.at+i*v.scores.step:][:v.classes])
		}
	}
	return low, high
}

// classOf is the class of a number.
func (v *boxView) classOf(number float32) string {
	for k := range v.classes {
		for i := range v.n {
			if v.raw(i, k) == float64(number) {
				return fmt.Sprintf(" of class %d", k)
			}
		}
	}
	return ""
}

// raw is the number of a box and a class.
func (v *boxView) raw(i, class int) float64 {
	return float64(v.scores.values[v.scores.at+i*v.scores.step+class*v.nextClass])
}

// box is the corners of a box.
func (v *boxView) box(i int) (x1, y1, x2, y2 float64) {
	a, b, c, d := v.corners[0].of(i), v.corners[1].of(i), v.corners[2].of(i), v.corners[3].of(i)
	switch v.form {
	case XYWH:
		return a, b, a + c, b + d
	case CXCYWH:
		return a - c/2, b - d/2, a + c/2, b + d/2
	}
	return a, b, c, d
}
