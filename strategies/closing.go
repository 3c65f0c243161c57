package strategies

import (
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

// Parameters of closing in, chosen on the pairs of the authors' artefact and the embedded ones. Distances are by the aim, margins
// are differences of log scores, and mean those of both models.
const (
	// Probes measure how the margin changes with single blocks.
	probesAtFirst  = 64   // blocks measured before the first move, at most
	probesLater    = 32   // and before each other one
	weakestProbe   = 8.0  // least change of a block, in 1/255 of the domain's range
	firstProbe     = 24.0 // change of a block to begin with
	strongestProbe = 96.0 // largest change of a block
	probedMargin   = 0.7  // change of the margin that a probe should make: the change of blocks follows it

	// Images of colouredFrom pixels or more in three channels are measured in colouredBlocks blocks of each tint: changes of colour cost no
	// more than those of brightness, but the margins of EfficientNet-Lite0 fall faster by them, by tintHopes in the square, and faster at the centre (on photos 31-50).
	colouredFrom   = largeFrom
	colouredBlocks = 64
	centreCounts   = 10.0
	unseenLoss     = 0.005 // of similarity, where closing in on them ends

	// Races try other paths than the one to the base, at a distance at which they would be a gain.
	pathsAtOnce  = 8    // paths in one ask
	pathsLater   = 6    // paths in one ask when a move failed
	pathsFirst   = 24   // paths to neighbours that are tried before the first probe, as long as one of each ask is nearer
	raceDistance = 0.85 // where they are tried, as a share of the base's distance

	// Moves follow the linear model to where the boundary is nearest to the seed.
	atBoundary       = 0.4 // margin, either way, up to which a candidate counts as at the boundary
	followedBoundary = 0.8 // margin up to which it does after its ray was followed
	followSteps      = 3   // queries after which a ray is given up
	leadsAway        = 3.0 // length of a ray up to the boundary, relative to where it was expected, beyond which it leads away
	movesOn          = 0.9 // what a move leaves of the base's distance when another one follows at once, without new probes

	// Hits on the ray to the base are what closing in is for.
	lastHitQueries  = 14   // queries of the budget that are kept for a last hit
	hitEveryQueries = 80   // queries without a nearer hit after which the base is turned into one
	worthAHit       = 0.95 // distance of the base for that, as a share of the nearest hit's
)

// tintHopes are what is hoped of blocks by their tint.
var tintHopes = [...]float64{grey: 0.1, redGreen: 1, blueYellow: 0.4}

// closer brings a trigger nearer to its seed. It keeps a base, a point near the boundary, and a linear
// model of the mean margin around it: changes of single blocks are measured, and every other answer
// corrects the model along its own direction (Broyden, Math. Comp. 19, 1965). The point of the linear
// boundary that is nearest to the seed, in units in which changes of the same length cost about the
// same, tells where to move; margins measured there tell how far along that ray the boundary really is. Now and
// then, and in the end, the gap on the ray to the base is bracketed, which makes a hit.
//
// In large images of three channels, blocks are of opponent colours, see [tints], those at the centre first, and where ways to neighbours show that both
// models' margins change alike, the original alone is asked but for hits.
//
// The moves resemble decision-based attacks (HopSkipJump, Chen et al., S&P 2020; GeoDA, Rahmati et al., CVPR
// 2020; SurFree, Maho et al., CVPR 2021), with margins in the place of decisions. With labels alone, only
// the trying of other paths and of parts of the trigger remains.
type closer struct {
	s     *boundarySearcher
	grid  grid
	gauge gauge
	seed  point
	blind bool      // there are no margins that say more than a verdict
	scale []float64 // a change by u costs the same wherever it is: change = scale * u
	// weighed is the scale that another closer found; nil for none.
	weighed []float64
	uncut   []block // as they were cut, where they are of single colours; nil before

	best  float64 // distance of the nearest hit, by the aim
	since int     // queries since it was found
	limit int     // queries left

	base     input.Input
	distance float64   // of the base, by the aim
	margin   float64   // mean of both models at the base
	unit     float64   // distance (for SSIM its root) a length of change
	gradient []float64 // of the margin, in u

	blocks    []block
	order     []int // of blocks, by hope
	began     bool
	amplitude float64

	state     closingState
	due       bool    // the move or race is to be lined up
	paths     int     // to be raced
	normal    float64 // squared length of the gradient, and
	target    float64 // what the margin is to fall to, for a move
	trials    int
	stride    float64 // share of the way to the model's nearest point, of the first trial
	ray       []float64
	t         float64
	steps     int
	bracket   bracket
	open      bool // no far end yet
	neighbour int  // next one to race
	fromRace  bool
	narrow    narrowHits
	coloured  bool    // blocks are of single colours
	alike     bool    // both models' margins rise and fall together, so that the original alone may be asked
	apart     float64 // the compressed model's margin at the base less the original's
	original  bool    // alone is asked

	// What follows is lent, up to the end of being told; but for the ray that is followed, until that ends.
	values  lent[float32]
	vectors lent[float64]
	asked   []input.Input
	rays    [][]float64 // changes under trial
	raced   []raced
	change  []float64 // of the base, in u; see changed
	scratch []float64
	image   input.Input
	moves   []float64 // of the margin, by probe
}

type closingState uint8

const (
	probing   closingState = iota
	racing                 // other paths, at a distance that would be a gain
	moving                 // candidates on the model's boundary
	following              // the ray of the best of them, until it is near the boundary
	hitting                // the gap on the ray
)

func newCloser(s *boundarySearcher) *closer {
	c := &closer{s: s, grid: gridOf(s.task.Seed.Input), gauge: s.gauge, seed: s.seed, blind: s.labelsOnly}
	if c.coloured = s.coloured(); c.coloured {
		c.alike = s.alike()
	}
	if s.severe {
		c.gauge = newDistanceGauge(s.task)
		c.seed = c.point(0, s.task.Seed)
		c.blind = c.gauge.sort != byExcess
	}
	c.bracket = bracket{label: s.gauge.label, labelsOnly: c.blind}
	c.values, c.vectors = lentValues.of(len(s.task.Seed.Input.Data)), lentVectors.of(len(s.task.Seed.Input.Data))
	return c
}

// after has it use what another closer has weighed, and its memory.
func (c *closer) after(tried *closer) *closer {
	c.weighed, c.base, c.gradient = tried.scale, tried.base, tried.gradient
	if c.coloured { // cut into the same blocks
		c.uncut = tried.uncut
	}
	return c
}

// closerAtSeed is one that goes out from the seed, whose margin is not set and whose blocks are not cut yet.
func closerAtSeed(s *boundarySearcher) *closer {
	seed := s.task.Seed.Input
	c := newCloser(s)
	c.weigh()
	c.base, c.gradient = s.copyOf(seed), make([]float64, len(seed.Data))
	s.ruler.From(c.base)
	c.distance, c.best, c.unit, c.stride = math.Inf(1), math.Inf(1), 1, 1
	return c
}

// closerFrom closes in from a hit.
func closerFrom(s *boundarySearcher, hit *engine.Evaluation) *closer {
	c := newCloser(s)
	c.begin(hit)
	return c
}

// margins are those that closing in goes by.
func (c *closer) margins(e *engine.Evaluation) point {
	original, compressed := c.gauge.of(e)
	if c.original && c.alike { // the compressed model's is expected to be as far from it as at the base
		compressed = original + c.apart
	}
	return point{original: original, compressed: compressed}
}

// point is a point of a ray, valid until the next call.
func (c *closer) point(t float64, e engine.Evaluation) point {
	if !c.s.severe {
		return c.s.point(t, e)
	}
	p := c.margins(&e)
	p.t = t
	return p
}

// coloured reports whether blocks are of single colours.
func (s *boundarySearcher) coloured() bool {
	g := gridOf(s.task.Seed.Input)
	return s.task.Seed.Input.Kind == input.Image && g.Channels == 3 && g.Height*g.Width >= colouredFrom && !s.narrow && !s.severe
}

// unseen reports whether a hit is so near that people see no difference, and a large image is not worth more queries.
func (s *boundarySearcher) unseen(far float64) bool {
	return far < unseenLoss && s.task.Aim == distance.MostAlike && s.coloured()
}

// alike reports whether the margins of both models change alike on the ways to neighbours.
func (s *boundarySearcher) alike() bool {
	var apart, moved float64
	for i := range s.neighbours {
		at := &s.neighbours[i].at
		original, compressed := at.original-s.seed.original, at.compressed-s.seed.compressed
		apart += math.Abs(original - compressed)
		moved += math.Abs(original)
	}
	return apart < alikeWithin*moved
}

// begin starts from the first hit.
func (c *closer) begin(e *engine.Evaluation) {
	seed := c.s.task.Seed.Input
	if c.scale = c.weighed; c.scale == nil {
		c.weigh()
	}
	if c.base.Data == nil {
		c.base, c.gradient = c.s.copyOf(seed), make([]float64, len(seed.Data))
	}
	c.moveTo(e, c.margins(e).mean())
	c.best = c.distance
	c.chord(c.changed(), c.margin)
	c.stride, c.amplitude = 1, firstProbe
	c.s.forget()
	c.cut(blocksAtFirst)
	if !c.gauge.twoSided() { // what lies on the way to the first hit from somewhere on is a hit
		c.aimAtBase()
		c.fromRace = true
		return
	}
	c.raceLater(pathsAtOnce)
}

// weigh sets the scale of each value, from what changing it costs.
func (c *closer) weigh() {
	weights := c.values.take()
	c.s.ruler.SeenWeights(c.s.task.Aim, weights)
	// However cheap a value is, it does not change alone: none counts as cheaper than that share of the dearest.
	const cheapest = 0.005
	least := cheapest * slices.Max(weights)
	c.scale = make([]float64, len(weights))
	if least > 0 {
		vec.RootsOfShares(c.scale, weights, least)
		return
	}
	for i := range c.scale {
		c.scale[i] = 1
	}
}

// cut cuts the image into about n blocks, with what is hoped of each.
func (c *closer) cut(n int) {
	if c.uncut != nil {
		c.blocks = slices.Clone(c.uncut)
		return
	}
	if c.coloured {
		c.blocks = tinted(c.grid.blocks(colouredBlocks))
		c.hopeForTints()
	} else {
		c.blocks = c.grid.blocks(n)
		var most float64
		for i := range c.blocks {
			c.hopeFor(&c.blocks[i])
			most = max(most, c.blocks[i].hope)
		}
		// Blocks whose change costs so much more than that of others that none is worth a query.
		const idle = 0.02 // what it yields, at equal cost, as a share of what the best one does
		c.blocks = slices.DeleteFunc(c.blocks, func(b block) bool { return b.hope < idle*most })
	}
	for i := range c.blocks {
		c.blocks[i].hope += 1e6 // before all refined ones
	}
	if c.coloured {
		c.uncut = slices.Clone(c.blocks)
	}
}

// hopeFor sets what is hoped of a block: what changing it does at the same cost, squared.
func (c *closer) hopeFor(b *block) {
	scale := c.scale
	c.grid.rows(b, func(row int, at []int, weight float64, along []float64) {
		sum, along := b.hope, along[:len(at)]
		for j, i := range at {
			w := weight * along[j]
			sum += scale[row+i] * scale[row+i] * w * w
		}
		b.hope = sum
	})
}

// hopeForTints does that for blocks in every tint, see [tinted], which differ by factors alone, and weighs what is hoped of each.
func (c *closer) hopeForTints() {
	scale := c.scale
	for i := 0; i < len(c.blocks); i += len(tints) {
		flat := c.blocks[i]
		flat.tint = grey
		var sums [len(tints)]float64
		c.grid.rows(&flat, func(row int, at []int, weight float64, along []float64) {
			greys, reds, blues := sums[grey], sums[redGreen], sums[blueYellow]
			along = along[:len(at)]
			for j := 0; j+2 < len(at); j += 3 {
				w, i := weight*along[j], row+at[j]
				r, g, b := scale[i]*scale[i]*w*w, scale[i+1]*scale[i+1]*w*w, scale[i+2]*scale[i+2]*w*w
				greys = greys + r + g + b
				reds = reds + r + g
				blues = blues + r/4 + g/4 + b
			}
			sums = [...]float64{grey: greys, redGreen: reds, blueYellow: blues}
		})
		for j := range tints {
			b := &c.blocks[i+j]
			b.hope = sums[b.tint] * (tintHopes[b.tint] * c.centred(b))
		}
	}
}

// centred is how much more is hoped of a block near the centre, as that is where photos show what they are of.
func (c *closer) centred(b *block) float64 {
	down := float64(b.Top+b.Bottom)/float64(c.grid.Height) - 1
	along := float64(b.Left+b.Right)/float64(c.grid.Width) - 1
	near := 1 - (float64(down*down)+float64(along*along))/2
	near *= near
	return 1 + float64(centreCounts*float64(near*near))
}

// chord makes the gradient that of a straight fall from the seed to a change with that margin.
func (c *closer) chord(change []float64, margin float64) {
	clear(c.gradient)
	if n := vec.Dot(change, change); n > 0 {
		vec.AddScaled(c.gradient, (margin-c.seed.mean())/n, change)
	}
}

// moveTo makes an evaluated input the base.
func (c *closer) moveTo(e *engine.Evaluation, margin float64) {
	if c.alike && !c.original && e.Original.Scores != nil {
		p := c.margins(e)
		c.apart = p.compressed - p.original
	}
	copy(c.base.Data, e.Input.Data)
	if c.s.narrow {
		c.narrow.note(e, c.s.gauge.label, c.original)
	}
	c.s.ruler.From(c.base)
	c.changeRoom()
	c.measure(c.change, c.base)
	c.margin, c.distance, c.unit = margin, c.farOf(e), 1
	c.unit = c.lengthOf(c.distance) / math.Sqrt(vec.Dot(c.change, c.change))
	for i := range c.blocks {
		if b := &c.blocks[i]; b.known {
			b.age++
			b.hope = b.slope * b.slope * min(1, moveChanges*float64(b.age))
		}
	}
}

// changed is the change of the base, in u.
func (c *closer) changed() []float64 {
	if c.change == nil {
		c.changeRoom()
		c.measure(c.change, c.base)
	}
	return c.change
}

func (c *closer) changeRoom() {
	if c.change == nil {
		c.change = c.vectors.take()
	}
}

// scratchImage is an image to try something on.
func (c *closer) scratchImage() input.Input {
	if c.image.Data == nil {
		c.image = c.s.task.Seed.Input
		c.image.Data = c.values.take()
	}
	return c.image
}

// giveBack gives back what is needed from being asked to being told.
func (c *closer) giveBack() {
	if c.state != following && c.state != hitting {
		c.ray = nil
	}
	c.values.giveBack(nil)
	c.vectors.giveBack(c.ray)
	clear(c.asked)
	clear(c.rays)
	clear(c.raced)
	c.asked, c.rays, c.raced, c.change, c.scratch, c.image.Data = c.asked[:0], c.rays[:0], c.raced[:0], nil, nil, nil
}

// far is the distance of an input by the aim.
func (c *closer) far(in input.Input) float64 { return c.s.ruler.Far(c.s.task.Aim, in) }

// farOf is the same of an evaluation's input, measured once.
func (c *closer) farOf(e *engine.Evaluation) float64 { return c.s.farOf(e) }

func (s *boundarySearcher) farOf(e *engine.Evaluation) float64 {
	if e.Far == 0 {
		e.Far = s.ruler.Far(s.task.Aim, e.Input)
	}
	return e.Far
}

// measure writes the change of an input, in u.
func (c *closer) measure(u []float64, in input.Input) {
	vec.Changes(u, in.Data, c.s.task.Seed.Input.Data, c.scale)
}

// at writes the seed, changed by t times u.
func (c *closer) at(dst input.Input, u []float64, t float64) {
	applyChange(dst.Data, c.s.task.Seed.Input, u, c.scale, t)
}

// applyChange writes the seed, changed by t times u in units of scale, as values of their domains.
func applyChange(out []float32, seed input.Input, u, scale []float64, t float64) {
	d, uniform := seed.Domain, seed.Uniform()
	named := seed.HasCategories()
	if d == input.Bytes && uniform && !named {
		vec.ChangeBytes(out, seed.Data, u, scale, t)
		return
	}
	out, u, scale = out[:len(seed.Data)], u[:len(seed.Data)], scale[:len(seed.Data)]
	for i, v := range seed.Data {
		if !uniform {
			d = seed.DomainAt(i)
		}
		if named && seed.Categorical(i) { // it has no half way
			if out[i] = v; t >= 0.5 {
				out[i] = d.Snap(float32(float64(v) + float64(u[i]*scale[i])))
			}
			continue
		}
		out[i] = d.Snap(float32(float64(v) + float64(float64(t*u[i])*scale[i])))
	}
}

func (c *closer) input(i int) input.Input {
	for len(c.asked) <= i {
		in := c.s.task.Seed.Input
		in.Data = c.values.take()
		c.asked = append(c.asked, in)
	}
	return c.asked[i]
}

// trial is the next change to be tried.
func (c *closer) trial() []float64 {
	if c.trials == len(c.rays) {
		c.rays = append(c.rays, c.vectors.take())
	}
	c.trials++
	return c.rays[c.trials-1]
}

func (c *closer) ask(limit int) []input.Input {
	if c.s.unseen(c.best) {
		return nil
	}
	c.limit = limit
	c.lineUp()
	if c.state == probing && c.distance < c.best && !c.narrow.vain &&
		(limit <= lastHitQueries || c.since > hitEveryQueries && c.distance < worthAHit*c.best) {
		c.aimAtBase()
	}
	if c.state == hitting && c.s.narrow {
		if asked := c.askOnRay(); len(asked) > 0 {
			return asked
		}
	}
	if c.state == probing && c.blind {
		c.race(pathsAtOnce)
	}
	switch c.state {
	case probing:
		return c.askBlocks(limit)
	case racing:
		c.trials = min(c.trials, limit)
		return c.asked[:c.trials]
	case moving:
		c.trials = min(c.trials, limit)
		for i := range c.trials {
			c.at(c.input(i), c.rays[i], 1)
		}
		return c.asked[:c.trials]
	}
	c.at(c.input(0), c.ray, c.t)
	return c.asked[:1]
}

func (c *closer) tell(evaluations []engine.Evaluation) {
	c.take(evaluations)
	c.giveBack()
}

func (c *closer) take(evaluations []engine.Evaluation) {
	if c.scale == nil {
		i := slices.IndexFunc(evaluations, func(e engine.Evaluation) bool { return e.Verdict.Deviates })
		c.begin(&evaluations[i])
		return
	}
	c.since += len(evaluations)
	for i := range evaluations {
		if e := &evaluations[i]; e.Verdict.Deviates {
			if far := c.farOf(e); far < c.best {
				c.best, c.since = far, 0
			}
		}
	}
	if c.state == hitting && c.s.narrow {
		c.tellOnRay(evaluations)
		return
	}
	if (c.state == following || c.state == hitting) && evaluations[0].Verdict.Kind != answer.OtherAnswer {
		c.state, c.since, c.fromRace = probing, 0, false // this ray is of no use
		return
	}
	switch c.state {
	case probing:
		c.tellBlocks(evaluations)
	case racing:
		c.tellRace(evaluations)
	case moving:
		c.tellMoves(evaluations)
	case following:
		c.tellFollowed(&evaluations[0])
	case hitting:
		c.tellHitting(&evaluations[0])
	}
}

// askBlocks asks for the base with single blocks changed, those first of which most is hoped.
func (c *closer) askBlocks(limit int) []input.Input {
	n := probesAtFirst
	if c.began {
		n = probesLater
	}
	if c.coloured {
		n, limit = n/2, max(1, limit-lastHitQueries) // a last hit is worth more than what single probes tell
	}
	if c.original && c.coloured {
		n, limit = 2*n, 2*limit
	}
	n = min(n, limit)
	c.began = true
	c.rank(min(n, len(c.blocks)))
	for i, b := range c.order {
		c.probe(c.input(i), &c.blocks[b])
	}
	return c.asked[:len(c.order)]
}

// rank puts those n blocks in order of which most is hoped; of equals the earlier ones.
func (c *closer) rank(n int) {
	c.order = c.order[:0]
	for i := range c.blocks {
		at := len(c.order)
		for at > 0 && c.blocks[c.order[at-1]].hope < c.blocks[i].hope {
			at--
		}
		if at == n {
			continue
		}
		if len(c.order) < n {
			c.order = append(c.order, 0)
		}
		copy(c.order[at+1:], c.order[at:])
		c.order[at] = i
	}
}

// probe changes a block of the base towards the seed or, where it is unchanged, to where the domain
// has more room. It reports whether any value changed.
func (c *closer) probe(dst input.Input, b *block) (changed bool) {
	base, scale, change := c.base.Data, c.scale, c.changed()
	copy(dst.Data, base)
	d, uniform := dst.Domain, dst.Uniform()
	var along, room float64
	c.grid.rows(b, func(row int, at []int, weight float64, weights []float64) {
		a, r, weights := along, room, weights[:len(at)]
		for j, i := range at {
			i += row
			if !uniform {
				d = dst.DomainAt(i)
			}
			w := weight * weights[j]
			a += w * change[i]
			r += w * float64(d.Max+d.Min-2*base[i]) * scale[i]
		}
		along, room = a, r
	})
	amplitude := c.amplitude
	if along > 0 || along == 0 && room < 0 {
		amplitude = -amplitude
	}
	by, named := amplitude*float64(d.Range())/255, dst.HasCategories()
	c.grid.rows(b, func(row int, at []int, weight float64, weights []float64) {
		weights = weights[:len(at)]
		for j, i := range at {
			i += row
			if named && dst.Categorical(i) {
				continue
			}
			if !uniform {
				d = dst.DomainAt(i)
				by = amplitude * float64(d.Range()) / 255
			}
			v := d.Snap(float32(float64(base[i]) + float64(by*(weight*weights[j])*scale[i])))
			changed = changed || v != base[i]
			dst.Data[i] = v
		}
	})
	return changed
}

// probeRanked ranks n blocks, or all where there are fewer, and changes each of them alone, in the candidates from the given one on. Blocks whose change is too little to be seen are left
// out of the order. It returns how many are in it.
func (c *closer) probeRanked(n, from int) int {
	c.rank(min(n, len(c.blocks)))
	seen := c.order[:0]
	for _, b := range c.order {
		if !c.probe(c.input(from+len(seen)), &c.blocks[b]) {
			c.blocks[b].known, c.blocks[b].age, c.blocks[b].hope = true, 0, 0
			continue
		}
		seen = append(seen, b)
	}
	c.order = seen
	return len(seen)
}

// amplitudeOf is by how much a block of the base was changed.
func (c *closer) amplitudeOf(in input.Input, b *block) float64 {
	base, scale := c.base.Data, c.scale
	var along, n float64
	c.grid.rows(b, func(row int, at []int, weight float64, weights []float64) {
		a, squares, weights := along, n, weights[:len(at)]
		for j, i := range at {
			i += row
			w := weight * weights[j]
			a += w * float64(in.Data[i]-base[i]) / scale[i]
			squares += w * w
		}
		along, n = a, squares
	})
	return along / n
}

func (c *closer) tellBlocks(evaluations []engine.Evaluation) {
	moves := c.moves[:0]
	for i, e := range evaluations {
		b := &c.blocks[c.order[i]]
		moved := c.margins(&e).mean() - c.margin
		if e.Verdict.Kind != answer.OtherAnswer {
			b.known, b.age, b.hope = true, 0, 0
			moves = append(moves, 0)
			continue
		}
		// Correct the gradient along what really changed, after rounding and clipping.
		in, base, scale, gradient := e.Input.Data, c.base.Data, c.scale, c.gradient
		var n, expected float64
		c.grid.rows(b, func(row int, at []int, _ float64, _ []float64) {
			squares, sum := n, expected
			for _, i := range at {
				i += row
				u := float64(in[i]-base[i]) / scale[i]
				squares += u * u
				sum += u * gradient[i]
			}
			n, expected = squares, sum
		})
		if n > 0 {
			k := (moved - expected) / n
			c.grid.rows(b, func(row int, at []int, _ float64, _ []float64) {
				for _, i := range at {
					i += row
					gradient[i] += k * float64(in[i]-base[i]) / scale[i]
				}
			})
			b.slope = moved / math.Sqrt(n)
		}
		first := !b.known
		b.known, b.age, b.hope = true, 0, 0
		if first {
			c.blocks = b.refined(c.blocks)
		}
		moves = append(moves, math.Abs(moved))
	}
	slices.Sort(moves)
	c.moves = moves
	const little = 1e-3 // of a margin, so that nothing is divided by 0
	typical := moves[len(moves)*3/4]
	c.amplitude = min(max(c.amplitude*min(max(probedMargin/(typical+little), 0.5), 2), weakestProbe), strongestProbe)
	c.move()
}

// move lines up candidates on the model's boundary, between the base and the point of it that is
// nearest to the seed.
func (c *closer) move() {
	n, target := vec.Dots(c.gradient, c.gradient, c.changed())
	target -= c.margin
	c.state = probing
	if c.coloured && target >= 0 && n > 0 {
		c.correct()
		n, target = vec.Dots(c.gradient, c.gradient, c.changed())
		target -= c.margin
	}
	if !(n > 0) || target >= 0 {
		return
	}
	c.normal, c.target, c.state, c.due = n, target, moving, true
}

// correct makes the gradient tell the seed's margin, along the change of the base.
func (c *closer) correct() {
	if n, expected := vec.Dots(c.changed(), c.changed(), c.gradient); n > 0 {
		vec.AddScaled(c.gradient, (c.margin-c.seed.mean()-expected)/n, c.changed())
	}
}

// moveShares are how much of the way to the nearest point of the model's boundary is tried, relative to the stride.
var moveShares = [...]float64{1, 0.5, 0.2}

// lineUp writes the changes that a move or a race was to try, when it is its turn.
func (c *closer) lineUp() {
	if !c.due {
		return
	}
	c.due = false
	switch c.state {
	case racing:
		c.race(c.paths)
	case moving:
		c.trials = 0
		change := c.changed()
		for _, share := range moveShares {
			share *= c.stride
			vec.Combine(c.trial(), [][]float64{change, c.gradient}, []float64{1 - share, share * c.target / c.normal})
		}
	}
}

// straightens is the margin beyond which more of it counts for less: margins along a ray are steep where a model is
// sure, and nearly linear around 0.
const straightens = 10

func straight(margin float64) float64 { return math.Asinh(margin / straightens) }

// reach estimates how far along a ray from the seed the boundary is, from the margin at t.
func (c *closer) reach(t, margin float64) float64 {
	atSeed, here := straight(c.seed.mean()), straight(margin)
	const flat = 0.05 // share of the margin that is to fall: otherwise the ray is level, and leads nowhere
	if atSeed-here <= flat*atSeed {
		return math.Inf(1)
	}
	return t * atSeed / (atSeed - here)
}

func (c *closer) tellMoves(evaluations []engine.Evaluation) {
	// The candidate whose ray crosses the boundary nearest, by the length of the change, is measured.
	const notable = 0.995 // share of the base's distance: what is nearer is worth a move
	best, shortest, reached := -1, math.Inf(1), 0.0
	lengths := vec.SquaredLengths([len(moveShares)][]float64(c.rays))
	for i, e := range evaluations {
		if e.Verdict.Kind != answer.OtherAnswer {
			continue
		}
		t := c.reach(1, c.margins(&e).mean())
		if length := t * t * lengths[i]; t <= leadsAway && length < shortest {
			best, shortest, reached = i, length, t
		}
	}
	if best >= 0 {
		image := c.scratchImage()
		c.at(image, c.rays[best], reached)
		if c.far(image) >= notable*c.distance {
			best = -1
		}
	}
	for _, e := range evaluations {
		c.learn(e)
	}
	switch best {
	case -1:
		c.stride = max(0.4*c.stride, 0.05)
		c.raceLater(pathsLater)
		return
	case 0:
		c.stride = min(1, 1.5*c.stride)
	case 1:
		c.stride *= 0.6
	default:
		c.stride *= 0.3
	}
	if margin := c.margins(&evaluations[best]).mean(); math.Abs(margin) < atBoundary {
		c.advance(&evaluations[best], margin)
		return
	}
	c.ray, c.t, c.steps, c.state = c.rays[best], reached, 0, following
}

// learn corrects the gradient by half of what the answer to a larger change says.
func (c *closer) learn(e engine.Evaluation) {
	if e.Verdict.Kind != answer.OtherAnswer {
		return
	}
	if c.scratch == nil {
		c.scratch = c.vectors.take()
	}
	c.measure(c.scratch, e.Input)
	vec.AddScaled(c.scratch, -1, c.changed())
	if n, expected := vec.Dots(c.scratch, c.scratch, c.gradient); n > 0 {
		moved := c.margins(&e).mean() - c.margin
		vec.AddScaled(c.gradient, 0.5*(moved-expected)/n, c.scratch)
	}
}

func (c *closer) tellFollowed(e *engine.Evaluation) {
	margin := c.margins(e).mean()
	c.steps++
	c.learn(*e)
	if math.Abs(margin) > followedBoundary && c.steps < followSteps {
		c.t = c.reach(c.t, margin)
		if c.t > leadsAway {
			c.state = probing
		}
		return
	}
	c.state = probing
	if c.farOf(e) < c.distance {
		c.advance(e, margin)
	}
}

// advance moves the base, and goes on with the gradient that is known while that pays.
func (c *closer) advance(e *engine.Evaluation, margin float64) {
	before := c.distance
	c.moveTo(e, margin)
	c.state = probing
	if c.distance < movesOn*before && c.limit > lastHitQueries+pathsLater {
		c.move()
	}
}

// raceLater has a race begin with the next ask.
func (c *closer) raceLater(n int) { c.state, c.paths, c.due = racing, n, true }

// race lines up other paths at a distance that would be a gain: blends with the next neighbours and,
// after these, parts of the base.
func (c *closer) race(n int) {
	c.trials = 0
	if c.neighbour < len(c.s.neighbours) {
		for u := c.vectors.take(); c.trials < n && c.neighbour < len(c.s.neighbours); c.neighbour++ {
			c.measure(u, c.s.neighbours[c.neighbour].unpack(c.input(c.trials).Data))
			if by, ok := c.shorten(u); ok {
				c.at(c.input(c.trials), u, 1)
				c.raced = append(c.raced, raced{neighbour: c.neighbour, by: by})
				c.trials++
			}
		}
	}
	if c.blind || !c.gauge.twoSided() {
		for c.trials < n {
			u := c.vectors.take()
			copy(u, c.changed())
			for i := range c.blocks {
				if c.s.task.Rand.Float64() < 0.3 {
					c.grid.each(&c.blocks[i], func(j int, _ float64) { u[j] = 0 })
				}
			}
			if _, ok := c.shorten(u); !ok {
				for i := range u {
					u[i] = raceDistance * c.changed()[i]
				}
			}
			c.at(c.input(c.trials), u, 1)
			c.raced = append(c.raced, raced{ray: u})
			c.trials++
		}
	}
	c.state = probing
	if c.trials > 0 {
		c.state = racing
	}
}

// raced is a path under trial: a change or, of which there are many and which can be measured again, part of the way to a neighbour.
type raced struct {
	ray       []float64
	neighbour int
	by        float64 // share of the way
}

// rayOf is the change of a path.
func (c *closer) rayOf(r raced) []float64 {
	if r.ray != nil {
		return r.ray
	}
	u := c.vectors.take()
	c.measure(u, c.s.neighbours[r.neighbour].unpack(c.scratchImage().Data))
	for i := range u {
		u[i] *= r.by
	}
	return u
}

// shorten scales a change to about the distance that would be a gain, and returns by what, and whether the way is as
// long as that.
func (c *closer) shorten(u []float64) (t float64, ok bool) {
	wanted, length := raceDistance*c.distance, math.Sqrt(vec.Dot(u, u))
	if length == 0 {
		return 0, false
	}
	t = c.lengthOf(c.distance) / length
	image := c.scratchImage()
	c.at(image, u, t)
	far := c.far(image)
	if far == 0 {
		return 0, false
	}
	c.unit = c.lengthOf(far) / (t * length) * c.unit
	t = c.lengthOf(wanted) / length
	for i := range u {
		u[i] *= t
	}
	return t, t < 1
}

// lengthOf is about how long a change at that distance is, from what the latest one told.
func (c *closer) lengthOf(far float64) float64 { return c.s.ruler.Length(c.s.task.Aim, far) / c.unit }

// raceAges is by how many moves the blocks' measurements age in a race: another place has another gradient.
const raceAges = 5

func (c *closer) tellRace(evaluations []engine.Evaluation) {
	best, least := -1, 0.0
	for i, e := range evaluations {
		if m := c.margins(&e).mean(); m < least && e.Verdict.Kind == answer.OtherAnswer {
			best, least = i, m
		}
	}
	c.state = probing
	if best < 0 {
		return
	}
	c.fromRace = true
	c.ray = c.rayOf(c.raced[best])
	c.chord(c.ray, least)
	for i := range c.blocks {
		c.blocks[i].age += raceAges
	}
	if c.s.narrow {
		c.state = hitting
		leads, apart := leadsAndApart(&evaluations[best], c.s.gauge.label, c.original)
		c.hitOnRay(evaluations[best].Input, leads, apart)
		return
	}
	end := c.point(1, evaluations[best])
	c.bracket.between(c.seed, end)
	c.open, c.steps, c.state = false, 0, hitting
	c.t = c.bracket.next()
}

// nearEnough is how much nearer than a hit its bracket may still reach, as a share, for a hit to do.
const nearEnough = 0.03

// goesOn looks for a nearer hit on the same ray, where all that lies beyond the boundary is one.
func (c *closer) goesOn(p point) bool {
	if c.gauge.twoSided() || c.steps > mostSteps {
		return false
	}
	if c.open {
		c.bracket.between(c.bracket.near, p)
		c.open = false
	} else {
		c.bracket.add(p)
	}
	if c.bracket.far.t-c.bracket.near.t < nearEnough*c.bracket.far.t {
		return false
	}
	c.t = c.bracket.next()
	return true
}

// aimAtBase brackets the gap on the ray to the base.
func (c *closer) aimAtBase() {
	c.trials = 0
	c.ray = c.trial()
	copy(c.ray, c.changed())
	c.steps, c.state = 0, hitting
	if c.s.narrow {
		c.hitOnRay(c.base, c.narrow.leads, c.narrow.apart)
		return
	}
	p := point{t: 1, original: c.margin, compressed: c.margin}
	if c.open = p.near(); c.open {
		c.bracket.near.keep(p)
		c.t = c.further(p)
		return
	}
	c.bracket.between(c.seed, p)
	c.t = c.bracket.next()
}

// further is where to look for the far end of a bracket.
func (c *closer) further(p point) float64 {
	return max(min(c.reach(p.t, p.mean()), 1.5*p.t), 1.01*p.t)
}

// hitMade goes on from a hit.
func (c *closer) hitMade() {
	c.state = probing
	if c.fromRace && c.neighbour < pathsFirst {
		c.raceLater(pathsAtOnce)
	}
	c.fromRace = false
}

func (c *closer) tellHitting(e *engine.Evaluation) {
	p := c.point(c.t, *e)
	c.steps++
	if e.Verdict.Deviates {
		c.moveTo(e, p.mean())
		if !c.goesOn(p) {
			c.hitMade()
		}
		return
	}
	switch {
	case !c.open:
		c.bracket.add(p)
		c.t = c.bracket.next()
	case p.near():
		c.bracket.near.keep(p)
		c.t = c.further(p)
	default:
		c.bracket.between(c.bracket.near, p)
		c.open = false
		c.t = c.bracket.next()
	}
	if c.steps > mostSteps || !c.open && c.bracket.tied() {
		c.state, c.since, c.fromRace = probing, 0, false
	}
}
