package commandline

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	helpIndent = 24  // columns before what a flag is for
	helpWidth  = 110 // of a line
)

// Help is what is to be known of a command.
func (c *Command) Help(program string) string {
	var b strings.Builder
	b.WriteString(strings.Join(fields(program, c.Name, c.Usage), " ") + "\n\n" + strings.TrimRight(c.About, "\n") + "\n")
	for _, s := range c.ready().Flags.sections {
		if s.text == "" && len(s.rows) == 0 {
			continue
		}
		b.WriteString("\n")
		if s.title != "" {
			b.WriteString(s.title + "\n")
		}
		b.WriteString(s.text)
		for _, r := range s.rows {
			b.WriteString(r.help())
		}
	}
	return b.String()
}

func fields(words ...string) []string {
	var list []string
	for _, word := range words {
		if word != "" {
			list = append(list, word)
		}
	}
	return list
}

// help is the row with its second column wrapped, and begun on a line of its own where the first is long. Line breaks stay.
func (r row) help() string {
	var b strings.Builder
	first := "  " + r.flag
	if n := utf8.RuneCountInString(first); n >= helpIndent-1 {
		b.WriteString(first + "\n" + strings.Repeat(" ", helpIndent))
	} else {
		b.WriteString(first + strings.Repeat(" ", helpIndent-n))
	}
	for i, line := range wrap(r.about, helpWidth-helpIndent) {
		if i > 0 {
			b.WriteString(strings.Repeat(" ", helpIndent))
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// wrap breaks text into lines of at most width columns, where it can.
func wrap(text string, width int) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(text, "\n") {
		line := ""
		for word := range strings.FieldsSeq(paragraph) {
			if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
				lines, line = append(lines, line), ""
			}
			if line != "" {
				line += " "
			}
			line += word
		}
		lines = append(lines, line)
	}
	return lines
}

// firstSentence is what a completion tells of a flag.
func firstSentence(about string) string {
	about, _, _ = strings.Cut(about, "\n")
	for _, end := range []string{": ", "; ", " (", ". "} {
		about, _, _ = strings.Cut(about, end)
	}
	return strings.TrimRight(about, ".,:; ")
}

// general is the help of a program of several commands.
func (p *Program) general() string {
	var b strings.Builder
	b.WriteString(p.About + "\n\n")
	for _, c := range p.Commands {
		if !c.Hidden {
			fmt.Fprintf(&b, "  %s\n", strings.Join(fields(p.Name, c.Name, c.Usage), " "))
		}
	}
	fmt.Fprintf(&b, "  %s version\n  %s help %s\n", p.Name, p.Name, strings.Join(p.names(), "|"))
	if p.Footer != "" {
		b.WriteString("\n" + p.Footer + "\n")
	}
	return b.String()
}
