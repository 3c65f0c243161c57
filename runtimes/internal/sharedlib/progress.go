package sharedlib

import "io"

// progressLine is one line that grows while an installation runs. That it cannot be written stops nothing.
type progressLine struct {
	w         io.Writer
	separator string
}

func startLine(w io.Writer, text string) *progressLine {
	line := &progressLine{w, ": "}
	line.add(text)
	return line
}

// next tells what is tried now.
func (l *progressLine) next(what string) {
	l.add(l.separator + what)
	l.separator = ", "
}

func (l *progressLine) add(text string) { _, _ = io.WriteString(l.w, text) }

func (l *progressLine) end() { l.add("\n") }
