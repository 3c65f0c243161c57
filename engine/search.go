package engine

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// DefaultBatchSize is the most inputs given to a model at once, unless a search is told otherwise. A strategy that asks for
// fewer leaves batches empty when few seeds are searched.
const DefaultBatchSize = 32

// DefaultWindow is the most seeds that are searched side by side, unless a search is told otherwise.
const DefaultWindow = 64

const (
	defaultKept   = 1000
	progressEvery = 200 * time.Millisecond
	// stepsARound is how many steps each run takes in a round: workers wait for each other in between only. It
	// does not depend on the workers, so that triggers are found in the same order whatever their number.
	stepsARound = 4
	// enoughToJudge is how many seeds it takes before equal scores end a search early.
	enoughToJudge = 8
)

// Search looks for triggers of the pair, starting from each of the seeds.
//
// Seeds are searched side by side, a window of them at a time, in rounds: each searcher is asked for
// candidates, these are evaluated in batches by both models, and each searcher is told its own. Rounds
// make the report independent of batch size and number of workers.
//
// Running out of a budget and cancellation are a [Status] of the report. The error tells that the search
// could not be carried out, or ended without a trigger before it tried enough to say that there is none
// (see [ErrInconclusive]); the report then holds what was found so far, and is nil only when the
// search did not start.
func Search(ctx context.Context, pair *model.Pair, seeds input.Seeds, settings Settings) (*Report, error) {
	s, err := newSearch(pair, seeds, settings)
	if err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	if err := s.run(ctx); err != nil {
		return s.report, fmt.Errorf("engine: pair %s: %w", pair.Name(), err)
	}
	return s.report, nil
}

// search is the state of one call of Search. Only its own goroutine changes it; workers change the
// runs that they were handed.
type search struct {
	settings  Settings
	ample     ample
	seeds     input.Seeds
	sides     *Sides
	report    *Report
	labelOnly bool
	byScores  bool          // the oracle does not ask for labels
	graded    answer.Graded // the oracle, when it is; nil otherwise

	outer        context.Context // that of the caller, without the limit of time
	steps        int             // a round
	booked       int             // rounds
	start        time.Time
	lastProgress time.Time
	share        float64      // of the budget, as it was told last
	next         int          // index of the next seed to admit
	active       []*run       // in the order of their seeds
	surveyed     map[int]*run // screened for the strategy's pool, not active yet, by seed index
	done         int
	triggers     int      // of seeds whose search has ended
	apart        int      // of other causes, likewise
	own          int      // seeds of this shard
	narrow       int      // of them, those around which the bound leaves no room
	company      *company // nil for a search on its own
	distributed  bool     // it screens, and others search
	order        classOrder
	blank        blankSeeds
	largest      int                         // values of a seed, of those that were read
	pooled       int                         // bytes that the seeds of the pool take
	beside       Timing                      // what screening Settings.Pool took
	plain        func(context.Context) error // what plain inputs came to, where the models cannot be asked; see seePlain
}

func newSearch(pair *model.Pair, seeds input.Seeds, settings Settings) (*search, error) {
	if pair == nil {
		return nil, errors.New("pair is nil")
	}
	if err := settings.validate(); err != nil {
		return nil, err
	}
	if seeds == nil || seeds.Len() == 0 {
		return nil, fmt.Errorf("%w: expected at least one", input.ErrNoSeeds)
	}
	if settings.Oracle == nil {
		settings.Oracle = answer.Top1()
	}
	ample := ample{batch: settings.BatchSize == 0, window: settings.Window == 0}
	settings.BatchSize = cmp.Or(settings.BatchSize, DefaultBatchSize)
	settings.Window = cmp.Or(settings.Window, DefaultWindow)
	settings.Workers = cmp.Or(settings.Workers, runtime.GOMAXPROCS(0))
	settings.Memory = cmp.Or(settings.Memory, DefaultMemory)
	s := &search{
		settings: settings, ample: ample, seeds: seeds,
		sides:  NewSides(pair, settings.Oracle),
		report: newReport(pair, seeds, settings),
	}
	s.own = s.report.Own()
	s.steps = stepsARound
	if settings.Budget.Queries > 0 || settings.StopAfter > 0 {
		s.steps = 1 // what one seed spends or finds decides how far the others may go
	}
	if o, ok := settings.Oracle.(answer.LabelOnlyOracle); ok {
		s.labelOnly = o.LabelOnly()
	}
	s.byScores = answer.ByScores(settings.Oracle)
	if g, ok := settings.Oracle.(answer.Graded); ok && !s.labelOnly {
		s.graded = g
	}
	return s, errors.Join(checkDistinct(pair, settings.AllowIdentical), CheckCauses(pair, settings.CausedBy))
}

