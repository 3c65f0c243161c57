package matchers_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/input"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

// changedLeNet makes changed copies of the original of the embedded LeNet pairs.
var changedLeNet = onnx.PerturbedFS(fixtures.Models, "lenet5.onnx", onnx.Scale(fixtures.Scale))

// wide looks for deviations with a gap in a short search.
func wide(gap float64) *HaveDeviationMatcher {
	return HaveDeviationFrom(seeds(40)).WithoutSaving().MinGap(gap).WithQueriesPerSeed(100)
}

func TestNothingFoundCarriesItsPower(t *testing.T) {
	g, pair := NewWithT(t), open(t, fixtures.LeNet5Dynamic)
	var measured *gate.Canary
	matcher := wide(0.1).WithCanary(changedLeNet, 0.1).WithPowerAtLeast(0.3).WithCanary(changedLeNet, 0.03).
		InspectingCanary(func(c *gate.Canary) { measured = c })
	g.Expect(pair).NotTo(matcher)
	g.Expect(measured.Model).To(Equal("lenet5"))
	g.Expect(measured.Trials).To(HaveLen(2))
	g.Expect(measured.Search).To(HavePrefix("boundary; oracle top-1 with a gap of at least 0.1 "))

	message := matcher.FailureMessage(pair)
	took := regexp.MustCompile(`queries in \S+\.`)
	nearest := regexp.MustCompile(`\nThe nearest query .*`)
	message = nearest.ReplaceAllString(took.ReplaceAllString(message, "queries."), "")
	found := measured.Trials[1].Found
	g.Expect(found).To(BeNumerically(">", 20))
	g.Expect(message).To(Equal(`Expected pair lenet5-dynamic (lenet5, lenet5-dynamic)
to have a deviation, but none was found from 40 seeds.
Searched with boundary; oracle top-1 with a gap of at least 0.1 in the score of the original's label; random seed 0; 4000 queries.
The same search found 40 of 40 seeds (100 %; 95 % interval 91.2 to 100 %) deviating when the original was changed by 10 %.
The same search found ` + measured.Trials[1].String() + `.
The change: Gaussian noise on the weights, relative to the standard deviation of each tensor.

That is no proof that there is none. 40 of 40 seeds spent the whole budget of a seed: give it a larger budget, more seeds or another strategy.
To run this again: go test -run '^TestNothingFoundCarriesItsPower$' github.com/triggerfinder/triggerfinder/matchers`))
	g.Expect(measured.Trials[1].String()).To(MatchRegexp(`^%d of 40 seeds \([\d.]+ %%; 95 %% interval [\d.]+ to [\d.]+ %%\) deviating when the original was changed by 3 %%$`, found))
}

func TestTooWeakASearchIsAnErrorInBothDirections(t *testing.T) {
	int8 := open(t, fixtures.LeNet5Int8)
	for name, test := range map[string]struct {
		matcher *HaveDeviationMatcher
		says    string
	}{
		"it finds nothing": {
			wide(0.5).WithCanary(changedLeNet, 0.0001),
			"HaveDeviationFrom: nothing was found in pair lenet5-int8, but that cannot be relied on: search too weak: it found none of 40 seeds deviating when the original was changed by 0.01 % " +
				`\(the 95 % interval ends at 8.81 %\)` + ", so it would not find a deviation of that size in the compressed model either; raise the budget, or state a larger change",
		},
		"it finds too little": {
			wide(0.5).WithCanary(changedLeNet, 0.1).WithPowerAtLeast(0.99),
			`search too weak: expected it to find at least 99 % of seeds deviating when the original was changed by 10 %, found 3\d of 40 seeds \([\d.]+ %; 95 % interval [\d.]+ to [\d.]+ %\); raise the budget, or state a larger change`,
		},
		"it cannot tell": {
			wide(0.5).WithCanary(changedLeNet, 0.1).WithPowerAtLeast(0.72),
			`search too weak, or measured on too few seeds: expected it to find at least 72 % of seeds deviating when the original was changed by 10 %, found \d+ of 40 seeds \([\d.]+ %; 95 % interval [\d.]+ to [\d.]+ %\), which leaves it open; take more seeds, or raise the budget`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := errsBothWays(t, int8, test.matcher, test.says)
			NewWithT(t).Expect(errors.Is(err, gate.ErrTooWeak)).To(BeTrue())
		})
	}
	g := NewWithT(t)
	g.Expect(int8).NotTo(wide(0.5).WithCanary(changedLeNet, 0.1).WithPowerAtLeast(0.4), "enough for a lower demand")
}

