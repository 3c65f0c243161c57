package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
)

// CheckClasses finds seeds whose classes are not those of the models: a label that none of so many classes has, or
// names of more or fewer classes. Measured by the label of another class, a seed would count as misread. Names that
// are nil are not known.
func CheckClasses(label int, names []string, classes int) error {
	if names != nil && len(names) != classes {
		return fmt.Errorf("%w: the seeds have %d (%s), the models %d; expected as many, in the models' order: "+
			"generators.MapClasses gives each class its number, generators.WithoutLabels takes the seeds without",
			ErrClassCount, len(names), some(names), classes)
	}
	if label >= classes {
		return fmt.Errorf("%w: found label %d and models of %d classes, expected 0 to %d, or %d for unknown: "+
			"generators.Labelled gives other labels, generators.WithoutLabels takes the seeds without",
			ErrBadLabel, label, classes, classes-1, input.Unlabelled)
	}
	return nil
}

// checkNames finds seeds that number the classes in another order than the model does, by its own names for them: they would count
// as misread, and deviations would be told of other classes.
func checkNames(seeds, own []string) error {
	if slices.Equal(seeds, own) || len(seeds) != len(own) || !slices.Equal(slices.Sorted(slices.Values(seeds)), slices.Sorted(slices.Values(own))) {
		return nil // nothing is known, or they are called otherwise
	}
	return fmt.Errorf("%w: the seeds have %s, the original %s; expected the model's order: "+
		"table.Label and tokens.Label take the names in it, generators.MapClasses gives each class its number, generators.WithoutLabels takes the seeds without",
		ErrClassOrder, some(seeds), some(own))
}

