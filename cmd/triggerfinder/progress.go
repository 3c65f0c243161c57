package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/triggerfinder/triggerfinder/engine"
)

// linesEvery is how often a line tells the progress where no bar can be shown.
const linesEvery = 3 * time.Second

// progress shows how far a search is: a bar on a terminal, elsewhere a line now and then.
type progress struct {
	w     io.Writer
	live  bool
	quiet bool
	limit time.Duration // of the search; 0 means none
	last  time.Duration // when the latest line was written
	width int           // of the bar that is shown
}

func newProgress(c console, limit time.Duration) *progress {
	return &progress{w: c.err, live: c.live, quiet: c.quiet, limit: limit}
}

func (p *progress) show(now engine.Progress) {
	switch {
	case p.quiet:
	case p.live:
		p.overwrite(p.bar(now))
	case now.Elapsed-p.last >= linesEvery:
		p.last = now.Elapsed
		_, _ = fmt.Fprintln(p.w, "triggerfinder:", now)
	}
}

// end removes the bar.
func (p *progress) end() {
	if p.width > 0 {
		p.overwrite("")
		_, _ = io.WriteString(p.w, "\r")
	}
}

// overwrite replaces the line, without the control sequences that some consoles do not know.
func (p *progress) overwrite(line string) {
	_, _ = io.WriteString(p.w, "\r"+line+strings.Repeat(" ", max(0, p.width-len(line))))
	p.width = len(line)
}

// bar is less than 80 columns wide, in ASCII.
func (p *progress) bar(now engine.Progress) string {
	const width = 20
	done := 0.0
	if now.Seeds > 0 {
		done = float64(now.Done) / float64(now.Seeds)
	}
	if p.limit > 0 {
		done = max(done, min(1, now.Elapsed.Seconds()/p.limit.Seconds()))
	}
	full := int(done * width)
	rate := 0.0
	if s := now.Elapsed.Seconds(); s > 0 {
		rate = float64(now.Queries) / s
	}
	line := fmt.Sprintf("[%s%s] %d/%d seeds, %d triggers, %d queries, %.0f/s, %s",
		strings.Repeat("=", full), strings.Repeat(".", width-full),
		now.Done, now.Seeds, now.Triggers, now.Queries, rate, now.Elapsed.Round(time.Second))
	const widest = 79
	return line[:min(widest, len(line))]
}
