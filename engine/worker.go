package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// worker takes chunks of runs one round further. It owns the memory of one batch.
type worker struct {
	search *search
	pool   *pool // nil for a worker that works alone

	live   []*run // of a chunk, those not at their end
	batch  []input.Input
	hashes []uint64
	// Answers to the batch: to fresh, to an earlier input of the batch, or of a run's memory.
	original, compressed []answer.Answer
	shown                []answer.Answer // labels instead of scores, for label-only oracles
	evaluations          []Evaluation

	// What of the batch has to be asked.
	fresh   []input.Input
	slopes  [2]slopes // of both models
	answers *Answers  // to fresh
	probing *Answers  // to candidates for the original alone
	probes  []input.Input
	places  []int          // of each candidate: a place in fresh, or below 0 a place in memory
	steps   []StepVerdicts // of each candidate that deviates, where the causes decide; else none
}

func newWorker(s *search, p *pool) *worker {
	w := &worker{search: s, pool: p, answers: s.sides.NewAnswers(), probing: s.sides.NewAnswers()}
	w.answers.company, w.probing.company = s.company, s.company
	return w
}

// work takes the runs some steps further.
func (w *worker) work(ctx context.Context, chunk []*run) {
	budget := w.search.settings.Budget
	w.step(ctx, chunk)
	for range w.search.steps - 1 {
		w.live = w.live[:0]
		for _, r := range chunk {
			if r.book(); r.err == nil && !r.finished(budget) {
				r.allowance = r.left(budget)
				w.live = append(w.live, r)
			}
		}
		if len(w.live) == 0 || ctx.Err() != nil {
			return
		}
		w.step(ctx, w.live)
	}
}

// step screens the runs that are new, then asks, evaluates and tells all of them.
func (w *worker) step(ctx context.Context, chunk []*run) {
	start := time.Now()
	if w.screen(ctx, chunk) && w.differentiate(ctx, chunk) {
		for rest := chunk; len(rest) > 0; {
			asking := rest[:w.ask(rest)]
			if w.evaluate(ctx, asking) && w.trace(ctx, asking) && w.probe(ctx, asking) {
				w.tell(ctx, asking)
				w.tellOriginal(asking)
			}
			rest = rest[len(asking):]
		}
		for _, r := range chunk {
			if r.closing && r.err == nil && w.spentAll(r) {
				w.endClosing(ctx, r)
			}
		}
	}
	w.share(start, chunk)
}

// survey screens the runs and leaves it at that.
func (w *worker) survey(ctx context.Context, chunk []*run) {
	start := time.Now()
	w.screen(ctx, chunk)
	w.share(start, chunk)
}

func (w *worker) share(start time.Time, chunk []*run) {
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
		if len(r.asked)+len(r.probed) > 0 && r.err == nil {
			r.err = r.blame(err)
			return
		}
	}
}

