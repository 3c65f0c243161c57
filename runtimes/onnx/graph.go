package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
)

type opset struct {
	domain  string
	version int64
}

// graph is what this package needs to know of an ONNX file.
type graph struct {
	predictor.Graph
	opsets  []opset
	domains map[string]bool // of all nodes
}

func newGraph() *graph {
	return &graph{
		Graph:   predictor.Graph{Constants: map[string]predictor.Constant{}, Operators: map[string]bool{}, Read: map[string]bool{}},
		domains: map[string]bool{},
	}
}

// mostTexts bounds how many strings of a constant are kept: labels are few, words of a dictionary are not.
const mostTexts = 1 << 16

// maxDepth bounds how deep subgraphs may nest.
const maxDepth = 32

// parseGraph reads an ONNX file.
func parseGraph(file []byte) (*graph, error) {
	g := newGraph()
	found := false
	err := eachField(file, func(f field) error {
		switch {
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
	g.Inputs = slices.DeleteFunc(g.Inputs, func(v predictor.Value) bool {
		_, constant := g.Constants[v.Name]
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
				g.Nodes = append(g.Nodes, n)
			}
			return err
		case 5:
			t, err := g.readTensor(f.bytes)
			if depth == 0 && t.Name != "" {
				g.Constants[t.Name] = t
			}
			return err
		case 11, 12:
			if depth > 0 && f.number == 11 {
				return nil
			}
			v, err := readValue(f.bytes)
			if f.number == 12 {
				g.Read[v.Name] = true
			}
			if depth > 0 {
				return err
			}
			if f.number == 11 {
				g.Inputs = append(g.Inputs, v)
			} else {
				g.Outputs = append(g.Outputs, v)
			}
			return err
		}
		return nil
	})
}

func (g *graph) readNode(b []byte, depth int) (predictor.Node, error) {
	var n predictor.Node
	err := eachField(b, func(f field) error {
		if f.wire != wireBytes {
			return nil
		}
		switch f.number {
		case 1:
			n.Inputs = append(n.Inputs, f.text())
		case 2:
			n.Outputs = append(n.Outputs, f.text())
		case 4:
			n.Operator = f.text()
		case 5:
			return g.readAttribute(f.bytes, &n, depth)
		case 7:
			n.Domain = domainName(f.text())
		}
		return nil
	})
	g.Operators[n.Operator] = true
	g.domains[n.Domain] = true
	for _, name := range n.Inputs {
		g.Read[name] = true
	}
	return n, err
}

func (g *graph) readAttribute(b []byte, n *predictor.Node, depth int) error {
	var name string
	var number *int64
	var float *float64
	var word *string
	var constant *predictor.Constant
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
			v := int64(f.bits)
			number = &v
		case f.number == 5 && f.wire == wireBytes:
			t, err := g.readTensor(f.bytes)
			constant = &t
			return err
		case f.number == 9 && f.wire == wireBytes && slices.Contains(predictor.ClassLists, name):
			list = append(list, f.text())
		case f.number == 8 && slices.Contains(predictor.ClassLists, name):
			return eachVarint(f, func(v uint64) { list = append(list, strconv.FormatInt(int64(v), 10)) })
		case (f.number == 6 || f.number == 11) && f.wire == wireBytes:
			return g.readGraph(f.bytes, depth+1)
		}
		return nil
	})
	switch name {
	case "to":
		if number != nil {
			n.To = predictor.Element(min(max(*number, 0), math.MaxInt16))
		}
	case "value":
		n.Constant = constant
	case "value_float":
		if float != nil {
			n.Constant = &predictor.Constant{Element: predictor.Float32, Count: 1, Floats: []float64{*float}}
		}
	}
	if list != nil {
		if n.Lists == nil {
			n.Lists = map[string][]string{}
		}
		n.Lists[name] = list
	}
	if word != nil {
		if n.Words == nil {
			n.Words = map[string]string{}
		}
		n.Words[name] = *word
	}
	if number != nil {
		if n.Integers == nil {
			n.Integers = map[string]int64{}
		}
		n.Integers[name] = *number
	}
	if float != nil {
		if n.Numbers == nil {
			n.Numbers = map[string]float64{}
		}
		n.Numbers[name] = *float
	}
	return err
}

