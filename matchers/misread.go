package matchers

import (
	"fmt"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
)

// LeavingOutMisreadSeeds searches only from seeds that the original itself reads rightly, and from those
// without a label. By default the others are searched too, and named.
func (m *HaveDeviationMatcher) LeavingOutMisreadSeeds() *HaveDeviationMatcher {
	return m.with(func(c *HaveDeviationMatcher) { c.settings.SkipMisread = true })
}

// misread is the line about the seeds that the original itself misreads; "" when there are none.
func misread(r *engine.Report) string {
	wrong := r.Misread()
	if len(wrong) == 0 {
		return ""
	}
	triggers, names := 0, []string{}
	for _, o := range wrong {
		if o.Trigger != nil {
			triggers++
		}
		if len(names) < shownTriggers {
			names = append(names, report.SeedInWords(o.Index, o.Name))
		}
	}
	text := strings.Join(names, ", ")
	if more := len(wrong) - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	are, theirs := "are", fmt.Sprintf("%d of them %s a trigger", triggers, report.Verb(triggers, "have"))
	if triggers == 0 {
		theirs = "none of them has a trigger"
	}
	if len(wrong) == 1 {
		are, theirs = "is", map[bool]string{true: "it has a trigger", false: "it has no trigger"}[triggers == 1]
	}
	return fmt.Sprintf("\n%s %s misread by the original itself: %s; %s.", report.Plural(len(wrong), "seed"), are, text, theirs)
}
