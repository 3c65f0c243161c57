package engine

import (
	"context"
	"sync"
)

// pool runs rounds on the workers.
type pool struct {
	search  *search
	workers []*worker
	jobs    chan job // nil where the one worker works on the goroutine of the search
	wait    sync.WaitGroup
	ctx     context.Context
	step    func(*worker, context.Context, []*run)
}

// job is either a chunk of runs to take one step further or one model's half of a batch.
type job struct {
	chunk []*run
	batch *half
}

func newPool(s *search) *pool {
	p := &pool{search: s, jobs: make(chan job)} // unbuffered: a send succeeds when a worker is idle
	for range s.settings.Workers {
		w := newWorker(s, p)
		p.workers = append(p.workers, w)
		go func() {
			for j := range p.jobs {
				if j.batch != nil {
					j.batch.run(p.ctx)
					continue
				}
				p.step(w, p.ctx, j.chunk)
				p.wait.Done()
			}
		}()
	}
	return p
}

// alone is a pool of one worker that works on the goroutine of the search: a panic ends up there.
func alone(s *search) *pool {
	return &pool{search: s, workers: []*worker{newWorker(s, nil)}}
}

// round takes all runs one step further, and returns when all are.
func (p *pool) round(ctx context.Context, runs []*run, step func(*worker, context.Context, []*run)) {
	p.ctx, p.step = ctx, step
	if p.jobs == nil {
		step(p.workers[0], ctx, runs)
		return
	}
	size := (len(runs) + len(p.workers) - 1) / len(p.workers)
	size = min(size, p.search.settings.BatchSize)
	for at := 0; at < len(runs); at += size {
		p.wait.Add(1)
		p.jobs <- job{chunk: runs[at:min(at+size, len(runs))]}
	}
	p.wait.Wait()
}

// handOff gives the batch to an idle worker, and reports whether there is one.
func (p *pool) handOff(b *half) bool {
	select {
	case p.jobs <- job{batch: b}:
		return true
	default:
		return false
	}
}

func (p *pool) close() {
	if p.jobs != nil {
		close(p.jobs)
	}
}
