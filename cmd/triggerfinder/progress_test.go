package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/triggerfinder/triggerfinder/engine"
)

func at(elapsed time.Duration, done int) engine.Progress {
	return engine.Progress{Pair: "p", Seeds: 10, Done: done, Triggers: done, Queries: 100 * done, Elapsed: elapsed}
}

func TestBar(t *testing.T) {
	var w bytes.Buffer
	p := newProgress(console{err: &w, live: true}, 0)
	p.show(at(2*time.Second, 5))
	want := "\r[==========..........] 5/10 seeds, 5 triggers, 500 queries, 250/s, 2s"
	if w.String() != want {
		t.Errorf("expected %q, found %q", want, &w)
	}
	w.Reset()
	p.end()
	if blank := "\r" + strings.Repeat(" ", len(want)-1) + "\r"; w.String() != blank {
		t.Errorf("expected the line to be empty, found %q", &w)
	}

	// A shorter line covers a longer one, and no line is wrapped.
	w.Reset()
	p.overwrite("12345")
	p.overwrite("12")
	if w.String() != "\r12345\r12   " {
		t.Errorf("found %q", &w)
	}
	huge := engine.Progress{Seeds: 1 << 40, Done: 1 << 39, Triggers: 1 << 39, Queries: 1 << 60, Elapsed: 1000 * time.Hour}
	if bar := p.bar(huge); len(bar) > 79 {
		t.Errorf("a bar of %d columns: %q", len(bar), bar)
	}
	// With a limit of time, the bar goes by whichever is nearer to its end.
	p.limit = 4 * time.Second
	for elapsed, want := range map[time.Duration]string{2 * time.Second: "[==========", 9 * time.Second: "[" + strings.Repeat("=", 20) + "]"} {
		if bar := p.bar(at(elapsed, 1)); !strings.HasPrefix(bar, want) {
			t.Errorf("after %s: found %q", elapsed, bar)
		}
	}
	if bar := p.bar(engine.Progress{}); !strings.HasPrefix(bar, "[....................] 0/0 seeds") {
		t.Errorf("without anything: found %q", bar)
	}
}

func TestLines(t *testing.T) {
	var w bytes.Buffer
	p := newProgress(console{err: &w}, 0)
	for tenth := range 100 {
		p.show(at(time.Duration(tenth)*100*time.Millisecond, 1))
	}
	p.end()
	if lines := strings.Count(w.String(), "\n"); lines != 3 || strings.Contains(w.String(), "\r") || !strings.HasPrefix(w.String(), "triggerfinder: p: 1 of 10 seeds done") {
		t.Errorf("expected 3 lines in 10 seconds, found %d:\n%s", lines, &w)
	}
	w.Reset()
	p = newProgress(console{err: &w, quiet: true, live: true}, 0)
	p.show(at(time.Minute, 5))
	p.end()
	if w.Len() > 0 {
		t.Errorf("--quiet: found %q", &w)
	}
}
