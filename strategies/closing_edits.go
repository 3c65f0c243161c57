package strategies

import (
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
)

// closingIn is what goes on from the first hit of a search.
type closingIn interface {
	ask(limit int) []input.Input
	tell(evaluations []engine.Evaluation)
}

// originalAsker is closing in that asks the original alone, see [engine.OriginalAsker].
type originalAsker interface {
	askOriginal(limit int) []input.Input
	tellOriginal(answers []answer.Answer)
}

var (
	_ closingIn = (*closer)(nil)
	_ closingIn = (*editCloser)(nil)
)

const (
	// editsAtOnce is how many texts are asked for at once while closing in.
	editsAtOnce = 8
	// freshEdits is how many edits that the trigger does not have are thought of for each ask.
	freshEdits = 6
)

// editCloser brings a trigger nearer to its seed whose values are replaced, as those of texts are: by fewer edits, of those that the trigger
// has and of others, one or several at once; see [editSearch].
type editCloser struct {
	s      *boundarySearcher
	gauge  gauge
	seed   point
	search *editSearch
	best   float64 // distance of the nearest hit, by the aim
	fewest int     // its edits
	begun  int     // edits that the search began with
	trials [][]bool
	asked  []input.Input
}

func newEditCloser(s *boundarySearcher) *editCloser {
	c := &editCloser{s: s, gauge: s.gauge, seed: s.seed}
	if s.severe {
		c.gauge = newDistanceGauge(s.task)
		o, m := c.gauge.of(&s.task.Seed)
		c.seed = point{original: o, compressed: m}
	}
	return c
}

// begin starts from the first hit.
func (c *editCloser) begin(e *engine.Evaluation) {
	to := e.Input.Clone()
	o, m := c.gauge.of(e)
	edits := distance.EditsBetween(c.s.task.Seed.Input, to)
	c.best, c.fewest, c.begun = c.far(to), len(edits), len(edits)
	c.search = newEditSearch(c.s, &c.gauge, c.seed, to, point{original: o, compressed: m}, edits)
	all := make([]bool, len(c.search.edits))
	for i := range all {
		all[i] = true
	}
	c.search.asked[key(all)] = true
	c.search.learn(all, e)
}

func (c *editCloser) far(in input.Input) float64 { return c.s.ruler.Far(c.s.task.Aim, in) }

func (c *editCloser) ask(limit int) []input.Input {
	c.trials = c.trials[:0]
	for range freshEdits {
		c.search.think()
	}
	for misses := 0; len(c.trials) < min(limit, editsAtOnce) && misses < 4*editsAtOnce; {
		on := c.search.propose(func(size int) float64 { return float64(c.fewest-size) / float64(c.fewest) })
		if on == nil {
			break
		}
		c.search.asked[key(on)] = true
		for len(c.asked) <= len(c.trials) {
			c.asked = append(c.asked, c.s.task.Seed.Input.Clone())
		}
		dst := c.asked[len(c.trials)]
		if !c.search.write(dst, on) || !c.within(dst) {
			misses++
			continue
		}
		c.trials = append(c.trials, on)
	}
	return c.asked[:len(c.trials)]
}

// within reports whether a text is worth asking for: it is another one than the seed, within the bound, and nearer than the nearest hit.
func (c *editCloser) within(in input.Input) bool {
	if slices.Equal(in.Data, c.s.task.Seed.Input.Data) || c.far(in) >= c.best {
		return false
	}
	return c.s.task.Region == nil || c.s.task.Region.Contains(in)
}

func (c *editCloser) tell(evaluations []engine.Evaluation) {
	if c.search == nil {
		i := slices.IndexFunc(evaluations, func(e engine.Evaluation) bool { return e.Verdict.Deviates })
		c.begin(&evaluations[i])
		return
	}
	var nearest *engine.Evaluation
	for i := range evaluations {
		e := &evaluations[i]
		on := c.trials[i]
		for len(on) < len(c.search.edits) {
			on = append(on, false)
		}
		c.search.learn(on, e)
		if !e.Verdict.Deviates {
			continue
		}
		if far := c.far(e.Input); far < c.best {
			c.best, c.fewest = far, len(distance.EditsBetween(c.s.task.Seed.Input, e.Input))
			nearest = e
		}
	}
	if nearest != nil && c.begun > mostEdits && c.fewest*2 < c.begun { // by passages half as long, and by single edits in the end
		c.begin(nearest)
	}
}
