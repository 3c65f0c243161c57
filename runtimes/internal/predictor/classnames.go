package predictor

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The names that a model has for its classes: what its labels are, where it gives some, as the models of scikit-learn and its like do.

// ClassLists are attributes of operators of classical machine learning that list classes.
var ClassLists = []string{"classlabels_strings", "classlabels_int64s", "classlabels_ints", "values_strings"}

// handingOn are operators that hand labels on as they are, in another shape.
var handingOn = []string{"Identity", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Cast"}

// Maker is the node that makes a value.
func (g *Graph) Maker(name string) (Node, bool) {
	at := slices.IndexFunc(g.Nodes, func(n Node) bool { return slices.Contains(n.Outputs, name) })
	if at < 0 {
		return Node{}, false
	}
	return g.Nodes[at], true
}

// labelsOf are the labels that an output may hold, in the order of the classes, as far as the graph tells: those of the operator that
// makes it.
func (g *Graph) labelsOf(name string) []string {
	for range deepest {
		n, ok := g.Maker(name)
		if !ok {
			return nil
		}
		if n.Operator == "ArrayFeatureExtractor" && len(n.Inputs) > 0 {
			if t, ok := g.Constants[n.Inputs[0]]; ok {
				return t.Texts
			}
			if n, ok := g.Maker(n.Inputs[0]); ok && n.Constant != nil {
				return n.Constant.Texts
			}
			return nil
		}
		for _, list := range ClassLists {
			if len(n.Lists[list]) > 0 {
				return n.Lists[list]
			}
		}
		if !slices.Contains(handingOn, n.Operator) || len(n.Inputs) == 0 {
			return nil
		}
		name = n.Inputs[0]
	}
	return nil
}

// classNames are the names of the classes whose scores an output holds: those of the maps that it was made into, or the labels beside it.
// Numbers from 0 on are none.
func (g *Graph) classNames(scores string) []string {
	if g.ClassNames != nil {
		return g.ClassNames
	}
	var lists [][]string
	for _, v := range g.Outputs {
		list := g.Zipped[v.Name]
		if list == nil {
			list = g.labelsOf(v.Name)
		}
		if v.Name == scores && list != nil {
			lists = [][]string{list}
			break
		}
		if list != nil {
			lists = append(lists, list)
		}
	}
	for _, list := range lists {
		numbered := true
		for i, name := range list {
			numbered = numbered && name == strconv.Itoa(i)
		}
		if numbered || !slices.Equal(list, lists[0]) {
			return nil
		}
	}
	if len(lists) == 0 {
		return nil
	}
	return lists[0]
}

// zippedBeside reports whether an output was made of a tensor that is an output itself.
func (g *Graph) zippedBeside(v Value) bool {
	n, ok := g.Maker(v.Name)
	return ok && g.Zipped[v.Name] != nil && slices.ContainsFunc(g.Outputs, func(o Value) bool { return o.Name == n.Inputs[0] })
}

// named are the names of the classes of a pair's original, in its order, and the file that has them.
type named struct {
	names []string
	path  string
}

// orderAs puts the classes in the order of those of the original, where both models name theirs.
func (m *Model) orderAs(o named) error {
	if o.names == nil || m.classes == nil || m.config.classOrder != nil || slices.Equal(o.names, m.classes) {
		return nil
	}
	var order []int
	for _, name := range o.names {
		order = append(order, slices.Index(m.classes, name))
	}
	missing := len(order)
	for _, at := range order {
		if at >= 0 {
			missing--
		}
	}
	switch {
	case missing == len(order):
		return nil // other words, of which nothing can be said
	case missing > 0 || len(order) != len(m.classes):
		return fmt.Errorf("expected the classes of %s (%s), found %s; @ClassOrder says which is which", o.path, someNames(o.names), someNames(m.classes))
	}
	m.config.classOrder = order
	m.ordered = true
	return nil
}

// inOrder are the names of the classes in the order in which the model is read.
func (m *Model) inOrder() []string {
	order := m.config.classOrder
	if order == nil || len(order) != len(m.classes) {
		return m.classes
	}
	names := make([]string, len(order))
	for class, at := range order {
		names[class] = m.classes[at]
	}
	return names
}

func someNames(names []string) string {
	const most = 8
	if len(names) > most {
		return fmt.Sprintf("%s, … %d in all", strings.Join(names[:most], ", "), len(names))
	}
	return strings.Join(names, ", ")
}

// labelled is an output of labels, which are read as 1 for the label and 0 for all other classes.
type labelled struct {
	one    []int64 // the shape for one input
	labels map[string]int
}

// readLabels makes an output of strings one of scores.
func (out *scoresOutput) readLabels(g *Graph) error {
	labels := g.labelsOf(out.Name)
	if len(labels) < 2 {
		return fmt.Errorf("expected to see from the graph which labels the output %s has, found no operator that lists them (with classlabels_strings or values_strings, or an ArrayFeatureExtractor of a constant); choose an output of scores with @Output(name)", out.Value)
	}
	if len(out.Shape) > 2 || len(out.Shape) == 2 && out.Shape[1].Size > 1 {
		return fmt.Errorf("expected one label an input, found %s", out.Value)
	}
	l := &labelled{one: []int64{1}, labels: map[string]int{}}
	if len(out.Shape) == 2 {
		l.one = []int64{1, 1}
	}
	for i, label := range labels {
		if _, twice := l.labels[label]; twice {
			return fmt.Errorf("expected every label of the output %s once, found %q twice", out.Value, label)
		}
		l.labels[label] = i
	}
	out.labelled = l
	out.place = place{known: true, numbers: len(labels), classAt: 1}
	return nil
}

// tensor is the output for a run of so many inputs.
func (l *labelled) tensor(rows int, texts []string) Memory {
	shape := slices.Clone(l.one)
	shape[0] = int64(rows)
	return Memory{Element: String, Shape: shape, Texts: texts}
}

// score writes the scores that labels stand for.
func (l *labelled) score(scores []float32, texts []string) error {
	clear(scores)
	for i, text := range texts {
		class, ok := l.labels[text]
		if !ok {
			return fmt.Errorf("expected one of the labels that the graph lists, found %q", text)
		}
		scores[i*len(l.labels)+class] = 1
	}
	return nil
}
