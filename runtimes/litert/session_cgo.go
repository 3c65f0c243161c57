//go:build cgo && !windows

package litert

/*
#cgo linux LDFLAGS: -ldl
#cgo noescape tf_run
#cgo nocallback tf_run
#include <stdlib.h>
#include "shim.h"
*/
import "C"

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"unsafe"

	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
)

const bindingName = "cgo"

// errNoBinding says why there is no LiteRT in this build.
var errNoBinding error

// environment is the one of the process, made when the library is loaded; it stays.
var environment unsafe.Pointer

// startRuntime loads the library, once in the life of the process.
func startRuntime(library string) error {
	path := C.CString(library)
	defer C.free(unsafe.Pointer(path))
	if wrong := C.tf_load(path); wrong != nil {
		defer C.free(unsafe.Pointer(wrong))
		return errors.New(C.GoString(wrong))
	}
	return check(C.tf_environment(&environment))
}

func check(r C.tf_result) error {
	if r.status == 0 {
		return nil
	}
	return statusError(C.GoString(r.what), int(r.status))
}

// session is a model in the runtime, with the compiled models that run it. One thread at a time uses one of these: LiteRT gives
// wrong answers, without an error, where several share one.
type session struct {
	loadable
	model           unsafe.Pointer
	memory          unsafe.Pointer // the file, which the model reads
	inputs, outputs []int          // places in the signature, in the order of the tensors of a run

	mu     sync.Mutex
	idle   []*instance
	closed bool
}

// instance is a compiled model whose tensors have the shapes of a run.
type instance struct {
	compiled *C.tf_instance
	shapes   [][]int64 // of all inputs; nil before they have any
	outputs  [][]int64
}

// check is check, with what the compiled model has reported.
func (i *instance) check(r C.tf_result) error {
	if r.status == 0 {
		return nil
	}
	err := check(r)
	if reported := C.tf_errors(i.compiled); reported != nil {
		defer C.free(unsafe.Pointer(reported))
		if text := oneLine(C.GoString(reported)); text != "" {
			return fmt.Errorf("%w: %s", err, text)
		}
	}
	return err
}

// startSession loads a model for runs of these inputs and outputs. Others of the signature are filled with zeros, and passed over.
func startSession(l loadable, inputs, outputs []string) (predictor.Session, error) {
	s := &session{loadable: l}
	for _, name := range inputs {
		s.inputs = append(s.inputs, slices.IndexFunc(l.inputs, func(p port) bool { return p.name == name }))
	}
	for _, name := range outputs {
		s.outputs = append(s.outputs, slices.IndexFunc(l.outputs, func(p port) bool { return p.name == name }))
	}
	s.memory = C.CBytes(l.file)
	if err := check(C.tf_model(environment, s.memory, C.size_t(len(l.file)), &s.model)); err != nil {
		C.free(s.memory)
		return nil, err
	}
	s.loadable.file = nil
	first, err := s.compile()
	if err != nil {
		s.Close()
		return nil, err
	}
	s.idle = append(s.idle, first)
	return s, nil
}

func (s *session) compile() (*instance, error) {
	settings := C.CString(s.settings)
	defer C.free(unsafe.Pointer(settings))
	i := &instance{}
	err := check(C.tf_compile(environment, s.model, C.size_t(s.signature), settings, C.int(len(s.loadable.inputs)), C.int(len(s.loadable.outputs)), &i.compiled))
	if err != nil {
		return nil, err
	}
	return i, nil
}

// acquire takes a compiled model that nobody uses, one that has these shapes where there is such a one.
func (s *session) acquire(shapes [][]int64) (*instance, error) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil, errClosed
	}
	var found *instance
	if n := len(s.idle); n > 0 {
		at := slices.IndexFunc(s.idle, func(i *instance) bool { return sameShapes(i.shapes, shapes) })
		if at < 0 {
			at = n - 1
		}
		found = s.idle[at]
		s.idle[at] = s.idle[n-1]
		s.idle = s.idle[:n-1]
	}
	s.mu.Unlock()
	if found != nil {
		return found, nil
	}
	return s.compile()
}

func (s *session) release(i *instance) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		C.tf_instance_free(i.compiled)
		return
	}
	s.idle = append(s.idle, i)
}

