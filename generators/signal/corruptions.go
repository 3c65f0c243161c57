package signal

import (
	"slices"

	"github.com/triggerfinder/triggerfinder/input"
)

// corruptions are the operators of that set.
var corruptions = func() []input.SeverityMutator {
	must := func(m input.SeverityMutator, err error) input.SeverityMutator {
		if err != nil {
			panic(err) // cannot happen: the parameters are part of the program
		}
		return m
	}
	return []input.SeverityMutator{
		must(WhiteNoise(0)), must(PinkNoise(0)),
		must(Gain(12)), must(Clipping(0.1)),
		must(TimeShift(0.1)), must(TimeStretch(1.25)),
		must(LowPass(0.1)), must(HighPass(0.2)),
		must(MuLaw(4)), must(FewerBits(5)),
		must(TimeMask(0.2)), must(FrequencyMask(27. / 80)),
		must(Reverb(0.5)),
	}
}()

// Corruptions returns operators that make natural changes of a severity, as strong at severity 1 as the strongest in use:
//
//   - [WhiteNoise] and [PinkNoise] at 0 dB, the lowest ratio that Kaldi's recipes mix speech with noises of MUSAN at (Snyder and others, arXiv 1510.08484)
//   - [Gain] of 12 dB, as the default of audiomentations' Gain; [Clipping] to a tenth of the peak, which is 20 dB
//   - [TimeShift] by a tenth, as TensorFlow's example on speech commands has it: 100 ms of a second (Warden, arXiv 1804.03209)
//   - [TimeStretch] by 1.25, as the default of audiomentations' TimeStretch
//   - [LowPass] at 0.1 and [HighPass] at 0.2 of half the sampling rate: 800 and 1,600 Hz of 16,000 samples a second
//   - [MuLaw] of 4 bits a sample, as many as ITU-T G.726 has at 32 kbit/s; [FewerBits] to 5, the least that audiomentations' BitCrush draws by default
//   - [TimeMask] of a fifth of the time and [FrequencyMask] of 27 of 80 features, as SpecAugment has them (Park and others, arXiv 1904.08779)
//   - [Reverb] with a time of reverberation of half the length, as loud as the direct sound
//
// Mutants draw severities from 0.1..1. As a path from an input, each is a continuous function of its severity from 0, the input itself, to 1. Directions,
// positions, echoes and noise are those of the path's stream. Noise, time shift and stretch, and the time mask take any signal; the frequency
// mask takes one of at least 2 features, and the others a wave: [time], or [time, channels] of at most 8 channels. All take any domain.
func Corruptions() []input.SeverityMutator { return slices.Clone(corruptions) }