func newReport(pair *model.Pair, seeds input.Seeds, settings Settings) *Report {
	r := &Report{
		Pair: pair.Name(), Strategy: settings.Strategy.String(), Oracle: settings.Oracle.String(),
		Aim: settings.Aim.String(), Budget: settings.Budget, RandomSeed: settings.RandomSeed, StopAfter: settings.StopAfter,
		ClassNames: slices.Clone(input.ClassNamesOf(seeds)), Notes: slices.Clone(input.NotesOf(seeds)),
		Shard: settings.Shard, SkippedAtMost: settings.SkippedAtMost, AllowIdentical: settings.AllowIdentical,
		Seeds:     make([]Outcome, seeds.Len()),
		Execution: Execution{BatchSize: settings.BatchSize, Workers: settings.Workers},
	}
	r.Original, r.Compressed = pair.Describe()
	between := newBetween(pair)
	r.Causes, r.Between, r.CausedBy = between.causes, between.descriptions(), slices.Clone(settings.CausedBy)
	if settings.Bound != nil {
		r.Bound = settings.Bound.String()
	}
	for i := range r.Seeds {
		r.Seeds[i] = Outcome{Index: i, Label: input.Unlabelled, Status: NotSearched}
		if !settings.Shard.has(i) {
			r.Seeds[i].Status = OtherShard
		}
	}
	return r
}

func (s *search) run(ctx context.Context) error {
	s.begin(ctx)
	limited, cancel := ctx, context.CancelFunc(func() {})
	if s.settings.Budget.Time > 0 {
		limited, cancel = context.WithDeadline(ctx, s.start.Add(s.settings.Budget.Time))
	}
	defer cancel()

	err := s.all(limited)
	if cutShort := s.cutShort(ctx); err == nil {
		err = cutShort
	}
	switch {
	case err != nil:
		s.report.Status = Failed
	case s.report.Status != "":
	case ctx.Err() != nil:
		s.report.Status = Cancelled
	default:
		s.report.Status = TimeLimit
	}
	s.close()
	if err == nil {
		err = s.conclude(ctx)
	}
	return err
}

// begin starts the clock.
func (s *search) begin(ctx context.Context) {
	s.outer, s.start = ctx, time.Now()
	s.lastProgress = s.start
}

// all prepares the models, screens the pool and searches the seeds.
func (s *search) all(ctx context.Context) error {
	if err := s.prepare(ctx); err != nil {
		return err
	}
	pool := newPool(s)
	defer pool.close()
	if err := s.survey(ctx, pool); err != nil {
		return err
	}
	return s.rounds(ctx, pool)
}

// rounds runs round after round until every seed came to its end, a limit is reached or an error
// occurs.
func (s *search) rounds(ctx context.Context, pool *pool) error {
	for {
		s.admit()
		if len(s.active) == 0 {
			s.report.Status = AllSearched
			if s.enough() && s.next < len(s.report.Seeds) {
				s.report.Status = EnoughTriggers
			}
			return nil
		}
		if ctx.Err() != nil {
			return nil
		}
		if !s.allow() {
			s.report.Status = QueryLimit
			return nil
		}
		pool.round(ctx, s.active, (*worker).work)
		if err := s.bookRound(); err != nil {
			return err
		}
		if s.enough() && !s.closing() {
			s.report.Status = EnoughTriggers
			return nil
		}
		s.progress(false)
	}
}

