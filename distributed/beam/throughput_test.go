package beam_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/triggerfinder/triggerfinder/distributed/beam"
	"github.com/triggerfinder/triggerfinder/distributed/beam/onnxplan"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// many are as many seeds as one likes: those of a list, each time with another corner pixel, so that all differ.
type many struct {
	of input.Seeds
	n  int
}

func (m many) Len() int { return m.n }

func (m many) Seed(i int) (input.Seed, error) {
	seed, err := m.of.Seed(i % m.of.Len())
	if err == nil {
		seed.Input = seed.Input.Clone()
		turn := i / m.of.Len()
		seed.Input.Data[0], seed.Input.Data[1] = float32(turn%256), float32(turn/256)
		seed.Name = fmt.Sprintf("%s, turn %d", seed.Name, turn)
	}
	return seed, err
}

func init() {
	beam.Register("throughput", func(_ context.Context, arguments json.RawMessage) (*beam.Plan, error) {
		var n int
		if err := json.Unmarshal(arguments, &n); err != nil {
			return nil, err
		}
		p := fixtures.ResCNNInt8
		pair, err := onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale))
		if err != nil {
			return nil, err
		}
		settings := engine.Settings{Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 200}, Workers: 2}
		return &beam.Plan{Pair: pair, Settings: settings, Seeds: beam.InMemory(many{generators.WithoutLabels(fixtures.Seeds()), n}), Close: pair.Close}, nil
	})
}

// BenchmarkBesideTheLocalSearch searches the same seeds by [engine.Search] and by a job on prism, one after the other, with two workers each, on the embedded
// residual network and its 8-bit version. TRIGGERFINDER_BENCH_SEEDS says how many. TRIGGERFINDER_BENCH_PLAN is the JSON of an [onnxplan.Description], for other models
// and all of its seeds.
func BenchmarkBesideTheLocalSearch(b *testing.B) {
	n := 1000
	if text := os.Getenv("TRIGGERFINDER_BENCH_SEEDS"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		job := beam.Job{Plan: "throughput", Arguments: arguments(n), Folder: filepath.Join(b.TempDir(), "job")}
		if text := os.Getenv("TRIGGERFINDER_BENCH_PLAN"); text != "" {
			var d onnxplan.Description
			if err := json.Unmarshal([]byte(text), &d); err != nil {
				b.Fatal(err)
			}
			var err error
			if job, err = d.Job(job.Folder); err != nil {
				b.Fatal(err)
			}
		}
		plan, err := beam.Make(b.Context(), job)
		if err != nil {
			b.Fatal(err)
		}
		seeds, err := beam.OpenSeeds(b.Context(), plan.Seeds)
		if err != nil {
			b.Fatal(err)
		}
		start, cpu := time.Now(), processorTime(b)
		local, err := engine.Search(b.Context(), plan.Pair, seeds, plan.Settings)
		if err != nil {
			b.Fatal(err)
		}
		alone, aloneCPU := time.Since(start), processorTime(b)-cpu
		if err := plan.Close(); err != nil {
			b.Fatal(err)
		}
		start, cpu = time.Now(), processorTime(b)
		r, err := beam.Run(b.Context(), job)
		if err != nil {
			b.Fatal(err)
		}
		distributed, distributedCPU := time.Since(start), processorTime(b)-cpu
		if canonical(b, local) != canonical(b, r) {
			b.Error("the reports differ")
		}
		b.ReportMetric(float64(len(r.Seeds)), "seeds")
		b.ReportMetric(float64(r.Ledger.Queries), "queries")
		b.ReportMetric(aloneCPU.Seconds()/distributedCPU.Seconds(), "of-local-by-processor-time")
		b.ReportMetric(alone.Seconds()/distributed.Seconds(), "of-local")
		b.ReportMetric(float64(r.Ledger.Queries)/distributed.Seconds(), "queries/s")
		b.ReportMetric(distributed.Seconds()/float64(r.Ledger.Queries)*1e6, "s/1e6-queries")
		b.ReportMetric(alone.Seconds(), "local-s")
		b.ReportMetric(distributed.Seconds(), "prism-s")
	}
}

// processorTime is what this process has taken of it, which others on the machine disturb less than the time that passes.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
