package main

import (
	"fmt"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/triage"
)

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
		if c.Kind == engine.NotFinite {
			fmt.Fprintf(&b, "%5d  not finite\n", len(c.Triggers))
			continue
		}
		fmt.Fprintf(&b, "%5d  %s → %s, %s\n", len(c.Triggers),
			engine.ClassName(classNames, c.OriginalLabel), engine.ClassName(classNames, c.CompressedLabel), c.Family)
	}
	if more := len(clusters) - shownClusters; more > 0 {
		fmt.Fprintf(&b, "  … and %d more.\n", more)
	}
	return b.String() + "\n"
}
