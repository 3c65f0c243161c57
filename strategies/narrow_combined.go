package strategies

import (
	"cmp"
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/vec"
)

const (
	mostSpots   = 6   // of which others are made
	mostBases   = 4   // of these that differences are added to
	differences = 4   // that are added, the smallest ones
	mostTimes   = 2   // how often each is added or taken away
	rivals      = 3   // labels that are looked at
	farthest    = 0.3 // margin up to which a spot serves
	chances     = 8   // combinations that are kept

	// What a combination's margin is wrong by, of the fall of the margins a step: bends times its squared length, in steps of values, as one bend of
	// the margins lets in others, and at most mostBends times its length. And shakes at least, as answers are rounded.
	bends, mostBends, shakes = 0.03, 0.15, 1e-4
)

// combination is a spot with differences between spots added to it.
type combination struct {
	base  int // spot
	steps []difference
	times [differences]int
	hits  float64 // how likely
}

// difference is that between two spots.
type difference struct {
	from, to int
	squared  float64 // length, in steps of values
}

// combine lists combinations of spots, those first that are the likeliest to lie in the gap.
//
// Where values have steps, as pixels of 8 bits have, a way has places no finer than one step of some value, and margins jump over a narrow gap
// from one to the next. But near the boundary margins are nearly linear, and places of the way differ in values that are as good as random. So sums of small
// differences between spots are a dense set of inputs whose margins are known before they are asked.
func (w *narrowWay) combine() []combination {
	near := w.nearest()
	near = near[:min(len(near), mostSpots)]
	near = slices.DeleteFunc(near, func(i int) bool { return math.Abs(w.spots[i].least) > farthest })
	if len(near) == 0 {
		return nil
	}
	labels := lowest(w.spots[near[0]].leads, rivals)
	apart := w.apart()
	steps := w.differencesOf(near)
	moves := make([]float64, len(steps)*len(labels)) // of the leads
	slopes := make([]float64, 0, len(steps))
	for i, d := range steps {
		from, to := &w.spots[d.from], &w.spots[d.to]
		for r, l := range labels {
			moves[i*len(labels)+r] = to.leads[l] - from.leads[l]
		}
		slopes = append(slopes, math.Abs(to.least-from.least)/math.Sqrt(d.squared))
	}
	slope := 0.0
	if slices.Sort(slopes); len(slopes) > 0 {
		slope = slopes[len(slopes)/2]
	}
	var best []combination
	for _, base := range near[:min(len(near), mostBases)] {
		b := &w.spots[base]
		var times [differences]int
		for more := true; more; more = count(times[:len(steps)]) {
			var squared float64
			for i := range steps {
				squared += float64(times[i]*times[i]) * steps[i].squared
			}
			if squared == 0 && b.apart != nil {
				continue // both have been asked
			}
			original, compressed := math.Inf(1), math.Inf(1)
			for r, l := range labels {
				lead := b.leads[l]
				for i := range steps {
					lead += float64(times[i]) * moves[i*len(labels)+r]
				}
				original, compressed = min(original, lead), min(compressed, lead-apart[l])
			}
			wrong := slope*min(bends*squared, mostBends*math.Sqrt(squared)) + shakes
			half, mean := math.Abs(original-compressed)/2, (original+compressed)/2
			if math.Abs(mean) > half+4*wrong {
				continue
			}
			hits := chance(half, mean, wrong)
			if len(best) == chances && hits <= best[chances-1].hits {
				continue
			}
			at := len(best)
			for at > 0 && best[at-1].hits < hits {
				at--
			}
			best = slices.Insert(best, at, combination{base, steps, times, hits})
			best = best[:min(len(best), chances)]
		}
	}
	return best
}

// count goes from one choice of how often each difference is added to the next; from none over all, and false after the last.
func count(times []int) bool {
	for i := range times {
		if times[i]++; times[i] > mostTimes {
			times[i] = -mostTimes
		}
		if times[i] != 0 {
			return true
		}
	}
	return false
}

