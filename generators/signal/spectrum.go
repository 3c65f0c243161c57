package signal

import (
	"math"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/exact"
	"github.com/triggerfinder/triggerfinder/internal/fft"
)

// LowPass returns the operator "low-pass": frequencies above a limit are taken out, as by a telephone. The limit falls to that share of half the
// sampling rate, 0.001 to 1, at severity 1; at others it is that one divided by the severity. Near it the gain is that of a Butterworth
// filter of order 4, at which the limit itself has lost 3 dB, without its delay. It takes waves.
func LowPass(limit float64) (input.SeverityMutator, error) {
	return checked(operator{"low-pass", wave, func(w *work, severity float64) {
		w.filter(func(f float64) float64 { return butterworth(float64(f*severity) / limit) })
	}}, "a share of half the sampling rate of", limit, 0.001, 1)
}

// HighPass returns the operator "high-pass": frequencies below a limit are taken out, as by a small loudspeaker; the mean stays. The
// limit rises with the severity, to that share of half the sampling rate, 0.001 to 1, at 1. Near it the gain is as that of [LowPass]. It takes waves.
func HighPass(limit float64) (input.SeverityMutator, error) {
	return checked(operator{"high-pass", wave, func(w *work, severity float64) {
		w.filter(func(f float64) float64 {
			if f == 0 {
				return 1
			}
			return butterworth(float64(limit*severity) / f)
		})
	}}, "a share of half the sampling rate of", limit, 0.001, 1)
}

// butterworth is the gain at so many times the limit.
func butterworth(ratio float64) float64 {
	if ratio > 1e30 { // whose power is too large
		return 0
	}
	square := float64(ratio * ratio)
	fourth := float64(square * square)
	return 1 / math.Sqrt(1+float64(fourth*fourth))
}

// filter multiplies what each frequency, as a share of half the sampling rate, has. Before and after the signal lies its mirror image, so
// that its ends do not meet.
func (w *work) filter(gain func(f float64) float64) {
	n := fft.Length(2 * w.times)
	w.spectrum = sized(w.spectrum, n)
	for feature := range w.features {
		for i := range w.spectrum {
			w.spectrum[i] = fft.Complex{Re: w.in[w.mirrored(i, n)*w.features+feature]}
		}
		fft.Forward(w.spectrum)
		for k, v := range w.spectrum {
			g := gain(float64(min(k, n-k)) / float64(n/2))
			w.spectrum[k] = fft.Complex{Re: float64(v.Re * g), Im: float64(v.Im * g)}
		}
		fft.Inverse(w.spectrum)
		for t := range w.times {
			w.out[t*w.features+feature] = w.spectrum[t].Re
		}
	}
}

// mirrored is the time that stands at place i of n, of which the last ones come before the first.
func (w *work) mirrored(i, n int) int {
	if i >= w.times+(n-w.times)/2 {
		i = n - 1 - i // mirrored at the beginning: -1 is 0
	}
	i %= 2 * w.times
	if i >= w.times {
		i = 2*w.times - 1 - i
	}
	return i
}

// Reverb returns the operator "reverb": echoes as those of a room are added, by a random impulse response that decays exponentially, by 60 dB in that share of the
// signal's length, 0.001 to 10 (Polack's model of 1988). At severity 1 echoes have the energy of the direct sound, and at others their amplitude is that
// share. The loudness stays about what it is. It takes waves, all channels of which have the same response.
func Reverb(share float64) (input.SeverityMutator, error) {
	return checked(operator{"reverb", wave, func(w *work, severity float64) {
		n := fft.Length(2 * w.times)
		w.spectrum, w.other = sized(w.spectrum, n), sized(w.other, n)
		w.response(share)
		fft.Forward(w.other)
		loudness := 1 / math.Sqrt(1+float64(severity*severity))
		for feature := range w.features {
			clear(w.spectrum)
			for t := range w.times {
				w.spectrum[t].Re = w.in[t*w.features+feature] - w.rest
			}
			fft.Forward(w.spectrum)
			for k, v := range w.spectrum {
				w.spectrum[k] = v.Times(w.other[k])
			}
			fft.Inverse(w.spectrum)
			for t := range w.times {
				at := t*w.features + feature
				w.out[at] = w.rest + float64(loudness*(w.in[at]-w.rest+float64(severity*w.spectrum[t].Re)))
			}
		}
	}}, "a time of reverberation, as a share of the length, of", share, 0.001, 10)
}

// response sets other to the echoes of a sound at time 0, whose energy is 1.
func (w *work) response(share float64) {
	clear(w.other)
	decay := exact.Exponential(-math.Ln10 * 3 / max(float64(share*float64(w.times)), 1))
	amplitude, energy := 1.0, 0.0
	for t := 1; t < w.times; t++ {
		amplitude = float64(amplitude * decay)
		v := float64(amplitude * w.rng.NormFloat64())
		w.other[t].Re = v
		energy += float64(v * v)
	}
	if energy == 0 {
		return
	}
	scale := 1 / math.Sqrt(energy)
	for t := range w.times {
		w.other[t].Re = float64(w.other[t].Re * scale)
	}
}
