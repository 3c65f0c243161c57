package strategies_test

import (
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/strategies"
)

func TestRandomStartsFromTheSeedOrGoesOn(t *testing.T) {
	operators := []input.Mutator{mark{0}, mark{1}, mark{2}}
	for _, accumulate := range []bool{false, true} {
		drive := newDrive(t, strategies.RandomSearch{Mutators: operators, Accumulate: accumulate}, enginetest.GreySeeds(1)[0].Input, nil)
		var chosen [3]float32
		for query := range 300 {
			candidate := drive.ask(1)[0]
			history := drive.searcher.(engine.Historian).History(0)
			want := 1
			if accumulate {
				want = query + 1
			}
			if len(history) != want {
				t.Fatalf("accumulate %t, query %d: history of %d operators, expected %d", accumulate, query, len(history), want)
			}
			for i, o := range operators {
				applied := 0
				for _, name := range history {
					if name == o.String() {
						applied++
					}
				}
				if got := candidate.Data[i] - drive.seed.Data[i]; got != float32(min(applied, 255)) {
					t.Fatalf("accumulate %t, query %d: %s applied %g times, the history has it %d times", accumulate, query, o, got, applied)
				}
				if !accumulate {
					chosen[i] += candidate.Data[i] - drive.seed.Data[i]
				}
			}
			drive.tell()
		}
		for i, n := range chosen {
			if !accumulate && (n < 70 || n > 130) {
				t.Errorf("%s was chosen %g times of 300, expected about 100", operators[i], n)
			}
		}
	}
}
