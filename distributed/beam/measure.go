package beam

import (
	"cmp"
	"context"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"sync"

	sdk "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/report"
)

// A rate and a count of flips are measured alike: in pieces, each of which leaves one file in the job's folder. Their kinds are names of files.
const (
	rateKind  = "rate"
	flipsKind = "flips"
)

// Measured is what became of one piece of a rate or of a count of flips. What was measured is in a file of the job's folder.
type Measured struct {
	Key      string // of the search
	ID       string // of the measurement
	From, To int    // draws, or seeds
	File     string // "" for none, where draws before it decide
	Failure  string // why it could not be measured to its end; "" where it was
}

func init() {
	register.DoFn3x1[context.Context, []byte, func(measuredWork), error](&divideFn{})
	register.DoFn3x1[context.Context, measuredWork, func(Measured), error](&measureFn{})
	register.DoFn4x1[context.Context, int, func(*Measured) bool, func(MeasuredSummary), error](&concludeFn{})
	register.Emitter1[measuredWork]()
	register.Emitter1[Measured]()
	register.Emitter1[MeasuredSummary]()
	register.Iter1[Measured]()
}

// measuredWork is a piece of a measurement.
type measuredWork struct {
	Key, ID  string
	From, To int
}

// measure has all pieces measured: a collection with a [Measured] for each of them.
func measure(s sdk.Scope, job Job, kind string) sdk.PCollection {
	if err := job.check(); err != nil {
		panic(err) // as Beam's transforms do while a pipeline is made
	}
	c := job.carried()
	work := sdk.ParDo(s, &divideFn{c, kind}, sdk.Impulse(s))
	return sdk.ParDo(s, &measureFn{c, kind}, sdk.Reshuffle(s, work))
}

// meter measures pieces of one measurement. It is safe for concurrent use.
type meter struct {
	id  string
	all int // draws, or seeds
	// measure may have something beside an error: what was measured before the failure.
	measure func(ctx context.Context, from, to int) (encoding.BinaryMarshaler, error)
	// span reads what was written of a piece, and tells which one it is.
	span   func(data []byte) (from, to int, err error)
	before soFar
}

// soFar is what pieces come to, from the first one on, as far as they are there.
type soFar struct {
	mu   sync.Mutex
	sum  adder
	next int
}

// decides reports whether pieces that are there decide, so that no more is needed. It reads those that it has not read yet.
func (s *soFar) decides(ctx context.Context, kind string, size int, file func(from int) string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sum.sum == nil {
		s.sum = sumOf(kind)
	}
	for !s.sum.decided() && s.sum.addFile(ctx, file(s.next)) == nil {
		s.next += size
	}
	return s.sum.decided()
}

// meter is that of the search with this key, which every process makes once.
func (o *opened) meter(ctx context.Context, job Job, kind, key string) (*meter, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if m := o.meters[kind+key]; m != nil {
		return m, nil
	}
	ctx = context.WithoutCancel(ctx) // it outlives a piece
	listing, err := job.listing(ctx, key)
	if err != nil {
		return nil, err
	}
	m, err := newMeter(ctx, o.plan, kind, newPartSeeds(ctx, o.plan.Seeds, listing))
	if err == nil {
		o.meters[kind+key] = m
	}
	return m, err
}

func newMeter(ctx context.Context, plan *Plan, kind string, seeds input.Seeds) (*meter, error) {
	if kind == flipsKind {
		return newFlipMeter(ctx, plan, seeds)
	}
	return newRateMeter(ctx, plan, seeds)
}

// pieceSize is how many draws or seeds are one piece: the job's, in whole parts.
func (j Job) pieceSize() int {
	return (j.seedsAtOnce() + gate.PartOf - 1) / gate.PartOf * gate.PartOf
}

func (w measuredWork) file(j Job, kind string) string {
	return j.place("search-"+w.Key, kind+"-"+w.ID, fmt.Sprintf("%012d-%012d", w.From, w.To))
}

