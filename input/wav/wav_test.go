package wav_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/input/wav"
)

func decode(content []byte) (wav.Header, []float32, error) {
	r := bytes.NewReader(content)
	h, err := wav.ReadHeader(r, r.Size())
	if err != nil {
		return h, nil, err
	}
	samples, err := h.Read(r, 0, h.Frames)
	return h, samples, err
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	samples := []float32{0, -1, 0.5, -0.25, 0.0078125, 0.9921875}
	for _, h := range []wav.Header{
		{Rate: 8000, Channels: 1, Bits: 8}, {Rate: 16000, Channels: 2, Bits: 16}, {Rate: 44100, Channels: 3, Bits: 24}, {Rate: 48000, Channels: 6, Bits: 32, Float: true},
	} {
		content, err := wav.Encode(h, samples)
		if err != nil {
			t.Fatal(err)
		}
		got, values, err := decode(content)
		h.Frames, h.Offset = len(samples)/h.Channels, 44
		if diff := cmp.Diff(h, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", h, err, diff)
		}
		if diff := cmp.Diff(samples, values); diff != "" {
			t.Errorf("%s (-want +got):\n%s", h, diff)
		}
		if riff := binary.LittleEndian.Uint32(content[4:]); int(riff) != len(content)-8 || len(content)%2 != 0 {
			t.Errorf("%s: size %d of a file of %d bytes", h, riff, len(content))
		}
	}
}

func TestEncodeClipsAndRefuses(t *testing.T) {
	content, err := wav.Encode(wav.Header{Rate: 8000, Channels: 1, Bits: 16}, []float32{2, -2, float32(math.NaN()), float32(math.Inf(1)), 1})
	if err != nil {
		t.Fatal(err)
	}
	_, got, err := decode(content)
	if diff := cmp.Diff([]float32{32767. / 32768, -1, 0, 32767. / 32768, 32767. / 32768}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for says, err := range map[string]error{
		"expected a sampling rate of at least 1 Hz, found 0": second(wav.Encode(wav.Header{Channels: 1, Bits: 16}, []float32{1})),
		"found 3 samples of 2 channels":                      second(wav.Encode(wav.Header{Rate: 1, Channels: 2, Bits: 16}, []float32{1, 2, 3})),
		"found 0 samples of 1 channels":                      second(wav.Encode(wav.Header{Rate: 1, Channels: 1, Bits: 16}, nil)),
		"found 12 bits (float: false)":                       second(wav.Encode(wav.Header{Rate: 1, Channels: 1, Bits: 12}, []float32{1})),
		"found 16 bits (float: true)":                        second(wav.Encode(wav.Header{Rate: 1, Channels: 1, Bits: 16, Float: true}, []float32{1})),
	} {
		if err == nil || !strings.HasPrefix(err.Error(), "wav: ") || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v; expected %q", err, says)
		}
	}
}

func second(_ []byte, err error) error { return err }

// The files of testdata were written by other programs: make_files.py says how, and what is in them.
func TestFilesOfOthers(t *testing.T) {
	want := []float32{0, 0.5, -0.5, 0.25, -1, 0.75}
	paths, err := filepath.Glob("testdata/*.wav")
	if err != nil || len(paths) < 8 {
		t.Fatalf("%d files: %v", len(paths), err)
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		h, got, err := decode(content)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
		if name := fmt.Sprintf("%d", h.Bits); !strings.Contains(path, name) || h.Float != strings.Contains(path, "float") || (h.Channels == 2) != strings.Contains(path, "stereo") || h.Rate != 8000 {
			t.Errorf("%s: header %s", path, h)
		}
	}
}

// file is one of a chunk of format and one of samples.
func file(format []byte, size uint32, samples []byte) []byte {
	content := slices.Concat([]byte("RIFF\x00\x00\x00\x00WAVEfmt "), binary.LittleEndian.AppendUint32(nil, uint32(len(format))), format)
	content = binary.LittleEndian.AppendUint32(append(content, "data"...), size)
	return append(content, samples...)
}

func format(tag, channels uint16, rate uint32, block, bits uint16, more ...byte) []byte {
	order := binary.LittleEndian
	b := order.AppendUint16(order.AppendUint16(nil, tag), channels)
	b = order.AppendUint32(order.AppendUint32(b, rate), 0)
	return append(order.AppendUint16(order.AppendUint16(b, block), bits), more...)
}

