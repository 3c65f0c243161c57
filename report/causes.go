package report

import (
	"fmt"
	"strings"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/model"
)

// CausesInWords says which steps of the pair's chain cause a trigger: "caused by compression, not by conversion", "caused by conversion (Shirt → Coat) and
// compression (Coat → Bag)" or "caused by no step alone: neither conversion nor compression deviates by itself"; "" of a pair of two models alone.
func CausesInWords(t *engine.Trigger, classNames []string) string {
	var by, not, untold []string
	tied := false
	for _, s := range t.Steps {
		tied = tied || s.Tied
		switch {
		case s.Deviates:
			by = append(by, fmt.Sprintf("%s (%s)", oneLine(string(s.Cause)), oneLine(s.Deviation.In(classNames))))
		case s.Kind == answer.Unusable:
			untold = append(untold, oneLine(string(s.Cause)))
		default:
			not = append(not, oneLine(string(s.Cause)))
		}
	}
	var text string
	switch {
	case len(t.Steps) == 0:
		return ""
	case len(by) == 0 && len(untold) == 0 && tied:
		return fmt.Sprintf("caused by %s: in between, a tie for the top score agrees with both", engine.NoStepAlone)
	case len(by) == 0 && len(untold) == 0:
		return fmt.Sprintf("caused by %s: neither %s deviates by itself", engine.NoStepAlone, listed(not, "nor"))
	case len(by) == 0:
		text = "caused by " + string(engine.NoStepAlone)
	case len(by) == 1 && len(untold) == 0: // how, both models' answers tell already
		text = "caused by " + t.Steps.String()
		if len(not) > 0 {
			text += ", not by " + listed(not, "or")
		}
		return text
	default:
		text = "caused by " + listed(by, "and")
	}
	if len(untold) > 0 {
		text += fmt.Sprintf("; of %s nothing can be told, as the model before gives NaN or infinity", listed(untold, "and"))
	}
	return text
}

// listed is "a, b and c".
func listed(words []string, and string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + and + " " + words[len(words)-1]
}

// CausesLine counts triggers by what causes them: "38 of 40 triggers are caused by compression, 2 by conversion"; "" where no causes are known.
func CausesLine(triggers []*engine.Trigger) string {
	counts := engine.CountCauses(triggers)
	if len(counts) == 0 {
		return ""
	}
	text := fmt.Sprintf("%d of %s %s caused %s", counts[0].N, Plural(len(triggers), "trigger"), Verb(counts[0].N, "are"), byCauses(counts[0]))
	for _, c := range counts[1:] {
		text += fmt.Sprintf(", %d %s", c.N, byCauses(c))
	}
	return text
}

func byCauses(c engine.CauseCount) string { return "by " + CauseNames(c.Causes, "and") }

// CauseNames lists causes: "compression, conversion or no step alone".
func CauseNames(causes []model.Cause, and string) string {
	var names []string
	for _, c := range causes {
		names = append(names, oneLine(string(c)))
	}
	return listed(names, and)
}

// OtherCausesLine tells of hits of other causes than those that the search was for: "12 hits from 3 seeds are caused otherwise, and are no triggers here:
// the first one of each seed by conversion"; "" where there is none.
func OtherCausesLine(r *engine.Report) string {
	if r.Ledger.OtherCauses == 0 {
		return ""
	}
	seeds := 0
	for _, o := range r.Seeds {
		if o.OtherCauses > 0 {
			seeds++
		}
	}
	text := fmt.Sprintf("%s from %s %s not caused by %s and %s not count", Plural(r.Ledger.OtherCauses, "hit"), Plural(seeds, "seed"),
		Verb(r.Ledger.OtherCauses, "are"), CauseNames(r.CausedBy, "or"), map[bool]string{true: "does", false: "do"}[r.Ledger.OtherCauses == 1])
	var first []string
	for _, c := range engine.CountCauses(r.Apart()) {
		first = append(first, fmt.Sprintf("%d %s", c.N, byCauses(c)))
	}
	if len(first) > 0 {
		text += "; of the first ones, " + strings.Join(first, ", ")
	}
	return text
}