// screen reads new seeds and evaluates them as they are. It reports whether the models answered.
func (w *worker) screen(ctx context.Context, chunk []*run) bool {
	for _, r := range chunk {
		r.asked = nil
		if !r.known && !r.ended && w.read(r) {
			r.asked = []input.Input{r.seed.Input}
		}
	}
	if !w.evaluate(ctx, chunk) || !w.trace(ctx, chunk) {
		return false
	}
	for i, r := range w.asking(chunk) {
		r.spent.Screened, r.spent.Repeated = 1, 0
		e := w.evaluation(i)
		classes := w.search.sides.ofClasses(w.original[i])
		if o, c := w.original[i].Label(), w.compressed[i].Label(); classes && o != answer.NoLabel && c != answer.NoLabel {
			r.labels = &[2]int{o, c}
		}
		if classes {
			if err := CheckClasses(r.seed.Label, w.search.report.ClassNames, len(w.original[i].Scores)); err != nil {
				r.err = r.blame(err)
				continue
			}
		}
		if e.Verdict.Kind == answer.OtherAnswer {
			w.search.blank.see(w.search.settings.Oracle, w.original[i])
		}
		if e.Verdict.Kind == answer.Unusable {
			w.refuse(r, fmt.Errorf("the original gives %s", answer.NotFiniteInWords(w.original[i])))
			continue
		}
		if classes && w.readsWrongly(r, w.original[i].Scores) && w.search.settings.SkipMisread {
			names := w.search.report.ClassNames
			r.skip(r.blame(fmt.Errorf("the original misreads it: it says %s, the true one is %s",
				answer.ClassName(names, *r.outcome.MisreadAs), answer.ClassName(names, r.outcome.Label))))
			continue
		}
		if w.judge(ctx, r, &e, theSeed, i); r.ended || r.err != nil {
			continue
		}
		if steps := w.stepsOf(i); e.Verdict.Deviates && !w.search.wants(steps) {
			if e.Verdict.Kind == answer.NotFinite {
				w.refuse(r, fmt.Errorf("the compressed model gives %s, caused by %s", answer.NotFiniteInWords(w.compressed[i]), steps))
				continue
			}
			e.Verdict.Deviates = false
		}
		if e.Verdict.Kind == answer.NotFinite && !w.screenAlone(ctx, r, &e) { // that did not repeat
			continue
		}
		r.memory.keep(w.hashes[i], w.original[i], w.compressed[i])
		r.unchanged = w.hashes[i]
		e.Original, e.Compressed = e.Original.Clone(), e.Compressed.Clone()
		r.screening, r.known = e, true
	}
	return true
}

// screenAlone replaces answers to a seed of which no search can start by those that the models give to it alone, and
// reports whether it can then.
func (w *worker) screenAlone(ctx context.Context, r *run, e *Evaluation) bool {
	alone, err := w.search.sides.alone(ctx, r.seed.Input)
	switch {
	case err != nil:
		if ctx.Err() == nil {
			r.err = r.blame(err)
		}
		return false
	case alone.Verdict.Kind != answer.OtherAnswer:
		w.refuse(r, fmt.Errorf("the models do not repeat themselves: now and then one gives NaN or infinity"))
		return false
	}
	*e = alone
	w.show(e, 0)
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
		err = w.search.sides.Usable(seed.Input)
	}
	if bound := w.search.settings.Bound; err == nil && bound != nil {
		if r.region, err = bound.Around(seed.Input); err == nil && r.region == nil {
			err = fmt.Errorf("bound %s: expected a region around the seed, found none", bound)
		}
	}
	if err != nil {
		w.refuse(r, err)
		return false
	}
	r.seed = seed
	sum := seed.Input.Sum()
	r.outcome.SeedID = input.IDOf(sum)
	r.rng = randomStream(w.search.settings.RandomSeed, sum)
	return true
}

// refuse skips an unusable seed, or fails on it when the search is strict.
func (w *worker) refuse(r *run, err error) {
	r.noRoom = errors.Is(err, distance.ErrNoRoom)
	err = r.blame(err)
	r.skip(err)
	if w.search.settings.Strict {
		r.err = fmt.Errorf("%w (strict): %w", ErrUnusableSeed, err)
	}
}

// start makes the run's searcher, and reports whether it has one.
func (w *worker) start(r *run) bool {
	if r.searcher != nil {
		return true
	}
	settings := w.search.settings
	if r.region != nil {
		if err := distance.CheckRoom(settings.Bound, r.region, r.seed.Input); err != nil {
			w.refuse(r, err)
			return false
		}
	}
	searcher, err := settings.Strategy.NewSearcher(Task{
		Seed: r.screening, Region: r.region, Oracle: settings.Oracle, Aim: settings.Aim, Rand: r.rng, Ruler: r.rulerOf(),
		Gradients: w.search.gradientsAt(r.seed.Input),
	})
	if err == nil && searcher == nil {
		err = fmt.Errorf("strategy %s: expected a searcher or an error, found neither", settings.Strategy)
	}
	if err != nil {
		w.refuse(r, err)
		return false
	}
	r.searcher = searcher
	if o, ok := searcher.(Omitter); ok {
		r.outcome.LeftOut = o.LeftOut()
	}
	if p, ok := searcher.(PathSearcher); ok {
		r.outcome.Pathless = p.Pathless()
	}
	return true
}

