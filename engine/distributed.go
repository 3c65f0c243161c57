package engine

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// A distributed search runs in three steps, on as many machines as one likes: [Screen] once, a [SeedSearch] for each seed, or for many side by side, in
// any order, and [Combine]. A [Screening] and a [SeedResult] can be sent and stored: they are binary marshalers.

// Screening is what a search knows before it begins with its first seed: what it is, what its models are, and the pool
// of seeds that its strategy looks at. Whoever searches a seed of it needs it.
type Screening struct {
	header                Report // without seeds
	seeds, window, keep   int
	byScores, skipMisread bool
	first                 []input.Input // that a [model.Preparer] is shown
	pool                  []screened
	id                    string // of all of this
}

// screened is a seed of the pool, with its answers as strategies are shown them.
type screened struct {
	index      int
	evaluation Evaluation // without the Data of its input
	packed     input.Packed
}

// ID tells screenings apart: equal ones, of equal searches, have the same.
func (s *Screening) ID() string { return s.id }

// Seeds is the number of seeds of the search.
func (s *Screening) Seeds() int { return s.seeds }

// Screen begins a distributed search: it screens the seeds that the strategy wants to see (see [PoolStrategy]), and
// searches none. The settings are those of [Search], but for limits that couple seeds: StopAfter, Budget.Queries,
// Budget.Time and Shard are errors. So is all that ends a search early, but for a model that fails on some seeds of the pool: these are left out of it.
func Screen(ctx context.Context, pair *model.Pair, seeds input.Seeds, settings Settings) (*Screening, error) {
	s, err := newSearch(pair, seeds, settings)
	if err == nil {
		err = settings.coupled()
	}
	if err != nil {
		return nil, fmt.Errorf("engine: screen: %w", err)
	}
	screening, err := s.screening(ctx)
	if err != nil {
		return nil, fmt.Errorf("engine: pair %s: screen: %w", pair.Name(), err)
	}
	return screening, nil
}

func (s Settings) coupled() error {
	if s.Shard != (Shard{}) {
		return fmt.Errorf("settings: Shard is %s in a distributed search; expected the whole: its parts are seeds", s.Shard)
	}
	return s.limitOfTheWhole("in a distributed search")
}

func (s *search) screening(ctx context.Context) (*Screening, error) {
	s.begin(ctx)
	s.distributed = true
	first := s.sides.firstOf(ctx, s.seeds)
	if err := s.prepare(ctx); err != nil {
		return nil, err
	}
	workers := newPool(s)
	defer workers.close()
	pool, err := s.screenPool(ctx, workers)
	if err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return nil, err
	}
	s.close()
	header := *s.report
	header.Seeds, header.Ledger, header.Warnings, header.IdenticalScores, header.OnlyLabel = nil, Ledger{}, nil, 0, nil
	header.OneDecision, header.SeesNothing = false, ""
	header.Timing.Started, header.Timing.QueriesPerSecond = header.Timing.Started.UTC().Round(0), 0
	screening := &Screening{
		header: header, seeds: len(s.report.Seeds), window: s.window(), keep: s.settings.KeepInputs,
		byScores: s.byScores, skipMisread: s.settings.SkipMisread, first: first, pool: pool,
	}
	return screening, screening.identify()
}

// SeedSearch searches single seeds of a distributed search. It is safe for concurrent use, and holds the pair's models open
// for as long as the pair is.
type SeedSearch struct {
	pair      *model.Pair
	settings  Settings
	screening *Screening
	sides     *Sides
	pool      map[int]string // the IDs of the pool's seeds
	companies int            // of searches that ask together
}

// NewSeedSearch makes one for a pair and settings like those of the screening; others are an error that names the first difference.
func NewSeedSearch(ctx context.Context, pair *model.Pair, screening *Screening, settings Settings) (*SeedSearch, error) {
	if screening == nil || screening.id == "" {
		return nil, errors.New("engine: seed search: expected a screening made by Screen, found none")
	}
	s, err := newSearch(pair, oneSeed{}, settings)
	if err == nil {
		err = settings.coupled()
	}
	if err != nil {
		return nil, fmt.Errorf("engine: seed search: %w", err)
	}
	if err = s.sides.Prepare(ctx, screening.first); err == nil {
		s.sides.decisions.compareWith(ctx, s.sides.original, screening.first)
		err = screening.fits(s)
	}
	if err != nil {
		return nil, fmt.Errorf("engine: pair %s: seed search: %w", pair.Name(), err)
	}
	x := &SeedSearch{pair: pair, settings: settings, screening: screening, sides: s.sides, pool: map[int]string{}}
	if strategy, ok := settings.Strategy.(PoolStrategy); ok {
		for _, p := range screening.pool {
			x.pool[p.index] = p.packed.Unpack().ID()
		}
		x.settings.Strategy = withPool(strategy, screening.pool)
	}
	x.settings.KeepInputs, x.settings.OnProgress = 1, nil
	x.companies = s.settings.Workers
	x.settings.Workers = cmp.Or(settings.Workers, min(2, runtime.GOMAXPROCS(0))) // one for each model
	return x, nil
}

