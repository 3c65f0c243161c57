package answer

import (
	"errors"
	"fmt"
	"math"
)

// limits are what numbers have to cross, so that something else is decided by them: what [Threshold] and [SeveralLabels] have in
// common.
type limits struct {
	at     []float32
	each   bool // the numbers of a row have one each, or one is for all; otherwise all are for every number
	output outputName
	number int // that decides alone, from 1 on; 0 for all
	apart  float64
}

// narrowed are thresholds of numbers of 32 bits: 0.7 as a model writes it is on 0.7.
func narrowed(at []float64) ([]float32, error) {
	if len(at) == 0 {
		return nil, errors.New("expected at least one threshold, found none")
	}
	numbers := make([]float32, len(at))
	for i, v := range at {
		numbers[i] = float32(v)
		if !Finite(numbers[i : i+1]) {
			return nil, fmt.Errorf("expected thresholds that are numbers, found %g", v)
		}
	}
	return numbers, nil
}

func checkApart(apart float64) error {
	if !(apart >= 0) || math.IsInf(apart, 0) {
		return fmt.Errorf("expected to be apart by 0 or more, found %g", apart)
	}
	return nil
}

// of are those of a number.
func (l limits) of(number int) []float32 {
	if !l.each {
		return l.at
	}
	i := number % len(l.at)
	return l.at[i : i+1]
}

// deciding are the numbers that decide, and the place of the first of them.
func (l limits) deciding(a Answer) (values Scores, first int) {
	values, _, _ = l.output.numbers(a)
	switch {
	case l.number > 0:
		first = l.number - 1
		return values[min(first, len(values)):min(l.number, len(values))], first
	case !l.each && a.Outputs == nil && len(values) == 2 && Distribution(values):
		return values[1:], 1 // the two probabilities of a binary classifier
	}
	return values, 0
}

// both are the numbers of two answers that decide, as many of each.
func (l limits) both(a, b Answer) (x, y Scores, first int) {
	x, first = l.deciding(a)
	y, _ = l.deciding(b)
	if len(x) != len(y) { // one of them was no distribution
		x, _, _ = l.output.numbers(a)
		y, _, _ = l.output.numbers(b)
		n := min(len(x), len(y))
		return x[:n], y[:n], 0
	}
	return x, y, first
}

// crossing is a number of both models, and what it has to cross.
type crossing struct{ from, to, at float32 }

// crosses reports whether the two models' numbers are on different sides. A number on the threshold counts as above it.
func (c crossing) crosses() bool { return (c.from >= c.at) != (c.to >= c.at) }

// apart is how far the two models' numbers are apart.
func (c crossing) apart() float64 { return math.Abs(float64(c.from) - float64(c.to)) }

// near is how near the threshold the nearer of the two numbers is.
func (c crossing) near() float64 {
	return min(math.Abs(float64(c.from)-float64(c.at)), math.Abs(float64(c.to)-float64(c.at)))
}

func (c crossing) deviates(apart float64) bool { return c.crosses() && c.apart() >= apart }

// shortfall is how far the nearer number has to move to cross, and how much farther apart both have to be; 0 for a deviation alone.
func (c crossing) shortfall(apart float64) float64 {
	lacks := max(apart-c.apart(), 0)
	if !c.crosses() {
		lacks = max(lacks+c.near(), shortfallFloor)
	}
	return lacks
}

// excess is the shortfall below 0, and goes on above it.
func (c crossing) excess(apart float64) float64 {
	if !c.deviates(apart) {
		return -c.shortfall(apart)
	}
	beyond := c.near()
	if apart > 0 {
		beyond = min(beyond, c.apart()-apart)
	}
	return max(beyond, shortfallFloor)
}

// Judge implements [Oracle].
func (l limits) Judge(original, compressed Answer) Verdict {
	from, to, _ := l.both(original, compressed)
	for i := range from {
		for _, at := range l.of(i) {
			if (crossing{from[i], to[i], at}).deviates(l.apart) {
				return Verdict{Deviates: true}
			}
		}
	}
	return Verdict{}
}

// Shortfall implements [Graded]: how far the nearest number has to move to cross a threshold.
func (l limits) Shortfall(original, compressed Answer) float64 {
	return max(-l.Excess(original, compressed), 0)
}

// Excess implements [Measured].
func (l limits) Excess(original, compressed Answer) float64 {
	from, to, _ := l.both(original, compressed)
	most := -farthest
	for i := range from {
		for _, at := range l.of(i) {
			most = max(most, crossing{from[i], to[i], at}.excess(l.apart))
		}
	}
	return most
}

// Margin implements [Decider]: how far the nearest number is from crossing a threshold.
func (l limits) Margin(a, reference Answer) float64 {
	own, other, _ := l.both(a, reference)
	least := farthest
	for i, v := range own {
		for _, at := range l.of(i) {
			beyond := float64(v) - float64(at)
			if other[i] < at {
				beyond = -beyond
			}
			least = min(least, beyond)
		}
	}
	return least
}

// decides reports whether each model decides by itself; not where both have to be apart besides.
func (l limits) decides() bool { return l.apart == 0 }

func (limits) byScores() bool { return true }
