package integration

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/onsi/gomega/types"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

var updateGuide = flag.Bool("update", false, "write the messages in docs/matchers.md and docs/guide.md anew")

// TestTheGuideShowsMessagesAsPrinted compares the messages in docs/matchers.md, each way of each matcher, with those
// of the assertions that stand above them. Numbers and triggers are those of one machine, so only the words are compared.
//
//	go test ./integration -run TestTheGuideShowsMessagesAsPrinted -update
func TestTheGuideShowsMessagesAsPrinted(t *testing.T) {
	guide, err := filepath.Abs("../docs/matchers.md")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir("../examples/release-gate") // messages name files as that suite sees them
	compareMessages(t, guide, printedMessages(t), words)
}

// compareMessages compares the messages that a page shows, each below its marker, with what is printed, by their words. With -update it writes
// them anew.
func compareMessages(t *testing.T, path string, printed map[string]string, words func(string) string) {
	t.Helper()
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Base(path)
	block := regexp.MustCompile("(?s)<!-- message: ([a-z-]+) -->\n```text\n(.*?)\n?```\n")
	shown := map[string]bool{}
	updated := block.ReplaceAllStringFunc(string(page), func(found string) string {
		m := block.FindStringSubmatch(found)
		message, text := m[1], m[2]
		now, ok := printed[message]
		if !ok || shown[message] {
			t.Errorf("%s: message %q: expected one of the test's, once", name, message)
			return found
		}
		shown[message] = true
		if before, after := words(text), words(now); before != after && !*updateGuide {
			t.Errorf("%s: message %q is out of date; run this test with -update. Words on the page:\n%s\nWords printed:\n%s", name, message, before, after)
		}
		return fmt.Sprintf("<!-- message: %s -->\n```text\n%s\n```\n", message, now)
	})
	for message := range printed {
		if !shown[message] {
			t.Errorf("%s: expected the message %q, which is not there", name, message)
		}
	}
	if *updateGuide {
		if err := os.WriteFile(path, []byte(updated), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// printedMessages are what the assertions of the guide print when they fail, by name.
func printedMessages(t *testing.T) map[string]string {
	const evidence, triggers, waivers, shirt = "testdata/evidence/clothes.json", "testdata/triggers", "testdata/waivers.json", 6
	pair := func(p fixtures.Pair) *model.Pair {
		opened, err := onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName("clothes"), onnx.Scale(fixtures.Scale))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { opened.Close() })
		return opened
	}
	int8, pruned, student, dynamic := pair(fixtures.LeNet5Int8), pair(fixtures.LeNet5Pruned), pair(fixtures.LeNet5Student), pair(fixtures.LeNet5Dynamic)
	seeds, names := generators.First(fixtures.Seeds(), 100), fixtures.ClassNames()
	photos := generators.Corrupted(seeds)
	testSet, worsePhotos := make(input.SeedList, 3000), generators.Corrupted(fixtures.Seeds())
	for i := range testSet {
		draw := model.Must(input.DrawAt(worsePhotos, 1, i))
		testSet[i] = input.Seed{Input: draw.Input, Label: draw.Seed.Label, Name: fmt.Sprintf("photo %d", i)}
	}
	search := HaveDeviationFrom(seeds).MinGap(0.4).WithQueriesPerSeed(100).WithClassNames(names...).WithoutReplay().WithoutSaving()
	canary := onnx.PerturbedFS(fixtures.Models, fixtures.LeNet5Int8.Original, onnx.Scale(fixtures.Scale))
	few := HaveAtMost(25).DistinctDeviationsFoundBy(search.JudgedBy(answer.Top1()).MinGap(0.15))
	rate := HaveDeviationRateBelow(0.02).Under(photos).WithConfidence(0.95).WithClassNames(names...)
	flips := func(set input.Seeds) *HaveNegativeFlipRateMatcher {
		return HaveNegativeFlipRateBelow(0.01).On(set).PerClass(0.05).WithClassNames(names...)
	}
	worse := DeviateNoMoreThan(evidence).From(seeds).WithClassNames(names...)
	day := time.Date(2026, time.December, 1, 0, 0, 0, 0, time.UTC)
	replay := ReplayCleanly(triggers).WithWaivers(waivers).AsOf(day).WithClassNames(names...)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()

	all := map[string]string{}
	to := func(name string, p *model.Pair, m types.GomegaMatcher) { all[name] = message(t, name, p, m, true) }
	notTo := func(name string, p *model.Pair, m types.GomegaMatcher) { all[name] = message(t, name, p, m, false) }
	notTo("search-not-to", pruned, search)
	to("search-to", int8, search.WithCanary(canary, 0.2))
	notTo("search-weak", int8, search.WithCanary(canary, 0.03).WithPowerAtLeast(0.9))
	notTo("search-same", pair(fixtures.LeNet5Itself), search)
	notTo("search-cancelled", int8, search.WithContext(cancelled))
	to("distinct-to", pruned, HaveAtMost(2).DistinctDeviationsFoundBy(search))
	notTo("distinct-not-to", int8, few)
	to("rate-to", pruned, rate)
	notTo("rate-not-to", int8, rate)
	to("rate-undecided", pruned, HaveDeviationRateBelow(0.12).Under(photos).WithBudget(400))
	to("flips-to", student, flips(testSet))
	notTo("flips-not-to", int8, flips(testSet))
	to("flips-undecided", int8, HaveNegativeFlipRateBelow(0.01).On(testSet[:200]))
	to("flips-class", student, HaveNegativeFlipRateBelow(0.10).On(testSet).ForClass(shirt, 0.03).WithClassNames(names...))
	to("evidence-to", student, worse)
	notTo("evidence-not-to", int8, worse)
	to("evidence-seeds", int8, DeviateNoMoreThan(evidence).From(generators.First(seeds, 90)))
	to("replay-to", student, ReplayCleanly(triggers).WithClassNames(names...))
	notTo("replay-not-to", int8, replay)
	to("replay-expired", int8, replay.AsOf(day.AddDate(1, 0, 0)))
	to("replay-unused", dynamic, replay)
	return all
}

// message is what an assertion, To or NotTo, prints when it fails, as it has to.
func message(t *testing.T, name string, pair *model.Pair, m types.GomegaMatcher, to bool) string {
	matched, err := m.Match(pair)
	var text string
	switch {
	case err != nil:
		text = err.Error()
	case matched == to:
		t.Errorf("%s: expected the assertion to fail", name)
	case to:
		text = m.FailureMessage(pair)
	default:
		text = m.NegatedFailureMessage(pair)
	}
	text = regexp.MustCompile(`(?m)^The evidence is from another cpu: .*\n`).ReplaceAllString(text, "") // on this machine
	return lasting(text)
}

// lasting is a message without what is another one in every run.
func lasting(text string) string {
	text = regexp.MustCompile(`queries in [\d.]+m?s`).ReplaceAllString(text, "queries in …")
	return strings.TrimSpace(regexp.MustCompile(`\n*To run this again: .*`).ReplaceAllString(text, ""))
}

// words are the words of a message, without what another machine may find: numbers, names of triggers, and the lists of
// triggers, seeds and classes.
func words(text string) string {
	var kept []string
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(strings.TrimRight(line, "\n"), " distinct: ")
		line, _, _ = strings.Cut(line, "by true class: ")
		if line != "" && !strings.HasPrefix(line, "  ") && !strings.Contains(line, " → ") {
			kept = append(kept, line)
		}
	}
	text = regexp.MustCompile(`\b[0-9a-f]{8,}\b`).ReplaceAllString(strings.Join(kept, "\n"), "#")
	return regexp.MustCompile(`\d[\d.]*(e-?\d+)?`).ReplaceAllString(text, "#")
}
