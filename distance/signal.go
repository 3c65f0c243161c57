package distance

import (
	"math"

	"github.com/triggerfinder/triggerfinder/input"
)

const (
	// waveChannels is how many features a signal of the shape [time, features] has at most that is divided as a wave is.
	waveChannels = 8
	// waveSegment and frameSegment are how many moments a segment has: of a wave, 16 ms at 16,000 samples a second, and of features such as
	// those of a spectrogram, 80 ms where one frame comes each 10 ms.
	waveSegment, frameSegment = 256, 8
	// hush is the loudness, as a share of half the domain's range, that a segment counts as at least having: -60 dB. What is added to silence counts.
	hush = 1e-3
)

// segmental is the similarity of signals: the mean, over segments of time, of S/(S+N), where S is the power of the seed about its mean and N
// that of the change. A change counts more where the seed is quiet, as it is heard there. A segment's ratio of signal to noise of 20 dB is 0.99, and one of 0 dB is 0.5.
type segmental struct {
	seed    []float32
	length  int       // values in a segment
	signals []float64 // energies of the segments
}

var _ Weigher = (*segmental)(nil)

func similarSignals(seed input.Input) Similarity {
	if s := newSegmental(seed); s != nil {
		return s
	}
	return nil
}

// newSegmental is nil for what is no signal, and where domains differ: powers of different units do not add up.
func newSegmental(seed input.Input) *segmental {
	if len(seed.Data) == 0 || seed.Kind != input.Signal || len(seed.Shape) == 0 || len(seed.Shape) > 2 || !seed.Uniform() {
		return nil
	}
	features := len(seed.Data) / max(seed.Shape[0], 1)
	length := waveSegment
	if features > waveChannels {
		length = frameSegment
	}
	s := &segmental{seed: seed.Data, length: length * features}
	mean := 0.0
	for _, v := range seed.Data {
		mean += float64(v)
	}
	mean /= float64(len(seed.Data))
	least := hush * float64(seed.Domain.Range()) / 2
	for from := 0; from < len(seed.Data); from += s.length {
		values := seed.Data[from:min(from+s.length, len(seed.Data))]
		energy := float64(least * least * float64(len(values)))
		for _, v := range values {
			energy += square(float64(v) - mean)
		}
		s.signals = append(s.signals, energy)
	}
	return s
}

// noise is the energy of the change in a segment.
func (s *segmental) noise(data []float32, segment int) float64 {
	from := segment * s.length
	to := min(from+s.length, len(s.seed))
	data, seed, sum := data[from:to], s.seed[from:to], 0.0
	for i, v := range seed {
		sum += square(float64(data[i]) - float64(v))
	}
	return sum
}

// To implements [Similarity].
func (s *segmental) To(data []float32) float64 {
	lost := 0.0
	for i, signal := range s.signals {
		if noise := s.noise(data, i); noise > 0 {
			lost += noise / (signal + noise)
		}
	}
	return 1 - lost/float64(len(s.signals))
}

// Weights implements [Weigher].
func (s *segmental) Weights(dst []float32) {
	for i := range dst {
		dst[i] = float32(1 / float64(s.signals[i/s.length]*float64(len(s.signals))))
	}
}

// SNR is the ratio of signal to noise in dB when an input takes the place of a signal: the power of the signal about its mean to that of the
// change, both of all values. It is infinite for equal inputs; false for what is no signal [time] or [time, features] of one domain, and for an input that
// is not like it.
func SNR(signal, in input.Input) (dB float64, ok bool) {
	s := newSegmental(signal)
	if s == nil || !in.Like(signal) {
		return 0, false
	}
	energy, noise := 0.0, 0.0
	for i, v := range s.signals {
		energy, noise = energy+v, noise+s.noise(in.Data, i)
	}
	return ratio(energy, noise), true
}

// SegmentalSNR is the mean of that ratio over segments of time, each limited to -10 to 35 dB (Hansen and Pellom, ICSLP 1998): 35 for equal inputs. Segments
// are of 256 moments, or of 8 where there are more than 8 features.
func SegmentalSNR(signal, in input.Input) (dB float64, ok bool) {
	s := newSegmental(signal)
	if s == nil || !in.Like(signal) {
		return 0, false
	}
	for i, v := range s.signals {
		dB += min(max(ratio(v, s.noise(in.Data, i)), -10), 35)
	}
	return dB / float64(len(s.signals)), true
}

func ratio(signal, noise float64) float64 { return 10 * math.Log10(signal/noise) }
