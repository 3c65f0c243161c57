package onnx

import (
	"encoding/binary"
	"slices"
)

// withoutInputs returns the file without the graph's inputs of these names: ONNX Runtime wants every input to be fed,
// those that no node reads too.
func withoutInputs(file []byte, names []string) ([]byte, error) {
	return rewritten(file, 7, func(graph []byte) ([]byte, error) {
		kept := make([]byte, 0, len(graph))
		err := eachField(graph, func(f field) error {
			if f.number == 11 && f.wire == wireBytes {
				if v, err := readValue(f.bytes); err != nil || slices.Contains(names, v.Name) {
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
