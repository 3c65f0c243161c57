package predictor

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// slopes are the gradients of a model's scores, for every size of input that was met.
type slopes struct {
	of Slopes

	running sync.RWMutex // held by runs; closing waits for them

	mu     sync.Mutex
	sizes  map[runShape]*slope // by a run of no rows
	closed bool
}

// slope is a backward graph for inputs of one size.
type slope struct {
	session  Session
	oneByOne bool // bits would depend on what else is in a run
	err      error
}

// mostSlopes is how many rows one run of a backward graph takes.
const mostSlopes = tryTogether

// openSlopes takes what makes gradients of a model that the runtime has loaded, where they can be of its inputs and scores.
func (m *Model) openSlopes(s Started) {
	if s.Slopes == nil {
		m.noSlopes = s.NoSlopes
		return
	}
	switch {
	case m.raw != nil || m.output.labelled != nil:
		m.noSlopes = errors.New("expected scores of classes, found other answers")
	case m.config.steps != nil:
		m.noSlopes = errors.New("expected a model that takes inputs as a whole, found @Steps")
	case len(m.given) > 0:
		m.noSlopes = fmt.Errorf("expected one input, found one that is fed by %s too", m.given[0])
	case len(m.fed) != 1 || m.encoder == nil:
		m.noSlopes = errors.New("expected one input, of an image or a row")
	default:
		m.slopes = &slopes{of: s.Slopes, sizes: map[runShape]*slope{}}
		runtime.AddCleanup(m, (*slopes).close, m.slopes)
	}
}

// prepareSlopes makes the backward graph for the first input, and says in the description when there is none.
func (m *Model) prepareSlopes(first []input.Input) {
	at := slices.IndexFunc(first, func(in input.Input) bool { return m.takes(in) == nil })
	if m.slopes == nil || at < 0 {
		return
	}
	s, err := m.slopeOf(m.reading.Load(), first[at])
	if err != nil || s.err == nil || m.Describe().Settings["gradients"] == "" {
		return
	}
	m.edit(func(d *model.Description) {
		delete(d.Settings, "gradients")
		d.Notes = append(slices.Clone(d.Notes), noSlopesNote(s.err))
	})
}

func noSlopesNote(why error) string {
	return fmt.Sprintf("it gives no gradients: %v; the search goes on without", why)
}

// CheckGradient implements [model.Differentiable]. A model that was not opened for them gives none.
func (m *Model) CheckGradient(in input.Input) error {
	switch {
	case m.noSlopes != nil:
		return m.errorf("%w", m.noSlopes)
	case m.slopes == nil:
		return model.ErrNoGradients
	}
	if err := m.takes(in); err != nil {
		return m.errorf("%w", err)
	}
	l, r, err := m.begin(context.Background(), []input.Input{in})
	if err != nil {
		return err
	}
	m.end(l)
	s, err := m.slopeOf(r, in)
	if err == nil {
		err = s.err
	}
	if err != nil {
		return m.errorf("gradients: %w", err)
	}
	return nil
}

// Gradient implements [model.Differentiable].
func (m *Model) Gradient(ctx context.Context, batch []input.Input, weights [][]float32, dst [][]float32) ([][]float32, error) {
	if len(weights) != len(batch) {
		return dst, m.errorf("gradients: expected a row of weights for each of %d inputs, found %d", len(batch), len(weights))
	}
	if m.slopes != nil {
		m.slopes.running.RLock()
		defer m.slopes.running.RUnlock()
	}
	dst = slices.Grow(dst[:min(len(dst), len(batch))], max(0, len(batch)-len(dst)))[:len(batch)]
	for at := 0; at < len(batch); {
		if err := ctx.Err(); err != nil {
			return dst, err
		}
		if err := m.CheckGradient(batch[at]); err != nil {
			return dst, err
		}
		r := m.reading.Load()
		shape := m.slopeShape(batch[at])
		s, err := m.slopeOf(r, batch[at])
		if err != nil {
			return dst, m.errorf("gradients: %w", err)
		}
		end := at + 1
		for end < len(batch) && end-at < m.slopesTogether(s, batch[at]) && m.takes(batch[end]) == nil && m.slopeShape(batch[end]) == shape {
			end++
		}
		if err := m.runSlope(ctx, s, r, batch[at:end], weights[at:end], dst[at:end]); err != nil {
			return dst, m.errorf("gradients: %w", CleanError(err))
		}
		at = end
	}
	runtime.KeepAlive(m)
	return dst, nil
}

// slopesTogether is how many inputs go into one run.
func (m *Model) slopesTogether(s *slope, in input.Input) int {
	switch {
	case s.oneByOne:
		return 1
	case m.input.batch > 0:
		return m.input.batch
	}
	return min(mostSlopes, max(1, mostBytes/(16*max(1, m.bytesOf(m.runShape(1, in))))))
}

func (m *Model) slopeShape(in input.Input) runShape { return runOf(m.input, 0, in) }

// slopeOf is the backward graph for inputs like this one, made at the first of them.
func (m *Model) slopeOf(r *reading, in input.Input) (*slope, error) {
	key := m.slopeShape(in)
	m.slopes.mu.Lock()
	defer m.slopes.mu.Unlock()
	if m.slopes.closed {
		return nil, ErrClosed
	}
	if s := m.slopes.sizes[key]; s != nil {
		return s, nil
	}
	s := &slope{}
	if s.err = m.makeSlope(s, r, in); s.err != nil && s.session != nil {
		s.session.Close()
		s.session = nil
	}
	m.slopes.sizes[key] = s
	return s, nil
}

