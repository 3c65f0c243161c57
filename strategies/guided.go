package strategies

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
)

// Parameters of the climb by gradients, chosen on the embedded pairs, on other seeds than those of docs/results.
const (
	guidedRivals = 4   // labels besides the seed's that are aimed at
	guidedSteps  = 24  // of one climb
	apartSteps   = 48  // of one that is to set the models apart
	leansBy      = 1.5 // by how much the odds between its two aims change with an answer
	stepsAQuery  = 3   // of a climb
	firstStep    = 1.0 // in half widths of the bound
	lastStep     = 0.02
	triedTarget  = 0.7 // how much farther, in log scores, a target counts as for every climb that was spent on it
	crossings    = 5   // orders in which values are switched between two sides of a boundary
)

// guided climbs within an L-infinity bound by the gradients of the models, where they offer them (see
// [engine.GradientSearcher]): projected gradient descent by signs (Madry et al., "Towards deep learning models resistant to adversarial
// attacks", ICLR 2018), with steps that shrink along a cosine, on the margin to one label at a time, of one model or the other, from the
// seed and then from random places.
//
// Whatever carries both models over the boundary is the far side of a gap, and the seed its near side: values are switched from the one
// to the other in an order, and a bracket on how many finds where the first model has given in and the second has not. One
// value at a time is the finest step that there is. Where both models give gradients the order is the one by which they part most,
// and at random otherwise.
//
// For an oracle that asks for more than other labels, every other climb is to set the models apart: one label of two, the seed's or a rival, is to become surer
// in the original while the compressed model prefers the other one. Which of both counts more changes with every answer, so that a climb stays where one is about to
// be lost for the other. That takes gradients of both models, as one alone cannot tell where they part.
//
// All else is left to the search without gradients: closing in, and seeds where gradients say nothing.
type guided struct {
	inner     *boundarySearcher
	rng       *rand.Rand
	seed      engine.Evaluation
	low, high []float32
	loss      squareLoss
	severe    bool  // the oracle asks for more than other labels
	both      bool  // models give gradients
	sides     []int // that do, the original's 0
	rivals    []int // the likeliest labels besides the seed's

	targets  []guidedTarget
	target   int
	state    guidedState
	requests []engine.GradientRequest
	slopes   [2][]float32 // of each model at the place, as far as they were asked for
	useless  int          // gradients in a row that said nothing

	place  input.Input // that was evaluated last
	scores [2][]float32
	x      []float64 // of the climb, not rounded
	steps  int
	moved  int // steps since the latest query
	climbs int

	// Where the climb is to set the models apart, the original is to be sure of a label that the compressed model leaves for another one.
	diverges    bool
	sure, other int
	odds        float64 // that leaving counts, against being sure
	weights     [2][]float32

	far       input.Input // beyond the boundary of both models
	farPoint  point
	farScores [2][]float32
	order     []int
	rounds    int
	bracket   bracket
	nearAt    int
	farAt     int
	at        int
	apart     bool // the gradients at the far side are known

	candidate [1]input.Input
}

type guidedState uint8

const (
	surveying   guidedState = iota // gradients at the seed tell which labels are near
	stepping                       // along the gradient at the place
	jumping                        // to a random corner
	parting                        // gradients of both models at the far side are asked for
	blending                       // between the seed and the far side
	handingOver                    // the search goes on without gradients
)

// guidedTarget is a label that a model is to give instead of the seed's.
type guidedTarget struct {
	side, rival int
	reached     float64 // least margin so far, or what the gradient at the seed promises
	climbs      int
}

var (
	_ engine.Closer           = (*guided)(nil)
	_ engine.Historian        = (*guided)(nil)
	_ engine.Omitter          = (*guided)(nil)
	_ engine.GradientSearcher = (*guided)(nil)
)

