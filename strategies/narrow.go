package strategies

import (
	"cmp"
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// Parameters of narrow gaps, chosen on the embedded pairs in half precision. Margins are differences of log scores.
const (
	// mostNarrow is up to which share of the ways to its neighbours the gap of a seed counts as narrow, in the median. (In half precision it was
	// at 0.00002 to 0.0004, with 8-bit weights and in lower precision at 0.0007 and more.)
	mostNarrow = 5e-4

	firstSpread = 0.06  // how far on both sides of the first guess the original is asked, as a share of the way
	leastSpread = 0.02  // of later guesses, as a share of the bracket
	leastApart  = 0.015 // or in margins
	bendSpread  = 0.7   // or as a share of what a bend of the margins is taken to move the guess

	fine      = 0.05 // margin from which on the gap is aimed at
	leastGap  = 3e-4 // in margins: narrower ones are left
	asksAWay  = 14   // after which a way is left
	worthBoth = 0.4  // how likely a hit is for both models to be asked
	worthOne  = 0.15 // and for the original
)

// narrowWay looks for the gap on a way over the boundary where it is too narrow to be met by chance: in half precision it is a thousandth
// of what the margins fall by on the way.
//
// First the original alone is asked, at two places for the price of one query, until its boundary is known. Its crossing is estimated rival by rival by inverse
// quadratic interpolation (Brent, "Algorithms for Minimization without Derivatives", 1973, section 4.2). One query of both models then tells how far apart they
// are there, and so where the gap lies. It is hit by sums of differences between known places, see [narrowWay.combine].
type narrowWay struct {
	label int                              // of the seed
	write func(dst input.Input, t float64) // writes a place of the way
	under bool                             // way, that is
	spots []spot                           // what is known, both ends first
	asks  int

	asked  []input.Input // that are to be told
	both   bool          // of both models
	waits  [2]spot       // what they are
	values lent[float32] // of spots, while candidates are made
	inputs map[int]input.Input
}

// spot is a place of the way or an input near one, with what is known of it.
type spot struct {
	t     float64
	off   bool         // it is no place of the way
	input input.Packed // of those nearest to the boundary
	held  bool         // there is an input
	hash  uint64       // of the input
	leads []float64    // log score of the seed's label over each, by the original
	apart []float64    // what those of the compressed model are lower by; nil where it was not asked
	least float64      // of the leads: the margin
}

// know takes note of answers.
func (s *spot) know(leads, apart []float64) {
	s.leads, s.apart, s.least = leads, apart, slices.Min(leads)
}

// leadsOf are the log scores of a label over those of each.
func leadsOf(logs []float64, label int) []float64 {
	leads := make([]float64, len(logs))
	for l, v := range logs {
		leads[l] = logs[label] - v
	}
	leads[label] = math.Inf(1)
	return leads
}

// apartOf is what the leads are lower by that the compressed model gives.
func apartOf(p point, label int) []float64 {
	apart, compressed := leadsOf(p.logs[0], label), leadsOf(p.logs[1], label)
	for l := range apart {
		apart[l] -= compressed[l]
	}
	apart[label] = 0
	return apart
}

// begin starts a way from the seed, which is known to t, where the leads are known and, it may be, those of the compressed model and the input.
func (w *narrowWay) begin(seed point, t float64, leads, apart []float64, in input.Input) {
	w.spots, w.asks, w.asked, w.under = append(w.spots[:0], spot{}, spot{t: t}), 0, nil, true
	w.spots[0].know(leadsOf(seed.logs[0], w.label), apartOf(seed, w.label))
	w.spots[1].know(leads, apart)
	if in.Data != nil {
		w.spots[1].hold(in)
	}
}

// hold keeps the input.
func (s *spot) hold(in input.Input) {
	if s.input = input.Pack(in); s.input.Size() > s.input.Len() {
		s.input = input.Pack(in.Clone())
	}
	s.held, s.hash = true, vec.Hash(in.Data)
}

// ask writes what is to be asked next: one input for both models, or two for the original alone, until told. None where the way leads nowhere.
func (w *narrowWay) ask(room []input.Input) []input.Input {
	if len(w.asked) > 0 {
		return w.asked
	}
	w.asks++
	if w.asks <= asksAWay {
		w.asked = room[:w.choose(room)]
		w.both = w.both || len(w.asked) == 1
		w.values.giveBack(nil)
		clear(w.inputs)
	}
	w.under = len(w.asked) > 0
	return w.asked
}

// choose writes the candidates and returns how many.
func (w *narrowWay) choose(room []input.Input) (n int) {
	w.both = false
	near, far, _ := w.ends()
	t, doubt, ok := w.guess()
	if !ok {
		return 0
	}
	if far == nil {
		return w.places(room, 0, t, t+2*doubt, t+4*doubt)
	}
	if min(near.least, -far.least) < fine {
		gap, known := w.gap()
		if !known { // both models at the guess
			if w.place(room[0], 0, t, near.t, far.t) {
				w.both = true
				return 1
			}
		} else if math.Abs(gap) < leastGap {
			return 0
		}
		if n = w.combined(room); w.both || n == 2 {
			return n
		}
	}
	width := far.t - near.t
	if len(w.spots) == 2 && !w.spots[1].held { // between two far ends, see leansTo
		t += leans * (near.t + leansTo*width - t)
		doubt = firstSpread * width
	}
	low, high := max(t-doubt, near.t+leastSpread*width), min(t+doubt, far.t-leastSpread*width)
	return w.places(room, n, low, high, near.t-0.5*width, far.t+0.5*width, near.t-width, far.t+width, near.t-2*width, far.t+2*width)
}

// places writes the first of these places that are not known, where n candidates are written already.
func (w *narrowWay) places(room []input.Input, n int, at ...float64) int {
	near, far, _ := w.ends()
	for _, t := range at {
		if n < len(room) && t > 0 && (far != nil && w.place(room[n], n, t, near.t, far.t) || far == nil && w.place(room[n], n, t, t, t)) {
			n++
		}
	}
	return n
}

// place writes a place that is not known, as candidate n: within the bracket another one, nearer to its middle, where it is.
func (w *narrowWay) place(dst input.Input, n int, t, near, far float64) bool {
	const tries, towards = 6, 0.4
	for range tries {
		w.write(dst, t)
		if !w.isKnown(dst.Data, n) {
			w.waits[n] = spot{t: t, hash: vec.Hash(dst.Data)}
			return true
		}
		if t <= near || t >= far {
			break
		}
		t += towards * ((near+far)/2 - t)
	}
	return false
}

// isKnown reports whether an input, to be candidate n, has been asked.
func (w *narrowWay) isKnown(data []float32, n int) bool {
	hash := vec.Hash(data)
	return n == 1 && w.waits[0].hash == hash || slices.ContainsFunc(w.spots, func(s spot) bool { return s.hash == hash })
}

// ends are the places on both sides of the original's boundary, and the third one that is nearest to it; without the far one, where
// all are on the seed's side, the last two.
func (w *narrowWay) ends() (near, far, third *spot) {
	var places []*spot
	for i := range w.spots {
		if !w.spots[i].off {
			places = append(places, &w.spots[i])
		}
	}
	slices.SortStableFunc(places, func(a, b *spot) int { return cmp.Compare(a.t, b.t) })
	at := slices.IndexFunc(places, func(s *spot) bool { return s.least <= 0 })
	switch {
	case at < 0:
		return places[len(places)-1], nil, places[len(places)-2]
	case at == 0: // the seed lies within a tie
		return nil, nil, nil
	}
	near, far = places[at-1], places[at]
	if at > 1 {
		third = places[at-2]
	}
	if at+1 < len(places) && (third == nil || -places[at+1].least < third.least) {
		third = places[at+1]
	}
	return near, far, third
}

// guess is where the original's boundary is expected, and by how much that may be wrong.
func (w *narrowWay) guess() (t, doubt float64, ok bool) {
	near, far, third := w.ends()
	if near == nil {
		return 0, 0, false
	}
	if far == nil { // further on, if not far
		const half = 0.5
		slope := (third.least - near.least) / (near.t - third.t)
		by := (near.least + leastApart) / slope
		return near.t + by, half * by, slope > 0 && by < half*near.t
	}
	width := far.t - near.t
	t, straight := far.t, far.t
	for l, a := range near.leads {
		b := far.leads[l]
		if !(a > 0 && b < 0) || math.IsInf(a, 0) {
			continue
		}
		root := near.t + width*a/(a-b)
		straight = min(straight, root)
		if third != nil {
			c := third.leads[l]
			if r := near.t*b*c/((a-b)*(a-c)) + far.t*a*c/((b-a)*(b-c)) + third.t*a*b/((c-a)*(c-b)); r > near.t && r < far.t {
				root = r
			}
		}
		t = min(t, root)
	}
	slope := (near.least - far.least) / width
	return t, max(bendSpread*math.Abs(t-straight), leastSpread*width, leastApart/slope), slope > 0
}

// gap is how far the margins of both models are apart near the boundary, and whether that is known.
func (w *narrowWay) gap() (gap float64, known bool) {
	for i := len(w.spots) - 1; i > 0; i-- {
		if s := &w.spots[i]; s.apart != nil && s.held {
			compressed := math.Inf(1)
			for l, lead := range s.leads {
				compressed = min(compressed, lead-s.apart[l])
			}
			return s.least - compressed, true
		}
	}
	return 0, false
}

// apart is what the leads of the compressed model are expected to be lower by near the boundary: as at the latest spot where it was asked.
func (w *narrowWay) apart() []float64 {
	for i := len(w.spots) - 1; ; i-- {
		if a := w.spots[i].apart; a != nil {
			return a
		}
	}
}

// tell takes both models' answers.
func (w *narrowWay) tell(evaluations []engine.Evaluation) {
	asked := w.asked
	w.asked = nil
	var p point
	for i := range evaluations {
		if e := &evaluations[i]; e.Verdict.Kind == answer.OtherAnswer {
			p.logs.of(e)
			w.told(i, asked[i], leadsOf(p.logs[0], w.label), apartOf(p, w.label))
		} else {
			w.asks = asksAWay // nothing is known about the way from here on
		}
	}
}

// aside says in words that candidate i is no place of the way.
func (w *narrowWay) aside(i int) string {
	if w.waits[i].off {
		return ", and steps of single values"
	}
	return ""
}

// tellOriginal takes the original's answers.
func (w *narrowWay) tellOriginal(answers []answer.Answer) {
	asked := w.asked
	w.asked = nil
	var logs logScores
	for i, a := range answers {
		if len(a.Scores) == 0 {
			w.asks = asksAWay
			continue
		}
		logs.of(&engine.Evaluation{Original: a})
		w.told(i, asked[i], leadsOf(logs[0], w.label), nil)
	}
}

func (w *narrowWay) told(i int, in input.Input, leads, apart []float64) {
	s := w.waits[i]
	s.know(leads, apart)
	s.hold(in)
	if known := slices.IndexFunc(w.spots, func(other spot) bool { return other.hash == s.hash }); known > 0 {
		w.spots[known].apart = apart
		return
	}
	w.spots = append(w.spots, s)
	// Inputs of those alone are kept that others may be made of.
	if near := w.nearest(); len(near) > mostSpots {
		for _, i := range near[mostSpots:] {
			w.spots[i].input, w.spots[i].held = input.Packed{}, false
		}
	}
}

// nearest lists spots whose inputs are held, those nearest to the boundary first.
func (w *narrowWay) nearest() []int {
	var held []int
	for i := range w.spots {
		if w.spots[i].held {
			held = append(held, i)
		}
	}
	slices.SortStableFunc(held, func(a, b int) int {
		return cmp.Compare(math.Abs(w.spots[a].least), math.Abs(w.spots[b].least))
	})
	return held
}