// prepare shows the first seeds to models that want to see some, and describes them as they are afterwards.
func (s *search) prepare(ctx context.Context) error {
	first := s.sides.firstOf(ctx, s.seeds)
	s.measureSeeds(ctx, first)
	err := s.sides.Prepare(ctx, first)
	if err == nil {
		s.sides.decisions.compareWith(ctx, s.sides.original, first)
	}
	s.report.Original, s.report.Compressed = *s.sides.original.described(), *s.sides.compressed.described()
	s.report.Between = s.sides.between.descriptions()
	if ctx.Err() != nil {
		return nil // the search ends by itself
	}
	if s.report.ClassNames == nil {
		s.report.ClassNames = slices.Clone(s.report.Original.ClassNames)
	}
	return errors.Join(err, checkNames(s.report.ClassNames, s.report.Original.ClassNames))
}

// enough reports whether StopAfter triggers are found.
func (s *search) enough() bool {
	return s.settings.StopAfter > 0 && s.found() >= s.settings.StopAfter
}

// found is the number of triggers, those that are being brought nearer included.
func (s *search) found() int {
	n := s.triggers
	for _, r := range s.active {
		if r.closing {
			n++
		}
	}
	return n
}

// closing leaves only those runs active that bring their trigger nearer, and reports whether there
// are any.
func (s *search) closing() bool {
	kept := s.active[:0]
	for _, r := range s.active {
		if r.closing {
			kept = append(kept, r)
		} else {
			r.interrupt()
		}
	}
	clear(s.active[len(kept):])
	s.active = kept
	return len(s.active) > 0
}

// survey screens the seeds that the strategy wants to see and hands them to it.
func (s *search) survey(ctx context.Context, pool *pool) error {
	strategy, ok := s.settings.Strategy.(PoolStrategy)
	if !ok {
		return nil
	}
	defer s.leaveOthers()
	screened, err := s.screenPool(ctx, pool)
	if err != nil {
		return err
	}
	s.settings.Strategy = withPool(strategy, screened)
	return nil
}

// screenPool screens the seeds that the strategy wants to see, and those of the settings' pool, and returns those that can be used.
func (s *search) screenPool(ctx context.Context, pool *pool) ([]screened, error) {
	strategy, ok := s.settings.Strategy.(PoolStrategy)
	if !ok {
		return nil, nil
	}
	usable, err := s.screenOf(ctx, strategy, pool)
	if err != nil {
		return nil, err
	}
	aside, err := s.screenAside(ctx, strategy)
	return append(usable, aside...), err
}

func (s *search) screenOf(ctx context.Context, strategy PoolStrategy, pool *pool) ([]screened, error) {
	seeds := len(s.report.Seeds)
	n := min(strategy.PoolSize(), seeds)
	runs := make([]*run, max(n, 0))
	s.surveyed = make(map[int]*run, len(runs))
	for i := range runs {
		index := i * seeds / n
		runs[i] = &run{outcome: &s.report.Seeds[index]}
		s.surveyed[index] = runs[i]
	}
	for at := 0; at < n && ctx.Err() == nil; at += s.settings.Window {
		chunk := runs[at:min(at+s.settings.Window, n)]
		pool.round(ctx, chunk, (*worker).survey)
		s.screenApart(ctx, pool, chunk)
		for _, r := range chunk {
			s.book(r)
			s.pooled += r.pack()
		}
		for _, r := range chunk {
			if r.err != nil {
				return nil, r.err
			}
		}
		if err := s.checkAlive(); err != nil {
			return nil, err
		}
		s.progress(false)
	}
	var usable []screened
	for _, r := range runs {
		if r.known && !r.ended {
			usable = append(usable, screened{r.outcome.Index, r.screening, r.packed})
		}
	}
	return usable, nil
}

// screenApart screens seeds of a distributed search again, each alone, where a model fails on some of them: these are no part of the pool.
// Where it fails on all of them, it is no matter of seeds, and an error.
func (s *search) screenApart(ctx context.Context, pool *pool, chunk []*run) {
	if !s.distributed || s.settings.Strict || !slices.ContainsFunc(chunk, func(r *run) bool { return r.err != nil }) {
		return
	}
	var failed []*run
	for _, r := range chunk {
		if r.known || r.ended {
			continue
		}
		r.err, r.spent = nil, Ledger{}
		if pool.round(ctx, []*run{r}, (*worker).survey); r.err != nil {
			failed = append(failed, r)
		}
	}
	if len(failed) == len(chunk) {
		return
	}
	for _, r := range failed {
		r.skip(r.err)
		r.err = nil
	}
}