func (g *graph) readTensor(b []byte) (predictor.Constant, error) {
	t := predictor.Constant{Count: 1}
	err := eachField(b, func(f field) error {
		switch {
		case f.number == 1:
			return eachVarint(f, func(v uint64) {
				if v > math.MaxInt32 {
					v = 0
				}
				t.Rank++
				t.Count = int(min(int64(t.Count)*int64(v), math.MaxInt32))
			})
		case f.number == 2 && f.wire == wireVarint:
			t.Element = predictor.Element(min(f.bits, math.MaxInt16))
		case f.number == 4 && f.wire == wireBytes:
			for at := 0; at+4 <= len(f.bytes) && len(t.Floats) < 2; at += 4 {
				t.Floats = append(t.Floats, float64(math.Float32frombits(binary.LittleEndian.Uint32(f.bytes[at:]))))
			}
		case f.number == 4 && f.wire == wireFixed32 && len(t.Floats) < 2:
			t.Floats = append(t.Floats, f.float())
		case f.number == 5:
			return eachVarint(f, func(v uint64) {
				if len(t.Ints) < 2 {
					t.Ints = append(t.Ints, int64(v))
				}
			})
		case f.number == 6 && f.wire == wireBytes && len(t.Texts) < mostTexts:
			t.Texts = append(t.Texts, f.text())
		case f.number == 8 && f.wire == wireBytes:
			t.Name = f.text()
		case f.number == 9 && f.wire == wireBytes:
			t.Raw = f.bytes
		}
		return nil
	})
	return t, err
}

// kinds are the types of a value that is not a tensor, by their field number.
var kinds = map[int]string{4: "sequence", 5: "map", 7: "opaque value", 8: "sparse tensor", 9: "optional value"}

func readValue(b []byte) (predictor.Value, error) {
	v := predictor.Value{Kind: "value of unknown type"}
	err := eachField(b, func(f field) error {
		switch {
		case f.number == 1 && f.wire == wireBytes:
			v.Name = f.text()
		case f.number == 2 && f.wire == wireBytes:
			return eachField(f.bytes, func(f field) error {
				if kind, ok := kinds[f.number]; ok {
					v.Kind = kind
				}
				if f.number == 1 && f.wire == wireBytes {
					v.Kind = "tensor"
					return readTensorType(&v, f.bytes)
				}
				return nil
			})
		}
		return nil
	})
	return v, err
}

func readTensorType(v *predictor.Value, b []byte) error {
	return eachField(b, func(f field) error {
		switch {
		case f.number == 1 && f.wire == wireVarint:
			v.Element = predictor.Element(min(f.bits, math.MaxInt16))
		case f.number == 2 && f.wire == wireBytes:
			v.HasShape = true
			return eachField(f.bytes, func(f field) error {
				if f.number != 1 || f.wire != wireBytes {
					return nil
				}
				d, err := readDimension(f.bytes)
				v.Shape = append(v.Shape, d)
				return err
			})
		}
		return nil
	})
}

func readDimension(b []byte) (predictor.Dimension, error) {
	var d predictor.Dimension
	err := eachField(b, func(f field) error {
		switch {
		case f.number == 1 && f.wire == wireVarint:
			// Zero and negative sizes stand for dynamic ones in files seen in the wild.
			if size := int64(f.bits); size > 0 && size <= math.MaxInt32 {
				d.Size = int(size)
			}
		case f.number == 2 && f.wire == wireBytes:
			d.Name = f.text()
		}
		return nil
	})
	return d, err
}
