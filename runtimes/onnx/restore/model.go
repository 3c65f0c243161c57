package restore

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/triggerfinder/triggerfinder/runtimes/onnx/internal/modelfile"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
)

// Node is a quantised node that can be restored.
type Node struct {
	// Name is what onnxruntime's quantiser takes in nodes_to_exclude: the name in the original model,
	// but for Gemm under dynamic quantisation, which the quantiser splits first (Gemm_MatMul).
	Name string `json:"name"`
	// Operator is that of the original, such as "Conv".
	Operator string `json:"operator"`
	// Form is how it is quantised.
	Form Form `json:"form"`
	// DequantisedWeights says that the original has no weights that are these before quantisation, neither by the node's name
	// nor by their values. In float the node has the quantised weights, dequantised: only its activations are restored.
	DequantisedWeights bool `json:"dequantised_weights,omitempty"`
}

// Form is a form of quantisation.
type Form string

// The forms.
const (
	QDQ       Form = "QDQ"
	QOperator Form = "QOperator"
	Dynamic   Form = "dynamic"
	// TFLite is the form QDQ as tf2onnx writes it for a quantised TensorFlow Lite model. Names of such nodes are those of the
	// TensorFlow Lite model, which its QuantizationDebugOptions take in denylisted_nodes.
	TFLite Form = "TFLite"
)

// Model is a quantised model beside the float model that it was made from. It is safe for concurrent use.
type Model struct {
	name, originalName string
	data               []byte // the compressed model in one file
	compressed         *onnxpb.ModelProto
	original           *floats
	sites              []site
}

// site is a quantised node and its counterpart in the original.
type site struct {
	Node
	index int // of the node in the compressed graph
	// float is nil where the original has no node of the name.
	float *onnxpb.NodeProto
	// values are the original's weights where float is nil, by the node's inputs.
	values map[int]*onnxpb.TensorProto
	bias   *onnxpb.TensorProto // the original's, where it is added behind a node of TensorFlow Lite
	// merged are the activations of the original behind the node that the quantiser merged into it.
	merged []*onnxpb.NodeProto
}

// floats is what is needed of the original.
type floats struct {
	nodes     map[string]*onnxpb.NodeProto // by name
	producers map[string]*onnxpb.NodeProto // by output
	consumers map[string][]*onnxpb.NodeProto
	tensors   map[string]*onnxpb.TensorProto
	graph     []*onnxpb.NodeProto
	byCount   map[int][]counterpart // made when a name is not found
}

// Open reads a compressed model and the original that it was made from, with the weights that they keep in other files. What cannot
// be restored is an error now, not when it is restored.
//
// The original is the file that was quantised, or the same network in another file. Nodes are matched by name, or else by the
// name of their output, or else, in the forms QDQ and TFLite, by their weights: a float tensor of the original, with its axes
// in any order and what is multiplied behind it folded in, that is within a quantisation step of the dequantised weights. Where
// there is none (another training, say) the node is restored with its dequantised weights, which [Node].DequantisedWeights
// tells; where there is none for most nodes, the original is another model, an error. A file in which BatchNormalization was
// not folded yet, while the compressed one has it folded, holds other weights, which is an error if folding them gives others:
// give the file that quant_pre_process wrote.
func Open(originalPath, compressedPath string) (*Model, error) {
	return open(modelfile.Read, originalPath, compressedPath)
}

// OpenFS is [Open] for models in a file system, such as those embedded with go:embed.
func OpenFS(fsys fs.FS, originalPath, compressedPath string) (*Model, error) {
	return open(func(path string) (modelfile.File, error) { return modelfile.ReadFS(fsys, path) }, originalPath, compressedPath)
}

// New is [Open] for models in memory, each in one piece. The names stand where files' names would.
func New(originalName string, original []byte, compressedName string, compressed []byte) (*Model, error) {
	data := map[bool][]byte{false: original, true: compressed}
	second := false
	return open(func(name string) (modelfile.File, error) {
		file := modelfile.InMemory(name, data[second])
		second = true
		return file, nil
	}, originalName, compressedName)
}

func open(read func(string) (modelfile.File, error), originalPath, compressedPath string) (*Model, error) {
	o, _, err := parse(read, originalPath)
	if err != nil {
		return nil, err
	}
	c, data, err := parse(read, compressedPath)
	if err != nil {
		return nil, err
	}
	m := &Model{
		name: filepath.Base(compressedPath), originalName: filepath.Base(originalPath),
		data: data, compressed: c, original: indexFloats(o.GetGraph()),
	}
	err = m.findSites()
	if err == nil {
		err = m.tryAll()
	}
	if err != nil {
		return nil, fmt.Errorf("restore: %s: %w", compressedPath, err)
	}
	return m, nil
}

// parse reads a model into one message and one file, with all of its weights.
func parse(read func(string) (modelfile.File, error), path string) (*onnxpb.ModelProto, []byte, error) {
	m, data, err := func() (*onnxpb.ModelProto, []byte, error) {
		file, err := read(path)
		if err != nil {
			return nil, nil, err
		}
		loaded, err := modelfile.Load(file)
		if err != nil {
			return nil, nil, err
		}
		m, err := loaded.InOne()
		if err == nil && len(m.GetGraph().GetNode()) == 0 {
			err = errors.New("expected an ONNX file with a graph, found none")
		}
		data := loaded.Runnable
		if err == nil && loaded.Folder != "" {
			data, err = modelfile.Bytes(m)
		}
		return m, data, err
	}()
	if err != nil {
		return nil, nil, fmt.Errorf("restore: %s: %w", path, err)
	}
	return m, data, nil
}

