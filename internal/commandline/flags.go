// Package commandline is what the commands of this project share: flags that say themselves what they are for, errors that name the flag,
// what was expected and what was found, help, completion and man pages. It stands on cobra and pflag, and knows nothing of models.
package commandline

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
	"github.com/triggerfinder/triggerfinder/internal/spelling"
)

// Flags are the flags of one command. They are defined in the order in which the help lists them.
type Flags struct {
	Command  string
	set      *pflag.FlagSet
	values   map[string]*Value
	sections []section
	current  int   // the section in which flags are defined
	problem  error // of a value, in our words
}

// letters are those that some flags have besides their names, in all commands.
var letters = map[string]string{"quiet": "q", "verbose": "v"}

// section is a part of the help.
type section struct {
	title string
	rows  []row
	text  string // that stands as it is, in place of rows
}

// row is what the help says of a flag, or of several at once.
type row struct{ flag, about string }

// NewFlags are those of a command of that name, "" where a program is one command.
func NewFlags(command string) *Flags {
	f := &Flags{Command: command, set: pflag.NewFlagSet(command, pflag.ContinueOnError), values: map[string]*Value{}, sections: []section{{}}}
	f.set.SortFlags = false
	f.set.Usage = func() {}
	return f
}

// Value is one flag. It implements [pflag.Value].
type Value struct {
	name    string
	text    string // as given, or the default
	given   bool
	boolean bool
	kind    string // what the help calls its value
	assign  func(text string) error
	get     func() any // nil: the text

	words  []string // values, or beginnings of them where they end in "="
	files  []string // endings of the files that it takes; "" for any
	folder bool
}

// String implements [pflag.Value].
func (v *Value) String() string { return v.text }

// Type implements [pflag.Value].
func (v *Value) Type() string {
	if v.boolean {
		return "bool"
	}
	return v.kind
}

// Set implements [pflag.Value].
func (v *Value) Set(text string) error {
	if err := v.assign(text); err != nil {
		return err
	}
	v.text, v.given = text, true
	return nil
}

// Effective is the value for programs: a number or a boolean where it is one, or else text.
func (v *Value) Effective() any {
	if v.get == nil {
		return v.text
	}
	return v.get()
}

// Words are values of the flag, which are completed and suggested. Words that end in "=" or ":" are beginnings.
func (v *Value) Words(words ...string) *Value {
	v.words = words
	return v
}

// Files says that the flag names a file, of one of these endings if there are any.
func (v *Value) Files(endings ...string) *Value {
	v.files = append([]string{""}, endings...)
	return v
}

// Folder says that the flag names a folder.
func (v *Value) Folder() *Value {
	v.folder = true
	return v
}

// Section begins a part of the help, in which the flags that are defined from here on stand, or goes on with one of that title.
func (f *Flags) Section(title string) {
	f.current = slices.IndexFunc(f.sections, func(s section) bool { return s.title == title && s.text == "" })
	if f.current < 0 {
		f.sections = append(f.sections, section{title: title})
		f.current = len(f.sections) - 1
	}
}

// Text puts text into the help as it is, under a title.
func (f *Flags) Text(title, text string) {
	f.sections = append(f.sections, section{title: title, text: text})
}

// Row puts a row into the help that is about flags which have none of their own.
func (f *Flags) Row(flag, about string) {
	s := &f.sections[f.current]
	s.rows = append(s.rows, row{flag, about})
}

// Define adds a flag that is parsed into p. The default is what p holds; text is how it is written. Without words about it, it stands in no
// help: others tell of it.
func Define[T any](f *Flags, name, kind, about string, p *T, text string, parse func(string) (T, error)) *Value {
	v := &Value{name: name, text: text, kind: kind}
	v.assign = func(text string) error {
		parsed, err := parse(text)
		if err != nil {
			f.problem = fmt.Errorf("--%s: %w%s", name, err, v.Meant(text))
			return err
		}
		*p = parsed
		return nil
	}
	switch any(*p).(type) {
	case bool, int, uint64, float64, string:
		v.get = func() any { return *p }
	}
	_, v.boolean = any(*p).(bool)
	f.add(v, about)
	return v
}

func (f *Flags) add(v *Value, about string) {
	f.values[v.name] = v
	letter := letters[v.name]
	flag := f.set.VarPF(v, v.name, letter, firstSentence(about))
	if v.boolean {
		flag.NoOptDefVal = "true"
	}
	if about == "" {
		flag.Hidden = true
		return
	}
	shown := strings.TrimSuffix("--"+v.name+" "+v.kind, " ")
	if letter != "" {
		shown = "-" + letter + ", " + shown
	}
	f.Row(shown, about)
}

// AsSwitch makes a flag whose value is no bool a switch, which needs no value.
func (f *Flags) AsSwitch(name string) {
	f.values[name].boolean = true
	f.set.Lookup(name).NoOptDefVal = "true"
}

