package minimize

import (
	"cmp"
	"slices"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/input"
)

// movesOn reports whether tokens may be put into a text and taken out, so that what stands at a place says little of what was edited there.
func movesOn(in input.Input) bool {
	v := in.Vocabulary()
	return v != nil && !v.KeepLength && v.Pad != input.Unpadded && distance.TraitsOf(in).Unordered
}

// edits takes back edits of a text, until so many queries are spent: many at once first, in the manner of delta debugging, then single ones.
func (m *minimizer) edits(until int) {
	edits := distance.EditsBetween(m.seed, m.input)
	for size := (len(edits) + 1) / 2; size >= 1 && m.spent.Queries < until && !m.stopped; {
		if m.takeBack(edits, size, until) {
			edits = distance.EditsBetween(m.seed, m.input)
			size = min(size, (len(edits)+1)/2)
			continue
		}
		if size == 1 {
			return
		}
		size = (size + 1) / 2
	}
}

// without writes the text without some runs of edits, and reports whether that is worth asking for.
func (m *minimizer) without(in input.Input, edits []distance.Edit, runs [][2]int, measured *state) bool {
	kept := make([]distance.Edit, 0, len(edits))
	for i, e := range edits {
		if !slices.ContainsFunc(runs, func(r [2]int) bool { return i >= r[0] && i < r[1] }) {
			kept = append(kept, e)
		}
	}
	return distance.ApplyEdits(in, m.seed, m.trigger.Input, kept) && m.worth(in, measured)
}

// takeBack tries the text without each run of so many edits, and then without as many of those runs at once as the deviation can spare. It
// reports whether that was any.
func (m *minimizer) takeBack(edits []distance.Edit, size, until int) bool {
	var runs [][2]int
	var measured []state
	for first := 0; first < len(edits); first += size {
		run := [2]int{first, min(first+size, len(edits))}
		var s state
		if m.without(m.candidate(len(runs)), edits, [][2]int{run}, &s) {
			runs, measured = append(runs, run), append(measured, s)
		}
	}
	if len(runs) == 0 {
		return false
	}
	replies := m.ask(min(len(runs), until-m.spent.Queries))
	// Those that deviate go first, and of them those that leave the margins largest.
	type tried struct {
		run      [2]int
		margin   float64
		reply    reply
		measured state
	}
	var spared []tried
	for i, r := range replies {
		if r.deviates {
			r.input = r.input.Clone()
			spared = append(spared, tried{runs[i], min(r.margin[0], r.margin[1]), r, measured[i]})
		}
	}
	if len(spared) == 0 {
		return false
	}
	slices.SortStableFunc(spared, func(a, b tried) int { return cmp.Compare(b.margin, a.margin) })
	best := spared[0]
	within, beyond := 1, len(spared)+1
	for next := len(spared); within+1 < beyond && m.spent.Queries < until; next = (within + beyond) / 2 {
		all := make([][2]int, next)
		for i := range all {
			all[i] = spared[i].run
		}
		var s state
		ok := false
		if m.without(m.candidate(0), edits, all, &s) {
			if replies := m.ask(1); len(replies) == 1 && replies[0].deviates {
				ok = true
				best = tried{reply: replies[0], measured: s}
				best.reply.input = best.reply.input.Clone()
			}
		}
		if m.stopped {
			break
		}
		if ok {
			within = next
		} else {
			beyond = next
		}
	}
	m.accept(best.reply, best.measured)
	return true
}
