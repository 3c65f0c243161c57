package matchers

import (
	"fmt"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/triage"
)

// shownDeviations is the most of them that a message about their number shows.
const shownDeviations = 10

// shownClusters is how many clusters a message lists.
const shownClusters = 5

// distinct is the line that says how many different deviations there are, the largest first. There is none
// about a single trigger.
func distinct(clusters []triage.Cluster, classNames []string) string {
	var parts []string
	n := 0
	for i, c := range clusters {
		n += len(c.Triggers)
		if i < shownClusters {
			parts = append(parts, describeCluster(c, classNames))
		}
	}
	if n < 2 {
		return ""
	}
	if more := len(clusters) - shownClusters; more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", more))
	}
	return fmt.Sprintf("\n%d triggers, %d distinct: %s.", n, len(clusters), strings.Join(parts, "; "))
}

func describeCluster(c triage.Cluster, classNames []string) string {
	if c.Kind == engine.NotFinite {
		return fmt.Sprintf("%d not finite", len(c.Triggers))
	}
	s := fmt.Sprintf("%d %s → %s", len(c.Triggers), engine.ClassName(classNames, c.OriginalLabel), engine.ClassName(classNames, c.CompressedLabel))
	switch c.Family {
	case triage.SeedItself:
		return s + " without a change"
	case triage.Unrecorded:
		return s
	}
	return s + " by " + c.Family
}
