package process

import (
	"strings"
	"sync"
)

const (
	mostKept  = 16 << 10 // bytes of standard error
	mostLines = 10       // of it in an error
)

// tail keeps the end of what a program prints to standard error.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

// Write implements [io.Writer].
func (t *tail) Write(text []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, text[max(0, len(text)-mostKept):]...)
	if over := len(t.kept) - mostKept; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
	}
	return len(text), nil
}

// last are the last lines.
func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(strings.ToValidUTF8(string(t.kept), "\uFFFD")), "\n")
	lines = lines[max(0, len(lines)-mostLines):]
	for i, line := range lines {
		line = strings.TrimRight(line, "\r ")
		if at := strings.LastIndexByte(line, '\r'); at >= 0 {
			line = line[at+1:] // what stands of a progress bar
		}
		if runes := []rune(line); len(runes) > 300 {
			line = string(runes[:300]) + "…"
		}
		lines[i] = line
	}
	return strings.Join(lines, "\n")
}
