package beam_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	sdk "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/distributed/beam"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// runOnPrism runs a pipeline and returns the counters of the job.
func runOnPrism(t *testing.T, p *sdk.Pipeline) map[string]int64 {
	t.Helper()
	result, err := sdk.Run(t.Context(), "prism", p)
	if err != nil {
		t.Fatal(err)
	}
	counters := map[string]int64{}
	for _, c := range result.Metrics().AllMetrics().Counters() {
		counters[c.Name()] += c.Result()
	}
	return counters
}

// whole is the report of the search in one piece.
func whole(t *testing.T, plan *beam.Plan) string {
	t.Helper()
	seeds, err := beam.OpenSeeds(t.Context(), plan.Seeds)
	if err != nil {
		t.Fatal(err)
	}
	r, err := engine.Search(t.Context(), plan.Pair, seeds, plan.Settings)
	if err != nil {
		t.Fatal(err)
	}
	return canonical(t, r)
}

func loaded(t *testing.T, folder string) string {
	t.Helper()
	r, err := beam.Load(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	return canonical(t, r)
}

func TestWorkThatIsDoneTwiceCountsOnce(t *testing.T) {
	p := patterns{Seeds: 20}
	job := beam.Job{Plan: "patterns", Arguments: arguments(p), Folder: t.TempDir(), SeedsAtOnce: 6}
	pipeline, s := sdk.NewPipelineWithRoot()
	twice := sdk.Flatten(s, beam.Search(s, job), beam.Search(s, job)) // both write the same files
	beam.Combine(s, job, sdk.Flatten(s, twice, twice))
	counters := runOnPrism(t, pipeline)
	if n := counters[beam.MetricSeeds] + counters[beam.MetricResumed]; n != 40 || counters[beam.MetricTriggers] == 0 || counters[beam.MetricQueries] == 0 {
		t.Errorf("counters %v; expected 40 seeds, triggers and queries", counters)
	}
	if diff := cmp.Diff(whole(t, p.plan()), loaded(t, job.Folder)); diff != "" {
		t.Error(diff)
	}
	for _, name := range []string{"search-report.json", "evidence.json", "job.json"} {
		if _, err := os.Stat(filepath.Join(job.Folder, name)); err != nil {
			t.Error(err)
		}
	}
}

func TestAnotherRunGoesOnWhereOneEnded(t *testing.T) {
	p := patterns{Seeds: 20}
	job := beam.Job{Plan: "patterns", Arguments: arguments(p), Folder: t.TempDir(), SeedsAtOnce: 5}
	if _, err := beam.Run(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(job.Folder, "search-*", "results", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("files %q, error %v", files, err)
	}
	pieces := len(files)
	if pieces != 4 {
		t.Fatalf("found %d files of results; expected 4", pieces)
	}
	// As if workers had been killed: one file is missing, one is cut off, one is damaged, and one was begun.
	data, err := os.ReadFile(files[1])
	if err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Clone(data)
	damaged[len(data)/2] ^= 1
	for name, content := range map[string][]byte{files[1]: data[:len(data)-1], files[2]: damaged, filepath.Join(filepath.Dir(files[0]), ".tmp-1"): data[:100]} {
		if err := os.WriteFile(name, content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(files[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := beam.Load(t.Context(), job.Folder); err == nil {
		t.Error("an unfinished job was loaded")
	}
	pipeline, s := sdk.NewPipelineWithRoot()
	beam.Combine(s, job, beam.Search(s, job))
	counters := runOnPrism(t, pipeline)
	if counters[beam.MetricSeeds] != 15 || counters[beam.MetricResumed] != 5 {
		t.Errorf("counters %v; expected 15 seeds searched and 5 resumed", counters)
	}
	if diff := cmp.Diff(whole(t, p.plan()), loaded(t, job.Folder)); diff != "" {
		t.Error(diff)
	}
	if err := os.Remove(files[3]); err != nil {
		t.Fatal(err)
	}
	if _, err := beam.Load(t.Context(), job.Folder); !errors.Is(err, beam.ErrUnfinished) || !strings.Contains(err.Error(), "expected results of all of 20 seeds, found 5 of them missing") {
		t.Errorf("error %v; expected %v", err, beam.ErrUnfinished)
	}
}

// poisoned panics on seed 13, and has a reader that fails for seed 7.
type poisoned struct{ input.SeedList }

func (p poisoned) Seed(i int) (input.Seed, error) {
	if i == 7 {
		panic("no such seed")
	}
	return p.SeedList.Seed(i)
}

var opened atomic.Int32

func init() {
	beam.Register("poisoned", func(context.Context, json.RawMessage) (*beam.Plan, error) {
		opened.Add(1)
		seeds := enginetest.PatternSeeds(30)
		poison, smooth := seeds[13].Input.ID(), enginetest.SmoothPair()
		pair, err := model.NewPair("poisoned", model.Func("original", func(ctx context.Context, batch []input.Input) ([][]float32, error) {
			for _, in := range batch {
				if in.ID() == poison {
					panic("poison")
				}
			}
			return smooth.Original().Predict(ctx, batch)
		}), smooth.Compressed())
		settings := enginetest.ClosingSettings(20, nil)
		return &beam.Plan{Pair: pair, Settings: settings, Seeds: beam.InMemory(poisoned{seeds})}, err
	})
	beam.Register("broken", func(context.Context, json.RawMessage) (*beam.Plan, error) {
		return nil, errors.New("models.onnx: no such file")
	})
	beam.Register("endless", func(ctx context.Context, _ json.RawMessage) (*beam.Plan, error) {
		smooth := enginetest.SmoothPair()
		pair, err := model.NewPair("endless", model.Func("original", func(ctx context.Context, batch []input.Input) ([][]float32, error) {
			select {
			case cancelled <- struct{}{}:
			default:
			}
			return smooth.Original().Predict(ctx, batch)
		}), smooth.Compressed())
		settings := enginetest.ClosingSettings(1<<30, nil)
		settings.Budget.QueriesPerSeed = 1 << 30
		return &beam.Plan{Pair: pair, Settings: settings, Seeds: beam.InMemory(enginetest.PatternSeeds(30))}, err
	})
}

var cancelled = make(chan struct{}, 1)

func TestPanicsAreCountedOutcomes(t *testing.T) {
	job := beam.Job{Plan: "poisoned", Folder: t.TempDir(), SeedsAtOnce: 10}
	pipeline, s := sdk.NewPipelineWithRoot()
	beam.Combine(s, job, beam.Search(s, job))
	counters := runOnPrism(t, pipeline)
	if counters[beam.MetricGivenUp] != 1 || counters[beam.MetricSkipped] < 2 || counters[beam.MetricSeeds] != 30 {
		t.Errorf("counters %v; expected one of 30 seeds given up", counters)
	}
	r, err := beam.Load(t.Context(), job.Folder)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := r.Seeds[13].Reason, r.Seeds[7].Reason; !strings.Contains(a, "panic: poison") || !strings.Contains(b, "no such seed") || len(r.Triggers()) == 0 {
		t.Errorf("seeds 13 and 7 were skipped for %q and %q, with %d triggers", a, b, len(r.Triggers()))
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("the plan was made %d times; expected once in a process", n)
	}
}

func TestErrorsOfJobs(t *testing.T) {
	for says, job := range map[string]beam.Job{
		"Plan is empty":             {Folder: "x"},
		"Folder is empty":           {Plan: "patterns"},
		"SeedsAtOnce":               {Plan: "patterns", Folder: "x", SeedsAtOnce: -1},
		"expected JSON":             {Plan: "patterns", Folder: "x", Arguments: json.RawMessage("{")},
		"which are: broken, ":       {Plan: "unknown", Folder: t.TempDir()},
		"models.onnx: no such file": {Plan: "broken", Folder: t.TempDir()},
	} {
		if r, err := beam.Run(t.Context(), job); r != nil || err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v; expected %q", err, says)
		}
	}
	if _, err := beam.Load(t.Context(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "job.json") {
		t.Errorf("error %v; expected one that names the file", err)
	}
}

func TestCancellation(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-cancelled
		cancel()
	}()
	folder := t.TempDir()
	r, err := beam.Run(ctx, beam.Job{Plan: "endless", Folder: folder})
	if r != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("report %v, error %v; expected the cancellation", r, err)
	}
	files, _ := filepath.Glob(filepath.Join(folder, "search-*", "results", "*"))
	if len(files) > 0 {
		t.Errorf("files %q stay behind", files)
	}
}
