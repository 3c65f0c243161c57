package signal

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/triggerfinder/triggerfinder/generators/internal/severity"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/fft"
)

// Products are converted to float64 before they are added to, which forbids the compiler to fuse the two steps into one with
// another rounding: a mutant must not depend on the machine.

// mostChannels is how many features a signal has at most that operators of waves take: those of a sound of 7.1 channels.
const mostChannels = 8

// need is what signals an operator takes.
type need int

const (
	anySignal need = iota // [time] or [time, features]
	wave                  // [time], or [time, channels] of a few channels
	featured              // [time, features] of at least two features
)

// operator changes a signal by a severity.
type operator struct {
	name  string
	needs need
	// change sets out of the work to the changed values of in, which need not be in the domain, and is a continuous function of the
	// severity, more than 0 and at most 1. What it draws must not depend on the severity.
	change func(w *work, severity float64)
}

var (
	_ input.SeverityMutator = (*operator)(nil)
	_ input.InputSupporter  = (*operator)(nil)
)

// sizeOf is the number of moments and of features at each.
func sizeOf(in input.Input) (times, features int, ok bool) {
	if in.Kind != input.Signal {
		return 0, 0, false
	}
	switch len(in.Shape) {
	case 1:
		return in.Shape[0], 1, true
	case 2:
		return in.Shape[0], in.Shape[1], true
	}
	return 0, 0, false
}

// met reports whether the input is what an operator takes.
func (n need) met(in input.Input) bool {
	_, features, ok := sizeOf(in)
	switch n {
	case wave:
		return ok && features <= mostChannels
	case featured:
		return ok && features > 1
	}
	return ok
}

// Supports implements [input.InputSupporter].
func (o *operator) Supports(in input.Input) error {
	if o.needs.met(in) {
		return nil
	}
	expected := "a signal, shape [time] or [time features]"
	switch o.needs {
	case wave:
		expected = fmt.Sprintf("a wave, a signal of the shape [time], or [time channels] of at most %d channels", mostChannels)
	case featured:
		expected = "a signal of the shape [time features] with at least 2 features"
	}
	return fmt.Errorf("%s: expected %s, found %s", o.name, expected, in)
}

// String implements [input.Mutator].
func (o *operator) String() string { return o.name }

// Mutate implements [input.Mutator]: it draws a severity and a stream for MutateAt.
func (o *operator) Mutate(dst, src input.Input, rng *rand.Rand) {
	severity.Mutate(o, dst, src, rng)
}

// MutateAt implements [input.SeverityMutator]. A severity outside 0..1 counts as the nearest inside.
func (o *operator) MutateAt(dst, src input.Input, severity float64, stream uint64) {
	if !o.needs.met(src) || !(severity > 0) {
		copy(dst.Data, src.Data)
		return
	}
	w := rooms.Get().(*work)
	defer rooms.Put(w)
	w.load(src)
	w.source.Seed(stream, 0)
	o.change(w, min(severity, 1))
	w.store(dst, src)
}

// work is a signal that is being changed, with room for it that is used again and again, so that none is allocated for a mutant.
type work struct {
	source          rand.PCG
	rng             *rand.Rand
	times, features int
	in, out         []float64 // by time and feature; where domains differ, shares of them
	most            float64   // half of the domain's range: full scale
	rest            float64   // silence: 0 where it lies inside the domain, or else its middle
	mean            float64   // of all values
	spectrum, other []fft.Complex
}

var rooms = sync.Pool{New: func() any {
	w := new(work)
	w.rng = rand.New(&w.source)
	return w
}}

// sized is a slice of n values, which are any.
func sized[T any](s []T, n int) []T {
	return slices.Grow(s[:0], n)[:n]
}

func (w *work) load(src input.Input) {
	w.times, w.features, _ = sizeOf(src)
	w.in, w.out = sized(w.in, len(src.Data)), sized(w.out, len(src.Data))
	sum, uniform := 0.0, src.Uniform()
	for i, v := range src.Data {
		w.in[i] = float64(v)
		if !uniform {
			w.in[i] = shareOf(v, src.DomainAt(i))
		}
		sum += w.in[i]
	}
	w.mean = sum / float64(len(w.in))
	if !uniform {
		w.most, w.rest = 0.5, 0.5
		return
	}
	low, high := float64(src.Domain.Min), float64(src.Domain.Max)
	w.most, w.rest = (high-low)/2, (low+high)/2
	if low < 0 && 0 < high {
		w.rest = 0
	}
}

func (w *work) store(dst, src input.Input) {
	out := dst.Data[:len(src.Data)]
	if src.Uniform() {
		for i, v := range w.out {
			out[i] = src.Domain.Snap(float32(v))
		}
		return
	}
	for i, v := range w.out {
		own := src.DomainAt(i)
		if out[i] = src.Data[i]; v != w.in[i] {
			out[i] = own.Snap(float32(float64(own.Min) + float64(v*(float64(own.Max)-float64(own.Min)))))
		}
	}
}

// shareOf is where in its domain a value lies, from 0 to 1.
func shareOf(v float32, d input.Domain) float64 {
	return (float64(v) - float64(d.Min)) / (float64(d.Max) - float64(d.Min))
}

// at is the value of a feature at any time: on a smooth curve through the samples (Catmull and Rom's), and the mean of the signal
// before and after it.
func (w *work) at(time float64, feature int) float64 {
	if !(time > -2 && time < float64(w.times)+1) {
		return w.mean
	}
	first := floor(time)
	t := time - float64(first)
	if t == 0 {
		return w.sample(first, feature)
	}
	a, b, c, d := w.sample(first-1, feature), w.sample(first, feature), w.sample(first+1, feature), w.sample(first+2, feature)
	// b + t/2 ((c-a) + t ((2a-5b+4c-d) + t (3(b-c)+d-a)))
	third := float64(t * (float64(3*(b-c)) + d - a))
	second := float64(t * (float64(2*a) - float64(5*b) + float64(4*c) - d + third))
	return b + float64(t/2*(c-a+second))
}

func floor(v float64) int {
	n := int(v)
	if float64(n) > v {
		n--
	}
	return n
}

func (w *work) sample(time, feature int) float64 {
	if time < 0 || time >= w.times {
		return w.mean
	}
	return w.in[time*w.features+feature]
}

// direction is 1 or -1.
func (w *work) direction() float64 {
	if w.rng.Uint64()>>63 == 1 {
		return 1
	}
	return -1
}

// mix goes from a to b while t goes from 0 to 1.
func mix(a, b, t float64) float64 { return a + float64((b-a)*t) }

// checked makes an operator whose parameter has to lie in an interval, which also refuses NaN and infinity.
func checked(o operator, parameter string, value, lowest, highest float64) (input.SeverityMutator, error) {
	if !(lowest <= value && value <= highest) {
		return nil, fmt.Errorf("signal: %s: %s %g: expected %g to %g", o.name, parameter, value, lowest, highest)
	}
	return &o, nil
}
