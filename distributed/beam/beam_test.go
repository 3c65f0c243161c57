package beam_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	sdk "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/distributed/beam"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/report"
)

func TestMain(m *testing.M) {
	if os.Getenv(jobVariable) != "" {
		flag.Parse()
		runJob()
	}
	sdk.Init()
	slog.SetDefault(slog.New(slog.DiscardHandler)) // prism tells what it does
	os.Exit(m.Run())
}

// patterns is a plan of so many seeds, on models that are Go functions.
type patterns struct {
	Seeds int
	Limit float64 // of the rate
	Draws int
	Fixed bool
}

func (p patterns) plan() *beam.Plan {
	return &beam.Plan{
		Pair: enginetest.SmoothPair(), Settings: enginetest.ClosingSettings(40, nil),
		Seeds: beam.InMemory(enginetest.PatternSeeds(p.Seeds)),
		Rate: &beam.Rate{
			Under:    func(seeds input.Seeds) (input.Distribution, error) { return generators.Corrupted(seeds), nil },
			Settings: gate.RateSettings{Limit: p.Limit, Draws: p.Draws, Fixed: p.Fixed},
		},
	}
}

func init() {
	beam.Register("patterns", func(_ context.Context, arguments json.RawMessage) (*beam.Plan, error) {
		var p patterns
		if err := json.Unmarshal(arguments, &p); err != nil {
			return nil, err
		}
		return p.plan(), nil
	})
}

func arguments(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

func canonical(t testing.TB, r *engine.Report) string {
	t.Helper()
	if r == nil {
		t.Fatal("no report")
	}
	data, err := r.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestReportsAreThoseOfTheSearchInOnePiece(t *testing.T) {
	p := patterns{Seeds: 30}
	plan := p.plan()
	seeds, err := beam.OpenSeeds(t.Context(), plan.Seeds)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := engine.Search(t.Context(), plan.Pair, seeds, plan.Settings)
	if err != nil {
		t.Fatal(err)
	}
	want := canonical(t, whole)
	e, err := gate.EvidenceOf(whole)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "evidence.json")
	if err := report.SaveEvidence(file, e); err != nil {
		t.Fatal(err)
	}
	evidence := read(t, file)
	for _, atOnce := range []int{30, 15, 5, 1} {
		t.Run(fmt.Sprintf("%d at once", atOnce), func(t *testing.T) {
			folder := t.TempDir()
			r, err := beam.Run(t.Context(), beam.Job{Plan: "patterns", Arguments: arguments(p), Folder: folder, SeedsAtOnce: atOnce})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, canonical(t, r)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(evidence, read(t, filepath.Join(folder, "evidence.json"))); diff != "" {
				t.Errorf("evidence: %s", diff)
			}
		})
	}
}

func read(t testing.TB, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
