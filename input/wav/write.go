package wav

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Encode makes a file of samples, channel by channel of each moment, with the rate, channels, bits and float of the header. PCM is of 8, 16 or 24
// bits; samples are rounded, and clipped to full scale. Floats are of 32 bits.
func Encode(h Header, samples []float32) ([]byte, error) {
	switch {
	case h.Rate < 1 || h.Rate > math.MaxInt32:
		return nil, fmt.Errorf("wav: expected a sampling rate of at least 1 Hz, found %d", h.Rate)
	case h.Channels < 1 || h.Channels > MostChannels || len(samples) == 0 || len(samples)%h.Channels != 0:
		return nil, fmt.Errorf("wav: expected samples of 1 to %d channels, found %d samples of %d channels", MostChannels, len(samples), h.Channels)
	case h.Float && h.Bits != 32 || !h.Float && h.Bits != 8 && h.Bits != 16 && h.Bits != 24:
		return nil, fmt.Errorf("wav: expected PCM of 8, 16 or 24 bits, or float of 32 bits, found %d bits (float: %t)", h.Bits, h.Float)
	case len(samples) > math.MaxInt32/8:
		return nil, fmt.Errorf("wav: expected at most %d samples, found %d", math.MaxInt32/8, len(samples))
	}
	format, size := uint16(pcm), len(samples)*h.Bits/8
	if h.Float {
		format = float
	}
	order := binary.LittleEndian
	file := make([]byte, 0, 44+size+1)
	file = append(file, "RIFF"...)
	file = order.AppendUint32(file, uint32(36+size+size%2))
	file = append(file, "WAVEfmt "...)
	file = order.AppendUint32(file, 16)
	file = order.AppendUint16(file, format)
	file = order.AppendUint16(file, uint16(h.Channels))
	file = order.AppendUint32(file, uint32(h.Rate))
	file = order.AppendUint32(file, uint32(min(h.Rate*h.FrameSize(), math.MaxUint32)))
	file = order.AppendUint16(file, uint16(h.FrameSize()))
	file = order.AppendUint16(file, uint16(h.Bits))
	file = append(file, "data"...)
	file = order.AppendUint32(file, uint32(size))
	full := math.Ldexp(1, h.Bits-1)
	for _, v := range samples {
		if h.Float {
			file = order.AppendUint32(file, math.Float32bits(v))
			continue
		}
		n := int32(0)
		if v == v { // no NaN
			n = int32(min(max(math.Floor(float64(v)*full+0.5), -full), full-1))
		}
		switch h.Bits {
		case 8:
			file = append(file, byte(n+128))
		case 16:
			file = order.AppendUint16(file, uint16(n))
		default:
			file = append(file, byte(n), byte(n>>8), byte(n>>16))
		}
	}
	if size%2 == 1 {
		file = append(file, 0)
	}
	return file, nil
}
