package predictor

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"time"
	"unsafe"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
)

// lanes are those of one model, with its session. They do not refer to the model, so that they can outlive it.
type lanes struct {
	session Session

	mu       sync.Mutex
	returned sync.Cond // signalled when the last running prediction ends
	idle     []*lane
	guests   map[*lane]*lane // of other lanes, see guest; nil for one whose inputs are of no use
	running  int
	closed   bool
}

// newLanes closes the session with the model, when that is closed or when nothing refers to it any more.
func newLanes(m *Model, s Session) *lanes {
	l := &lanes{session: s}
	l.returned.L = &l.mu
	runtime.AddCleanup(m, (*lanes).close, l)
	return l
}

// acquire takes a lane that nobody uses, or a new one, for a prediction with this context. It reports false after close.
func (l *lanes) acquire(ctx context.Context) (*lane, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, false
	}
	l.running++
	if n := len(l.idle); n > 0 {
		free := l.idle[n-1]
		l.idle = l.idle[:n-1]
		free.ctx = ctx
		return free, true
	}
	return &lane{ctx: ctx}, true
}

func (l *lanes) release(free *lane) {
	free.ctx = nil
	l.mu.Lock()
	defer l.mu.Unlock()
	l.idle = append(l.idle, free)
	l.running--
	if l.running == 0 {
		l.returned.Broadcast()
	}
}

// close frees what is outside Go, after the predictions that are running.
func (l *lanes) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	l.closed = true
	for l.running > 0 {
		l.returned.Wait()
	}
	for _, free := range l.idle {
		free.close()
	}
	for _, g := range l.guests {
		if g != nil {
			g.close()
		}
	}
	l.idle, l.guests = nil, nil
	l.session.Close()
}

// lane is memory for one run at a time. A model has as many as there were concurrent calls.
type lane struct {
	ctx         context.Context // of the prediction that uses it; nil for none
	in, out     []byte
	pins        runtime.Pinner
	bindings    map[runShape]*bound
	latest      *bound // of the bindings, for inputs of latestShape; nil for none
	latestShape runShape
	host        *lane    // whose inputs this one reads; nil for one that writes its own
	kept        encoding // see AnswerEncoding

	rows    int             // of the latest run
	written int             // inputs that were written for it
	shape   runShape        // of it
	raw     []rawRows       // of the latest run
	numbers []byte          // where those lie
	outputs []answer.Output // of the latest run: what the raw rows are, for each input
	answers [][]float32     // see Answer
	named   [][]answer.Output
	turned  []byte    // a row of an output whose rows lie apart
	scratch []float32 // see scoring.decode
	stepped stepped
}

// context is what the runs of the lane end with.
func (l *lane) context() context.Context {
	if l.ctx == nil {
		return context.Background()
	}
	return l.ctx
}

// bound is a run of one shape that can be repeated.
type bound struct {
	Binding
	ports  []*boundPort // of an input that is fed by parts; nil for one array
	given  []*filled    // tensors that are not searched
	makes  []*making    // the functions that fill some of them
	states []*carried   // those of them that go from step to step
	raw    []rawRows    // where the numbers of raw outputs lie
	names  []answer.Output
	texts  []string // of an output of labels
}

// runShape is what distinguishes the runs of a model: how many inputs, and their size where the file
// leaves it open, or the set of parts that they are.
type runShape struct {
	rows, height, width, features int
	set                           *set
}

const (
	// mostBindings bounds the memory of a lane whose batch sizes keep changing.
	mostBindings = 256
	// mostBytes bounds the input tensor of one run; longer batches become several runs.
	mostBytes = 64 << 20
)

func (r runShape) tensor(in *imageInput) []int64 {
	rows, h, w := int64(r.rows), int64(r.height), int64(r.width)
	switch {
	case in.flat():
		return []int64{rows, int64(r.features)}
	case len(in.Shape) == 3:
		return []int64{rows, h, w}
	case in.layout == NCHW:
		return []int64{rows, int64(in.channels), h, w}
	}
	return []int64{rows, h, w, int64(in.channels)}
}

// values is how many numbers one input is in the tensor.
func (r runShape) values(in *imageInput) int {
	if in.flat() {
		return r.features
	}
	return r.height * r.width * in.channels
}

// runShape is the shape of a run of rows inputs like this one, which the model accepts.
func (m *Model) runShape(rows int, in input.Input) runShape {
	if m.encoder == nil || in.Layout != nil && in.Layout.Parts != nil {
		s, _ := m.set(in)
		return runShape{rows: rows, set: s}
	}
	return runOf(m.input, rows, in)
}

func runOf(spec *imageInput, rows int, in input.Input) runShape {
	if spec.flat() {
		return runShape{rows: rows, features: len(in.Data)}
	}
	h, w, _, _ := planes(in)
	return runShape{rows: rows, height: h, width: w}
}

// bytesOf is the size of one input in the tensors that take what is searched.
func (m *Model) bytesOf(shape runShape) int {
	if shape.set != nil {
		return shape.set.bytes()
	}
	return shape.values(m.input) * m.input.Element.Size()
}

