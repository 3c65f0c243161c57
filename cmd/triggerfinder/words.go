package main

import (
	"fmt"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
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
			report.Plural(t.Queries, "query"), distance(t.Distance))
		if saved {
			fmt.Fprintf(&b, "   %s\n", dir)
		}
	}
	if more := len(triggers) - n; n > 0 && more > 0 {
		fmt.Fprintf(&b, "… and %d more.\n", more)
	}
	return b.String()
}

func distance(d engine.Distance) string {
	if d.L0 == 0 {
		return "the seed itself"
	}
	s := fmt.Sprintf("L2 %.4g, L-infinity %.4g, %s changed", d.L2, d.LInf, report.Plural(d.L0, "value"))
	if d.SSIM != nil {
		s = fmt.Sprintf("SSIM %.3f, %s", *d.SSIM, s)
	}
	return s
}
