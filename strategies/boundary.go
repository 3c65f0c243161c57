package strategies

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"math/bits"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
)

// Boundary is the search along paths across the decision boundary, with blends between seeds and the corruptions that are usual for the kind of a
// seed as paths, see [generators.Usual]: those of [generators.Corruptions] for images. It is the default of the matchers and of the
// command.
func Boundary() BoundarySearch {
	return BoundarySearch{Corruptions: []input.SeverityMutator{generators.Usual()}}
}

// BoundarySearch searches the gap between the two models' decision boundaries: every compressed model has
// moved every boundary a little, so wherever a path crosses one there is a piece of it on which the
// pair deviates.
//
// From each seed it takes paths: blends with screened seeds of other labels, the nearest and those with the widest
// expected gap first; mutation operators of growing severity with fixed randomness; blends with plain images and
// noise. On a path it brackets the crossings of both models and tries the middle between them. A seed
// takes a handful of queries, one an ask.
//
// Where no other seed has another label, blends with plain images and noise would lead far away. Before them it measures in which blocks and colours of the input
// the margins fall, a dozen an ask, and follows them step by step, measuring anew at each. That takes some 20 to 30 queries.
//
// A path is left as soon as both models' boundaries are expected in the same place on it, as they are wherever a change of few weights does not show.
// When paths have found nothing for long, mutants that set the models apart take turns with them, see [TriggerFinder].
//
// Where the gap is expected to be narrow on most paths, as in half precision, the original alone is asked until its boundary is
// known, for half a query a candidate. Inputs near the path are then put together so that what both models say is expected to lie on both sides of the
// boundary: a gap narrower than a step of one pixel is not met by going along a path. Closing in asks the original alone too, but for hits.
//
// Within a bound, where a path may not reach a boundary at all, and for oracles that ask for more than different
// labels, it climbs when the first paths led nowhere, and brackets the gap between the last candidate before a
// boundary and the first behind it. Within [distance.LInf] and other boxes it climbs by a linear model of both
// models' scores that every answer improves, asking the original alone where both models' scores rise and fall
// together, in images of 100x100 pixels or more by textures first, and crosses boundaries on ways that exchange pixels in random orders; for such oracles it goes on where
// labels differ until nothing is lacking. Within other bounds and with labels alone it climbs as [SquareSearch] does.
//
// After the first hit it closes in, when the budget says so. Where that was a path's, the input is an image and 100 queries or more are left, it first goes to the
// boundary from the seed, as where no other seed has another label, and goes on from the nearer of both hits; in large images it goes there by many small changes of colour at once. It tries other paths at a distance at which they
// would be a gain, measures in which blocks of the image the margins fall, in large images colour by colour, and moves along the boundary to
// where it is nearest to the seed, in the metric of the aim. All of it uses scores; for models that give labels
// alone, bisection and the trying of other paths remain. Where the aim is L2, as in images of less than 100x100 pixels, it asks the original alone how its scores change around the
// seed, in waves within tiles of it, goes where that has the boundary nearest to the seed, measures anew there, and crosses the boundary at last. Where the aim is L0, it asks so
// for the values that do most at an end of their domain, and changes no more of them than are needed. In large images closing in ends at an SSIM of 0.995.
//
// A path ends where an answer is not finite.
//
// Values that have no order, such as tokens (see [distance.Traits]), are replaced on the way to another seed, some of them at a time, where
// others are blended; what each of them does to the margins is learned from the answers. Of long texts whole passages are replaced. Closing in
// looks for fewer edits.
//
// Answers that are no class scores lead by what the oracle says of them. The margins of an [answer.Decider], which compares what each
// model decides, take the place of those of labels. Where an oracle measures how far apart both answers are, there are no boundaries for paths
// to cross: the ends of paths are tried, and the best of these is gone on from by moves of many sorts. Closing in goes by the
// excess of an [answer.Measured] and, for other oracles, by verdicts alone.
type BoundarySearch struct {
	// Corruptions are operators whose growing severity makes paths, see [generators.Usual]. Those that cannot change an
	// input are left out for it. They may be none.
	Corruptions []input.SeverityMutator
	// Pool is the number of other seeds that paths may lead to. 0 means 500. They are held in
	// memory.
	Pool int
	// Natural takes paths of corruptions before blends with other seeds.
	Natural bool

	neighbours *neighbourhood
}

var _ engine.PoolReader = BoundarySearch{}