// memoryIn is how much memory of a lane the inputs of a run take.
func (m *Model) memoryIn(shape runShape) int {
	if shape.set == nil {
		return shape.rows * m.bytesOf(shape)
	}
	n := 0
	for _, p := range shape.set.ports {
		n += aligned(p.bytes(p.Element, shape.rows))
	}
	return n
}

// aligned is where memory for elements of any type may begin.
func aligned(n int) int { return (n + 7) &^ 7 }

// sizes are those of open dimensions in a run.
func (m *Model) sizes(shape runShape) (sizes, error) {
	if shape.set != nil {
		return shape.set.sizes(shape.rows)
	}
	all := sizes{}
	return all, all.add(m.input.Value, shape.tensor(m.input), -1, shape.rows)
}

// prepare returns the run of this shape, made at its first use. One is an input of that run.
func (l *lane) prepare(m *Model, shape runShape, one input.Input) (*bound, error) {
	if l.latest != nil && l.latestShape == shape {
		return l.latest, nil
	}
	if b, ok := l.bindings[shape]; ok {
		l.latest, l.latestShape = b, shape
		return b, nil
	}
	b := &bound{}
	in, out := m.memoryIn(shape), 0
	if in > len(l.in) || len(l.bindings) >= mostBindings {
		l.renew(max(in, len(l.in)), len(l.out))
	}
	known, err := m.fill(b, shape, one, l.in)
	if err != nil {
		return nil, err
	}
	if m.raw == nil {
		out = shape.rows * m.output.numbers * m.output.size()
	} else if b.raw, out, err = m.placeRaw(l.context(), shape, one, b, known); err != nil {
		return nil, err
	}
	b.names = m.rawOutputs(b.raw)
	if out > len(l.out) || l.bindings == nil {
		l.renew(len(l.in), max(out, len(l.out)))
	}
	inputs := m.inputs(shape, l.in[:in], b)
	for _, f := range b.given {
		l.pins.Pin(unsafe.SliceData(f.memory.Data))
	}
	for _, s := range b.states {
		l.pins.Pin(unsafe.SliceData(s.next.Data))
	}
	l.bindings[shape] = b
	if m.free {
		return b, nil
	}
	var outputs []Memory
	for i := range b.raw {
		outputs = append(outputs, b.raw[i].tensor(l.out))
	}
	switch {
	case m.raw != nil:
	case m.output.labelled != nil:
		b.texts = make([]string, shape.rows)
		outputs = []Memory{m.output.labelled.tensor(shape.rows, b.texts)}
	default:
		outputs = []Memory{{Element: m.output.Element, Shape: m.output.tensor(shape.rows), Data: l.out[:out]}}
	}
	if b.Binding, err = m.lanes.session.Bind(inputs, append(outputs, b.nextStates()...)); err != nil {
		delete(l.bindings, shape)
		return nil, err
	}
	return b, nil
}

// renew gives the lane memory of so many bytes, and forgets the bindings to what it had, unless that is large enough.
func (l *lane) renew(in, out int) {
	l.close()
	if in > len(l.in) {
		l.in = AlignedBytes(in)
	}
	if out > len(l.out) {
		l.out = AlignedBytes(out)
	}
	for _, memory := range [][]byte{l.in, l.out} {
		if len(memory) > 0 {
			l.pins.Pin(unsafe.SliceData(memory))
		}
	}
	l.bindings = map[runShape]*bound{}
}

// fill makes the tensors of parts in the given memory, and those that are not searched. It returns the sizes of all open dimensions.
func (m *Model) fill(b *bound, shape runShape, one input.Input, memory []byte) (sizes, error) {
	known, err := m.sizes(shape)
	if err != nil {
		return nil, err
	}
	if shape.set != nil {
		for _, p := range shape.set.ports {
			size := p.bytes(p.Element, shape.rows)
			b.ports = append(b.ports, &boundPort{p, newTensorOf(p.Element, p.arrayed, shape.rows, memory[:size])})
			memory = memory[aligned(size):]
		}
	}
	return known, m.fillGiven(b, shape, known, one)
}

// fillGiven makes the tensors that are not searched. Those that functions make come first, as they tell sizes.
func (m *Model) fillGiven(b *bound, shape runShape, known sizes, one input.Input) error {
	b.given = make([]*filled, len(m.given))
	for _, made := range []bool{true, false} {
		for i, o := range m.given {
			if made != (o.maker != nil) {
				continue
			}
			var tensor *Tensor
			var of *making
			if made {
				at := slices.IndexFunc(b.makes, func(k *making) bool { return k.maker == o.maker })
				if at < 0 {
					at = len(b.makes)
					n := len(o.maker.targets)
					b.makes = append(b.makes, &making{maker: o.maker, made: make([]Tensor, n), fills: make([]*filled, n)})
					if err := b.makes[at].call(one); err != nil {
						return err
					}
				}
				of = b.makes[at]
				tensor = &of.made[o.slot]
			}
			f, err := o.fill(shape.rows, known, tensor)
			if err != nil {
				return err
			}
			if b.given[i] = f; made {
				of.fills[o.slot] = f
			}
			if o.output != "" {
				b.states = append(b.states, newCarried(f))
			}
		}
	}
	return nil
}

