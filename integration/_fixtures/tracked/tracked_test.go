// Package tracked is a Ginkgo suite of searches, most of which fail. The tests of package integration
// copy and run it.
package tracked

import (
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/fixtures/shades"
	"github.com/triggerfinder/triggerfinder/generators"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/matchers/specs"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

func TestTracked(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Tracked")
}

const pause = 10 * time.Millisecond

var (
	seeds    = generators.First(fixtures.Seeds(), 20)
	oneClass = model.Must(generators.Labelled(seeds, make([]int, 20))) // that both models give to everything
	endless  = engine.Budget{QueriesPerSeed: 1 << 20}
)

var _ = Describe("a search", func() {
	It("deviates", func(ctx SpecContext) {
		p := fixtures.LeNet5Int8
		pair, err := onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale))
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(pair.Close)
		Expect(pair).NotTo(specs.Tracked(ctx, HaveDeviationFrom(seeds)))
	})

	It("agrees", func(ctx SpecContext) {
		Expect(shades.SlowPair("agreeing", 300, 301, pause)).NotTo(specs.Tracked(ctx, HaveDeviationFrom(oneClass).WithQueriesPerSeed(10)))
	})

	It("is slow", func(ctx SpecContext) {
		budget := engine.Budget{QueriesPerSeed: 1 << 20, Time: 2500 * time.Millisecond}
		Expect(shades.SlowPair("slow", 300, 301, pause)).NotTo(specs.Tracked(ctx, HaveDeviationFrom(oneClass).WithBudget(budget)))
	})

	It("times out", func(ctx SpecContext) {
		Expect(shades.SlowPair("interrupted", 300, 301, pause)).NotTo(specs.Tracked(ctx, HaveDeviationFrom(seeds).WithBudget(endless)))
	}, SpecTimeout(time.Second))

	It("times out with something in hand", func(ctx SpecContext) {
		matcher := HaveDeviationFrom(shades.Seeds(10, 101, 250)).WithBudget(endless).Within(distance.LInf(1))
		Expect(shades.SlowPair("halfway", 100, 102, pause)).NotTo(specs.Tracked(ctx, matcher))
	}, SpecTimeout(time.Second))
})
