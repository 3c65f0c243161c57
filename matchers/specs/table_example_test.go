package specs_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/matchers/specs"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

var _ = Describe("each class of the quantised LeNet-5", specs.LabelOf(fixtures.LeNet5Int8.Name), func() {
	var pair *model.Pair

	BeforeEach(func() {
		p := fixtures.LeNet5Int8
		var err error
		pair, err = onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale))
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(pair.Close)
	})

	DescribeTable("agrees where no pixel changes by more than 1", func(ctx SpecContext, seeds input.Seeds) {
		search := HaveDeviationFrom(seeds).Within(distance.LInf(1)).WithQueriesPerSeed(20)
		Expect(pair).NotTo(specs.Tracked(ctx, specs.KeepingArtifacts(search)))
	}, specs.EntriesByClass(generators.First(fixtures.Seeds(), 20), fixtures.ClassNames()...))
})

// The specs above run with the suite: one for each class that the seeds have.
func ExampleEntriesByClass() {}
