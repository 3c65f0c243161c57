package beam_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	sdk "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/distributed/beam"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// said is a result in JSON, with the inputs of its examples and the error beside it.
func said(t testing.TB, result any, examples []*engine.Trigger, err error) string {
	t.Helper()
	data, failed := json.MarshalIndent(result, "", " ")
	if failed != nil {
		t.Fatal(failed)
	}
	text := string(data)
	for _, x := range examples {
		text += fmt.Sprint("\n", x.ID, x.SeedID, x.Input.Data, x.Seed.Data)
	}
	if err != nil {
		text += "\n" + err.Error()
	}
	return text
}

func saidRate(t testing.TB, r *gate.Rate, err error) string {
	t.Helper()
	if r == nil {
		t.Fatalf("no rate: %v", err)
	}
	return said(t, r, r.Examples, err) + r.Pair
}

func saidFlips(t testing.TB, f *gate.Flips, err error) string {
	t.Helper()
	if f == nil {
		t.Fatalf("no flips: %v", err)
	}
	return said(t, f, f.Examples, err) + f.Pair
}

// wholeRate is the rate that is measured in one piece.
func wholeRate(t testing.TB, plan *beam.Plan) string {
	t.Helper()
	d, err := plan.Rate.Under(model.Must(beam.OpenSeeds(t.Context(), plan.Seeds)))
	if err != nil {
		t.Fatal(err)
	}
	r, err := gate.MeasureRate(t.Context(), plan.Pair, d, plan.Rate.Settings)
	return saidRate(t, r, err)
}

func wholeFlips(t testing.TB, plan *beam.Plan) string {
	t.Helper()
	f, err := gate.MeasureFlips(t.Context(), plan.Pair, model.Must(beam.OpenSeeds(t.Context(), plan.Seeds)), plan.Flips)
	return saidFlips(t, f, err)
}

func loadedRate(t testing.TB, folder string) string {
	t.Helper()
	r, err := beam.LoadRate(t.Context(), folder)
	return saidRate(t, r, err)
}

func loadedFlips(t testing.TB, folder string) string {
	t.Helper()
	f, err := beam.LoadFlips(t.Context(), folder)
	return saidFlips(t, f, err)
}

// confused is a plan of labelled seeds of which the models read many differently, and some as NaN.
func confused(n int) *beam.Plan {
	p := patterns{Seeds: n, Limit: 0.5, Draws: 7 * gate.PartOf, Fixed: true}.plan()
	seeds := enginetest.PatternSeeds(n)
	for i := range seeds {
		seeds[i].Label = i / 3 % 4
		if i%40 == 11 {
			seeds[i].Label = input.Unlabelled
		}
	}
	dark := func(in input.Input) bool { return in.Data[0] < 90 }
	p.Pair = enginetest.PairOf(enginetest.Smooth.Predict, enginetest.Failing(enginetest.Smooth.Moved(0.9).Predict, dark, enginetest.NaN))
	p.Seeds = beam.InMemory(seeds)
	return p
}

func init() {
	beam.Register("confused", func(_ context.Context, arguments json.RawMessage) (*beam.Plan, error) {
		var n int
		return confused(max(n, 7*gate.PartOf)), json.Unmarshal(arguments, &n)
	})
}

func TestRatesAndFlipsAreThoseThatAreMeasuredInOnePiece(t *testing.T) {
	plan := confused(7 * gate.PartOf)
	rate, flips := wholeRate(t, plan), wholeFlips(t, plan)
	if !strings.Contains(rate, `"decision": "below"`) || !strings.Contains(rate, "not_finite") || !strings.Contains(flips, `"not_finite"`) {
		t.Errorf("expected deviations of all kinds, found %.2000s and %.2000s", rate, flips)
	}
	for pieces, atOnce := range map[int]int{1: 900, 2: 500, 7: 100} {
		t.Run(fmt.Sprintf("pieces: %d", pieces), func(t *testing.T) {
			folder := t.TempDir()
			job := beam.Job{Plan: "confused", Arguments: arguments(0), Folder: folder, SeedsAtOnce: atOnce}
			r, err := beam.RunRate(t.Context(), job)
			if diff := cmp.Diff(rate, saidRate(t, r, err)); diff != "" {
				t.Error(diff)
			}
			f, err := beam.RunFlips(t.Context(), job)
			if diff := cmp.Diff(flips, saidFlips(t, f, err)); diff != "" {
				t.Error(diff)
			}
			for _, kind := range []string{"rate", "flips"} {
				files, _ := filepath.Glob(filepath.Join(folder, "search-*", kind+"-*", "*"))
				if len(files) != pieces {
					t.Errorf("%s: found %d files; expected %d", kind, len(files), pieces)
				}
				var document map[string]any
				if err := json.Unmarshal([]byte(read(t, filepath.Join(folder, kind+".json"))), &document); err != nil || document["pair"] != "brightness" {
					t.Errorf("%s.json: %v, error %v", kind, document, err)
				}
			}
		})
	}
}