const (
	defaultPool = 500
	// wayMarks is how many neighbours are ranked for a seed.
	wayMarks = 40
	// stretched is how far beyond its end a blend goes that a bound cuts short anyway: to the rim of
	// the bound.
	stretched = 8
	// gaplessFirst is how many paths without a gap are tried before others are left out at a glance.
	gaplessFirst = 3
	// firstPaths is how many queries are spent on paths before climbing.
	firstPaths = 12
)

// String names the strategy and what distinguishes it.
func (b BoundarySearch) String() string {
	name := strategyName("boundary", strategyOption{"pool", float64(b.Pool), defaultPool})
	if b.Natural {
		name += ", natural paths first"
	}
	return name
}

// PoolSize implements [engine.PoolStrategy].
func (b BoundarySearch) PoolSize() int { return cmp.Or(b.Pool, defaultPool) }

// WithPool implements [engine.PoolStrategy].
func (b BoundarySearch) WithPool(pool []engine.Evaluation) engine.Strategy {
	return b.ReadPool(func(yield func(engine.Evaluation, input.Packed) bool) {
		for _, e := range pool {
			if !yield(e, input.Pack(e.Input)) {
				return
			}
		}
	})
}

// ReadPool implements [engine.PoolReader].
func (b BoundarySearch) ReadPool(pool iter.Seq2[engine.Evaluation, input.Packed]) engine.Strategy {
	b.neighbours = newNeighbourhood(pool)
	return b
}

// NewSearcher implements [engine.Strategy].
func (b BoundarySearch) NewSearcher(task engine.Task) (engine.Searcher, error) {
	if b.Pool < 0 {
		return nil, fmt.Errorf("boundary: Pool is %d; expected at least 1, or 0 for %d", b.Pool, defaultPool)
	}
	if slices.Contains(b.Corruptions, nil) {
		return nil, errors.New("boundary: a corruption is nil")
	}
	s := &boundarySearcher{
		task: task, gauge: newGauge(task), stream: task.Rand.Uint64(),
		candidate: [1]input.Input{task.Seed.Input.Clone()}, previous: task.Seed.Input.Clone(),
	}
	s.classes = s.gauge.sort == byLabels
	s.between, s.unordered = distance.BlendOf(task.Seed.Input), distance.TraitsOf(task.Seed.Input).Unordered
	s.halvings = bits.Len(uint(len(task.Seed.Input.Data))) + 2
	s.labelsOnly = s.classes && answer.OneHot(task.Seed.Original.Scores) && answer.OneHot(task.Seed.Compressed.Scores)
	s.bracket = bracket{label: s.gauge.label, labelsOnly: s.labelsOnly}
	s.seed.keep(s.point(0, task.Seed))
	if s.ruler = task.Ruler; s.ruler == nil {
		s.ruler = distance.NewRuler(task.Seed.Input)
	}
	s.severe = !s.gauge.twoSided() || s.classes && answer.BeyondLabels(task.Oracle) != nil
	s.neighbours = b.neighbours.around(s, wayMarks)
	corruptions, _ := members(b.Corruptions, task.Seed.Input)
	for _, m := range corruptions {
		if severe, ok := m.(input.SeverityMutator); ok && input.Supports(m, task.Seed.Input) == nil {
			s.corruptions = append(s.corruptions, severe)
		}
	}
	s.unfit = len(corruptions) - len(s.corruptions)
	s.natural = b.Natural && len(s.corruptions) > 0
	if !s.gauge.twoSided() {
		s.ascent = newAscent(s)
	} else if (task.Region != nil || s.severe) && !s.unordered { // of values without an order none lies higher
		climber, err := newClimber(task, s.neighbours)
		if err != nil {
			return nil, fmt.Errorf("boundary: %w", err)
		}
		s.climber = climber
		s.highest.keep(s.seed)
		s.grid = gridOf(task.Seed.Input)
	}
	s.approach = newApproach(s)
	if g, err := newGuided(s); g != nil || err != nil {
		return g, err
	}
	return s, nil
}

