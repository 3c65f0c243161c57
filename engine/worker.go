package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// run is the search of one seed.
type run struct {
	outcome  *Outcome
	seed     Seed
	region   Region // nil when there is no bound
	searcher Searcher
	rng      *rand.Rand

	allowance int // queries allowed in this round
	seconds   float64
	ended     bool // Outcome.Status says how
	err       error

	// What this round came to; see book.
	screened, queries, confirmations, unstable, ties int
	asked                                            []Input
}

// book adds the round to the outcome.
func (r *run) book() {
	r.outcome.Queries += r.queries
	r.outcome.Unstable += r.unstable
	r.outcome.Ties += r.ties
	r.outcome.Seconds = r.seconds
	r.screened, r.queries, r.confirmations, r.unstable, r.ties = 0, 0, 0, 0, 0
}

func (r *run) end(status SeedStatus) { r.outcome.Status, r.ended = status, true }

// blame says which seed an error is about.
func (r *run) blame(err error) error {
	if r.outcome.Name == "" {
		return fmt.Errorf("seed %d: %w", r.outcome.Index, err)
	}
	return fmt.Errorf("seed %d (%s): %w", r.outcome.Index, r.outcome.Name, err)
}

func (r *run) skip(err error) {
	r.outcome.Reason = err.Error()
	r.end(Skipped)
}

// finished reports whether the run came to its end, after the bookings of the round.
func (r *run) finished(b Budget) bool {
	if !r.ended && (b.QueriesPerSeed > 0 && r.outcome.Queries >= b.QueriesPerSeed ||
		b.TimePerSeed > 0 && r.seconds >= b.TimePerSeed.Seconds()) {
		r.end(SeedExhausted)
	}
	return r.ended
}

// worker takes chunks of runs one round further. It owns the memory of one batch.
type worker struct {
	search      *search
	batch       []Input
	original    [][]float32
	compressed  [][]float32
	shown       [][]float32 // labels instead of scores, for label-only oracles
	evaluations []Evaluation
}

// work screens the runs that are new, then asks, evaluates and tells all of them.
func (w *worker) work(ctx context.Context, chunk []*run) {
	start := time.Now()
	if w.screen(ctx, chunk) {
		w.ask(chunk)
		if w.evaluate(ctx, chunk) {
			w.tell(ctx, chunk)
		}
	}
	share := time.Since(start).Seconds() / float64(len(chunk))
	for _, r := range chunk {
		r.seconds += share
	}
}

// fail puts an error on the first run that took part. An interruption is none: the search ends by
// itself.
func (w *worker) fail(ctx context.Context, chunk []*run, err error) {
	if ctx.Err() != nil {
		return
	}
	for _, r := range chunk {
		if len(r.asked) > 0 && r.err == nil {
			r.err = r.blame(err)
			return
		}
	}
}

// screen reads new seeds and evaluates them as they are. It reports whether the models answered.
func (w *worker) screen(ctx context.Context, chunk []*run) bool {
	w.batch = w.batch[:0]
	for _, r := range chunk {
		r.asked = nil
		if r.searcher == nil && !r.ended && w.read(r) {
			r.asked = []Input{r.seed.Input}
			w.batch = append(w.batch, r.seed.Input)
		}
	}
	if !w.evaluate(ctx, chunk) {
		return false
	}
	for i, r := range w.asking(chunk) {
		r.screened = 1
		seed := w.evaluation(i)
		if w.judge(ctx, r, seed, theSeed) || r.err != nil {
			continue
		}
		seed.Original, seed.Compressed = slices.Clone(seed.Original), slices.Clone(seed.Compressed)
		searcher, err := w.search.settings.Strategy.NewSearcher(Task{
			Seed: seed, Region: r.region, Oracle: w.search.settings.Oracle, Aim: w.search.settings.Aim, Rand: r.rng,
		})
		if err != nil {
			w.refuse(r, err)
			continue
		}
		r.searcher = searcher
	}
	return true
}

// asking yields the runs that take part in the batch, with the position of their first candidate.
func (w *worker) asking(chunk []*run) func(yield func(int, *run) bool) {
	return func(yield func(int, *run) bool) {
		at := 0
		for _, r := range chunk {
			n := len(r.asked)
			if n > 0 && !yield(at, r) {
				return
			}
			at += n
		}
	}
}

// read loads a run's seed, and reports whether it can be used.
func (w *worker) read(r *run) bool {
	seed, err := w.search.seeds.Seed(r.outcome.Index)
	if err == nil {
		r.outcome.Name, r.outcome.Label = seed.Name, seed.Label
		err = usable(seed.Input, w.search.original, w.search.compressed)
	}
	if bound := w.search.settings.Bound; err == nil && bound != nil {
		r.region, err = bound.Around(seed.Input)
	}
	if err != nil {
		w.refuse(r, err)
		return false
	}
	r.seed = seed
	sum := seed.Input.sum()
	r.outcome.SeedID = idOf(sum)
	r.rng = randomStream(w.search.settings.RandomSeed, sum)
	return true
}

// refuse skips an unusable seed, or fails on it when the search is strict.
func (w *worker) refuse(r *run, err error) {
	err = r.blame(err)
	r.skip(err)
	if w.search.settings.Strict {
		r.err = fmt.Errorf("%w (strict): %w", ErrUnusableSeed, err)
	}
}

