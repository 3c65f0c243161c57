package matchers_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/input"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

var (
	took     = regexp.MustCompile(`\d+ queries in \S+\.\n`)
	fraction = regexp.MustCompile(`\d+\.\d+`)
	measured = regexp.MustCompile(`(L2|L-infinity) [\dN]+`)
	counted  = regexp.MustCompile(`\d+ (values changed|quer)`)
)

// words is a message without what differs from machine to machine: times and, in the last digit, scores and what
// follows from them. It ends before the line on running the test again.
func words(message string) string {
	message, _, _ = strings.Cut(message, "\nTo run this again")
	message = took.ReplaceAllString(message, "N queries in TIME.\n")
	message = fraction.ReplaceAllString(message, "N")
	message = measured.ReplaceAllString(message, "$1 N")
	return counted.ReplaceAllString(message, "N $1")
}

func TestHaveAtMostDistinctDeviationsSaysWhichThereAre(t *testing.T) {
	g := NewWithT(t)
	pair := open(t, fixtures.LeNet5Student)
	search := HaveDeviationFrom(seeds(20)).WithoutSaving().WithQueriesPerSeed(300).WithClassNames(fixtures.ClassNames()...)

	few := HaveAtMost(2).DistinctDeviationsFoundBy(search)
	matched, err := few.Match(pair)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(matched).To(BeFalse())
	g.Expect(words(few.FailureMessage(pair))).To(Equal(`Expected pair lenet5-student (lenet5, lenet5-student)
to have at most 2 distinct deviations, but 14 were found: 20 of 20 seeds have one.
Searched with boundary; oracle top-1; random seed 0; N queries in TIME.
20 triggers, 14 distinct: 4 Sandal → Sneaker by blend; 2 Dress → Trouser by blend; 2 Ankle boot → Sneaker by blend; 2 Shirt → Bag by blend; 1 Shirt → Coat by blend; and 9 more.

  1. from seed 5 (fashion-seeds-images.idx3-ubyte.gz[5]), truly Sandal:
     original says Sandal (N), compressed says Sneaker (N); the original is right
     N queries; distance to the seed: SSIM N, L2 N, L-infinity N, N values changed

  2. from seed 3 (fashion-seeds-images.idx3-ubyte.gz[3]), truly Dress:
     original says Dress (N), compressed says Trouser (N); the original is right
     N query; distance to the seed: SSIM N, L2 N, L-infinity N, N values changed

  3. from seed 9 (fashion-seeds-images.idx3-ubyte.gz[9]), truly Ankle boot:
     original says Ankle boot (N), compressed says Sneaker (N); the original is right
     N queries; distance to the seed: SSIM N, L2 N, L-infinity N, N values changed

  … and 11 more.
`))

	many := HaveAtMost(20).DistinctDeviationsFoundBy(search)
	matched, err = many.Match(pair)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(matched).To(BeTrue())
	g.Expect(words(many.NegatedFailureMessage(pair))).To(SatisfyAll(
		HavePrefix(`Expected pair lenet5-student (lenet5, lenet5-student)
to have more than 20 distinct deviations, but 14 were found: 20 of 20 seeds have one.
Searched with boundary; oracle top-1; random seed 0; N queries in TIME.
20 triggers, 14 distinct: 4 Sandal → Sneaker by blend; 2 Dress → Trouser by blend; 2 Ankle boot → Sneaker by blend; 2 Shirt → Bag by blend; 1 Shirt → Coat by blend; and 9 more.

  1. from seed 5 (fashion-seeds-images.idx3-ubyte.gz[5]), truly Sandal:
     original says Sandal (N), compressed says Sneaker (N); the original is right
     N queries; distance to the seed: SSIM N, L2 N, L-infinity N, N values changed
`), HaveSuffix("\n\nThat is no proof that there are no more.\n")))
}

