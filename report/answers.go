package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
)

// answersDrawn draw what both models say of a trigger where that lies on its input, such as boxes and masks. The first that returns
// panels is taken; their files are for the trigger's folder. Class names are by label, and may be fewer than there are.
var answersDrawn []func(t *engine.Trigger, classNames []string) []Panel

func drawnAnswers(t *engine.Trigger, classNames []string) []Panel {
	for _, draw := range answersDrawn {
		if panels := draw(t, classNames); len(panels) > 0 {
			return panels[:min(mostPanels, len(panels))]
		}
	}
	return nil
}

const (
	// mostNumbers is how many numbers an output has at most of which all are listed; of more, those that changed the most are.
	mostNumbers = 8
	// mostOutputs is how many outputs are listed.
	mostOutputs = 4
)

// AnswersOf are both answers of a trigger in numbers, a table for each output, where they are no class scores or where an oracle does not
// go by the label alone: a price with its change, the distance of two vectors and the numbers that changed the most, scores of several labels
// by name, boxes, what classes cover of a picture. There are none for answers from label to label, for those that are not finite, and for those that were not kept.
func AnswersOf(t *engine.Trigger, classNames []string) (tables []Table) {
	if t.Told().OfLabels() || t.Kind == answer.NotFinite {
		return nil
	}
	o, c := t.Original, t.Compressed
	if o.Check() != nil || c.Check() != nil || !answer.Finite(o.Scores) || !answer.Finite(c.Scores) {
		return nil
	}
	if oracle := drawnBy(t.Oracle); oracle != nil {
		return append(boxesTable(t, oracle, classNames), masksTable(t, oracle, classNames)...)
	}
	outputs := o.Outputs
	if outputs == nil {
		if len(o.Scores) == 0 || len(o.Scores) != len(c.Scores) || c.Outputs != nil {
			return nil
		}
		return []Table{numbersTable("", nil, o.Scores, c.Scores, classNames)}
	}
	for _, out := range outputs {
		before, shape, _ := o.Output(out.Name)
		after, other, ok := c.Output(out.Name)
		if !ok || len(tables) == mostOutputs {
			continue
		}
		name := oneLine(out.Name)
		if !slices.Equal(shape, other) {
			tables = append(tables, Table{Name: name + ": of another shape", Head: []string{"", "original", "compressed"},
				Rows: []TableRow{{Cells: []string{"shape", fmt.Sprint(shape), fmt.Sprint(other)}}}})
			continue
		}
		if len(before) > 0 {
			tables = append(tables, numbersTable(name, shape, before, after, classNames))
		}
	}
	return tables
}

// numbersTable compares the numbers of an output.
func numbersTable(name string, shape []int, before, after []float32, classNames []string) Table {
	order := make([]int, len(before))
	changed, largest := 0, 0.0
	for i := range before {
		order[i] = i
		if before[i] != after[i] {
			changed++
		}
		largest = max(largest, math.Abs(float64(before[i])), math.Abs(float64(after[i])))
	}
	t := Table{Name: name, Head: []string{"number", "original", "compressed", "change"}}
	switch {
	case len(before) == 1 && name != "":
		t.Head[0] = "output"
	case len(classNames) == len(before) && len(before) > 1:
		t.Head[0] = "label"
	}
	vector := len(before) > mostNumbers
	if vector {
		far := func(i int) float64 { return math.Abs(float64(after[i]) - float64(before[i])) }
		slices.SortStableFunc(order, func(a, b int) int {
			switch x, y := far(a), far(b); {
			case x > y:
				return -1
			case x < y:
				return 1
			}
			return 0
		})
		order = order[:max(1, min(mostNumbers, changed))]
		t.Left = max(0, changed-len(order))
		t.Name = apart(before, after, changed)
		if name != "" {
			t.Name = name + ": " + t.Name
		}
	} else if name == "" {
		t.Name = "answers"
	}
	for _, i := range order {
		from, to := float64(before[i]), float64(after[i])
		row := TableRow{Cells: []string{numberName(name, shape, classNames, i, len(before)), "", "", signed(to - from)}}
		row.Cells[1], row.Cells[2] = inDigits(from, to)
		if from != 0 && !vector {
			row.Cells[3] += ", " + signedPercent((to-from)/math.Abs(from))
		}
		if from == to {
			row.Cells[3] = "none"
		}
		if largest > 0 && len(before) > 1 {
			row.Bars = []float64{from / largest, to / largest}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// numberCell begins what a number is called of which nothing but its place is known.
const numberCell = "number "

// strip reports whether the table is of a vector, whose bars say more than its cells.
func (t Table) strip() bool {
	return len(t.Rows) > 3 && !slices.ContainsFunc(t.Rows, func(r TableRow) bool {
		return len(r.Bars) != 2 || !strings.HasPrefix(r.Cells[0], numberCell)
	})
}

// numberName is what a number of an output is called: by its class, where there are as many names as numbers, or by its place.
func numberName(output string, shape []int, classNames []string, i, n int) string {
	switch {
	case n == 1 && output != "":
		return output
	case n == 1:
		return "number"
	case len(classNames) == n:
		return oneLine(answer.ClassName(classNames, i))
	case len(shape) < 2:
		return fmt.Sprint(numberCell, i+1)
	}
	place := make([]string, len(shape))
	for d := len(shape) - 1; d >= 0; d-- {
		place[d] = fmt.Sprint(i % shape[d])
		i /= shape[d]
	}
	return "[" + strings.Join(place, " ") + "]"
}

// apart says how far two vectors are from each other.
func apart(a, b []float32, changed int) string {
	var dot, aa, bb, far float64
	for i, v := range a {
		x, y := float64(v), float64(b[i])
		dot, aa, bb, far = dot+x*y, aa+x*x, bb+y*y, far+(x-y)*(x-y)
	}
	parts := []string{fmt.Sprintf("%d of %d numbers changed", changed, len(a))}
	if aa > 0 && bb > 0 {
		parts = append(parts, fmt.Sprintf("cosine distance %.3g", max(0, 1-dot/math.Sqrt(aa)/math.Sqrt(bb))))
	}
	norms := [2]string{}
	norms[0], norms[1] = inDigits(math.Sqrt(aa), math.Sqrt(bb))
	return strings.Join(append(parts, fmt.Sprintf("L2 %.3g, norms %s and %s", math.Sqrt(far), norms[0], norms[1])), ", ")
}
