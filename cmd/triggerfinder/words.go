package main

import (
	"fmt"
	"strings"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/triage"
)

// shownTriggers is how many triggers are described.
const shownTriggers = 3

// describeTriggers describes the first triggers, those that were saved before others.
func describeTriggers(triggers []*engine.Trigger, dirs map[string]string, classNames []string) string {
	var b strings.Builder
	n := 0
	for _, t := range triggers {
		dir, saved := dirs[t.ID]
		if n == shownTriggers || !saved && len(dirs) > 0 {
			continue
		}
		n++
		fmt.Fprintf(&b, "%d. from %s: %s\n   %s; %s\n", n, report.OriginInWords(t, classNames), report.AnswersInWords(t, classNames),
			report.Plural(t.Queries, "query"), distanceInWords(t))
		if cause := report.CausesInWords(t, classNames); cause != "" {
			fmt.Fprintf(&b, "   %s\n", cause)
		}
		for _, line := range report.ChangesInWords(t) {
			fmt.Fprintf(&b, "   %s\n", line)
		}
		if saved {
			fmt.Fprintf(&b, "   %s\n", dir)
		}
	}
	if more := len(triggers) - n; n > 0 && more > 0 {
		fmt.Fprintf(&b, "… and %d more.\n", more)
	}
	return b.String()
}

// triggerLine is a line for a trigger that was just found.
func triggerLine(t *engine.Trigger, dir string, classNames []string) string {
	line := fmt.Sprintf("found from %s: %s; %s; %s", report.OriginInWords(t, classNames), report.AnswersInWords(t, classNames), report.Plural(t.Queries, "query"), distanceInWords(t))
	if dir != "" {
		line += "; " + dir
	}
	return line
}

func distanceInWords(t *engine.Trigger) string {
	d := t.Distance
	if d.L0 == 0 {
		return "the seed itself"
	}
	if words := report.OwnDistanceInWords(t); words != "" {
		return words
	}
	s := fmt.Sprintf("L2 %.4g, L-infinity %.4g, %s changed", d.L2, d.LInf, report.Plural(d.L0, "value"))
	if m, ok := d.Alike(); ok {
		s = fmt.Sprintf("%s %.3f, %s", m.Measure, m.Value, s)
	}
	return s
}

// shownClusters is how many different deviations are listed.
const shownClusters = 5

// describeClusters says how many different deviations there are, a line each. It says nothing about a single
// trigger.
func describeClusters(clusters []triage.Cluster, classNames []string) string {
	n := 0
	for _, c := range clusters {
		n += len(c.Triggers)
	}
	if n < 2 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %d distinct:\n", report.Plural(n, "trigger"), len(clusters))
	for _, c := range clusters[:min(shownClusters, len(clusters))] {
		if c.Kind == answer.NotFinite {
			fmt.Fprintf(&b, "%5d  not finite\n", len(c.Triggers))
			continue
		}
		fmt.Fprintf(&b, "%5d  %s, %s\n", len(c.Triggers), c.Told().In(classNames), c.Family)
	}
	if more := len(clusters) - shownClusters; more > 0 {
		fmt.Fprintf(&b, "  … and %d more.\n", more)
	}
	return b.String() + "\n"
}