func TestDrawsThatAreMadeTwiceCountOnceAndThoseBehindADecisionAreNotMade(t *testing.T) {
	p := patterns{Seeds: 30, Limit: 0.05, Draws: 5000}
	job := beam.Job{Plan: "patterns", Arguments: arguments(p), Folder: t.TempDir(), SeedsAtOnce: gate.PartOf}
	pipeline, s := sdk.NewPipelineWithRoot()
	twice := sdk.Flatten(s, beam.Draw(s, job), beam.Draw(s, job))
	beam.CombineRate(s, job, sdk.Flatten(s, twice, twice))
	evaluated := beam.Evaluate(s, job)
	beam.CombineFlips(s, job, sdk.Flatten(s, evaluated, evaluated))
	counters := runOnPrism(t, pipeline)
	if diff := cmp.Diff(wholeRate(t, p.plan()), loadedRate(t, job.Folder)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(wholeFlips(t, p.plan()), loadedFlips(t, job.Folder)); diff != "" {
		t.Error(diff)
	}
	if n := counters[beam.MetricDraws]; n < gate.PartOf || n > 2500 || counters[beam.MetricEvaluated] != 30 {
		t.Errorf("counters %v; expected 30 seeds evaluated, and about as many of 10,000 draws made as are needed", counters)
	}
}

func TestAnotherRunGoesOnWithDraws(t *testing.T) {
	p := patterns{Seeds: 30, Limit: 0.2, Draws: 500, Fixed: true}
	job := beam.Job{Plan: "patterns", Arguments: arguments(p), Folder: t.TempDir(), SeedsAtOnce: gate.PartOf}
	if _, err := beam.RunRate(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(job.Folder, "search-*", "rate-*", "*"))
	if len(files) != 4 {
		t.Fatalf("found files %q; expected 4", files)
	}
	if err := os.WriteFile(files[2], []byte(read(t, files[2]))[:100], 0o666); err != nil {
		t.Fatal(err)
	}
	if r, err := beam.LoadRate(t.Context(), job.Folder); r != nil || err == nil || !strings.Contains(err.Error(), "000000000256-000000000384: gate: draws of a rate: expected data with its checksum") {
		t.Errorf("rate %v, error %v; expected one that names the file", r, err)
	}
	if err := os.Remove(files[2]); err != nil {
		t.Fatal(err)
	}
	if r, err := beam.LoadRate(t.Context(), job.Folder); r != nil || !errors.Is(err, beam.ErrUnfinished) || !strings.Contains(err.Error(), "expected up to 500 without a gap, or as many as decide, found 256") {
		t.Errorf("rate %v, error %v; expected %v", r, err, beam.ErrUnfinished)
	}
	pipeline, s := sdk.NewPipelineWithRoot()
	beam.CombineRate(s, job, beam.Draw(s, job))
	if counters := runOnPrism(t, pipeline); counters[beam.MetricDraws] != 128 || counters[beam.MetricResumed] != 372 {
		t.Errorf("counters %v; expected 128 draws made and 372 resumed", counters)
	}
	if diff := cmp.Diff(wholeRate(t, p.plan()), loadedRate(t, job.Folder)); diff != "" {
		t.Error(diff)
	}
}

func TestAKilledWorkerChangesNoRate(t *testing.T) {
	p := patterns{Seeds: 4, Limit: 0.2, Draws: 40 * gate.PartOf, Fixed: true}
	job := beam.Job{Plan: "slow", Arguments: arguments(p)}
	folder := t.TempDir()
	c := process(t, folder, job, nil, slowVariable+"=1", measuresVariable+"=1")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	pieces := func() int {
		files, _ := filepath.Glob(filepath.Join(folder, "search-*", "rate-*", "[0-9]*"))
		return len(files)
	}
	for range 6000 {
		if pieces() >= 2 {
			break
		}
		time.Sleep(2 * time.Millisecond)
	}
	if err := c.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	if n := pieces(); n < 2 || n >= 40 {
		t.Fatalf("killed with %d of 40 pieces; expected it on the way", n)
	}
	if output, err := process(t, folder, job, nil, measuresVariable+"=1").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	if diff := cmp.Diff(wholeRate(t, p.plan()), loadedRate(t, folder)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(wholeFlips(t, p.plan()), loadedFlips(t, folder)); diff != "" {
		t.Error(diff)
	}
}

func init() {
	beam.Register("late", func(_ context.Context, arguments json.RawMessage) (*beam.Plan, error) {
		var from int
		if err := json.Unmarshal(arguments, &from); err != nil {
			return nil, err
		}
		return latePlan(from), nil
	})
}

// latePlan is one whose original panics on a draw and on a seed.
func latePlan(draw int) *beam.Plan {
	p := patterns{Seeds: 300, Limit: 0.1, Draws: 512}.plan()
	d := model.Must(p.Rate.Under(enginetest.PatternSeeds(300)))
	poison := model.Must(input.DrawAt(d, 0, draw)).Input.ID()
	seed := enginetest.PatternSeeds(300)[200].Input.ID()
	smooth := p.Pair
	p.Pair = model.Must(model.NewPair("late", model.Func("original", func(ctx context.Context, batch []input.Input) ([][]float32, error) {
		for _, in := range batch {
			if id := in.ID(); id == poison || id == seed {
				panic("poison")
			}
		}
		return smooth.Original().Predict(ctx, batch)
	}), smooth.Compressed()))
	p.Rate.Settings.Workers, p.Rate.Settings.BatchSize = 1, 1
	p.Flips.Workers, p.Flips.BatchSize = 1, 1
	return p
}

func TestFailuresCountWhereTheyWouldInOnePiece(t *testing.T) {
	for draw, atOnce := range map[int]int{20: gate.PartOf, 400: gate.PartOf, 401: 512} {
		plan := latePlan(draw)
		d := generators.Corrupted(enginetest.PatternSeeds(300))
		whole, want := gate.MeasureRate(t.Context(), plan.Pair, d, plan.Rate.Settings)
		if (want == nil) != (draw >= 400) {
			t.Fatalf("error %v of a failure at draw %d", want, draw)
		}
		job := beam.Job{Plan: "late", Arguments: arguments(draw), Folder: t.TempDir(), SeedsAtOnce: atOnce}
		r, err := beam.RunRate(t.Context(), job)
		if want == nil {
			if diff := cmp.Diff(saidRate(t, whole, nil), saidRate(t, r, err)); diff != "" {
				t.Error(diff)
			}
			continue
		}
		if r != nil || err == nil || !strings.Contains(err.Error(), want.Error()) {
			t.Errorf("error %v; expected %v", err, want)
		}
		_, want = gate.MeasureFlips(t.Context(), plan.Pair, enginetest.PatternSeeds(300), plan.Flips)
		if _, err := beam.RunFlips(t.Context(), job); want == nil || err == nil || !strings.Contains(err.Error(), want.Error()) {
			t.Errorf("error %v; expected %v", err, want)
		}
	}
}

func TestErrorsOfMeasurements(t *testing.T) {
	for says, p := range map[string]patterns{
		"budget of 0 draws and 0s":  {Seeds: 30, Limit: 0.1},
		"to show a rate below 0.01": {Seeds: 30, Limit: 0.01, Draws: 100},
		"limit of a rate is 2":      {Seeds: 30, Limit: 2, Draws: 100},
	} {
		if r, err := beam.RunRate(t.Context(), beam.Job{Plan: "patterns", Arguments: arguments(p), Folder: t.TempDir()}); r != nil || err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v; expected %q", err, says)
		}
	}
	if r, err := beam.RunRate(t.Context(), beam.Job{Plan: "poisoned", Folder: t.TempDir()}); r != nil || err == nil || !strings.Contains(err.Error(), "plan: Rate: expected a distribution") {
		t.Errorf("error %v; expected one about the plan", err)
	}
	if _, err := beam.LoadRate(t.Context(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "rate-job.json") {
		t.Errorf("error %v; expected one that names the file", err)
	}
	if _, err := beam.LoadFlips(t.Context(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "flips-job.json") {
		t.Errorf("error %v; expected one that names the file", err)
	}
}
