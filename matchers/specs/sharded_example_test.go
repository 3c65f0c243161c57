package specs_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/matchers/specs"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

var _ = Describe("the LeNet-5 quantised at run time", specs.LabelOf(fixtures.LeNet5Dynamic.Name), func() {
	var pair *model.Pair

	BeforeEach(func() {
		p := fixtures.LeNet5Dynamic
		var err error
		pair, err = onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale))
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(pair.Close)
	})

	// One spec a process of ginkgo -p, which share the seeds out among themselves.
	specs.Sharded("agrees with the original", func(ctx SpecContext, shard engine.Shard) {
		seeds := generators.First(fixtures.Seeds(), 20)
		Expect(pair).NotTo(specs.Tracked(ctx, HaveDeviationFrom(seeds).Within(distance.LInf(1)).WithQueriesPerSeed(50).InShard(shard)))
	}, SpecTimeout(time.Minute))
})

// The specs above run with the suite, so there is nothing in this function. Documentation shows the whole file as the example.
func ExampleSharded() {}
