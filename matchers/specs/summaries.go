package specs

import (
	"fmt"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
)

// Summary is the report entry of a search. All of its fields go through JSON.
type Summary struct {
	Pair    string        `json:"pair"`
	Shard   string        `json:"shard,omitempty"` // such as "2/4"; "" for a search in one piece
	Status  engine.Status `json:"status"`
	Seeds   int           `json:"seeds"`
	Usable  int           `json:"usable"`
	Skipped int           `json:"skipped,omitempty"`
	// SkipReasons are why, the commonest first.
	SkipReasons engine.SkipReasons `json:"skip_reasons,omitempty"`
	// Notes are about the seeds, such as that files were left out.
	Notes    []string `json:"notes,omitempty"`
	Triggers int      `json:"triggers"`
	Queries  int      `json:"queries"`
	Seconds  float64  `json:"wall_s"`
}

func summaryOf(r *engine.Report) Summary {
	return Summary{
		Pair: r.Pair, Shard: r.Shard.String(), Status: r.Status, Seeds: r.Own(), Usable: r.Usable(),
		Skipped: r.Ledger.Skipped, SkipReasons: r.SkipReasons(), Notes: r.Notes,
		Triggers: len(r.Triggers()), Queries: r.Ledger.Queries, Seconds: r.Timing.WallSeconds,
	}
}

// String is what Ginkgo prints.
func (s Summary) String() string {
	pair := s.Pair
	if s.Shard != "" {
		pair += ", shard " + s.Shard
	}
	text := fmt.Sprintf("pair %s: %s from %s, %s in %.1f s (%s)", pair, report.Plural(s.Triggers, "trigger"),
		report.Plural(s.Usable, "usable seed"), report.Plural(s.Queries, "query"), s.Seconds, s.Status)
	if s.Skipped > 0 {
		text += fmt.Sprintf("; %d of %s skipped: %s", s.Skipped, report.Plural(s.Seeds, "seed"), s.SkipReasons)
	}
	for _, n := range s.Notes {
		text += "; note: " + n
	}
	return text
}

// ComparisonSummary is the report entry of a comparison. All of its fields go through JSON.
type ComparisonSummary struct {
	Summary
	Evidence string  `json:"evidence"` // "" when there was no comparison
	Both     int     `json:"both"`
	Worse    int     `json:"worse"`
	Better   int     `json:"better"`
	P        float64 `json:"p"`
	Pass     bool    `json:"pass"`
}

// String is what Ginkgo prints.
func (s ComparisonSummary) String() string {
	if s.Evidence == "" {
		return s.Summary.String() + "; not compared"
	}
	return fmt.Sprintf("%s; %d worse and %d better than %s", s.Summary, s.Worse, s.Better, s.Evidence)
}