func sameShapes(a, b [][]int64) bool {
	if len(a) > 0 && len(a) == len(b) && &a[0] == &b[0] {
		return true
	}
	return slices.EqualFunc(a, b, func(x, y []int64) bool { return slices.Equal(x, y) })
}

// shapesFor are the shapes of all inputs of the signature in a run of these. An input that is passed over has a 1 where it is open.
func (s *session) shapesFor(inputs []predictor.Memory) ([][]int64, error) {
	shapes := make([][]int64, len(s.loadable.inputs))
	for i, m := range inputs {
		shapes[s.inputs[i]] = m.Shape
	}
	for i, p := range s.loadable.inputs {
		if shapes[i] == nil {
			shapes[i] = []int64{}
			for _, d := range p.shape {
				shapes[i] = append(shapes[i], int64(max(d, 1)))
			}
		}
		if len(shapes[i]) > maxRank || slices.ContainsFunc(shapes[i], func(d int64) bool { return d < 1 }) {
			return nil, fmt.Errorf("expected a shape of at most %d dimensions of at least 1 for the input %q, found %v", maxRank, p.name, shapes[i])
		}
	}
	return shapes, nil
}

// prepare gives an instance the shapes of a run.
func (s *session) prepare(i *instance, shapes [][]int64) error {
	if sameShapes(i.shapes, shapes) && i.outputs != nil {
		return nil
	}
	inputs := make([]C.tf_shape, len(shapes)+1)
	resize := make([]C.int, len(shapes)+1)
	for n, shape := range shapes {
		p := s.loadable.inputs[n]
		inputs[n].element, inputs[n].rank = C.int32_t(elementCodes[p.kind]), C.int32_t(len(shape))
		for k, d := range shape {
			inputs[n].dims[k] = C.int32_t(d)
		}
		if p.resizable {
			resize[n] = 1
		}
	}
	outputs := make([]C.tf_shape, len(s.loadable.outputs)+1)
	for n, p := range s.loadable.outputs {
		outputs[n].element = C.int32_t(elementCodes[p.kind])
	}
	i.shapes, i.outputs = nil, nil
	if err := i.check(C.tf_prepare(i.compiled, &inputs[0], &resize[0], &outputs[0])); err != nil {
		return predictor.Unfit(s.startError(err)) // operators are looked up now
	}
	i.outputs = [][]int64{}
	for n, p := range s.loadable.outputs {
		shape := make([]int64, outputs[n].rank)
		for k := range shape {
			if shape[k] = int64(outputs[n].dims[k]); shape[k] < 1 {
				i.outputs = nil
				return predictor.Unfit(fmt.Errorf("expected outputs whose shapes follow from those of the inputs, found that of %q not known before a run", p.name))
			}
		}
		i.outputs = append(i.outputs, shape)
	}
	i.shapes = shapes // which nobody changes, so that those of one binding are known by where they are
	return nil
}

// binding is a run from and to fixed memory. The lists of where it is are in memory of C.
type binding struct {
	session *session
	shapes  [][]int64
	outputs [][]int64 // nil for those that are passed over
	memory  *C.tf_memory
}