// chance is how likely a value is at most so far from 0, either way, that is expected at the mean and normally distributed.
func chance(half, mean, deviation float64) float64 {
	scale := deviation * math.Sqrt2
	return (math.Erf((half-mean)/scale) + math.Erf((half+mean)/scale)) / 2
}

// lowest are the indices of the n lowest values, of those that are finite.
func lowest(values []float64, n int) []int {
	var low []int
	for i, v := range values {
		if math.IsInf(v, 0) {
			continue
		}
		at := len(low)
		for at > 0 && values[low[at-1]] > v {
			at--
		}
		if at < n {
			low = slices.Insert(low, at, i)
			low = low[:min(n, len(low))]
		}
	}
	return low
}

// differencesOf are the smallest differences between spots.
func (w *narrowWay) differencesOf(spots []int) []difference {
	inputs := make([]input.Input, len(spots))
	for i, at := range spots {
		inputs[i] = w.unpack(at)
	}
	var all []difference
	for i := range spots {
		for j := range i {
			d := difference{from: spots[j], to: spots[i]}
			domain, uniform := inputs[i].Domain, inputs[i].Uniform()
			for k, v := range inputs[i].Data {
				if by := v - inputs[j].Data[k]; by != 0 {
					if !uniform {
						domain = inputs[i].DomainAt(k)
					}
					steps := float64(by) / stepOf(domain)
					d.squared += steps * steps
				}
			}
			if d.squared > 0 {
				all = append(all, d)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b difference) int { return cmp.Compare(a.squared, b.squared) })
	return all[:min(len(all), differences)]
}

// stepOf is the step of a value, and what counts as one where it has none.
func stepOf(d input.Domain) float64 {
	if d.Step > 0 {
		return float64(d.Step)
	}
	return float64(d.Range()) / 255
}

// unpack is the input of a spot, in memory that is lent.
func (w *narrowWay) unpack(at int) input.Input {
	s := &w.spots[at]
	if w.inputs == nil {
		w.values, w.inputs = lentValues.of(s.input.Len()), map[int]input.Input{}
	}
	in, ok := w.inputs[at]
	if !ok {
		in = s.input.UnpackInto(w.values.take())
		w.inputs[at] = in
	}
	return in
}

// combined writes combinations that are worth asking, and returns how many: one for both models, or up to two for the original.
func (w *narrowWay) combined(room []input.Input) (n int) {
	for _, c := range w.combine() {
		if n == len(room) || c.hits < worthOne {
			break
		}
		if !w.add(room[n], c, n) {
			continue
		}
		w.waits[n] = spot{t: w.spots[c.base].t, off: true, hash: vec.Hash(room[n].Data)}
		n++
		if n == 1 && c.hits >= worthBoth {
			w.both = true
			return 1
		}
	}
	return n
}

// add writes a combination as candidate n. It is false where values would leave their domains, or where the input was asked already.
func (w *narrowWay) add(dst input.Input, c combination, n int) bool {
	base := w.unpack(c.base)
	copy(dst.Data, base.Data)
	known := true
	for i, d := range c.steps {
		times := float32(c.times[i])
		if times == 0 {
			continue
		}
		known = false
		from, to := w.unpack(d.from), w.unpack(d.to)
		for k := range dst.Data {
			if by := to.Data[k] - from.Data[k]; by != 0 {
				dst.Data[k] += times * by
			}
		}
	}
	if known { // by the original: in the gap, it seems
		return true
	}
	domain, uniform := dst.Domain, dst.Uniform()
	for k, v := range dst.Data {
		if !uniform {
			domain = dst.DomainAt(k)
		}
		if v < domain.Min || v > domain.Max {
			return false
		}
		dst.Data[k] = domain.Snap(v)
	}
	return !w.isKnown(dst.Data, n)
}
