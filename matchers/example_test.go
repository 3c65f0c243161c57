package matchers_test

import (
	"fmt"
	"os"
	"strings"

	. "github.com/onsi/gomega"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/onnx"
	"github.com/triggerfinder/triggerfinder/fixtures"
	. "github.com/triggerfinder/triggerfinder/matchers"
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
	pair := engine.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed,
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
	pair := engine.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed,
		onnx.PairName(p.Name), onnx.Scale(fixtures.Scale)))
	defer pair.Close()
	root := engine.Must(os.MkdirTemp("", "triggers"))
	defer os.RemoveAll(root)
	g := firstLines(1) // in a test: g := NewWithT(t)
	g.Expect(pair).To(ReplayCleanly(root).OrNothing())
	fmt.Println("nothing to replay yet")

	g.Expect(pair).To(HaveDeviationFrom(seeds(20)).StoppingAfter(1).SavingTo(root).SavingAtMost(1))
	g.Expect(pair).NotTo(ReplayCleanly(root))
	fmt.Println("the saved trigger still deviates")
	// Output:
	// nothing to replay yet
	// the saved trigger still deviates
}