func TestHaveDeviationFromShowsOneTriggerOfEachDeviationFirst(t *testing.T) {
	g := NewWithT(t)
	pair := open(t, fixtures.LeNet5Student)
	matcher := HaveDeviationFrom(seeds(20)).WithoutSaving().WithQueriesPerSeed(300).WithClassNames(fixtures.ClassNames()...)
	g.Expect(pair).To(matcher)
	g.Expect(words(matcher.NegatedFailureMessage(pair))).To(HavePrefix(`Expected pair lenet5-student (lenet5, lenet5-student)
not to have a deviation, but 20 of 20 seeds have one.
Searched with boundary; oracle top-1; random seed 0; N queries in TIME.
20 triggers, 14 distinct: 4 Sandal → Sneaker by blend; 2 Dress → Trouser by blend; 2 Ankle boot → Sneaker by blend; 2 Shirt → Bag by blend; 1 Shirt → Coat by blend; and 9 more.

  1. from seed 5 (fashion-seeds-images.idx3-ubyte.gz[5]), truly Sandal:`))
}

func TestHaveAtMostDistinctDeviationsWhereThereAreNone(t *testing.T) {
	g := NewWithT(t)
	matcher := HaveAtMost(0).DistinctDeviationsFoundBy(HaveDeviationFrom(ofOneClass(12)).WithoutSaving().WithQueriesPerSeed(20))
	g.Expect(agreeing()).To(matcher)
	g.Expect(words(matcher.NegatedFailureMessage(nil))).To(SatisfyAll(HavePrefix("Expected pair agreeing (a, b)\n"+
		"to have more than 0 distinct deviations, but 0 were found: 0 of 12 seeds have one.\n"+
		"Searched with boundary; oracle top-1; random seed 0; N queries in TIME.\n"),
		HaveSuffix("\n\nThat is no proof that there are no more.\n")))
}

func TestHaveAtMostDistinctDeviationsErrs(t *testing.T) {
	pair := open(t, fixtures.LeNet5Student)
	stopped, stop := context.WithCancel(t.Context())
	defer stop()
	base := HaveDeviationFrom(seeds(20)).WithoutSaving().WithQueriesPerSeed(300)
	for _, test := range []struct {
		reason  string
		actual  any
		matcher *DistinctDeviationsMatcher
		says    string
	}{
		{"not a pair", 42, HaveAtMost(1).DistinctDeviationsFrom(seeds(3)), "HaveAtMost matcher expects a *model.Pair. Got:"},
		{"no search", pair, HaveAtMost(1).DistinctDeviationsFoundBy(nil), "DistinctDeviationsFoundBy(nil): expected a search"},
		{"a negative number", pair, HaveAtMost(-1).DistinctDeviationsFoundBy(base), "HaveAtMost(-1): expected a number of at least 0"},
		{"a wrong option", pair, HaveAtMost(1).DistinctDeviationsFoundBy(base.Minimizing(-1)), "Minimizing(-1): expected a number of queries"},
		{"no seeds", pair, HaveAtMost(1).DistinctDeviationsFrom(nil), "no seeds"},
		{"stopped early", pair, HaveAtMost(5).DistinctDeviationsFoundBy(base.StoppingAfter(1).WithSettings(func(s *engine.Settings) { s.Window = 1 })),
			"HaveAtMost(5): inconclusive search: undecided with 1 distinct deviation: it was to stop after enough triggers"},
		{"not all seeds", pair, HaveAtMost(20).DistinctDeviationsFoundBy(base.WithSettings(func(s *engine.Settings) { s.Window, s.Budget.Queries, s.Budget.QueriesPerSeed = 1, 15, 0 })),
			"of 20 seeds were not searched"},
		{"cancelled", pair, HaveAtMost(20).DistinctDeviationsFoundBy(base.WithContext(stopped).WithSettings(func(s *engine.Settings) {
			s.Window, s.OnTrigger = 1, func(*engine.Trigger) error { stop(); return nil }
		})), "it was cancelled"},
	} {
		t.Run(test.reason, func(t *testing.T) {
			_ = errsBothWays(t, test.actual, test.matcher, regexp.QuoteMeta(test.says))
		})
	}
}

