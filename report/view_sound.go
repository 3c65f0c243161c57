package report

import (
	"bytes"
	"fmt"

	"github.com/triggerfinder/triggerfinder/input/wav"
)

// Sound is a sound in a [View].
type Sound struct {
	Name string // some words that stand beside it
	File string // in the trigger's folder, such as "seed.wav"; "" for none
	WAV  []byte // all of the file
	// At is the moment, in samples of a channel from the first on, that an excerpt should have in its middle.
	At int
}

func (s Sound) check() error {
	if s.Name == "" {
		return fmt.Errorf("expected a Name, found none")
	}
	if _, err := wav.ReadHeader(bytes.NewReader(s.WAV), int64(len(s.WAV))); err != nil {
		return fmt.Errorf("%s: %w", s.File, err)
	}
	return nil
}

// Excerpt is a sound of at most so many bytes for a page: the sound itself, or where that is longer, the moments around At, in one channel
// of 16 bits. From is where it begins and seconds how long it is. It is false where less than a quarter of a second would be left.
func (s Sound) Excerpt(most int) (short Sound, from, seconds float64, ok bool) {
	h, err := wav.ReadHeader(bytes.NewReader(s.WAV), int64(len(s.WAV)))
	if err != nil || h.Rate < 1 {
		return Sound{}, 0, 0, false
	}
	if len(s.WAV) <= most {
		return s, 0, float64(h.Frames) / float64(h.Rate), true
	}
	const head, perSample = 64, 2
	n := min((most-head)/perSample, h.Frames)
	if n < h.Rate/4 && n < h.Frames || n < 1 {
		return Sound{}, 0, 0, false
	}
	first := min(max(s.At-n/2, 0), h.Frames-n)
	samples, err := h.Read(bytes.NewReader(s.WAV), first, n)
	if err != nil {
		return Sound{}, 0, 0, false
	}
	mono := make([]float32, n)
	for i := range mono {
		for _, v := range samples[i*h.Channels : (i+1)*h.Channels] {
			mono[i] += v / float32(h.Channels)
		}
	}
	short = s
	if short.WAV, err = wav.Encode(wav.Header{Rate: h.Rate, Channels: 1, Bits: 16}, mono); err != nil {
		return Sound{}, 0, 0, false
	}
	return short, float64(first) / float64(h.Rate), float64(n) / float64(h.Rate), true
}
