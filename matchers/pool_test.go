package matchers_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
)

func TestSeedsOfOneClassAreToldUnlessAPoolLeadsTheWay(t *testing.T) {
	g := NewWithT(t)
	pair := open(t, fixtures.LeNet5Int8)
	var bags input.SeedList
	for i, all := 0, fixtures.Seeds(); len(bags) < 5; i++ {
		if seed := model.Must(all.Seed(i)); seed.Label == 8 {
			bags = append(bags, seed)
		}
	}
	var queries []int
	search := HaveDeviationFrom(bags).WithQueriesPerSeed(200).WithoutSaving().WithoutReplay().Inspecting(func(r *engine.Report) { queries = append(queries, r.Ledger.Queries) })
	g.Expect(search.Match(pair)).To(BeTrue())
	const told = "\nWarning: 5 of 5 seeds have no seed of another label that a path could lead to, "
	g.Expect(search.NegatedFailureMessage(pair)).To(ContainSubstring(told))
	led := search.WithPool(generators.First(fixtures.Seeds(), 40))
	g.Expect(led.Match(pair)).To(BeTrue())
	g.Expect(led.NegatedFailureMessage(pair)).NotTo(ContainSubstring("Warning"))
	g.Expect(queries[1]).To(BeNumerically("<", queries[0]), "a pool is to save queries")

	_, err := HaveDeviationFrom(bags).WithPool(nil).Match(pair)
	g.Expect(err).To(MatchError(ContainSubstring("WithPool(nil): expected inputs such as those of another class")))
}
