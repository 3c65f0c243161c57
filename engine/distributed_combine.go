package engine

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"reflect"
	"unique"

	"github.com/triggerfinder/triggerfinder/input"
)

// Combiner puts results together as they come in: [CombineAbridged] does so for those that are there. Of a result that it has counted it keeps what the report has, so
// that very many are best added abridged, about in the order of their seeds: those that wait for earlier ones are kept. It is for one goroutine.
type Combiner struct {
	screening *Screening
	search    *search // as it came to its end
	plain     seen
	known     bool
	form      input.Input // of the trigger that was counted last, without its values
	rounds    []int32     // of the seeds that are counted: 0, 1, …
	sums      [][8]byte   // likewise: of what each result says, but for times
	waiting   map[int]*SeedResult
}

// NewCombiner makes one for the results of the screening's search.
func NewCombiner(screening *Screening) (*Combiner, error) {
	if screening == nil || screening.id == "" {
		return nil, errors.New("engine: Combine: expected a screening made by Screen, found none")
	}
	report := screening.header
	const most = 1 << 17 // seeds that there is room for from the start, as lists that have to grow are in memory twice
	room := min(screening.seeds, most)
	report.Status, report.Seeds = AllSearched, make([]Outcome, 0, room)
	return &Combiner{screening: screening, waiting: map[int]*SeedResult{}, rounds: make([]int32, 0, room), sums: make([][8]byte, 0, room), search: &search{
		settings: Settings{AllowIdentical: report.AllowIdentical, Workers: max(1, report.Execution.Workers)}, report: &report,
		byScores: screening.byScores, own: screening.seeds,
		sides: &Sides{original: described("original", report.Original), compressed: described("compressed", report.Compressed)},
	}}, nil
}

// Add takes a result. One of another search, and one of a seed that is there with a different result, are errors; see [Combine].
func (c *Combiner) Add(r *SeedResult) error {
	if err := c.add("result", r); err != nil {
		return fmt.Errorf("engine: Combine: %w", err)
	}
	return nil
}

func (c *Combiner) add(called string, r *SeedResult) error {
	s := c.screening
	switch {
	case r == nil:
		return fmt.Errorf("%s is nil", called)
	case r.search != s.id:
		return fmt.Errorf("%s is of search %q; expected one of search %q", called, r.search, s.id)
	case r.Outcome.Index < 0 || r.Outcome.Index >= s.seeds:
		return fmt.Errorf("%s is of seed %d; expected 0 to %d", called, r.Outcome.Index, s.seeds-1)
	}
	i := r.Outcome.Index
	if i < len(c.sums) {
		return c.same(r)
	}
	kept, err := s.oneOf(c.waiting[i], r)
	if err != nil {
		return err
	}
	c.waiting[i] = kept
	if s.header.Budget.TimePerSeed > 0 { // which result of a seed counts is not known until all are there
		return nil
	}
	return c.fold()
}

// fold counts those whose turn it is.
func (c *Combiner) fold() error {
	for {
		i := len(c.sums)
		r := c.waiting[i]
		if r == nil {
			return nil
		}
		delete(c.waiting, i)
		if err := c.count(r); err != nil {
			return err
		}
	}
}

// sum is that of what a result says, but for times and what abridging takes.
func (r *SeedResult) sum() (sum [8]byte, err error) {
	if !r.Abridged() {
		r = r.Abridge()
	}
	data, err := r.timeless()
	if err != nil {
		return sum, err
	}
	hash := sha256.Sum256(data)
	return [8]byte(hash[:]), nil
}

// same refuses a result that says something else than the one of its seed that was counted.
func (c *Combiner) same(r *SeedResult) error {
	sum, err := r.sum()
	if err == nil && sum != c.sums[r.Outcome.Index] {
		err = twice(r)
	}
	return err
}

// twice is the error for a seed with different results.
func twice(r *SeedResult) error {
	return fmt.Errorf("%s is there twice with different results; expected the same: do the models answer alike on all machines?", seedWords(r.Outcome.Index, r.Outcome.Name))
}

// count adds the result of the next seed.
func (c *Combiner) count(r *SeedResult) error {
	sum, err := r.sum()
	if err != nil {
		return err
	}
	s, report := c.search, c.search.report
	o := r.Outcome
	o.Status, o.Reason = one(o.Status), one(o.Reason)
	o.Trigger, o.Apart = c.sharing(&o, o.Trigger), c.sharing(&o, o.Apart)
	report.Seeds = append(report.Seeds, o)
	c.sums, c.rounds = append(c.sums, sum), append(c.rounds, int32(min(r.rounds, math.MaxInt32)))
	report.Ledger.merge(r.Spent)
	report.Timing.merge(r.timing)
	if r.noRoom {
		s.narrow++
	}
	if r.labels != nil {
		s.order.count(*r.labels)
	}
	if err := cmp.Or(s.sides.original.seen.merge(r.original), s.sides.compressed.seen.merge(r.compressed)); err != nil {
		return fmt.Errorf("%s: %w", seedWords(r.Outcome.Index, r.Outcome.Name), err)
	}
	if !c.known && r.Outcome.SeedID != "" {
		c.known, c.plain = true, r.plain
	}
	if r.differed {
		s.sides.likeness.differed.Store(true)
	}
	if r.alike {
		s.sides.likeness.alike.Store(1)
	}
	if r.decided {
		s.sides.decisions.alike++
		if !r.oneDecision {
			s.sides.decisions.several.Store(true)
		}
	}
	if r.seesNothing != "" {
		s.blank.seeds.Add(1)
		s.blank.why.Store(r.seesNothing)
	}
	return nil
}