// bytesAtOnce is how much candidates may take before those of other runs have to wait until these are answered: strategies lend the memory
// of candidates to each other, so what large ones take depends on this and not on the window. Candidates of 32 x 32 pixels, and smaller ones,
// never wait, however many a strategy asks for at once.
const (
	bytesAtOnce = 24 << 20
	// Of inputs as large as that, fewer at once are as fast, and strategies need other memory for each of them.
	largeInput  = 256 << 10
	largeAtOnce = 8 << 20
)

// ask collects the candidates of runs of the chunk, from the first on, and returns of how many: of all, unless they are large.
func (w *worker) ask(chunk []*run) int {
	bytes, most := 0, bytesAtOnce
	count := func(r *run, candidates int) {
		one := bytesOf(r.seed.Input)
		if bytes += candidates * one; one >= largeInput {
			most = largeAtOnce
		}
	}
	for i, r := range chunk {
		if bytes > most {
			return i
		}
		r.asked, r.probed = nil, nil
		if !r.known || r.ended || r.err != nil || !w.start(r) || r.allowance < 1 {
			continue
		}
		if w.askOriginal(r) {
			count(r, len(r.probed))
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
		if r.err = w.askable(r, asked); r.err != nil {
			continue
		}
		if r.region != nil {
			for _, candidate := range asked {
				r.region.Project(candidate)
			}
		}
		r.asked = asked
		count(r, len(asked))
	}
	return len(chunk)
}

// askable tells why a strategy's candidates cannot be given to a bound and to models: one is no input like the seed.
func (w *worker) askable(r *run, asked []input.Input) error {
	for i, candidate := range asked {
		if seed := r.seed.Input; !candidate.Like(seed) {
			return r.blame(fmt.Errorf("strategy %s: candidate %d of %d: expected an input like the seed, found seed and candidate of %s",
				w.search.settings.Strategy, i+1, len(asked), seed.Unlike(candidate)))
		}
	}
	return nil
}

// showable tells why a candidate that deviates cannot be a trigger, which is a mistake of a strategy or a bound. It is looked at here, since
// it takes time to look at all candidates.
func (w *worker) showable(r *run, candidate input.Input) error {
	strategy := w.search.settings.Strategy
	if r.known && vec.Hash(r.seed.Input.Data) != r.unchanged {
		return fmt.Errorf("strategy %s: expected the seed left as it is, found it changed", strategy)
	}
	if err := candidate.Validate(); err != nil {
		return fmt.Errorf("strategy %s asked for what is no input: %w", strategy, err)
	}
	if r.region != nil && !r.region.Contains(candidate) {
		return fmt.Errorf("bound %s: expected a candidate that Project moved to lie within the region, found one that Contains says does not", w.search.settings.Bound)
	}
	return nil
}

// evaluate runs both models on what the chunk asks and reports whether they answered. When they did
// not, the chunk knows why.
func (w *worker) evaluate(ctx context.Context, chunk []*run) bool {
	w.collect(chunk)
	if err := w.answers.askWith(ctx, w.fresh, w.search.atOnce(w.fresh), w.pool); err != nil {
		w.fail(ctx, chunk, err)
		return false
	}
	w.hand(chunk)
	return true
}

// collect makes one batch of what the chunk asks, and finds what of it is known already.
func (w *worker) collect(chunk []*run) {
	w.batch, w.hashes, w.fresh, w.places = w.batch[:0], w.hashes[:0], w.fresh[:0], w.places[:0]
	for _, r := range chunk {
		first := len(w.batch)
		for _, candidate := range r.asked {
			hash := vec.Hash(candidate.Data)
			r.moved = r.moved || r.known && hash != r.unchanged
			place := w.place(r, hash, first)
			if place == len(w.fresh) {
				w.fresh = append(w.fresh, candidate)
			} else {
				r.spent.Repeated++
			}
			w.batch, w.hashes, w.places = append(w.batch, candidate), append(w.hashes, hash), append(w.places, place)
		}
	}
}

// place says where the answers to a candidate of the run are: -1-i for place i in its memory,
// otherwise a place in fresh, the next one when it has to be asked.
func (w *worker) place(r *run, hash uint64, first int) int {
	if i := r.memory.find(hash); i >= 0 {
		return -1 - i
	}
	first = max(first, len(w.hashes)-remembered)
	if i := slices.Index(w.hashes[first:], hash); i >= 0 {
		return w.places[first+i]
	}
	return len(w.fresh)
}

// hand gives every candidate of the batch its answers.
func (w *worker) hand(chunk []*run) {
	w.original, w.compressed = w.original[:0], w.compressed[:0]
	for at, r := range w.asking(chunk) {
		for i := range r.asked {
			place := w.places[at+i]
			if place < 0 {
				w.original = append(w.original, r.memory.original[-1-place])
				w.compressed = append(w.compressed, r.memory.compressed[-1-place])
				continue
			}
			w.original = append(w.original, w.answers.original[place])
			w.compressed = append(w.compressed, w.answers.compressed[place])
		}
	}
}

// evaluation is candidate i of the batch as a strategy is shown it.
func (w *worker) evaluation(i int) Evaluation {
	var e Evaluation
	w.evaluateInto(&e, i)
	return e
}

// evaluateInto is evaluation in memory that is there: an evaluation is large, and there is one for each query.
func (w *worker) evaluateInto(e *Evaluation, i int) {
	e.Input, e.Original, e.Compressed, e.Deviation, e.Far = w.batch[i], w.original[i], w.compressed[i], nil, 0
	e.Verdict = w.search.sides.verdict(e.Original, e.Compressed)
	w.show(e, i)
}

// show replaces scores by labels for label-only oracles, in the memory of candidate i.
func (w *worker) show(e *Evaluation, i int) {
	if !w.search.labelOnly || e.Verdict.Kind != answer.OtherAnswer {
		return
	}
	for len(w.shown) < 2*len(w.batch) {
		w.shown = append(w.shown, answer.Answer{})
	}
	w.shown[2*i] = labelRow(w.shown[2*i], e.Original)
	w.shown[2*i+1] = labelRow(w.shown[2*i+1], e.Compressed)
	e.Original, e.Compressed = w.shown[2*i], w.shown[2*i+1]
}

// labelRow is 1 for the label that the scores give and 0 elsewhere, written into row.
func labelRow(row, said answer.Answer) answer.Answer {
	row = said.CloneInto(row)
	label := said.Label()
	if label == answer.NoLabel { // of an oracle of one's own, for answers that are no labels
		return row
	}
	clear(row.Scores)
	row.Scores[label] = 1
	return row
}

// tell judges the candidates of each run and hands it its own.
func (w *worker) tell(ctx context.Context, chunk []*run) {
	graded := w.search.graded
	for at, r := range w.asking(chunk) {
		r.spent.Queries = len(r.asked) // all were evaluated, also those behind a hit
		for len(w.evaluations) < len(r.asked) {
			w.evaluations = append(w.evaluations, Evaluation{})
		}
		for i := range r.asked {
			e := &w.evaluations[i]
			w.evaluateInto(e, at+i)
			if graded != nil && r.outcome.Trigger == nil && e.Verdict.Kind == answer.OtherAnswer {
				r.approached(graded.Shortfall(e.Original, e.Compressed))
			}
			e.Verdict.Deviates = w.judge(ctx, r, e, i, at+i)
			if r.ended || r.err != nil {
				break
			}
			if e.Verdict.Kind != answer.OtherAnswer { // strategies are not shown NaN
				e.Original, e.Compressed = r.screening.Original, r.screening.Compressed
				if !e.Verdict.Deviates {
					e.Verdict = answer.Verdict{Kind: answer.Unusable}
				}
			}
		}
		if r.ended || r.err != nil {
			continue
		}
		r.searcher.Tell(w.evaluations[:len(r.asked)])
		for i := range r.asked {
			if place := w.places[at+i]; place >= 0 {
				r.memory.keep(w.hashes[at+i], w.original[at+i], w.compressed[at+i])
			}
		}
	}
}

// theSeed is the position of the seed itself, before the first candidate.
const theSeed = -1

// judge books the verdict on candidate i of an ask. It reports whether the input is a hit: a trigger
// that both models confirmed, or, while closing in, one that deviates and may be confirmed later. Its place in the batch is at.
func (w *worker) judge(ctx context.Context, r *run, e *Evaluation, i, at int) bool {
	if !e.Verdict.Deviates {
		if e.Verdict.Tied {
			r.spent.Ties++
		}
		if e.Verdict.Kind == answer.Unusable {
			r.spent.Unusable++
			if err := e.Input.Validate(); err != nil && i != theSeed { // no wonder
				r.err = r.blame(fmt.Errorf("strategy %s asked for what is no input: %w", w.search.settings.Strategy, err))
			}
		}
		return false
	}
	if !w.search.wants(w.stepsOf(at)) && w.apart(ctx, r, e, i) {
		return false
	}
	if r.closing {
		switch standing := r.outcome.Trigger.Kind; {
		case standing == e.Verdict.Kind:
			return w.nearer(ctx, r, e, i)
		case standing == answer.NotFinite: // which is worse than what lies on the way to it
			return false
		case !w.confirm(ctx, r, e.Input.Clone(), e.Verdict.Kind, 0, r.outcome.Queries+i+1, w.history(r, i)):
			return false
		}
		w.confirmed(r, e, i)
		return true
	}
	if !w.confirm(ctx, r, e.Input.Clone(), e.Verdict.Kind, 0, r.outcome.Queries+i+1, w.history(r, i)) {
		return false
	}
	r.outcome.FirstHit = &Hit{Queries: r.outcome.Trigger.Queries, Distance: r.outcome.Trigger.Distance}
	r.outcome.Nearest = nil
	w.confirmed(r, e, i)
	return true
}

// confirmed goes on from a confirmed hit, candidate i of an ask: closing in or, where there is none, at its end.
func (w *worker) confirmed(r *run, e *Evaluation, i int) {
	t := r.outcome.Trigger
	if t.Kind != e.Verdict.Kind { // another one than in company
		e.Verdict.Kind = t.Kind
		*e = Evaluation{Input: e.Input, Original: t.Original, Compressed: t.Compressed, Verdict: e.Verdict}
		w.show(e, i)
	}
	closer, ok := r.searcher.(Closer)
	ok = ok && w.search.settings.Budget.ClosingQueriesPerSeed > 0
	r.nearest.waiting = false
	switch {
	case t.Kind == answer.NotFinite && ok:
		r.searcher = newWayBack(r.searcher, t)
	case !ok || !closer.CloseIn():
		r.end(Triggered)
		return
	}
	if !r.closing {
		r.closing, r.from = true, r.outcome.Queries+i+1
	}
	if s := t.Distance.SSIM; s != nil && w.search.settings.Aim == distance.MostAlike { // measured already
		r.standing = 1 - *s
	} else {
		r.standing = r.rulerOf().Far(w.search.settings.Aim, t.Input)
	}
	e.Far = r.standing
}

func (w *worker) history(r *run, i int) []string {
	if h, ok := r.searcher.(Historian); ok {
		return h.History(i)
	}
	return nil
}

// sureEvery is by which factor a hit has to be nearer than the confirmed one to be confirmed at once
// and not at the end: few confirmations, and little to lose should one not repeat.
const sureEvery = 0.5

// nearer books a hit while closing in.
func (w *worker) nearer(ctx context.Context, r *run, e *Evaluation, i int) bool {
	far := r.rulerOf().Far(w.search.settings.Aim, e.Input)
	e.Far = far // searchers ask for it too
	if distance.CompareFar(far, r.standing) >= 0 || r.nearest.waiting && distance.CompareFar(far, r.nearest.distance) >= 0 {
		return true
	}
	c := &r.nearest
	if c.input.Data == nil {
		c.input = e.Input.Clone()
	} else {
		copy(c.input.Data, e.Input.Data)
	}
	c.distance, c.queries, c.history, c.waiting = far, r.outcome.Queries+i+1, w.history(r, i), true
	if far < sureEvery*r.standing {
		return w.confirmNearest(ctx, r)
	}
	return true
}

// confirmNearest confirms the nearest hit, which then takes the trigger's place.
func (w *worker) confirmNearest(ctx context.Context, r *run) bool {
	c := &r.nearest
	c.waiting = false
	if !w.confirm(ctx, r, c.input, r.outcome.Trigger.Kind, c.distance, c.queries, c.history) {
		if ctx.Err() != nil {
			r.err = nil // interrupted: the trigger that stands is what was found
		}
		return false
	}
	r.standing, c.input.Data = c.distance, nil // the trigger has an input of its own
	return true
}

// spentAll reports whether closing in has come to its end with this round.
func (w *worker) spentAll(r *run) bool {
	return r.ended || r.exhausted(w.search.settings.Budget)
}

// endClosing ends closing in.
func (w *worker) endClosing(ctx context.Context, r *run) {
	if r.nearest.waiting {
		w.confirmNearest(ctx, r)
	}
	r.end(Triggered)
}

// confirm runs both models again, alone. When they deviate again, the input, which has memory of its own, is the run's trigger; while closing in only when
// it is in the same kind, as what stands may be nearer. Far is its distance by the aim, or 0 where that was not measured yet.
func (w *worker) confirm(ctx context.Context, r *run, in input.Input, kind answer.Kind, far float64, queries int, history []string) bool {
	if r.err = w.showableIn(r, in); r.err != nil {
		return false
	}
	e, ok, err := w.search.sides.confirmOwn(ctx, in, &r.spent, func(e Evaluation) bool {
		return !r.closing || e.Verdict.Kind == kind
	})
	if err != nil {
		r.err = r.blame(fmt.Errorf("confirming a hit: %w", err))
		return false
	}
	if !ok {
		return false
	}
	if len(w.search.settings.CausedBy) > 0 {
		r.spent.Between += len(w.search.sides.between.models)
		if e.Steps, err = w.search.sides.Trace(ctx, e); err != nil {
			r.err = r.blame(fmt.Errorf("tracing a hit: %w", err))
			return false
		}
		if !w.search.wants(e.Steps) {
			r.spent.OtherCauses++
			return false
		}
	}
	e.Far = far
	r.outcome.Trigger = w.triggerOf(r, e, queries, history)
	return true
}

// stepsOf is what each step does on candidate i of the batch, where the causes decide and it deviates.
func (w *worker) stepsOf(i int) StepVerdicts {
	if i >= len(w.steps) {
		return nil
	}
	return w.steps[i]
}

// showableIn is showable that says which seed an error is about.
func (w *worker) showableIn(r *run, in input.Input) error {
	if err := w.showable(r, in); err != nil {
		return r.blame(err)
	}
	return nil
}

// triggerOf is the trigger of a confirmed evaluation.
func (w *worker) triggerOf(r *run, e Evaluation, queries int, history []string) *Trigger {
	t := newTrigger(r.seed, r.outcome.Index, e)
	t.SeedID, t.Distance = r.outcome.SeedID, r.rulerOf().MeasureKnown(e.Input, w.search.settings.Aim, e.Far)
	t.Queries, t.History = queries, history
	if answer.Drawable(w.search.settings.Oracle) {
		t.Oracle = w.search.settings.Oracle.String()
		if r.known {
			t.SeedOriginal, t.SeedCompressed = r.screening.Original, r.screening.Compressed
		}
	}
	return t
}
