package integration

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

func TestFailureSaysWhatWasFoundAndRunsAgain(t *testing.T) {
	t.Parallel()
	f, g := copyFixture(t, "plain"), NewWithT(t)

	first := f.run("go", "test", "-run", "^TestDeviates$", ".")
	g.Expect(first.exit).To(Equal(1), first.output)
	g.Expect(first.output).To(SatisfyAll(
		ContainSubstring("--- FAIL: TestDeviates"),
		MatchRegexp(`plain_test\.go:\d+: \n\s+Expected pair lenet5-int8 \(lenet5, lenet5-int8\)\n\s+not to have a deviation, but 20 of 20 seeds have one\.`),
		MatchRegexp(`Searched with .*; oracle top-1; random seed 0; \d+ queries in `),
		MatchRegexp(`1\. from seed \d+ .*, truly (.|\n)*2\. from seed (.|\n)*3\. from seed (.|\n)*… and 17 more\.`),
		ContainSubstring("20 triggers saved in "+filepath.FromSlash("testdata/triggers/lenet5-int8")+"\n"),
		ContainSubstring(`Expect(pair).To(ReplayCleanly("testdata/triggers"))`),
		ContainSubstring("go test -run '^TestDeviates$' "+f.importPath+"\n"),
	))
	for _, file := range regexp.MustCompile(`testdata\S+lenet5-int8\S+`).FindAllString(first.output, -1) {
		g.Expect(f.path(file)).To(BeAnExistingFile(), "a path in the message")
	}
	triggers, reports := f.expectWhole()
	g.Expect(triggers).To(Equal(20))
	g.Expect(reports).To(Equal(1))

	t.Run("the printed command runs the test again, which replays", func(t *testing.T) {
		g := NewWithT(t)
		printed := regexp.MustCompile(`go test -run '(\S+)' (\S+)`).FindStringSubmatch(first.output)
		g.Expect(printed).NotTo(BeNil())
		again := f.command("go", "test", "-run", printed[1], printed[2])
		again.Dir = filepath.Dir(filepath.Dir(f.dir)) // anywhere in the module will do
		output, err := again.CombinedOutput()
		second := f.result(string(output), err)
		g.Expect(second.exit).To(Equal(1), second.output)
		g.Expect(second.output).To(SatisfyAll(
			ContainSubstring("--- FAIL: TestDeviates"),
			ContainSubstring("not to have a deviation, but 20 of 20 saved triggers in "),
			ContainSubstring("No search was made"),
			Not(ContainSubstring("Searched with")),
		))
	})

	t.Run("with -artifacts, what was found is kept there too", func(t *testing.T) {
		g := NewWithT(t)
		g.Expect(f.path("_artifacts")).NotTo(BeADirectory(), "without -artifacts")
		for _, root := range []string{"testdata/triggers", "elsewhere"} { // replayed; and searched anew
			kept := f.run(report.RootVariable+"="+root, "go", "test", "-artifacts", "-run", "^TestDeviates$", ".")
			g.Expect(kept.exit).To(Equal(1), kept.output)
			where := regexp.MustCompile(`triggerfinder: what was found is kept in (\S+)`).FindStringSubmatch(kept.output)
			g.Expect(where).NotTo(BeNil(), kept.output)
			g.Expect(where[1]).To(And(HavePrefix(f.path("_artifacts")), BeADirectory()))
			saved := model.Must(model.Must(report.OpenStore(where[1])).List(pairName))
			g.Expect(saved).To(HaveLen(20))
			g.Expect(saved[0].Context.Replay).To(ContainSubstring("go test -run"))
			g.Expect(filepath.Join(saved[0].Dir, "trigger.png")).To(BeAnExistingFile())
			reports := model.Must(filepath.Glob(filepath.Join(where[1], pairName, "report-*")))
			if root != "elsewhere" {
				g.Expect(reports).To(BeEmpty(), "no search was made")
				continue
			}
			g.Expect(reports).To(HaveLen(1))
			g.Expect(model.Must(report.LoadReport(reports[0])).Report.Triggers()).To(HaveLen(20))
			g.Expect(filepath.Join(reports[0], "triggers.png")).To(BeAnExistingFile())
		}
	})

	t.Run("go test -json stays parseable, and the proposed replay fails too", func(t *testing.T) {
		g := NewWithT(t)
		events := f.run("go", "test", "-json", "-run", "^(TestDeviates|TestReplays)$", ".")
		g.Expect(events.exit).To(Equal(1), events.output)
		said, failed := map[string]string{}, map[string]bool{}
		for line := range bytes.Lines([]byte(events.output)) {
			var event struct{ Action, Package, Test, Output string }
			g.Expect(json.Unmarshal(line, &event)).To(Succeed(), "line %q", line)
			said[event.Test] += event.Output
			failed[event.Test] = failed[event.Test] || event.Action == "fail"
		}
		g.Expect(failed).To(SatisfyAll(HaveKeyWithValue("TestDeviates", true), HaveKeyWithValue("TestReplays", true)))
		g.Expect(said["TestDeviates"]).To(ContainSubstring("No search was made"))
		g.Expect(said["TestReplays"]).To(ContainSubstring("to replay cleanly, but 20 of 20 saved triggers in "))
	})
}

