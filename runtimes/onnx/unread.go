package onnx

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// unread lists the inputs that no node reads, when there is one that nodes do read: an image classifier that was cut out of a
// larger graph has such. They are nothing to ask users for.
func (g *graph) unread() []string {
	var names []string
	for _, v := range g.inputs {
		if !g.read[v.name] {
			names = append(names, v.name)
		}
	}
	if len(names) == len(g.inputs) {
		return nil
	}
	return names
}

// without takes the inputs out of the graph.
func (g *graph) without(names []string) {
	g.inputs = slices.DeleteFunc(g.inputs, func(v value) bool { return slices.Contains(names, v.name) })
}

// withoutInputs returns the file without the graph's inputs of these names: ONNX Runtime wants every input to be fed,
// those that no node reads too.
func withoutInputs(file []byte, names []string) ([]byte, error) {
	return rewritten(file, 7, func(graph []byte) ([]byte, error) {
		kept := make([]byte, 0, len(graph))
		err := eachField(graph, func(f field) error {
			if f.number == 11 && f.wire == wireBytes {
				if v, err := readValue(f.bytes); err != nil || slices.Contains(names, v.name) {
					return err
				}
			}
			kept = append(kept, f.whole...)
			return nil
		})
		return kept, err
	})
}

// rewritten returns the message with its length-delimited fields of that number changed.
func rewritten(message []byte, number int, change func([]byte) ([]byte, error)) ([]byte, error) {
	out := make([]byte, 0, len(message))
	err := eachField(message, func(f field) error {
		if f.number != number || f.wire != wireBytes {
			out = append(out, f.whole...)
			return nil
		}
		changed, err := change(f.bytes)
		out = binary.AppendUvarint(out, uint64(number)<<3|wireBytes)
		out = binary.AppendUvarint(out, uint64(len(changed)))
		out = append(out, changed...)
		return err
	})
	return out, err
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
