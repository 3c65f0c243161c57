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

// The defaults of [SquareSearch]; its fields say where they come from.
const (
	defaultHorizon  = 500
	defaultRadius   = 0.05
	defaultFraction = 0.8
)

// Square is a search in the manner of the Square Attack (Andriushchenko et al., ECCV 2020), for
// searches within a bound, above all [distance.LInf]. It has no mutation operators.
func Square() SquareSearch { return SquareSearch{} }

// SquareSearch is a search within a bound, in the manner of the Square Attack (Andriushchenko et al., "Square
// Attack: a query-efficient black-box adversarial attack via random search", ECCV 2020, arXiv
// 1912.00049, the L-infinity version). Each value of a candidate lies at one of the two ends of what the
// bound allows. It starts from vertical stripes of random signs. Then each candidate changes the signs of
// one square at a random place, one random sign a channel, and is kept when the loss falls. Squares
// shrink by the paper's schedule. One ask is one candidate.
//
// Where the attack has one model to fool, this has two to set apart. With m and n for the original's and
// the compressed model's margin of the seed's label (its score minus the best other one; below 0
// when the model gives another label), the loss is
//
//	min(max(n, -m), max(m, -n))
//
// how far the nearer of the two ways is from its end: the one model leaves the label, the other holds
// it. It is below 0 exactly where that has happened. From afar it is the smaller margin and leads
// to a boundary; beyond both boundaries it leads back. So neither model need be chosen to leave the
// label: the one that is nearer to doing so does. Scores that are probabilities are taken as
// logarithms, which gives back the paper's margin of logits. Where the task's oracle is [answer.Graded] and
// asks for something else than different labels, its shortfall is the loss.
//
// Inputs that are not images, and images of one row or column, are taken as a signal: squares are
// segments of it. It takes no values that have no order, such as tokens, and leaves categories as they are.
//
// Differences to the released code (github.com/max-andr/square-attack) besides the loss: squares
// reach the last row and column, and after Horizon queries the search starts again from new stripes.
//
// A bound of another kind than L-infinity works too: it projects the ends of the domain, or of
// Radius, into its region.
type SquareSearch struct {
	// Horizon is the number of queries from the stripes to the smallest squares. The schedule is
	// stretched to it. 0 means 500; best is what a seed may cost. The paper has 10,000.
	Horizon int
	// Radius is how far a value may move, as a fraction of the domain's range, rounded down to its
	// steps. 0 means as far as the bound allows or, without a bound, 0.05, which is the paper's for
	// ImageNet.
	Radius float64
	// Fraction is the share of the image that the first squares cover; the last ones cover 1/512 of
	// it. 0 means 0.8, the authors' choice in AutoAttack (ICML 2020). The paper has 0.05 for
	// ImageNet and 10,000 queries; on small images and with few queries its squares are soon single
	// pixels.
	Fraction float64
}

var _ engine.Strategy = SquareSearch{}

// String names the strategy and what distinguishes it.
func (q SquareSearch) String() string {
	return strategyName("square",
		strategyOption{"horizon", float64(q.Horizon), defaultHorizon},
		strategyOption{"radius", q.Radius, 0},
		strategyOption{"fraction", q.Fraction, defaultFraction})
}

// NewSearcher implements [engine.Strategy].
func (q SquareSearch) NewSearcher(task engine.Task) (engine.Searcher, error) {
	switch {
	case q.Horizon < 0:
		return nil, fmt.Errorf("square: Horizon is %d; expected at least 1, or 0 for %d", q.Horizon, defaultHorizon)
	case !(q.Radius >= 0 && q.Radius <= 1):
		return nil, fmt.Errorf("square: Radius is %g; expected above 0 and at most 1, or 0 for the default", q.Radius)
	case !(q.Fraction >= 0 && q.Fraction <= 1):
		return nil, fmt.Errorf("square: Fraction is %g; expected above 0 and at most 1, or 0 for %g", q.Fraction, defaultFraction)
	}
	if q.Fraction == 0 {
		q.Fraction = defaultFraction
	}
	seed := task.Seed.Input
	if distance.TraitsOf(seed).Unordered {
		return nil, fmt.Errorf("square: expected values that have an order, found %s, which are replaced and not moved", seed)
	}
	s := &squareSearcher{
		rng: task.Rand, seed: seed, region: task.Region, loss: newSquareLoss(task),
		horizon: cmp.Or(q.Horizon, defaultHorizon), fraction: q.Fraction, reach: q.reaches(seed, task.Region),
		grid: distance.GridOf(seed),
		best: make([]float32, len(seed.Data)), corner: make([]float32, len(seed.Data)),
		kept: slices.Clone(seed.Data), candidate: [1]input.Input{seed.Clone()},
	}
	s.signs = make([]float32, s.grid.Channels)
	return s, nil
}

