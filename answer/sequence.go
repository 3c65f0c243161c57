package answer

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Text says how an output is read as a text: scores of classes for each of several steps, such as points in time, of which the highest
// counts. Its shape is [steps, classes]; further dimensions of 1 do not matter, as in [1, steps, classes] or [steps, 1, classes]. Scores may be
// probabilities, their logarithms, or logits. How many steps there are may differ from answer to answer.
type Text struct {
	// Alphabet are the classes in words, in their order, such as letters or tokens; nil where these are numbers. For [CTC] it may leave out
	// the blank.
	Alphabet []string
	// Blank is the class of [CTC] that stands for nothing, -1 for the last one.
	Blank int
	// Ends are the classes that end a text of [Tokens]: what comes after one does not count.
	Ends []int
	// Trim are the classes that do not count at both ends of a text, such as that of a space.
	Trim []int
	// Edits is how many symbols two texts may differ by, inserted, deleted or replaced, 0 or more. [NextToken] takes none.
	Edits int
	// Output is the name of the output that is read; "" where there is but one.
	Output string
	// ClassesFirst says that the shape is [classes, steps].
	ClassesFirst bool
}

// CTC deviates where the two texts that greedy decoding finds differ by more than the allowed edits: of each step the likeliest class,
// repeated ones once, without blanks. It is what recognisers of speech and writing give.
func CTC(t Text) (Oracle, error) { return newSequence(t, ctcText) }

// Tokens deviates where the likeliest class of each step, one after the other, differ by more than the allowed edits.
func Tokens(t Text) (Oracle, error) { return newSequence(t, tokenText) }

// NextToken deviates where the likeliest class of the last step is another one: the next token of a language model. A row of plain
// scores is one step.
func NextToken(t Text) (Oracle, error) { return newSequence(t, nextToken) }

type textKind int

const (
	ctcText textKind = iota
	tokenText
	nextToken
)

var textKinds = [...]struct{ name, call string }{{"ctc", "CTC"}, {"sequence", "Tokens"}, {"next-token", "NextToken"}}

func newSequence(t Text, kind textKind) (Oracle, error) {
	var err error
	switch {
	case t.Edits < 0:
		err = fmt.Errorf("expected 0 or more edits, found %d", t.Edits)
	case kind == nextToken && t.Edits > 0:
		err = fmt.Errorf("expected no edits of one token, found %d", t.Edits)
	case kind == ctcText && t.Blank < -1:
		err = fmt.Errorf("expected the number of the blank, or -1 for the last class, found %d", t.Blank)
	case kind != ctcText && t.Blank != 0:
		err = fmt.Errorf("expected a blank for CTC alone, found %d", t.Blank)
	case kind != tokenText && len(t.Ends) > 0:
		err = fmt.Errorf("expected ends of a text for Tokens alone, found %d", t.Ends)
	case kind == nextToken && len(t.Trim) > 0:
		err = fmt.Errorf("expected nothing to trim of one token, found %d", t.Trim)
	case slices.ContainsFunc(slices.Concat(t.Ends, t.Trim), func(class int) bool { return class < 0 }):
		err = fmt.Errorf("expected ends, and what to trim, as numbers of classes, found %d and %d", t.Ends, t.Trim)
	}
	if err != nil {
		return nil, fmt.Errorf("answer: %s: %w", textKinds[kind].call, err)
	}
	t.Alphabet, t.Ends, t.Trim = slices.Clone(t.Alphabet), slices.Clone(t.Ends), slices.Clone(t.Trim)
	return &sequence{Text: t, kind: kind, output: outputName(t.Output)}, nil
}

// sequence is never changed, but for memory that it uses again.
type sequence struct {
	Text
	kind   textKind
	output outputName
	memory sync.Pool // of *texts
}

var (
	_ Measured = (*sequence)(nil)
	_ Decider  = (*sequence)(nil)
	_ Teller   = (*sequence)(nil)
	_ Checker  = (*sequence)(nil)
)

func (o *sequence) String() string {
	var options []string
	add := func(format string, v int) { options = append(options, fmt.Sprintf(format, v)) }
	if o.kind == ctcText {
		add("blank %d", o.Blank)
	}
	for _, class := range o.Ends {
		add("ends %d", class)
	}
	for _, class := range o.Trim {
		add("trim %d", class)
	}
	if o.Edits > 0 {
		add("edits %d", o.Edits)
	}
	if o.ClassesFirst {
		options = append(options, "classes-first")
	}
	if o.output != "" {
		options = append(options, "of "+string(o.output))
	}
	return strings.TrimSpace(textKinds[o.kind].name + " " + strings.Join(options, ", "))
}

// steps are the scores of an answer by step.
type steps struct {
	values         Scores
	count, classes int
	step, class    int // how far it is to the next one
}

