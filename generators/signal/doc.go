// Package signal is what inputs of the kind input.Signal come from: sounds and other measurements over time, of the shape
// [time], or [time, features] such as a spectrogram or a sound of several channels.
//
//   - mutation operators with severities, from [Corruptions] or made one by one: noise ([WhiteNoise], [PinkNoise]), level ([Gain],
//     [Clipping]), time ([TimeShift], [TimeStretch], [TimeMask]), spectrum ([LowPass], [HighPass], [FrequencyMask]),
//     codecs ([MuLaw], [FewerBits]) and rooms ([Reverb])
//   - seeds from WAV files: [WAV], one file; [Folder] and [FolderFS], many of them, one folder a class
//
// The constructors of operators take what is done at severity 1, in units that need no sampling rate: decibels, bits, shares of the signal's
// length, and frequencies as shares of half the sampling rate. A telephone's 3,400 Hz at 16,000 samples a second is 0.425. Mutants draw
// severities from 0.1 to 1; generators.Corrupted draws those that it is told:
//
//	generators.Corrupted(seeds).WithSeverity(generators.Between(0.1, 0.5))
//
// Searches of signals, and generators.Corrupted, take those of [Corruptions] by themselves.
package signal