func (m *Model) makeSlope(s *slope, r *reading, in input.Input) error {
	switch {
	case r.scoring.kind == "" || r.scoring.kind == Raw:
		return fmt.Errorf("expected scores of a known kind, found %q", r.scoring.kind)
	case m.output.turned():
		return errors.New("expected an output in which the numbers of an input lie together")
	}
	one, two := m.slopeInput(slices.Repeat([]input.Input{in}, max(1, m.input.batch))), (*Memory)(nil)
	if m.input.batch == 0 {
		both := m.slopeInput([]input.Input{in, in})
		two = &both
	}
	var err error
	if s.session, err = m.slopes.of.Start(one, two, r.scoring.kind, r.scoring.numbers); err != nil {
		return err
	}
	return m.trySlope(s, r, in)
}

// slopeInput is the input tensor of a run.
func (m *Model) slopeInput(batch []input.Input) Memory {
	shape := runOf(m.input, len(batch), batch[0])
	size := shape.values(m.input) * m.input.Element.Size()
	data := AlignedBytes(len(batch) * size)
	for i, in := range batch {
		m.encoder.encode(data[i*size:(i+1)*size], in)
	}
	return Memory{Element: m.input.Element, Shape: shape.tensor(m.input), Data: data}
}

// trySlope runs the backward graph alone and in company: bits must not depend on that, as searches would not repeat themselves.
func (m *Model) trySlope(s *slope, r *reading, in input.Input) error {
	inputs := []input.Input{in}
	for _, other := range m.trialInputs(&in) {
		if m.takes(other) == nil && m.slopeShape(other) == m.slopeShape(in) {
			inputs = append(inputs, other)
		}
	}
	weights := make([][]float32, 0, tryTogether)
	var batch []input.Input
	for i := range tryTogether {
		w := make([]float32, r.scoring.classes())
		w[i%len(w)], w[(i+1)%len(w)] = 1, -1
		weights, batch = append(weights, w), append(batch, inputs[i%len(inputs)])
	}
	alone := make([][]float32, tryTogether)
	for i := range alone {
		if err := m.runSlope(context.Background(), s, r, batch[i:i+1], weights[i:i+1], alone[i:i+1]); err != nil {
			return fmt.Errorf("expected a backward graph that runs: %w", CleanError(err))
		}
	}
	if m.input.batch > 0 {
		return nil
	}
	for _, rows := range [...]int{2, 3, 5, tryTogether} {
		together := make([][]float32, rows)
		for at := 0; at+rows <= tryTogether; at += rows {
			if err := m.runSlope(context.Background(), s, r, batch[at:at+rows], weights[at:at+rows], together); err != nil {
				s.oneByOne = true
				return nil
			}
			for i, row := range together {
				s.oneByOne = s.oneByOne || !slices.EqualFunc(row, alone[at+i], func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) })
			}
		}
	}
	return nil
}

const tryTogether = 16

// runSlope runs a backward graph on inputs of one size, and writes the gradients by the raw values.
func (m *Model) runSlope(ctx context.Context, s *slope, r *reading, batch []input.Input, weights, dst [][]float32) error {
	rows, numbers := len(batch), r.scoring.numbers
	if m.input.batch > 0 {
		rows = m.input.batch
		batch = slices.Clone(batch)
		for len(batch) < rows {
			batch = append(batch, batch[0])
		}
	}
	wide := r.scoring.classes()
	memory := AlignedBytes(rows * wide * 4)
	w := elements[float32](memory)
	for i, row := range weights {
		if len(row) != wide {
			return fmt.Errorf("expected %d weights, one a class, found %d", wide, len(row))
		}
		for class, v := range row {
			at := class
			if r.scoring.order != nil {
				at = r.scoring.order[class]
			}
			w[i*wide+at] = v
		}
	}
	if wide != numbers && numbers != 1 {
		return fmt.Errorf("expected %d numbers a row, found %d", wide, numbers)
	}
	x := m.slopeInput(batch)
	out := Memory{Element: Float32, Shape: x.Shape}
	size := runOf(m.input, rows, batch[0]).values(m.input)
	out.Data = AlignedBytes(rows * size * 4)
	_, err := s.session.Once(ctx, []Memory{x, {Element: Float32, Shape: []int64{int64(rows), int64(wide)}, Data: memory}}, []Memory{out})
	if err != nil {
		return err
	}
	gradients := elements[float32](out.Data)
	for i := range weights {
		in := batch[i]
		if cap(dst[i]) < len(in.Data) {
			dst[i] = make([]float32, len(in.Data))
		}
		dst[i] = dst[i][:len(in.Data)]
		m.chain(dst[i], gradients[i*size:(i+1)*size], in)
	}
	return nil
}

// chain makes gradients by the numbers of the input tensor those by the raw values.
func (m *Model) chain(dst, tensor []float32, in input.Input) {
	f := newAffine(m.input, &m.input.how)
	unit := 1.0
	if m.input.quant != nil {
		unit = 1 / m.input.quant.Scale
	}
	_, _, seen, ok := planes(in)
	if !ok {
		seen = 1
	}
	channels := m.input.channels
	if channels == 0 {
		channels = seen
	}
	pixels := len(tensor) / channels
	clear(dst)
	for c := range channels {
		from, factor := c, unit*f.factor[min(c, len(f.factor)-1)]
		switch {
		case seen == 1:
			from = 0
		case m.input.how.colors == BGR && m.input.channels != 1:
			from = channels - 1 - c
		}
		for p := range pixels {
			at := p*channels + c
			if m.input.layout == NCHW {
				at = c*pixels + p
			}
			dst[p*seen+from] += float32(float64(tensor[at]) * factor)
		}
	}
}

// close frees all sessions.
func (s *slopes) close() {
	s.running.Lock()
	defer s.running.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for _, one := range s.sizes {
		if one.session != nil {
			one.session.Close()
		}
	}
	s.sizes = nil
}
