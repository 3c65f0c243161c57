package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/triggerfinder/triggerfinder/bench/subjects"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/stats"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// figures are what one measurement found, by name.
type figures map[string]float64

// measurement is something to measure, with what of it is shown.
type measurement struct {
	name, about string
	shows       []shown
	measure     func(context.Context) (figures, error)
}

// shown is a figure by its key, as a table names it.
type shown struct {
	key, name string
	decimals  int
}

const queries = 200 // a seed

func measurements(o options) []measurement {
	all := []measurement{
		{"flight", "trivial pair, closing in, 1 and 13 seeds in flight", []shown{{"mib", "MiB of live heap a seed in flight", 1}}, inFlight(nil)},
		{"flight-bounded", "the same within LInf 8", []shown{{"mib", "MiB of live heap a seed in flight", 1}}, inFlight(distance.LInf(8))},
		{"cpu", "trivial pair, closing in, 16 seeds", []shown{
			{"cpu", "CPU ms a query", 2}, {"models", "of these in the models", 2}, {"own", "CPU ms a query beside the models", 2}, {"seconds", "CPU s in all", 2}, {"queries", "queries in all", 0},
		}, processor(16, nil)},
		{"cpu-bounded", "trivial pair within LInf 8, 16 seeds", []shown{
			{"cpu", "CPU ms a query", 2}, {"models", "of these in the models", 2}, {"own", "CPU ms a query beside the models", 2}, {"seconds", "CPU s in all", 2}, {"queries", "queries in all", 0},
		}, processor(16, distance.LInf(8))},
		{"seeds-100", "trivial pair, 30 queries a seed, 100 seeds", []shown{{"peak", "MiB of memory at most", 0}}, bySeeds(100)},
		{"seeds-1000", "the same, 1,000 seeds", []shown{{"peak", "MiB of memory at most", 0}}, bySeeds(1000)},
	}
	for _, n := range []int{100, 1000, 10000, 100000} {
		all = append(all, measurement{fmt.Sprintf("heap-%d", n), fmt.Sprintf("trivial pair, 2 queries a seed, %d seeds", n), []shown{{"mib", "MiB of live heap at most", 0}}, heapBySeeds(n)})
	}
	if o.data != "" {
		shares := []shown{
			{"cpu", "CPU ms a query", 3}, {"share", "share of it beside the models", 2},
		}
		for _, of := range []struct {
			name, about string
			strategy    engine.Strategy
		}{{"two-classes", "vehicles-int8, 96x96, closing in, 30 seeds", nil}, {"two-classes-triggerfinder", "the same by TriggerFinder", strategies.TriggerFinder()}} {
			all = append(all, measurement{of.name, of.about, shares, func(ctx context.Context) (figures, error) { return twoClasses(ctx, o.data, of.strategy) }})
		}
	}
	if o.images != "" {
		all = append(all, measurement{"pair", fmt.Sprintf("%s, %d images", o.compressed, o.seeds), []shown{
			{"wall", "s in all", 1}, {"seconds", "CPU s in all", 0}, {"peak", "MiB of memory at most", 0}, {"found", "triggers", 0}, {"first", "SSIM of the first hits", 3}, {"ssim", "SSIM after closing in", 3}, {"median", "the same, in the median", 3},
			{"cpu", "CPU ms a query", 1}, {"models", "of these in the models", 1},
		}, func(ctx context.Context) (figures, error) { return ownPair(ctx, o, nil, queries) }})
		for _, within := range []struct {
			name    string
			bound   float32
			queries int
		}{{"pair-linf-4", 4, 100}, {"pair-linf-8", 8, 100}, {"pair-linf-4-more", 4, 300}, {"pair-linf-8-more", 8, 300}} {
			all = append(all, measurement{within.name, fmt.Sprintf("the same within LInf %g, %d queries", within.bound, within.queries), []shown{
				{"found", "triggers", 0}, {"wall", "s in all", 1}, {"peak", "MiB of memory at most", 0},
			}, func(ctx context.Context) (figures, error) {
				return ownPair(ctx, o, distance.LInf(within.bound), within.queries)
			}})
		}
	}
	return all
}

// search searches pictures with the trivial pair.
func search(ctx context.Context, seeds int, settings engine.Settings) (*engine.Report, error) {
	pair, err := trivialPair()
	if err != nil {
		return nil, err
	}
	defer pair.Close()
	return searchWith(ctx, pair, pictures(seeds), settings)
}

func searchWith(ctx context.Context, pair *model.Pair, seeds input.Seeds, settings engine.Settings) (*engine.Report, error) {
	if settings.Strategy == nil {
		settings.Strategy = strategies.Boundary()
	}
	return engine.Search(ctx, pair, seeds, settings)
}

// inFlight compares the live heap of a search of 13 seeds side by side with that of one.
func inFlight(bound distance.Bound) func(context.Context) (figures, error) {
	return func(ctx context.Context) (figures, error) {
		const many = 13
		var most [2]float64
		for i, window := range []int{1, many} {
			heap := watchHeap()
			_, err := search(ctx, many, engine.Settings{
				Bound: bound, Window: window, Workers: 1,
				Budget:     engine.Budget{QueriesPerSeed: queries, ClosingQueriesPerSeed: queries},
				OnProgress: heap.look,
			})
			if err != nil {
				return nil, err
			}
			most[i] = heap.most
		}
		return figures{"mib": (most[1] - most[0]) / (many - 1)}, nil
	}
}

