package report

import (
	"fmt"
	"strings"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/model"
)

// describeRuntimes says what ran the models, and on what processor: integer models give other scores on
// another one. It is one line where both models ran alike, and none for models that do not tell.
func describeRuntimes(r *engine.Report) []string {
	o, c := describeRuntime(r.Original), describeRuntime(r.Compressed)
	switch {
	case o == c && o == "":
		return nil
	case o == c:
		return []string{o}
	}
	var lines []string
	if o != "" {
		lines = append(lines, "original: "+o)
	}
	if c != "" {
		lines = append(lines, "compressed: "+c)
	}
	return lines
}

func describeRuntime(d model.Description) string {
	s := d.Settings
	if s["runtime"] == "" {
		return ""
	}
	text := s["runtime"]
	for _, part := range []struct{ before, name string }{
		{", provider ", "provider"}, {", threads ", "threads"}, {", optimisation ", "graph_optimization"}, {"; cpu ", "cpu"},
	} {
		if value := s[part.name]; value != "" {
			text += part.before + value
		}
	}
	return oneLine(text)
}

// describeScores says how the scores of each model were read, where that is not alike: they are compared as probabilities.
func describeScores(r *engine.Report) []string {
	o, c := r.Original.Settings["scores"], r.Compressed.Settings["scores"]
	kind := func(scores string) string { before, _, _ := strings.Cut(scores, " ("); return before }
	if kind(o) == kind(c) || o == "" || c == "" {
		return nil
	}
	return []string{oneLine("original: " + o), oneLine("compressed: " + c)}
}

// describeMisread tells of the seeds that the original itself misreads; "" when there are none.
func describeMisread(r *engine.Report) string {
	misread := r.Misread()
	if len(misread) == 0 {
		return ""
	}
	triggers := 0
	for _, o := range misread {
		if o.Trigger != nil {
			triggers++
		}
	}
	first := misread[0]
	return oneLine(fmt.Sprintf("%s by the original itself, %d of them with a trigger; the first is %s: truly %s, read as %s",
		Plural(len(misread), "seed"), triggers, SeedInWords(first.Index, first.Name),
		answer.ClassName(r.ClassNames, first.Label), answer.ClassName(r.ClassNames, *first.MisreadAs)))
}