var progressLine = regexp.MustCompile(`(?m)^triggerfinder: agreeing: 0 of 20 seeds done, 0 triggers, \d+ queries, \S+s \(\d+ queries/s\); \d+ % of the budget(, about \S+ left)?$`)

func TestVerboseShowsProgressOfALongSearch(t *testing.T) {
	t.Parallel()
	// In a package's own folder, without a package argument, go test shows what passing tests print.
	for _, test := range []struct {
		reason string
		args   []string
		lines  int
	}{
		{"-v", []string{"go", "test", "-v", "-run", "^TestLongSearch$"}, 2},
		{"without -v", []string{"go", "test", "-run", "^TestLongSearch$"}, 0},
	} {
		t.Run(test.reason, func(t *testing.T) {
			t.Parallel()
			f, g := copyFixture(t, "plain"), NewWithT(t)
			long := f.run(test.args...)
			g.Expect(long.exit).To(BeZero(), long.output)
			g.Expect(long.output).To(ContainSubstring("the long search is over"))
			g.Expect(progressLine.FindAllString(long.output, -1)).To(HaveLen(test.lines), long.output)
			g.Expect(strings.Count(long.output, "triggerfinder: ")).To(Equal(test.lines), "nothing else")
		})
	}
}

func TestShortUsesTheSmallerBudget(t *testing.T) {
	t.Parallel()
	f, g := copyFixture(t, "plain"), NewWithT(t)
	short := f.run("go", "test", "-short", "-run", "^TestBudget$")
	g.Expect(short.exit).To(BeZero(), short.output)
	g.Expect(short.output).To(MatchRegexp(`budget: \{QueriesPerSeed:200 Queries:12000 .* Time:15s .*; 400 queries`))

	full := f.run("go", "test", "-run", "^TestBudget$")
	g.Expect(full.exit).To(BeZero(), full.output)
	g.Expect(full.output).To(MatchRegexp(`budget: \{QueriesPerSeed:1000 Queries:60000 .* Time:1m0s .*; 2000 queries`))
}

func TestProcessesSaveInTheSameFolder(t *testing.T) {
	t.Parallel()
	f, g := copyFixture(t, "plain"), NewWithT(t)
	reads := f.readingAllAlong()
	gate := "GATE=" + t.TempDir()
	var results [2]result
	var running sync.WaitGroup
	for i := range results {
		c := f.command(gate, "go", "test", "-count=1", "-run", "^TestTogether$", ".")
		running.Go(func() {
			output, err := c.CombinedOutput()
			results[i] = result{string(output), c.ProcessState.ExitCode()}
			if err != nil {
				t.Errorf("%v\n%s", err, output)
			}
		})
	}
	running.Wait()
	g.Expect(reads()).To(BeNumerically(">", 3), "read while others wrote")
	triggers, reports := f.expectWhole()
	g.Expect(reports).To(Equal(3), "one a random seed, the same for both processes")
	g.Expect(triggers).To(BeNumerically("~", 60, 5))
	for _, r := range results {
		g.Expect(r.output).To(MatchRegexp(`(?m)^ok\s+`+regexp.QuoteMeta(f.importPath)), r.output)
	}
}
