package beam

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	sdk "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/model/jobmanagement_v1"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/x/beamx"
	"github.com/triggerfinder/triggerfinder/engine"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// Run searches the job's seeds on the runner that Beam's flags name, by default prism, in this process, and returns the report. See
// [Load] about the error of a search that says nothing. Cancelling the context ends the job; what was found so far stays in its folder.
func Run(ctx context.Context, job Job) (*engine.Report, error) {
	if err := job.run(ctx, searchKind, func(s sdk.Scope) { Combine(s, job, Search(s, job)) }); err != nil {
		return nil, err
	}
	return Load(ctx, job.Folder)
}

// run runs a pipeline on the runner that Beam's flags name.
func (j Job) run(ctx context.Context, kind string, transforms func(sdk.Scope)) error {
	if err := j.check(); err != nil {
		return err
	}
	if !sdk.Initialized() {
		return errors.New("beam: Run: expected flag.Parse and the Init of Apache's package beam to have been called, as in every program of Beam's")
	}
	p, s := sdk.NewPipelineWithRoot()
	transforms(s)
	end := runs.begin(ctx, j)
	stop := j.watch(ctx, kind)
	err := execute(ctx, p)
	end()
	stop()
	if closed := j.close(); err == nil {
		err = closed
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if err != nil {
		return fmt.Errorf("beam: %w", shortened{err})
	}
	return nil
}

// shortened is an error of Beam's without the plan of the pipeline that comes before its cause.
type shortened struct{ error }

func (s shortened) Error() string {
	text := s.error.Error()
	if at := strings.LastIndex(text, "failed:\n"); at >= 0 {
		text = text[at+len("failed:\n"):]
	}
	return strings.TrimPrefix(text, "beam: ")
}

func (s shortened) Unwrap() error { return s.error }

// workersRunThis has workers elsewhere run this very program, unless a flag names another one: Beam would compile it anew, from sources that need not be there, and
// without cgo (2.77.0), so that no model of ONNX Runtime would open.
var workersRunThis = sync.OnceValue(func() error {
	if *jobopts.WorkerBinary != "" || runtime.GOOS != "linux" {
		return nil
	}
	self, err := os.Executable()
	*jobopts.WorkerBinary = self
	return err
})

// execute runs the pipeline, and has the runner cancel it when the context ends.
func execute(ctx context.Context, p *sdk.Pipeline) error {
	if err := workersRunThis(); err != nil {
		return err
	}
	if *jobopts.JobName == "" {
		*jobopts.JobName = "triggerfinder-" + random()
		defer func() { *jobopts.JobName = "" }()
	}
	name := *jobopts.JobName
	err := beamx.Run(ctx, p)
	if ctx.Err() != nil && *jobopts.Endpoint != "" {
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		err = errors.Join(err, cancelJobs(limited, *jobopts.Endpoint, name))
	}
	return err
}

// cancelJobs cancels the jobs of that name of a job service, as Beam's own Run leaves them running.
func cancelJobs(ctx context.Context, endpoint, name string) error {
	connection, err := grpc.NewClient(endpoint, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	service := jobmanagement_v1.NewJobServiceClient(connection)
	jobs, err := service.GetJobs(ctx, &jobmanagement_v1.GetJobsRequest{})
	if err != nil {
		return err
	}
	for _, j := range jobs.GetJobInfo() {
		if j.GetJobName() == name {
			_, canceled := service.Cancel(ctx, &jobmanagement_v1.CancelJobRequest{JobId: j.GetJobId()})
			err = errors.Join(err, canceled)
		}
	}
	return err
}

// runs are the jobs that this process has started: work on them here ends with their contexts, as runners do not tell it of an end.
var runs = running{started: map[string][]*started{}}

type running struct {
	sync.Mutex
	started map[string][]*started // by folder
}

// started is one of them.
type started struct {
	ctx  context.Context
	work sync.WaitGroup // on it, in this process
}

// begin notes a job. The returned function waits for the work on it in this process.
func (r *running) begin(ctx context.Context, j Job) (end func()) {
	s := &started{ctx: ctx}
	r.Lock()
	defer r.Unlock()
	r.started[j.Folder] = append(r.started[j.Folder], s)
	return func() {
		r.Lock()
		r.started[j.Folder] = slices.DeleteFunc(r.started[j.Folder], func(other *started) bool { return other == s })
		if len(r.started[j.Folder]) == 0 {
			delete(r.started, j.Folder)
		}
		r.Unlock()
		s.work.Wait()
	}
}

// running is a context that also ends with that of [Run], where it was called in this process.
func (j Job) running(ctx context.Context) (of context.Context, end func()) {
	of, cancel := context.WithCancelCause(ctx)
	runs.Lock()
	defer runs.Unlock()
	found := runs.started[j.Folder]
	if len(found) == 0 {
		return of, func() { cancel(nil) }
	}
	s := found[len(found)-1]
	s.work.Add(1)
	stop := context.AfterFunc(s.ctx, func() { cancel(context.Cause(s.ctx)) })
	return of, func() {
		stop()
		cancel(nil)
		s.work.Done()
	}
}