// boundarySearcher is in one of five states: on a path whose end is not known yet, in a bracket, on a narrow way,
// climbing, or closing in.
type boundarySearcher struct {
	task        engine.Task
	ruler       *distance.Ruler
	gauge       gauge
	seed        point // t = 0
	labelsOnly  bool
	severe      bool // the oracle asks for more than different decisions, or for something else
	classes     bool // the answers are scores of classes
	natural     bool
	unordered   bool // values are replaced, not mixed
	halvings    int  // of a path between two places of it, for values that are replaced
	between     func(dst, from, to input.Input, t float64)
	neighbours  []neighbour
	corruptions []input.SeverityMutator
	grid        grid
	unfit       int // corruptions that cannot change the seed
	stream      uint64

	gaplessPaths int // that were left
	next         int // path, counted over all families
	corrupted    int // paths of corruptions taken
	plain        int // paths to plain ends taken
	path         path
	bracket      bracket
	walking      bool
	openEnded    bool // the path's end has been asked for
	t            float64
	candidate    [1]input.Input
	logs         logScores // of the latest point
	previous     input.Input
	spare        [][]float32 // memory of these two, for what comes next
	queries      int
	turns        int // in which it might have climbed

	climber  climber
	climbing bool
	crossing crossing
	highest  point          // margins of the climber's best candidate
	ends     [2]input.Input // of the way over the boundary

	narrow bool      // the gap
	way    narrowWay // where it is
	room   []input.Input

	approach *approach  // nil where other seeds lead the way
	mutants  mutantWalk // beside the paths
	editing  editWalk   // where values are replaced
	ascent   *ascent    // where there are no boundaries between decisions
	closer   closingIn
	found    []string // how the first hit was made, where no path tells
}

var (
	_ engine.Closer    = (*boundarySearcher)(nil)
	_ engine.Historian = (*boundarySearcher)(nil)
	_ engine.Omitter   = (*boundarySearcher)(nil)

	_ engine.PathSearcher  = (*boundarySearcher)(nil)
	_ engine.OriginalAsker = (*boundarySearcher)(nil)
)

// Pathless implements [engine.PathSearcher].
func (s *boundarySearcher) Pathless() bool { return len(s.neighbours) == 0 && s.gauge.twoSided() }

// LeftOut implements [engine.Omitter].
func (s *boundarySearcher) LeftOut() int { return s.unfit }

// point is valid until the next call, as to its log scores.
func (s *boundarySearcher) point(t float64, e engine.Evaluation) point {
	p := s.margins(t, e)
	if s.classes {
		s.logs.of(&e)
		p.logs = s.logs
	}
	return p
}

// margins is a point without log scores.
func (s *boundarySearcher) margins(t float64, e engine.Evaluation) point {
	original, compressed := s.gauge.of(&e)
	return point{t: t, original: original, compressed: compressed}
}

// Ask implements [engine.Searcher].
func (s *boundarySearcher) Ask(limit int) []input.Input {
	if s.closer != nil {
		return s.closer.ask(limit)
	}
	if s.ascent != nil {
		return s.ascent.ask()
	}
	if s.approach != nil && s.approach.turn(s, limit) {
		return s.approach.asked
	}
	if s.mutants.turn(s) {
		s.queries++
		return s.mutants.searcher.Ask(1)
	}
	for {
		if s.way.under {
			if asked := s.way.ask(s.room); len(asked) > 0 {
				s.queries++
				return asked
			}
			s.walking = false
		}
		if s.editing.search != nil {
			if s.editing.ask(s.candidate[0]) {
				s.queries++
				return s.candidate[:]
			}
			s.editing.search, s.walking = nil, false
		}
		switch {
		case s.climber != nil && !s.walking && s.crossing.left == 0 && s.queries >= s.pathsFirst() && s.climbsNow():
			s.climbing = true
			s.path.to.Data = nil // it was left
			return s.climber.Ask(1)
		case !s.walking && s.crossing.left > 0:
			s.cross()
		case !s.walking:
			if s.take(); s.editing.search != nil || s.way.under {
				continue
			}
		}
		s.t = 1
		if !s.openEnded {
			s.t = s.bracket.next()
		}
		s.place(s.candidate[0], s.t)
		if s.unordered && !s.openEnded && !s.elsewhere() {
			s.bracket.steps = mostSteps
		}
		if s.bracket.steps < mostSteps && !s.bracket.tied() && !s.gapless() && !slices.Equal(s.candidate[0].Data, s.previous.Data) {
			copy(s.previous.Data, s.candidate[0].Data)
			s.queries++
			return s.candidate[:]
		}
		s.walking = false // nothing new is left on this path
		if s.openEnded {
			s.queries++ // it led nowhere, and must not go on for ever
			copy(s.previous.Data, s.task.Seed.Input.Data)
		}
	}
}

// gapless reports whether the path is to be left, as no gap is expected on it: once the first point of it is known and, when some
// paths had none, at a glance at its ends.
func (s *boundarySearcher) gapless() bool {
	if s.openEnded || s.bracket.steps == 0 && s.gaplessPaths < gaplessFirst || !s.bracket.gapless() {
		return false
	}
	s.gaplessPaths++
	return true
}

