package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// errHelp is what --help comes to.
var errHelp = errors.New("help")

// flags are the flags of a command, with errors that name the flag, what was expected and what was
// found.
type flags struct {
	command string
	set     *flag.FlagSet
	values  map[string]*value
	problem error // of a value, in our words
}

func newFlags(command string) *flags {
	f := &flags{command: command, set: flag.NewFlagSet(command, flag.ContinueOnError), values: map[string]*value{}}
	f.set.SetOutput(io.Discard)
	f.set.Usage = func() {}
	return f
}

// value is a flag. It implements [flag.Value].
type value struct {
	text    string // as given, or the default
	given   bool
	boolean bool
	assign  func(text string) error
	get     func() any // nil: the text
}

// String implements [flag.Value].
func (v *value) String() string { return v.text }

// Set implements [flag.Value].
func (v *value) Set(text string) error {
	if err := v.assign(text); err != nil {
		return err
	}
	v.text, v.given = text, true
	return nil
}

// IsBoolFlag tells package flag that no value needs to follow.
func (v *value) IsBoolFlag() bool { return v.boolean }

// effective is the value for programs: a number or a boolean where it is one, or else text.
func (v *value) effective() any {
	if v.get == nil {
		return v.text
	}
	return v.get()
}

// define adds a flag that is parsed into p. The default is what p holds; text is how it is written.
func define[T any](f *flags, name string, p *T, text string, parse func(string) (T, error)) *value {
	v := &value{text: text}
	v.assign = func(text string) error {
		parsed, err := parse(text)
		if err != nil {
			f.problem = fmt.Errorf("--%s: %w", name, err)
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
	f.values[name] = v
	f.set.Var(v, name, "")
	return v
}

func (f *flags) text(name string, p *string) *value {
	return define(f, name, p, *p, func(text string) (string, error) {
		if text == "" {
			return "", expected("a value", text)
		}
		return text, nil
	})
}

func (f *flags) boolean(name string, p *bool) *value {
	return define(f, name, p, strconv.FormatBool(*p), func(text string) (bool, error) {
		on, err := strconv.ParseBool(text)
		if err != nil {
			return false, expected("true or false", text)
		}
		return on, nil
	})
}

func (f *flags) count(name string, p *int, least int) *value {
	return define(f, name, p, strconv.Itoa(*p), func(text string) (int, error) { return parseCount(text, least) })
}

func parseCount(text string, least int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > math.MaxInt32 {
		return 0, expected(fmt.Sprintf("a whole number of at least %d", least), text)
	}
	return n, nil
}

// oneOf parses one of some words, whatever their case.
func oneOf(words ...string) func(string) (string, error) {
	return func(text string) (string, error) {
		for _, word := range words {
			if strings.EqualFold(word, text) {
				return word, nil
			}
		}
		return "", expected(strings.Join(words[:len(words)-1], ", ")+" or "+words[len(words)-1], text)
	}
}

// plainly drops from errors the name of the function, which the flag stands for.
func plainly[T any](parse func(string) (T, error)) func(string) (T, error) {
	return func(text string) (T, error) {
		v, err := parse(text)
		if err != nil {
			message := err.Error()
			for _, prefix := range []string{"distance: ", "ParseBound: ", "ParseAim: ", "answer: ", "ParseMeasure: ", "ParseOracle: "} {
				message = strings.TrimPrefix(message, prefix)
			}
			err = errors.New(message)
		}
		return v, err
	}
}

func expected(what, found string) error { return fmt.Errorf("expected %s, found %q", what, found) }

// parse parses a command line whose flags may stand before and behind other arguments, which it returns.
func (f *flags) parse(args []string) (others []string, err error) {
	for {
		f.problem = nil
		if err := f.set.Parse(args); err != nil {
			return nil, f.explain(err)
		}
		rest := f.set.Args()
		if parsed := len(args) - len(rest); parsed > 0 && args[parsed-1] == "--" {
			return append(others, rest...), nil // these are none, whatever they look like
		}
		if len(rest) == 0 {
			return others, nil
		}
		others, args = append(others, rest[0]), rest[1:]
	}
}

// explain puts an error of package flag into our words.
func (f *flags) explain(err error) error {
	if errors.Is(err, flag.ErrHelp) {
		return errHelp
	}
	if f.problem != nil {
		return f.misuse("%w", f.problem)
	}
	if name, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -"); ok {
		return f.misuse("--%s: there is no such flag", name)
	}
	if name, ok := strings.CutPrefix(err.Error(), "flag needs an argument: -"); ok {
		return f.misuse("--%s: expected a value, found none", name)
	}
	return f.misuse("%w", err)
}

func (f *flags) misuse(format string, args ...any) error {
	return usageError{command: f.command, text: fmt.Errorf(format, args...).Error()}
}

// given reports whether the flag stands on the command line.
func (f *flags) given(name string) bool { return f.values[name].given }

// on reports whether the flag has a value other than "off": a switch may be given as false.
func (f *flags) on(name string) bool { return f.given(name) && f.values[name].effective() != false }

// require demands flags. All that are missing are named at once.
func (f *flags) require(names ...string) error {
	var missing []string
	for _, name := range names {
		if !f.given(name) {
			missing = append(missing, "--"+name)
		}
	}
	switch len(missing) {
	case 0:
		return nil
	case 1:
		return f.misuse("%s: expected a value, found none", missing[0])
	}
	last := len(missing) - 1
	return f.misuse("%s and %s: expected a value for each, found none", strings.Join(missing[:last], ", "), missing[last])
}

// parseNumber takes fractions too, such as 1/255.
func parseNumber(text string) (float64, error) {
	over, under, isFraction := strings.Cut(text, "/")
	v, err := strconv.ParseFloat(strings.TrimSpace(over), 64)
	if err == nil && isFraction {
		var by float64
		by, err = strconv.ParseFloat(strings.TrimSpace(under), 64)
		v /= by
	}
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, expected("a number such as 0.5 or 1/255", text)
	}
	return v, nil
}

func parseNumbers(text string) ([]float64, error) {
	var numbers []float64
	for part := range strings.SplitSeq(text, ",") {
		v, err := parseNumber(part)
		if err != nil {
			return nil, expected("numbers by comma, such as 1/255 or 0.485,0.456,0.406", text)
		}
		numbers = append(numbers, v)
	}
	return numbers, nil
}
