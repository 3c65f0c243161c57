package onnx

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The names that a model has for its classes: what its labels are, where it gives some, as the models of scikit-learn and its like do.

// Attributes of operators of classical machine learning that list classes.
var classLists = []string{"classlabels_strings", "classlabels_int64s", "classlabels_ints", "values_strings"}

// handingOn are operators that hand labels on as they are, in another shape.
var handingOn = []string{"Identity", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Cast"}

// maker is the node that makes a value.
func (g *graph) maker(name string) (node, bool) {
	at := slices.IndexFunc(g.nodes, func(n node) bool { return slices.Contains(n.outputs, name) })
	if at < 0 {
		return node{}, false
	}
	return g.nodes[at], true
}

// labelsOf are the labels that an output may hold, in the order of the classes, as far as the graph tells: those of the operator that
// makes it.
func (g *graph) labelsOf(name string) []string {
	for range maxDepth {
		n, ok := g.maker(name)
		if !ok {
			return nil
		}
		if n.operator == "ArrayFeatureExtractor" && len(n.inputs) > 0 {
			if t, ok := g.constants[n.inputs[0]]; ok {
				return t.texts
			}
			if n, ok := g.maker(n.inputs[0]); ok && n.constant != nil {
				return n.constant.texts
			}
			return nil
		}
		for _, list := range classLists {
			if len(n.lists[list]) > 0 {
				return n.lists[list]
			}
		}
		if !slices.Contains(handingOn, n.operator) || len(n.inputs) == 0 {
			return nil
		}
		name = n.inputs[0]
	}
	return nil
}

// classNames are the names of the classes whose scores an output holds: those of the maps that it was made into, or the labels beside it.
// Numbers from 0 on are none.
func (g *graph) classNames(scores string) []string {
	if g.told != nil {
		return g.told
	}
	var lists [][]string
	for _, v := range g.outputs {
		list := g.zipped[v.name]
		if list == nil {
			list = g.labelsOf(v.name)
		}
		if v.name == scores && list != nil {
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

// isZipMap reports whether a node makes a list of maps of a tensor: probabilities by label.
func (n *node) isZipMap() bool {
	return n.operator == "ZipMap" && n.domain == "ai.onnx.ml" && len(n.inputs) == 1 && len(n.outputs) == 1
}

// unzipped is a file whose outputs that are lists of maps from labels to probabilities are the tensors of which ZipMap makes them, and
// the graph of that file. Both are what they were where there are no such outputs.
func unzipped(file []byte, g *graph) ([]byte, *graph, error) {
	zipped := map[string][]string{}
	for _, v := range g.outputs {
		if n, ok := g.maker(v.name); ok && v.kind != "tensor" && n.isZipMap() {
			zipped[v.name] = append(slices.Clone(n.lists["classlabels_strings"]), n.lists["classlabels_int64s"]...)
		}
	}
	if len(zipped) == 0 {
		return file, g, nil
	}
	changed, err := rewritten(file, 7, func(graph []byte) ([]byte, error) {
		nodes, err := rewritten(graph, 1, func(node []byte) ([]byte, error) { return identityFor(node, zipped) })
		if err != nil {
			return nil, err
		}
		return rewritten(nodes, 12, func(output []byte) ([]byte, error) {
			v, err := readValue(output)
			if list, ok := zipped[v.name]; ok && err == nil {
				return tensorOutput(v.name, len(list)), nil
			}
			return output, err
		})
	})
	if err != nil {
		return nil, nil, err
	}
	if !slices.ContainsFunc(g.opsets, func(o opset) bool { return o.domain == "" }) {
		changed = appendBytes(changed, 8, appendVarint(nil, 2, 13)) // Identity is of the operators that every file may use
	}
	after, err := parseGraph(changed)
	if err != nil {
		return nil, nil, err
	}
	after.zipped = zipped
	return changed, after, nil
}

// zippedBeside reports whether an output was made of a tensor that is an output itself.
func (g *graph) zippedBeside(v value) bool {
	n, ok := g.maker(v.name)
	return ok && g.zipped[v.name] != nil && slices.ContainsFunc(g.outputs, func(o value) bool { return o.name == n.inputs[0] })
}

// identityFor is a node that hands on the tensor that ZipMap makes one of the outputs of; other nodes stay.
func identityFor(message []byte, zipped map[string][]string) ([]byte, error) {
	probe := &graph{operators: map[string]bool{}, domains: map[string]bool{}, read: map[string]bool{}, constants: map[string]tensor{}}
	n, err := probe.readNode(message, 1)
	if err != nil || !n.isZipMap() {
		return message, err
	}
	if _, ok := zipped[n.outputs[0]]; !ok {
		return message, nil
	}
	changed := appendBytes(nil, 1, []byte(n.inputs[0]))
	changed = appendBytes(changed, 2, []byte(n.outputs[0]))
	return appendBytes(changed, 4, []byte("Identity")), nil
}

// tensorOutput is an output of float32 [?, classes].
func tensorOutput(name string, classes int) []byte {
	shape := appendBytes(nil, 1, nil) // a dimension of which nothing is known
	if classes > 0 {
		shape = appendBytes(shape, 1, appendVarint(nil, 1, uint64(classes)))
	} else {
		shape = appendBytes(shape, 1, nil)
	}
	tensor := appendBytes(appendVarint(nil, 1, uint64(float32Type)), 2, shape)
	return appendBytes(appendBytes(nil, 1, []byte(name)), 2, appendBytes(nil, 1, tensor))
}

func appendBytes(message []byte, number int, content []byte) []byte {
	message = binary.AppendUvarint(message, uint64(number)<<3|wireBytes)
	message = binary.AppendUvarint(message, uint64(len(content)))
	return append(message, content...)
}

func appendVarint(message []byte, number int, v uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(message, uint64(number)<<3|wireVarint), v)
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
		return fmt.Errorf("expected the classes of %s (%s), found %s; onnx.ClassOrder says which is which", o.path, someNames(o.names), someNames(m.classes))
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
func (out *scoresOutput) readLabels(g *graph) error {
	labels := g.labelsOf(out.name)
	if len(labels) < 2 {
		return fmt.Errorf("expected to see from the graph which labels the output %s has, found no operator that lists them (with classlabels_strings or values_strings, or an ArrayFeatureExtractor of a constant); choose an output of scores with onnx.Output(name)", out.value)
	}
	if len(out.shape) > 2 || len(out.shape) == 2 && out.shape[1].size > 1 {
		return fmt.Errorf("expected one label an input, found %s", out.value)
	}
	l := &labelled{one: []int64{1}, labels: map[string]int{}}
	if len(out.shape) == 2 {
		l.one = []int64{1, 1}
	}
	for i, label := range labels {
		if _, twice := l.labels[label]; twice {
			return fmt.Errorf("expected every label of the output %s once, found %q twice", out.value, label)
		}
		l.labels[label] = i
	}
	out.labelled = l
	out.place = place{known: true, numbers: len(labels), classAt: 1}
	return nil
}

// tensor is the output for a run of so many inputs.
func (l *labelled) tensor(rows int, texts []string) tensorMemory {
	shape := slices.Clone(l.one)
	shape[0] = int64(rows)
	return tensorMemory{element: stringType, shape: shape, texts: texts}
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