// sharing is an abridged trigger that has in common with its seed and with others what is equal: results that were read each have their own.
func (c *Combiner) sharing(o *Outcome, t *Trigger) *Trigger {
	if t == nil || !t.Abridged() {
		return t
	}
	shared := *t
	t = &shared
	if t.SeedName == o.Name {
		t.SeedName = o.Name
	}
	if t.SeedID == o.SeedID {
		t.SeedID = o.SeedID
	}
	if t.ID == o.SeedID {
		t.ID = o.SeedID
	}
	t.Kind, t.Oracle, t.Deviation.Unit, t.Deviation.Group = one(t.Kind), one(t.Oracle), one(t.Deviation.Unit), one(t.Deviation.Group)
	for _, in := range []*input.Input{&t.Seed, &t.Input} {
		if !c.form.Like(*in) || !reflect.DeepEqual(c.form.Layout, in.Layout) { // units and rates too
			c.form = *in
		}
		in.Shape, in.Kind, in.Layout = c.form.Shape, c.form.Kind, c.form.Layout
	}
	return t
}

// one is the text, in memory once, however often it is kept.
func one[T ~string](text T) T { return unique.Make(text).Value() }

// ErrSeedsMissing says that results of some seeds are missing.
var ErrSeedsMissing = errors.New("seeds are missing")

// Report is that of [CombineAbridged], of all results that were added. It is called once, and ends the Combiner.
func (c *Combiner) Report(whole func(index int) (*SeedResult, error)) (*Report, error) {
	if err := c.end(whole); err != nil {
		return nil, fmt.Errorf("engine: Combine: %w", err)
	}
	s, r := c.search, c.search.report
	err := s.order.check(s.sides.original.classCount(), r.ClassNames)
	if err != nil {
		r.Status = Failed
		for i := range r.Seeds { // what they found is no finding
			if o := &r.Seeds[i]; o.Status != Skipped {
				o.Status, o.Trigger, o.FirstHit, o.Apart = NotSearched, nil, nil, nil
			}
		}
	} else {
		err = s.conclude(context.Background())
	}
	if err != nil {
		return r, fmt.Errorf("engine: pair %s: %w", r.Pair, err)
	}
	return r, nil
}

// end makes the search what it was at its end.
func (c *Combiner) end(whole func(int) (*SeedResult, error)) error {
	if err := c.fold(); err != nil {
		return err
	}
	s, report := c.search, c.search.report
	if found := len(c.sums) + len(c.waiting); found < c.screening.seeds {
		return fmt.Errorf("%w: expected results of all of %d seeds, found %d of them missing, the first is seed %d", ErrSeedsMissing, c.screening.seeds, c.screening.seeds-found, len(c.sums))
	}
	compressed := &s.sides.compressed.seen
	s.plain = func(context.Context) error {
		if c.plain.rows == 0 {
			return nil
		}
		if err := compressed.merge(c.plain); err != nil {
			return err
		}
		return s.sides.compressed.neverFinite()
	}
	// keep leaves a trigger whole if it is among the first, and else no more than its numbers.
	keep := func(i int, count *int, of func(*Outcome) **Trigger) error {
		t := of(&report.Seeds[i])
		if *t == nil {
			return nil
		}
		if *count++; *count > c.screening.keep {
			if !(*t).Abridged() {
				*t = (*t).abridged()
			}
		} else if (*t).Abridged() {
			r, err := c.whole(&report.Seeds[i], whole)
			if err != nil {
				return err
			}
			*t = *of(&r.Outcome)
		}
		return nil
	}
	for _, i := range c.screening.announced(c.rounds) {
		if err := keep(i, &s.apart, func(o *Outcome) **Trigger { return &o.Apart }); err != nil {
			return err
		}
		if err := keep(i, &s.triggers, func(o *Outcome) **Trigger { return &o.Trigger }); err != nil {
			return err
		}
	}
	timing := report.Timing
	s.close()
	if report.Timing = timing; timing.WallSeconds > 0 {
		report.Timing.QueriesPerSecond = float64(report.Ledger.Queries) / timing.WallSeconds
	}
	return nil
}

// whole is an abridged result as it was before.
func (c *Combiner) whole(o *Outcome, whole func(int) (*SeedResult, error)) (*SeedResult, error) {
	blame := func(err error) error { return fmt.Errorf("%s: %w", seedWords(o.Index, o.Name), err) }
	if whole == nil {
		return nil, blame(errors.New("expected a result with the inputs of its triggers, found an abridged one: give it to CombineAbridged"))
	}
	r, err := whole(o.Index)
	if err != nil {
		return nil, blame(err)
	}
	if r == nil || r.search != c.screening.id || r.Outcome.Index != o.Index || r.Abridged() {
		return nil, blame(errors.New("expected the whole result of this seed, found none or another one"))
	}
	return r, c.same(r)
}
