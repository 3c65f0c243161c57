package specs_test

import (
	"errors"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/fixtures/shades"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/matchers/specs"
)

// This suite runs in one process: one spec searches all.
var _ = specs.Sharded("Sharded", func(ctx SpecContext, shard engine.Shard) {
	Expect(shades.Pair("thresholds", 300, 301)).NotTo(specs.Tracked(ctx, HaveDeviationFrom(generators.First(fixtures.Seeds(), 6)).
		WithoutSaving().WithQueriesPerSeed(10).InShard(shard)))
	config, _ := GinkgoConfiguration()
	if config.ParallelTotal == 1 {
		Expect(CurrentSpecReport().LeafNodeText).To(Equal("in one piece"))
		Expect(CurrentSpecReport().ReportEntries[0].GetRawValue()).To(HaveField("Seeds", 6))
	}
}, specs.LabelOf("a/b (c)"))

var _ = Describe("LabelOf", func() {
	It("is a label that Ginkgo takes", func() {
		Expect(specs.LabelOf("lenet5-int8")).To(Equal(Labels{"pair:lenet5-int8"}))
		Expect(specs.LabelOf("a/b, (c)&d|!")).To(Equal(Labels{"pair:a-b- -c--d--"}))
		Expect(specs.LabelOf("")).To(Equal(Labels{"pair:-"}))
	})
})

// unreadable is seeds of which the second cannot be read, and the third has no label.
type unreadable struct{ input.Seeds }

func (u unreadable) Seed(i int) (input.Seed, error) {
	s, err := u.Seeds.Seed(i)
	switch i {
	case 1:
		return input.Seed{}, errors.New("damaged")
	case 2:
		s.Label = input.Unlabelled
	}
	return s, err
}

var seen = map[string]int{}

var _ = Describe("table entries", Ordered, func() {
	count := func(seeds input.Seeds) {
		text := CurrentSpecReport().LeafNodeText
		for i := range seeds.Len() {
			s, err := seeds.Seed(i)
			if text == "Trouser" {
				Expect(s.Label).To(Equal(1))
			}
			if text == "seeds that cannot be read" {
				Expect(err).To(MatchError("damaged"))
			}
		}
		seen[text] = seeds.Len()
		_, err := seeds.Seed(seeds.Len())
		Expect(err).To(HaveOccurred())
	}
	source := unreadable{generators.First(fixtures.Seeds(), 25)}
	DescribeTable("by class", count, specs.EntriesByClass(source, "T-shirt/top", "Trouser"))
	DescribeTable("by slice", count, specs.EntriesBySlice(source, 10))
	DescribeTable("nothing", count, specs.EntriesByClass(nil), specs.EntriesBySlice(nil, 3))
	It("are all seeds", func() {
		total := 0
		for text, n := range seen {
			Expect(text).NotTo(BeEmpty())
			total += n
		}
		Expect(total).To(Equal(50), "%v", seen)
		Expect(seen).To(SatisfyAll(HaveKeyWithValue("seeds 20 to 24", 5), HaveKeyWithValue("seeds that cannot be read", 1),
			HaveKeyWithValue("seeds without a label", 1), HaveKey("Trouser"), HaveKey("class 9"), HaveKeyWithValue("no seeds", 0)))
	})
})

var _ = Describe("ArtifactDir", Ordered, func() {
	var first string
	It("is the same for the whole spec", func() {
		first = specs.ArtifactDir()
		Expect(first).To(BeADirectory())
		Expect(specs.ArtifactDir()).To(Equal(first))
	})
	It("is another one for another spec, where the variable says", func() {
		root := GinkgoT().TempDir()
		GinkgoT().Setenv(specs.ArtifactsVariable, root)
		Expect(specs.ArtifactDir()).NotTo(Equal(first))
		Expect(specs.ArtifactDir()).To(SatisfyAll(HavePrefix(root), BeADirectory()))
	})
})