// processor is the processor time of a query, with the default options.
func processor(seeds int, bound distance.Bound) func(context.Context) (figures, error) {
	return func(ctx context.Context) (figures, error) {
		pair, err := trivialPair()
		if err != nil {
			return nil, err
		}
		pair, clock, err := clockedPair(pair)
		if err != nil {
			return nil, err
		}
		defer pair.Close()
		read := make(input.SeedList, seeds) // beforehand: making them costs too
		for i := range read {
			if read[i], err = pictures(seeds).Seed(i); err != nil {
				return nil, err
			}
		}
		before := processorSeconds()
		r, err := searchWith(ctx, pair, read, engine.Settings{Bound: bound, Budget: engine.Budget{QueriesPerSeed: queries, ClosingQueriesPerSeed: queries}})
		if err != nil {
			return nil, err
		}
		return spent(r, processorSeconds()-before, clock), nil
	}
}

// spent is the processor time of a query, and how it is divided.
func spent(r *engine.Report, seconds float64, inModels *atomic.Int64) figures {
	ms := 1000 / float64(r.Ledger.Queries)
	models := float64(inModels.Load()) / 1e9
	return figures{
		"cpu": seconds * ms, "models": models * ms, "own": (seconds - models) * ms, "share": (seconds - models) / seconds,
		"encoding": r.Timing.EncodingSeconds * ms, "queries": float64(r.Ledger.Queries), "seconds": seconds,
	}
}

// bySeeds is the most memory that a search of so many seeds takes.
func bySeeds(n int) func(context.Context) (figures, error) {
	return func(ctx context.Context) (figures, error) {
		r, err := search(ctx, n, engine.Settings{Budget: engine.Budget{QueriesPerSeed: 30, ClosingQueriesPerSeed: 30}})
		if err != nil {
			return nil, err
		}
		return figures{"peak": peakMiB(), "queries": float64(r.Ledger.Queries)}, nil
	}
}

// heapBySeeds is the most live heap of a search of so many seeds.
func heapBySeeds(n int) func(context.Context) (figures, error) {
	return func(ctx context.Context) (figures, error) {
		pair, err := trivialPair()
		if err != nil {
			return nil, err
		}
		defer pair.Close()
		heap := watchHeap()
		r, err := searchWith(ctx, pair, stripes(n), engine.Settings{Budget: engine.Budget{QueriesPerSeed: 2, MinQueriesPerSeed: 1}, OnProgress: heap.look})
		if err != nil {
			return nil, err
		}
		return figures{"mib": heap.most, "queries": float64(r.Ledger.Queries)}, nil
	}
}

// heap is the most live heap that was seen.
type heap struct {
	most   float64 // MiB
	looked time.Time
}

func watchHeap() *heap { return &heap{looked: time.Now()} }

func (h *heap) look(engine.Progress) {
	if time.Since(h.looked) < 300*time.Millisecond {
		return
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	h.most = max(h.most, float64(m.HeapAlloc)/(1<<20))
	h.looked = time.Now()
}

// twoClasses is the processor time of a query of the pair of two classes.
func twoClasses(ctx context.Context, data string, strategy engine.Strategy) (figures, error) {
	pair, seeds, err := subjects.TwoClasses(data)[0].Open()
	if err != nil {
		return nil, err
	}
	pair, clock, err := clockedPair(pair)
	if err != nil {
		return nil, err
	}
	defer pair.Close()
	before := processorSeconds()
	r, err := searchWith(ctx, pair, first{seeds, 30}, engine.Settings{
		Strategy: strategy, Budget: engine.Budget{QueriesPerSeed: queries, ClosingQueriesPerSeed: queries},
	})
	if err != nil {
		return nil, err
	}
	return spent(r, processorSeconds()-before, clock), nil
}

// ownPair searches images with a pair of models.
func ownPair(ctx context.Context, o options, bound distance.Bound, queries int) (figures, error) {
	preprocessing := []onnx.Option{onnx.ImageNet()}
	if o.mean != 0 || o.std != 0 {
		preprocessing = []onnx.Option{onnx.Mean(o.mean), onnx.Std(o.std)}
	}
	pair, err := onnx.OpenPair(o.original, o.compressed, preprocessing...)
	if err != nil {
		return nil, err
	}
	pair, clock, err := clockedPair(pair)
	if err != nil {
		return nil, err
	}
	defer pair.Close()
	images, err := generators.Open(o.images)
	if err != nil {
		return nil, err
	}
	before, start := processorSeconds(), time.Now()
	r, err := searchWith(ctx, pair, first{images, min(o.seeds, images.Len())}, engine.Settings{
		Bound: bound, Budget: engine.Budget{QueriesPerSeed: queries, ClosingQueriesPerSeed: queries},
	})
	if err != nil {
		return nil, err
	}
	f := spent(r, processorSeconds()-before, clock)
	f["wall"], f["peak"] = time.Since(start).Seconds(), peakMiB()
	var closed []float64
	for i := range r.Seeds {
		s := &r.Seeds[i]
		if s.Trigger == nil {
			continue
		}
		f["found"]++
		if s.Trigger.Distance.SSIM != nil && s.Trigger.Queries > 0 {
			closed = append(closed, *s.Trigger.Distance.SSIM)
			f["ssim"] += *s.Trigger.Distance.SSIM
			f["first"] += *s.FirstHit.Distance.SSIM
		}
	}
	f["ssim"] /= float64(max(len(closed), 1))
	f["first"] /= float64(max(len(closed), 1))
	f["median"] = stats.Median(closed)
	return f, nil
}

// first are the first n seeds.
type first struct {
	input.Seeds
	n int
}

func (f first) Len() int { return f.n }

// processorSeconds is the processor time of this process.
func processorSeconds() float64 {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// peakMiB is the most memory that was resident, where the system tells.
func peakMiB() float64 {
	data, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, _ := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 64)
			return kib / 1024
		}
	}
	return 0
}
