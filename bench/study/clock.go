package main

import (
	"fmt"
	"math"
	"time"

	"github.com/triggerfinder/triggerfinder/bench/sample"
)

// clock estimates the time that is left, from what is done of the same pair and of the same strategies.
type clock struct {
	left map[identity]float64 // seeds
	// spent and seeds are what is done, in this run and earlier ones.
	spent, seeds map[identity]float64
	parts, all   int
}

func newClock() *clock {
	return &clock{left: map[identity]float64{}, spent: map[identity]float64{}, seeds: map[identity]float64{}}
}

// plan notes a job, and what is known of it from earlier runs.
func (c *clock) plan(j job, known *search) {
	c.left[j.identity()] = float64(j.seeds)
	c.all += j.parts(j.seeds)
	if known != nil && known.Limit == j.limit && known.Wall > 0 {
		c.spent[j.identity()], c.seeds[j.identity()] = known.Wall, float64(known.searched())
	}
}

// skip notes a part that was there already.
func (c *clock) skip(j job, part int) {
	c.parts++
	c.left[j.identity()] -= float64(partSize(j.seeds, j.parts(j.seeds), part))
}

// done notes a part that was carried out.
func (c *clock) done(j job, part, seeds, parts int, took time.Duration) {
	c.parts++
	n := float64(partSize(seeds, parts, part))
	c.left[j.identity()] -= n
	c.spent[j.identity()] += took.Seconds()
	c.seeds[j.identity()] += n
}

// partSize is the number of seeds i below n with i modulo parts = part.
func partSize(n, parts, part int) int { return (n - part + parts - 1) / parts }

// estimate is the time left. A job takes the usual time of its strategy, times how slow its pair is beside others.
func (c *clock) estimate() (left time.Duration, known bool) {
	var all []float64
	of := map[string][]float64{} // by strategy
	for id, n := range c.seeds {
		perSeed := math.Max(c.spent[id]/n, 1e-6)
		of[id.Strategy] = append(of[id.Strategy], perSeed)
		all = append(all, perSeed)
	}
	if len(all) == 0 {
		return 0, false
	}
	usual := func(strategy string) float64 {
		if len(of[strategy]) > 0 {
			return sample.GeometricMean(of[strategy])
		}
		return sample.GeometricMean(all)
	}
	slow := map[string][]float64{} // by pair
	for id, n := range c.seeds {
		slow[id.Pair] = append(slow[id.Pair], math.Max(c.spent[id]/n, 1e-6)/usual(id.Strategy))
	}
	var seconds float64
	for id, n := range c.left {
		switch {
		case c.seeds[id] > 0:
			seconds += n * c.spent[id] / c.seeds[id]
		case len(slow[id.Pair]) > 0:
			seconds += n * usual(id.Strategy) * sample.GeometricMean(slow[id.Pair])
		default:
			seconds += n * usual(id.Strategy)
		}
	}
	return time.Duration(seconds * float64(time.Second)), true
}

// String is a line for people.
func (c *clock) String() string {
	line := fmt.Sprintf("part %d of %d", c.parts, c.all)
	if left, known := c.estimate(); known {
		line += ", about " + left.Round(time.Second).String() + " left"
	}
	return line
}
