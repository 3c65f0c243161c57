package strategies

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// editSearch looks among texts that are the seed with some of a list of edits for those that lie in the gap between both models'
// boundaries. It takes the margins for sums of what each edit adds to them, learns what that is from every answer
// (Bayesian linear regression: Rasmussen and Williams, "Gaussian Processes for Machine Learning", 2006, section 2.1), and asks for those texts
// next that are the likeliest to lie in the gap: near texts whose margins are known to be small.
type editSearch struct {
	s      *boundarySearcher
	gauge  *gauge
	rng    *rand.Rand
	to     input.Input       // that the edits were taken from
	edits  [][]distance.Edit // those in a list are made together: one or, where texts are long, a passage
	long   bool              // there are passages
	atSeed [2]float64        // the mean of the margins, and their difference
	mean   [2][]float64      // what each edit adds
	cov    [][]float64       // of what each adds to the mean
	slope  float64           // what an edit adds to the mean before anything is known
	noise  float64           // variance of what is no sum
	seen   []subset
	asked  map[string]bool
	sums   []float64
	probe  input.Input // the seed with a token that may be held
}

// subset are some of the edits, with what became of them.
type subset struct {
	on   []bool
	size int
	mean float64 // of the margins
}

const (
	// mostEdits is how many edits are taken at most, each by itself or with those beside it.
	mostEdits = 160
	// alike is how far what passages that lie side by side add is the same, as a correlation before anything is known, and
	// reaches how many times the text is as long as the way on which that falls to 1/e.
	alike, reaches = 0.5, 16
	// spreads is the deviation of what an edit adds, relative to the mean of all, before anything is known.
	spreads = 1.5
	// startsFrom is how many of the texts with the smallest margins the next one may be made of.
	startsFrom = 4
)

func newEditSearch(s *boundarySearcher, g *gauge, seed point, to input.Input, end point, edits []distance.Edit) *editSearch {
	e := &editSearch{s: s, gauge: g, rng: s.task.Rand, to: to, atSeed: [2]float64{seed.mean(), seed.original - seed.compressed}, asked: map[string]bool{}}
	together := inPassages(edits)
	n := len(together)
	total := [2]float64{end.mean() - e.atSeed[0], end.original - end.compressed - e.atSeed[1]}
	typical := math.Abs(total[0])/float64(max(n, 1)) + 1e-3
	variance := spreads * spreads * typical * typical
	e.noise = 1.0 * typical * typical
	e.slope = total[0] / float64(max(len(edits), 1))
	for _, edit := range together {
		e.add(edit, total[0]/float64(n), total[1]/float64(n), variance)
	}
	if e.long = len(edits) > n; e.long {
		for i, row := range e.cov {
			for j := range row {
				if i != j {
					row[j] = variance * alike * math.Exp(-reaches*math.Abs(float64(i-j))/float64(n))
				}
			}
		}
	}
	e.seen = append(e.seen, subset{on: make([]bool, n), mean: e.atSeed[0]})
	return e
}

// add takes another edit.
func (e *editSearch) add(edit []distance.Edit, mean, difference, variance float64) {
	e.edits = append(e.edits, edit)
	e.mean[0], e.mean[1] = append(e.mean[0], mean), append(e.mean[1], difference)
	for i := range e.cov {
		e.cov[i] = append(e.cov[i], 0)
	}
	e.cov = append(e.cov, make([]float64, len(e.edits)))
	e.cov[len(e.cov)-1][len(e.cov)-1] = variance
	for i := range e.seen {
		e.seen[i].on = append(e.seen[i].on, false)
	}
	e.sums = append(e.sums, 0)
}

// think makes up an edit: a token of another seed, or any, in the place of one of the seed.
func (e *editSearch) think() {
	seed, rng := e.s.task.Seed.Input, e.s.task.Rand
	if len(e.edits) >= mostEdits {
		return
	}
	first, end := 0, len(seed.Data)
	if v := seed.Vocabulary(); v != nil {
		first, end = v.Text(seed.Data)
	}
	if first == end {
		return
	}
	at := first + rng.IntN(end-first)
	token := noise(seed.DomainAt(at), rng)
	if n := len(e.s.neighbours); n > 0 && rng.IntN(2) == 0 {
		token = e.s.neighbours[rng.IntN(n)].input.At(first + rng.IntN(end-first))
	}
	if seed.Held(at) || token == seed.Data[at] || !seed.DomainAt(at).Contains(token) {
		return
	}
	if e.probe.Data == nil {
		e.probe = seed.Clone()
	}
	e.probe.Data[at] = token
	held := e.probe.Held(at)
	e.probe.Data[at] = seed.Data[at]
	if held {
		return
	}
	edit := []distance.Edit{{Kind: distance.Replaced, At: at, Before: seed.Data[at], After: token}}
	if !slices.ContainsFunc(e.edits, func(known []distance.Edit) bool { return slices.Equal(known, edit) }) {
		e.add(edit, e.slope, 0, spreads*spreads*e.slope*e.slope)
	}
}

