package wav

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

const (
	// MostChannels is how many channels a file may have.
	MostChannels = 64
	// mostChunks is how many chunks may stand in front of the samples.
	mostChunks = 1000
	// openEnd is the size of samples whose writer did not know it: they go on to the end of the file.
	openEnd = math.MaxUint32
)

// Header says what a file holds.
type Header struct {
	Rate     int  // samples of a channel in a second
	Channels int  // 1 to [MostChannels]
	Bits     int  // of a sample: 8, 16, 24 or 32, and of a float 32 or 64
	Float    bool // not PCM
	Frames   int  // samples of each channel, at least 1
	Offset   int64
}

// String describes the header, such as "16 bits PCM, 1 channel, 8000 Hz, 4000 samples".
func (h Header) String() string {
	format, channels := "PCM", "channels"
	if h.Float {
		format = "float"
	}
	if h.Channels == 1 {
		channels = "channel"
	}
	return fmt.Sprintf("%d bits %s, %d %s, %d Hz, %d samples", h.Bits, format, h.Channels, channels, h.Rate, h.Frames)
}

// FrameSize is the number of bytes that the samples of one moment take.
func (h Header) FrameSize() int { return h.Bits / 8 * h.Channels }

// Step is the least difference of two samples, 0 where every number that fits a float32 is one: those of floats, and of PCM of 32 bits, which
// float32 does not hold.
func (h Header) Step() float32 {
	if h.Float || h.Bits > 24 {
		return 0
	}
	return float32(math.Ldexp(1, 1-h.Bits))
}

// ReadHeader reads what stands in front of the samples of a file of that size.
func ReadHeader(r io.ReaderAt, size int64) (Header, error) {
	var start [12]byte
	if err := readAt(r, start[:], 0); err != nil {
		return Header{}, fmt.Errorf("expected a WAV file, found %d bytes, fewer than its beginning has", size)
	}
	if kind := string(start[:4]); kind != "RIFF" || string(start[8:]) != "WAVE" {
		switch kind {
		case "RIFX", "RF64", "BW64":
			return Header{}, fmt.Errorf("expected a WAV file that begins with RIFF, found %s, which is not read", kind)
		}
		return Header{}, fmt.Errorf("expected a WAV file, which begins with RIFF and WAVE, found %q", start[:])
	}
	var h Header
	at := int64(12)
	for range mostChunks {
		var chunk [8]byte
		if err := readAt(r, chunk[:], at); err != nil {
			return Header{}, errors.New("expected a chunk of samples (data), found the end of the file")
		}
		id, n := string(chunk[:4]), int64(binary.LittleEndian.Uint32(chunk[4:]))
		at += 8
		switch id {
		case "fmt ":
			var body [40]byte
			known := body[:min(n, int64(len(body)))]
			if err := readAt(r, known, at); err != nil {
				return Header{}, fmt.Errorf("expected %d bytes of the format (fmt), found the end of the file", n)
			}
			var err error
			if h, err = parseFormat(known); err != nil {
				return Header{}, err
			}
		case "data":
			if h.Rate == 0 {
				return Header{}, errors.New("expected the format (fmt) in front of the samples (data), found none")
			}
			return h.withSamples(at, n, size)
		}
		at += n + n%2
	}
	return Header{}, fmt.Errorf("expected a chunk of samples (data) among the first %d chunks, found none", mostChunks)
}

func readAt(r io.ReaderAt, p []byte, at int64) error {
	n, err := r.ReadAt(p, at)
	if n == len(p) {
		return nil
	}
	return err
}

// withSamples is the header of a file whose samples are n bytes from an offset on.
func (h Header) withSamples(offset, n, size int64) (Header, error) {
	frame := int64(h.FrameSize())
	switch held := size - offset; {
	case n == openEnd && held < openEnd:
		n = held - held%frame
	case n > held:
		return Header{}, fmt.Errorf("the file is truncated: expected %d bytes of samples, found %d", n, max(held, 0))
	case n%frame != 0:
		return Header{}, fmt.Errorf("the file is damaged: expected samples of %d bytes a moment, found %d bytes", frame, n)
	}
	if n < frame {
		return Header{}, errors.New("expected at least one sample, found none")
	}
	if n/frame > math.MaxInt32 {
		return Header{}, fmt.Errorf("expected at most %d samples a channel, found %d", math.MaxInt32, n/frame)
	}
	h.Offset, h.Frames = offset, int(n/frame)
	return h, nil
}

