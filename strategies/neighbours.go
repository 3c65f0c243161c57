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
	gap                float64 // how wide it is expected to be, as a share of the way
	narrow             float64 // what a narrow gap costs, as a factor
	merit              float64 // smaller is better
}

// unpack is the seed itself, in the room where that is large enough.
func (n *neighbour) unpack(room []float32) input.Input { return n.input.UnpackInto(room) }

// gapCounts is how much a wide gap is worth beside a small distance: wide ones are met with fewer
// queries. Differences in width below narrowest tell nothing, unless all are as narrow.
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
		o.crossing, o.gap = way.next(), math.Abs(original-compressed)
	}
	least := narrowest
	if s.narrow = s.isNarrow(all); s.narrow {
		least = usualGap(all)
	}
	for i := range all {
		o := &all[i]
		o.narrow = math.Pow(o.gap+least, -gapCounts)
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

// isNarrow reports whether the search goes by narrow ways: both models compute nearly alike, but not the same but for few inputs.
func (s *boundarySearcher) isNarrow(all []neighbour) bool {
	if len(all) == 0 || !s.classes || s.labelsOnly || s.severe || s.unordered || s.task.Region != nil || s.task.Seed.Input.HasCategories() {
		return false
	}
	gap := usualGap(all)
	return gap > noGap && gap < mostNarrow
}

// usualGap is how wide the gap is expected to be on the way to a neighbour, as a share of it, in the median.
func usualGap(all []neighbour) float64 {
	gaps := make([]float64, len(all))
	for i := range all {
		gaps[i] = all[i].gap
	}
	slices.Sort(gaps)
	return gaps[len(gaps)/2]
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
