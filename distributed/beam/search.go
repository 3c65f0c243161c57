package beam

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	sdk "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
)

// Outcome is what the search of one seed came to. The result itself is in a file of the job's folder, as large elements are costly to every runner;
// [EachResult] reads it.
type Outcome struct {
	Key     string // of the search
	Index   int
	Status  string // of [engine.SeedStatus]
	Queries int
	File    string // that holds the results of its piece of work
	First   bool   // of that file
}

func init() {
	register.DoFn3x1[context.Context, []byte, func(Work), error](&screenFn{})
	register.DoFn3x1[context.Context, Work, func(Outcome), error](&searchFn{})
	register.Emitter1[Work]()
	register.Emitter1[Outcome]()
}

// Search searches the job's seeds: a collection with an [Outcome] for each of them. A seed may be there twice, with equal results, where a runner does work twice;
// [Combine] knows.
//
// One worker lists the source and screens the pool of seeds that the strategy looks at; the screening goes through the job's folder, where each worker reads it
// once. Pieces of work name the parts that hold their seeds, which are read where they are searched. The search of a seed that fails, by an error or a panic of a model, is tried
// once more, and then counted as skipped with that reason.
func Search(s sdk.Scope, job Job) sdk.PCollection {
	s = s.Scope("triggerfinder.Search")
	if err := job.check(); err != nil {
		panic(err) // as Beam's transforms do while a pipeline is made
	}
	c := job.carried()
	work := sdk.ParDo(s, &screenFn{c}, sdk.Impulse(s))
	return sdk.ParDo(s, &searchFn{c}, sdk.Reshuffle(s, work))
}

// carried is a job in the fields of a function that Beam sends to workers.
type carried struct {
	Plan, Arguments, Folder string
	SeedsAtOnce             int
}

func (j Job) carried() carried {
	return carried{Plan: j.Plan, Arguments: string(j.Arguments), Folder: j.Folder, SeedsAtOnce: j.SeedsAtOnce}
}

func (c carried) job() Job {
	j := Job{Plan: c.Plan, Folder: c.Folder, SeedsAtOnce: c.SeedsAtOnce}
	if c.Arguments != "" {
		j.Arguments = json.RawMessage(c.Arguments)
	}
	return j
}

// screenFn lists the source, screens the pool and divides the work.
type screenFn struct{ Job carried }

// ProcessElement is called once.
func (f *screenFn) ProcessElement(ctx context.Context, _ []byte, emit func(Work)) error {
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
	if _, err := job.screening(ctx, key); err != nil { // none yet, or none that can be read
		seeds := newPartSeeds(ctx, o.plan.Seeds, listing)
		reading, fail := context.WithCancelCause(ctx)
		defer fail(nil)
		seeds.failed = fail
		screening, err := engine.Screen(reading, o.plan.Pair, seeds, o.plan.Settings)
		if cause := context.Cause(reading); cause != nil {
			return cause
		}
		if err != nil {
			return err
		}
		data, err := screening.MarshalBinary()
		if err != nil {
			return err
		}
		if err := writeFile(ctx, job.screeningFile(key), func(w io.Writer) error {
			_, err := w.Write(data)
			return err
		}); err != nil {
			return err
		}
	}
	if err := job.note(ctx, searchKind, noted{Key: key, Seeds: listing.Seeds()}); err != nil {
		return err
	}
	piecesOf(listing, key, job.seedsAtOnce(), emit)
	return nil
}

// list lists the source of the plan. The key is that of a search of it.
func (j Job) list(ctx context.Context, plan *Plan) (l Listing, key string, err error) {
	if l, err = plan.Seeds.List(ctx); err == nil {
		err = l.check()
	}
	if err == nil {
		key, err = j.key(l)
	}
	return l, key, err
}

// searchFn searches pieces of work.
type searchFn struct{ Job carried }

