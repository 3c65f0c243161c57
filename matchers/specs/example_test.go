package specs_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/matchers/specs"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

var _ = Describe("the quantised LeNet-5", func() {
	var pair *model.Pair

	BeforeEach(func() {
		p := fixtures.LeNet5Int8
		var err error
		pair, err = onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale))
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(pair.Close)
	})

	It("agrees with the original where no pixel changes by more than 1", func(ctx SpecContext) {
		seeds := generators.First(fixtures.Seeds(), 20)
		Expect(pair).NotTo(specs.Tracked(ctx, HaveDeviationFrom(seeds).Within(distance.LInf(1)).WithQueriesPerSeed(50)))
	}, SpecTimeout(time.Minute))
})

// The spec above runs with the suite, under go test or ginkgo, so there is nothing in this function: documentation shows the
// whole file as the example. While the spec runs, Ginkgo's progress reports say how far the search is.
func ExampleTracked() {}
