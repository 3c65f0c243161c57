package beam_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	sdk "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/x/beamx"
	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/distributed/beam"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// Variables that make a process of the tests run one job, with flags of Beam's.
const (
	jobVariable      = "TRIGGERFINDER_TEST_JOB"
	slowVariable     = "TRIGGERFINDER_TEST_SLOW"
	measuresVariable = "TRIGGERFINDER_TEST_MEASURES" // a rate and flips besides
	searchVariable   = "TRIGGERFINDER_TEST_SEARCH"   // without a report
)

// runJob is that process.
func runJob() {
	sdk.Init()
	var job beam.Job
	if err := json.Unmarshal([]byte(os.Getenv(jobVariable)), &job); err != nil {
		panic(err)
	}
	job.Folder, job.SeedsAtOnce = os.Getenv("TRIGGERFINDER_TEST_FOLDER"), 4
	if n, err := strconv.Atoi(os.Getenv("TRIGGERFINDER_TEST_AT_ONCE")); err == nil {
		job.SeedsAtOnce = n
	}
	ctx, err := context.Background(), error(nil)
	switch {
	case os.Getenv(searchVariable) != "":
		p, s := sdk.NewPipelineWithRoot()
		beam.Search(s, job)
		err = beamx.Run(ctx, p)
	case os.Getenv(measuresVariable) == "":
		_, err = beam.Run(ctx, job)
	default: // in one pipeline
		p, s := sdk.NewPipelineWithRoot()
		beam.Combine(s, job, beam.Search(s, job))
		beam.CombineRate(s, job, beam.Draw(s, job))
		beam.CombineFlips(s, job, beam.Evaluate(s, job))
		err = beamx.Run(ctx, p)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func init() {
	// A plan that takes its time where a variable says so, so that it can be killed on the way; searches are the same.
	beam.Register("slow", func(_ context.Context, arguments json.RawMessage) (*beam.Plan, error) {
		var p patterns
		if err := json.Unmarshal(arguments, &p); err != nil {
			return nil, err
		}
		plan := p.plan()
		if os.Getenv(slowVariable) != "" {
			plan.Pair = slowed(plan.Pair)
		}
		return plan, nil
	})
}

// slowed is a pair that takes its time.
func slowed(pair *model.Pair) *model.Pair {
	original, _ := pair.Describe()
	return model.Must(model.NewPair(pair.Name(), model.Func(original.Name, func(ctx context.Context, batch []input.Input) ([][]float32, error) {
		time.Sleep(2 * time.Millisecond)
		return pair.Original().Predict(ctx, batch)
	}), pair.Compressed()))
}

// process runs a job in a process of its own.
func process(t testing.TB, folder string, job beam.Job, flags []string, variables ...string) *exec.Cmd {
	t.Helper()
	c := exec.Command(os.Args[0], flags...)
	text, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	c.Env = append(append(os.Environ(), jobVariable+"="+string(text), "TRIGGERFINDER_TEST_FOLDER="+folder), variables...)
	return c
}

func TestAKilledWorkerChangesNothing(t *testing.T) {
	p := patterns{Seeds: 40}
	job := beam.Job{Plan: "slow", Arguments: arguments(p)}
	folder := t.TempDir()
	c := process(t, folder, job, nil, slowVariable+"=1")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	results := func() []string {
		files, _ := filepath.Glob(filepath.Join(folder, "search-*", "results", "[0-9]*"))
		return files
	}
	for range 6000 {
		if len(results()) >= 2 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if err := c.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	if n := len(results()); n < 2 || n >= 10 {
		t.Fatalf("killed with %d of 10 files of results; expected it on the way", n)
	}
	if _, err := beam.Load(t.Context(), folder); !errors.Is(err, beam.ErrUnfinished) {
		t.Errorf("error %v; expected %v", err, beam.ErrUnfinished)
	}
	if output, err := process(t, folder, job, nil).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	if diff := cmp.Diff(whole(t, p.plan()), loaded(t, folder)); diff != "" {
		t.Error(diff)
	}
}

// TestASecondRunner runs a job on the portable runner of Beam's Python package, with workers in the process that starts the job.
// TRIGGERFINDER_BEAM_PYTHON names a Python that has apache-beam 2.77.0.
func TestASecondRunner(t *testing.T) {
	python := os.Getenv("TRIGGERFINDER_BEAM_PYTHON")
	if python == "" {
		t.Skip("TRIGGERFINDER_BEAM_PYTHON names no Python with apache-beam 2.77.0: skipped")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	endpoint := listener.Addr().String()
	listener.Close()
	_, port, _ := net.SplitHostPort(endpoint)
	service := exec.Command(python, "-m", "apache_beam.runners.portability.local_job_service_main", "--port", port)
	said, err := service.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := service.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = service.Process.Kill()
		_ = service.Wait()
	}()
	go func() {
		for lines := bufio.NewScanner(said); lines.Scan(); {
			t.Log(lines.Text())
		}
	}()
	for until := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		if c, err := net.Dial("tcp", endpoint); err == nil {
			c.Close()
			break
		}
		if time.Now().After(until) {
			t.Fatal("the job service did not start")
		}
	}
	p := patterns{Seeds: 20, Limit: 0.02, Draws: 700}
	folder := t.TempDir()
	c := process(t, folder, beam.Job{Plan: "patterns", Arguments: arguments(p)}, []string{"--runner=universal", "--endpoint=" + endpoint, "--environment_type=LOOPBACK"}, measuresVariable+"=1")
	output, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	if diff := cmp.Diff(whole(t, p.plan()), loaded(t, folder)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(wholeRate(t, p.plan()), loadedRate(t, folder)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(wholeFlips(t, p.plan()), loadedFlips(t, folder)); diff != "" {
		t.Error(diff)
	}
	if text := string(output); !strings.Contains(text, "DONE") {
		t.Errorf("expected the state of the job in its output, found %s", text)
	}
}