func (j Job) listingFile(key string) string { return j.place("search-"+key, "listing.json") }

// listing is that of the source, as the first worker found it.
func (j Job) listing(ctx context.Context, key string) (l Listing, err error) {
	file := j.listingFile(key)
	data, err := readFile(ctx, file)
	if err == nil {
		if err = json.Unmarshal(data, &l); err != nil {
			err = fmt.Errorf("beam: %s: %w", file, err)
		}
	}
	return l, err
}

// divideFn lists the source and divides the work.
type divideFn struct {
	Job  carried
	Kind string
}

// ProcessElement is called once.
func (f *divideFn) ProcessElement(ctx context.Context, _ []byte, emit func(measuredWork)) error {
	job := f.Job.job()
	ctx, end := job.running(ctx)
	defer end()
	o, err := job.open(ctx)
	if err != nil {
		return err
	}
	listing, key, err := job.list(ctx, o.plan)
	if err != nil {
		return err
	}
	data, err := json.Marshal(listing)
	if err != nil {
		return err
	}
	if err := writeFile(ctx, job.listingFile(key), func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}); err != nil {
		return err
	}
	m, err := o.meter(ctx, job, f.Kind, key)
	if err != nil {
		return err
	}
	if err := job.note(ctx, f.Kind, noted{Key: key, ID: m.id, Seeds: m.all}); err != nil {
		return err
	}
	size := job.pieceSize()
	for from := 0; from < m.all; from += size {
		emit(measuredWork{Key: key, ID: m.id, From: from, To: min(from+size, m.all)})
	}
	return nil
}

// measureFn measures pieces.
type measureFn struct {
	Job  carried
	Kind string
}

// ProcessElement measures one piece, unless it was measured before, or is not needed.
func (f *measureFn) ProcessElement(ctx context.Context, w measuredWork, emit func(Measured)) error {
	job := f.Job.job()
	ctx, end := job.running(ctx)
	defer end()
	o, err := job.open(ctx)
	if err != nil {
		return err
	}
	m, err := o.meter(ctx, job, f.Kind, w.Key)
	if err != nil {
		return err
	}
	if m.id != w.ID {
		return fmt.Errorf("beam: %s: expected the measurement that was begun, %s, found another one, %s: is the plan the same everywhere?", f.Kind, w.ID, m.id)
	}
	done := Measured{Key: w.Key, ID: w.ID, From: w.From, To: w.To, File: w.file(job, f.Kind)}
	if m.there(ctx, done) {
		count(ctx, resumed, w.To-w.From)
		emit(done)
		return nil
	}
	if size := job.pieceSize(); f.Kind == rateKind && m.before.decides(ctx, f.Kind, size, func(from int) string {
		return measuredWork{w.Key, w.ID, from, min(from+size, m.all)}.file(job, f.Kind)
	}) {
		done.File = ""
		emit(done)
		return nil
	}
	part, err := m.attempt(ctx, w.From, w.To)
	if err != nil {
		if part, err = m.attempt(ctx, w.From, w.To); ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	if err != nil { // it may lie behind what decides
		done.Failure = err.Error()
	}
	if part == nil {
		done.File = ""
		emit(done)
		return nil
	}
	data, err := part.MarshalBinary()
	if err != nil {
		return err
	}
	if err := writeFile(ctx, done.File, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}); err != nil {
		return err
	}
	if f.Kind == rateKind {
		count(ctx, drawsMade, w.To-w.From)
	} else {
		count(ctx, evaluated, w.To-w.From)
	}
	emit(done)
	return nil
}

// there reports whether a piece was measured before.
func (m *meter) there(ctx context.Context, p Measured) bool {
	data, err := readFile(ctx, p.File)
	if err != nil {
		return false
	}
	from, to, err := m.span(data)
	return err == nil && from == p.From && to == p.To
}

