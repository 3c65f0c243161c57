package matchers

import (
	"fmt"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

// ReplaySummary counts what became of saved triggers. All of its fields go through JSON.
type ReplaySummary struct {
	Pair      string `json:"pair"`
	Bound     string `json:"bound,omitempty"`
	Oracle    string `json:"oracle"`
	Saved     int    `json:"saved"`     // Judged, Outside, NeverDeviated, OriginalNotFinite and OtherCauses
	Judged    int    `json:"judged"`    // Deviating, Waived and Healed: they say something about the pair
	Deviating int    `json:"deviating"` // that still deviate, and are not waived
	Waived    int    `json:"waived"`    // that still deviate, and are
	Healed    int    `json:"healed"`
	// Outside counts those outside the bound, which were not run.
	Outside int `json:"outside"`
	// NeverDeviated counts those that do not deviate by the oracle, and did not when they were saved.
	NeverDeviated int `json:"never_deviated"`
	// NotFinite counts those of Deviating and Waived for which the compressed model gives NaN or infinity, and
	// OriginalNotFinite those for which the original does, so that they cannot be judged.
	NotFinite         int `json:"not_finite,omitempty"`
	OriginalNotFinite int `json:"original_not_finite,omitempty"`
	// OtherCauses counts those that deviate, but by other causes than CausedBy asks for: they are not judged.
	OtherCauses int `json:"other_causes,omitempty"`
	// Changed are sentences about models that are not those that the triggers were found with.
	Changed []string `json:"changed,omitempty"`
}

func (r *replayed) summary(pair *model.Pair) ReplaySummary {
	s := ReplaySummary{
		Pair: pair.Name(), Oracle: r.oracle.String(), Saved: r.total(), Judged: r.judged(), Deviating: len(r.still), Waived: len(r.waived),
		Healed: len(r.fixed), Outside: len(r.outside), NeverDeviated: len(r.never), Changed: r.changed,
	}
	s.OriginalNotFinite, s.OtherCauses = len(r.broken), len(r.apart)
	for _, t := range r.deviating() {
		if t.Kind == answer.NotFinite {
			s.NotFinite++
		}
	}
	if r.bound != nil {
		s.Bound = r.bound.String()
	}
	return s
}

// String is the summary in a line.
func (s ReplaySummary) String() string {
	text := fmt.Sprintf("pair %s: ", s.Pair)
	switch {
	case s.Saved == 0:
		return text + "no saved trigger, nothing replayed"
	case s.Judged == s.Saved:
		text += fmt.Sprintf("%d of %s still %s", s.Deviating+s.Waived, report.Plural(s.Saved, "saved trigger"), report.Verb(s.Deviating+s.Waived, "deviate"))
	default:
		text += fmt.Sprintf("%d of %s judged, %d of which still %s", s.Judged, report.Plural(s.Saved, "saved trigger"), s.Deviating+s.Waived, report.Verb(s.Deviating+s.Waived, "deviate"))
	}
	if s.Waived > 0 {
		text += fmt.Sprintf(" (%d waived)", s.Waived)
	}
	if s.NotFinite > 0 {
		text += fmt.Sprintf("; %d not finite", s.NotFinite)
	}
	if s.OriginalNotFinite > 0 {
		text += fmt.Sprintf("; the original is not finite for %d", s.OriginalNotFinite)
	}
	if s.OtherCauses > 0 {
		text += fmt.Sprintf("; %d of other causes", s.OtherCauses)
	}
	if s.Outside > 0 {
		text += fmt.Sprintf("; %d outside %s", s.Outside, s.Bound)
	}
	if s.NeverDeviated > 0 {
		text += fmt.Sprintf("; %d never deviated by %s", s.NeverDeviated, s.Oracle)
	}
	return text
}