// write makes the text of a subset, and reports whether there is room for it.
func (e *editSearch) write(dst input.Input, on []bool) bool {
	var some []distance.Edit
	for i, edit := range e.edits {
		if on[i] {
			some = append(some, edit...)
		}
	}
	slices.SortStableFunc(some, func(a, b distance.Edit) int {
		if a.At != b.At {
			return a.At - b.At
		}
		return int(b.Kind) - int(a.Kind) // what is put in goes first
	})
	return distance.ApplyEdits(dst, e.s.task.Seed.Input, e.to, some)
}

func key(on []bool) string {
	bits, last := make([]byte, len(on)), 0
	for i, v := range on {
		if v {
			bits[i], last = 1, i+1
		}
	}
	return string(bits[:last])
}

// learn takes note of the margins of a subset.
func (e *editSearch) learn(on []bool, ev *engine.Evaluation) {
	if ev.Verdict.Kind != answer.OtherAnswer {
		return
	}
	o, c := e.gauge.of(ev)
	y := [2]float64{(o+c)/2 - e.atSeed[0], o - c - e.atSeed[1]}
	size, variance := 0, e.noise
	clear(e.sums)
	for i, v := range on {
		if !v {
			continue
		}
		size += len(e.edits[i])
		y[0] -= e.mean[0][i]
		y[1] -= e.mean[1][i]
		vec.AddScaled(e.sums, 1, e.cov[i])
	}
	for i, v := range on {
		if v {
			variance += e.sums[i]
		}
	}
	for side := range y {
		vec.AddScaled(e.mean[side], y[side]/variance, e.sums)
	}
	for i, row := range e.cov {
		vec.AddScaled(row, -e.sums[i]/variance, e.sums)
	}
	e.seen = append(e.seen, subset{on: slices.Clone(on), size: size, mean: (o + c) / 2})
}

