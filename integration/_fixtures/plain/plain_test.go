// Package plain is what a user of the standard library's testing writes. The tests of package
// integration copy and run it.
package plain

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/fixtures/shades"
	"github.com/triggerfinder/triggerfinder/generators"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

var seeds = generators.First(fixtures.Seeds(), 20)

// open opens an embedded pair.
func open(t *testing.T, p fixtures.Pair) *model.Pair {
	t.Helper()
	pair, err := onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pair.Close() })
	return pair
}

func TestDeviates(t *testing.T) {
	g := NewWithT(t)
	g.Expect(open(t, fixtures.LeNet5Int8)).NotTo(HaveDeviationFrom(seeds).WithClassNames(fixtures.ClassNames()...).KeepingArtifactsOf(t))
}

func TestReplays(t *testing.T) {
	g := NewWithT(t)
	g.Expect(open(t, fixtures.LeNet5Int8)).To(ReplayCleanly("testdata/triggers"))
}

func TestLongSearch(t *testing.T) {
	g := NewWithT(t)
	oneClass := model.Try(generators.Labelled(seeds, make([]int, 20))).OrFail(t) // that both models give to everything
	g.Expect(shades.SlowPair("agreeing", 300, 301, 10*time.Millisecond)).NotTo(HaveDeviationFrom(oneClass).
		WithBudget(engine.Budget{QueriesPerSeed: 1 << 20, Time: 5500 * time.Millisecond}))
	fmt.Println("the long search is over")
}

func TestBudget(t *testing.T) {
	g := NewWithT(t)
	g.Expect(shades.Pair("agreeing", 300, 301)).NotTo(HaveDeviationFrom(generators.First(seeds, 2)).
		Inspecting(func(r *engine.Report) { fmt.Printf("budget: %+v; %d queries\n", r.Budget, r.Ledger.Queries) }))
}

// TestTogether begins when as many processes as GATE says, a folder for each, are ready.
func TestTogether(t *testing.T) {
	g := NewWithT(t)
	pair, gate := open(t, fixtures.LeNet5Int8), os.Getenv("GATE")
	g.Expect(os.Mkdir(filepath.Join(gate, fmt.Sprint(os.Getpid())), 0o777)).To(Succeed())
	g.Eventually(func() ([]os.DirEntry, error) { return os.ReadDir(gate) }).
		WithTimeout(time.Minute).WithPolling(time.Millisecond).Should(HaveLen(2))
	for randomSeed := range uint64(3) {
		g.Expect(pair).To(HaveDeviationFrom(seeds).Using(strategies.TriggerFinder()).WithRandomSeed(randomSeed).WithoutReplay())
		g.Expect(pair).To(HaveDeviationFrom(seeds).Using(strategies.TriggerFinder()).WithRandomSeed(randomSeed), "replayed while the other one writes")
	}
}

// TestInterrupted is told to stop, when its first trigger is saved.
func TestInterrupted(t *testing.T) {
	g := NewWithT(t)
	g.Expect(open(t, fixtures.LeNet5Int8)).NotTo(HaveDeviationFrom(fixtures.Seeds()).Within(distance.LInf(16)).
		WithQueriesPerSeed(1 << 24).WithContext(Interruptible(t)))
}