// place writes the place t of the path, within the bound.
func (s *boundarySearcher) place(dst input.Input, t float64) {
	s.path.at(dst, t)
	if s.task.Region != nil {
		s.task.Region.Project(dst)
	}
}

// elsewhere makes the candidate another one than both ends of the bracket: where values are replaced, one after the other, a path has
// but so many places. It is false where none is left.
func (s *boundarySearcher) elsewhere() bool {
	s.endsRoom()
	near, far := s.bracket.near.t, s.bracket.far.t
	s.place(s.ends[0], near)
	s.place(s.ends[1], far)
	for range s.halvings {
		switch {
		case slices.Equal(s.candidate[0].Data, s.ends[0].Data):
			near = s.t
		case slices.Equal(s.candidate[0].Data, s.ends[1].Data):
			far = s.t
		default:
			return true
		}
		s.t = (near + far) / 2
		s.place(s.candidate[0], s.t)
	}
	return false
}

// endsRoom makes room for two ends, of which most searches need none.
func (s *boundarySearcher) endsRoom() {
	if s.ends[0].Data == nil {
		s.ends = [2]input.Input{s.task.Seed.Input.Clone(), s.task.Seed.Input.Clone()}
	}
}

// linear is the climber where it climbs by the linear model, within boxes; else nil.
func (s *boundarySearcher) linear() *linearClimb {
	linear, _ := s.climber.(*linearClimb)
	return linear
}

// pathsFirst is how many queries are spent on paths before climbing.
func (s *boundarySearcher) pathsFirst() int {
	if s.linear() != nil {
		return climbPaths
	}
	return firstPaths
}

// AskOriginal implements [engine.OriginalAsker]: where the gap is narrow, while climbing and while closing in within boxes.
func (s *boundarySearcher) AskOriginal(limit int) []input.Input {
	if c, ok := s.closer.(originalAsker); ok {
		return c.askOriginal(limit)
	}
	if s.narrow && s.closer == nil {
		return s.askOriginalOnWay()
	}
	linear := s.linear()
	if linear == nil || s.closer != nil || s.walking || s.crossing.left > 0 || s.queries < s.pathsFirst() {
		return nil
	}
	return linear.probes(limit)
}

// askOriginalOnWay are candidates of the way, or of the next one, that ask the original alone.
func (s *boundarySearcher) askOriginalOnWay() []input.Input {
	for s.way.under || !s.walking && s.narrowNext() {
		if !s.way.under {
			s.take()
		}
		if asked := s.way.ask(s.room); len(asked) > 0 {
			if s.way.both {
				return nil
			}
			s.queries++
			return asked
		}
		s.walking = false
	}
	return nil
}

// narrowNext reports whether the next path is a narrow way: where the gap is narrow, to each neighbour. Beside mutants it is too late for them.
func (s *boundarySearcher) narrowNext() bool {
	i := s.next
	if s.natural {
		i -= 2 * len(s.corruptions)
	}
	return s.narrow && i >= 0 && i < len(s.neighbours) && s.queries < mutantsAfter
}

// TellOriginal implements [engine.OriginalAsker].
func (s *boundarySearcher) TellOriginal(answers []answer.Answer) {
	if c, ok := s.closer.(originalAsker); ok {
		c.tellOriginal(answers)
		return
	}
	if s.narrow {
		s.way.tellOriginal(answers)
		return
	}
	if best := s.linear().probed(answers); best >= 0 {
		s.highest.keep(s.point(0, engine.Evaluation{
			Original: answers[best], Compressed: answers[best], Verdict: answer.Verdict{Kind: answer.OtherAnswer},
		}))
	}
}

// climbsNow reports whether it is the climb's turn: always, or every other time where the models decide nothing, as there is
// no boundary then of which the first paths would have told.
func (s *boundarySearcher) climbsNow() bool {
	s.turns++
	return s.gauge.twoSided() || s.turns%2 == 1
}

// takeWithoutBoundaries starts the next path where there are no boundaries between decisions that it could cross: of a corruption, to a plain end and over
// the middle to another seed, and from then on plain ends before corruptions.
func (s *boundarySearcher) takeWithoutBoundaries(i int) {
	switch n := i / 3; {
	case (i == 0 || i%3 == 1 && i > 1) && len(s.corruptions) > 0:
		s.takeCorruption()
	case i%3 == 2 && n < len(s.neighbours):
		s.path = s.pathTo(s.neighbours[n])
		if s.task.Region == nil { // its end is known from screening
			s.bracket.between(s.seed, s.neighbours[n].at)
			s.bracket.steps = mostSteps - 1 // the middle, and no more
			s.openEnded = false
		}
	default:
		s.takePlain()
	}
}

