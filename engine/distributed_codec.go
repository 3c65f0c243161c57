package engine

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"slices"
	"time"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/input"
)

var (
	_ encoding.BinaryMarshaler   = (*Screening)(nil)
	_ encoding.BinaryUnmarshaler = (*Screening)(nil)
	_ encoding.BinaryMarshaler   = (*SeedResult)(nil)
	_ encoding.BinaryUnmarshaler = (*SeedResult)(nil)
)

// What begins both formats; the last byte is the version.
const (
	screeningFormat  = "triggerfinder screening\x00\x04"
	seedResultFormat = "triggerfinder seed result\x00\x07"
)

// MarshalBinary implements [encoding.BinaryMarshaler]. The format has a version and a checksum; all numbers keep their bits,
// NaN too.
func (s *Screening) MarshalBinary() ([]byte, error) {
	if s.id == "" {
		return nil, errors.New("engine: screening: expected one made by Screen, found an empty one")
	}
	data, err := write(screeningFormat, s.code)
	if err != nil {
		return nil, fmt.Errorf("engine: screening: %w", err)
	}
	return data, nil
}

// UnmarshalBinary implements [encoding.BinaryUnmarshaler]. Data that is damaged, of another version or does not make sense is
// an error, and leaves the screening as it is.
func (s *Screening) UnmarshalBinary(data []byte) error {
	var read Screening
	err := parse(data, screeningFormat, read.code)
	if err == nil {
		err = read.check()
	}
	if err == nil {
		err = read.identify()
	}
	if err != nil {
		return fmt.Errorf("engine: screening: %w", err)
	}
	*s = read
	return nil
}

// MarshalBinary implements [encoding.BinaryMarshaler]. The format has a version and a checksum; all numbers keep their bits,
// NaN too.
func (r *SeedResult) MarshalBinary() ([]byte, error) {
	err := r.check()
	if err == nil {
		var data []byte
		if data, err = write(seedResultFormat, r.code); err == nil {
			return data, nil
		}
	}
	return nil, fmt.Errorf("engine: result of seed %d: %w", r.Outcome.Index, err)
}

// UnmarshalBinary implements [encoding.BinaryUnmarshaler]. Data that is damaged, of another version or does not make sense is
// an error, and leaves the result as it is.
func (r *SeedResult) UnmarshalBinary(data []byte) error {
	var read SeedResult
	err := parse(data, seedResultFormat, read.code)
	if err == nil {
		err = read.check()
	}
	if err != nil {
		return fmt.Errorf("engine: result of a seed: %w", err)
	}
	*r = read
	return nil
}

// timeless is the result without what differs from run to run.
func (r *SeedResult) timeless() ([]byte, error) {
	same := *r
	same.timing, same.Outcome.Seconds = Timing{}, 0
	// Which of several answers came first is chance where they came from several workers.
	for _, s := range []*seen{&same.original, &same.compressed} {
		if s.varied {
			s.first, s.broken, s.finite = answer.Answer{}, answer.Answer{}, 2
		}
		if s.labelVaried {
			s.label = 0
		}
	}
	return same.MarshalBinary()
}

// identify computes the ID: of all but the times.
func (s *Screening) identify() error {
	same := *s
	same.header.Timing, same.header.Execution = Timing{}, Execution{}
	data, err := write(screeningFormat, same.code)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(data)
	s.id = hex.EncodeToString(sum[:8])
	return nil
}

func (s *Screening) code(c *coder) {
	c.header(&s.header)
	c.time(&s.header.Timing.Started)
	c.int(&s.seeds)
	c.int(&s.window)
	c.int(&s.keep)
	c.bool(&s.byScores)
	c.bool(&s.skipMisread)
	list(c, &s.first, c.input)
	list(c, &s.pool, func(p *screened) {
		c.int(&p.index)
		in := p.packed.Unpack()
		c.input(&in)
		if c.reading { // several searches may write one screening at the same time
			p.packed, p.evaluation.Input = input.Pack(in), in
			p.evaluation.Input.Data = nil
		}
		c.answer(&p.evaluation.Original)
		c.answer(&p.evaluation.Compressed)
		c.verdict(&p.evaluation.Verdict)
		c.float64(&p.evaluation.Far)
	})
}

