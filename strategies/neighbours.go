package strategies

import (
	"cmp"
	"iter"
	"math"
	"slices"
	"sync"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
)

// neighbourhood finds the screened seeds of other labels that lie nearest to a seed, by what they have in common in the
// large: that decides how near a blend stays to the seed. Where the models give no labels, any other seeds do.
type neighbourhood struct {
	pool     []engine.Evaluation       // without the Data of their inputs
	inputs   []input.Packed            // of each member
	labels   [][2]int                  // of each member of the pool, by the original and the compressed model
	logs     []logScores               // of each member
	coarse   [][]float32               // of each member
	outlines func() []distance.Outline // of each member, nil where its kind has none
}

func newNeighbourhood(pool iter.Seq2[engine.Evaluation, input.Packed]) *neighbourhood {
	n := &neighbourhood{}
	for e, packed := range pool {
		var logs logScores
		logs.of(&e)
		n.logs = append(n.logs, logs)
		n.labels = append(n.labels, [2]int{e.Original.Label(), e.Compressed.Label()})
		n.coarse = append(n.coarse, distance.CoarseOf(e.Input))
		n.inputs = append(n.inputs, packed)
		e.Input.Data = nil
		n.pool = append(n.pool, e)
	}
	n.outlines = sync.OnceValue(func() []distance.Outline {
		all := make([]distance.Outline, len(n.inputs))
		for i := range n.inputs {
			all[i] = distance.OutlineOfPacked(n.inputs[i])
		}
		return all
	})
	return n
}

// neighbour is an end for a blend, with what is expected of the way there.
type neighbour struct {
	*engine.Evaluation // without the Data of its input
	input              *input.Packed
	index              int
	at                 point   // t = 1
	crossing           float64 // where the gap is expected
	narrow             float64 // what a narrow gap costs, as a factor
	merit              float64 // smaller is better
}

// unpack is the seed itself, in the room where that is large enough.
func (n *neighbour) unpack(room []float32) input.Input { return n.input.UnpackInto(room) }

// gapCounts is how much a wide gap is worth beside a small distance: wide ones are met with fewer
// queries. Differences in width below narrowest tell nothing.
const gapCounts, narrowest = 0.4, 0.003

// closelyRanked is how many neighbours are ranked by the aim.
const closelyRanked = 16

// around lists at most n neighbours, the most promising ones first.
func (h *neighbourhood) around(s *boundarySearcher, n int) []neighbour {
	if h == nil {
		return nil
	}
	type member struct {
		distance float64
		index    int
	}
	nearer := func(a, b member) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.index, b.index))
	}
	nearest := make([]member, 0, n+1)
	here, apart := distance.CoarseOf(s.task.Seed.Input), distance.ApartBy(s.task.Seed.Input)
	for i := range h.pool {
		e := &h.pool[i]
		if s.classes && (h.labels[i][0] == s.gauge.label || h.labels[i][1] == s.gauge.label) || e.Verdict.Deviates && (s.gauge.twoSided() || e.Verdict.Kind != answer.OtherAnswer) ||
			!h.inputs[i].LikeSearched(s.task.Seed.Input) || !s.classes && h.inputs[i].SameData(s.task.Seed.Input) {
			continue
		}
		if s.gauge.sort == byDecisions {
			if o, c := s.gauge.of(e); o >= 0 || c >= 0 {
				continue
			}
		}
		m := member{apart(h.coarse[i], here), i}
		if len(nearest) == n && nearer(m, nearest[n-1]) > 0 {
			continue
		}
		at, _ := slices.BinarySearchFunc(nearest, m, nearer)
		nearest = slices.Insert(nearest, at, m)
		nearest = nearest[:min(n, len(nearest))]
	}
	all := make([]neighbour, len(nearest))
	for i := range all {
		o := &all[i]
		*o = neighbour{Evaluation: &h.pool[nearest[i].index], input: &h.inputs[nearest[i].index], index: nearest[i].index}
		o.at = s.margins(1, *o.Evaluation)
		o.at.logs = h.logs[o.index]
		way := bracket{label: s.gauge.label, near: s.seed, far: o.at, weights: evenly, labelsOnly: s.labelsOnly}
		original, compressed := way.crossings()
		o.crossing, o.narrow = way.next(), math.Pow(math.Abs(original-compressed)+narrowest, -gapCounts)
		o.merit = nearest[i].distance * o.crossing * o.narrow
	}
	if !s.gauge.twoSided() {
		rankByLack(all)
		return all
	}
	byMerit := func(a, b neighbour) int { return cmp.Or(cmp.Compare(a.merit, b.merit), cmp.Compare(a.index, b.index)) }
	slices.SortFunc(all, byMerit)
	// The aim decides between the best; it takes longer to compute.
	best := all[:min(closelyRanked, len(all))]
	far := h.farness(s)
	for i := range best {
		best[i].merit = far(&best[i]) * best[i].narrow
	}
	slices.SortFunc(best, byMerit)
	return all
}

// rankByLack puts those first that deviate, the nearest crossings of them first, and then those that lack the least.
func rankByLack(all []neighbour) {
	slices.SortStableFunc(all, func(a, b neighbour) int {
		switch {
		case a.Verdict.Deviates != b.Verdict.Deviates:
			if a.Verdict.Deviates {
				return -1
			}
			return 1
		case a.Verdict.Deviates:
			return cmp.Or(cmp.Compare(a.merit, b.merit), cmp.Compare(a.index, b.index))
		}
		return cmp.Or(cmp.Compare(a.at.original, b.at.original), cmp.Compare(a.index, b.index))
	})
}

// farness is how far, by the aim, the blend with a neighbour is from the seed where the gap is expected.
// A similarity is estimated where its kind has a way to.
func (h *neighbourhood) farness(s *boundarySearcher) func(*neighbour) float64 {
	if s.task.Aim == distance.MostAlike {
		if here := distance.OutlineOf(s.task.Seed.Input); here != nil {
			return func(o *neighbour) float64 {
				if similarity := here.Blends(h.outlines()[o.index]); similarity != nil {
					return 1 - similarity(o.crossing)
				}
				return math.Inf(1)
			}
		}
	}
	room := make([]float32, len(s.task.Seed.Input.Data))
	return func(o *neighbour) float64 {
		s.between(s.candidate[0], s.task.Seed.Input, o.unpack(room), o.crossing)
		return s.ruler.Far(s.task.Aim, s.candidate[0])
	}
}
