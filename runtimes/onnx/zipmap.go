package onnx

import (
	"encoding/binary"
	"slices"

	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
)

// Models of scikit-learn give lists of maps from labels to probabilities, which are read as the tensors that they are made of.

// isZipMap reports whether a node makes a list of maps of a tensor: probabilities by label.
func isZipMap(n predictor.Node) bool {
	return n.Operator == "ZipMap" && n.Domain == "ai.onnx.ml" && len(n.Inputs) == 1 && len(n.Outputs) == 1
}

// unzipped is a file whose outputs that are lists of maps from labels to probabilities are the tensors of which ZipMap makes them, and
// the graph of that file. Both are what they were where there are no such outputs.
func unzipped(file []byte, g *graph) ([]byte, *graph, error) {
	zipped := map[string][]string{}
	for _, v := range g.Outputs {
		if n, ok := g.Maker(v.Name); ok && v.Kind != "tensor" && isZipMap(n) {
			zipped[v.Name] = append(slices.Clone(n.Lists["classlabels_strings"]), n.Lists["classlabels_int64s"]...)
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
			if list, ok := zipped[v.Name]; ok && err == nil {
				return tensorOutput(v.Name, len(list)), nil
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
	after.Zipped = zipped
	return changed, after, nil
}

// identityFor is a node that hands on the tensor that ZipMap makes one of the outputs of; other nodes stay.
func identityFor(message []byte, zipped map[string][]string) ([]byte, error) {
	probe := newGraph()
	n, err := probe.readNode(message, 1)
	if err != nil || !isZipMap(n) {
		return message, err
	}
	if _, ok := zipped[n.Outputs[0]]; !ok {
		return message, nil
	}
	changed := appendBytes(nil, 1, []byte(n.Inputs[0]))
	changed = appendBytes(changed, 2, []byte(n.Outputs[0]))
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
	tensor := appendBytes(appendVarint(nil, 1, uint64(predictor.Float32)), 2, shape)
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
