package predictor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

var (
	_ model.BufferedPredictor = (*Model)(nil)
	_ model.Answerer          = (*Model)(nil)
	_ model.Describer         = (*Model)(nil)
	_ model.InputChecker      = (*Model)(nil)
	_ model.Preparer          = (*Model)(nil)
	_ model.PartUser          = (*Model)(nil)
	_ model.Differentiable    = (*Model)(nil)
	_ io.Closer               = (*Model)(nil)
)

// ErrClosed is the error of predictions with a model that was closed.
var ErrClosed = errors.New("model is closed")

// Model is a model of a runtime as a [model.Predictor]. It is safe for concurrent use, and concurrent predictions run at the same time. The
// types of the packages of runtimes that embed it say for users what it does.
type Model struct {
	path      string // for messages
	words     words  // likewise
	config    config
	fed       []fed         // inputs that take what is searched, or a part of it
	input     *imageInput   // the one that counts inputs; with all of how it is filled where there is one, and it takes one array
	given     []*given      // inputs that are not searched
	output    *scoresOutput // its place and shape may be known with the first inputs only; nil for raw numbers
	raw       []*rawOutput  // nil for class scores
	free      bool          // the shapes of its raw outputs depend on numbers
	encoder   encoder       // of input; nil where parts are to be told by inputs
	named     bool          // Feed names the part that input takes
	sets      sets
	stepForms stepForms         // where it goes in steps
	likely    map[string]string // inputs that may be states, and the outputs that go on with them
	classes   []string          // the names of its classes in the order of its output, where it has some
	ordered   bool              // they stand in another order than those of the other model of the pair
	told      int               // how many classes the runtime has names for; 0 for none
	unread    []string          // inputs that no node reads
	partner   atomic.Pointer[partner]
	copied    bool     // a changed copy of one model of a pair: what parts are for is seen with that pair
	mixing    bool     // its operators look at a whole batch
	choosy    bool     // a model of rows that refused made-up inputs: it is tried on real ones
	claim     claim    // of the graph about the scores
	besides   claim    // the same, where the other inputs that take parts are fixed
	half      bool     // some of it computes with half precision
	outputs   string   // that it has, for errors
	notes     []string // of the file
	lanes     *lanes
	slopes    *slopes // nil where it gives no gradients
	noSlopes  error   // why it gives none, though they were asked for

	encoding atomic.Int64 // nanoseconds; see EncodingTime

	learning sync.Mutex // held while the model is tried
	reading  atomic.Pointer[reading]
}

// reading is how the answers of a model are read. It is replaced as a whole when inputs tell more.
type reading struct {
	scoring     scoring
	description model.Description
	tried       bool    // alone and in company, on made-up inputs
	oneByOne    bool    // an input must not meet others in a run
	separated   bool    // because they would influence each other, though the file takes them together
	note        string  // on how it was tried
	ports       []*port // of the first inputs that were met, where they are sets of parts
	asked       int     // real inputs that it was asked to learn from
	trial, seen evidence
}

// ready reports whether predictions can be made without learning more.
func (r *reading) ready() bool { return r.tried && r.scoring.kind != "" && r.asked > 0 }

func (m *Model) errorf(format string, args ...any) error {
	return fmt.Errorf("%s: %s: %w", m.words, m.path, m.words.of(fmt.Errorf(format, args...)))
}

// Describe says what the model is and how it is run. What only inputs tell, such as what its scores are where the file
// leaves that open, is there after the first ones.
func (m *Model) Describe() model.Description { return m.reading.Load().description }

// edit changes the description.
func (m *Model) edit(change func(*model.Description)) {
	m.learning.Lock()
	defer m.learning.Unlock()
	next := *m.reading.Load()
	next.description.Settings = maps.Clone(next.description.Settings)
	change(&next.description)
	m.reading.Store(&next)
}

// String is short on purpose: models stand in failure messages.
func (m *Model) String() string { return "model " + m.Describe().Name }

// Predict gives a row of probabilities for every input.
func (m *Model) Predict(ctx context.Context, batch []input.Input) ([][]float32, error) {
	return m.PredictInto(ctx, batch, nil)
}

// PredictInto is Predict that reuses dst and the memory of its rows.
func (m *Model) PredictInto(ctx context.Context, batch []input.Input, dst [][]float32) ([][]float32, error) {
	l, r, err := m.begin(ctx, batch)
	if err != nil {
		return dst, err
	}
	defer m.end(l)
	return m.predict(ctx, l, r, batch, dst, nil)
}

// Answer implements [model.Answerer]. Scores of classes are plain numbers; with [Raw] an answer has the outputs of the model under
// their names, in shapes without the dimension that counts inputs. Those of the compressed model of a pair have the names that the
// original's outputs have in the same places.
func (m *Model) Answer(ctx context.Context, batch []input.Input, dst []answer.Answer) ([]answer.Answer, error) {
	l, r, err := m.begin(ctx, batch)
	if err != nil {
		return dst, err
	}
	defer m.end(l)
	return m.answer(ctx, l, r, batch, dst)
}

