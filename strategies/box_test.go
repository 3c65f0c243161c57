package strategies_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
)

// foundWithin is what a search within a bound finds, and what that takes.
func foundWithin(t *testing.T, bound distance.Bound, closing int) (found []string, climbs int) {
	t.Helper()
	r := enginetest.Search(t, enginetest.SmoothPair(), enginetest.PatternSeeds(40), enginetest.BoundarySettings(func(s *engine.Settings) {
		s.Bound, s.Budget = bound, engine.Budget{QueriesPerSeed: 150, ClosingQueriesPerSeed: closing}
	}))
	for _, o := range r.Seeds {
		line := fmt.Sprintf("seed %d: %s after %d queries", o.Index, o.Status, o.Queries)
		if o.Trigger != nil {
			line += fmt.Sprintf(", %s after %d by %v", o.Trigger.ID, o.Trigger.Queries, o.Trigger.History)
			if h := fmt.Sprint(o.Trigger.History); strings.Contains(h, "climb") || strings.Contains(h, "beyond the boundary") {
				climbs++
			}
		}
		found = append(found, line)
	}
	return found, climbs
}

// However a box is written, the search within it is the same to the last bit.
func TestEveryBoxIsClimbedAlike(t *testing.T) {
	const most = 30
	for _, closing := range []int{0, 60} {
		want, climbs := foundWithin(t, distance.LInf(most), closing)
		if closing == 0 && climbs == 0 {
			t.Fatal("no trigger was found by climbing; expected some, else this shows nothing")
		}
		for _, bound := range []distance.Bound{
			distance.AllOf(distance.LInf(most)),
			distance.AllOf(distance.LInf(most), distance.LInf(most+5.5)),
			distance.AllOf(distance.LInf(200), distance.AllOf(enginetest.Within(most), distance.LInf(90))),
			enginetest.Within(most),
			distance.AllOf(enginetest.Within(most)),
		} {
			if got, _ := foundWithin(t, bound, closing); !slices.Equal(got, want) {
				t.Errorf("%s: found\n%s\nexpected\n%s", bound, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	}
	// Without ends, the same region is climbed in another way.
	want, _ := foundWithin(t, distance.LInf(most), 0)
	if got, _ := foundWithin(t, enginetest.Unboxed{Bound: distance.LInf(most)}, 0); slices.Equal(got, want) {
		t.Error("a region without ends was climbed as a box")
	}
}
