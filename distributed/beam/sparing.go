package beam

import (
	"runtime/debug"
	"sync"
)

// sparing has the garbage collector leave little while reports are made in this process: what they keep of each seed is most of the memory there is, and Go would
// let as much again pile up beside it.
var sparing spared

type spared struct {
	sync.Mutex
	reports int // that are being made
	before  int // GOGC
}

// sparePercent is what may pile up, of what is kept. Less takes more of the processor's time.
const sparePercent = 10

// begin is called before a report is made, and what it returns when that is written. Who has set less, by GOGC or in the program, is left with it, and so is who has switched the
// collector off.
func (s *spared) begin() (end func()) {
	s.Lock()
	defer s.Unlock()
	if s.reports++; s.reports == 1 {
		if s.before = debug.SetGCPercent(sparePercent); s.before < sparePercent {
			debug.SetGCPercent(s.before)
		}
	}
	return func() {
		s.Lock()
		defer s.Unlock()
		if s.reports--; s.reports == 0 {
			debug.SetGCPercent(s.before)
		}
	}
}
