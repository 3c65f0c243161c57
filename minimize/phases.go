package minimize

import (
	"cmp"
	"slices"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/input"
)

const (
	// pixelShare is the share of the remaining queries that a phase "pixels" may spend.
	pixelShare = 0.6
	// roundsALevel is how often blocks of one size are tried in a row.
	roundsALevel = 3
	// closeCall is the share of a run of blocks that is not worth further bisection.
	closeCall = 1.0 / 16
	// scalings is how often the scale of the whole difference is bisected.
	scalings = 6
	// probedValues bounds the memory of blocks that are probed at once: 256 MiB of values.
	probedValues = 64 << 20
)

// change is something to do to a block of the difference between trigger and seed.
type change struct {
	apply func(m *minimizer, dst []float32, b distance.Block)
	// gain is what it gains that value i becomes v.
	gain func(m *minimizer, i int, v float32) float64
	// smaller reports whether a candidate that is not farther by the aim is a gain.
	smaller func(m *minimizer, in input.Input, measured state) bool
}

var (
	// putBack restores the seed's values.
	putBack = change{
		apply: func(m *minimizer, dst []float32, b distance.Block) {
			m.grid.Each(b, func(i int) { dst[i] = m.seed.Data[i] })
		},
		gain: func(*minimizer, int, float32) float64 { return 1 },
		smaller: func(m *minimizer, in input.Input, _ state) bool {
			return m.ruler.Far(distance.NearestL0, in) < m.ruler.Far(distance.NearestL0, m.input)
		},
	}
	// halve goes half of the way to the seed's values.
	halve = change{
		apply: func(m *minimizer, dst []float32, b distance.Block) {
			m.grid.Each(b, func(i int) { dst[i] = m.toward(i, 0.5) })
		},
		gain: (*minimizer).cheaper, smaller: nearer,
	}
	// evenOut gives all changed values of a block, channel by channel, the mean change. That takes out noise, and
	// by L0, L2 and LInf it never is farther.
	evenOut = change{apply: (*minimizer).evenOut, gain: (*minimizer).cheaper, smaller: nearer}
)

// nearer reports whether a candidate is nearer by the aim or, at the same distance, by L2.
func nearer(m *minimizer, _ input.Input, measured state) bool {
	return cmp.Or(distance.CompareFar(measured.far, m.far), distance.CompareFar(measured.size, m.size)) < 0
}

// cheaper is what it gains, by the aim, that value i becomes v.
func (m *minimizer) cheaper(i int, v float32) float64 {
	before, after := float64(m.input.Data[i]-m.seed.Data[i]), float64(v-m.seed.Data[i])
	return float64(m.weights[i]) * (float64(before*before) - float64(after*after))
}

// toward is value i at a share of its change, at least a step of the domain nearer.
func (m *minimizer) toward(i int, share float64) float32 {
	s, v, d := m.seed.Data[i], m.input.Data[i], m.seed.DomainAt(i)
	if v == s || m.seed.Categorical(i) { // no category is nearer than another
		return v
	}
	at := d.Snap(float32(float64(s) + float64(share*float64(v-s))))
	if at == v && d.Step > 0 { // rounded away
		if v > s {
			at = d.Snap(v - d.Step)
		} else {
			at = d.Snap(v + d.Step)
		}
	}
	return at
}

func (m *minimizer) evenOut(dst []float32, b distance.Block) {
	channels := m.grid.Channels
	sums, counts := make([]float64, channels), make([]float64, channels)
	m.grid.Each(b, func(i int) {
		if v, s := m.input.Data[i], m.seed.Data[i]; v != s {
			sums[i%channels] += float64(v - s)
			counts[i%channels]++
		}
	})
	m.grid.Each(b, func(i int) {
		if s := m.seed.Data[i]; m.input.Data[i] != s {
			dst[i] = m.seed.DomainAt(i).Snap(s + float32(sums[i%channels]/counts[i%channels]))
		}
	})
}

// phases lets the phases take turns until neither helps.
func (m *minimizer) phases() {
	for !m.stopped {
		left := m.settings.Queries - m.spent.Queries
		pixels := m.moves&distance.PutBack != 0 &&
			m.phase(pixelPhase, func() { m.pixels(m.spent.Queries + int(pixelShare*float64(left))) })
		far := m.moves&^distance.PutBack != 0 && m.phase(distancePhase, m.closeUp)
		if !pixels && !far {
			return
		}
	}
}

// phase carries out one phase, confirms what it came to, and reports whether it helped.
func (m *minimizer) phase(name string, do func()) bool {
	before, queries := m.state, m.spent.Queries
	if m.stopped {
		return false
	}
	do()
	m.confirm()
	p := Phase{
		Name: name, Queries: m.spent.Queries - queries,
		Before: m.ruler.Measure(before.input), After: m.ruler.Measure(m.input),
	}
	if p.Queries > 0 {
		m.result.Phases = append(m.result.Phases, p)
	}
	return !slices.Equal(before.input.Data, m.input.Data)
}