func TestSavedTriggersCountAsDeviations(t *testing.T) {
	g, root := NewWithT(t), t.TempDir()
	pair := open(t, fixtures.LeNet5Int8)
	g.Expect(pair).To(HaveDeviationFrom(seeds(8)).WithQueriesPerSeed(300).SavingTo(root))

	// The search from two other seeds finds two triggers; those saved count as well.
	search := HaveDeviationFrom(seeds(2)).SavingTo(root).WithRandomSeed(3).WithQueriesPerSeed(300)
	Restarted()
	matcher := HaveAtMost(2).DistinctDeviationsFoundBy(search.WithReplay())
	g.Expect(pair).NotTo(matcher)
	g.Expect(matcher.FailureMessage(pair)).To(SatisfyAll(
		MatchRegexp(`to have at most 2 distinct deviations, but \d+ were found: 2 of 2 seeds have one\.`),
		MatchRegexp(`\n\d+ saved triggers of earlier runs counted too, since still deviating\.`),
	))
	g.Expect(pair).To(HaveAtMost(2).DistinctDeviationsFoundBy(search.WithoutReplay()))
	g.Expect(pair).To(HaveAtMost(2).DistinctDeviationsFoundBy(search), "counting does not replay by default")
}

func TestMinimizingSavesTheMinimisedTriggers(t *testing.T) {
	g := NewWithT(t)
	pair := open(t, fixtures.LeNet5Student)
	saved := func(queries int) (triggers map[int]engine.Trigger, r *engine.Report) {
		root := t.TempDir()
		g.Expect(pair).To(HaveDeviationFrom(seeds(6)).WithQueriesPerSeed(300).SavingTo(root).SavingAtMost(4).Minimizing(queries).
			Inspecting(func(found *engine.Report) { r = found }))
		triggers = map[int]engine.Trigger{}
		for _, s := range model.Must(model.Must(report.OpenStore(root)).List(pair.Name())) {
			triggers[s.Trigger.SeedIndex] = s.Trigger
		}
		// What was saved is replayed first, and still deviates.
		g.Expect(pair).NotTo(ReplayCleanly(root).IncludingThisRun())
		return triggers, r
	}
	plain, _ := saved(0)
	small, r := saved(200)
	g.Expect(small).To(HaveLen(4))
	before, after := 0, 0
	for i, t := range small {
		g.Expect(plain).To(HaveKey(i))
		g.Expect(t.Distance.L0).To(BeNumerically("<", plain[i].Distance.L0), "seed %d", i)
		before, after = before+plain[i].Distance.L0, after+t.Distance.L0
		g.Expect(t.OriginalLabel).To(Equal(plain[i].OriginalLabel))
		g.Expect(t.CompressedLabel).To(Equal(plain[i].CompressedLabel))
		g.Expect(t.History).To(ContainElement("minimized"))
		g.Expect(r.Seeds[i].Trigger.ID).To(Equal(t.ID), "the report shows the same")
	}
	g.Expect(2*after).To(BeNumerically("<", before), "values changed, of all")
	minimized := 0
	for _, t := range r.Triggers() {
		if slices.Contains(t.History, "minimized") {
			minimized++
		}
	}
	g.Expect(minimized).To(Equal(4), "those that are not saved are left as they are")
}

func TestMinimizingAfterCancellationKeepsTheTrigger(t *testing.T) {
	g, root := NewWithT(t), t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	student := open(t, fixtures.LeNet5Student)
	compressed := model.Func("interrupting", func(c context.Context, batch []input.Input) ([][]float32, error) {
		scores, err := student.Compressed().Predict(c, batch)
		if len(batch) == 1 { // the confirmation of a hit
			cancel()
		}
		return scores, err
	})
	pair := model.Must(model.NewPair("interrupted", student.Original(), compressed))
	matcher := HaveDeviationFrom(seeds(6)).SavingTo(root).Minimizing(200).WithContext(ctx)
	g.Expect(pair).To(matcher)
	g.Expect(matcher.NegatedFailureMessage(pair)).To(ContainSubstring("The search is partial: it was cancelled."))
	g.Expect(filepath.Glob(filepath.Join(root, "*", "*", "trigger.json"))).NotTo(BeEmpty())
}