// newGuided is the search by gradients, or nil where none are offered that it could use.
func newGuided(s *boundarySearcher) (*guided, error) {
	task := s.task
	offered := task.Gradients
	if !offered.Original && !offered.Compressed || !s.classes || s.labelsOnly || s.unordered || task.Region == nil {
		return nil, nil
	}
	low, high, err := distance.EndsOf(task.Region, task.Seed.Input)
	if err != nil || low == nil {
		return nil, err
	}
	g := &guided{
		inner: s, rng: task.Rand, seed: task.Seed, low: low, high: high, loss: newSquareLoss(task), both: offered.Original && offered.Compressed,
		place: task.Seed.Input.Clone(), far: task.Seed.Input.Clone(), candidate: [1]input.Input{task.Seed.Input.Clone()},
	}
	if answer.BeyondLabels(task.Oracle) != nil {
		if g.severe = true; !g.both {
			return nil, nil
		}
	}
	if offered.Original {
		g.sides = append(g.sides, 0)
	}
	if offered.Compressed {
		g.sides = append(g.sides, 1)
	}
	n := len(task.Seed.Input.Data)
	g.x = make([]float64, n)
	g.bracket = bracket{label: s.gauge.label}
	g.slopes = [2][]float32{make([]float32, n), make([]float32, n)}
	g.loss.label = answer.Label(task.Seed.Original.Scores)
	for i := range task.Seed.Original.Scores {
		if i != g.loss.label {
			g.rivals = append(g.rivals, i)
		}
	}
	o, c := task.Seed.Original.Scores, task.Seed.Compressed.Scores
	slices.SortStableFunc(g.rivals, func(a, b int) int { return cmp.Compare(max(o[b], c[b]), max(o[a], c[a])) })
	g.rivals = g.rivals[:min(guidedRivals, len(g.rivals))]
	return g, nil
}

// movable reports whether a value may be changed by degrees.
func (g *guided) movable(i int) bool { return g.low[i] < g.high[i] && !g.seed.Input.Categorical(i) }

// margin are the weights of the margin of the seed's label to a rival.
func (g *guided) margin(rival int) []float32 {
	w := make([]float32, len(g.seed.Original.Scores))
	w[g.loss.label], w[rival] = 1, -1
	return w
}

// AskGradients implements [engine.GradientSearcher].
func (g *guided) AskGradients() []engine.GradientRequest {
	g.requests = g.requests[:0]
	ask := func(in input.Input, side int, weights []float32) {
		g.requests = append(g.requests, engine.GradientRequest{Input: in, Compressed: side == 1, Weights: weights})
	}
	if g.inner.closer != nil {
		return nil
	}
	switch g.state {
	case surveying:
		for _, r := range g.rivals {
			for _, side := range g.sides {
				g.targets = append(g.targets, guidedTarget{side: side, rival: r})
				ask(g.seed.Input, side, g.margin(r))
			}
		}
	case stepping:
		switch {
		case g.moved >= stepsAQuery:
			return nil
		case !g.diverges:
			t := g.targets[g.target]
			ask(g.place, t.side, g.margin(t.rival))
		default:
			ask(g.place, 0, g.weights[0])
			ask(g.place, 1, g.weights[1])
		}
	case parting:
		if g.apart {
			return nil
		}
		rival := answer.Label(g.farScores[0])
		ask(g.far, 0, g.margin(rival))
		ask(g.far, 1, g.margin(rival))
	}
	return g.requests
}

// TellGradients implements [engine.GradientSearcher].
func (g *guided) TellGradients(gradients [][]float32) {
	if g.state == surveying {
		for i, row := range gradients {
			t := &g.targets[i]
			scores := [2][]float32{g.seed.Original.Scores, g.seed.Compressed.Scores}[t.side]
			t.reached = g.loss.difference(scores[g.loss.label], scores[t.rival])
			for j, v := range row {
				if !g.movable(j) || !finiteNumber(v) {
					continue
				}
				to := g.low[j]
				if v < 0 {
					to = g.high[j]
				}
				t.reached += float64(float64(v) * float64(to-g.seed.Input.Data[j]))
			}
		}
		g.begin(false)
		copy(g.slopes[0], gradients[g.target])
		if t := g.targets[g.target]; t.side == 1 {
			copy(g.slopes[1], gradients[g.target])
		}
		if g.judgeSlopes(gradients[g.target]) {
			g.step()
		}
		return
	}
	for i, row := range gradients {
		copy(g.slopes[sideIndex(g.requests[i].Compressed)], row)
	}
	if g.state == parting {
		g.apart = true
		return
	}
	if g.judgeSlopes(gradients...) {
		g.step()
	}
}

func sideIndex(compressed bool) int {
	if compressed {
		return 1
	}
	return 0
}

func finiteNumber(v float32) bool { return v-v == 0 }

// judgeSlopes counts gradients that say nothing, and reports whether these say something.
func (g *guided) judgeSlopes(rows ...[]float32) bool {
	for _, row := range rows {
		if slices.ContainsFunc(row, func(v float32) bool { return v != 0 && finiteNumber(v) }) {
			g.useless = 0
			return true
		}
	}
	const enough = 6
	if g.useless++; g.useless >= enough {
		g.state = handingOver
	} else {
		g.state = jumping
	}
	return false
}