// propose is the subset that is the likeliest to be a hit of those that are allowed and were not asked for; nil where there is none.
func (e *editSearch) propose(allowed func(size int) float64) []bool {
	starts := slices.Clone(e.seen)
	slices.SortStableFunc(starts, func(a, b subset) int {
		switch x, y := math.Abs(a.mean), math.Abs(b.mean); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	var best []bool
	most := math.Inf(-1)
	for _, from := range starts[:min(startsFrom, len(starts))] {
		on, worth := e.climb(slices.Clone(from.on), allowed)
		if worth > most && on != nil {
			best, most = on, worth
		}
	}
	return best
}

// climb flips edits as long as that makes the subset a likelier hit, and returns the best one that was not asked for.
func (e *editSearch) climb(on []bool, allowed func(size int) float64) (best []bool, most float64) {
	n := len(on)
	const flips = 12
	most = math.Inf(-1)
	var mean, difference, variance float64
	size := 0
	sums := make([]float64, n)
	for i, v := range on {
		if v {
			size += len(e.edits[i])
			mean += e.mean[0][i]
			difference += e.mean[1][i]
			vec.AddScaled(sums, 1, e.cov[i])
		}
	}
	for i, v := range on {
		if v {
			variance += sums[i]
		}
	}
	reached := math.Inf(-1)
	for range flips + n {
		chosen, worth := -1, math.Inf(-1)
		for i, v := range on {
			sign, d := 1.0, len(e.edits[i])
			if v {
				sign, d = -1, -d
			} else if e.conflicts(on, i) {
				continue
			}
			w := e.worth(e.atSeed[0]+mean+sign*e.mean[0][i], e.atSeed[1]+difference+sign*e.mean[1][i], variance+2*sign*sums[i]+e.cov[i][i], allowed(size+d))
			w += 1e-6 * e.rng.Float64()
			if w > most {
				on[i] = !v
				if k := key(on); !e.asked[k] && size+d > 0 {
					best, most = slices.Clone(on), w
				}
				on[i] = v
			}
			if w > worth {
				chosen, worth = i, w
			}
		}
		if chosen < 0 || worth <= reached {
			break
		}
		reached = worth
		sign := 1.0
		if on[chosen] {
			sign = -1
			size -= len(e.edits[chosen])
		} else {
			size += len(e.edits[chosen])
		}
		on[chosen] = !on[chosen]
		mean += sign * e.mean[0][chosen]
		difference += sign * e.mean[1][chosen]
		variance += 2*sign*sums[chosen] + e.cov[chosen][chosen]
		vec.AddScaled(sums, sign, e.cov[chosen])
	}
	return best, most
}

// conflicts reports whether another edit changes the same token.
func (e *editSearch) conflicts(on []bool, i int) bool {
	for j, v := range on {
		if v && j != i && meet(e.edits[i], e.edits[j]) {
			return true
		}
	}
	return false
}

// meet reports whether two lists, in the order of their places, change the same token.
func meet(a, b []distance.Edit) bool {
	if a[len(a)-1].At < b[0].At || b[len(b)-1].At < a[0].At {
		return false
	}
	for _, x := range a {
		if x.Kind != distance.PutIn && slices.ContainsFunc(b, func(y distance.Edit) bool { return y.At == x.At && y.Kind != distance.PutIn }) {
			return true
		}
	}
	return false
}

// inPassages are lists of edits, mostEdits at most, each of which is made as a whole. Together they are all edits: the margins at the end of
// a way are theirs, and with a few of thousands no text would come near a boundary.
func inPassages(edits []distance.Edit) [][]distance.Edit {
	n := min(len(edits), mostEdits)
	together := make([][]distance.Edit, n)
	for i := range together {
		together[i] = edits[i*len(edits)/n : (i+1)*len(edits)/n]
	}
	return together
}

// worth is the logarithm of about how likely a text is a hit, with what it would be worth.
func (e *editSearch) worth(mean, difference, variance, gain float64) float64 {
	if !(gain > 0) {
		return math.Inf(-1)
	}
	variance = max(variance, 0) + e.noise
	if !e.gauge.twoSided() {
		return math.Log(gain) + math.Log(0.5*math.Erfc(mean/math.Sqrt(2*variance))+1e-30)
	}
	const narrowestGap = 0.05
	width := max(math.Abs(difference), narrowestGap)
	variance += width * width / 12
	return math.Log(gain) + math.Log(width) - mean*mean/(2*variance) - 0.5*math.Log(variance)
}

// editWalk is the way from a seed to another one whose values are replaced: by some of the edits that make the one of the other.
type editWalk struct {
	search *editSearch
	on     []bool
	left   int // texts
	edits  int // of all the way
}

// editsAWay is how many texts on the way to a seed are tried.
const editsAWay = 40

// towards starts a way.
func (w *editWalk) towards(s *boundarySearcher, n neighbour) {
	seed := s.task.Seed.Input
	to := seed.Clone()
	s.between(to, seed, n.unpack(nil), 1)
	edits := distance.EditsBetween(seed, to)
	w.search = newEditSearch(s, &s.gauge, s.seed, to, n.at, edits)
	w.left, w.edits = editsAWay, len(edits)
}

// gain is what a text with so many edits is worth: of long texts more with fewer, as closing in takes many queries to take as many back.
func (w *editWalk) gain(size int) float64 {
	if !w.search.long {
		return 1
	}
	kept := 1 - float64(size)/float64(w.edits+1)
	return kept * kept
}

// ask writes the next text; false where none is left.
func (w *editWalk) ask(dst input.Input) bool {
	for misses := 0; w.left > 0 && misses < editsAWay; misses++ {
		w.on = w.search.propose(w.gain)
		if w.on == nil {
			return false
		}
		w.search.asked[key(w.on)] = true
		if !w.search.write(dst, w.on) {
			continue
		}
		if r := w.search.s.task.Region; r != nil {
			r.Project(dst)
		}
		w.left--
		return true
	}
	return false
}

func (w *editWalk) history(name string) string {
	n := 0
	for _, v := range w.on {
		if v {
			n++
		}
	}
	return fmt.Sprintf("edits %d of %d towards %s", n, len(w.on), name)
}

// tell takes note of the answers to the text.
func (w *editWalk) tell(e *engine.Evaluation) { w.search.learn(w.on, e) }
