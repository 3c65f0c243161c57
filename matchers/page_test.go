package matchers_test

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
	. "github.com/triggerfinder/triggerfinder/matchers"
)

// TestThePageOfMatchersHasTheirOptions compares the options that docs/matchers.md lists with the methods of each matcher.
func TestThePageOfMatchersHasTheirOptions(t *testing.T) {
	page, err := os.ReadFile("../docs/matchers.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for _, section := range strings.Split(string(page), "\n## ")[1:] {
		title, text, _ := strings.Cut(section, "\n")
		sections[title] = text
	}
	row := regexp.MustCompile("(?m)^\\| (`.*?) \\|")
	name := regexp.MustCompile("`([A-Z]\\w*)(?:\\(|`)")
	named := func(section string) (options []string) {
		for _, r := range row.FindAllStringSubmatch(sections[section], -1) {
			for _, m := range name.FindAllStringSubmatch(r[1], -1) {
				options = append(options, m[1])
			}
		}
		return options
	}
	shared := named("What all matchers share")
	if len(shared) < 4 {
		t.Errorf("matchers.md: %d options that all matchers share: expected more", len(shared))
	}
	// Methods for Gomega, and options that few readers look for.
	apart := []string{"Match", "FailureMessage", "NegatedFailureMessage", "MatchMayChangeInTheFuture", "AllowingIdenticalScores", "SkippedAtMost",
		"InspectingCanary", "InspectingNoise"}
	for title, matcher := range map[string]any{
		"HaveDeviationFrom":         HaveDeviationFrom(input.SeedList{}),
		"HaveDeviationRateBelow":    HaveDeviationRateBelow(0.01),
		"HaveNegativeFlipRateBelow": HaveNegativeFlipRateBelow(0.01),
		"DeviateNoMoreThan":         DeviateNoMoreThan("evidence.json"),
		"ReplayCleanly":             ReplayCleanly("triggers"),
	} {
		options, of := named(title), reflect.TypeOf(matcher)
		for _, option := range options {
			if _, ok := of.MethodByName(option); !ok {
				t.Errorf("matchers.md, %s: expected options that it has, found %s", title, option)
			}
		}
		for i := range of.NumMethod() {
			if m := of.Method(i).Name; !slices.Contains(slices.Concat(options, shared, apart), m) {
				t.Errorf("matchers.md, %s: expected the option %s, found none", title, m)
			}
		}
	}
}
