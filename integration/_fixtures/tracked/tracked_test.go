// Package tracked is a Ginkgo suite of searches, most of which fail. The tests of package integration
// copy and run it.
package tracked

import (
	"context"
	"math"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/onnx"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/matchers/specs"
)

func TestTracked(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Tracked")
}

const pause = 10 * time.Millisecond

var (
	seeds   = generators.First(fixtures.Seeds(), 20)
	endless = engine.Budget{QueriesPerSeed: 1 << 20}
)

// thresholds is a slow pair of Go functions that disagree on images whose mean lies between two numbers.
func thresholds(name string, original, compressed float64) *engine.Pair {
	return engine.Must(engine.NewPair(name, threshold("original", original), threshold("compressed", compressed)))
}

func threshold(name string, at float64) engine.Predictor {
	return engine.Func(name, func(_ context.Context, batch []engine.Input) ([][]float32, error) {
		time.Sleep(pause)
		scores := make([][]float32, len(batch))
		for i, in := range batch {
			var sum float64
			for _, v := range in.Data {
				sum += float64(v)
			}
			p := float32(1 / (1 + math.Exp((at-sum/float64(len(in.Data)))/50)))
			scores[i] = []float32{1 - p, p, 9: 0} // as many classes as the seeds have
		}
		return scores, nil
	})
}

// grey is images of one shade each.
func grey(shades ...uint8) engine.SeedList {
	var l engine.SeedList
	for _, shade := range shades {
		pixels := make([]uint8, 64)
		for i := range pixels {
			pixels[i] = shade
		}
		l = append(l, engine.Seed{Input: engine.Must(engine.NewImage(8, 8, 1, pixels)), Label: engine.Unlabelled})
	}
	return l
}

var _ = Describe("a search", func() {
	It("deviates", func(ctx SpecContext) {
		p := fixtures.LeNet5Int8
		pair, err := onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale))
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(pair.Close)
		Expect(pair).NotTo(specs.Tracked(ctx, HaveDeviationFrom(seeds)))
	})

	It("agrees", func(ctx SpecContext) {
		Expect(thresholds("agreeing", 300, 301)).NotTo(specs.Tracked(ctx, HaveDeviationFrom(seeds).WithQueriesPerSeed(10)))
	})

	It("is slow", func(ctx SpecContext) {
		budget := engine.Budget{QueriesPerSeed: 1 << 20, Time: 2500 * time.Millisecond}
		Expect(thresholds("slow", 300, 301)).NotTo(specs.Tracked(ctx, HaveDeviationFrom(seeds).WithBudget(budget)))
	})

	It("times out", func(ctx SpecContext) {
		Expect(thresholds("interrupted", 300, 301)).NotTo(specs.Tracked(ctx, HaveDeviationFrom(seeds).WithBudget(endless)))
	}, SpecTimeout(time.Second))

	It("times out with something in hand", func(ctx SpecContext) {
		matcher := HaveDeviationFrom(grey(10, 101, 250)).WithBudget(endless).Within(engine.LInf(1))
		Expect(thresholds("halfway", 100, 102)).NotTo(specs.Tracked(ctx, matcher))
	}, SpecTimeout(time.Second))
})
