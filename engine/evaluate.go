package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
	"github.com/triggerfinder/triggerfinder/model"
)

// EvaluatorSettings are the options of an [Evaluator]; the zero value is valid.
type EvaluatorSettings struct {
	// Oracle decides what a deviation is. nil means [answer.Top1].
	Oracle answer.Oracle
	// BatchSize is the most inputs given to a model at once. 0 means 32. A model that takes fewer, such as one
	// whose answers depend on the rest of the batch, gets fewer; see [model.Description].MaxBatch.
	BatchSize int
	// Workers is the number of batches under way at once. 0 means one a processor.
	Workers int
	// AllowIdentical accepts models that give the same scores for everything; see [Settings].AllowIdentical.
	AllowIdentical bool
}

// Judged is an evaluation whose verdict was confirmed.
type Judged struct {
	// Evaluation holds both models' answers. Where they deviated, or nearly so, or were not finite, it is from the
	// confirmation, alone, and its verdict is that of the confirmation. An input for which the original gives NaN or
	// infinity is [answer.Unusable], which is no deviation.
	Evaluation
	// Unstable says that the models deviated once, and not when they ran again alone, by more than what
	// rounding in other company explains.
	Unstable bool
}

// Drawn is a draw with what both models say about it.
type Drawn struct {
	input.Draw
	Judged Judged
}

// Evaluator runs inputs through both models of a pair in batches, without a search: to measure how often
// they deviate. Every deviation is confirmed by both models again, alone. It is safe for concurrent
// use.
//
// The results are the same whatever the size of batches and number of workers. Many models answer a little
// differently in other company, by rounding, so under a [answer.Graded] oracle inputs that agree, but hardly, are run
// alone as well, and it is that answer that counts.
type Evaluator struct {
	pair      *model.Pair
	sides     *Sides
	settings  EvaluatorSettings
	evaluated atomic.Int64

	preparing sync.Mutex
	prepared  bool

	mu      sync.Mutex
	first   uint64 // hash of the first input
	given   bool   // there was one
	several bool   // there was another one
	order   classOrder
	names   []string     // of the classes, where a distribution carries them
	classes map[int]bool // the true classes of the seeds that were drawn
}

// NewEvaluator returns an evaluator for the pair. A pair of twice the same model is an error, [ErrSameModel].
func NewEvaluator(pair *model.Pair, settings EvaluatorSettings) (*Evaluator, error) {
	switch {
	case pair == nil:
		return nil, errors.New("engine: evaluator: pair is nil")
	case settings.BatchSize < 0 || settings.Workers < 0:
		return nil, fmt.Errorf("engine: evaluator: BatchSize is %d and Workers %d; expected 0 (the default) or more",
			settings.BatchSize, settings.Workers)
	}
	if err := checkDistinct(pair, settings.AllowIdentical); err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	if settings.Oracle == nil {
		settings.Oracle = answer.Top1()
	}
	settings.BatchSize = cmp.Or(settings.BatchSize, DefaultBatchSize)
	settings.Workers = cmp.Or(settings.Workers, runtime.GOMAXPROCS(0))
	return &Evaluator{pair: pair, settings: settings, sides: NewSides(pair, settings.Oracle)}, nil
}

// Oracle is the oracle in use.
func (e *Evaluator) Oracle() answer.Oracle { return e.settings.Oracle }

// Usable tells, without running the models, why they cannot take the input; nil when they can.
func (e *Evaluator) Usable(in input.Input) error { return e.sides.Usable(in) }

// Evaluate runs both models on the inputs. An input that a model cannot take, a failure of a model and
// cancellation are errors; then there is no result.
func (e *Evaluator) Evaluate(ctx context.Context, inputs []input.Input) ([]Judged, error) {
	for i, in := range inputs {
		if err := e.Usable(in); err != nil {
			return nil, e.blame(fmt.Errorf("input %d of %d: %w", i+1, len(inputs), err))
		}
	}
	judged, err := e.evaluate(ctx, inputs)
	if err != nil {
		return nil, e.blame(err)
	}
	return judged, nil
}