func (s *Screening) check() error {
	if s.seeds < 1 || s.window < 1 || s.keep < 1 {
		return fmt.Errorf("expected at least one seed, a window and triggers to keep, found %d, %d and %d", s.seeds, s.window, s.keep)
	}
	last := -1
	for _, p := range s.pool {
		if p.index <= last || p.index >= s.seeds+s.header.Pool {
			return fmt.Errorf("expected the pool in the order of its seeds, found seed %d of %d after seed %d", p.index, s.seeds, last)
		}
		last = p.index
		if err := cmp.Or(p.evaluation.Original.Check(), p.evaluation.Compressed.Check()); err != nil {
			return fmt.Errorf("seed %d of the pool: %w", p.index, err)
		}
		if err := p.packed.Unpack().Validate(); err != nil {
			return fmt.Errorf("seed %d of the pool: %w", p.index, err)
		}
	}
	for i, in := range s.first {
		if err := in.Validate(); err != nil {
			return fmt.Errorf("input %d to prepare the models with: %w", i+1, err)
		}
	}
	return nil
}

func (r *SeedResult) code(c *coder) {
	c.text(&r.search)
	o := &r.Outcome
	c.int(&o.Index)
	c.text(&o.Name)
	c.int(&o.Label)
	c.text(&o.SeedID)
	code(c, &o.Status)
	c.text(&o.Reason)
	for _, n := range []*int{&o.LeftOut, &o.Queries, &o.Unstable, &o.Ties, &o.Unusable, &o.OtherCauses, &o.Gradients} {
		c.int(n)
	}
	c.bool(&o.Pathless)
	optional(c, &o.MisreadAs, c.int)
	optional(c, &o.Nearest, c.float64)
	c.float64(&o.Seconds)
	optional(c, &o.FirstHit, func(h *Hit) {
		c.int(&h.Queries)
		c.distance(&h.Distance)
	})
	optional(c, &o.Trigger, c.trigger)
	optional(c, &o.Apart, c.trigger)
	l := &r.Spent
	for _, n := range []*int{&l.Screened, &l.Queries, &l.Repeated, &l.Confirmations, &l.Unstable, &l.Ties, &l.Skipped, &l.Unusable, &l.Between, &l.OtherCauses, &l.Gradients, &l.OriginalOnly, &r.rounds} {
		c.int(n)
	}
	optional(c, &r.labels, func(labels *[2]int) {
		c.int(&labels[0])
		c.int(&labels[1])
	})
	c.bool(&r.noRoom)
	for _, s := range []*seen{&r.original, &r.compressed, &r.plain} {
		c.seen(s)
	}
	c.bool(&r.differed)
	c.bool(&r.alike)
	c.bool(&r.decided)
	c.bool(&r.oneDecision)
	c.text(&r.seesNothing)
	t := &r.timing
	c.time(&t.Started)
	for _, v := range []*float64{&t.WallSeconds, &t.OriginalSeconds, &t.CompressedSeconds, &t.BetweenSeconds, &t.ModelSeconds, &t.QueriesPerSecond} {
		c.float64(v)
	}
}

