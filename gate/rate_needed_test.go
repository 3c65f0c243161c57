package gate

import (
	"testing"

	"github.com/triggerfinder/triggerfinder/stats"
)

// Who is told how many draws a decision takes is never told a number that was not enough already: a run with a fixed
// number of draws that was cut short decides nothing, however many it made.
func TestNeededDrawsAreMoreThanThoseMade(t *testing.T) {
	const limit, confidence = 0.1, 0.95
	for _, fixed := range []bool{true, false} {
		estimate := stats.DrawsToDecide
		if fixed {
			estimate = stats.FixedDraws
		}
		least, ok := estimate(0, limit, confidence)
		if !ok || least < 20 {
			t.Fatalf("%d, %t", least, ok)
		}
		for _, made := range []int{1, least - 1, least, least + 1, 512} {
			if got, want := needed(0, made, limit, confidence, fixed), max(least, made+1); got != want {
				t.Errorf("fixed %t, none of %d: %d needed; expected %d", fixed, made, got, want)
			}
		}
	}
	if got := needed(1, 10, limit, confidence, true); got != 0 {
		t.Errorf("at the limit itself: %d needed; expected 0, as there is no such number", got)
	}
}