// inputs lists the tensors that a run reads.
func (m *Model) inputs(shape runShape, searched []byte, b *bound) []Memory {
	var list []Memory
	if shape.set == nil {
		list = append(list, Memory{Element: m.input.Element, Shape: shape.tensor(m.input), Data: searched})
	}
	for _, p := range b.ports {
		list = append(list, p.memory)
	}
	for _, f := range b.given {
		list = append(list, f.memory)
	}
	return list
}

// shapes runs the model once on one input, repeated, to learn the shapes of the outputs that have no memory.
func (m *Model) shapes(ctx context.Context, shape runShape, one input.Input, b *bound, outputs []Memory) ([]Memory, error) {
	var data []byte
	if shape.set == nil {
		size := m.bytesOf(shape)
		data = AlignedBytes(shape.rows * size)
		for i := range shape.rows {
			m.encoder.encode(data[i*size:(i+1)*size], one)
		}
	}
	if err := b.write([]input.Input{one}, shape.rows); err != nil {
		return nil, err
	}
	found, err := m.lanes.session.Once(ctx, m.inputs(shape, data, b), slices.Concat(outputs, b.nextStates()))
	return found[:min(len(found), len(outputs))], err
}

// write fills the tensors of parts and what functions make.
func (b *bound) write(batch []input.Input, run int) error {
	for _, p := range b.ports {
		p.encodeAll(batch, run)
	}
	for _, k := range b.makes {
		if err := k.write(batch, run); err != nil {
			return err
		}
	}
	return nil
}

// close frees what the lane holds outside Go.
func (l *lane) close() {
	for _, b := range l.bindings {
		if b.Binding != nil {
			b.Close()
		}
	}
	l.bindings, l.latest = nil, nil
	l.pins.Unpin()
}

// AlignedBytes is memory that can hold elements of any type.
func AlignedBytes(n int) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(make([]uint64, n/8+1)))), n)
}

// run evaluates inputs of one size with one run of the model, or one a step. The raw rows of the output are in l.out.
func (l *lane) run(m *Model, batch []input.Input) error {
	if m.config.steps != nil {
		return l.runSteps(m, batch)
	}
	b, shape, err := l.write(m, batch)
	if err != nil {
		return err
	}
	return l.once(m, b, shape)
}

// write fills the tensors of a run.
func (l *lane) write(m *Model, batch []input.Input) (*bound, runShape, error) {
	rows := len(batch)
	if m.input.batch > 0 {
		rows = m.input.batch
	}
	shape := m.runShape(rows, batch[0])
	b, err := l.prepare(m, shape, batch[0])
	if err != nil {
		return nil, shape, err
	}
	start := time.Now()
	defer func() { m.encoding.Add(int64(time.Since(start))) }()
	if shape.set == nil && l.host == nil {
		size := m.bytesOf(shape)
		for i, in := range batch {
			m.encoder.encode(l.in[i*size:(i+1)*size], in)
		}
		last := l.in[(len(batch)-1)*size : len(batch)*size]
		for i := len(batch); i < rows; i++ { // a fixed batch that is not full
			copy(l.in[i*size:], last)
		}
	}
	l.rows, l.written, l.shape = rows, len(batch), shape
	return b, shape, b.write(batch, rows)
}

// EncodingTime implements [model.EncodingTimer].
func (m *Model) EncodingTime() time.Duration { return time.Duration(m.encoding.Load()) }

// once runs the model on the tensors as they are.
func (l *lane) once(m *Model, b *bound, shape runShape) error {
	if m.free {
		return l.runFree(m, b, shape)
	}
	l.raw, l.numbers, l.outputs = b.raw, l.out, b.names
	if err := b.Run(l.context()); err != nil || b.texts == nil {
		return err
	}
	return m.output.score(elements[float32](l.out[:shape.rows*m.output.numbers*m.output.size()]), b.texts)
}

// row is the i-th raw row of the output. Its memory is the lane's, until the next row.
func (l *lane) row(m *Model, i int) []byte {
	element := m.output.size()
	size := m.output.numbers * element
	if !m.output.turned() || l.rows == 1 {
		return l.out[i*size : (i+1)*size]
	}
	if len(l.turned) < size {
		l.turned = AlignedBytes(size)
	}
	for j := range m.output.numbers {
		at := (j*l.rows + i) * element
		copy(l.turned[j*element:(j+1)*element], l.out[at:at+element])
	}
	return l.turned[:size]
}

// scratchRow is memory for n scores.
func (l *lane) scratchRow(n int) []float32 {
	if len(l.scratch) < n {
		l.scratch = make([]float32, n)
	}
	return l.scratch[:n]
}