// ask collects the candidates of the chunk into one batch.
func (w *worker) ask(chunk []*run) {
	w.batch = w.batch[:0]
	for _, r := range chunk {
		r.asked = nil
		if r.searcher == nil || r.ended || r.err != nil || r.allowance < 1 {
			continue
		}
		asked := r.searcher.Ask(r.allowance)
		if len(asked) == 0 {
			r.end(GaveUp)
			continue
		}
		if len(asked) > r.allowance {
			asked = asked[:r.allowance]
		}
		if r.region != nil {
			for _, candidate := range asked {
				r.region.Project(candidate)
			}
		}
		r.asked = asked
		w.batch = append(w.batch, asked...)
	}
}

// evaluate runs both models on the batch and reports whether they answered. When they did not, the
// chunk knows why.
func (w *worker) evaluate(ctx context.Context, chunk []*run) bool {
	if err := w.predict(ctx); err != nil {
		w.fail(ctx, chunk, err)
		return false
	}
	return true
}

// predict runs both models on the batch, in pieces of the batch size.
func (w *worker) predict(ctx context.Context) error {
	w.original, w.compressed = resized(w.original, len(w.batch)), resized(w.compressed, len(w.batch))
	step := w.search.settings.BatchSize
	for at := 0; at < len(w.batch); at += step {
		end := min(at+step, len(w.batch))
		if err := w.search.original.predict(ctx, w.batch[at:end], w.original[at:end]); err != nil {
			return err
		}
		if err := w.search.compressed.predict(ctx, w.batch[at:end], w.compressed[at:end]); err != nil {
			return err
		}
	}
	for i := range w.batch {
		if err := sameClasses(w.search.original, w.search.compressed, w.original[i], w.compressed[i]); err != nil {
			return err
		}
	}
	return nil
}

func resized(rows [][]float32, n int) [][]float32 {
	for len(rows) < n {
		rows = append(rows, nil)
	}
	return rows
}

// evaluation is candidate i of the batch as a strategy is shown it.
func (w *worker) evaluation(i int) Evaluation {
	e := Evaluation{
		Input: w.batch[i], Original: w.original[i], Compressed: w.compressed[i],
		Verdict: w.search.settings.Oracle.Judge(w.original[i], w.compressed[i]),
	}
	if w.search.labelOnly {
		w.shown = resized(w.shown, 2*len(w.batch))
		w.shown[2*i] = labelRow(w.shown[2*i], e.Original)
		w.shown[2*i+1] = labelRow(w.shown[2*i+1], e.Compressed)
		e.Original, e.Compressed = w.shown[2*i], w.shown[2*i+1]
	}
	return e
}

// labelRow is 1 for the label that the scores give and 0 elsewhere, written into row.
func labelRow(row, scores []float32) []float32 {
	row = append(row[:0], scores...)
	clear(row)
	row[Label(scores)] = 1
	return row
}

// tell judges the candidates of each run and hands it its own.
func (w *worker) tell(ctx context.Context, chunk []*run) {
	for at, r := range w.asking(chunk) {
		w.evaluations = w.evaluations[:0]
		hit := false
		r.queries = len(r.asked) // all were evaluated, also those behind a hit
		for i := range r.asked {
			e := w.evaluation(at + i)
			if hit = w.judge(ctx, r, e, i); hit || r.err != nil {
				break
			}
			w.evaluations = append(w.evaluations, e)
		}
		if !hit && r.err == nil {
			r.searcher.Tell(w.evaluations)
		}
	}
}

// theSeed is the position of the seed itself, before the first candidate.
const theSeed = -1

// judge books the verdict on candidate i of an ask. It reports whether the input is a trigger, which
// it is only after both models confirmed it.
func (w *worker) judge(ctx context.Context, r *run, e Evaluation, i int) bool {
	if !e.Verdict.Deviates {
		if e.Verdict.Tied {
			r.ties++
		}
		return false
	}
	trigger, err := w.confirm(ctx, r, e.Input)
	if err != nil && ctx.Err() != nil { // interrupted half way: once more, within the grace
		trigger, err = w.confirm(ctx, r, e.Input)
	}
	if err != nil {
		r.err = r.blame(fmt.Errorf("confirming a hit: %w", err))
		return false
	}
	r.confirmations++
	if trigger == nil {
		r.unstable++
		return false
	}
	trigger.Queries = r.outcome.Queries + i + 1
	if h, ok := r.searcher.(Historian); ok {
		trigger.History = h.History(i)
	}
	r.outcome.Trigger = trigger
	r.end(Triggered)
	return true
}

// confirmationGrace is how long a confirmation may take after the search was interrupted, so that a
// hit is not lost to a limit.
const confirmationGrace = 5 * time.Second

// confirm runs both models again, alone, on a copy of the input. It returns nil when they agree.
func (w *worker) confirm(ctx context.Context, r *run, in Input) (*Trigger, error) {
	if ctx.Err() != nil {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), confirmationGrace)
		defer cancel()
		ctx = grace
	}
	e, err := evaluateAlone(ctx, w.search.original, w.search.compressed, in.Clone(), w.search.settings.Oracle)
	if err != nil || !e.Verdict.Deviates {
		return nil, err
	}
	t := &Trigger{
		SeedIndex: r.outcome.Index, SeedName: r.seed.Name, SeedLabel: r.seed.Label, SeedID: r.outcome.SeedID,
		ID: e.Input.ID(), Seed: r.seed.Input, Input: e.Input,
		Original: e.Original, Compressed: e.Compressed,
		OriginalLabel: Label(e.Original), CompressedLabel: Label(e.Compressed), Tied: e.Verdict.Tied,
		Distance: DistanceBetween(r.seed.Input, e.Input),
	}
	t.OriginalConfidence = t.Original[t.OriginalLabel]
	t.CompressedConfidence = t.Compressed[t.CompressedLabel]
	return t, nil
}