// attempt measures a piece. A panic, such as one of a strategy of the user's, is an error.
func (m *meter) attempt(ctx context.Context, from, to int) (part encoding.BinaryMarshaler, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	return m.measure(ctx, from, to)
}

// MeasuredSummary is what a rate, or a count of flips, came to.
type MeasuredSummary struct {
	Key, ID string
	// Error is why it says nothing, as that of [gate.MeasureRate] or [gate.MeasureFlips]; "" where it does.
	Error string
	File  string // that was written; "" for none
}

// conclude puts all pieces together: a collection with one [MeasuredSummary].
func conclude(s sdk.Scope, job Job, measured sdk.PCollection, kind string) sdk.PCollection {
	return sdk.ParDo(s, &concludeFn{job.carried(), kind}, sdk.GroupByKey(s, sdk.AddFixedKey(s, measured)))
}

type concludeFn struct {
	Job  carried
	Kind string
}

// ProcessElement is called once, with all pieces.
func (f *concludeFn) ProcessElement(ctx context.Context, _ int, next func(*Measured) bool, emit func(MeasuredSummary)) error {
	job := f.Job.job()
	ctx, end := job.running(ctx)
	defer end()
	var pieces []Measured
	for {
		var m Measured
		if !next(&m) {
			break
		}
		if len(pieces) > 0 && (m.Key != pieces[0].Key || m.ID != pieces[0].ID) {
			return fmt.Errorf("beam: %s: expected pieces of one measurement, found %s of %s and %s of %s", f.Kind, pieces[0].ID, pieces[0].Key, m.ID, m.Key)
		}
		pieces = append(pieces, m)
	}
	slices.SortFunc(pieces, func(a, b Measured) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.File, b.File)) })
	s := sumOf(f.Kind)
	for i, p := range pieces {
		if i > 0 && p == pieces[i-1] {
			continue
		}
		if p.File != "" {
			if err := s.addFile(ctx, p.File); err != nil {
				return err
			}
		}
		if p.Failure != "" && !s.decided() {
			return errors.New(p.Failure)
		}
	}
	result, failure := s.result()
	summary := MeasuredSummary{Key: pieces[0].Key, ID: pieces[0].ID}
	if failure != nil {
		summary.Error = failure.Error()
	}
	if result != nil {
		data, err := report.EncodeJSON(result)
		if err != nil {
			return err
		}
		summary.File = job.place(f.Kind + ".json")
		if err := writeFile(ctx, summary.File, func(w io.Writer) error {
			_, err := w.Write(data)
			return err
		}); err != nil {
			return err
		}
	}
	emit(summary)
	return nil
}

// sum puts pieces of one kind together.
type sum interface {
	add(data []byte) error
	decided() bool
	result() (document any, err error) // nil where there is none
}

type adder struct{ sum }

func sumOf(kind string) adder {
	if kind == flipsKind {
		return adder{new(flipSum)}
	}
	return adder{new(rateSum)}
}

func (s adder) addFile(ctx context.Context, file string) error {
	data, err := readFile(ctx, file)
	if err != nil {
		return err
	}
	if err := s.add(data); err != nil {
		return fmt.Errorf("beam: %s: %w", file, err)
	}
	return nil
}

// load puts together what a folder holds.
func (s adder) load(ctx context.Context, folder, kind string) error {
	j := Job{Folder: folder}
	n, err := j.noted(ctx, kind)
	if err != nil {
		return err
	}
	files, err := list(ctx, n.pieces(j, kind))
	if err != nil {
		return err
	}
	slices.SortFunc(files, func(a, b string) int { return cmp.Compare(path.Base(a), path.Base(b)) })
	for _, file := range files {
		if s.decided() {
			break
		}
		if err := s.addFile(ctx, file); err != nil {
			return err
		}
	}
	return nil
}

// unfinished is the error for a folder in which pieces are missing.
func unfinished(folder string, err error) error {
	return fmt.Errorf("beam: %s: %w: %w; run it again with the same folder", folder, ErrUnfinished, err)
}
