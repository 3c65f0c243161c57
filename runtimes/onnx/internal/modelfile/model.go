package modelfile

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
)

// Model is a model with all of its files.
type Model struct {
	File
	Identity
	// Proto is the model as a message, with all of its weights, unless Folder is set.
	Proto *onnxpb.ModelProto
	// Runnable is the model as one file, with all of its weights, unless Folder is set.
	Runnable []byte
	// Folder is where a runtime has to read the weights of Runnable from, because they do not fit into one file; "" otherwise.
	Folder string
}

// Identity is what tells one model from another.
type Identity struct {
	// SHA256 is that of the file, for a model in one file. For one in several files it is the SHA-256 of their SHA-256s, in
	// hexadecimal digits, a line each: of the graph's file first, then of the others in the order of their names. That is
	// sha256sum model.onnx model.onnx.data | cut -d' ' -f1 | sha256sum.
	SHA256 string
	// Content is a hash of what the model computes, whoever wrote it and wherever its weights lie; see content. "" when the
	// graph is of a kind that has none.
	Content string
	Size    int64  // of all files
	Parts   []Part // of a model in several files: the graph's file, then the others in the order of their names
}

// Part is one of several files.
type Part struct {
	Name   string // relative to the model's folder
	Size   int64
	SHA256 string
}

// largestFile is the most that protobuf, and with it an ONNX file, can hold.
const largestFile = math.MaxInt32

// MostInOne is up to which size a model on disk is put into one, so that what is hashed is what runs. Beyond, the runtime maps
// the files into memory. A variable for tests.
var MostInOne int64 = 1 << 30

// Load reads the files that the file refers to.
func Load(file File) (*Model, error) { return load(file, MostInOne) }

// load puts models on disk up to that size into one.
func load(file File, mostInOne int64) (*Model, error) {
	m := &Model{File: file, Proto: &onnxpb.ModelProto{}, Runnable: file.Data}
	if err := proto.Unmarshal(file.Data, m.Proto); err != nil {
		// The protobuf library varies its spaces from build to build.
		return nil, fmt.Errorf("expected a whole ONNX file, found a damaged one: %s", strings.TrimSpace(strings.ReplaceAll(err.Error(), "\u00a0", " ")))
	}
	tensors, err := findExternal(m.Proto)
	if err != nil {
		return nil, err
	}
	graph := Part{file.base(), int64(len(file.Data)), sum(file.Data)}
	m.Identity = Identity{SHA256: graph.SHA256, Size: graph.Size}
	var opened weightFiles
	if len(tensors) > 0 {
		if file.folder == nil {
			return nil, fmt.Errorf("expected a model in one file, found weights in the file %q: open it with onnx.Open or onnx.OpenFS, which read the files beside it", tensors[0].file)
		}
		opened = weightFiles{}
		defer opened.close()
		parts, err := opened.read(file.folder, tensors)
		if err != nil {
			return nil, err
		}
		m.Parts = append([]Part{graph}, parts...)
		h := sha256.New()
		m.Size = 0
		for _, p := range m.Parts {
			m.Size += p.Size
			_, _ = io.WriteString(h, p.SHA256+"\n")
		}
		m.SHA256 = hex.EncodeToString(h.Sum(nil))
		if err := m.putIntoOne(tensors, opened, mostInOne); err != nil {
			return nil, err
		}
	}
	outside := map[*onnxpb.TensorProto]*external{}
	for i := range tensors {
		outside[tensors[i].tensor] = &tensors[i]
	}
	m.Content = content(m.Proto, func(w io.Writer, t *onnxpb.TensorProto) error {
		_, err := io.Copy(w, opened.section(outside[t]))
		return err
	})
	return m, nil
}

// smallTensor is what is put into the graph in any case: a scale, a zero point, a shape, which tell how a model is used.
const smallTensor = 4 << 10