func TestDamagedFiles(t *testing.T) {
	good := format(1, 1, 8000, 2, 16)
	four := make([]byte, 4)
	for _, test := range []struct {
		content []byte
		says    string
	}{
		{nil, "expected a WAV file, found 0 bytes"},
		{[]byte("ID3 and so on and on"), `expected a WAV file, which begins with RIFF and WAVE, found "ID3 and so o"`},
		{[]byte("RIFF\x00\x00\x00\x00AVI LIST"), "which begins with RIFF and WAVE"},
		{[]byte("RF64\xff\xff\xff\xffWAVEds64"), "found RF64, which is not read"},
		{[]byte("RIFF\x00\x00\x00\x00WAVE"), "expected a chunk of samples (data), found the end of the file"},
		{[]byte("RIFF\x00\x00\x00\x00WAVEdata\x04\x00\x00\x00abcd"), "expected the format (fmt) in front of the samples"},
		{[]byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00ab"), "expected 16 bytes of the format (fmt), found the end of the file"},
		{file(good[:8], 4, four), "expected at least 16 bytes of the format (fmt), found 8"},
		{file(good, 5, four), "the file is truncated: expected 5 bytes of samples, found 4"},
		{file(good, 3, four), "expected samples of 2 bytes a moment, found 3 bytes"},
		{file(good, 0, nil), "expected at least one sample, found none"},
		{file(good, math.MaxUint32, four[:1]), "expected at least one sample, found none"},
		{file(format(6, 1, 8000, 1, 8), 4, four), "expected PCM or float samples, found A-law"},
		{file(format(0x777, 1, 8000, 1, 8), 4, four), "found the format 0x777"},
		{file(format(3, 1, 8000, 2, 16), 4, four), "expected float samples of 32 or 64 bits, found 16"},
		{file(format(1, 1, 8000, 2, 12), 4, four), "expected PCM of 8, 16, 24 or 32 bits, found 12"},
		{file(format(1, 0, 8000, 2, 16), 4, four), "expected 1 to 64 channels, found 0"},
		{file(format(1, 65, 8000, 130, 16), 4, four), "expected 1 to 64 channels, found 65"},
		{file(format(1, 1, 0, 2, 16), 4, four), "expected a sampling rate of at least 1 Hz, found 0"},
		{file(format(1, 2, 8000, 2, 16), 4, four), "expected 4 bytes a moment for 2 channels of 16 bits, found 2"},
		{file(format(0xFFFE, 1, 8000, 2, 16), 4, four), "expected an extensible format of PCM or float"},
	} {
		if _, _, err := decode(test.content); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%.40q: error %v; expected %q", test.content, err, test.says)
		}
	}
	odd := slices.Concat([]byte("RIFF\x00\x00\x00\x00WAVELIST\x03\x00\x00\x00abc\x00"), file(good, 4, []byte{0, 64, 0, 192})[12:])
	if _, got, err := decode(odd); err != nil || !slices.Equal(got, []float32{0.5, -0.5}) {
		t.Errorf("samples after a chunk of an odd size: %v, %v", got, err)
	}
	if content, err := wav.Encode(wav.Header{Rate: 8000, Channels: 1, Bits: 8}, make([]float32, 5)); err != nil || len(content) != 50 || content[4] != 42 || content[40] != 5 {
		t.Errorf("5 bytes of samples: %d bytes, % x, %v", len(content), content, err)
	}
	h, got, err := decode(file(good, math.MaxUint32, []byte{0, 64, 0, 192, 7})) // as written to a pipe
	if err != nil || h.Frames != 2 || !slices.Equal(got, []float32{0.5, -0.5}) {
		t.Errorf("samples to the end of the file: %v, %v, %v", h, got, err)
	}
	if _, err := h.Read(bytes.NewReader(nil), 0, 2); err == nil || !strings.Contains(err.Error(), "truncated") {
		t.Errorf("a file that was cut after its header was read: %v", err)
	}
	if _, err := h.Read(bytes.NewReader(nil), 1, 2); err == nil || !strings.Contains(err.Error(), "expected 2 samples from 1 on, found 2") {
		t.Errorf("samples beyond the end: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	paths, err := filepath.Glob("testdata/*.wav")
	if err != nil || len(paths) == 0 {
		f.Fatalf("%d files: %v", len(paths), err)
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		h, samples, err := decode(content)
		if err != nil {
			return
		}
		if len(samples) != h.Frames*h.Channels || len(samples) == 0 || h.Frames*h.FrameSize() > len(content) {
			t.Fatalf("%d samples: %s", len(samples), h)
		}
		for _, v := range samples {
			if !h.Float && !(v >= -1 && v <= 1) {
				t.Fatalf("a sample of PCM is %g", v)
			}
		}
		if h.Bits == 64 || h.Bits == 32 && !h.Float {
			return
		}
		written, err := wav.Encode(h, samples)
		if err != nil {
			t.Fatal(err)
		}
		again, values, err := decode(written)
		again.Offset = h.Offset
		if err != nil || again != h {
			t.Fatalf("%s came back as %s: %v", h, again, err)
		}
		for i, v := range values {
			if math.Float32bits(v) != math.Float32bits(samples[i]) {
				t.Fatalf("sample %d of %s is %g, was %g", i, h, v, samples[i])
			}
		}
	})
}