// sizes are those of blocks, from coarse to fine.
func (m *minimizer) sizes() []int {
	var sizes []int
	for size := (max(m.grid.Height, m.grid.Width) + 1) / 2; ; size = (size + 1) / 2 {
		sizes = append(sizes, size)
		if size == 1 {
			return sizes
		}
	}
}

// pixels puts blocks back, or takes edits of a text back, until so many queries are spent.
func (m *minimizer) pixels(until int) {
	if movesOn(m.seed) {
		m.edits(until)
		return
	}
	for _, size := range m.sizes() {
		m.level(putBack, size, until)
	}
}

// closeUp brings what is left nearer, by the moves that fit.
func (m *minimizer) closeUp() {
	scales, evens := m.moves&distance.Scale != 0, m.moves&distance.EvenOut != 0
	if scales {
		m.scale()
	}
	sizes := m.sizes()
	if evens && m.smooth(sizes) && scales {
		m.scale()
	}
	for _, size := range sizes {
		left := m.settings.Queries - m.spent.Queries
		if scales {
			m.level(halve, size, m.spent.Queries+left/2)
		}
		if evens {
			m.level(evenOut, size, m.spent.Queries+left/4)
		}
	}
	if scales {
		m.scale()
	}
}

// level changes blocks of one size while that helps.
func (m *minimizer) level(c change, size, until int) {
	for range roundsALevel {
		guessed := m.guess(c, size, until)
		probed := m.probe(c, size, until)
		if !guessed && !probed {
			return
		}
	}
}

// piece is a block that a change would alter, with what is expected of it.
type piece struct {
	distance.Block
	gain float64
	lost [2]float64 // of the margins
}

// cost is the largest share of a margin that the piece takes, for each unit of its gain. Pieces
// that take nothing are the cheapest.
func (m *minimizer) cost(p piece) float64 {
	const little = 1e-9
	share := max(p.lost[0]/max(m.margin[0], little), p.lost[1]/max(m.margin[1], little))
	if share > 0 {
		share /= max(p.gain, little)
	}
	return share
}

// pieces are the blocks of that size that the change would alter, the cheapest first.
func (m *minimizer) pieces(c change, size int) []piece {
	var pieces []piece
	changed := m.input.Clone().Data
	for _, b := range m.grid.Cut(size) {
		p, any := piece{Block: b}, false
		c.apply(m, changed, b)
		m.grid.Each(b, func(i int) {
			v := changed[i]
			if v == m.input.Data[i] {
				return
			}
			any = true
			p.gain += c.gain(m, i, v)
			for side := range p.lost {
				p.lost[side] += float64(m.gradient[side][i] * float64(m.input.Data[i]-v))
			}
		})
		if any && p.gain > 0 {
			pieces = append(pieces, p)
		}
	}
	m.sort(pieces)
	return pieces
}

// sort puts the cheapest pieces first. Pieces that cost one model's margin mostly give to the other's, so that the
// two kinds are taken in turn, always that one whose margin has more left: where the gap between both models'
// boundaries is narrow, hardly any piece can go alone, but many can together.
func (m *minimizer) sort(pieces []piece) {
	slices.SortStableFunc(pieces, func(a, b piece) int { return cmp.Compare(m.cost(a), m.cost(b)) })
	var queues [2][]piece // by the model that pays
	for _, p := range pieces {
		payer := 0
		if p.lost[1]*m.margin[0] > p.lost[0]*m.margin[1] {
			payer = 1
		}
		queues[payer] = append(queues[payer], p)
	}
	left := m.margin
	for i := range pieces {
		payer := 0
		if len(queues[0]) == 0 || len(queues[1]) > 0 && left[1]*m.margin[0] > left[0]*m.margin[1] {
			payer = 1
		}
		pieces[i], queues[payer] = queues[payer][0], queues[payer][1:]
		for side := range left {
			left[side] -= pieces[i].lost[side]
		}
	}
}

// guess changes the longest run of the cheapest blocks that it finds.
func (m *minimizer) guess(c change, size, until int) bool {
	return m.take(c, m.pieces(c, size), until)
}

// take changes the longest run of pieces, from the first one on, that it finds by bisection. It begins
// where the margins are expected to end.
func (m *minimizer) take(c change, pieces []piece, until int) bool {
	within, beyond := 0, len(pieces)+1
	next := m.affordable(pieces)
	var best reply
	var measured state
	for within+1 < beyond && float64(beyond-within) > closeCall*float64(within) && m.spent.Queries < until {
		if !(next > within && next < beyond) {
			next = (within + beyond) / 2
		}
		r, s, ok := m.try(c, pieces[:next])
		if m.stopped {
			break
		}
		if ok {
			within, best, measured = next, r, s
			best.input = r.input.Clone() // the memory is used again
			next = within + (beyond-within+1)/2
		} else {
			beyond = next
			next = (within + beyond) / 2
		}
	}
	if within == 0 {
		return false
	}
	m.accept(best, measured)
	return true
}