func ExampleHaveAtMost() {
	p := fixtures.LeNet5Student
	pair := model.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed,
		onnx.PairName(p.Name), onnx.Scale(fixtures.Scale)))
	defer pair.Close()

	g := firstLines(2) // in a test: g := NewWithT(t)
	search := HaveDeviationFrom(seeds(20)).WithQueriesPerSeed(300).WithoutSaving()
	g.Expect(pair).To(HaveAtMost(3).DistinctDeviationsFoundBy(search))
	// Output:
	// Expected pair lenet5-student (lenet5, lenet5-student)
	// to have at most 3 distinct deviations, but 14 were found: 20 of 20 seeds have one.
}

func ExampleHaveDeviationMatcher_Minimizing() {
	p := fixtures.LeNet5Student
	pair := model.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed,
		onnx.PairName(p.Name), onnx.Scale(fixtures.Scale)))
	defer pair.Close()
	root := model.Must(os.MkdirTemp("", "triggers"))
	defer os.RemoveAll(root)

	g := firstLines(2) // in a test: g := NewWithT(t)
	g.Expect(pair).To(HaveDeviationFrom(seeds(5)).WithQueriesPerSeed(300).StoppingAfter(1).SavingAtMost(1).SavingTo(root).Minimizing(300))
	saved := model.Must(model.Must(report.OpenStore(root)).List(p.Name))
	fmt.Println(len(saved), saved[0].Trigger.History[len(saved[0].Trigger.History)-1])
	// Output: 1 minimized
}

// What is waived is no deviation that counts, and a waiver goes on to hold when triggers are minimised.
func TestWaivedTriggersDoNotCountAsDistinctDeviations(t *testing.T) {
	g, root := NewWithT(t), t.TempDir()
	pair := open(t, fixtures.LeNet5Int8)
	search := HaveDeviationFrom(seeds(6)).SavingTo(root).SavingAtMost(6).WithQueriesPerSeed(300).AsOf(january)
	var ids []string
	g.Expect(pair).To(search.Inspecting(func(r *engine.Report) {
		for _, t := range r.Triggers() {
			ids = append(ids, fmt.Sprintf(`"trigger": %q`, t.ID))
		}
	}))
	g.Expect(pair).NotTo(HaveAtMost(2).DistinctDeviationsFoundBy(search))
	waived := search.WithWaivers(waiverFile(t, ids...))
	matcher := HaveAtMost(0).DistinctDeviationsFoundBy(waived)
	g.Expect(pair).To(matcher)
	g.Expect(matcher.NegatedFailureMessage(pair)).To(ContainSubstring("but 0 were found: 0 of 6 seeds have one."))
	g.Expect(pair).To(HaveAtMost(0).DistinctDeviationsFoundBy(waived.Minimizing(50)))
	_, err := HaveAtMost(9).DistinctDeviationsFoundBy(search.WithWaivers(waiverFile(t, append(ids, `"trigger": "0123456789abcdef"`)...))).Match(pair)
	g.Expect(err).To(MatchError(ContainSubstring("unused: there is no such trigger")))
}

func TestOneShardDoesNotDecideHowManyDeviationsThereAre(t *testing.T) {
	search := HaveDeviationFrom(seeds(12)).WithoutSaving().WithQueriesPerSeed(300).
		WithSettings(func(s *engine.Settings) { s.Shard = engine.Shard{Index: 0, Total: 3} })
	_, err := HaveAtMost(12).DistinctDeviationsFoundBy(search).Match(open(t, fixtures.LeNet5Student))
	NewWithT(t).Expect(err).To(MatchError(ContainSubstring("it was shard 1/3 of a search, and the others may have found more")))
}
