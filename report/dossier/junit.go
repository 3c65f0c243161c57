package dossier

import (
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/model"
)

// The elements of the format that Jenkins, GitLab and others read.
type (
	junitSuites struct {
		XMLName  xml.Name   `xml:"testsuites"`
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Errors   int        `xml:"errors,attr"`
		Skipped  int        `xml:"skipped,attr"`
		Suite    junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string          `xml:"name,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Timestamp  string          `xml:"timestamp,attr,omitempty"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		Failure *junitProblem `xml:"failure"`
		Error   *junitProblem `xml:"error"`
		Skipped *junitSkipped `xml:"skipped"`
		Out     string        `xml:"system-out,omitempty"`
	}
	junitSkipped struct {
		Message string `xml:"message,attr"`
	}
	junitProblem struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
)

// wholeRun is the name of a case that is skipped in junit.xml of a partial run, so that it does not look like a full one.
const wholeRun = "every check of the release ran"

// renderJUnit makes junit.xml. What is undecided is an error there: it must not look like a pass. What was not run is
// skipped, and so is, of a partial run, the case that every check ran.
func renderJUnit(doc Document) ([]byte, error) {
	errors := doc.Counts.Error + doc.Counts.Undecided
	suite := junitSuite{
		Name: doc.Release, Tests: doc.Counts.Total(), Failures: doc.Counts.Failed, Errors: errors, Properties: junitProperties(doc),
	}
	if doc.Created != nil {
		suite.Timestamp = doc.Created.Format("2006-01-02T15:04:05")
	}
	seen := map[[2]string]int{}
	for _, c := range doc.Checks {
		test := junitCase{Class: c.Pair, Name: c.Name, Out: numbersInWords(c)}
		if test.Class == "" {
			test.Class = doc.Release
		}
		// Readers take cases of the same name for the same test run twice.
		key := [2]string{test.Class, test.Name}
		if seen[key]++; seen[key] > 1 {
			test.Name = fmt.Sprintf("%s #%d", test.Name, seen[key])
		}
		problem := &junitProblem{Message: firstLine(c.Message, c.Sentence), Type: string(c.Verdict), Text: c.Sentence + "\n\n" + c.Message}
		switch c.Verdict {
		case Passed:
		case Failed:
			test.Failure = problem
		default:
			test.Error = problem
		}
		suite.Cases = append(suite.Cases, test)
	}
	skip := func(name, message string) {
		suite.Cases = append(suite.Cases, junitCase{Class: doc.Release, Name: name, Skipped: &junitSkipped{message}})
		suite.Tests, suite.Skipped = suite.Tests+1, suite.Skipped+1
	}
	for _, n := range doc.Run.NotRun {
		skip(n.Name, n.inWords())
	}
	if doc.Run.Partial {
		skip(wholeRun, "partial: "+doc.Run.why(doc.Counts.Total()))
	}
	data, err := xml.MarshalIndent(junitSuites{
		Name: doc.Release, Tests: suite.Tests, Failures: suite.Failures, Errors: suite.Errors, Skipped: suite.Skipped, Suite: suite,
	}, "", "  ")
	return append([]byte(xml.Header), append(data, '\n')...), err
}

func junitProperties(doc Document) []junitProperty {
	properties := []junitProperty{{"verdict", string(doc.Verdict)}}
	for _, name := range slices.Sorted(maps.Keys(doc.Versions)) {
		properties = append(properties, junitProperty{"version." + name, doc.Versions[name]})
	}
	for _, p := range doc.Pairs {
		for _, m := range []struct {
			role string
			d    model.Description
		}{{"original", p.Original}, {"compressed", p.Compressed}} {
			at := "pair." + p.Name + "." + m.role
			properties = append(properties, junitProperty{at, m.d.Name})
			if m.d.SHA256 != "" {
				properties = append(properties, junitProperty{at + ".sha256", m.d.SHA256})
			}
			for _, name := range slices.Sorted(maps.Keys(m.d.Settings)) {
				properties = append(properties, junitProperty{at + "." + name, m.d.Settings[name]})
			}
		}
	}
	return properties
}

func numbersInWords(c Check) string {
	lines := []string{c.Sentence}
	for _, n := range c.Numbers {
		lines = append(lines, numberInWords(n))
	}
	return strings.Join(lines, "\n")
}

// firstLine is the first line of the text that has one.
func firstLine(texts ...string) string {
	for _, text := range texts {
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line != "" {
				return line
			}
		}
	}
	return ""
}