// Bind implements [predictor.Session]. The memory has to be pinned.
func (s *session) Bind(inputs, outputs []predictor.Memory) (predictor.Binding, error) {
	b, err := s.bind(inputs, outputs)
	if err != nil {
		return nil, err
	}
	i, err := s.acquire(b.shapes)
	if err != nil {
		b.Close()
		return nil, err
	}
	defer s.release(i)
	if err := b.prepare(i); err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

func (s *session) bind(inputs, outputs []predictor.Memory) (*binding, error) {
	shapes, err := s.shapesFor(inputs)
	if err != nil {
		return nil, err
	}
	b := &binding{session: s, shapes: shapes, outputs: make([][]int64, len(s.loadable.outputs))}
	b.memory = (*C.tf_memory)(C.calloc(1, C.sizeof_tf_memory))
	counts := [2]int{len(s.loadable.inputs), len(s.loadable.outputs)}
	for side, list := range [2][]predictor.Memory{inputs, outputs} {
		places := [2][]int{s.inputs, s.outputs}[side]
		room := C.calloc(C.size_t(counts[side]+1), C.size_t(unsafe.Sizeof(uintptr(0))))
		sizes := C.calloc(C.size_t(counts[side]+1), C.size_t(unsafe.Sizeof(C.size_t(0))))
		b.memory.data[side], b.memory.sizes[side] = (*unsafe.Pointer)(room), (*C.size_t)(sizes)
		for n, m := range list {
			at := places[n]
			unsafe.Slice(b.memory.data[side], counts[side]+1)[at] = unsafe.Pointer(unsafe.SliceData(m.Data))
			unsafe.Slice(b.memory.sizes[side], counts[side]+1)[at] = C.size_t(len(m.Data))
			if side == 1 {
				b.outputs[at] = m.Shape
			}
			if want := volume(m.Shape) * m.Element.Size(); len(m.Data) != want {
				b.Close()
				return nil, fmt.Errorf("expected %d bytes for a tensor of shape %v, found %d", want, m.Shape, len(m.Data))
			}
		}
	}
	return b, nil
}

func volume(shape []int64) int {
	n := 1
	for _, d := range shape {
		n *= int(d)
	}
	return n
}

// prepare gives an instance the shapes of the run, and holds those of its outputs against the memory.
func (b *binding) prepare(i *instance) error {
	if err := b.session.prepare(i, b.shapes); err != nil {
		return err
	}
	for n, shape := range b.outputs {
		if shape != nil && volume(shape) != volume(i.outputs[n]) {
			return fmt.Errorf("expected the output %q of shape %v, found %v in a run of inputs of %v", b.session.loadable.outputs[n].name, shape, i.outputs[n], b.shapes)
		}
	}
	return nil
}

// Run implements [predictor.Binding].
func (b *binding) Run(context.Context) error {
	i, err := b.session.acquire(b.shapes)
	if err != nil {
		return err
	}
	defer b.session.release(i)
	if !sameShapes(i.shapes, b.shapes) {
		if err := b.prepare(i); err != nil {
			return err
		}
	}
	return b.run(i)
}

// run runs an instance that is prepared.
func (b *binding) run(i *instance) error {
	return i.check(C.tf_run(C.uintptr_t(uintptr(unsafe.Pointer(i.compiled))), C.uintptr_t(uintptr(unsafe.Pointer(b.memory)))))
}

// Close implements [predictor.Binding].
func (b *binding) Close() {
	if b.memory == nil {
		return
	}
	for side := range b.memory.data {
		C.free(unsafe.Pointer(b.memory.data[side]))
		C.free(unsafe.Pointer(b.memory.sizes[side]))
	}
	C.free(unsafe.Pointer(b.memory))
	b.memory = nil
}

// Once implements [predictor.Session].
func (s *session) Once(_ context.Context, inputs, outputs []predictor.Memory) ([]predictor.Memory, error) {
	shapes, err := s.shapesFor(inputs)
	if err != nil {
		return nil, err
	}
	i, err := s.acquire(shapes)
	if err != nil {
		return nil, err
	}
	defer s.release(i)
	if err := s.prepare(i, shapes); err != nil {
		return nil, err
	}
	found := slices.Clone(outputs)
	var pins runtime.Pinner
	defer pins.Unpin()
	for n := range found {
		if found[n].Data == nil {
			found[n].Shape = i.outputs[s.outputs[n]]
			size := volume(found[n].Shape) * found[n].Element.Size()
			found[n].Data = unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(make([]uint64, size/8+1)))), size)
		}
	}
	for _, list := range [][]predictor.Memory{inputs, found} {
		for _, m := range list {
			if len(m.Data) > 0 {
				pins.Pin(unsafe.SliceData(m.Data))
			}
		}
	}
	b, err := s.bind(inputs, found)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	if err := b.prepare(i); err != nil {
		return nil, err
	}
	return found, b.run(i)
}

// Close implements [predictor.Session].
func (s *session) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.closed = true
	for _, i := range s.idle {
		C.tf_instance_free(i.compiled)
	}
	s.idle = nil
	if s.model != nil {
		C.tf_model_free(s.model)
	}
	C.free(s.memory)
}