func (s steps) at(step, class int) float32 { return s.values[step*s.step+class*s.class] }

// steps reports false where the output does not have that form.
func (o *sequence) steps(a Answer) (s steps, ok bool) {
	values, shape, found := o.output.numbers(a)
	if !found {
		return steps{}, false
	}
	if shape == nil {
		return steps{values: values, count: 1, classes: len(values), step: len(values), class: 1}, o.kind == nextToken && len(values) > 1
	}
	first, second := 1, 1 // the two sizes that matter: the last, and the one other than 1 before it
	for i, n := range shape {
		last := i == len(shape)-1
		switch {
		case last:
			second = n
		case n != 1 && first != 1:
			return steps{}, false
		case n != 1:
			first = n
		}
	}
	if o.ClassesFirst {
		s = steps{values: values, count: second, classes: first, step: 1, class: second}
	} else {
		s = steps{values: values, count: first, classes: second, step: second, class: 1}
	}
	return s, len(shape) > 0 && s.classes > 1 && (s.count > 0 || o.kind != nextToken)
}

// blank is the class that is the blank of so many.
func (o *sequence) blank(classes int) int {
	if o.Blank < 0 {
		return classes - 1
	}
	return o.Blank
}

// Check implements [Checker].
func (o *sequence) Check(original, compressed Answer) error {
	from, ok1 := o.steps(original)
	to, ok2 := o.steps(compressed)
	if !ok1 || !ok2 {
		if err := o.output.check(original, compressed); err != nil {
			return err
		}
		form := "[steps, classes] with at least 2 classes"
		if o.ClassesFirst {
			form = "[classes, steps] with at least 2 classes"
		}
		wrong, whose := compressed, "the compressed model"
		if !ok1 {
			wrong, whose = original, "the original"
		}
		values, shape, _ := o.output.numbers(wrong)
		return fmt.Errorf("expected an output of shape %s, besides dimensions of 1, found %s of %s", form, formInWords(values, shape), whose)
	}
	least, most := len(o.Alphabet), len(o.Alphabet)
	if o.kind == ctcText {
		most++
	}
	switch {
	case from.classes != to.classes:
		return fmt.Errorf("expected the same classes of both models, found %d of the original and %d of the compressed model", from.classes, to.classes)
	case o.kind == ctcText && o.Blank >= from.classes:
		return fmt.Errorf("expected the blank among the classes 0 to %d, found %d", from.classes-1, o.Blank)
	case o.Alphabet != nil && (from.classes < least || from.classes > most):
		return fmt.Errorf("expected as many symbols in the alphabet as classes, %d, found %d", from.classes, len(o.Alphabet))
	}
	for i, class := range o.Ends {
		if class >= from.classes {
			return fmt.Errorf("expected ends among the classes 0 to %d, found %d", from.classes-1, o.Ends[i])
		}
	}
	for i, class := range o.Trim {
		if class >= from.classes {
			return fmt.Errorf("expected what to trim among the classes 0 to %d, found %d", from.classes-1, o.Trim[i])
		}
	}
	return nil
}

// texts is memory for reading two answers.
type texts struct {
	classes [2][]int // the likeliest of each step
	text    [2][]int // what is left of them
	row     []int
	least   []float64
}

func (o *sequence) borrow() *texts {
	if m, ok := o.memory.Get().(*texts); ok {
		return m
	}
	return new(texts)
}

// read finds the text of an answer.
func (o *sequence) read(m *texts, side int, s steps) {
	classes := m.classes[side][:0]
	first := 0
	if o.kind == nextToken {
		first = s.count - 1
	}
	for t := first; t < s.count; t++ {
		best := 0
		top := s.at(t, 0)
		for c := 1; c < s.classes; c++ {
			if v := s.at(t, c); v > top {
				best, top = c, v
			}
		}
		classes = append(classes, best)
	}
	text := m.text[side][:0]
	before := -1
	for _, c := range classes {
		if slices.Contains(o.Ends, c) {
			break
		}
		if o.kind != ctcText || c != before && c != o.blank(s.classes) {
			text = append(text, c)
		}
		before = c
	}
	for len(text) > 0 && slices.Contains(o.Trim, text[len(text)-1]) {
		text = text[:len(text)-1]
	}
	for first = 0; first < len(text) && slices.Contains(o.Trim, text[first]); first++ {
	}
	m.classes[side], m.text[side] = classes, append(text[:0], text[first:]...)
}

// nothing reports whether a class puts nothing into a text at its ends.
func (o *sequence) nothing(class, blank int) bool {
	return o.kind == ctcText && class == blank || slices.Contains(o.Trim, class)
}

// inner are the steps from the first to the last that put something into a text that stays there.
func (o *sequence) inner(classes []int, blank int) (from, to int) {
	for to = len(classes); to > 0 && o.nothing(classes[to-1], blank); to-- {
	}
	for from < to && o.nothing(classes[from], blank) {
		from++
	}
	return from, to
}