func TestCanaryIsOnlyMeasuredWhenNothingWasFound(t *testing.T) {
	g, made := NewWithT(t), 0
	counting := func(size float64, randomSeed uint64) (model.Predictor, error) {
		made++
		return changedLeNet(size, randomSeed)
	}
	g.Expect(open(t, fixtures.LeNet5Student)).To(HaveDeviationFrom(seeds(3)).WithoutSaving().WithCanary(counting, 0.1))
	g.Expect(made).To(BeZero())
}

func TestMisusedCanaries(t *testing.T) {
	int8, plain := open(t, fixtures.LeNet5Int8), HaveDeviationFrom(seeds(4)).WithoutSaving().MinGap(0.5).WithQueriesPerSeed(20)
	cancelled, cancel := context.WithCancel(t.Context())
	for says, matcher := range map[string]*HaveDeviationMatcher{
		"WithCanary(nil, …): expected a function":             plain.WithCanary(nil, 0.1),
		"WithCanary(…, 0): expected a size above 0":           plain.WithCanary(changedLeNet, 0),
		"WithPowerAtLeast(0.9): expected WithCanary":          plain.WithPowerAtLeast(0.9),
		"WithPowerAtLeast(90): expected a share":              plain.WithCanary(changedLeNet, 0.1).WithPowerAtLeast(90),
		"missing.onnx: expected an ONNX file":                 plain.WithCanary(onnx.Perturbed("missing.onnx"), 0.1),
		"cancelled after 0 queries, nothing found until then": plain.WithContext(cancelled).WithCanary(func(size float64, n uint64) (model.Predictor, error) { cancel(); return changedLeNet(size, n) }, 0.1),
		"make the copy from the float original":               plain.WithCanary(onnx.PerturbedFS(fixtures.Models, "lenet5-int8.onnx"), 0.1),
		"expected a size above 0 and at most 10, relative":    plain.WithCanary(changedLeNet, 11),
	} {
		matched, err := matcher.Match(int8)
		NewWithT(t).Expect(err).To(MatchError(ContainSubstring(says)))
		NewWithT(t).Expect(matched).To(BeFalse())
	}
	_, err := plain.Match(int8) // is as it was
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
}

func TestMisreadSeedsAreNamed(t *testing.T) {
	g, pair := NewWithT(t), open(t, fixtures.LeNet5Int8)
	var list input.SeedList
	for i := range 8 {
		seed := model.Must(seeds(8).Seed(i))
		if i%2 == 1 {
			seed.Label = (seed.Label + 1) % 10
		}
		list = append(list, seed)
	}
	matcher := HaveDeviationFrom(list).WithoutSaving().WithoutReplay()
	g.Expect(pair).To(matcher)
	g.Expect(matcher.NegatedFailureMessage(pair)).To(ContainSubstring(
		"\n4 seeds are misread by the original itself: seed 1 (fashion-seeds-images.idx3-ubyte.gz[1]), seed 3 (fashion-seeds-images.idx3-ubyte.gz[3]), " +
			"seed 5 (fashion-seeds-images.idx3-ubyte.gz[5]) and 1 more; 4 of them have a trigger."))
	without := matcher.LeavingOutMisreadSeeds()
	g.Expect(pair).To(without)
	g.Expect(without.NegatedFailureMessage(pair)).To(SatisfyAll(
		ContainSubstring("but 4 of 4 seeds have one."),
		ContainSubstring("\n4 of 8 seeds were skipped because: the original misreads it: it says class 1, the true one is class 2."),
		ContainSubstring("and 1 more; none of them has a trigger."),
	))
}

func ExampleHaveDeviationMatcher_WithCanary() {
	p := fixtures.LeNet5Dynamic
	options := []onnx.Option{onnx.PairName(p.Name), onnx.Scale(fixtures.Scale)}
	pair := model.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, options...))
	defer pair.Close()

	g := firstLines(1) // in a test: g := NewWithT(t)
	g.Expect(pair).NotTo(HaveDeviationFrom(seeds(40)).
		MinGap(0.1).
		WithQueriesPerSeed(100).
		WithCanary(onnx.PerturbedFS(fixtures.Models, p.Original, options...), 0.1).WithPowerAtLeast(0.9).
		InspectingCanary(func(c *gate.Canary) { fmt.Println("Nothing was found. The same search found", c.Trials[0]) }))

	// Output:
	// Nothing was found. The same search found 40 of 40 seeds (100 %; 95 % interval 91.2 to 100 %) deviating when the original was changed by 10 %
}