// Draws makes n draws from the distribution, beginning with draw first, and runs both models on them. See
// [input.DrawAt] and [Evaluator.Evaluate]. A draw whose seed has another shape than its input is an error.
func (e *Evaluator) Draws(ctx context.Context, d input.Distribution, randomSeed uint64, first, n int) ([]Drawn, error) {
	if first < 0 || n < 0 {
		return nil, e.blame(fmt.Errorf("draws: expected 0 or more, from 0 or more on, found %d from %d on", n, first))
	}
	drawn, inputs := make([]Drawn, n), make([]input.Input, n)
	err := inOrder(ctx, e.settings.Workers, n, func(i int) error {
		draw, err := input.DrawAt(d, randomSeed, first+i)
		if err == nil {
			if err = e.Usable(draw.Input); err == nil && !draw.Seed.Input.Like(draw.Input) {
				err = fmt.Errorf("expected a seed like the input made from it, found %s", draw.Seed.Input.Unlike(draw.Input))
			}
			if err != nil {
				err = fmt.Errorf("draw %d from %s: %w", first+i, d, err)
			}
		}
		drawn[i].Draw, inputs[i] = draw, draw.Input
		return err
	})
	if err != nil {
		return nil, e.blame(err)
	}
	judged, err := e.evaluate(ctx, inputs)
	if err != nil {
		return nil, e.blame(err)
	}
	names := input.ClassNamesOf(d)
	e.mu.Lock()
	e.names = names
	e.mu.Unlock()
	for i := range drawn {
		if o := judged[i].Original; e.sides.ofClasses(o) {
			if err := CheckClasses(drawn[i].Seed.Label, names, len(o.Scores)); err != nil {
				return nil, e.blame(fmt.Errorf("draw %d from %s: seed %d (%s): %w", first+i, d, drawn[i].SeedIndex, drawn[i].Seed.Name, err))
			}
		}
		drawn[i].Judged = judged[i]
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, d := range drawn {
		if e.classes == nil {
			e.classes = map[int]bool{}
		}
		e.classes[d.Seed.Label] = true
	}
	return drawn, nil
}

// Conclude tells whether the evaluations so far can say anything: a model that gave the same scores for all inputs is an error,
// [ErrConstantOutput], and so are one that gave NaN or infinity for all, [model.ErrBadScores], two models that gave the same
// scores for each of many inputs, [ErrIdenticalScores], and models that number their classes differently, [ErrClassOrder]. So is, where nothing deviated, an
// original that gave one label to all of 200 draws or more, [ErrInconclusive]; see [CheckOneLabel]. The same holds for what it decides by a threshold,
// a gallery and others; see [answer.DecisionsOf].
// Models that give labels alone may rightly do so as long as some input deviated, and all models if there was one input alone,
// which deviated.
func (e *Evaluator) Conclude(deviated bool) error { return e.Observed().Conclude(deviated) }

// note tells whether there are several different inputs.
func (e *Evaluator) note(inputs []input.Input) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i := 0; i < len(inputs) && !e.several; i++ {
		hash := vec.Hash(inputs[i].Data)
		if !e.given {
			e.first, e.given = hash, true
		}
		e.several = hash != e.first
	}
}

func (e *Evaluator) blame(err error) error {
	return fmt.Errorf("engine: pair %s: %w", e.pair.Name(), err)
}

// prepare shows the first inputs to models that want to see some.
func (e *Evaluator) prepare(ctx context.Context, inputs []input.Input) error {
	e.preparing.Lock()
	defer e.preparing.Unlock()
	if e.prepared || len(inputs) == 0 {
		return nil
	}
	if err := e.sides.Prepare(ctx, inputs); err != nil {
		return err
	}
	e.prepared = true
	return nil
}