// begin starts a climb, from the seed or from a random corner.
func (g *guided) begin(anew bool) {
	g.steps, g.moved = 0, 0
	if g.diverges = g.severe && g.climbs%2 == 1; g.diverges {
		g.aimApart(g.climbs / 2)
	} else {
		g.target = 0
		for i, t := range g.targets {
			if t.reached+triedTarget*float64(t.climbs) < g.targets[g.target].reached+triedTarget*float64(g.targets[g.target].climbs) {
				g.target = i
			}
		}
		g.targets[g.target].climbs++
	}
	g.climbs++
	if !anew {
		copy(g.place.Data, g.seed.Input.Data)
		g.scores = [2][]float32{slices.Clone(g.seed.Original.Scores), slices.Clone(g.seed.Compressed.Scores)}
		for i, v := range g.place.Data {
			g.x[i] = float64(v)
		}
		g.state = stepping
		return
	}
	g.state = jumping
}

// Ask implements [engine.Searcher].
func (g *guided) Ask(limit int) []input.Input {
	if g.inner.closer != nil || g.state == handingOver {
		return g.inner.Ask(limit)
	}
	switch g.state {
	case jumping:
		for i := range g.x {
			g.x[i] = float64(g.seed.Input.Data[i])
			if g.movable(i) {
				g.x[i] = float64(g.low[i]) + g.rng.Float64()*float64(g.high[i]-g.low[i])
			}
		}
		g.round(g.candidate[0], g.x)
	case parting:
		g.orderValues()
		g.state = blending
		fallthrough
	case blending:
		g.switched(g.candidate[0], g.at)
	default:
		g.round(g.candidate[0], g.x)
	}
	return g.candidate[:]
}

// round writes a place as values of the domain.
func (g *guided) round(dst input.Input, x []float64) {
	for i, v := range x {
		dst.Data[i] = g.seed.Input.Data[i]
		if g.movable(i) {
			dst.Data[i] = min(max(dst.DomainAt(i).Snap(float32(v)), g.low[i]), g.high[i])
		}
	}
}

// step goes on by the signs of the gradient.
func (g *guided) step() {
	stride := lastStep + (firstStep-lastStep)*(1+math.Cos(math.Pi*g.progress()))/2
	g.steps++
	g.moved++
	for i, v := range g.x {
		if !g.movable(i) {
			continue
		}
		var slope float64
		if g.diverges {
			slope = float64(g.slopes[0][i]) + float64(g.slopes[1][i])
		} else {
			slope = float64(g.slopes[g.targets[g.target].side][i])
		}
		low, high := float64(g.low[i]), float64(g.high[i])
		by := float64(stride * (high - low) / 2)
		switch {
		case slope > 0:
			g.x[i] = max(v-by, low)
		case slope < 0:
			g.x[i] = min(v+by, high)
		}
	}
	g.round(g.place, g.x)
}

// progress is which share of a climb's steps was taken.
func (g *guided) progress() float64 { return float64(g.steps) / float64(g.mostSteps()) }

func (g *guided) mostSteps() int {
	if g.diverges {
		return apartSteps
	}
	return guidedSteps
}

// Tell implements [engine.Searcher].
func (g *guided) Tell(evaluations []engine.Evaluation) {
	if g.inner.closer != nil || g.state == handingOver {
		g.inner.Tell(evaluations)
		return
	}
	e := &evaluations[0]
	g.moved = 0
	if e.Verdict.Kind != answer.OtherAnswer {
		g.begin(true)
		return
	}
	if g.state == blending {
		g.crossed(e)
		return
	}
	copy(g.place.Data, e.Input.Data)
	g.scores[0], g.scores[1] = append(g.scores[0][:0], e.Original.Scores...), append(g.scores[1][:0], e.Compressed.Scores...)
	if g.diverges {
		g.lean()
	} else {
		p := g.inner.point(1, *e)
		if p.original < 0 && p.compressed < 0 && g.seedIsNear() {
			g.beyond(e, p)
			return
		}
		t := &g.targets[g.target]
		own := g.scores[t.side]
		t.reached = min(t.reached, g.loss.difference(own[g.loss.label], own[t.rival]))
	}
	g.state = stepping
	if g.steps >= g.mostSteps() {
		g.begin(true)
	}
}

// seedIsNear reports whether the seed lies on its side of both boundaries, and not within a tie.
func (g *guided) seedIsNear() bool { return g.inner.seed.original > 0 && g.inner.seed.compressed > 0 }

