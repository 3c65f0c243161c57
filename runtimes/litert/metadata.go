package litert

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
)

// Metadata of a model, after the public schema of TensorFlow Lite Metadata: a FlatBuffer of its own in the file, and files in a zip archive
// behind it.

// metadata is what is read of it.
type metadata struct {
	name       string
	inputs     []tensorMetadata
	outputs    []tensorMetadata
	labelFiles []string // of no output in particular
}

type tensorMetadata struct {
	name       string
	labelFiles []string
	mean, std  []float64 // that the model wants, nil when it does not say
}

const (
	metadataKey        = "TFLITE_METADATA"
	metadataIdentifier = "M001"
	normalization      = 1 // of the options of a step of preprocessing
	mostLabelBytes     = 4 << 20
)

// Kinds of files that list labels.
const (
	axisLabels  = 2
	valueLabels = 3
)

// readMetadata reads the metadata of a file, and reports false where there is none or it cannot be read: it helps people only.
func readMetadata(data []byte) (m metadata, ok bool) {
	if len(data) < 8 || string(data[4:8]) != metadataIdentifier {
		return m, false
	}
	f := newFlatbuffer(data)
	root := f.follow(0)
	m.name = root.text(0)
	m.labelFiles = labelFiles(root, 6)
	root.tables(3, func(i int, graph table) {
		if i > 0 {
			return
		}
		graph.tables(2, func(_ int, t table) { m.inputs = append(m.inputs, readTensorMetadata(t)) })
		graph.tables(3, func(_ int, t table) { m.outputs = append(m.outputs, readTensorMetadata(t)) })
		m.labelFiles = append(m.labelFiles, labelFiles(graph, 4)...)
	})
	return m, f.err == nil
}

func readTensorMetadata(t table) tensorMetadata {
	one := tensorMetadata{name: t.text(0), labelFiles: labelFiles(t, 6)}
	t.tables(4, func(_ int, step table) {
		if step.int8(0, 0) != normalization {
			return
		}
		if o, ok := step.table(1); ok {
			one.mean, one.std = o.float32s(0), o.float32s(1)
		}
	})
	return one
}

func labelFiles(t table, number int) (names []string) {
	t.tables(number, func(_ int, file table) {
		if kind := file.int8(2, 0); kind == axisLabels || kind == valueLabels {
			names = append(names, file.text(0))
		}
	})
	return names
}

// labelsIn reads the labels of an output: one a line, of a file in the archive behind the model. Nil when there are none.
func labelsIn(file []byte, m metadata, output int) []string {
	names := m.labelFiles
	if output < len(m.outputs) && len(m.outputs[output].labelFiles) > 0 {
		names = m.outputs[output].labelFiles
	}
	if len(names) == 0 {
		return nil
	}
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil
	}
	for _, entry := range archive.File {
		if entry.Name != names[0] {
			continue
		}
		content, err := entry.Open()
		if err != nil {
			return nil
		}
		text, err := io.ReadAll(io.LimitReader(content, mostLabelBytes+1))
		_ = content.Close()
		if err != nil || len(text) > mostLabelBytes {
			return nil
		}
		var labels []string
		for line := range strings.Lines(string(text)) {
			labels = append(labels, strings.TrimRight(line, "\r\n"))
		}
		return labels
	}
	return nil
}

// normalizationNote says what preprocessing the metadata ask for.
func normalizationNote(m metadata) []string {
	if len(m.inputs) == 0 || len(m.inputs[0].mean) == 0 || len(m.inputs[0].std) == 0 {
		return nil
	}
	list := func(values []float64) string {
		parts := make([]string, len(values))
		for i, v := range values {
			parts[i] = fmt.Sprintf("%.6g", v)
		}
		return strings.Join(parts, ", ")
	}
	return []string{fmt.Sprintf("its metadata say that it wants (x - mean) / std: litert.Mean(%s), litert.Std(%s)", list(m.inputs[0].mean), list(m.inputs[0].std))}
}
