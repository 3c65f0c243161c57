package signal

import (
	"math"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/exact"
	"github.com/triggerfinder/triggerfinder/internal/fft"
)

// quietest is the loudness, as a share of full scale, that a signal counts as at least having: silence gets noise too.
const quietest = 1e-3

// WhiteNoise returns the operator "white-noise": normally distributed noise is added, the same at all frequencies. At severity 1 the
// ratio of signal to noise is snr, in dB from -60 to 100, and at others the amplitude of the noise is that share of it: at 0.1 the
// ratio is 20 dB better. The power of the signal is its variance; a signal of less than -60 dB of full scale
// counts as that loud. It takes any signal.
func WhiteNoise(snr float64) (input.SeverityMutator, error) {
	return noise("white-noise", snr, (*work).white)
}

// PinkNoise returns the operator "pink-noise": as [WhiteNoise], but with a power that falls with the frequency f as 1/f over the time of each feature, as
// that of rain, traffic and many voices does.
func PinkNoise(snr float64) (input.SeverityMutator, error) {
	return noise("pink-noise", snr, (*work).pink)
}

func noise(name string, snr float64, draw func(w *work)) (input.SeverityMutator, error) {
	return checked(operator{name, anySignal, func(w *work, severity float64) {
		draw(w)
		amplitude := float64(severity * max(deviation(w.in, w.mean), quietest*w.most) * decibels(-snr))
		if loudness := deviation(w.out, 0); loudness > 0 {
			amplitude /= loudness
		}
		for i, v := range w.in {
			w.out[i] = v + float64(amplitude*w.out[i])
		}
	}}, "a ratio of signal to noise, in dB, of", snr, -60, 100)
}

// white sets out to noise.
func (w *work) white() {
	for i := range w.out {
		w.out[i] = w.rng.NormFloat64()
	}
}

// pink sets out to noise that was filtered by 1/sqrt(f).
func (w *work) pink() {
	n := fft.Length(w.times)
	w.spectrum = sized(w.spectrum, n)
	for feature := range w.features {
		for i := range w.spectrum {
			w.spectrum[i] = fft.Complex{Re: w.rng.NormFloat64()}
		}
		fft.Forward(w.spectrum)
		for k := range w.spectrum {
			f := max(min(k, n-k), 1)
			share := 1 / math.Sqrt(float64(f))
			w.spectrum[k] = fft.Complex{Re: float64(w.spectrum[k].Re * share), Im: float64(w.spectrum[k].Im * share)}
		}
		fft.Inverse(w.spectrum)
		for t := range w.times {
			w.out[t*w.features+feature] = w.spectrum[t].Re
		}
	}
}

// deviation is the root of the mean square of what lies off a middle.
func deviation(values []float64, middle float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += float64((v - middle) * (v - middle))
	}
	return math.Sqrt(sum / float64(len(values)))
}

// decibels is the factor of amplitudes that a number of dB stands for.
func decibels(dB float64) float64 { return exact.Exponential(float64(dB * math.Ln10 / 20)) }