func (r *SeedResult) check() error {
	o, l := &r.Outcome, &r.Spent
	for _, n := range []struct {
		name  string
		value int
	}{
		{"index", o.Index}, {"operators left out", o.LeftOut}, {"queries", o.Queries}, {"unstable", o.Unstable}, {"ties", o.Ties}, {"unusable", o.Unusable}, {"gradients", o.Gradients}, {"gradients spent", l.Gradients},
		{"screened", l.Screened}, {"queries spent", l.Queries}, {"repeated", l.Repeated}, {"confirmations", l.Confirmations},
		{"unstable", l.Unstable}, {"ties", l.Ties}, {"skipped", l.Skipped}, {"unusable", l.Unusable}, {"answers in between", l.Between}, {"other causes", l.OtherCauses},
		{"asked of the original alone", l.OriginalOnly}, {"rounds", r.rounds},
	} {
		if n.value < 0 {
			return fmt.Errorf("%s is %d; expected 0 or more", n.name, n.value)
		}
	}
	switch {
	case r.search == "":
		return errors.New("expected a result of a SeedSearch, found an empty one")
	case !slices.Contains([]SeedStatus{Triggered, SeedExhausted, GaveUp, Skipped}, o.Status):
		return fmt.Errorf("status is %q; expected one of a seed that came to its end", o.Status)
	case (o.Status == Triggered) != (o.Trigger != nil) || (o.Trigger == nil) != (o.FirstHit == nil):
		return fmt.Errorf("expected a trigger and a first hit with status %s, and without another, found status %s", Triggered, o.Status)
	case (o.Status == Skipped) != (l.Skipped == 1) || l.Skipped > 1 || l.Queries != o.Queries:
		return fmt.Errorf("expected counts of this outcome, found %d queries and %d, %d skipped with status %s", o.Queries, l.Queries, l.Skipped, o.Status)
	}
	for _, s := range []*seen{&r.original, &r.compressed, &r.plain} {
		if err := s.valid(); err != nil {
			return err
		}
	}
	for _, t := range []struct {
		name string
		*Trigger
	}{{"trigger", o.Trigger}, {"trigger of another cause", o.Apart}} {
		if t.Trigger == nil {
			continue
		}
		if err := t.check(o); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	return nil
}

// valid finds what cannot have been seen.
func (s *seen) valid() error {
	for _, a := range []answer.Answer{s.first, s.broken} {
		switch {
		case s.classes < 0 || a.Outputs == nil && a.Scores != nil && len(a.Scores) != s.classes:
			return fmt.Errorf("expected rows of %d scores, found %d", s.classes, len(a.Scores))
		case a.Outputs != nil && a.Check() != nil:
			return a.Check()
		}
	}
	if s.rows < 0 || s.finite < 0 || s.finite > s.rows || s.varied && s.finite < 2 || s.finite > 0 && s.first.Check() != nil && !s.varied {
		return fmt.Errorf("expected a first row of %d finite ones of %d", s.finite, s.rows)
	}
	return nil
}

// check finds a trigger that is not of the outcome, or not what it says.
func (t *Trigger) check(o *Outcome) error {
	switch {
	case t.SeedIndex != o.Index || t.SeedID != o.SeedID:
		return fmt.Errorf("expected one of seed %d, %s, found one of seed %d, %s", o.Index, o.SeedID, t.SeedIndex, t.SeedID)
	case t.Kind != answer.OtherAnswer && t.Kind != answer.NotFinite:
		return fmt.Errorf("kind is %q; expected %q or %q", t.Kind, answer.OtherAnswer, answer.NotFinite)
	case t.Abridged():
		if !slices.ContainsFunc([][]float32{t.Seed.Data, t.Original.Scores, t.Compressed.Scores, t.SeedOriginal.Scores, t.SeedCompressed.Scores}, func(data []float32) bool { return data != nil }) && t.History == nil {
			return nil
		}
		return errors.New("expected one with its input, or the numbers alone, found it without its input")
	case t.Original.Check() != nil || t.Compressed.Check() != nil:
		return cmp.Or(t.Original.Check(), t.Compressed.Check())
	case t.OriginalLabel != t.Original.Label() || t.CompressedLabel != t.Compressed.Label():
		return fmt.Errorf("expected the labels of its scores, found %d and %d", t.OriginalLabel, t.CompressedLabel)
	}
	for _, of := range []struct {
		name  string
		input input.Input
		id    string
	}{{"seed", t.Seed, t.SeedID}, {"input", t.Input, t.ID}} {
		if err := of.input.Validate(); err != nil {
			return fmt.Errorf("%s: %w", of.name, err)
		}
		if id := of.input.ID(); id != of.id {
			return fmt.Errorf("%s: expected content %s, found %s", of.name, of.id, id)
		}
	}
	if !t.Seed.Like(t.Input) {
		return fmt.Errorf("expected seed and trigger alike, found %s", t.Seed.Unlike(t.Input))
	}
	return nil
}

// coder writes values or, where it is reading, reads them: one description of a format serves both ways.
type coder struct {
	data    []byte // what is written so far, or what is left to be read
	reading bool
	err     error
}

// write is a document of the format.
func write(format string, content func(*coder)) ([]byte, error) {
	c := &coder{data: []byte(format)}
	content(c)
	return binary.LittleEndian.AppendUint32(c.data, crc32.ChecksumIEEE(c.data)), c.err
}

// parse reads a document of the format. There is one way alone to write a value, so that whatever is read is written the same
// again.
func parse(data []byte, format string, content func(*coder)) error {
	version := len(format) - 1
	if len(data) < len(format)+4 || string(data[:version]) != format[:version] {
		return fmt.Errorf("expected data that begins with %q, found another format", format[:version-1])
	}
	if data[version] != format[version] {
		return fmt.Errorf("format version is %d; expected %d", data[version], format[version])
	}
	end := len(data) - 4
	if crc32.ChecksumIEEE(data[:end]) != binary.LittleEndian.Uint32(data[end:]) {
		return errors.New("expected data with its checksum, found other: it is damaged or cut off")
	}
	c := &coder{data: data[len(format):end], reading: true}
	if content(c); c.err == nil && len(c.data) > 0 {
		c.fail("expected the end, found %d bytes more", len(c.data))
	}
	return c.err
}

func (c *coder) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

// take are the next n bytes; none after a failure.
func (c *coder) take(n int) []byte {
	if c.err != nil || n < 0 || n > len(c.data) {
		c.fail("expected %d bytes more, found %d", n, len(c.data))
		return nil
	}
	taken := c.data[:n:n]
	c.data = c.data[n:]
	return taken
}

func (c *coder) bits32(v uint32) uint32 {
	if !c.reading {
		c.data = binary.LittleEndian.AppendUint32(c.data, v)
		return v
	}
	if b := c.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (c *coder) bits64(v uint64) uint64 {
	if !c.reading {
		c.data = binary.LittleEndian.AppendUint64(c.data, v)
		return v
	}
	if b := c.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// Values that are written are not touched, not even with what they hold: several may write them at once.

func (c *coder) int(v *int) {
	if n := c.bits64(uint64(int64(*v))); c.reading {
		*v = int(int64(n))
	}
}

func (c *coder) float64(v *float64) {
	if n := c.bits64(math.Float64bits(*v)); c.reading {
		*v = math.Float64frombits(n)
	}
}

func (c *coder) float32(v *float32) {
	if n := c.bits32(math.Float32bits(*v)); c.reading {
		*v = math.Float32frombits(n)
	}
}

func (c *coder) bool(v *bool) {
	if !c.reading {
		c.data = append(c.data, map[bool]byte{true: 1}[*v])
		return
	}
	b := c.take(1)
	if b != nil && b[0] > 1 {
		c.fail("expected 0 or 1, found %d", b[0])
	}
	*v = b != nil && b[0] == 1
}

// length is how many items follow, of at least so many bytes each: no more than there can be.
func (c *coder) length(n, size int) int {
	n = int(c.bits32(uint32(n)))
	if c.reading && n > len(c.data)/size {
		c.fail("expected at most %d items of %d bytes, found a length of %d", len(c.data)/size, size, n)
		return 0
	}
	return n
}

func (c *coder) text(v *string) { code(c, v) }

func code[T ~string](c *coder, v *T) {
	n := c.length(len(*v), 1)
	if !c.reading {
		c.data = append(c.data, *v...)
		return
	}
	*v = T(c.take(n))
}

// list is a slice; one that is nil stays nil, one that is empty stays empty.
func list[T any](c *coder, v *[]T, item func(*T)) {
	given := *v != nil
	if c.bool(&given); !given {
		return
	}
	n := c.length(len(*v), 1)
	if c.reading {
		*v = []T{}
	}
	for i := 0; i < n && c.err == nil; i++ {
		if c.reading {
			*v = append(*v, *new(T))
		}
		item(&(*v)[i])
	}
}

// optional is what a pointer points to, where it does.
func optional[T any](c *coder, v **T, value func(*T)) {
	given := *v != nil
	if c.bool(&given); !given {
		return
	}
	if c.reading {
		*v = new(T)
	}
	value(*v)
}

func (c *coder) deviation(d *answer.Deviation) {
	for _, s := range []*answer.Said{&d.From, &d.To} {
		c.int(&s.Label)
		c.text(&s.Words)
	}
	c.float64(&d.Size)
	c.text(&d.Unit)
	c.text(&d.Group)
}

func (c *coder) answer(a *answer.Answer) {
	c.floats((*[]float32)(&a.Scores))
	list(c, &a.Outputs, func(o *answer.Output) {
		c.text(&o.Name)
		list(c, &o.Shape, c.int)
	})
}

func (c *coder) seen(s *seen) {
	for _, n := range []*int{&s.classes, &s.rows, &s.finite, &s.label} {
		c.int(n)
	}
	c.answer(&s.first)
	c.answer(&s.broken)
	c.bool(&s.varied)
	c.bool(&s.labelVaried)
}

func (c *coder) floats(v *[]float32) { list(c, v, c.float32) }

// input writes values of 0 to 255 as bytes.
func (c *coder) input(in *input.Input) {
	list(c, &in.Shape, c.int)
	c.domain(&in.Domain)
	c.text((*string)(&in.Kind))
	optional(c, &in.Layout, c.layout)
	asBytes := in.Data != nil && allBytes(in.Data)
	if c.bool(&asBytes); !asBytes {
		if c.floats(&in.Data); c.reading && in.Data != nil && allBytes(in.Data) {
			c.fail("expected values of 0 to 255 as bytes, found them as numbers")
		}
		return
	}
	n := c.length(len(in.Data), 1)
	if c.reading {
		in.Data = make([]float32, n)
		for i, b := range c.take(n) {
			in.Data[i] = float32(b)
		}
		return
	}
	for _, v := range in.Data {
		c.data = append(c.data, byte(v))
	}
}

func (c *coder) domain(d *input.Domain) {
	for _, v := range []*float32{&d.Min, &d.Max, &d.Step} {
		c.float32(v)
	}
}

func (c *coder) layout(l *input.Layout) {
	list(c, &l.Domains, c.domain)
	list(c, &l.Columns, func(column *input.Column) {
		c.text(&column.Name)
		c.text(&column.Unit)
		list(c, &column.Categories, c.text)
	})
	optional(c, &l.Vocabulary, c.vocabulary)
	c.int(&l.Rate)
	list(c, &l.Parts, func(p *input.Part) {
		c.text(&p.Name)
		list(c, &p.Shape, c.int)
		c.domain(&p.Domain)
		c.text((*string)(&p.Kind))
		c.bool(&p.Fixed)
		c.floats(&p.Values)
		c.int(&p.First)
		optional(c, &p.Vocabulary, c.vocabulary)
		c.int(&p.Rate)
	})
}

func (c *coder) vocabulary(v *input.Vocabulary) {
	c.int(&v.Size)
	c.int(&v.Pad)
	list(c, &v.Special, c.int)
	c.bool(&v.KeepLength)
	list(c, &v.Words, c.text)
}

func allBytes(data []float32) bool {
	return !slices.ContainsFunc(data, func(v float32) bool {
		return !(v >= 0 && v <= 255) || float32(byte(v)) != v || v == 0 && math.Signbit(float64(v))
	})
}

func (c *coder) verdict(v *answer.Verdict) {
	c.bool(&v.Deviates)
	c.bool(&v.Tied)
	code(c, &v.Kind)
}

func (c *coder) distance(d *distance.Distance) {
	c.int(&d.L0)
	for _, v := range []*float64{&d.L1, &d.L2, &d.LInf} {
		c.float64(v)
	}
	optional(c, &d.SSIM, c.float64)
	optional(c, &d.Similarity, func(m *distance.Measured) {
		c.text(&m.Measure)
		c.float64(&m.Value)
	})
}

func (c *coder) trigger(t *Trigger) {
	c.int(&t.SeedIndex)
	c.text(&t.SeedName)
	c.int(&t.SeedLabel)
	c.text(&t.SeedID)
	c.text(&t.ID)
	c.input(&t.Seed)
	c.input(&t.Input)
	code(c, &t.Kind)
	c.answer(&t.Original)
	c.answer(&t.Compressed)
	c.deviation(&t.Deviation)
	c.int(&t.OriginalLabel)
	c.int(&t.CompressedLabel)
	c.float32(&t.OriginalConfidence)
	c.float32(&t.CompressedConfidence)
	c.bool(&t.Tied)
	c.int(&t.Queries)
	c.distance(&t.Distance)
	list(c, &t.History, c.text)
	c.text(&t.Oracle)
	c.answer(&t.SeedOriginal)
	c.answer(&t.SeedCompressed)
	list(c, (*[]StepVerdict)(&t.Steps), func(s *StepVerdict) {
		code(c, &s.Cause)
		c.text(&s.Model)
		c.bool(&s.Deviates)
		code(c, &s.Kind)
		c.bool(&s.Tied)
		c.deviation(&s.Deviation)
	})
}

func (c *coder) time(t *time.Time) {
	seconds, nanoseconds := int(t.Unix()), t.Nanosecond()
	c.int(&seconds)
	c.int(&nanoseconds)
	if !c.reading {
		return
	}
	if nanoseconds < 0 || nanoseconds >= int(time.Second) {
		c.fail("expected 0 to %d nanoseconds, found %d", int(time.Second)-1, nanoseconds)
		return
	}
	*t = time.Unix(int64(seconds), int64(nanoseconds)).UTC()
}

// header is a report in its own JSON, but for the time, which is written apart.
func (c *coder) header(r *Report) {
	var text string
	if !c.reading {
		plain := *r
		plain.Timing.Started = time.Time{}
		data, err := json.Marshal(plain)
		if err == nil { // once more, as what is no UTF-8 is written otherwise the second time
			var again Report
			if err = json.Unmarshal(data, &again); err == nil {
				data, err = json.Marshal(again)
			}
		}
		if err != nil {
			c.fail("header: %w", err)
		}
		text = string(data)
	}
	if c.text(&text); !c.reading || c.err != nil {
		return
	}
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(r); err != nil {
		c.fail("header: %w", err)
		return
	}
	if again, err := json.Marshal(r); err != nil || string(again) != text {
		c.fail("header: expected it as this version writes it, found it otherwise")
	}
}
