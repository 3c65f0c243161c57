package specs_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/onnx"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/matchers/specs"
)

var _ = Describe("each class of the quantised LeNet-5", specs.LabelOf(fixtures.LeNet5Int8.Name), func() {
	var pair *engine.Pair

	BeforeEach(func() {
		p := fixtures.LeNet5Int8
		var err error
		pair, err = onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale))
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(pair.Close)
	})

	DescribeTable("agrees where no pixel changes by more than 1", func(ctx SpecContext, seeds engine.Seeds) {
		search := HaveDeviationFrom(seeds).Within(engine.LInf(1)).WithQueriesPerSeed(20)
		Expect(pair).NotTo(specs.Tracked(ctx, specs.KeepingArtifacts(search)))
	}, specs.EntriesByClass(generators.First(fixtures.Seeds(), 20), fixtures.ClassNames()...))
})

// The specs above run with the suite: one for each class that the seeds have.
func ExampleEntriesByClass() {}