// some are the first names of a list.
func some(names []string) string {
	const most = 5
	if len(names) > most {
		return strings.Join(names[:most], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

// readsWrongly notes a seed whose true class is known and is not among those that the original's scores put
// first, and reports whether it is one.
func (w *worker) readsWrongly(r *run, original []float32) bool {
	label := r.outcome.Label
	if label < 0 || original[label] == original[answer.Label(original)] {
		return false
	}
	said := answer.Label(original)
	r.outcome.MisreadAs = &said
	return true
}

// Misread lists the seeds that the original itself misreads, of those whose true class is known and that it
// was shown. A deviation from such a seed is no loss of a right answer, and a seed set that has many of
// them fits the model badly.
func (r *Report) Misread() []*Outcome {
	var misread []*Outcome
	for i := range r.Seeds {
		if r.Seeds[i].MisreadAs != nil {
			misread = append(misread, &r.Seeds[i])
		}
	}
	return misread
}

// labelled is the number of the shard's seeds with a known true class that the original was shown.
func (r *Report) labelled() int {
	n := 0
	for _, o := range r.Seeds {
		if o.Label >= 0 && o.SeedID != "" && o.Status != OtherShard && (o.Status != Skipped || o.MisreadAs != nil) {
			n++
		}
	}
	return n
}

// labelWarning doubts the labels, or the preprocessing, when the original misreads most of the seeds.
func labelWarning(r *Report) string {
	misread, labelled := len(r.Misread()), r.labelled()
	if misread < enoughToJudge || 2*misread <= labelled {
		return ""
	}
	return fmt.Sprintf("the original misreads %d of %d labelled seeds: do the labels, their order and the preprocessing fit the model?", misread, labelled)
}

// What follows finds models that give the same classes in another order: exported from another label map, or with folders sorted
// otherwise. Nearly every deviation of such a pair is about that, and no rate or release decision means anything.

const (
	// enoughMoved is how many inputs of moved classes it takes to say so.
	enoughMoved = 10
	// enoughOfClass is how many of one class.
	enoughOfClass = 2
	// mostlyMoved is which share of the inputs of a moved class goes to one other class.
	mostlyMoved = 0.75
	// nearlyAllMoved is which share of the inputs of all moved classes goes where their class does.
	nearlyAllMoved = 0.85
)

// classOrder counts labels that both models give to inputs that nobody chose for deviating.
type classOrder struct {
	counts  map[[2]int]int // by the labels of original and compressed model
	changed bool           // since the last check
}

func (c *classOrder) count(labels [2]int) {
	if c.counts == nil {
		c.counts = map[[2]int]int{}
	}
	c.counts[labels]++
	c.changed = true
}

// movedClass is a class that the compressed model has at another place.
type movedClass struct{ from, to, hits, inputs int }

// moved lists the classes that have other numbers in the compressed model, when these are the original's in another order: each
// goes, nearly always, to one that has moved itself. A bad model sends inputs to classes that keep their own, too.
func (c *classOrder) moved() []movedClass {
	inputs, best := map[int]int{}, map[int]movedClass{}
	for labels, n := range c.counts {
		from, to := labels[0], labels[1]
		inputs[from] += n
		if b, ok := best[from]; !ok || n > b.hits || n == b.hits && to < b.to {
			best[from] = movedClass{from: from, to: to, hits: n}
		}
	}
	moved := map[int]movedClass{} // by from
	for from, m := range best {
		m.inputs = inputs[from]
		if m.to != from && m.inputs >= enoughOfClass && float64(m.hits) >= mostlyMoved*float64(m.inputs) {
			moved[from] = m
		}
	}
	// What goes to a class that stays where it is, is no other order, nor is one class alone that goes where no input was seen.
	// Taking them out may leave others without their place.
	stays := func(class int) bool {
		return inputs[class] >= enoughOfClass || best[class].hits > 0 && best[class].to == class
	}
	for again := true; again; {
		again = false
		taken := map[int]bool{}
		for _, m := range moved {
			taken[m.to] = true
		}
		for from, m := range moved {
			if _, ok := moved[m.to]; !ok && (stays(m.to) || !taken[from]) {
				delete(moved, from)
				again = true
			}
		}
	}
	takers := map[int]int{}
	for _, m := range moved {
		takers[m.to]++
	}
	var list []movedClass
	total, hits := 0, 0
	for _, m := range moved {
		if takers[m.to] != 1 {
			return nil
		}
		list = append(list, m)
		total, hits = total+m.inputs, hits+m.hits
	}
	if total < enoughMoved || float64(hits) < nearlyAllMoved*float64(total) {
		return nil
	}
	slices.SortFunc(list, func(a, b movedClass) int { return a.from - b.from })
	return list
}

// mostListed is how many classes an order has that an error prints.
const mostListed = 100

// mostMoved is how many classes an error lists.
const mostMoved = 5

// check is an [ErrClassOrder] when the compressed model gives its classes in another order.
func (c *classOrder) check(classes int, names []string) error {
	if !c.changed {
		return nil
	}
	c.changed = false
	moved := c.moved()
	if moved == nil {
		return nil
	}
	var where []string
	for _, m := range moved {
		if len(where) < mostMoved {
			where = append(where, fmt.Sprintf("%s is its class %d (%d of %d inputs)", answer.ClassName(names, m.from), m.to, m.hits, m.inputs))
		} else if len(where) == mostMoved {
			where = append(where, fmt.Sprintf("and so on for %d more", len(moved)-mostMoved))
		}
	}
	cure := "onnx.Compressed(onnx.ClassOrder(" + orderOf(classes, moved) + "))"
	if classes > mostListed {
		cure = "onnx.Compressed(onnx.ClassOrder(...))"
	}
	return fmt.Errorf("%w: expected both models to number their classes alike, found that in the compressed model %s; if it was exported with its classes in another order, put them back with %s, or in its predictor where it is no ONNX model",
		ErrClassOrder, strings.Join(where, ", "), cure)
}

// orderOf lists the number that each class has in the compressed model.
func orderOf(classes int, moved []movedClass) string {
	order, source := make([]int, classes), map[int]int{}
	for i := range order {
		order[i] = i
	}
	for _, m := range moved {
		order[m.from] = m.to
		source[m.to] = m.from
	}
	for _, m := range moved {
		if slices.ContainsFunc(moved, func(other movedClass) bool { return other.from == m.to }) {
			continue
		}
		// No input of this last class was seen: it takes the place that the first one of its row has left.
		first := m.from
		for from, ok := source[first]; ok; from, ok = source[first] {
			first = from
		}
		order[m.to] = first
	}
	return strings.Trim(strings.Join(strings.Fields(fmt.Sprint(order)), ", "), "[]")
}
