package oip

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
)

// session asks a server about one model.
type session struct {
	endpoint        *endpoint
	transport       transport
	inputs, outputs []tensorInfo
	names           []string // of the outputs

	slots  chan struct{}
	single sync.Mutex  // held by a request where they go one at a time
	apart  atomic.Bool // they do
	prefix string      // of ids
	count  atomic.Int64
	noID   atomic.Bool // the server does not give them back
	clock  clock
	company
}

func newSession(e *endpoint, t transport, inputs, outputs []tensorInfo) *session {
	s := &session{endpoint: e, transport: t, inputs: inputs, outputs: outputs, slots: make(chan struct{}, e.concurrency)}
	for _, o := range outputs {
		s.names = append(s.names, o.name)
	}
	random := make([]byte, 6)
	_, _ = rand.Read(random)
	s.prefix = hex.EncodeToString(random)
	return s
}

// Close implements [predictor.Session].
func (s *session) Close() { s.transport.close() }

// ask sends one request, and again where the server is not available.
func (s *session) ask(ctx context.Context, inputs []tensor) ([]tensor, error) {
	select {
	case s.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-s.slots }()
	if s.apart.Load() {
		s.single.Lock()
		defer s.single.Unlock()
	}
	id := s.prefix + "-" + strconv.FormatInt(s.count.Add(1), 10)
	var a answered
	err := s.endpoint.again(ctx, s.clock.repeated, func(ctx context.Context) (err error) {
		began := time.Now()
		if a, err = s.transport.infer(ctx, id, inputs, s.names); err == nil {
			s.clock.took(time.Since(began))
		}
		return err
	})
	if err != nil {
		if !errors.Is(err, ErrUnavailable) && !errors.Is(err, ErrTimeout) && ctx.Err() == nil {
			err = fmt.Errorf("%w; it was asked with %s", err, listOf(inputs))
		}
		return nil, err
	}
	switch {
	case a.id == "":
		s.noID.Store(true)
	case a.id != id:
		return nil, fmt.Errorf("expected the answer to the request %q, found that to %q", id, a.id)
	}
	return s.sorted(a.outputs)
}

func listOf(inputs []tensor) string {
	text := ""
	for i, t := range inputs {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%q (%s %v)", t.name, t.datatype, t.shape)
	}
	return text
}

// sorted are the outputs of an answer in the order in which they were asked for, held against what the metadata say.
func (s *session) sorted(found []tensor) ([]tensor, error) {
	all := make([]tensor, len(s.outputs))
	for i, want := range s.outputs {
		at := slices.IndexFunc(found, func(t tensor) bool { return t.name == want.name })
		if at < 0 {
			return nil, fmt.Errorf("expected an output %q in the answer, as the metadata say, found %s", want.name, listOf(found))
		}
		t := found[at]
		if t.datatype != want.datatype {
			return nil, fmt.Errorf("expected %s for the output %q, as the metadata say, found %s; oip.OutputTensor tells another type", want.datatype, t.name, t.datatype)
		}
		size := volume(t.shape)
		if size < 0 || size*int64(datatypes[t.datatype].Size()) != int64(len(t.data)) {
			return nil, fmt.Errorf("expected %d numbers of %s for the output %q of shape %v, found %d bytes", size, t.datatype, t.name, t.shape, len(t.data))
		}
		all[i] = t
	}
	return all, nil
}

// tensors are the inputs of a run.
func (s *session) tensors(inputs []predictor.Memory) []tensor {
	all := make([]tensor, len(inputs))
	for i, m := range inputs {
		all[i] = tensor{s.inputs[i].name, s.inputs[i].datatype, m.Shape, m.Data}
	}
	return all
}

// binding is a request that can be repeated.
type binding struct {
	session *session
	inputs  []tensor
	outputs []predictor.Memory
	rows    int // inputs of the search in it; 0 where that cannot be told
	most    int // of them in one request
}

// Bind implements [predictor.Session].
func (s *session) Bind(inputs, outputs []predictor.Memory) (predictor.Binding, error) {
	b := &binding{session: s, inputs: s.tensors(inputs), outputs: outputs}
	b.rows = s.rows(inputs, outputs)
	b.most = b.rows
	if b.rows > 1 {
		b.most = s.together(b.rows, inputs, outputs)
	}
	return b, nil
}

