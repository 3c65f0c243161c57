package modelfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
)

// maxDepth bounds how deep subgraphs may nest.
const maxDepth = 32

var errTooDeep = fmt.Errorf("expected subgraphs at most %d deep", maxDepth)

// external is a tensor whose values lie in another file.
type external struct {
	tensor *onnxpb.TensorProto
	name   string // for messages
	file   string // relative to the model's folder, with slashes
	offset int64
	length int64 // -1: all that is needed, or up to the end of the file where that is not known
}

// label is what messages call the tensor.
func (e *external) label() string { return fmt.Sprintf("weights %q", e.name) }

// eachTensor visits every tensor of the model, those of subgraphs, attributes and functions too.
func eachTensor(m *onnxpb.ModelProto, visit func(name string, t *onnxpb.TensorProto) error) error {
	if err := tensorsOfGraph(m.GetGraph(), 0, visit); err != nil {
		return err
	}
	for _, f := range m.GetFunctions() {
		for _, n := range f.GetNode() {
			if err := tensorsOfNode(n, 1, visit); err != nil {
				return err
			}
		}
		if err := tensorsOfAttributes(f.GetName(), f.GetAttributeProto(), 1, visit); err != nil {
			return err
		}
	}
	return nil
}

func tensorsOfGraph(g *onnxpb.GraphProto, depth int, visit func(string, *onnxpb.TensorProto) error) error {
	if depth > maxDepth {
		return errTooDeep
	}
	for _, t := range g.GetInitializer() {
		if err := visit(t.GetName(), t); err != nil {
			return err
		}
	}
	for _, s := range g.GetSparseInitializer() {
		if err := tensorsOfSparse(s.GetValues().GetName(), s, visit); err != nil {
			return err
		}
	}
	for _, n := range g.GetNode() {
		if err := tensorsOfNode(n, depth, visit); err != nil {
			return err
		}
	}
	return nil
}

func tensorsOfSparse(name string, s *onnxpb.SparseTensorProto, visit func(string, *onnxpb.TensorProto) error) error {
	for _, t := range []*onnxpb.TensorProto{s.GetValues(), s.GetIndices()} {
		if t != nil {
			if err := visit(name, t); err != nil {
				return err
			}
		}
	}
	return nil
}

func tensorsOfNode(n *onnxpb.NodeProto, depth int, visit func(string, *onnxpb.TensorProto) error) error {
	name := n.GetName()
	if n.GetOpType() == "Constant" && len(n.GetOutput()) > 0 || name == "" && len(n.GetOutput()) > 0 {
		name = n.GetOutput()[0]
	}
	return tensorsOfAttributes(name, n.GetAttribute(), depth, visit)
}

func tensorsOfAttributes(name string, attributes []*onnxpb.AttributeProto, depth int, visit func(string, *onnxpb.TensorProto) error) error {
	for _, a := range attributes {
		for _, t := range withOne(a.GetTensors(), a.GetT()) {
			if err := visit(name, t); err != nil {
				return err
			}
		}
		for _, s := range withOne(a.GetSparseTensors(), a.GetSparseTensor()) {
			if err := tensorsOfSparse(name, s, visit); err != nil {
				return err
			}
		}
		for _, g := range withOne(a.GetGraphs(), a.GetG()) {
			if err := tensorsOfGraph(g, depth+1, visit); err != nil {
				return err
			}
		}
	}
	return nil
}

// withOne is the list of an attribute's values, of which it has one or many.
func withOne[T any](many []*T, one *T) []*T {
	if one == nil {
		return many
	}
	return append(slices.Clip(many), one)
}

// findExternal lists the tensors whose values lie in other files, with where they say they are.
func findExternal(m *onnxpb.ModelProto) ([]external, error) {
	var found []external
	err := eachTensor(m, func(name string, t *onnxpb.TensorProto) error {
		if t.GetDataLocation() != onnxpb.TensorProto_EXTERNAL {
			return nil
		}
		if t.GetName() != "" {
			name = t.GetName()
		}
		e := external{tensor: t, name: name, length: -1}
		if err := e.parse(t.GetExternalData()); err != nil {
			return fmt.Errorf("%s: %w", e.label(), err)
		}
		found = append(found, e)
		return nil
	})
	return found, err
}

func (e *external) parse(entries []*onnxpb.StringStringEntryProto) error {
	location, given := "", false
	for _, entry := range entries {
		var err error
		switch entry.GetKey() {
		case "location":
			location, given = entry.GetValue(), true
		case "offset":
			e.offset, err = parsePlace(entry)
		case "length":
			e.length, err = parsePlace(entry)
		}
		if err != nil {
			return err
		}
	}
	if !given || location == "" {
		return errors.New("expected the name of the file that they lie in, found none")
	}
	file, err := localName(location)
	if err != nil {
		return err
	}
	e.file = file
	need, known, err := storedSize(e.tensor)
	switch {
	case err != nil:
		return err
	case known && e.length >= 0 && e.length != need:
		return fmt.Errorf("expected %d bytes for %s %v in the file %q, found a length of %d", need, dataType(e.tensor), e.tensor.GetDims(), file, e.length)
	case known:
		e.length = need
	}
	if e.length > math.MaxInt64-e.offset {
		return fmt.Errorf("expected a place in the file %q, found %d bytes from %d on", file, e.length, e.offset)
	}
	return nil
}