// evaluate runs both models on inputs that they can take.
func (e *Evaluator) evaluate(ctx context.Context, inputs []input.Input) ([]Judged, error) {
	if err := e.prepare(ctx, inputs); err != nil {
		return nil, err
	}
	e.note(inputs)
	n, workers := len(inputs), e.settings.Workers
	answers := e.sides.NewAnswers() // of this call alone: its rows are handed out
	answers.hold(inputs)
	// A job is one batch for one model, so that few batches keep many workers busy.
	size := min(e.settings.BatchSize, max(1, (n+workers-1)/workers))
	batches := (n + size - 1) / size
	err := inOrder(ctx, workers, 2*batches, func(job int) error {
		from := job / 2 * size
		return answers.askSide(ctx, job%2, from, min(from+size, n))
	})
	if err == nil {
		err = answers.compare()
	}
	if err != nil {
		return nil, err
	}
	e.evaluated.Add(int64(n))
	judged := make([]Judged, n)
	var doubtful []int
	for i := range inputs {
		judged[i].Evaluation = answers.Evaluation(i)
		if v := judged[i].Verdict; v.Deviates || v.Kind == answer.Unusable || e.hardlyAgrees(judged[i].Evaluation) {
			doubtful = append(doubtful, i)
		}
	}
	err = inOrder(ctx, workers, len(doubtful), func(j int) (err error) {
		i := doubtful[j]
		judged[i], err = e.confirm(ctx, judged[i])
		return err
	})
	if err == nil {
		e.countLabels(judged)
	}
	return judged, err
}

func (e *Evaluator) countLabels(judged []Judged) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, j := range judged {
		if o, c := j.Original.Label(), j.Compressed.Label(); o != answer.NoLabel && c != answer.NoLabel && e.sides.ofClasses(j.Original) {
			e.order.count([2]int{o, c})
		}
	}
}

// hardly is a shortfall that the rounding of other batches may make up for: some 100 times what it usually
// is in probabilities.
const hardly = 1e-4

func (e *Evaluator) hardlyAgrees(answers Evaluation) bool {
	graded, ok := e.settings.Oracle.(answer.Graded)
	return ok && answers.Verdict.Kind == answer.OtherAnswer && graded.Shortfall(answers.Original, answers.Compressed) < hardly
}

// confirm runs both models again, alone; twice where they deviate alone and did not in company.
func (e *Evaluator) confirm(ctx context.Context, j Judged) (Judged, error) {
	alone, err := e.again(ctx, j.Input)
	switch {
	case err != nil:
		return j, err
	case !alone.Verdict.Deviates:
		// What hardly agrees alone may deviate in one company and not in another: that is rounding.
		return Judged{Evaluation: alone, Unstable: j.Verdict.Deviates && !e.hardlyAgrees(alone)}, nil
	case j.Verdict.Deviates:
		return Judged{Evaluation: alone}, nil
	}
	alone, err = e.again(ctx, j.Input)
	return Judged{Evaluation: alone, Unstable: !alone.Verdict.Deviates}, err
}

func (e *Evaluator) again(ctx context.Context, in input.Input) (Evaluation, error) {
	alone, err := e.sides.alone(ctx, in)
	if err == nil {
		alone.Steps, err = e.sides.Trace(ctx, alone)
	}
	if err != nil {
		return alone, fmt.Errorf("confirming a deviation: %w", err)
	}
	return alone, nil
}

// inOrder calls do for 0 to n-1 on so many workers, beginning in that order. The error is that of the
// lowest number, as it would be with one worker.
func inOrder(ctx context.Context, workers, n int, do func(i int) error) error {
	var (
		wait   sync.WaitGroup
		next   atomic.Int64
		failed atomic.Bool
		errs   = make([]error, n)
	)
	for range min(workers, n) {
		wait.Go(func() {
			for !failed.Load() {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if errs[i] = ctx.Err(); errs[i] == nil {
					errs[i] = do(i)
				}
				if errs[i] != nil {
					failed.Store(true)
				}
			}
		})
	}
	wait.Wait()
	if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 {
		return errs[i]
	}
	return nil
}

// TriggerOf is the trigger that a confirmed deviation is: of an input that was made from the seed with
// that index by the changes of the history.
func TriggerOf(seed input.Seed, index int, e Evaluation, queries int, history ...string) *Trigger {
	t := newTrigger(seed, index, e)
	t.SeedID, t.Distance = seed.Input.ID(), distance.DistanceBetween(seed.Input, e.Input)
	t.Queries, t.History = queries, history
	return t
}