// affordable is how many pieces, from the first one on, both margins are expected to last for.
func (m *minimizer) affordable(pieces []piece) int {
	left, most := m.margin, 1
	for i, p := range pieces {
		for side := range left {
			left[side] -= p.lost[side]
		}
		if left[0] > 0 && left[1] > 0 {
			most = i + 1
		}
	}
	return most
}

// try asks for the state with some pieces changed, and reports whether that is a gain.
func (m *minimizer) try(c change, pieces []piece) (r reply, measured state, ok bool) {
	in := m.candidate(0)
	copy(in.Data, m.input.Data)
	for i := range pieces {
		c.apply(m, in.Data, pieces[i].Block)
	}
	if !m.worth(in, &measured) || !c.smaller(m, in, measured) {
		return r, measured, false
	}
	replies := m.ask(1)
	if len(replies) == 0 {
		return r, measured, false
	}
	return replies[0], measured, replies[0].deviates
}

// probe measures what changing single blocks costs, and then changes a long run of the cheapest ones.
func (m *minimizer) probe(c change, size, until int) bool {
	pieces := m.pieces(c, size)
	most := min(len(pieces), (until-m.spent.Queries)/2, max(1, probedValues/len(m.seed.Data)))
	var probed []piece
	for _, p := range pieces {
		if len(probed) >= most {
			break
		}
		in := m.candidate(len(probed))
		copy(in.Data, m.input.Data)
		c.apply(m, in.Data, p.Block)
		var measured state
		if m.worth(in, &measured) && c.smaller(m, in, measured) {
			probed = append(probed, p)
		}
	}
	if len(probed) == 0 {
		return false
	}
	replies := m.ask(len(probed))
	probed = probed[:len(replies)]
	single := -1
	for i, r := range replies {
		if r.deviates && (single < 0 || probed[i].gain > probed[single].gain) {
			single = i
		}
		if r.labels == m.labels || !m.settings.AnyDeviation {
			probed[i].lost = [2]float64{m.margin[0] - r.margin[0], m.margin[1] - r.margin[1]}
		}
	}
	if m.stopped || len(probed) == 0 {
		return false
	}
	var alone reply
	if single >= 0 {
		alone = replies[single]
		alone.input = alone.input.Clone()
	}
	m.sort(probed)
	if m.take(c, probed, until+len(probed)) {
		return true
	}
	if single < 0 {
		return false
	}
	m.accept(alone, m.measure(alone.input))
	return true
}

// measure is how far an input is.
func (m *minimizer) measure(in input.Input) state {
	return state{far: m.ruler.Far(m.settings.Aim, in), size: m.ruler.Far(distance.NearestL2, in)}
}

// scale bisects how far the whole difference can be scaled down.
func (m *minimizer) scale() {
	from := m.state
	share, step := 0.5, 0.25
	var best reply
	var measured state
	found := false
	for range scalings {
		in := m.candidate(0)
		for i, v := range from.input.Data {
			in.Data[i] = v
			if s := m.seed.Data[i]; v != s && !m.seed.Categorical(i) {
				in.Data[i] = m.seed.DomainAt(i).Snap(float32(float64(s) + float64(share*float64(v-s))))
			}
		}
		ok := false
		var s state
		if m.worth(in, &s) && nearer(m, in, s) {
			if replies := m.ask(1); len(replies) == 1 && replies[0].deviates {
				ok, found = true, true
				best, measured = replies[0], s
				best.input = best.input.Clone()
			}
		}
		if m.stopped {
			break
		}
		if ok {
			share -= step
		} else {
			share += step
		}
		step /= 2
	}
	if found {
		m.accept(best, measured)
	}
}

// smooth evens out the whole difference in blocks of each size, and takes the nearest of those that deviate.
func (m *minimizer) smooth(sizes []int) bool {
	var measured []state
	for _, size := range sizes {
		in := m.candidate(len(measured))
		copy(in.Data, m.input.Data)
		for _, b := range m.grid.Cut(size) {
			m.evenOut(in.Data, b)
		}
		var s state
		if m.worth(in, &s) && nearer(m, in, s) {
			measured = append(measured, s)
		}
	}
	if len(measured) == 0 {
		return false
	}
	best := -1
	replies := m.ask(len(measured))
	for i, r := range replies {
		if r.deviates && (best < 0 || measured[i].far < measured[best].far) {
			best = i
		}
	}
	if best < 0 {
		return false
	}
	m.accept(replies[best], measured[best])
	return true
}
