package main

import (
	"errors"
	"strings"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/internal/commandline"
)

// talk is how much a command tells.
type talk struct{ quiet, verbose bool }

// define defines the flags about it. Commands that have no more to tell have no words for --verbose.
func (t *talk) define(f *commandline.Flags, verbose string) {
	f.Switch("quiet", "print errors only", &t.quiet)
	if verbose != "" {
		f.Switch("verbose", verbose, &t.verbose)
	}
}

// of is a console that tells as much.
func (t *talk) of(c console) console {
	c.quiet, c.verbose = t.quiet, t.verbose && !t.quiet
	return c
}

func defineBound(f *commandline.Flags, about string, bound *distance.Bound) {
	commandline.Define(f, "within", "BOUND", about, bound, "", plainly(distance.ParseBound)).Words("linf=", "l2=", "l0=", "ssim=")
}

func defineAim(f *commandline.Flags, about string, aim *distance.Aim) {
	commandline.Define(f, "aim", "AIM", about, aim, aim.String(), plainly(distance.ParseAim)).Words("ssim", "l2", "linf", "l0")
}

func defineClassNames(f *commandline.Flags, about string, names *[]string) {
	commandline.Define(f, "class-names", "NAMES", about, names, "", parseClassNames).Files()
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
