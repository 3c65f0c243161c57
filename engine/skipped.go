package engine

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// defaultSkipped is the largest share of the seeds that may be skipped unless the settings say otherwise.
const defaultSkipped = 0.1

// SkipReason is why seeds were skipped, and how many.
type SkipReason struct {
	Reason string `json:"reason"` // of the first such seed, without its name
	Seeds  int    `json:"seeds"`
}

// SkipReasons are reasons for which seeds were skipped, the commonest first.
type SkipReasons []SkipReason

// varying is what makes reasons of the same kind differ: paths, names of files and numbers.
var varying = regexp.MustCompile(`\S*[/\\]\S*|\S+\.[a-zA-Z]\w{0,4}\b|[0-9][0-9.]*`)

// SkipReasons are the reasons for which seeds were skipped.
func (r *Report) SkipReasons() SkipReasons { return SkipReasonsOf(r.Seeds) }

// SkipReasonsOf counts the reasons of those of the seeds that were skipped. Reasons that differ in numbers or in the name
// of the seed alone are one.
func SkipReasonsOf(seeds []Outcome) SkipReasons {
	var reasons SkipReasons
	at := map[string]int{}
	for _, o := range seeds {
		if o.Status != Skipped {
			continue
		}
		reason := strings.TrimPrefix(o.Reason, seedWords(o.Index, o.Name)+": ")
		kind := reason
		if o.Name != "" {
			kind = strings.ReplaceAll(kind, o.Name, "")
		}
		kind = varying.ReplaceAllString(kind, "0")
		place, known := at[kind]
		if !known {
			place = len(reasons)
			at[kind], reasons = place, append(reasons, SkipReason{Reason: reason})
		}
		reasons[place].Seeds++
	}
	slices.SortStableFunc(reasons, func(a, b SkipReason) int { return cmp.Compare(b.Seeds, a.Seeds) })
	return reasons
}

// tooManySkipped is the error, [ErrTooManySkipped], for a search that says little about the seeds that it was given.
func (r *Report) tooManySkipped() error {
	skipped, seen := 0, 0
	for _, o := range r.Seeds {
		switch {
		case o.Status == OtherShard:
		case o.Status == NotSearched && r.Status != EnoughTriggers: // what would have become of it is not known
		case o.Status == Skipped && o.MisreadAs == nil:
			skipped++
			seen++
		default:
			seen++
		}
	}
	return TooManySkipped(skipped, seen, r.SkippedAtMost, r.SkipReasons())
}

// TooManySkipped is the error, [ErrTooManySkipped], for more skipped seeds than the share accepts, which is as
// [Settings].SkippedAtMost gives it; nil otherwise. It names the commonest of the reasons.
func TooManySkipped(skipped, seeds int, atMost float64, reasons SkipReasons) error {
	if atMost == 0 {
		atMost = defaultSkipped
	}
	atMost = max(atMost, 0)
	if float64(skipped) <= atMost*float64(seeds) {
		return nil
	}
	return fmt.Errorf("%w: %d of %d (%.3g %%), where at most %.3g %% may be, unless SkippedAtMost accepts more; %s",
		ErrTooManySkipped, skipped, seeds, 100*float64(skipped)/float64(seeds), 100*atMost, reasons)
}

// String lists the commonest reasons: "3 because: …; 2 because: …".
func (reasons SkipReasons) String() string {
	const most = 3
	var parts []string
	for _, r := range reasons[:min(most, len(reasons))] {
		parts = append(parts, fmt.Sprintf("%d because: %s", r.Seeds, r.Reason))
	}
	others := 0
	for _, r := range reasons[min(most, len(reasons)):] {
		others += r.Seeds
	}
	if others > 0 {
		parts = append(parts, fmt.Sprintf("%d for other reasons", others))
	}
	return strings.Join(parts, "; ")
}