// reaches is reach of each value, or of all where they have one domain.
func (q SquareSearch) reaches(seed input.Input, region distance.Region) []float32 {
	if seed.Uniform() {
		return []float32{q.reach(seed.Domain, region)}
	}
	all := make([]float32, len(seed.Data))
	for i := range all {
		all[i] = q.reach(seed.DomainAt(i), region)
	}
	return all
}

// reach is how far a corner is from the seed, in each value, before the region takes it back.
func (q SquareSearch) reach(d input.Domain, region distance.Region) float32 {
	radius := q.Radius
	if radius == 0 {
		if region != nil {
			return d.Range()
		}
		radius = defaultRadius
	}
	reach := float32(radius) * d.Range()
	if d.Step <= 0 {
		return reach
	}
	// A whole number of steps, also when rounding left slightly less; at least one.
	const slack = 1e-3
	return d.Step * max(1, float32(math.Floor(float64(reach/d.Step)+slack)))
}

type squareSearcher struct {
	rng      *rand.Rand
	seed     input.Input
	region   distance.Region // or nil
	horizon  int
	fraction float64
	reach    []float32 // of all values, or of each
	grid     distance.Grid
	loss     squareLoss

	queries int       // since the stripes
	least   float64   // loss of best
	best    []float32 // the best corner, before it is projected
	kept    []float32 // and after
	corner  []float32 // of the candidate, before it is projected
	signs   []float32 // by channel: 1 or -1

	candidate [1]input.Input
}

func (s *squareSearcher) Ask(int) []input.Input {
	if s.queries == s.horizon {
		s.queries = 0
	}
	if s.queries == 0 {
		s.least = math.Inf(1)
		s.drawStripes()
	} else {
		s.drawSquare()
	}
	s.queries++
	return s.candidate[:]
}

func (s *squareSearcher) Tell(evaluations []engine.Evaluation) {
	s.keep(evaluations[0])
}

// keep keeps the candidate when it is better, and reports whether it is.
func (s *squareSearcher) keep(e engine.Evaluation) bool {
	if e.Verdict.Kind != answer.OtherAnswer {
		if s.queries == 1 {
			s.queries = 0 // other stripes to start from
		}
		return false
	}
	loss := s.loss.of(e.Original, e.Compressed)
	if loss >= s.least {
		return false
	}
	s.least = loss
	s.best, s.corner = s.corner, s.best
	copy(s.kept, s.candidate[0].Data)
	return true
}

// learn implements [climber]: there is nothing to learn.
func (s *squareSearcher) learn(engine.Evaluation) {}

// top implements [climber].
func (s *squareSearcher) top() []float32 { return s.kept }

// adopt takes another start than stripes, when it is better.
func (s *squareSearcher) adopt(e engine.Evaluation) bool {
	loss := s.loss.of(e.Original, e.Compressed)
	if s.queries > 0 && loss >= s.least {
		return false
	}
	s.least, s.queries = loss, 1
	copy(s.best, e.Input.Data)
	copy(s.kept, e.Input.Data)
	return true
}

// drawStripes makes a candidate in which every column has one sign a channel.
func (s *squareSearcher) drawStripes() {
	for x := range s.grid.Width {
		s.toss()
		s.paint(0, x, s.grid.Height, 1)
	}
	s.project()
}

// redraws is how often the signs of a square are drawn again when they change nothing. It has an end
// because a region may leave a square only one value.
const redraws = 16

// drawSquare makes a candidate that differs from the best one in a square.
func (s *squareSearcher) drawSquare() {
	height, width := s.window()
	y, x := s.rng.IntN(s.grid.Height-height+1), s.rng.IntN(s.grid.Width-width+1)
	copy(s.corner, s.best)
	for range redraws {
		s.toss()
		s.paint(y, x, height, width)
		s.project()
		if !slices.Equal(s.candidate[0].Data, s.kept) {
			return
		}
	}
}