// leaveOthers forgets what screening found out about seeds of other shards, but for which seeds they
// are.
func (s *search) leaveOthers() {
	for index, r := range s.surveyed {
		if s.settings.Shard.has(index) {
			continue
		}
		o := r.outcome
		*o = Outcome{Index: o.Index, Name: o.Name, Label: o.Label, SeedID: o.SeedID, Status: OtherShard}
		delete(s.surveyed, index)
	}
}

// admit fills the window with the next seeds.
func (s *search) admit() {
	window := s.window()
	for len(s.active) < window && s.next < len(s.report.Seeds) && !s.enough() {
		if !s.settings.Shard.has(s.next) {
			s.next++
			continue
		}
		r, ok := s.surveyed[s.next]
		if !ok {
			r = &run{outcome: &s.report.Seeds[s.next]}
		}
		r.unpack()
		delete(s.surveyed, s.next)
		s.active = append(s.active, r)
		s.next++
	}
}

// allow hands each active run its allowance of queries for the coming round, and reports whether
// there are any left.
func (s *search) allow() bool {
	share, extra := -1, 0
	if total := s.settings.Budget.Queries; total > 0 {
		left := total - s.report.Ledger.Queries
		if left <= 0 {
			return false
		}
		share, extra = left/len(s.active), left%len(s.active)
	}
	for i, r := range s.active {
		r.allowance = r.left(s.settings.Budget)
		if share >= 0 {
			most := share
			if i < extra {
				most++
			}
			r.allowance = min(r.allowance, most)
		}
	}
	return true
}

// bookRound books a round, in the order of the seeds.
func (s *search) bookRound() error {
	s.booked++
	for _, r := range s.active {
		s.book(r)
	}
	if err := s.checkAlive(); err != nil {
		return err
	}
	return s.retire()
}

// book adds what a run spent in a round to the ledger.
func (s *search) book(r *run) {
	r.book()
	if s.settings.Shard.has(r.outcome.Index) {
		s.report.Ledger.add(r.round)
	}
	r.round = Ledger{}
	if r.labels != nil {
		s.order.count(*r.labels)
		r.labels = nil
	}
}

// checkAlive finds a model that answers everything alike, or its classes in another order, as soon as that is plain.
func (s *search) checkAlive() error {
	if err := s.order.check(s.sides.original.classCount(), s.report.ClassNames); err != nil {
		s.forgetDeviations()
		return err
	}
	if s.report.Ledger.Screened < enoughToJudge {
		return nil
	}
	return s.sides.constant(enoughToJudge, false)
}

// forgetDeviations takes back what runs have found, where that is no finding.
func (s *search) forgetDeviations() {
	for _, r := range slices.AppendSeq(slices.Clone(s.active), maps.Values(s.surveyed)) {
		if r.outcome.Status != Skipped {
			r.forget()
			r.ended, r.closing = true, false
		}
	}
}

// retire takes finished runs out of the window and announces their triggers.
func (s *search) retire() error {
	var failure error
	kept := s.active[:0]
	for _, r := range s.active {
		if failure == nil {
			failure = r.err
		}
		if !r.finished(s.settings.Budget) {
			kept = append(kept, r)
			continue
		}
		if err := s.announce(r); err != nil && failure == nil {
			failure = err
		}
	}
	clear(s.active[len(kept):])
	s.active = kept
	return failure
}

// announce counts a run that ended, and hands its trigger on.
func (s *search) announce(r *run) error {
	s.done++
	if r.outcome.Status == Skipped {
		s.report.Ledger.Skipped++
		if r.noRoom {
			s.narrow++
		}
	}
	if r.outcome.Apart != nil {
		if s.apart++; s.apart > s.settings.KeepInputs {
			r.outcome.Apart.abridge()
		}
	}
	t := r.outcome.Trigger
	if t == nil {
		return nil
	}
	s.triggers++
	found := t
	t, err := s.refined(t)
	if t != found {
		t.Steps = nil
	}
	if traced := s.trace(t); err == nil {
		if err = traced; err == nil {
			err = s.checkCause(t)
		}
	}
	r.outcome.Trigger = t
	if err == nil && s.settings.OnTrigger != nil {
		shown := *t // what stands in the report stays as it is
		err = s.settings.OnTrigger(&shown)
	}
	if s.triggers > s.settings.KeepInputs {
		t.abridge()
	}
	return err
}