func parsePlace(entry *onnxpb.StringStringEntryProto) (int64, error) {
	n, err := strconv.ParseInt(entry.GetValue(), 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("expected a whole number of at least 0 as their %s, found %.40q", entry.GetKey(), entry.GetValue())
	}
	return n, nil
}

// localName is the location of a file as a clean name relative to the model's folder.
func localName(location string) (string, error) {
	outside := func(what string) error {
		return fmt.Errorf("expected them in a file in the model's folder, found %s%.200q: a model refers to no file outside its folder", what, location)
	}
	switch {
	case strings.ContainsRune(location, '\\'):
		return "", fmt.Errorf(`expected a file in the model's folder with / between folders, found %.200q with \: save the model again, or rename the file and what refers to it`, location)
	case path.IsAbs(location) || len(location) > 1 && location[1] == ':':
		return "", outside("the absolute path ")
	case slices.Contains(strings.Split(location, "/"), ".."):
		return "", outside("")
	}
	name := path.Clean(location)
	if name == "." || !fs.ValidPath(name) || strings.ContainsRune(name, 0) {
		return "", fmt.Errorf("expected the name of a file in the model's folder, found %.200q", location)
	}
	return name, nil
}

// lfsPointer is how files begin that Git LFS has not fetched.
const lfsPointer = "version https://git-lfs"

// checkFile tells why a file of weights cannot be used, and how long it is.
func checkFile(in folder, name string) (size int64, err error) {
	if why := in.leaves(name); why != "" {
		return 0, fmt.Errorf("expected the file %q in the model's folder, found %s: a model refers to no file outside its folder", name, why)
	}
	info, err := in.stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, &missingError{fmt.Sprintf("expected them in the file %q beside the model, found no such file; the model refers to it by this name, so both are copied and kept together", name)}
	case err != nil:
		return 0, unreadable(name, err)
	case info.IsDir():
		return 0, fmt.Errorf("expected them in the file %q beside the model, found a directory", name)
	case !info.Mode().IsRegular():
		return 0, fmt.Errorf("expected them in the file %q beside the model, found something that is no regular file (%s)", name, info.Mode().Type())
	}
	file, err := in.open(name)
	if err != nil {
		return 0, unreadable(name, err)
	}
	defer func() { _ = file.Close() }()
	start := make([]byte, min(info.Size(), int64(len(lfsPointer))))
	if _, err := file.ReadAt(start, 0); err != nil && !errors.Is(err, io.EOF) {
		return 0, unreadable(name, err)
	}
	if bytes.Equal(start, []byte(lfsPointer)) {
		return 0, fmt.Errorf("expected them in the file %q beside the model, found a Git LFS pointer; fetch the file with git lfs pull", name)
	}
	return info.Size(), nil
}

func unreadable(name string, err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return fmt.Errorf("expected a file %q beside the model that can be read: %w", name, err)
}

// place finds the tensor in its file of that size.
func (e *external) place(size int64) error {
	if e.length < 0 {
		e.length = max(0, size-e.offset)
	}
	if end := e.offset + e.length; end > size {
		return fmt.Errorf("%s: expected the file %q to have at least %d bytes, found %d: it is cut off, or of another model", e.label(), e.file, end, size)
	}
	return nil
}

// dataType names the type of a tensor's elements.
func dataType(t *onnxpb.TensorProto) string {
	return strings.ToLower(onnxpb.TensorProto_DataType(t.GetDataType()).String())
}

// elementBits is how many bits an element takes in raw data, or 0 for types that have none.
func elementBits(kind onnxpb.TensorProto_DataType) int64 {
	switch kind {
	case onnxpb.TensorProto_FLOAT, onnxpb.TensorProto_INT32, onnxpb.TensorProto_UINT32:
		return 32
	case onnxpb.TensorProto_DOUBLE, onnxpb.TensorProto_INT64, onnxpb.TensorProto_UINT64, onnxpb.TensorProto_COMPLEX64:
		return 64
	case onnxpb.TensorProto_COMPLEX128:
		return 128
	case onnxpb.TensorProto_UINT16, onnxpb.TensorProto_INT16, onnxpb.TensorProto_FLOAT16, onnxpb.TensorProto_BFLOAT16:
		return 16
	case onnxpb.TensorProto_UINT8, onnxpb.TensorProto_INT8, onnxpb.TensorProto_BOOL:
		return 8
	}
	switch name := kind.String(); {
	case strings.HasPrefix(name, "FLOAT8"):
		return 8
	case strings.HasSuffix(name, "INT4"), strings.HasPrefix(name, "FLOAT4"):
		return 4
	case strings.HasSuffix(name, "INT2"):
		return 2
	}
	return 0
}

// storedSize is how many bytes the tensor takes, if its type tells.
func storedSize(t *onnxpb.TensorProto) (size int64, known bool, err error) {
	bits := elementBits(onnxpb.TensorProto_DataType(t.GetDataType()))
	if bits == 0 {
		return 0, false, nil
	}
	elements := int64(1)
	for _, d := range t.GetDims() {
		if d < 0 || d > 0 && elements > math.MaxInt64/256/d {
			return 0, false, fmt.Errorf("expected dimensions that a tensor can have, found %v", t.GetDims())
		}
		elements *= d
	}
	return (elements*bits + 7) / 8, true, nil
}