// putIntoOne moves all weights into the message, if they fit, or else the small ones.
func (m *Model) putIntoOne(tensors []external, opened weightFiles, mostInOne int64) error {
	total := int64(len(m.Data))
	for _, e := range tensors {
		total += min(e.length, math.MaxInt64-total)
	}
	onDisk := m.folder.disk(slices.Collect(maps.Keys(opened)))
	switch {
	case onDisk != "" && total > mostInOne:
		m.Folder = onDisk
	case total > largestFile-1<<20: // some room for what lengths take
		return fmt.Errorf("expected a model of at most 2 GiB with its weights where it is read from a file system of Go, or its files are links out of its folder, found one of %d bytes: open it by its path, with onnx.Open, with all files in its folder", total)
	}
	for i := range tensors {
		e := &tensors[i]
		if m.Folder != "" && e.length > smallTensor {
			continue
		}
		raw := make([]byte, e.length)
		if _, err := io.ReadFull(opened.section(e), raw); err != nil {
			return fmt.Errorf("%s: %w", e.label(), unreadable(e.file, err))
		}
		e.tensor.RawData, e.tensor.ExternalData, e.tensor.DataLocation = raw, nil, nil
	}
	var err error
	m.Runnable, err = Bytes(m.Proto)
	return err
}

// InOne returns the message with all of its weights, to be changed; an error when that is no model that fits into one file.
func (m *Model) InOne() (*onnxpb.ModelProto, error) {
	if m.Folder == "" {
		return m.Proto, nil
	}
	if m.Size > largestFile {
		return nil, fmt.Errorf("expected a model that fits into one file of 2 GiB with its weights, found %d bytes", m.Size)
	}
	whole, err := load(m.File, largestFile)
	if err != nil {
		return nil, err
	}
	return whole.Proto, nil
}

// Fits tells why the message cannot be one file; nil when it can.
func Fits(m *onnxpb.ModelProto) error {
	if n := proto.Size(m); n > largestFile {
		return fmt.Errorf("expected a model that fits into one file of 2 GiB with its weights, found %d bytes", n)
	}
	return nil
}

// Bytes is the message as a file. Equal messages have equal bytes.
func Bytes(m *onnxpb.ModelProto) ([]byte, error) {
	if err := Fits(m); err != nil {
		return nil, err
	}
	return proto.MarshalOptions{Deterministic: true}.Marshal(m)
}

// weightFiles are the files of weights that are open, by name.
type weightFiles map[string]weightFile

// read checks and opens the files that tensors lie in, and hashes them.
func (w weightFiles) read(in folder, tensors []external) ([]Part, error) {
	parts := map[string]Part{}
	for i := range tensors {
		e := &tensors[i]
		part, known := parts[e.file]
		if !known {
			size, err := checkFile(in, e.file)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", e.label(), err)
			}
			part = Part{Name: e.file, Size: size}
		}
		if err := e.place(part.Size); err != nil {
			return nil, err
		}
		parts[e.file] = part
	}
	list := slices.SortedFunc(maps.Values(parts), func(a, b Part) int { return strings.Compare(a.Name, b.Name) })
	for i := range list {
		file, err := in.open(list[i].Name)
		if err != nil {
			return nil, unreadable(list[i].Name, err)
		}
		w[list[i].Name] = file
		h := sha256.New()
		n, err := io.Copy(h, io.NewSectionReader(file, 0, math.MaxInt64))
		if err == nil && n != list[i].Size {
			err = errors.New("it changes while it is read")
		}
		if err != nil {
			return nil, unreadable(list[i].Name, err)
		}
		list[i].SHA256 = hex.EncodeToString(h.Sum(nil))
	}
	return list, nil
}

func (w weightFiles) section(e *external) io.Reader {
	return io.NewSectionReader(w[e.file], e.offset, e.length)
}

func (w weightFiles) close() {
	for _, file := range w {
		_ = file.Close()
	}
}

func sum(data []byte) string {
	s := sha256.Sum256(data)
	return hex.EncodeToString(s[:])
}

// base is the file's name without its folder.
func (f File) base() string {
	at := strings.LastIndexAny(f.Path, `/\`)
	return f.Path[at+1:]
}