// The formats of samples.
const (
	pcm        = 1
	float      = 3
	extensible = 0xFFFE
)

// formats are the names of some that are not read.
var formats = map[uint16]string{2: "ADPCM", 6: "A-law", 7: "µ-law", 0x11: "IMA ADPCM", 0x31: "GSM 6.10", 0x50: "MPEG", 0x55: "MP3", 0xFF: "AAC"}

// guid is what follows the number of a format in that of the extensible form.
var guid = []byte{0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71}

func parseFormat(b []byte) (Header, error) {
	if len(b) < 16 {
		return Header{}, fmt.Errorf("expected at least 16 bytes of the format (fmt), found %d", len(b))
	}
	u16 := func(at int) uint16 { return binary.LittleEndian.Uint16(b[at:]) }
	format := u16(0)
	if format == extensible {
		if len(b) < 40 || !bytes.Equal(b[26:40], guid) {
			return Header{}, errors.New("expected an extensible format of PCM or float, found another one")
		}
		format = u16(24)
	}
	rate := binary.LittleEndian.Uint32(b[4:])
	h := Header{Rate: int(rate), Channels: int(u16(2)), Bits: int(u16(14)), Float: format == float}
	switch {
	case format != pcm && format != float:
		name := formats[format]
		if name == "" {
			name = fmt.Sprintf("the format %#x", format)
		}
		return Header{}, fmt.Errorf("expected PCM or float samples, found %s", name)
	case h.Float && h.Bits != 32 && h.Bits != 64:
		return Header{}, fmt.Errorf("expected float samples of 32 or 64 bits, found %d", h.Bits)
	case !h.Float && h.Bits != 8 && h.Bits != 16 && h.Bits != 24 && h.Bits != 32:
		return Header{}, fmt.Errorf("expected PCM of 8, 16, 24 or 32 bits, found %d", h.Bits)
	case h.Channels < 1 || h.Channels > MostChannels:
		return Header{}, fmt.Errorf("expected 1 to %d channels, found %d", MostChannels, h.Channels)
	case rate == 0 || rate > math.MaxInt32:
		return Header{}, fmt.Errorf("expected a sampling rate of at least 1 Hz, found %d", rate)
	case int(u16(12)) != h.FrameSize():
		return Header{}, fmt.Errorf("expected %d bytes a moment for %d channels of %d bits, found %d", h.FrameSize(), h.Channels, h.Bits, u16(12))
	}
	return h, nil
}

// Read reads samples of a file, those of n moments from one on, channel by channel of each moment.
func (h Header) Read(r io.ReaderAt, from, n int) ([]float32, error) {
	if from < 0 || n < 0 || from > h.Frames || n > h.Frames-from {
		return nil, fmt.Errorf("expected %d samples from %d on, found %d", n, from, h.Frames)
	}
	raw := make([]byte, n*h.FrameSize())
	if err := readAt(r, raw, h.Offset+int64(from)*int64(h.FrameSize())); err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("the file is truncated: expected more samples")
		}
		return nil, err
	}
	samples := make([]float32, n*h.Channels)
	h.convert(samples, raw)
	return samples, nil
}

func (h Header) convert(samples []float32, raw []byte) {
	order := binary.LittleEndian
	for i := range samples {
		switch b := raw[i*h.Bits/8:]; {
		case h.Float && h.Bits == 64:
			samples[i] = float32(math.Float64frombits(order.Uint64(b)))
		case h.Float:
			samples[i] = math.Float32frombits(order.Uint32(b))
		case h.Bits == 8: // the only one without a sign
			samples[i] = (float32(b[0]) - 128) / 128
		case h.Bits == 16:
			samples[i] = float32(int16(order.Uint16(b))) / (1 << 15)
		case h.Bits == 24:
			samples[i] = float32(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)>>8) / (1 << 23)
		default:
			samples[i] = float32(float64(int32(order.Uint32(b))) / (1 << 31))
		}
	}
}