// readBoth finds both texts.
func (o *sequence) readBoth(m *texts, original, compressed Answer) (from, to steps) {
	from, _ = o.steps(original)
	to, _ = o.steps(compressed)
	o.read(m, 0, from)
	o.read(m, 1, to)
	return from, to
}

// edits is how many edits lead from one text to the other, as Levenshtein counts them.
func (m *texts) edits() int {
	a, b := m.text[0], m.text[1]
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a) == 0 || len(b) == 0 {
		return len(a) + len(b)
	}
	row := m.row[:0]
	for j := range len(b) + 1 {
		row = append(row, j)
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			replaced := diagonal
			if x != y {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	m.row = row
	return row[len(b)]
}

// Judge implements [Oracle].
func (o *sequence) Judge(original, compressed Answer) Verdict {
	m := o.borrow()
	o.readBoth(m, original, compressed)
	deviates := m.edits() > o.Edits
	o.memory.Put(m)
	return Verdict{Deviates: deviates}
}

// changes reports whether the text is another one where step t, whose class is that of classes, had class other.
func (o *sequence) changes(classes []int, t, other, blank int) bool {
	own := classes[t]
	if o.kind != ctcText {
		return !slices.Contains(o.Ends, own) || !slices.Contains(o.Ends, other)
	}
	before, after := -1, blank
	if t > 0 {
		before = classes[t-1]
	}
	if t+1 < len(classes) {
		after = classes[t+1]
	}
	// What the step and the next one put into the text, before and after the change.
	said := func(class int) (x, y int) {
		x, y = -1, -1
		if class != blank && class != before {
			x = class
		}
		if after != blank && after != class {
			y = after
		}
		if x < 0 {
			x, y = y, -1
		}
		return x, y
	}
	x1, y1 := said(own)
	x2, y2 := said(other)
	return x1 != x2 || y1 != y2
}

// ahead is by how much the class of step t is ahead of the likeliest one that makes another text, as a difference of log scores;
// infinite where there is none.
func (o *sequence) ahead(s steps, classes []int, t int, inner bool) float64 {
	row, blank := t, o.blank(s.classes)
	if o.kind == nextToken {
		row = s.count - 1
	}
	own := s.at(row, classes[t])
	other := float32(math.Inf(-1))
	probable, sum := true, 0.0
	for c := range s.classes {
		v := s.at(row, c)
		sum += float64(v)
		probable = probable && v >= 0
		if v > other && c != classes[t] && (inner || !o.nothing(c, blank)) && o.changes(classes, t, c, blank) {
			other = v
		}
	}
	if math.IsInf(float64(other), -1) {
		return math.Inf(1)
	}
	return difference(own, other, probable && math.Abs(sum-1) <= nearlyOne)
}

// difference is that of two log scores, where scores that are no probabilities are logits, or logarithms.
func difference(a, b float32, probabilities bool) float64 {
	if probabilities {
		return LogScore(a) - LogScore(b)
	}
	return float64(a) - float64(b)
}

// another is how far the nearest n steps of a model have to move together to make another text, of n edits.
func (o *sequence) another(m *texts, side int, s steps, n int) float64 {
	least := m.least[:0]
	first, end := 0, len(m.classes[side])
	if len(o.Trim) > 0 {
		first, end = o.inner(m.classes[side], o.blank(s.classes))
	}
	for t, class := range m.classes[side] {
		if ahead := o.ahead(s, m.classes[side], t, t >= first && t < end); !math.IsInf(ahead, 1) {
			i, _ := slices.BinarySearch(least, ahead)
			if i < n {
				if len(least) == n {
					least = least[:n-1]
				}
				least = slices.Insert(least, i, ahead)
			}
		}
		if slices.Contains(o.Ends, class) {
			break // what follows does not count
		}
	}
	m.least = least
	if len(least) < n { // a text so short needs more steps
		return noSteps * float64(n)
	}
	sum := 0.0
	for _, v := range least {
		sum += v
	}
	return min(sum, farthest)
}

// noSteps is what a step counts as that there is not, as a difference of log scores.
const noSteps = 30

// flipped is by how much both models insist on their texts: of the step at which they do the most, the lesser of the two. Texts of
// other steps insist as much as a step that there is not.
func (o *sequence) flipped(m *texts, from, to steps) float64 {
	if from.count != to.count && o.kind != nextToken {
		return noSteps
	}
	most := shortfallFloor
	for t, a := range m.classes[0] {
		if b := m.classes[1][t]; a != b {
			rowO, rowC := t, t
			if o.kind == nextToken {
				rowO, rowC = from.count-1, to.count-1
			}
			most = max(most, min(o.over(from, rowO, a, b), o.over(to, rowC, b, a)))
		}
	}
	return min(most, farthest)
}

// over is by how much a class of a step is ahead of another one.
func (o *sequence) over(s steps, row, class, other int) float64 {
	probable, sum := true, 0.0
	for c := range s.classes {
		v := s.at(row, c)
		sum += float64(v)
		probable = probable && v >= 0
	}
	return difference(s.at(row, class), s.at(row, other), probable && math.Abs(sum-1) <= nearlyOne)
}

// Excess implements [Measured].
func (o *sequence) Excess(original, compressed Answer) float64 {
	m := o.borrow()
	defer o.memory.Put(m)
	from, to := o.readBoth(m, original, compressed)
	edits := m.edits()
	if edits > o.Edits {
		return o.flipped(m, from, to)
	}
	n := o.Edits + 1 - edits
	return -max(min(o.another(m, 0, from, n), o.another(m, 1, to, n)), shortfallFloor)
}

// Shortfall implements [Graded]: how far the nearest steps of a model have to move to make another text, as differences of log scores.
func (o *sequence) Shortfall(original, compressed Answer) float64 {
	return max(-o.Excess(original, compressed), 0)
}

// decides reports whether each model decides by itself; not where texts may differ.
func (o *sequence) decides() bool { return o.Edits == 0 }

// Margin implements [Decider].
func (o *sequence) Margin(a, reference Answer) float64 {
	m := o.borrow()
	defer o.memory.Put(m)
	own, other := o.readBoth(m, a, reference)
	if slices.Equal(m.text[0], m.text[1]) {
		return max(o.another(m, 0, own, 1), 0)
	}
	if own.count != other.count && o.kind != nextToken {
		return -noSteps
	}
	most := shortfallFloor
	for t, class := range m.classes[0] {
		if b := m.classes[1][t]; class != b {
			row := t
			if o.kind == nextToken {
				row = own.count - 1
			}
			most = max(most, o.over(own, row, class, b))
		}
	}
	return -min(most, farthest)
}

// Deviation implements [Teller]: both texts, and by how many edits they differ.
func (o *sequence) Deviation(original, compressed Answer) Deviation {
	m := o.borrow()
	defer o.memory.Put(m)
	from, _ := o.readBoth(m, original, compressed)
	was, is := o.words(m.text, from.classes)
	d := Deviation{From: Said{NoLabel, was}, To: Said{NoLabel, is}, Size: float64(m.edits()), Unit: "edits"}
	switch a, b := len(m.text[0]), len(m.text[1]); {
	case o.kind == nextToken:
		d.Group = was + " → " + is
	case a < b:
		d.Group = "longer text"
	case a > b:
		d.Group = "shorter text"
	default:
		d.Group = "another text of the same length"
	}
	if d.Size == 1 {
		d.Unit = "edit"
	}
	return d
}

const (
	// mostSymbols is how many symbols of a text are shown.
	mostSymbols = 32
	// symbolsBefore is how many of them stand before the first that differs.
	symbolsBefore = 8
)

// words are both texts, from a little before their first difference on where they are long.
func (o *sequence) words(text [2][]int, classes int) (was, is string) {
	same := 0
	for same < min(len(text[0]), len(text[1])) && text[0][same] == text[1][same] {
		same++
	}
	var words [2]string
	for side, symbols := range text {
		from, to := 0, len(symbols)
		if max(len(text[0]), len(text[1])) > mostSymbols {
			from = max(0, min(same, len(symbols))-symbolsBefore)
			to = min(len(symbols), from+mostSymbols)
		}
		parts := make([]string, 0, to-from)
		for _, class := range symbols[from:to] {
			parts = append(parts, o.symbol(class, classes))
		}
		between := " "
		if o.Alphabet != nil {
			between = ""
		}
		shown := strings.Join(parts, between)
		if from > 0 {
			shown = "…" + shown
		}
		if to < len(symbols) {
			shown += "…"
		}
		if o.Alphabet != nil || len(symbols) == 0 {
			shown = strconv.Quote(shown)
		} else if o.kind == nextToken {
			shown = "token " + shown
		}
		words[side] = shown
	}
	if words[0] == words[1] { // an alphabet may have a symbol twice
		for side, symbols := range text {
			words[side] += fmt.Sprintf(" %d", symbols)
		}
	}
	return words[0], words[1]
}

// symbol is a class in words.
func (o *sequence) symbol(class, classes int) string {
	if o.Alphabet == nil {
		return strconv.Itoa(class)
	}
	if len(o.Alphabet) < classes && class > o.blank(classes) { // the blank is left out
		class--
	}
	if class < len(o.Alphabet) {
		return o.Alphabet[class]
	}
	return strconv.Itoa(class)
}

func (*sequence) byScores() bool { return true }