// fits names the first difference between a screening and a search of one of its seeds.
func (s *Screening) fits(of *search) error {
	header := *of.report
	header.Seeds, header.ClassNames, header.Pool = nil, s.header.ClassNames, s.header.Pool
	what := differentSearch(&s.header, &header)
	if what == "" && s.skipMisread != of.settings.SkipMisread {
		what = fmt.Sprintf("SkipMisread: %t and %t", s.skipMisread, of.settings.SkipMisread)
	}
	if what != "" {
		return fmt.Errorf("expected the search that was screened, found another one: %s", what)
	}
	return nil
}

// oneSeed is the seed of a search that has one, whatever its index, or why it cannot be read.
type oneSeed struct {
	seed   input.Seed
	err    error
	failed bool // it could be read, and was
}

func (o oneSeed) Len() int { return 1 }

func (o oneSeed) Seed(int) (input.Seed, error) { return o.seed, o.err }

// Search searches the seed that has this index among the search's, from 0. Refine and OnTrigger of the settings are called for its
// trigger, concurrently where this is. A seed that cannot be used is a result too, as [Skipped]. A failure of a model and
// cancellation are errors; then there is no result.
func (x *SeedSearch) Search(ctx context.Context, index int, seed input.Seed) (*SeedResult, error) {
	return x.search(ctx, index, oneSeed{seed: seed}, nil)
}

// Unreadable is the result for a seed that could not be read: it is skipped for that reason.
func (x *SeedSearch) Unreadable(ctx context.Context, index int, reason error) (*SeedResult, error) {
	if reason == nil {
		reason = errors.New("it could not be read")
	}
	return x.search(ctx, index, oneSeed{err: reason}, nil)
}

// GivenUp is the result for a seed that was to be searched, where the search of it failed, as on a panic of a model: it is skipped for that reason.
// A search in one piece would have ended with that failure.
func (x *SeedSearch) GivenUp(ctx context.Context, index int, reason error) (*SeedResult, error) {
	if reason == nil {
		reason = errors.New("the search of it failed")
	}
	return x.search(ctx, index, oneSeed{err: reason, failed: true}, nil)
}

func (x *SeedSearch) search(ctx context.Context, index int, seed oneSeed, in *company) (*SeedResult, error) {
	blame := func(err error) error {
		return fmt.Errorf("engine: pair %s: %w", x.pair.Name(), err)
	}
	if index < 0 || index >= x.screening.seeds {
		return nil, blame(fmt.Errorf("seed search: index is %d; expected 0 to %d", index, x.screening.seeds-1))
	}
	if id, pooled := x.pool[index]; pooled && !seed.failed && (seed.err != nil || seed.seed.Input.ID() != id) {
		return nil, blame(fmt.Errorf("%s: expected the seed that was screened, %s, found another one", seedWords(index, seed.seed.Name), id))
	}
	settings := x.settings
	if in != nil {
		settings = in.settings(ctx, settings)
	}
	s, err := newSearch(x.pair, seed, settings)
	if err != nil {
		return nil, blame(err)
	}
	s.company, s.sides, s.report.ClassNames = in, x.sides.anew(), x.screening.header.ClassNames
	o := &s.report.Seeds[0]
	o.Index = index
	s.begin(ctx)
	workers := alone(s)
	if in == nil && settings.Workers > 1 {
		workers = newPool(s)
	}
	defer workers.close()
	if err = s.rounds(ctx, workers); err == nil && s.report.Status != AllSearched {
		err = context.Cause(ctx)
	}
	if err != nil {
		return nil, blame(err)
	}
	s.close()
	r := &SeedResult{
		Outcome: *o, Spent: s.report.Ledger, search: x.screening.id, rounds: s.booked, noRoom: s.narrow > 0,
		original: s.sides.original.saw(), compressed: s.sides.compressed.saw(),
		differed: s.sides.likeness.differed.Load(), alike: s.sides.likeness.alike.Load() > 0,
		decided: s.sides.decisions.alike > 0, oneDecision: s.sides.decisions.one(), seesNothing: s.blank.all(1), timing: s.report.Timing,
	}
	r.timing.Started, r.timing.QueriesPerSecond = r.timing.Started.UTC().Round(0), 0
	for labels := range s.order.counts {
		r.labels = &labels
	}
	if o.SeedID != "" && s.sides.compressed.neverFinite() != nil {
		s.sides = x.sides.anew()
		_ = s.seePlain(ctx)
		r.plain = s.sides.compressed.saw()
	}
	return r, nil
}