// window is the size of the next square, or segment.
func (s *squareSearcher) window() (height, width int) {
	area := s.fraction / shrunkBy(s.queries-1, s.horizon) * float64(s.grid.Height*s.grid.Width)
	side := math.Sqrt(area)
	if s.grid.Height == 1 || s.grid.Width == 1 {
		side = area
	}
	n := max(1, int(math.Round(side)))
	return min(n, s.grid.Height), min(n, s.grid.Width)
}

// shrunkBy is by how much squares of that iteration, counted from 0, are smaller in area than the
// first: the schedule of the paper for 10,000 iterations (section 3.1), stretched to the horizon.
func shrunkBy(iteration, horizon int) float64 {
	by := 1.0
	for _, end := range [...]int{10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000} {
		if iteration*10000/horizon > end {
			by *= 2
		}
	}
	return by
}

// toss draws a random sign for each channel.
func (s *squareSearcher) toss() {
	for c := range s.signs {
		s.signs[c] = 1
		if s.rng.Uint64()&1 == 0 {
			s.signs[c] = -1
		}
	}
}

// paint moves a rectangle of the seed as far as it reaches, by the signs of its channels, in the corner.
func (s *squareSearcher) paint(y, x, height, width int) {
	d, uniform, reach, named := s.seed.Domain, s.seed.Uniform(), s.reach[0], s.seed.HasCategories()
	for row := y; row < y+height; row++ {
		from := (row*s.grid.Width + x) * s.grid.Channels
		for i := from; i < from+width*s.grid.Channels; i += s.grid.Channels {
			for c, sign := range s.signs {
				if !uniform {
					d, reach = s.seed.DomainAt(i+c), s.reach[i+c]
				}
				if named && s.seed.Categorical(i+c) {
					s.corner[i+c] = s.seed.Data[i+c]
					continue
				}
				s.corner[i+c] = d.Snap(s.seed.Data[i+c] + float32(sign*reach))
			}
		}
	}
}

// project makes the corner the candidate, within the region.
func (s *squareSearcher) project() {
	copy(s.candidate[0].Data, s.corner)
	if s.region != nil {
		s.region.Project(s.candidate[0])
	}
}

// squareLoss is what [SquareSearch] makes smaller.
type squareLoss struct {
	label      int           // of the seed
	logarithms bool          // scores are probabilities
	graded     answer.Graded // takes the place of margins where it is not nil
	blind      bool          // there are no margins either: the oracle is not graded, and the answers are no class scores
}

func newSquareLoss(task engine.Task) squareLoss {
	if graded := answer.BeyondLabels(task.Oracle); graded != nil || !task.OfClasses() {
		return squareLoss{graded: graded, blind: graded == nil}
	}
	return newLabelLoss(task)
}

// newLabelLoss is the loss by labels, where answers are scores of classes.
func newLabelLoss(task engine.Task) squareLoss {
	return squareLoss{
		label:      answer.Label(task.Seed.Original.Scores),
		logarithms: probabilities(task.Seed.Original.Scores) && probabilities(task.Seed.Compressed.Scores),
	}
}

// probabilities reports whether scores can be probabilities.
func probabilities(scores []float32) bool {
	return !slices.ContainsFunc(scores, func(v float32) bool { return v < 0 || v > 1 })
}

func (l squareLoss) of(original, compressed answer.Answer) float64 {
	if l.graded != nil {
		return l.graded.Shortfall(original, compressed)
	}
	if l.blind {
		return 1
	}
	m, n := l.margin(original.Scores), l.margin(compressed.Scores)
	return min(max(n, -m), max(m, -n))
}

// margin is how far a model is from leaving the seed's label.
func (l squareLoss) margin(scores []float32) float64 {
	return l.difference(scores[l.label], answer.HighestOther(scores, l.label))
}

// difference is how far one score is ahead of another.
func (l squareLoss) difference(own, other float32) float64 {
	if !l.logarithms {
		return float64(own) - float64(other)
	}
	const least = math.SmallestNonzeroFloat32 // stands for what was rounded to 0
	return math.Log(max(float64(own), least)) - math.Log(max(float64(other), least))
}
