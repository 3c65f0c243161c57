package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// node is one operation of the graph.
type node struct {
	operator, domain string
	inputs, outputs  []string
	axis             int64
	hasAxis          bool
	constant         *tensor             // of a Constant node
	to               elementType         // of a Cast
	words            map[string]string   // attributes that are text
	numbers          map[string]float64  // attributes that are one float
	lists            map[string][]string // attributes that list classes, numbers as text
}

type opset struct {
	domain  string
	version int64
}

// graph is what this package needs to know of an ONNX file.
type graph struct {
	irVersion int64
	opsets    []opset
	inputs    []value // without those that are constants
	outputs   []value
	nodes     []node
	constants map[string]tensor
	operators map[string]bool          // of all nodes, those of subgraphs and functions too
	domains   map[string]bool          // of all nodes
	read      map[string]bool          // names that nodes read, those of subgraphs too, or that outputs are
	codes     map[string]*quantization // of inputs and outputs that tell it themselves, as in other formats
	told      []string                 // the names of its classes, where the runtime tells them
	zipped    map[string][]string      // outputs that ZipMap makes maps of, with the labels of these
}

// mostTexts bounds how many strings of a constant are kept: labels are few, words of a dictionary are not.
const mostTexts = 1 << 16

// maxDepth bounds how deep subgraphs may nest.
const maxDepth = 32