// refined is the trigger that is to stand in the report.
func (s *search) refined(t *Trigger) (*Trigger, error) {
	if s.settings.Refine == nil {
		return t, nil
	}
	shown := *t // a failure leaves the trigger as it is
	refined, err := s.settings.Refine(s.outer, &shown)
	switch {
	case err != nil || refined == nil:
		return t, err
	case refined.SeedIndex != t.SeedIndex || refined.SeedID != t.SeedID || refined.Abridged():
		return t, fmt.Errorf("settings: Refine: expected a trigger of %s, %s, with its input, found one of %s, %s",
			seedWords(t.SeedIndex, t.SeedName), t.SeedID, seedWords(refined.SeedIndex, refined.SeedName), refined.SeedID)
	}
	err = refined.Input.Validate()
	if words := t.Seed.Unlike(refined.Input); words != "" {
		err = fmt.Errorf("found seed and trigger of %s", words)
	} else if err == nil && refined.ID != refined.Input.ID() {
		err = fmt.Errorf("its ID is %s, that of its input %s", refined.ID, refined.Input.ID())
	}
	if err != nil {
		return t, fmt.Errorf("settings: Refine: %s: expected a trigger like the seed, with the ID of its input: %w", seedWords(t.SeedIndex, t.SeedName), err)
	}
	return refined, nil
}

// cutShort ends the runs that are still under way. What they have found is announced.
func (s *search) cutShort(ctx context.Context) error {
	var failure error
	w := newWorker(s, nil)
	for _, r := range s.active {
		if r.ended { // admitted from the survey, and its turn did not come
			failure = errors.Join(failure, s.announce(r))
			continue
		}
		if !r.closing {
			r.interrupt()
			continue
		}
		w.endClosing(ctx, r)
		s.book(r)
		failure = errors.Join(failure, r.err, s.announce(r))
	}
	for _, index := range slices.Sorted(maps.Keys(s.surveyed)) {
		r := s.surveyed[index]
		switch {
		case !r.ended:
		case s.report.Status == EnoughTriggers && r.outcome.Status == Triggered:
			r.forget()
		default:
			r.unpack()
			failure = errors.Join(failure, s.announce(r))
		}
	}
	return failure
}

// close completes the report.
func (s *search) close() {
	r := s.report
	for _, w := range [...]string{labelWarning(r), pathlessWarning(r)} {
		if w != "" {
			r.Warnings = append(r.Warnings, w)
		}
	}
	r.IdenticalScores = s.sides.likeness.inputs(r.Ledger.Screened + r.Ledger.Queries - r.Ledger.OriginalOnly/2 - r.Ledger.Repeated)
	r.OnlyLabel, r.OneDecision, r.SeesNothing = s.onlyLabel(), s.sides.decisions.one(), s.blank.all(r.Usable())
	r.Timing.Started = s.start
	r.Timing.WallSeconds = time.Since(s.start).Seconds()
	r.Timing.OriginalSeconds, r.Timing.CompressedSeconds, r.Timing.EncodingSeconds = s.sides.seconds()
	r.Timing.OriginalSeconds += s.beside.OriginalSeconds
	r.Timing.CompressedSeconds += s.beside.CompressedSeconds
	r.Timing.EncodingSeconds += s.beside.EncodingSeconds
	between, forThem := s.sides.between.seconds()
	r.Timing.BetweenSeconds, r.Timing.EncodingSeconds = between, r.Timing.EncodingSeconds+forThem
	r.Timing.ModelSeconds = (r.Timing.OriginalSeconds + r.Timing.CompressedSeconds + r.Timing.BetweenSeconds) / float64(s.settings.Workers)
	if r.Timing.WallSeconds > 0 {
		r.Timing.QueriesPerSecond = float64(r.Ledger.Queries) / r.Timing.WallSeconds
	}
	s.progress(true)
}

// randomStream is the source of randomness of one seed. It depends on the seed's content, so that a
// seed has the same stream whatever other seeds stand beside it.
func randomStream(randomSeed uint64, sum [sha256.Size]byte) *rand.Rand {
	return rand.New(rand.NewPCG(randomSeed, binary.LittleEndian.Uint64(sum[:])))
}