// anew are the same models, of which nothing was seen yet.
func (s *Sides) anew() *Sides {
	fresh := &Sides{oracle: s.oracle, original: s.original.anew(), compressed: s.compressed.anew(), between: s.between.anew()}
	s.decisions.anew(&fresh.decisions)
	return fresh
}

func (m *side) anew() *side {
	n := &side{role: m.role, predictor: m.predictor, buffered: m.buffered, serial: m.serial, seen: seen{classes: m.described().Classes}}
	n.description.Store(m.described())
	return n
}

// SeedResult is what the search of one seed of a distributed search came to. Beside the outcome it holds what the
// conclusions of the whole search need to know.
type SeedResult struct {
	Outcome Outcome
	Spent   Ledger

	search               string  // the ID of the screening
	rounds               int     // that it took
	labels               *[2]int // both models' for the seed; nil where one gave none
	noRoom               bool    // the bound leaves none around the seed
	original, compressed seen
	plain                seen   // the compressed model's answers to plain inputs, where it gave no finite one to others
	differed, alike      bool   // the models' scores, for some inputs
	decided, oneDecision bool   // the original, at all, and about the seed and all that became of it as about the first seed of the search
	seesNothing          string // why, where the original saw nothing in the seed
	timing               Timing
}

// Abridge is the result without the inputs, answers and histories of its triggers, which take nearly all of its memory.
func (r *SeedResult) Abridge() *SeedResult {
	light := *r
	for _, t := range []**Trigger{&light.Outcome.Trigger, &light.Outcome.Apart} {
		if *t != nil {
			*t = (*t).abridged()
		}
	}
	return &light
}

// Abridged reports whether a trigger of the result is.
func (r *SeedResult) Abridged() bool {
	o := &r.Outcome
	return o.Trigger != nil && o.Trigger.Abridged() || o.Apart != nil && o.Apart.Abridged()
}

// Combine puts the results of all seeds together, in any order, some of them several times. The report has the same
// [Report.Canonical] bytes as that of [Search] with the same pair, seeds and settings, and the error is the same where the
// search came to its end. Two kinds of error, [ErrConstantOutput] and [ErrClassOrder], end Search as soon as they are plain.
//
// A seed that is missing, or there twice with different results, and a result of another search are errors without a report.
// Where a limit of time for each seed is set, as it makes results differ, the one with more queries counts.
func Combine(screening *Screening, results ...*SeedResult) (*Report, error) {
	return CombineAbridged(screening, nil, results...)
}

// CombineAbridged is [Combine] for results of which some or all are abridged (see [SeedResult.Abridge]), as those of very many seeds have to be. Only so
// many triggers as the report keeps are asked for, one after the other: whole gives the result for a seed as [SeedSearch.Search] had it.
func CombineAbridged(screening *Screening, whole func(index int) (*SeedResult, error), results ...*SeedResult) (*Report, error) {
	c, err := NewCombiner(screening)
	if err != nil {
		return nil, err
	}
	for i, r := range results {
		if err := c.add(fmt.Sprintf("result %d", i+1), r); err != nil {
			return nil, fmt.Errorf("engine: Combine: %w", err)
		}
	}
	return c.Report(whole)
}

// oneOf decides between two results of one seed, whichever comes first.
func (s *Screening) oneOf(a, b *SeedResult) (*SeedResult, error) {
	if a == nil || a == b {
		return b, nil
	}
	first, second := a, b
	if a.Abridged() != b.Abridged() {
		first, second = a.Abridge(), b.Abridge()
	}
	x, err := first.timeless()
	y, err2 := second.timeless()
	if err = cmp.Or(err, err2); err != nil {
		return nil, err
	}
	order := bytes.Compare(x, y)
	if order != 0 && s.header.Budget.TimePerSeed == 0 {
		return nil, twice(a)
	}
	order = cmp.Or(cmp.Compare(b.Outcome.Queries, a.Outcome.Queries), order, cmp.Compare(a.Outcome.Seconds, b.Outcome.Seconds))
	if order <= 0 {
		return a, nil
	}
	return b, nil
}

// described is a model of which nothing is at hand but what it was.
func described(role string, d model.Description) *side {
	m := &side{role: role, seen: seen{classes: d.Classes}}
	m.description.Store(&d)
	return m
}

// announced is the order in which one search would have come to the end of its seeds.
func (s *Screening) announced(rounds []int32) []int {
	type searched struct{ index, left int }
	var order []int
	var active []searched
	for next := 0; next < len(rounds) || len(active) > 0; {
		for ; next < len(rounds) && len(active) < s.window; next++ {
			active = append(active, searched{next, int(rounds[next])})
		}
		step := math.MaxInt // rounds in which no seed comes to its end are passed over
		for _, a := range active {
			step = min(step, a.left)
		}
		active = slices.DeleteFunc(active, func(a searched) bool {
			if a.left <= step {
				order = append(order, a.index)
			}
			return a.left <= step
		})
		for i := range active {
			active[i].left -= step
		}
	}
	return order
}