// parseGraph reads an ONNX file.
func parseGraph(file []byte) (*graph, error) {
	g := &graph{constants: map[string]tensor{}, operators: map[string]bool{}, domains: map[string]bool{}, read: map[string]bool{}}
	found := false
	err := eachField(file, func(f field) error {
		switch {
		case f.number == 1 && f.wire == wireVarint:
			g.irVersion = int64(f.bits)
		case f.number == 7 && f.wire == wireBytes:
			found = true
			return damaged("graph", g.readGraph(f.bytes, 0))
		case f.number == 8 && f.wire == wireBytes:
			return damaged("operator set", g.readOpset(f.bytes))
		case f.number == 25 && f.wire == wireBytes:
			return damaged("function", eachField(f.bytes, func(f field) error {
				if f.number == 7 && f.wire == wireBytes {
					_, err := g.readNode(f.bytes, 1)
					return err
				}
				return nil
			}))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, errNotProtobuf
	}
	g.inputs = slices.DeleteFunc(g.inputs, func(v value) bool {
		_, constant := g.constants[v.name]
		return constant
	})
	return g, nil
}

// damaged marks an error inside a part that is there as a whole: such a file was not cut off.
func damaged(part string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %v", part, err)
}

// unusedOpsets lists the operator sets that no node uses.
func (g *graph) unusedOpsets() []opset {
	var unused []opset
	for _, o := range g.opsets {
		if o.domain != "" && !g.domains[o.domain] {
			unused = append(unused, o)
		}
	}
	return unused
}

// withoutOpsets returns the file without its imports of the given operator sets.
func withoutOpsets(file []byte, drop []opset) ([]byte, error) {
	kept := make([]byte, 0, len(file))
	err := eachField(file, func(f field) error {
		if f.number == 8 && f.wire == wireBytes {
			one := &graph{}
			if err := one.readOpset(f.bytes); err != nil {
				return err
			}
			if slices.Contains(drop, one.opsets[0]) {
				return nil
			}
		}
		kept = append(kept, f.whole...)
		return nil
	})
	return kept, err
}

func (g *graph) readOpset(b []byte) error {
	var o opset
	err := eachField(b, func(f field) error {
		switch {
		case f.number == 1 && f.wire == wireBytes:
			o.domain = domainName(f.text())
		case f.number == 2 && f.wire == wireVarint:
			o.version = int64(f.bits)
		}
		return nil
	})
	g.opsets = append(g.opsets, o)
	return err
}

func domainName(domain string) string {
	if domain == "ai.onnx" {
		return ""
	}
	return domain
}

// readGraph reads the main graph (depth 0), or what is needed of a subgraph.
func (g *graph) readGraph(b []byte, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("expected subgraphs at most %d deep", maxDepth)
	}
	return eachField(b, func(f field) error {
		if f.wire != wireBytes {
			return nil
		}
		switch f.number {
		case 1:
			n, err := g.readNode(f.bytes, depth)
			if depth == 0 {
				g.nodes = append(g.nodes, n)
			}
			return err
		case 5:
			t, err := g.readTensor(f.bytes)
			if depth == 0 && t.name != "" {
				g.constants[t.name] = t
			}
			return err
		case 11, 12:
			if depth > 0 && f.number == 11 {
				return nil
			}
			v, err := readValue(f.bytes)
			if f.number == 12 {
				g.read[v.name] = true
			}
			if depth > 0 {
				return err
			}
			if f.number == 11 {
				g.inputs = append(g.inputs, v)
			} else {
				g.outputs = append(g.outputs, v)
			}
			return err
		}
		return nil
	})
}

func (g *graph) readNode(b []byte, depth int) (node, error) {
	var n node
	err := eachField(b, func(f field) error {
		if f.wire != wireBytes {
			return nil
		}
		switch f.number {
		case 1:
			n.inputs = append(n.inputs, f.text())
		case 2:
			n.outputs = append(n.outputs, f.text())
		case 4:
			n.operator = f.text()
		case 5:
			return g.readAttribute(f.bytes, &n, depth)
		case 7:
			n.domain = domainName(f.text())
		}
		return nil
	})
	g.operators[n.operator] = true
	g.domains[n.domain] = true
	for _, name := range n.inputs {
		g.read[name] = true
	}
	return n, err
}

func (g *graph) readAttribute(b []byte, n *node, depth int) error {
	var name string
	var number int64
	var float *float64
	var word *string
	var constant *tensor
	var list []string
	err := eachField(b, func(f field) error {
		switch {
		case f.number == 1 && f.wire == wireBytes:
			name = f.text()
		case f.number == 4 && f.wire == wireBytes:
			v := f.text()
			word = &v
		case f.number == 2 && f.wire == wireFixed32:
			v := f.float()
			float = &v
		case f.number == 3 && f.wire == wireVarint:
			number = int64(f.bits)
		case f.number == 5 && f.wire == wireBytes:
			t, err := g.readTensor(f.bytes)
			constant = &t
			return err
		case f.number == 9 && f.wire == wireBytes && slices.Contains(classLists, name):
			list = append(list, f.text())
		case f.number == 8 && slices.Contains(classLists, name):
			return eachVarint(f, func(v uint64) { list = append(list, strconv.FormatInt(int64(v), 10)) })
		case (f.number == 6 || f.number == 11) && f.wire == wireBytes:
			return g.readGraph(f.bytes, depth+1)
		}
		return nil
	})
	switch name {
	case "axis":
		n.axis, n.hasAxis = number, true
	case "to":
		n.to = elementType(min(max(number, 0), math.MaxInt16))
	case "value":
		n.constant = constant
	case "value_float":
		if float != nil {
			n.constant = &tensor{element: float32Type, count: 1, floats: []float64{*float}}
		}
	}
	if list != nil {
		if n.lists == nil {
			n.lists = map[string][]string{}
		}
		n.lists[name] = list
	}
	if word != nil {
		if n.words == nil {
			n.words = map[string]string{}
		}
		n.words[name] = *word
	}
	if float != nil {
		if n.numbers == nil {
			n.numbers = map[string]float64{}
		}
		n.numbers[name] = *float
	}
	return err
}

func (g *graph) readTensor(b []byte) (tensor, error) {
	t := tensor{count: 1}
	err := eachField(b, func(f field) error {
		switch {
		case f.number == 1:
			return eachVarint(f, func(v uint64) {
				if v > math.MaxInt32 {
					v = 0
				}
				t.count = int(min(int64(t.count)*int64(v), math.MaxInt32))
			})
		case f.number == 2 && f.wire == wireVarint:
			t.element = elementType(min(f.bits, math.MaxInt16))
		case f.number == 4 && f.wire == wireBytes:
			for at := 0; at+4 <= len(f.bytes) && len(t.floats) < 2; at += 4 {
				t.floats = append(t.floats, float64(math.Float32frombits(binary.LittleEndian.Uint32(f.bytes[at:]))))
			}
		case f.number == 4 && f.wire == wireFixed32 && len(t.floats) < 2:
			t.floats = append(t.floats, f.float())
		case f.number == 5:
			return eachVarint(f, func(v uint64) {
				if len(t.ints) < 2 {
					t.ints = append(t.ints, int64(v))
				}
			})
		case f.number == 6 && f.wire == wireBytes && len(t.texts) < mostTexts:
			t.texts = append(t.texts, f.text())
		case f.number == 8 && f.wire == wireBytes:
			t.name = f.text()
		case f.number == 9 && f.wire == wireBytes:
			t.raw = f.bytes
		}
		return nil
	})
	return t, err
}

// kinds are the types of a value that is not a tensor, by their field number.
var kinds = map[int]string{4: "sequence", 5: "map", 7: "opaque value", 8: "sparse tensor", 9: "optional value"}

func readValue(b []byte) (value, error) {
	v := value{kind: "value of unknown type"}
	err := eachField(b, func(f field) error {
		switch {
		case f.number == 1 && f.wire == wireBytes:
			v.name = f.text()
		case f.number == 2 && f.wire == wireBytes:
			return eachField(f.bytes, func(f field) error {
				if kind, ok := kinds[f.number]; ok {
					v.kind = kind
				}
				if f.number == 1 && f.wire == wireBytes {
					v.kind = "tensor"
					return v.readTensorType(f.bytes)
				}
				return nil
			})
		}
		return nil
	})
	return v, err
}

func (v *value) readTensorType(b []byte) error {
	return eachField(b, func(f field) error {
		switch {
		case f.number == 1 && f.wire == wireVarint:
			v.element = elementType(min(f.bits, math.MaxInt16))
		case f.number == 2 && f.wire == wireBytes:
			v.hasShape = true
			return eachField(f.bytes, func(f field) error {
				if f.number != 1 || f.wire != wireBytes {
					return nil
				}
				d, err := readDimension(f.bytes)
				v.shape = append(v.shape, d)
				return err
			})
		}
		return nil
	})
}

func readDimension(b []byte) (dimension, error) {
	var d dimension
	err := eachField(b, func(f field) error {
		switch {
		case f.number == 1 && f.wire == wireVarint:
			// Zero and negative sizes stand for dynamic ones in files seen in the wild.
			if size := int64(f.bits); size > 0 && size <= math.MaxInt32 {
				d.size = int(size)
			}
		case f.number == 2 && f.wire == wireBytes:
			d.name = f.text()
		}
		return nil
	})
	return d, err
}