// beyond takes note of the far side of a gap.
func (g *guided) beyond(e *engine.Evaluation, p point) {
	copy(g.far.Data, e.Input.Data)
	g.farPoint.keep(p)
	g.farScores[0], g.farScores[1] = append(g.farScores[0][:0], e.Original.Scores...), append(g.farScores[1][:0], e.Compressed.Scores...)
	g.rounds, g.apart = 0, false
	g.state = parting
	if !g.both {
		g.orderValues()
		g.state = blending
	}
}

// orderValues lines up the values in which the sides of a gap differ.
func (g *guided) orderValues() {
	g.order = g.order[:0]
	for i, v := range g.far.Data {
		if v != g.seed.Input.Data[i] {
			g.order = append(g.order, i)
		}
	}
	g.rng.Shuffle(len(g.order), func(i, j int) { g.order[i], g.order[j] = g.order[j], g.order[i] })
	if g.apart && g.rounds < 2 {
		// At first those that make the one model give in and not the other, then the other way round.
		sign := 1 - 2*float64(g.rounds)
		parts := make([]float64, len(g.far.Data))
		for _, i := range g.order {
			parts[i] = sign * float64(g.slopes[0][i]-g.slopes[1][i]) * float64(g.far.Data[i]-g.seed.Input.Data[i])
		}
		slices.SortStableFunc(g.order, func(a, b int) int { return cmp.Compare(parts[a], parts[b]) })
	}
	g.rounds++
	g.nearAt, g.farAt = 0, len(g.order)
	g.bracket.between(g.inner.seed, g.farPoint)
	g.next()
}

// next is how many values are to be switched; it starts another order or climb where no number is left.
func (g *guided) next() {
	if g.farAt-g.nearAt <= 1 {
		if g.rounds < crossings {
			g.orderValues()
			return
		}
		g.begin(true)
		return
	}
	n := int(math.Round(g.bracket.next() * float64(len(g.order))))
	if g.bracket.steps > 0 && g.bracket.steps%3 == 2 {
		n = (g.nearAt + g.farAt) / 2
	}
	g.at = min(max(n, g.nearAt+1), g.farAt-1)
}

// switched writes the seed with so many values of the far side.
func (g *guided) switched(dst input.Input, n int) {
	copy(dst.Data, g.seed.Input.Data)
	for _, i := range g.order[:n] {
		dst.Data[i] = g.far.Data[i]
	}
}

// crossed narrows the gap.
func (g *guided) crossed(e *engine.Evaluation) {
	p := g.inner.point(float64(g.at)/float64(len(g.order)), *e)
	g.bracket.add(p)
	if p.near() {
		g.nearAt = g.at
	} else {
		g.farAt = g.at
	}
	g.next()
}

// aimApart is the aim of the n-th climb that is to set the models apart: with one rival after the other, one model keeps the seed's label, the original first and
// the compressed one then.
func (g *guided) aimApart(n int) {
	g.sure, g.other = g.loss.label, g.rivals[n/2%len(g.rivals)]
	if n%2 == 1 {
		g.sure, g.other = g.other, g.sure
	}
	g.odds = 1
	g.weights = [2][]float32{make([]float32, len(g.seed.Original.Scores)), make([]float32, len(g.seed.Compressed.Scores))}
	g.weigh()
}

// lean makes count more what is lacking.
func (g *guided) lean() {
	if answer.Label(g.scores[1]) == g.sure {
		g.odds *= leansBy
	} else {
		g.odds /= leansBy
	}
	g.weigh()
}

// weigh writes the weights of both models' log scores. The climb goes down.
func (g *guided) weigh() {
	leaving := float32(g.odds / (1 + g.odds))
	g.weights[0][g.sure] = leaving - 1
	g.weights[1][g.sure], g.weights[1][g.other] = leaving, -leaving
}

// CloseIn implements [engine.Closer].
func (g *guided) CloseIn() bool {
	if g.state != handingOver {
		g.inner.found = g.History(0)
	}
	return g.inner.CloseIn()
}

// History implements [engine.Historian].
func (g *guided) History(i int) []string {
	switch {
	case g.inner.closer != nil || g.state == handingOver:
		return g.inner.History(i)
	case g.state == blending:
		return []string{"climb by gradients", fmt.Sprintf("%d of %d values as beyond the boundary", g.at, len(g.order))}
	}
	return []string{"climb by gradients"}
}

// Pathless implements [engine.PathSearcher].
func (g *guided) Pathless() bool { return g.inner.Pathless() }

// LeftOut implements [engine.Omitter].
func (g *guided) LeftOut() int { return g.inner.LeftOut() }
