package strategies

import "math/rand/v2"

// mutantWalk is the walk of [TriggerFinder] beside the paths of a search that has long found nothing. Where a compressed model
// differs for few inputs alone, most paths cross both boundaries in the same place, and what sets the models apart may lead on. Taking
// turns costs at most twice what the better one of both takes.
type mutantWalk struct {
	searcher *triggerFinderSearcher
	asked    bool // the candidate is one of the walk
	none     bool // no operator fits the seed
}

const (
	// mutantsAfter is how many queries are spent on paths alone. Few seeds of usual pairs take as many.
	mutantsAfter = 192
	// mutantsStream sets the walk's random numbers apart from all others of a seed.
	mutantsStream = 0x6d7574616e7473
)

// turn reports whether it is the walk's turn: every other time, once paths have led nowhere for long.
func (w *mutantWalk) turn(s *boundarySearcher) bool {
	w.asked = false
	if s.queries < mutantsAfter || s.queries%2 != 0 || w.none || s.climber != nil || s.unordered {
		return false
	}
	if w.searcher == nil {
		task := s.task
		task.Rand = rand.New(rand.NewPCG(s.stream, mutantsStream))
		searcher, err := TriggerFinder().NewSearcher(task)
		if w.none = err != nil; w.none {
			return false
		}
		w.searcher = searcher.(*triggerFinderSearcher)
	}
	w.asked = true
	return true
}
