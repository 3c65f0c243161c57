package report_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

// childVariable makes the test binary a process that saves triggers; see children_test.go.
const childVariable = "TRIGGERFINDER_REPORT_TEST_CHILD"

func TestMain(m *testing.M) {
	if root := os.Getenv(childVariable); root != "" {
		if err := saveAsChild(root, os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Unsetenv(report.RootVariable)
	os.Exit(m.Run())
}

// golden compares with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want = bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n"))
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("differs from %s (- expected, + found); -update writes it anew:\n%s", path, diff)
	}
}

// gradient is an image without any file: a slope in each channel, turned a bit by n.
func gradient(height, width, channels, n int) input.Input {
	in := input.Input{Shape: []int{height, width, channels}, Kind: input.Image, Domain: input.Bytes}
	for y := range height {
		for x := range width {
			for c := range channels {
				in.Data = append(in.Data, float32((6*x+4*y+90*c+7*n)%256))
			}
		}
	}
	return in
}

// change is the input with a diagonal brightened.
func change(in input.Input, by float32) input.Input {
	in = in.Clone()
	for i := 0; i < len(in.Data); i += in.Shape[len(in.Shape)-1] + 5 {
		in.Data[i] = in.Domain.Snap(in.Data[i] + by)
	}
	return in
}

var classNames = []string{"T-shirt/top", "Trouser", "Pullover", "Dress"}

// triggerFrom is a trigger of a seed, number n of the seeds.
func triggerFrom(seed input.Input, n int) *engine.Trigger {
	in := change(seed, float32(9+n%5))
	return &engine.Trigger{
		SeedIndex: n, SeedName: fmt.Sprintf("gradient-%d.png", n), SeedLabel: 1, SeedID: seed.ID(),
		ID: in.ID(), Seed: seed, Input: in,
		Original: answer.Of(0.0625, 0.75, 0.125, 0.0625), Compressed: answer.Of(0.0625, 0.25, 0.625, 0.0625),
		Labels: answer.Labels{OriginalLabel: 1, CompressedLabel: 2}, OriginalConfidence: 0.75, CompressedConfidence: 0.625,
		Queries: 3 * n, Distance: distance.DistanceBetween(seed, in),
		History: []string{"gaussian-noise", "gaussian-noise", "average-blur"},
	}
}

func sampleTrigger(n int) *engine.Trigger { return triggerFrom(gradient(12, 10, 1, n), n) }

// sampleReport has triggers for all but the last two seeds: one found nothing, one is skipped.
func sampleReport(triggers ...*engine.Trigger) *engine.Report {
	r := &engine.Report{
		Pair: "lenet5-int8",
		Original: model.Description{
			Name: "lenet5", File: "models/lenet5.onnx", Size: 250123,
			SHA256:   "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
			Settings: map[string]string{"runtime": "1.0.0", "threads": "1"},
		},
		Compressed: model.Description{
			Name: "lenet5-int8", File: "models/lenet5-int8.onnx", Size: 70123,
			SHA256:   "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
			Settings: map[string]string{"runtime": "1.0.0", "threads": "1"},
		},
		Strategy: "triggerfinder as published", Oracle: "top-1", Bound: "LInf 16",
		Budget: engine.Budget{QueriesPerSeed: 500}, RandomSeed: 18446744073709551615,
		Status: engine.AllSearched,
		Ledger: engine.Ledger{Screened: len(triggers) + 1, Queries: 500, Confirmations: len(triggers), Skipped: 1},
		Timing: engine.Timing{
			Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), WallSeconds: 2, OriginalSeconds: 1,
			CompressedSeconds: 0.875, ModelSeconds: 1.875, QueriesPerSecond: 250,
		},
	}
	for i, t := range triggers {
		r.Ledger.Queries += t.Queries
		r.Seeds = append(r.Seeds, engine.Outcome{
			Index: i, Name: t.SeedName, Label: t.SeedLabel, SeedID: t.SeedID, Status: engine.Triggered,
			Queries: t.Queries, Trigger: t, Seconds: 0.25,
		})
	}
	n := len(triggers)
	r.Seeds = append(r.Seeds,
		engine.Outcome{Index: n, Name: "hard.png", Label: 2, Status: engine.SeedExhausted, Queries: 500},
		engine.Outcome{
			Index: n + 1, Name: "wide.png", Label: input.Unlabelled, Status: engine.Skipped,
			Reason: "shape [12 99 1]: expected [12 10 1]",
		})
	return r
}

func sampleTriggers(n int) []*engine.Trigger {
	triggers := make([]*engine.Trigger, n)
	for i := range triggers {
		triggers[i] = sampleTrigger(i)
	}
	return triggers
}

// openStore opens a store in a new folder.
func openStore(t testing.TB) *report.Store {
	t.Helper()
	s, err := report.OpenStore(filepath.Join(t.TempDir(), "triggers"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var sampleContext = report.Context{Pair: "lenet5-int8", Strategy: "random", Oracle: "top-1"}

func save(t testing.TB, s *report.Store, trigger *engine.Trigger) (dir string) {
	t.Helper()
	dir, err := s.Save(trigger, sampleContext)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
