package specs_test

import (
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

var _ = Describe("the LeNet-5 quantised at run time", specs.LabelOf(fixtures.LeNet5Dynamic.Name), func() {
	var pair *engine.Pair

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
		Expect(pair).NotTo(specs.Tracked(ctx, HaveDeviationFrom(seeds).Within(engine.LInf(1)).WithQueriesPerSeed(50).InShard(shard)))
	}, SpecTimeout(time.Minute))
})

// The specs above run with the suite, so there is nothing in this function. Documentation shows the whole file as the example.
func ExampleSharded() {}
