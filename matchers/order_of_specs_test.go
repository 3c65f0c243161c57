package matchers_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	. "github.com/triggerfinder/triggerfinder/matchers"
)

type matching interface{ Match(any) (bool, error) }

// deviationsCounted is how many deviations a message counts.
var deviationsCounted = regexp.MustCompile(`but \d+ (was|were) found: \d+ of \d+`)

// Whatever the order of specs, and whether they run twice (go test -count=2), their verdicts, messages and counts are the
// same: what one saves is nothing to the others. What was there before is replayed by all of them.
func TestVerdictsDoNotDependOnTheOrderOfSpecs(t *testing.T) {
	pair := open(t, fixtures.LeNet5Int8)
	search := func(n int) *HaveDeviationMatcher { return HaveDeviationFrom(seeds(n)).WithQueriesPerSeed(60) }
	specs := map[string]func(root string) matching{
		"saves from ten seeds":  func(root string) matching { return search(10).SavingTo(root) },
		"saves near the seeds":  func(root string) matching { return search(10).Within(distance.LInf(24)).SavingTo(root) },
		"saves by another seed": func(root string) matching { return search(4).WithRandomSeed(5).SavingTo(root) },
		"finds nothing so near": func(root string) matching {
			return search(3).Within(distance.LInf(1)).WithSettings(func(s *engine.Settings) {}).SavingTo(root)
		},
		"counts": func(root string) matching { return HaveAtMost(2).DistinctDeviationsFoundBy(search(2).SavingTo(root)) },
		"counts with what is saved": func(root string) matching {
			return HaveAtMost(2).DistinctDeviationsFoundBy(search(2).WithReplay().SavingTo(root))
		},
		"replays":                   func(root string) matching { return ReplayCleanly(root).OrNothing() },
		"replays, and expects some": func(root string) matching { return ReplayCleanly(root) },
		"draws, and saves what it saw": func(root string) matching {
			return HaveDeviationRateBelow(0.05).Under(corrupted()).WithBudget(500).SavingTo(root)
		},
	}
	var names []string
	for name := range specs {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, before := range []int{0, 3} { // triggers that an earlier run saved
		g, earlier := NewWithT(t), t.TempDir()
		if before > 0 {
			g.Expect(pair).To(search(6).WithRandomSeed(9).SavingTo(earlier).SavingAtMost(before))
		}
		verdicts := map[string]string{}
		rng := rand.New(rand.NewPCG(1, uint64(before)))
		for range 2 {
			root := t.TempDir()
			g.Expect(os.CopyFS(root, os.DirFS(earlier))).To(Succeed())
			Restarted()
			order := append(slices.Clone(names), names...)
			rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
			for _, name := range order {
				m := specs[name](root)
				matched, err := m.Match(pair)
				verdict := fmt.Sprint(matched, " ", err != nil)
				if counts, ok := m.(*DistinctDeviationsMatcher); ok && err == nil {
					verdict += deviationsCounted.FindString(counts.FailureMessage(pair))
				}
				if known, seen := verdicts[name]; seen && known != verdict {
					t.Fatalf("with %d saved before, in the order %q: %q came to %s, and before to %s (%v)", before, order, name, verdict, known, err)
				}
				verdicts[name] = verdict
			}
		}
		if before == 0 {
			g.Expect(verdicts).To(HaveKeyWithValue("replays, and expects some", "false true"))
			g.Expect(verdicts).To(HaveKeyWithValue("replays", "true false"))
		} else {
			g.Expect(verdicts).To(HaveKeyWithValue("replays", "false false"))
		}
	}
}
