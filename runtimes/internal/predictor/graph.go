package predictor

import (
	"fmt"
	"slices"
	"strings"
)

// Graph is what is known of a model without running it, in the words of ONNX.
type Graph struct {
	Inputs    []Value // without those that are constants
	Outputs   []Value
	Nodes     []Node
	Constants map[string]Constant
	Operators map[string]bool // of all nodes, those of subgraphs and functions too
	Read      map[string]bool // names that nodes read, those of subgraphs too, or that outputs are
	// ClassNames are the names of its classes in the order of its scores, where the runtime tells them.
	ClassNames []string
	// Zipped are outputs of which ZipMap makes maps, with the labels of these.
	Zipped map[string][]string

	codes map[string]*Quantization // of inputs and outputs that tell it themselves; nil where operators tell it
}

// Node is one operation of the graph. Operator is that of ONNX which does the same to its first inputs, in the domain of ONNX; of one that
// has no such counterpart Domain is not empty, and what it makes is not known.
type Node struct {
	Operator, Domain string
	Inputs, Outputs  []string
	Constant         *Constant           // of a Constant node
	To               Element             // of a Cast
	Words            map[string]string   // attributes that are text
	Numbers          map[string]float64  // attributes that are one float
	Integers         map[string]int64    // attributes that are one integer
	Lists            map[string][]string // attributes that list classes, numbers as text
}

// NewGraph is the graph of a model whose inputs and outputs tell themselves how integers stand for real numbers. Constants are the names of
// constant tensors, with the value of those that have one element.
func NewGraph(inputs, outputs []Value, nodes []Node, constants map[string][]float64) (*Graph, error) {
	g := &Graph{
		Inputs: inputs, Outputs: outputs, Nodes: nodes,
		Constants: map[string]Constant{}, Operators: map[string]bool{}, Read: map[string]bool{}, codes: map[string]*Quantization{},
	}
	for _, list := range [][]Value{inputs, outputs} {
		for i := range list {
			v := &list[i]
			g.codes[v.Name] = nil
			if q := v.Quantization; q != nil && (v.Element.isByte() || v.Element == Int16) {
				g.codes[v.Name] = q
				if v.Element == Int16 {
					v.Element = codedInt16
				}
			}
		}
	}
	for i, v := range inputs {
		if slices.ContainsFunc(inputs[:i], func(w Value) bool { return w.Name == v.Name }) {
			return nil, fmt.Errorf("expected inputs of different names, found two of %q", v.Name)
		}
	}
	for name, v := range constants {
		c := Constant{Name: name, Element: Float32, Count: len(v)}
		if len(v) == 1 {
			c.Floats = v
		} else {
			c.Count = 0 // its numbers tell nothing
		}
		g.Constants[name] = c
	}
	for _, n := range nodes {
		if n.Domain == "" {
			g.Operators[n.Operator] = true
		}
		for _, name := range n.Inputs {
			g.Read[name] = true
		}
	}
	for _, v := range outputs {
		g.Read[v.Name] = true
	}
	return g, nil
}

// unread lists the inputs that no node reads, when there is one that nodes do read: an image classifier that was cut out of a
// larger graph has such. They are nothing to ask users for.
func (g *Graph) unread() []string {
	var names []string
	for _, v := range g.Inputs {
		if !g.Read[v.Name] {
			names = append(names, v.Name)
		}
	}
	if len(names) == len(g.Inputs) {
		return nil
	}
	return names
}

// without takes the inputs out of the graph.
func (g *Graph) without(names []string) {
	g.Inputs = slices.DeleteFunc(g.Inputs, func(v Value) bool { return slices.Contains(names, v.Name) })
}

func unreadNote(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = fmt.Sprintf("%q", name)
	}
	if len(names) == 1 {
		return "its input " + quoted[0] + " is ignored: no node of the graph reads it"
	}
	return "its inputs " + strings.Join(quoted, ", ") + " are ignored: no node of the graph reads them"
}

// Explore asks the graph for all that it can tell of each of its inputs and outputs. It is there to fuzz readers of files: whatever graph
// they make of one, it must return.
func (g *Graph) Explore() {
	for _, v := range slices.Concat(g.Inputs, g.Outputs) {
		_ = v.String()
		g.inputQuantization(v.Name)
		g.outputQuantization(v.Name)
		g.classNames(v.Name)
		g.claimOf(v.Name, nil)
	}
}
