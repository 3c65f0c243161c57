// Package wav reads and writes sounds in WAV files (RIFF): PCM of 8, 16, 24 and 32 bits, and floating point of 32 and 64 bits, with any number of
// channels up to 64, also in the extensible form of the header.
//
// Samples are numbers of which -1 to 1 is full scale, as PyTorch, librosa and soundfile have them: a sample of 16 bits is divided by 32768.
//
// Readers are strict and bounded: a damaged file is an error, makes no more samples than it holds, and never panics. A large file need not be read at
// once: [ReadHeader] tells where its samples begin. Errors say what was expected and found; who knows the name of the file puts it in front.
package wav
