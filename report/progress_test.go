package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/triggerfinder/triggerfinder/engine"
)

func at(elapsed time.Duration, done int) engine.Progress {
	return engine.Progress{Pair: "p", Seeds: 10, Done: done, Triggers: done, Queries: 100 * done, Elapsed: elapsed, Share: float64(done) / 10}
}

func TestProgressOnATerminal(t *testing.T) {
	var w bytes.Buffer
	p := ProgressTo(&w, true)
	p.Show(at(2*time.Second, 5))
	want := "\r[=======.......] 50%, 5/10 seeds, 5 triggers, 250 queries/s, 2s, 2s left"
	if w.String() != want {
		t.Errorf("expected %q, found %q", want, &w)
	}
	w.Reset()
	over := at(4*time.Second, 10)
	over.Over = true
	p.Show(over)
	if blank := "\r" + strings.Repeat(" ", len(want)-1) + "\r"; w.String() != blank {
		t.Errorf("expected the line to be empty, found %q", &w)
	}

	// A shorter line covers a longer one, and no line is wrapped.
	w.Reset()
	p.draw("12345")
	p.draw("12")
	if w.String() != "\r12345\r12   " {
		t.Errorf("found %q", &w)
	}
	huge := engine.Progress{Seeds: 1 << 40, Done: 1 << 39, Triggers: 1 << 39, Queries: 1 << 60, Elapsed: 1000 * time.Hour, Share: 0.5}
	if bar := bar(huge); len(bar) > 79 {
		t.Errorf("a bar of %d columns: %q", len(bar), bar)
	}
	if bar := bar(engine.Progress{}); !strings.HasPrefix(bar, "[..............] 0%, 0/0 seeds") {
		t.Errorf("without anything: found %q", bar)
	}
}

// Elsewhere there is a line soon, then fewer, and one every 30 s of a long search.
func TestProgressInLines(t *testing.T) {
	var w bytes.Buffer
	p := ProgressTo(&w, false)
	var when []int
	for second := range 200 {
		p.Show(at(time.Duration(second)*time.Second, 1))
		if w.Len() > 0 {
			when = append(when, second)
			if line := w.String(); strings.Contains(line, "\r") || !strings.HasPrefix(line, "triggerfinder: p: 1 of 10 seeds done, 1 triggers, 100 queries") || strings.Count(line, "\n") != 1 {
				t.Errorf("found %q", line)
			}
			w.Reset()
		}
	}
	want := []int{2, 4, 8, 16, 32, 62, 92, 122, 152, 182}
	if len(when) != len(want) {
		t.Fatalf("expected lines at %v, found %v", want, when)
	}
	for i := range want {
		if when[i] != want[i] {
			t.Errorf("expected lines at %v, found %v", want, when)
			break
		}
	}
}