// rows is how many inputs of the search a run has, 0 where its tensors do not count them in their first dimension. Inputs that do not are
// the same for all.
func (s *session) rows(inputs, outputs []predictor.Memory) int {
	rows := int64(0)
	for i, m := range inputs {
		if !s.inputs[i].counts() {
			continue
		}
		if rows != 0 && m.Shape[0] != rows {
			return 0
		}
		rows = m.Shape[0]
	}
	for _, m := range outputs {
		if len(m.Shape) == 0 || m.Shape[0] != rows {
			return 0
		}
	}
	return int(rows)
}

// headroom is for names, shapes and headers.
const headroom = 16 << 10

// together is how many inputs of the search fit in a message, in the request and in the answer.
func (s *session) together(rows int, inputs, outputs []predictor.Memory) int {
	sizes := [2]int{}
	fixed := 0
	for side, list := range [2][]predictor.Memory{inputs, outputs} {
		for i, m := range list {
			bytes := len(m.Data)
			if s.endpoint.protocol == REST {
				bytes = bytes / m.Element.Size() * mostDigits(m.Element)
			}
			if side == 0 && !s.inputs[i].counts() {
				fixed += bytes
				continue
			}
			sizes[side] += bytes / rows
		}
	}
	return max(1, min(rows, (s.endpoint.limit-headroom-fixed)/max(1, sizes[0], sizes[1])))
}

// mostDigits is how long a number and a comma are in JSON.
func mostDigits(e predictor.Element) int {
	switch e {
	case predictor.Float64, predictor.Int64:
		return 25
	case predictor.Bool, predictor.Uint8, predictor.Int8, predictor.Int16:
		return 7
	}
	return 21 // some servers write a float32 with the digits of a float64
}

// Run implements [predictor.Binding].
func (b *binding) Run(ctx context.Context) error {
	if b.rows < 2 {
		found, err := b.session.ask(ctx, b.inputs)
		if err != nil {
			return err
		}
		if err := b.place(found, 0, b.rows); err != nil {
			return err
		}
		b.session.remember(b.inputs, found)
		return nil
	}
	for from := 0; from < b.rows; from += b.most {
		to := min(from+b.most, b.rows)
		found, err := b.session.ask(ctx, b.part(from, to))
		if err != nil {
			return err
		}
		if err := b.place(found, from, to); err != nil {
			return err
		}
	}
	return nil
}

// part are the inputs of a request for some of the rows.
func (b *binding) part(from, to int) []tensor {
	if to-from == b.rows {
		return b.inputs
	}
	some := slices.Clone(b.inputs)
	for i := range some {
		if !b.session.inputs[i].counts() {
			continue
		}
		t := &some[i]
		size := len(t.data) / b.rows
		t.data = t.data[from*size : to*size]
		t.shape = slices.Clone(t.shape)
		t.shape[0] = int64(to - from)
	}
	return some
}

// place writes the numbers of an answer where they belong.
func (b *binding) place(found []tensor, from, to int) error {
	for i, t := range found {
		m := b.outputs[i]
		want := m.Data
		if b.rows > 1 {
			size := len(m.Data) / b.rows
			want = m.Data[from*size : to*size]
		}
		if len(t.data) != len(want) {
			shape := slices.Clone(m.Shape)
			if b.rows > 1 {
				shape[0] = int64(to - from)
			}
			return fmt.Errorf("expected the output %q of shape %v for %s, found %v", t.name, shape, listOf(b.part(from, to)), t.shape)
		}
		copy(want, t.data)
	}
	return nil
}

// Close implements [predictor.Binding].
func (b *binding) Close() {}

// Once implements [predictor.Session].
func (s *session) Once(ctx context.Context, inputs, outputs []predictor.Memory) ([]predictor.Memory, error) {
	answers, err := s.ask(ctx, s.tensors(inputs))
	if err != nil {
		return nil, err
	}
	found := slices.Clone(outputs)
	for i, t := range answers {
		if found[i].Data == nil {
			found[i].Shape, found[i].Data = t.shape, aligned(t.data)
			continue
		}
		if len(found[i].Data) != len(t.data) {
			return nil, fmt.Errorf("expected the output %q of shape %v, found %v", t.name, found[i].Shape, t.shape)
		}
		copy(found[i].Data, t.data)
	}
	return found, nil
}