// take starts the next path.
func (s *boundarySearcher) take() {
	s.walking, s.openEnded = true, true
	s.bracket.reset()
	i, narrow := s.next, s.narrowNext()
	s.next++
	if !s.gauge.twoSided() {
		s.takeWithoutBoundaries(i)
		return
	}
	if s.natural { // every corruption in two random streams
		if i < 2*len(s.corruptions) {
			s.takeCorruption()
			return
		}
		i -= 2 * len(s.corruptions)
	}
	if i < len(s.neighbours) {
		n := s.neighbours[i]
		s.path = s.pathTo(n)
		if s.unordered {
			s.editing.towards(s, n)
			return
		}
		if narrow {
			s.takeNarrow(n)
			return
		}
		if s.task.Region == nil { // its end is known from screening
			s.bracket.between(s.seed, n.at)
			s.openEnded = false
		}
		return
	}
	if (i-len(s.neighbours))%2 == 0 && len(s.corruptions) > 0 {
		s.takeCorruption()
		return
	}
	s.takePlain()
}

// takeNarrow starts the way to a neighbour where the gap is narrow.
func (s *boundarySearcher) takeNarrow(n neighbour) {
	if s.room == nil {
		s.room = []input.Input{s.candidate[0], s.previous}
		s.way.label = s.gauge.label
		s.way.write = func(dst input.Input, t float64) { s.path.at(dst, t) }
	}
	s.way.begin(s.seed, 1, leadsOf(n.at.logs[0], s.gauge.label), nil, input.Input{})
}

func (s *boundarySearcher) pathTo(n neighbour) path {
	p := path{from: s.task.Seed.Input, to: n.unpack(nil), blend: s.between, name: "another seed"}
	if s.classes {
		p.name = fmt.Sprintf("a seed of label %d", answer.Label(n.Original.Scores))
	}
	if s.task.Region != nil {
		p.stretch = stretched
	}
	return p
}

func (s *boundarySearcher) takePlain() {
	s.path = plain(s.task.Seed.Input, s.plain, s.task.Rand, s.between, s.unordered)
	s.plain++
}

// takeCorruption takes the operators in turn, with a new random stream in each turn.
func (s *boundarySearcher) takeCorruption() {
	n := len(s.corruptions)
	s.path = path{
		from: s.task.Seed.Input, mutator: s.corruptions[s.corrupted%n], stream: s.stream + uint64(s.corrupted/n),
	}
	s.corrupted++
}

// Tell implements [engine.Searcher].
func (s *boundarySearcher) Tell(evaluations []engine.Evaluation) {
	if s.closer != nil {
		s.closer.tell(evaluations)
		return
	}
	if s.ascent != nil {
		s.ascent.tell(&evaluations[0])
		return
	}
	if s.approaching() {
		s.approach.tell(evaluations)
		return
	}
	if s.mutants.asked {
		s.mutants.searcher.Tell(evaluations)
		return
	}
	if s.editing.search != nil {
		s.editing.tell(&evaluations[0])
		return
	}
	if s.way.under {
		s.way.tell(evaluations)
		return
	}
	e := evaluations[0]
	p := s.point(s.t, e)
	switch {
	case e.Verdict.Kind != answer.OtherAnswer && !s.climbing:
		s.walking = false // nothing is known about the path from here on
	case s.climbing:
		s.climbed(e)
	case s.severe && s.linear() != nil && p.original > 0 != (p.compressed > 0):
		s.walking = false // what deviates by its labels is gone on from
		if s.climber.adopt(e) {
			s.highest.keep(p)
			s.crossing.left = 0
		}
	case !s.openEnded:
		s.bracket.add(p)
	case p.near() || p.original > 0 != (p.compressed > 0):
		s.walking = false // the path ends on the seed's side
		if s.climber != nil && s.climber.adopt(e) {
			s.highest.keep(p)
		}
	default:
		s.bracket.between(s.seed, p)
		s.openEnded = false
	}
}