// Meant suggests one of the flag's words in place of a value that is none, "" where none is like it.
func (v *Value) Meant(text string) string {
	return spelling.Meant(text, v.words)
}

// String adds a flag that takes any text but none.
func (f *Flags) String(name, kind, about string, p *string) *Value {
	return Define(f, name, kind, about, p, *p, func(text string) (string, error) {
		if text == "" {
			return "", spelling.Expected("a value", text)
		}
		return text, nil
	})
}

// Switch adds a flag that is on or off.
func (f *Flags) Switch(name, about string, p *bool) *Value {
	return Define(f, name, "", about, p, strconv.FormatBool(*p), func(text string) (bool, error) {
		on, err := strconv.ParseBool(text)
		if err != nil {
			return false, spelling.Expected("true or false", text)
		}
		return on, nil
	})
}

// Count adds a flag that is a whole number.
func (f *Flags) Count(name, about string, p *int, least int) *Value {
	return Define(f, name, "N", about, p, strconv.Itoa(*p), func(text string) (int, error) { return spelling.Count(text, least) })
}

// Choice adds a flag that is one of some words, whatever their case.
func (f *Flags) Choice(name, kind, about string, p *string, words ...string) *Value {
	return Define(f, name, kind, about, p, *p, spelling.OneOf(words...)).Words(words...)
}

// Misuse is a command line that is not understood.
type Misuse struct{ Command, Text string }

// Error implements error.
func (e Misuse) Error() string {
	if e.Command == "" {
		return e.Text
	}
	return e.Command + ": " + e.Text
}

// Misuse says what is wrong with the command line.
func (f *Flags) Misuse(format string, args ...any) error {
	return Misuse{Command: f.Command, Text: fmt.Errorf(format, args...).Error()}
}

// Parse parses a command line whose flags may stand before and behind other arguments, which it returns.
func (f *Flags) Parse(args []string) (others []string, err error) {
	f.problem = nil
	if err := f.set.Parse(args); err != nil {
		return nil, f.explain(err)
	}
	return f.set.Args(), nil
}

// explain puts an error of package pflag into our words.
func (f *Flags) explain(err error) error {
	var unknown *pflag.NotExistError
	var lacking *pflag.ValueRequiredError
	switch {
	case errors.Is(err, pflag.ErrHelp):
		return err
	case f.problem != nil:
		return f.Misuse("%w", f.problem)
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return f.Misuse("-%s: there is no such flag%s", unknown.GetSpecifiedShortnames(), f.meant(unknown.GetSpecifiedShortnames()))
	case errors.As(err, &unknown):
		return f.Misuse("--%s: there is no such flag%s", unknown.GetSpecifiedName(), f.meant(unknown.GetSpecifiedName()))
	case errors.As(err, &lacking):
		return f.Misuse("--%s: expected a value, found none", lacking.GetSpecifiedName())
	}
	return f.Misuse("%w", err)
}

// meant suggests a flag in place of one that there is not.
func (f *Flags) meant(name string) string {
	name, _, _ = strings.Cut(name, "=")
	if meant := spelling.Nearest(name, f.Names()); meant != "" {
		return "; did you mean --" + meant + "?"
	}
	return ""
}

// Names are the names of all flags, in their order.
func (f *Flags) Names() []string {
	var names []string
	f.set.VisitAll(func(flag *pflag.Flag) { names = append(names, flag.Name) })
	return names
}

// Value is the flag of a name, nil where there is none.
func (f *Flags) Value(name string) *Value { return f.values[name] }

// Assign gives a flag a value, as if it stood on the command line.
func (f *Flags) Assign(name, text string) error { return f.values[name].Set(text) }

// Written is the flag's value as it is written.
func (f *Flags) Written(name string) string { return f.values[name].text }

// Given reports whether the flag stands on the command line.
func (f *Flags) Given(name string) bool { return f.values[name].given }

// On reports whether the flag has a value other than "off": a switch may be given as false.
func (f *Flags) On(name string) bool { return f.Given(name) && f.values[name].Effective() != false }

// Take gives these flags the values that others of the same command were given.
func (f *Flags) Take(others *Flags) error {
	for name, v := range others.values {
		if v.given {
			if err := f.Assign(name, v.text); err != nil {
				return err
			}
		}
	}
	return nil
}

// Require demands flags. All that are missing are named at once.
func (f *Flags) Require(names ...string) error {
	var missing []string
	for _, name := range names {
		if !f.Given(name) {
			missing = append(missing, "--"+name)
		}
	}
	switch len(missing) {
	case 0:
		return nil
	case 1:
		return f.Misuse("%s: expected a value, found none", missing[0])
	}
	last := len(missing) - 1
	return f.Misuse("%s and %s: expected a value for each, found none", strings.Join(missing[:last], ", "), missing[last])
}
