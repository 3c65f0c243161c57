package beam

import (
	"context"
	"fmt"
	"path"
	"time"
)

// Progress is how far a job is, as its folder tells, whatever the runner.
type Progress struct {
	Seeds   int // in all; draws, where a rate is measured: it may need fewer
	Done    int // seeds of finished pieces of work, those of earlier runs included
	Elapsed time.Duration
}

// String is one line for people.
func (p Progress) String() string {
	return fmt.Sprintf("%d of %d seeds done, %s", p.Done, p.Seeds, p.Elapsed.Round(time.Second))
}

const progressEvery = 2 * time.Second

// watch tells of the job's progress until the returned function is called.
func (j Job) watch(ctx context.Context, kind string) (stop func()) {
	if j.OnProgress == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	start := time.Now()
	go func() {
		defer close(ended)
		ticker := time.NewTicker(progressEvery)
		defer ticker.Stop()
		last := -1
		tell := func(ctx context.Context) {
			if p, err := j.progress(ctx, kind); err == nil && p.Done != last {
				last = p.Done
				p.Elapsed = time.Since(start)
				j.OnProgress(p)
			}
		}
		for {
			select {
			case <-ctx.Done():
				// What the end came to, also where it is that of a cancelled job.
				limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), progressEvery)
				defer cancel()
				tell(limited)
				return
			case <-ticker.C:
				tell(ctx)
			}
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}

// progress is how far the job is. An error means that it has not begun.
func (j Job) progress(ctx context.Context, kind string) (p Progress, err error) {
	n, err := j.noted(ctx, kind)
	if err != nil {
		return p, err
	}
	if n.Job.planID() != j.planID() { // of an earlier one
		return p, ErrUnfinished
	}
	files, err := list(ctx, n.pieces(j, kind))
	p.Seeds = n.Seeds
	for _, file := range files {
		var from, to int
		if _, err := fmt.Sscanf(path.Base(file), "%d-%d", &from, &to); err == nil {
			p.Done += to - from
		}
	}
	return p, err
}
