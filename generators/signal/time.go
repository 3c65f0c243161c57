package signal

import (
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/exact"
)

// TimeShift returns the operator "time-shift": the signal comes sooner or later, by up to that share of its length, 0.001 to 1, at
// severity 1. Where nothing is left, it is at its mean. Between samples a curve goes through them. It takes any signal.
func TimeShift(share float64) (input.SeverityMutator, error) {
	return checked(operator{"time-shift", anySignal, func(w *work, severity float64) {
		shift := float64(w.direction() * share * severity * float64(w.times))
		w.warp(-shift, 1)
	}}, "a share of the length of", share, 0.001, 1)
}

// TimeStretch returns the operator "time-stretch": the signal becomes slower or faster, by up to that factor, 1.01 to 4, at severity 1. It
// is resampled about its middle, to the same length: pitch changes with speed, and where nothing is left it is at its mean. It takes any signal.
func TimeStretch(factor float64) (input.SeverityMutator, error) {
	logarithm := 0.0
	if factor > 0 {
		logarithm = exact.Logarithm(factor)
	}
	return checked(operator{"time-stretch", anySignal, func(w *work, severity float64) {
		speed := exact.Exponential(float64(w.direction() * logarithm * severity))
		middle := float64(w.times-1) / 2
		w.warp(middle-float64(middle*speed), speed)
	}}, "a factor of", factor, 1.01, 4)
}

// warp reads the signal from a time on, at a speed.
func (w *work) warp(from, speed float64) {
	for t := range w.times {
		time := from + float64(speed*float64(t))
		for feature := range w.features {
			w.out[t*w.features+feature] = w.at(time, feature)
		}
	}
}

// TimeMask returns the operator "time-mask": a stretch of time is set to the signal's mean, as by SpecAugment. At severity 1 it is
// that share of the length, 0.001 to 1; it grows from its middle. It takes any signal.
func TimeMask(share float64) (input.SeverityMutator, error) {
	return checked(operator{"time-mask", anySignal, func(w *work, severity float64) {
		m := w.mask(w.times, share, severity)
		for t := range w.times {
			m.cover(w, t, t*w.features, 1, w.features)
		}
	}}, "a share of the length of", share, 0.001, 1)
}

// FrequencyMask returns the operator "frequency-mask": neighbouring features are set to the signal's mean, as by SpecAugment. At severity 1
// they are that share of the features, 0.001 to 1; the mask grows from its middle. It takes signals of at least 2 features.
func FrequencyMask(share float64) (input.SeverityMutator, error) {
	return checked(operator{"frequency-mask", featured, func(w *work, severity float64) {
		m := w.mask(w.features, share, severity)
		for f := range w.features {
			m.cover(w, f, f, w.features, w.times)
		}
	}}, "a share of the features of", share, 0.001, 1)
}

// mask is an interval; values at its ends are covered in part.
type mask struct{ low, high float64 }

// mask draws where an interval lies among n values, such that it is inside when it is largest.
func (w *work) mask(n int, share, severity float64) mask {
	most := float64(share * float64(n))
	middle := most/2 + float64(w.rng.Float64()*(float64(n)-most))
	half := float64(most * severity / 2)
	return mask{middle - half, middle + half}
}

// cover mixes n values from first on, that have place i in the mask, with the mean.
func (m mask) cover(w *work, i, first, stride, n int) {
	share := max(min(m.high, float64(i+1))-max(m.low, float64(i)), 0)
	for j := range n {
		at := first + j*stride
		w.out[at] = mix(w.in[at], w.mean, share)
	}
}
