package beam_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	sdk "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/distributed/beam"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
)

// flaky has parts that cannot be opened while a file is there, and one that is never there.
type flaky struct {
	beam.Source
	down string
}

func (f flaky) List(context.Context) (beam.Listing, error) {
	return beam.Listing{Parts: []beam.Part{{Path: "a", Seeds: 10}, {Path: "b", Seeds: 10}, {Path: "gone", Seeds: 1}}}, nil
}

func (f flaky) Open(_ context.Context, part beam.Part) (input.Seeds, error) {
	seeds := enginetest.PatternSeeds(20)
	switch part.Path {
	case "a":
		return seeds[:10], nil
	case "gone":
		_, err := os.Open(f.down + "-gone")
		return nil, err
	}
	if _, err := os.Stat(f.down); err == nil {
		return nil, errors.New("b: the store does not answer")
	}
	return seeds[10:], nil
}

func init() {
	beam.Register("flaky", func(_ context.Context, arguments json.RawMessage) (*beam.Plan, error) {
		var down string
		err := json.Unmarshal(arguments, &down)
		return &beam.Plan{Pair: enginetest.SmoothPair(), Settings: enginetest.ClosingSettings(20, nil), Seeds: flaky{down: down}}, err
	})
}

func TestAStoreThatDoesNotAnswerSkipsNoSeeds(t *testing.T) {
	dir := t.TempDir()
	down := filepath.Join(dir, "down")
	job := beam.Job{Plan: "flaky", Arguments: arguments(down), Folder: filepath.Join(dir, "job"), SeedsAtOnce: 5}
	write(t, down, nil)
	if r, err := beam.Run(t.Context(), job); r != nil || err == nil || !strings.Contains(err.Error(), "b: the store does not answer") {
		t.Fatalf("report %v, error %v; expected the one of the store", r, err)
	}
	if err := os.Remove(down); err != nil {
		t.Fatal(err)
	}
	pipeline, s := sdk.NewPipelineWithRoot()
	beam.Combine(s, job, beam.Search(s, job))
	counters := runOnPrism(t, pipeline)
	if counters[beam.MetricSkipped] != 1 {
		t.Errorf("counters %v; expected one seed skipped", counters)
	}
	plan, err := beam.Make(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(whole(t, plan), loaded(t, job.Folder)); diff != "" {
		t.Error(diff)
	}
}
