package matchers

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/onsi/gomega/format"
	"github.com/triggerfinder/triggerfinder/model"
)

// This file holds what is said of options, and of an actual value, that make no sense.

// pairOf is the pair that a matcher was given, which is nothing else.
func pairOf(actual any, matcher string) (*model.Pair, error) {
	pair, ok := actual.(*model.Pair)
	if !ok || pair == nil {
		return nil, fmt.Errorf("%s matcher expects a *model.Pair. Got:\n%s", matcher, format.Object(actual, 1))
	}
	return pair, nil
}

// given are the options that were given and must be known by name.
type given []string

func (g given) with(option string) given {
	if slices.Contains(g, option) {
		return g
	}
	return append(slices.Clone(g), option)
}

// both is the error about two options of which one alone can be meant; nil unless both are given.
func (g given) both(one, other, why string) error {
	if !slices.Contains(g, one) || !slices.Contains(g, other) {
		return nil
	}
	return fmt.Errorf("%s and %s: expected one of them: %s", one, other, why)
}

// misused joins what is wrong with options, in an order that does not depend on theirs.
func misused(misuse ...error) error {
	misuse = slices.DeleteFunc(slices.Clone(misuse), func(err error) bool { return err == nil })
	slices.SortFunc(misuse, func(a, b error) int { return cmp.Compare(a.Error(), b.Error()) })
	return errors.Join(misuse...)
}

// shareError is the error about a number that an option was given and that is no share; nil for one that is. What seems
// to be per cent is asked about.
func shareError(option string, share float64) error {
	if share > 0 && share < 1 {
		return nil
	}
	if !strings.HasSuffix(option, ")") {
		option += "(…)"
	}
	return fmt.Errorf("%s: expected a share above 0 and below 1%s", strings.Replace(option, "…", fmt.Sprint(share), 1), ofHundred(share))
}

// ofHundred asks about a number that was probably meant as per cent; "" for others.
func ofHundred(share float64) string {
	if share >= 1 && share < 100 {
		return fmt.Sprintf("; did you mean %g?", share/100)
	}
	return ""
}

// expect notes what is wrong with an option, and reports whether nothing is.
func (o *options) expect(right bool, format string, args ...any) bool {
	if !right {
		o.misuse = append(o.misuse, fmt.Errorf(format, args...))
	}
	return right
}

// expectShare is expect of a number above 0 and below 1.
func (o *options) expectShare(option string, share float64) bool {
	err := shareError(option, share)
	if err != nil {
		o.misuse = append(o.misuse, err)
	}
	return err == nil
}
