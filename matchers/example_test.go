package matchers_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/generators"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// firstLines prints the beginning of the message that would fail a test.
func firstLines(n int) *WithT {
	return NewGomega(func(message string, _ ...int) {
		fmt.Println(strings.Join(strings.Split(message, "\n")[:n], "\n"))
	}).(*WithT)
}

func ExampleHaveDeviationFrom() {
	p := fixtures.LeNet5Student
	pair := model.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed,
		onnx.PairName(p.Name), onnx.Scale(fixtures.Scale)))
	defer pair.Close()

	g := firstLines(2) // in a test: g := NewWithT(t)
	g.Expect(pair).NotTo(HaveDeviationFrom(seeds(20)).
		Using(strategies.TriggerFinderAsReleased()).
		WithQueriesPerSeed(5000).
		WithoutSaving())
	// Output:
	// Expected pair lenet5-student (lenet5, lenet5-student)
	// not to have a deviation, but 20 of 20 seeds have one.
}

func ExampleReplayCleanly() {
	p := fixtures.LeNet5Student
	pair := model.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed,
		onnx.PairName(p.Name), onnx.Scale(fixtures.Scale)))
	defer pair.Close()
	root := model.Must(os.MkdirTemp("", "triggers"))
	defer os.RemoveAll(root)
	g := firstLines(1) // in a test: g := NewWithT(t)
	g.Expect(pair).To(ReplayCleanly(root).OrNothing())
	fmt.Println("nothing to replay yet")

	g.Expect(pair).To(HaveDeviationFrom(seeds(20)).StoppingAfter(1).SavingTo(root).SavingAtMost(1))
	g.Expect(pair).NotTo(ReplayCleanly(root).IncludingThisRun()) // a later run needs no such word
	fmt.Println("the saved trigger still deviates")
	// Output:
	// nothing to replay yet
	// the saved trigger still deviates
}

func ExampleDeviateNoMoreThan() {
	open := func(p fixtures.Pair) *model.Pair {
		return model.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale)))
	}
	lastRelease, candidate, better := open(fixtures.LeNet5Int8), open(fixtures.LeNet5Pruned), open(fixtures.LeNet5Planted)
	defer lastRelease.Close()
	defer candidate.Close()
	defer better.Close()
	file := filepath.Join(model.Must(os.MkdirTemp("", "evidence")), "lenet5.json")
	defer os.RemoveAll(filepath.Dir(file))

	g := firstLines(1) // in a test: g := NewWithT(t)
	// Once, when a release is good enough. Within the bound, most seeds have no trigger.
	search := HaveDeviationFrom(seeds(30)).Within(distance.LInf(24)).WithQueriesPerSeed(30).WithoutSaving()
	g.Expect(lastRelease).To(search.SavingEvidence(file))
	// In every test after that.
	g.Expect(better).To(DeviateNoMoreThan(file).From(seeds(30)))
	g.Expect(candidate).To(DeviateNoMoreThan(file).From(seeds(30)))
	// Output:
	// Expected pair lenet5-pruned (lenet5, lenet5-pruned)
}

func ExampleReplayCleanlyMatcher_WithWaivers() {
	p := fixtures.LeNet5Student
	pair := model.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale)))
	defer pair.Close()
	dir := model.Must(os.MkdirTemp("", "waivers"))
	defer os.RemoveAll(dir)
	g := firstLines(1) // in a test: g := NewWithT(t)
	root, waivers := filepath.Join(dir, "triggers"), filepath.Join(dir, "waivers.json")
	g.Expect(pair).To(HaveDeviationFrom(seeds(20)).StoppingAfter(1).SavingTo(root).SavingAtMost(1))

	id := model.Must(model.Must(report.OpenStore(root)).List(p.Name))[0].Trigger.ID
	_ = os.WriteFile(waivers, fmt.Appendf(nil, `{"format": "triggerfinder-waivers", "version": 1, "waivers": [
		{"pair": %q, "trigger": %q, "owner": "Ada", "reason": "too blurred to count", "expires": "2027-01-31"}]}`, p.Name, id), 0o600)

	january := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	g.Expect(pair).To(ReplayCleanly(root).IncludingThisRun().WithWaivers(waivers).AsOf(january))
	fmt.Println("the only trigger is waived")
	_, err := ReplayCleanly(root).IncludingThisRun().WithWaivers(waivers).AsOf(january.AddDate(0, 1, 0)).Match(pair)
	fmt.Println(strings.Contains(err.Error(), "expired on 2027-01-31"))
	// Output:
	// the only trigger is waived
	// true
}

func ExampleHaveDeviationRateBelow() {
	p := fixtures.LeNet5Int8
	pair := model.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed,
		onnx.PairName(p.Name), onnx.Scale(fixtures.Scale)))
	defer pair.Close()
	weather := generators.Corrupted(fixtures.Seeds()).WithSeverity(generators.Between(0.1, 0.5))

	g := firstLines(2) // in a test: g := NewWithT(t)
	g.Expect(pair).To(HaveDeviationRateBelow(0.05).Under(weather).WithConfidence(0.95).
		Inspecting(func(r *gate.Rate) { fmt.Println(r.Decision, r.Limit) }))
	// Output: below 0.05
}

func ExampleHaveNegativeFlipRateBelow() {
	p := fixtures.LeNet5Int8
	pair := model.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed,
		onnx.PairName(p.Name), onnx.Scale(fixtures.Scale)))
	defer pair.Close()

	g := firstLines(2) // in a test: g := NewWithT(t)
	g.Expect(pair).To(HaveNegativeFlipRateBelow(0.01).On(fixtures.Seeds()).PerClass(0.1).WithConfidence(0.95).
		Inspecting(func(f *gate.Flips) { fmt.Printf("%d of %d, at most %.2f %%\n", f.RightToWrong, f.Inputs, 100*f.Upper) }))
	// Output: 0 of 500, at most 0.60 %
}
