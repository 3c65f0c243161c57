package beam_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/triggerfinder/triggerfinder/distributed/beam"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
)

func init() {
	beam.Register("memory", func(_ context.Context, arguments json.RawMessage) (*beam.Plan, error) {
		var n int
		if err := json.Unmarshal(arguments, &n); err != nil {
			return nil, err
		}
		settings := enginetest.BoundarySettings(nil)
		settings.Budget.QueriesPerSeed = 30
		pair := enginetest.PairOf(enginetest.Smooth.Predict, enginetest.Smooth.Moved(0.4).Predict)
		return &beam.Plan{Pair: pair, Settings: settings, Seeds: beam.InMemory(many{input.Seeds(enginetest.PatternSeeds(1000)), n})}, nil
	})
}

// BenchmarkMemory runs jobs of more and more seeds on prism, each in a process of its own, which is driver and worker at once, on models that are Go functions; and again
// those that search alone, and make no report. What the last seeds take of memory is what grows.
func BenchmarkMemory(b *testing.B) {
	for _, of := range []struct {
		what      string
		variables []string
	}{{"report", nil}, {"search", []string{searchVariable + "=1"}}} {
		b.Run(of.what, func(b *testing.B) {
			for b.Loop() {
				before, seeds := int64(0), 0
				for _, n := range []int{1000, 10_000, 50_000, 100_000} {
					folder := filepath.Join(b.TempDir(), "job")
					c := process(b, folder, beam.Job{Plan: "memory", Arguments: arguments(n)}, nil, append(of.variables, "TRIGGERFINDER_TEST_AT_ONCE=256")...)
					if output, err := c.CombinedOutput(); err != nil {
						b.Fatalf("%v: %s", err, output)
					}
					most := c.ProcessState.SysUsage().(*syscall.Rusage).Maxrss * 1024
					b.Logf("%7d seeds: %4d MB at the most, %s", n, most>>20, c.ProcessState.UserTime())
					if seeds > 0 {
						b.ReportMetric(float64(most-before)/float64(n-seeds), "bytes/seed")
					}
					before, seeds = most, n
				}
			}
		})
	}
}
