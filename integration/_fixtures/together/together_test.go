// Package together is a Ginkgo suite whose specs all save triggers of one pair. The tests of package
// integration copy it and run it in parallel processes.
package together

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/matchers/specs"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

func TestTogether(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Together")
}

var pair *model.Pair

var _ = BeforeSuite(func() {
	p := fixtures.LeNet5Int8
	var err error
	pair, err = onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale))
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(pair.Close)
})

// Two specs at a time make the same search.
var _ = DescribeTable("searches of one pair",
	func(ctx SpecContext, randomSeed uint64) {
		matcher := HaveDeviationFrom(generators.First(fixtures.Seeds(), 20)).Using(strategies.TriggerFinder()).WithRandomSeed(randomSeed)
		Expect(pair).To(specs.Tracked(ctx, matcher.WithoutReplay()))
		Expect(pair).NotTo(ReplayCleanly("testdata/triggers").IncludingThisRun(), "replayed while the other process writes")
	},
	Entry("first", uint64(0)), Entry("first again", uint64(0)),
	Entry("second", uint64(1)), Entry("second again", uint64(1)),
	Entry("third", uint64(2)), Entry("third again", uint64(2)),
)
