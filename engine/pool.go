package engine

import (
	"context"
	"sync"
)

// pool runs rounds on the workers.
type pool struct {
	search  *search
	workers []*worker
	chunks  chan []*run
	wait    sync.WaitGroup
	ctx     context.Context
}

func newPool(s *search) *pool {
	p := &pool{search: s, chunks: make(chan []*run, s.settings.Window)}
	for range s.settings.Workers {
		w := &worker{search: s}
		p.workers = append(p.workers, w)
		go func() {
			for chunk := range p.chunks {
				w.work(p.ctx, chunk)
				p.wait.Done()
			}
		}()
	}
	return p
}

// round takes all active runs one step further, and returns when all are.
func (p *pool) round(ctx context.Context) {
	p.ctx = ctx
	active := p.search.active
	size := (len(active) + len(p.workers) - 1) / len(p.workers)
	size = min(size, p.search.settings.BatchSize)
	for at := 0; at < len(active); at += size {
		p.wait.Add(1)
		p.chunks <- active[at:min(at+size, len(active))]
	}
	p.wait.Wait()
}

func (p *pool) close() { close(p.chunks) }