// climbed takes a step of the climb. When it went over both boundaries, the gap lies on the way to
// it from the best candidate before or, when that one lies within a tie, from the seed.
func (s *boundarySearcher) climbed(e engine.Evaluation) {
	s.climbing = false
	s.climber.learn(e)
	if e.Verdict.Kind != answer.OtherAnswer {
		s.climber.keep(e)
		return
	}
	far := s.point(1, e)
	if far.original <= 0 && far.compressed <= 0 && !far.near() && (s.linear() != nil || !s.severe) {
		if near, ok := s.before(); ok {
			copy(s.ends[1].Data, e.Input.Data)
			if s.linear() != nil {
				s.crossing.begin(near, far, s.grid)
			} else { // within other bounds a blend has many places, and measured better
				s.path = path{from: s.ends[0], to: s.ends[1], blend: s.between, name: "a candidate beyond the boundary"}
				s.bracket.between(near, far)
				s.walking, s.openEnded = true, false
			}
			return // the climb goes on from before
		}
	}
	if s.climber.keep(e) {
		s.highest.keep(far)
	}
}

// cross goes another way over the boundary.
func (s *boundarySearcher) cross() {
	s.crossing.shuffle(s.ends[0], s.ends[1], s.task.Rand)
	s.path = path{from: s.ends[0], to: s.ends[1], blend: s.crossing.exchange, exchanges: true, name: "a candidate beyond the boundary"}
	s.bracket.between(s.crossing.near, s.crossing.far)
	s.walking, s.openEnded = true, false
}

// before writes where a way over the boundary may begin, the nearest such place to it, as the first end. It
// returns false when there is none.
func (s *boundarySearcher) before() (point, bool) {
	s.endsRoom()
	if p := s.highest; p.original > 0 && p.compressed > 0 {
		copy(s.ends[0].Data, s.climber.top())
		p.t = 0
		return p, true
	}
	copy(s.ends[0].Data, s.task.Seed.Input.Data)
	return s.seed, s.seed.original > 0 && s.seed.compressed > 0
}

// approaching reports whether the candidates are those of the approach.
func (s *boundarySearcher) approaching() bool { return s.approach != nil && s.approach.asking }

// CloseIn implements [engine.Closer].
func (s *boundarySearcher) CloseIn() bool {
	if s.ascent != nil || s.mutants.asked || s.editing.search != nil || s.way.under {
		s.found = s.History(0)
	}
	if s.unordered {
		s.closer = newEditCloser(s)
		return true
	}
	if s.ascent != nil {
		s.closer = newWithinCloser(s)
		return true
	}
	if c := newTangentCloser(s); c != nil {
		s.closer = c
		return true
	}
	if c := newSparseCloser(s); c != nil {
		s.closer = c
		return true
	}
	if c := newShrinkingCloser(s); c != nil {
		s.closer = c
		return true
	}
	if s.approaching() {
		s.found = s.History(0)
		s.closer = s.approach.handOver(s)
		return true
	}
	if c := newDescentCloser(s); c != nil {
		s.closer = c
		return true
	}
	if c := newApproachingCloser(s); c != nil {
		s.closer = c
		return true
	}
	s.closer = newCloser(s)
	return true
}

// forget drops what closing in does not need: the memory of walking and climbing.
func (s *boundarySearcher) forget() {
	s.candidate[0].Data, s.previous.Data, s.path.to.Data = nil, nil, nil
	s.ends, s.climber, s.mutants.searcher = [2]input.Input{}, nil, nil
	s.room, s.way = nil, narrowWay{}
}

// copyOf is a copy of an input like the seed, in memory that is not needed any more where there is some.
func (s *boundarySearcher) copyOf(in input.Input) input.Input {
	n := len(s.spare)
	if n == 0 {
		return in.Clone()
	}
	to := s.spare[n-1]
	s.spare[n-1], s.spare = nil, s.spare[:n-1]
	copy(to, in.Data)
	in.Data = to
	return in
}

// History implements [engine.Historian].
func (s *boundarySearcher) History(i int) []string {
	switch {
	case s.closer != nil && s.found != nil:
		return append(slices.Clone(s.found), "closing in")
	case s.closer != nil:
		return []string{s.path.history(s.t), "closing in"}
	case s.approaching():
		return []string{"approach"}
	case s.mutants.asked:
		return s.mutants.searcher.History(i)
	case s.editing.search != nil:
		return []string{s.editing.history(s.path.name)}
	case s.ascent != nil:
		return s.ascent.history()
	case s.climbing:
		return []string{"climb"}
	case s.way.under:
		return []string{s.path.history(s.way.waits[i].t) + s.way.aside(i)}
	}
	return []string{s.path.history(s.t)}
}
