package integration

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"testing"

	"github.com/onsi/ginkgo/v2/types"
	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/matchers/specs"
)

// suiteReport reads what --json-report wrote: the reports of the specs, by their text.
func suiteReport(g Gomega, data []byte) map[string]types.SpecReport {
	var reports []types.Report
	g.Expect(json.Unmarshal(data, &reports)).To(Succeed())
	g.Expect(reports).To(HaveLen(1))
	byText := map[string]types.SpecReport{}
	for _, s := range reports[0].SpecReports {
		byText[s.LeafNodeText] = s
	}
	return byText
}

// summaries are the report entries of Tracked, through JSON.
func summaries(g Gomega, s types.SpecReport) []specs.Summary {
	var all []specs.Summary
	for _, entry := range s.ReportEntries {
		g.Expect(entry.Name).To(Equal("triggerfinder"))
		var summary specs.Summary
		decoder := json.NewDecoder(bytes.NewReader([]byte(entry.Value.AsJSON)))
		decoder.DisallowUnknownFields()
		g.Expect(decoder.Decode(&summary)).To(Succeed())
		all = append(all, summary)
	}
	return all
}

func TestTrackedSpecs(t *testing.T) {
	t.Parallel()
	f, g := copyFixture(t, "tracked"), NewWithT(t)
	suite := f.run("go", "tool", "ginkgo", "--no-color", "--poll-progress-after=1s", "--poll-progress-interval=1s",
		"--json-report=ginkgo.json", "--junit-report=junit.xml", ".")
	g.Expect(suite.exit).To(Equal(1), suite.output)
	g.Expect(suite.output).To(ContainSubstring("2 Passed | 3 Failed"))
	reports := suiteReport(g, f.read("ginkgo.json"))
	g.Expect(reports).To(HaveLen(5))

	t.Run("a deviation fails the spec, with a report entry", func(t *testing.T) {
		g := NewWithT(t)
		spec := reports["deviates"]
		g.Expect(spec.State).To(Equal(types.SpecStateFailed))
		g.Expect(spec.Failure.Message).To(SatisfyAll(
			HavePrefix("Expected pair lenet5-int8 (lenet5, lenet5-int8)\nnot to have a deviation, but 20 of 20 seeds have one."),
			ContainSubstring("To run this again: go test "),
		))
		g.Expect(spec.Failure.Location.FileName).To(Equal(f.path("tracked_test.go")))
		found := summaries(g, spec)
		g.Expect(found).To(HaveLen(1))
		g.Expect(found[0].Queries).To(BeNumerically(">", 0))
		g.Expect(found[0].Seconds).To(BeNumerically(">", 0))
		found[0].Queries, found[0].Seconds = 0, 0
		g.Expect(found[0]).To(Equal(specs.Summary{Pair: pairName, Status: engine.AllSearched, Seeds: 20, Usable: 20, Triggers: 20}))
		g.Expect(spec.ReportEntries[0].Location.FileName).To(Equal(f.path("tracked_test.go")), "where Tracked is called")
		g.Expect(suite.output).To(MatchRegexp(`pair lenet5-int8: 20 triggers from 20 usable seeds, \d+ queries in \d+\.\d s \(all-searched\)`))
		triggers, _ := f.expectWhole()
		g.Expect(triggers).To(Equal(20))
	})

	t.Run("a pair that agrees passes, with a report entry that is not shown", func(t *testing.T) {
		g := NewWithT(t)
		spec := reports["agrees"]
		g.Expect(spec.State).To(Equal(types.SpecStatePassed))
		g.Expect(summaries(g, spec)).To(ConsistOf(SatisfyAll(
			HaveField("Pair", "agreeing"), HaveField("Triggers", 0), HaveField("Queries", 200), HaveField("Status", engine.AllSearched),
		)))
		g.Expect(suite.output).NotTo(ContainSubstring("pair agreeing:"))
	})

	t.Run("progress reports say how far the search is", func(t *testing.T) {
		g := NewWithT(t)
		g.Expect(reports["is slow"].State).To(Equal(types.SpecStatePassed))
		g.Expect(suite.output).To(MatchRegexp(
			`Begin Additional Progress Reports >>\n\s+triggerfinder: slow: \d+ of 20 seeds done, 0 triggers, [1-9]\d* queries, `))
	})

	t.Run("a timeout interrupts the search", func(t *testing.T) {
		g := NewWithT(t)
		spec := reports["times out"]
		g.Expect(spec.State).To(Equal(types.SpecStateTimedout))
		g.Expect(spec.RunTime.Seconds()).To(BeNumerically("~", 2, 1.5), "of a search without an end")
		g.Expect(spec.Failure.AdditionalFailure).NotTo(BeNil())
		g.Expect(spec.Failure.AdditionalFailure.Failure.Message).To(MatchRegexp(
			`inconclusive search: cancelled after \d+ queries, nothing found until then: spec timeout occurred`))
		g.Expect(summaries(g, spec)).To(ConsistOf(HaveField("Status", engine.Cancelled)))
	})

	t.Run("what an interrupted search found is told and saved", func(t *testing.T) {
		g := NewWithT(t)
		spec := reports["times out with something in hand"]
		g.Expect(spec.State).To(Equal(types.SpecStateTimedout))
		g.Expect(spec.Failure.AdditionalFailure).NotTo(BeNil())
		g.Expect(spec.Failure.AdditionalFailure.Failure.Message).To(SatisfyAll(
			ContainSubstring("not to have a deviation, but 1 of 3 seeds has one."),
			ContainSubstring("The search is partial: it was cancelled."),
			ContainSubstring("1 trigger saved in "),
		))
		g.Expect(summaries(g, spec)).To(ConsistOf(SatisfyAll(HaveField("Status", engine.Cancelled), HaveField("Triggers", 1))))
		g.Expect(f.path("testdata", "triggers", "halfway")).To(BeADirectory())
	})

	t.Run("the JUnit report is well-formed", func(t *testing.T) {
		g := NewWithT(t)
		failures := junitFailures(g, f.read("junit.xml"))
		g.Expect(failures).To(HaveLen(3))
		g.Expect(failures).To(ContainElement(SatisfyAll(
			HavePrefix("Expected pair lenet5-int8 (lenet5, lenet5-int8)\nnot to have a deviation, but 20 of 20 seeds have one."),
			ContainSubstring("To replay: Expect(pair).To(ReplayCleanly(\"testdata/triggers\"))"),
		)))
	})
}

