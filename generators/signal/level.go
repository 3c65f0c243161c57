package signal

import (
	"math"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/exact"
)

// Gain returns the operator "gain": the signal becomes louder or quieter, by up to dB, from 0.1 to 60, at severity 1. What exceeds the
// domain is clipped. It takes waves: signals [time], or [time, channels] of at most 8 channels.
func Gain(dB float64) (input.SeverityMutator, error) {
	return checked(operator{"gain", wave, func(w *work, severity float64) {
		factor := decibels(w.direction() * dB * severity)
		for i, v := range w.in {
			w.out[i] = w.rest + float64((v-w.rest)*factor)
		}
	}}, "a change, in dB, of", dB, 0.1, 60)
}

// Clipping returns the operator "clipping": what is farther from silence than a level is cut off, as by a microphone that is driven too
// hard. The level falls from the signal's peak to that share of it, from 0.001 to 1, at severity 1. It takes waves.
func Clipping(level float64) (input.SeverityMutator, error) {
	return checked(operator{"clipping", wave, func(w *work, severity float64) {
		peak := 0.0
		for _, v := range w.in {
			peak = max(peak, math.Abs(v-w.rest))
		}
		most := float64(peak * mix(1, level, severity))
		for i, v := range w.in {
			w.out[i] = min(max(v, w.rest-most), w.rest+most)
		}
	}}, "a level of", level, 0.001, 1)
}

// MuLaw returns the operator "mu-law": samples are rounded as by the µ-law of ITU-T G.711 (µ = 255) with so many bits, 2 to 12, where G.711
// has 8. A severity is the share of the rounding error that is added. It takes waves.
func MuLaw(bits int) (input.SeverityMutator, error) {
	const mu = 255.0
	whole := exact.Logarithm(1 + mu)
	return quantised("mu-law", bits, 12, func(v, levels float64) float64 {
		size := min(math.Abs(v), 1)
		squeezed := exact.Logarithm(1+float64(mu*size)) / whole
		squeezed = math.Floor(float64(squeezed*levels)+0.5) / levels
		return math.Copysign((exact.Exponential(float64(squeezed*whole))-1)/mu, v)
	})
}

// FewerBits returns the operator "fewer-bits": samples are rounded to so many bits, 2 to 16. A severity is the share of the rounding error
// that is added. It takes waves.
func FewerBits(bits int) (input.SeverityMutator, error) {
	return quantised("fewer-bits", bits, 16, func(v, levels float64) float64 {
		return math.Floor(float64(v*levels)+0.5) / levels
	})
}

// quantised rounds samples, given as shares of full scale, to levels above silence and as many below.
func quantised(name string, bits, most int, round func(v, levels float64) float64) (input.SeverityMutator, error) {
	levels := math.Ldexp(1, bits-1) - 1
	return checked(operator{name, wave, func(w *work, severity float64) {
		for i, v := range w.in {
			w.out[i] = mix(v, w.rest+float64(round((v-w.rest)/w.most, levels)*w.most), severity)
		}
	}}, "bits", float64(bits), 2, float64(most))
}
