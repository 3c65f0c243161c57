package commandline

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Manual is a command that writes the program's man pages, one a command. They are made of what the help is made of: package cobra/doc
// knows no parts of a help, lists flags by the alphabet, and brings a reader of Markdown with it.
func (p *Program) Manual() *Command {
	c := &Command{Name: "man", Usage: "DIR", Hidden: true, Folders: true, Flags: NewFlags("man"),
		About: "Writes the man pages of all commands into a folder: " + p.Name + ".1 and one a command."}
	c.Run = func(args []string) (int, error) {
		if len(args) != 1 {
			return 0, c.Flags.Misuse("expected one folder, found %d: %q", len(args), args)
		}
		if err := os.MkdirAll(args[0], 0o777); err != nil {
			return 0, err
		}
		for name, page := range p.Pages() {
			if err := os.WriteFile(filepath.Join(args[0], name), []byte(page), 0o666); err != nil {
				return 0, err
			}
		}
		return 0, nil
	}
	return c
}

// Pages are the man pages, by the names of their files.
func (p *Program) Pages() map[string]string {
	pages := map[string]string{}
	var others []string
	for _, c := range p.Commands {
		if !c.Hidden {
			name := p.Name + "-" + c.Name
			pages[name+".1"] = c.page(p, name)
			others = append(others, `\fB`+roff(name)+`\fR(1)`)
		}
	}
	var b strings.Builder
	p.begin(&b, p.Name, p.About)
	b.WriteString(".SH SYNOPSIS\n.nf\n")
	for _, c := range p.Commands {
		if !c.Hidden {
			fmt.Fprintf(&b, "%s\n", roff(strings.Join(fields(p.Name, c.Name, c.Usage), " ")))
		}
	}
	b.WriteString(".fi\n.SH EXIT STATUS\n" + roff(p.Footer) + "\n.SH SEE ALSO\n" + strings.Join(others, ", ") + "\n")
	pages[p.Name+".1"] = b.String()
	return pages
}

func (p *Program) begin(b *strings.Builder, name, summary string) {
	fmt.Fprintf(b, ".TH %q 1 \"\" %q %q\n.SH NAME\n%s \\- %s\n", strings.ToUpper(name), p.Version, p.Name+" manual", roff(name), roff(summary))
}

// page is the man page of a command.
func (c *Command) page(p *Program, name string) string {
	var b strings.Builder
	p.begin(&b, name, c.summary())
	fmt.Fprintf(&b, ".SH SYNOPSIS\n\\fB%s %s\\fR %s\n.SH DESCRIPTION\n", roff(p.Name), roff(c.Name), roff(c.Usage))
	verbatim(&b, c.About)
	for i, s := range c.ready().Flags.sections {
		if s.text == "" && len(s.rows) == 0 {
			continue
		}
		title, note, _ := strings.Cut(s.title, " (")
		if title == "" {
			title = "Options"
		}
		fmt.Fprintf(&b, ".SH %s\n", roff(strings.ToUpper(title)))
		if note != "" {
			b.WriteString(roff(strings.TrimSuffix(note, ")")) + "\n")
		}
		verbatim(&b, c.Flags.sections[i].text)
		for _, r := range s.rows {
			fmt.Fprintf(&b, ".TP\n\\fB%s\\fR\n", roff(r.flag))
			for line := range strings.SplitSeq(r.about, "\n") {
				b.WriteString(roff(line) + "\n.br\n")
			}
		}
	}
	fmt.Fprintf(&b, ".SH SEE ALSO\n\\fB%s\\fR(1)\n", roff(p.Name))
	return b.String()
}

// verbatim writes text with its lines as they are where they are indented, and flowing where not.
func verbatim(b *strings.Builder, text string) {
	as := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch indented := strings.HasPrefix(line, " "); {
		case line == "":
			b.WriteString(".PP\n")
			continue
		case indented != as:
			b.WriteString(map[bool]string{true: ".nf\n", false: ".fi\n"}[indented])
			as = indented
		}
		b.WriteString(roff(line) + "\n")
	}
	if as {
		b.WriteString(".fi\n")
	}
}

// roff is text that groff and mandoc print as it is.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`).Replace(text)
	if strings.HasPrefix(text, ".") {
		text = `\&` + text
	}
	var b strings.Builder
	for _, r := range text {
		if r < 0x80 {
			b.WriteRune(r)
			continue
		}
		fmt.Fprintf(&b, `\[u%04X]`, r) // for those that read bytes
	}
	return b.String()
}