// junitFailures reads the whole document and returns the messages of failures.
func junitFailures(g Gomega, data []byte) (messages []string) {
	for decoder := xml.NewDecoder(bytes.NewReader(data)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return messages
		}
		g.Expect(err).NotTo(HaveOccurred())
		if element, ok := token.(xml.StartElement); ok && element.Name.Local == "failure" {
			for _, attribute := range element.Attr {
				if attribute.Name.Local == "message" {
					messages = append(messages, attribute.Value)
				}
			}
		}
	}
}

func TestParallelSpecsSaveInTheSameFolder(t *testing.T) {
	t.Parallel()
	f, g := copyFixture(t, "together"), NewWithT(t)
	reads := f.readingAllAlong()
	suite := f.run("go", "tool", "ginkgo", "-p", "--procs=2", "--no-color", "--json-report=ginkgo.json", ".")
	g.Expect(reads()).To(BeNumerically(">", 3), "read while others wrote")
	g.Expect(suite.exit).To(BeZero(), suite.output)

	triggers, reports := f.expectWhole()
	g.Expect(reports).To(Equal(6), "one of each spec, though two specs make the same search")
	g.Expect(triggers).To(BeNumerically("~", 60, 5))

	var together bool
	byText := suiteReport(g, f.read("ginkgo.json"))
	for _, a := range byText {
		if a.LeafNodeType != types.NodeTypeIt {
			continue
		}
		g.Expect(summaries(g, a)).To(ConsistOf(SatisfyAll(HaveField("Pair", pairName), HaveField("Triggers", 20))), "one search, one replay")
		for _, b := range byText {
			together = together || b.LeafNodeType == types.NodeTypeIt && a.ParallelProcess != b.ParallelProcess &&
				a.StartTime.Before(b.EndTime) && b.StartTime.Before(a.EndTime)
		}
	}
	g.Expect(together).To(BeTrue(), "two processes searched at a time")
}