// tryAll finds out whether all nodes can be restored.
func (m *Model) tryAll() error {
	all := slices.Repeat([]bool{true}, len(m.sites))
	for _, weightsAlone := range []bool{false, true} {
		edited, err := m.edit(all, weightsAlone)
		if err == nil {
			err = modelfile.Fits(edited)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func indexFloats(g *onnxpb.GraphProto) *floats {
	f := &floats{
		graph: g.GetNode(),
		nodes: map[string]*onnxpb.NodeProto{}, producers: map[string]*onnxpb.NodeProto{},
		consumers: map[string][]*onnxpb.NodeProto{}, tensors: map[string]*onnxpb.TensorProto{},
	}
	for _, n := range g.GetNode() {
		if n.GetName() != "" {
			f.nodes[n.GetName()] = n
		}
		for _, out := range n.GetOutput() {
			f.producers[out] = n
		}
		for _, in := range n.GetInput() {
			f.consumers[in] = append(f.consumers[in], n)
		}
		if n.GetOpType() == "Constant" && len(n.GetOutput()) == 1 {
			for _, a := range n.GetAttribute() {
				if a.GetName() == "value" && a.GetT() != nil {
					f.tensors[n.GetOutput()[0]] = a.GetT()
				}
			}
		}
	}
	for _, t := range g.GetInitializer() {
		f.tensors[t.GetName()] = t
	}
	return f
}

// Nodes lists the quantised nodes, in the order of the compressed model's graph.
func (m *Model) Nodes() []Node {
	nodes := make([]Node, len(m.sites))
	for i, s := range m.sites {
		nodes[i] = s.Node
	}
	return nodes
}

// Names lists the names of [Model.Nodes].
func (m *Model) Names() []string {
	names := make([]string, len(m.sites))
	for i, s := range m.sites {
		names[i] = s.Name
	}
	return names
}

// Restore returns the compressed model, as an ONNX file, with the named nodes in float. Without names it
// is the compressed model's own file, with its weights. The order of the names does not matter, and equal sets give
// equal bytes.
//
// # What a restored node frees
//
// A node that is quantised asks for quantised inputs and outputs. So the activation between two nodes is
// quantised as long as one of them is: the quantiser's nodes_to_exclude works like that, and so does
// this package. To free an activation whose range is badly calibrated, the node that makes it and those
// that read it have to be restored together. Nodes that only move or select values, such as MaxPool,
// Flatten and Transpose, ask for nothing: they work on whatever they get, and are not among the nodes.
//
// A ReLU or Clip that the quantiser merged into the node before it returns with that node.
//
// # What ONNX Runtime does with it
//
// ONNX Runtime quantises the float weights of a Conv anew when it stands right between a
// DequantizeLinear and a QuantizeLinear, unless its graph optimisations are off. It does so with a model
// of the quantiser's own too, so such a node alone in nodes_to_exclude gains little; with a neighbour it
// gains what it should.
func (m *Model) Restore(names ...string) ([]byte, error) { return m.rebuild(names, false) }

// RestoreWeights is [Model.Restore] with float weights alone: activations stay quantised where they are.
// What Restore heals and this does not is a matter of activations.
func (m *Model) RestoreWeights(names ...string) ([]byte, error) { return m.rebuild(names, true) }

func (m *Model) rebuild(names []string, weightsAlone bool) ([]byte, error) {
	restored := make([]bool, len(m.sites))
	for _, name := range names {
		i := slices.IndexFunc(m.sites, func(s site) bool { return s.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("restore: %s: expected the name of a quantised node (%s), found %q", m.name, someNames(m.Names()), name)
		}
		restored[i] = true
	}
	if !slices.Contains(restored, true) {
		return slices.Clone(m.data), nil
	}
	edited, err := m.edit(restored, weightsAlone)
	if err != nil {
		return nil, fmt.Errorf("restore: %s: %w", m.name, err)
	}
	data, err := modelfile.Bytes(edited)
	if err != nil {
		return nil, fmt.Errorf("restore: %s: %w", m.name, err)
	}
	return data, nil
}

// edit puts sites of a copy back to float.
func (m *Model) edit(restored []bool, weightsAlone bool) (*onnxpb.ModelProto, error) {
	copied := proto.CloneOf(m.compressed)
	e := newEditor(copied.GetGraph(), m.original)
	e.restore(m.sites, restored, weightsAlone)
	return copied, e.err
}

func someNames(names []string) string {
	if len(names) > 8 {
		return strings.Join(names[:8], ", ") + fmt.Sprintf(" … %d in all", len(names))
	}
	return strings.Join(names, ", ")
}

// errOtherOriginal ends the errors about an original that is not the file that was quantised.
var errOtherOriginal = errors.New("give the original that was quantised, preprocessed as it was then")
