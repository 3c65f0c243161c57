package beam

import (
	"context"
	"errors"
	"sync"

	sdk "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/x/beamx"
	"github.com/triggerfinder/triggerfinder/engine"
)

// Run searches the job's seeds on the runner that Beam's flags name, by default prism, in this process, and returns the report. See
// [Load] about the error of a search that says nothing. Cancelling the context ends the job; what was found so far stays in its folder.
func Run(ctx context.Context, job Job) (*engine.Report, error) {
	if err := job.check(); err != nil {
		return nil, err
	}
	if !sdk.Initialized() {
		return nil, errors.New("beam: Run: expected flag.Parse and the Init of Apache's package beam to have been called, as in every program of Beam's")
	}
	p, s := sdk.NewPipelineWithRoot()
	Combine(s, job, Search(s, job))
	defer runs.begin(ctx, job)()
	err := beamx.Run(ctx, p)
	if closed := job.close(); err == nil {
		err = closed
	}
	if cause := context.Cause(ctx); cause != nil {
		return nil, cause
	}
	if err != nil {
		return nil, err
	}
	return Load(ctx, job.Folder)
}

// runs are the jobs that this process has started: work on them here ends with their contexts, as runners do not tell it of an end.
var runs = running{contexts: map[string][]context.Context{}}

type running struct {
	sync.Mutex
	contexts map[string][]context.Context
}

func (r *running) begin(ctx context.Context, j Job) (end func()) {
	r.Lock()
	defer r.Unlock()
	r.contexts[j.Folder] = append(r.contexts[j.Folder], ctx)
	return func() {
		r.Lock()
		defer r.Unlock()
		for i, c := range r.contexts[j.Folder] {
			if c == ctx {
				r.contexts[j.Folder] = append(r.contexts[j.Folder][:i:i], r.contexts[j.Folder][i+1:]...)
				break
			}
		}
		if len(r.contexts[j.Folder]) == 0 {
			delete(r.contexts, j.Folder)
		}
	}
}

// running is a context that also ends with that of [Run], where it was called in this process.
func (j Job) running(ctx context.Context) (context.Context, func()) {
	runs.Lock()
	started := runs.contexts[j.Folder]
	runs.Unlock()
	ctx, cancel := context.WithCancelCause(ctx)
	if len(started) == 0 {
		return ctx, func() { cancel(nil) }
	}
	of := started[len(started)-1]
	stop := context.AfterFunc(of, func() { cancel(context.Cause(of)) })
	return ctx, func() {
		stop()
		cancel(nil)
	}
}