// answer is Answer on a lane.
func (m *Model) answer(ctx context.Context, l *lane, r *reading, batch []input.Input, dst []answer.Answer) ([]answer.Answer, error) {
	dst = slices.Grow(dst[:min(len(dst), len(batch))], max(0, len(batch)-len(dst)))[:len(batch)]
	rows := l.answers[:0]
	for i := range dst {
		rows = append(rows, dst[i].Scores)
	}
	l.named = slices.Grow(l.named[:0], len(batch))[:len(batch)]
	rows, err := m.predict(ctx, l, r, batch, rows, l.named)
	if err == nil {
		for i := range dst {
			dst[i] = answer.Answer{Scores: rows[i], Outputs: l.named[i]}
		}
	}
	clear(rows)
	clear(l.named)
	l.answers = rows
	return dst, err
}

// begin takes a lane for inputs that the model can be run on, and learns from them what is not known yet. Who gets one gives it
// back to end.
func (m *Model) begin(ctx context.Context, batch []input.Input) (*lane, *reading, error) {
	if err := m.takesAll(batch); err != nil {
		return nil, nil, err
	}
	l, ok := m.lanes.acquire(ctx)
	if !ok {
		return nil, nil, m.errorf("%w", ErrClosed)
	}
	r := m.reading.Load()
	if !r.ready() {
		var err error
		if r, err = m.learn(ctx, l, batch); err != nil {
			m.end(l)
			return nil, nil, err
		}
	}
	return l, r, nil
}

func (m *Model) takesAll(batch []input.Input) error {
	for i := range batch {
		if err := m.takes(batch[i]); err != nil {
			return fmt.Errorf("input %d: %w", i, m.errorf("%w", err))
		}
	}
	return nil
}

func (m *Model) end(l *lane) {
	m.lanes.release(l)
	runtime.KeepAlive(m) // not closed meanwhile
}

// predict runs the model on inputs that it takes. What the numbers of a row are goes into outputs, unless that is nil.
func (m *Model) predict(ctx context.Context, l *lane, r *reading, batch []input.Input, dst [][]float32, outputs [][]answer.Output) ([][]float32, error) {
	dst = rows(dst, len(batch), r.scoring.classes()) // raw rows grow as they are read
	scratch := l.scratchRow(r.scoring.classes())
	for at := 0; at < len(batch); {
		if err := ctx.Err(); err != nil {
			return dst, err
		}
		end := at + m.together(batch[at:], r.description.MaxBatch)
		if m.raw != nil {
			var named [][]answer.Output
			if outputs != nil {
				named = outputs[at:end]
			}
			if err := m.predictRaw(l, batch[at:end], dst[at:end], named); err != nil {
				return dst, m.errorf("%w", err)
			}
			at = end
			continue
		}
		if err := l.run(m, batch[at:end]); err != nil {
			return dst, m.errorf("run: %w", CleanError(err))
		}
		for i := at; i < end; i++ {
			if err := r.scoring.decode(dst[i], scratch, l.row(m, i-at)); err != nil {
				return dst, m.errorf("%w", err)
			}
		}
		at = end
	}
	return dst, nil
}

// together is how many of the inputs, counted from the first, go into one run.
func (m *Model) together(batch []input.Input, limit int) int {
	first, err := m.form(batch[0])
	if err != nil {
		return 1
	}
	shape := m.runShape(1, first)
	most := max(1, mostBytes/max(1, m.bytesOf(shape)))
	if limit > 0 {
		most = min(most, limit)
	}
	n := 1
	for n < min(len(batch), most) {
		next, err := m.form(batch[n])
		if err != nil || m.runShape(1, next) != shape || shape.set != nil && !shape.set.together(first, next) {
			break
		}
		if m.config.steps != nil && batch[n].Shape[0] != batch[0].Shape[0] {
			break
		}
		n++
	}
	return n
}

// rows makes dst n rows of scores long, with as little new memory as possible.
func rows(dst [][]float32, n, classes int) [][]float32 {
	old := len(dst)
	dst = slices.Grow(dst[:min(old, n)], max(0, n-old))[:n]
	var block []float32
	for i := range dst {
		if i < old && cap(dst[i]) >= classes {
			dst[i] = dst[i][:classes]
			continue
		}
		if len(block) == 0 {
			block = make([]float32, (n-i)*classes)
		}
		dst[i], block = block[:classes:classes], block[classes:]
	}
	return dst
}

// Close frees the model, after the predictions that are running. Later predictions give [ErrClosed]. A model
// that nothing refers to any more is closed too, some time after.
func (m *Model) Close() error {
	m.lanes.close()
	if m.slopes != nil {
		m.slopes.close()
	}
	return nil
}
