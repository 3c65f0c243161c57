package beam

import (
	"runtime/debug"
	"testing"
)

func TestTheGarbageCollectorIsSparingWhileReportsAreMade(t *testing.T) {
	was := debug.SetGCPercent(100)
	defer debug.SetGCPercent(was)
	percent := func() int {
		p := debug.SetGCPercent(100)
		debug.SetGCPercent(p)
		return p
	}
	expect := func(when string, want int) {
		t.Helper()
		if p := percent(); p != want {
			t.Errorf("%s: %d; expected %d", when, p, want)
		}
	}
	for _, c := range []struct{ before, during int }{{100, sparePercent}, {5, 5}, {-1, -1}} {
		debug.SetGCPercent(c.before)
		var s spared
		first, second := s.begin(), s.begin()
		expect("during two", c.during)
		first()
		expect("during one", c.during)
		second()
		expect("afterwards", c.before)
	}
}
