package report

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/triggerfinder/triggerfinder/engine"
)

// Lines of progress come after 2 s, and then after as long again as there was nothing to tell, at most 30 s: those who
// wait see soon that it goes on, and logs stay short.
const (
	firstLineAfter = 2 * time.Second
	linesAtMost    = 30 * time.Second
)

// Progress shows how far a search is: on a terminal one line that is drawn again and again, elsewhere a line now and
// then.
type Progress struct {
	w     io.Writer
	live  bool
	next  time.Duration // when the next line is due
	width int           // of the line that is drawn
}

// ProgressTo shows progress on a writer. Live says that it is a terminal.
func ProgressTo(w io.Writer, live bool) *Progress {
	return &Progress{w: w, live: live, next: firstLineAfter}
}

// IsTerminal reports whether a line that was written to the file can be drawn over.
func IsTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}

// Show shows a snapshot. A snapshot of a search that is over removes the line from a terminal.
func (p *Progress) Show(now engine.Progress) {
	switch {
	case p.live && now.Over:
		p.Clear()
	case p.live:
		p.draw(bar(now))
	case now.Elapsed >= p.next && !now.Over:
		p.next = now.Elapsed + min(max(now.Elapsed, firstLineAfter), linesAtMost)
		_, _ = fmt.Fprintln(p.w, "triggerfinder:", now)
	}
}

// Clear removes the line, so that something else can be written.
func (p *Progress) Clear() {
	if p.width > 0 {
		p.draw("")
		_, _ = io.WriteString(p.w, "\r")
	}
}

// draw replaces the line, without the control sequences that some consoles do not know.
func (p *Progress) draw(line string) {
	_, _ = io.WriteString(p.w, "\r"+line+strings.Repeat(" ", max(0, p.width-len(line))))
	p.width = len(line)
}

// bar is less than 80 columns wide, in ASCII.
func bar(now engine.Progress) string {
	const width = 14
	full := int(now.Share * width)
	line := fmt.Sprintf("[%s%s] %.0f%%, %d/%d seeds, %d triggers, %.0f queries/s, %s",
		strings.Repeat("=", full), strings.Repeat(".", width-full),
		100*now.Share, now.Done, now.Seeds, now.Triggers, now.Rate(), now.Elapsed.Round(time.Second))
	if left, ok := now.Left(); ok {
		line += fmt.Sprintf(", %s left", left)
	}
	const widest = 79
	return line[:min(widest, len(line))]
}