// ProcessElement searches one piece of work, unless its results are there.
func (f *searchFn) ProcessElement(ctx context.Context, w Work, emit func(Outcome)) error {
	job := f.Job.job()
	ctx, end := job.running(ctx)
	defer end()
	o, err := job.open(ctx)
	if err != nil {
		return err
	}
	x, err := o.seedSearch(ctx, job, w.Key)
	if err != nil {
		return err
	}
	p := &piece{Work: w, file: job.resultsFile(w.Key, w.From, w.To), search: x}
	if p.load(ctx) != nil {
		if err := p.searchAll(ctx, newPartSeeds(ctx, o.plan.Seeds, Listing{Parts: w.Parts})); err != nil {
			return err
		}
	} else {
		count(ctx, resumed, len(p.outcomes))
	}
	for _, outcome := range p.outcomes {
		emit(outcome)
	}
	return nil
}

// piece is a piece of work in hand.
type piece struct {
	Work
	file     string
	search   *engine.SeedSearch
	outcomes []Outcome
}

// load reads the results that an earlier attempt left; an error means that there are none to be used.
func (p *piece) load(ctx context.Context) error {
	p.outcomes = nil
	seen := map[int]bool{}
	err := EachResult(ctx, p.file, func(r *engine.SeedResult) error {
		i := r.Outcome.Index
		if i < p.From || i >= p.To || seen[i] {
			return fmt.Errorf("expected each of the seeds from %d to %d once, found seed %d", p.From, p.To-1, i)
		}
		seen[i] = true
		p.add(r)
		return nil
	})
	if err == nil && len(seen) != p.To-p.From {
		err = fmt.Errorf("expected results of %d seeds, found %d", p.To-p.From, len(seen))
	}
	return err
}

func (p *piece) add(r *engine.SeedResult) {
	o := &r.Outcome
	p.outcomes = append(p.outcomes, Outcome{
		Key: p.Key, Index: o.Index, Status: string(o.Status), Queries: o.Queries, File: p.file, First: len(p.outcomes) == 0,
	})
}

// searchAll searches the seeds and writes their results.
func (p *piece) searchAll(ctx context.Context, seeds *partSeeds) error {
	p.outcomes = nil
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	seeds.failed = fail
	start, queries := time.Now(), 0
	err := writeFile(ctx, p.file, func(file io.Writer) error {
		w, err := newResultsWriter(file)
		if err != nil {
			return err
		}
		read := func(i int) (input.Seed, error) { return seeds.Seed(i - p.First) }
		err = p.search.SearchAll(ctx, p.From, p.To, read, func(i int, r *engine.SeedResult, failure error) error {
			if failure != nil {
				var err error
				if r, err = p.again(ctx, i, read, failure); err != nil {
					return err
				}
			}
			queries += r.Outcome.Queries
			countOutcome(ctx, r)
			if err := w.write(r); err != nil {
				return err
			}
			p.add(r)
			return nil
		})
		if err != nil {
			return err
		}
		return w.end()
	})
	if err != nil {
		return fmt.Errorf("beam: seeds %d to %d: %w", p.From, p.To-1, err)
	}
	if took := time.Since(start).Seconds(); took > 0 {
		queriesPerSecond.Update(ctx, int64(float64(queries)/took))
	}
	return nil
}

// again searches a seed alone whose search failed, and gives it up when it fails again.
func (p *piece) again(ctx context.Context, i int, read func(int) (input.Seed, error), failure error) (*engine.SeedResult, error) {
	r, err := p.alone(ctx, i, read)
	if err == nil || ctx.Err() != nil {
		return r, errors.Join(err, context.Cause(ctx))
	}
	count(ctx, givenUp, 1)
	return p.search.GivenUp(ctx, i, failure)
}

func (p *piece) alone(ctx context.Context, i int, read func(int) (input.Seed, error)) (r *engine.SeedResult, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	seed, err := read(i)
	if err != nil {
		return p.search.Unreadable(ctx, i, err)
	}
	return p.search.Search(ctx, i, seed)
}
