// Package sharded is a Ginkgo suite that splits a search among parallel processes. The tests of package
// integration copy and run it.
package sharded

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/matchers/specs"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

func TestSharded(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Sharded")
}

var (
	seeds = generators.First(fixtures.Seeds(), 30)
	bound = distance.LInf(16)
)

func open(p fixtures.Pair) *model.Pair {
	pair, err := onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale))
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(pair.Close)
	return pair
}

// Every shard keeps its result for the command merge.
var _ = specs.Sharded("search", func(ctx SpecContext, shard engine.Shard) {
	matcher := HaveDeviationFrom(seeds).Within(bound).WithQueriesPerSeed(60).WithoutSaving().InShard(shard).
		Inspecting(func(r *engine.Report) {
			file := filepath.Join("results", fmt.Sprintf("%d-of-%d.json", shard.Index+1, shard.Total))
			Expect(report.ResultOf(r, nil).Save(file)).To(Succeed())
		})
	Expect(open(fixtures.LeNet5Pruned)).NotTo(specs.Tracked(ctx, specs.KeepingArtifacts(matcher)))
}, SpecTimeout(time.Minute), specs.LabelOf("lenet5-pruned"))

var _ = Describe("the release", specs.LabelOf("lenet5-int8"), func() {
	It("deviates no more than the last", func(ctx SpecContext) {
		Expect(open(fixtures.LeNet5Int8)).To(specs.Compared(ctx, DeviateNoMoreThan("testdata/evidence.json").From(seeds)))
	})
	It("deviates more than the last", func(ctx SpecContext) {
		Expect(open(fixtures.LeNet5Pruned)).To(specs.Compared(ctx, DeviateNoMoreThan("testdata/evidence.json").From(seeds)))
	})
})

var _ = BeforeEach(func() {
	if CurrentSpecReport().ContainerHierarchyTexts[0] == "the release" {
		name := filepath.Join("testdata", fmt.Sprint(GinkgoParallelProcess()), "evidence.json")
		matcher := HaveDeviationFrom(seeds).WithQueriesPerSeed(2).WithoutSaving().SavingEvidence(name) // few queries tell both apart
		_, err := matcher.Match(open(fixtures.LeNet5Int8))
		Expect(err).NotTo(HaveOccurred())
		Expect(os.Rename(name, "testdata/evidence.json")).To(Succeed())
	}
})

var _ = DescribeTable("classes", func(ctx SpecContext, seeds input.Seeds) {
	// One weight of the copy was changed, which no input so near to a seed shows.
	Expect(open(fixtures.LeNet5Planted)).NotTo(specs.Tracked(ctx, HaveDeviationFrom(seeds).AllowingIdenticalScores().Within(distance.LInf(1)).WithQueriesPerSeed(10)))
}, specs.EntriesByClass(seeds, fixtures.ClassNames()...), specs.EntriesBySlice(seeds, 20))
