package signal_test

import (
	"bytes"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/generators/signal"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/wav"
)

func encode(t testing.TB, h wav.Header, samples ...float32) *fstest.MapFile {
	t.Helper()
	content, err := wav.Encode(h, samples)
	if err != nil {
		t.Fatal(err)
	}
	return &fstest.MapFile{Data: content}
}

var (
	of8k  = wav.Header{Rate: 8000, Channels: 1, Bits: 16}
	of16k = wav.Header{Rate: 16000, Channels: 1, Bits: 16}
	duo   = wav.Header{Rate: 8000, Channels: 2, Bits: 16}
	float = wav.Header{Rate: 8000, Channels: 1, Bits: 32, Float: true}
)

// at8000 is what a sound says of itself.
var at8000 = &input.Layout{Rate: 8000}

func TestFolderOfClasses(t *testing.T) {
	sounds, err := signal.FolderFS(fstest.MapFS{
		"10/a.wav":     encode(t, of8k, 0.5),
		"2/b.WAV":      encode(t, of8k, -1, 0.25),
		"2/deep/c.wav": encode(t, duo, 0.5, -0.5, 0.25, 0),
		"2/d.txt":      {}, "2/.e.wav": {}, "2/f.flac": {}, "none/g.txt": {},
	}, generators.NumericOrder())
	if err != nil {
		t.Fatal(err)
	}
	pcm16 := input.Domain{Min: -1, Max: 32767. / 32768, Step: 1. / 32768}
	for i, want := range []input.Seed{
		{Name: "2/b.WAV", Label: 0, Input: input.Input{Kind: input.Signal, Shape: []int{2}, Data: []float32{-1, 0.25}, Domain: pcm16, Layout: at8000}},
		{Name: "2/deep/c.wav", Label: 0, Input: input.Input{Kind: input.Signal, Shape: []int{2, 2}, Data: []float32{0.5, -0.5, 0.25, 0}, Domain: pcm16, Layout: at8000}},
		{Name: "10/a.wav", Label: 1, Input: input.Input{Kind: input.Signal, Shape: []int{1}, Data: []float32{0.5}, Domain: pcm16, Layout: at8000}},
	} {
		got, err := sounds.Seed(i)
		if diff := cmp.Diff(want, got); diff != "" || err != nil || got.Input.Validate() != nil {
			t.Errorf("seed %d: %v (-want +got):\n%s", i, err, diff)
		}
	}
	if sounds.Len() != 3 {
		t.Errorf("%d seeds", sounds.Len())
	}
	if diff := cmp.Diff([]string{"2", "10"}, sounds.ClassNames()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{
		"3 files were left out: 2 .txt, 1 .flac", "folders without sounds are not classes: none; with generators.EmptyClasses they are",
		"labels are positions among the class folders, not the numbers that they are called by: label 0 is the folder 2",
	}, sounds.Notes()); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	if got := generators.Spread(sounds, 2); got.Len() != 2 {
		t.Errorf("%d of 3 sounds are spread over classes", got.Len())
	}
}

// read is the only seed of a file.
func read(t *testing.T, file *fstest.MapFile, options ...signal.Option) (input.Input, error) {
	t.Helper()
	sounds, err := signal.FolderFS(fstest.MapFS{"x.wav": file}, options...)
	if err != nil {
		t.Fatal(err)
	}
	seed, err := sounds.Seed(0)
	if err == nil {
		if err := seed.Input.Validate(); err != nil {
			t.Errorf("seed: %v", err)
		}
	}
	return seed.Input, err
}

func TestOptionsOfSounds(t *testing.T) {
	five := encode(t, of8k, 0.1, 0.2, 0.3, 0.4, 0.5)
	stereo := encode(t, duo, 1./32768, 0, 0.5, -0.5, 0.25, 0.5)
	step := input.Domain{Min: -1, Max: 32767. / 32768, Step: 1. / 32768}
	all := input.Domain{Min: -1, Max: 1}
	rounded := func(of ...float32) []float32 {
		for i, v := range of {
			of[i] = step.Snap(v)
		}
		return of
	}
	for _, test := range []struct {
		name    string
		file    *fstest.MapFile
		options []signal.Option
		shape   []int
		data    []float32
		domain  input.Domain
	}{
		{"as it is", five, []signal.Option{signal.Rate(8000)}, []int{5}, rounded(0.1, 0.2, 0.3, 0.4, 0.5), step},
		{"cropped", five, []signal.Option{signal.Samples(2)}, []int{2}, rounded(0.1, 0.2), step},
		{"padded", five, []signal.Option{signal.Samples(7)}, []int{7}, rounded(0.1, 0.2, 0.3, 0.4, 0.5, 0, 0), step},
		{"cropped at both sides", five, []signal.Option{signal.Samples(3), signal.Centred()}, []int{3}, rounded(0.2, 0.3, 0.4), step},
		{"padded at both sides", five, []signal.Option{signal.Centred(), signal.Samples(8)}, []int{8}, rounded(0, 0.1, 0.2, 0.3, 0.4, 0.5, 0, 0), step},
		{"two channels", stereo, []signal.Option{signal.Samples(4)}, []int{4, 2}, []float32{1. / 32768, 0, 0.5, -0.5, 0.25, 0.5, 0, 0}, step},
		{"mixed down", stereo, []signal.Option{signal.Mono(), signal.Samples(4), signal.Centred()}, []int{4}, []float32{1. / 32768, 0, 0.375, 0}, step},
		{"mixed down, continuous", stereo, []signal.Option{signal.Mono(), signal.Continuous()}, []int{3}, []float32{1. / 65536, 0, 0.375}, all},
		{"floats", encode(t, float, 1, -0.3), nil, []int{2}, []float32{1, -0.3}, all},
		{"loud floats", encode(t, float, 3.5, -0.3), []signal.Option{signal.FloatsWithin(4)}, []int{2}, []float32{3.5, -0.3}, input.Domain{Min: -4, Max: 4}},
		{"8 bits", encode(t, wav.Header{Rate: 8000, Channels: 1, Bits: 8}, 0.5), nil, []int{1}, []float32{0.5}, input.Domain{Min: -1, Max: 127. / 128, Step: 1. / 128}},
		{"24 bits", encode(t, wav.Header{Rate: 8000, Channels: 1, Bits: 24}, 0.5, -1), nil, []int{2}, []float32{0.5, -1}, input.Domain{Min: -1, Max: 1 - 1./(1<<23), Step: 1. / (1 << 23)}},
	} {
		got, err := read(t, test.file, test.options...)
		if diff := cmp.Diff(input.Input{Kind: input.Signal, Shape: test.shape, Data: test.data, Domain: test.domain, Layout: at8000}, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", test.name, err, diff)
		}
	}
}

// Every sample of 24 bits is a value of its domain, and nothing between two is.
func TestStepsOf24Bits(t *testing.T) {
	d := input.Domain{Min: -1, Max: 1 - 1./(1<<23), Step: 1. / (1 << 23)}
	for n := -1 << 23; n < 1<<23; n += 12345 {
		if v := float32(n) / (1 << 23); !d.Contains(v) {
			t.Fatalf("%g is no sample of 24 bits", v)
		}
	}
}

func TestSoundsThatCannotBeUsed(t *testing.T) {
	cut := encode(t, of8k, 0.1, 0.2, 0.3)
	cut.Data = cut.Data[:48]
	for _, test := range []struct {
		file    *fstest.MapFile
		options []signal.Option
		says    string
	}{
		{encode(t, of16k, 0.1), []signal.Option{signal.Rate(8000)}, "signal: sound x.wav: expected a sampling rate of 8000 Hz, found 16000 Hz"},
		{encode(t, float, 0.5, 1.5), nil, "signal: sound x.wav: sample 1.5 at 0.0001 s: expected -1 to 1; signal.FloatsWithin"},
		{encode(t, float, float32(math.NaN())), nil, "sample NaN at 0.0000 s"},
		{cut, nil, "signal: sound x.wav: the file is truncated: expected 6 bytes of samples, found 4"},
		{&fstest.MapFile{Data: []byte("fLaC, not a WAV file at all")}, nil, "expected a WAV file, which begins with RIFF and WAVE"},
	} {
		if _, err := read(t, test.file, test.options...); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("error %v; expected %q", err, test.says)
		}
	}
	for says, options := range map[string][]signal.Option{
		"signal: Rate(0): expected at least 1 Hz":             {signal.Rate(0)},
		"signal: Samples(-1): expected 1 to 50000000":         {signal.Samples(-1)},
		"signal: Centred is for Samples":                      {signal.Centred()},
		"signal: FloatsWithin(NaN): expected more than 0":     {signal.FloatsWithin(float32(math.NaN()))},
		"signal: expected options, found nil":                 {nil},
		"signal: folder .: expected WAV files in it or in it": {},
	} {
		if _, err := signal.FolderFS(fstest.MapFS{"x.mp3": {}}, options...); err == nil || !strings.HasPrefix(err.Error(), says) {
			t.Errorf("error %v; expected %q", err, says)
		}
	}
	sounds, err := signal.FolderFS(fstest.MapFS{"x.wav": encode(t, of8k, 0.1)})
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{-1, 1} {
		if _, err := sounds.Seed(i); err == nil || !strings.Contains(err.Error(), "expected an index below 1") {
			t.Errorf("seed %d: %v", i, err)
		}
	}
	mixed := fstest.MapFS{"x.wav": encode(t, of8k, 0.1), "a/y.wav": encode(t, of8k, 0.1)}
	if _, err := signal.FolderFS(mixed); err == nil || !strings.Contains(err.Error(), "expected sounds either in it or in its folders, one a class, found x.wav and a/y.wav") {
		t.Errorf("sounds in and below the folder: %v", err)
	}
}

func TestFilesOnDisk(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "one.wav")
	if err := os.WriteFile(file, encode(t, of16k, 0.5, 0.25).Data, 0o600); err != nil {
		t.Fatal(err)
	}
	one, err := signal.WAV(file)
	if err != nil {
		t.Fatal(err)
	}
	if seed, err := one.Seed(0); err != nil || one.Len() != 1 || seed.Name != "one.wav" || seed.Label != input.Unlabelled || len(seed.Input.Data) != 2 || one.ClassNames() != nil || len(one.Notes()) != 0 {
		t.Errorf("one file: %+v, %v, notes %v", seed, err, one.Notes())
	}
	many, err := signal.Folder(dir, signal.Samples(100))
	if err != nil {
		t.Fatal(err)
	}
	if seed, err := many.Seed(0); err != nil || len(seed.Input.Data) != 100 {
		t.Errorf("a folder: %+v, %v", seed, err)
	}
	if diff := cmp.Diff([]string{"sounds are cropped, or padded with silence, at the end to 100 samples"}, many.Notes()); diff != "" {
		t.Error(diff)
	}
	for says, err := range map[string]error{
		"signal: sound " + file + ": expected a sampling rate of 8000 Hz, found 16000 Hz": second(signal.WAV(file, signal.Rate(8000))),
		"signal: " + dir + ": expected a WAV file, found a folder":                        second(signal.WAV(dir)),
		"signal: folder " + file + ": expected a folder, found a file":                    second(signal.Folder(file)),
		"signal: stat " + filepath.Join(dir, "no.wav"):                                    second(signal.WAV(filepath.Join(dir, "no.wav"))),
	} {
		if err == nil || !strings.HasPrefix(err.Error(), says) {
			t.Errorf("error %v; expected %q", err, says)
		}
	}
}

func second(_ *signal.Sounds, err error) error { return err }

// whole is a file system whose files cannot be read piecewise.
type whole struct{ fstest.MapFS }

func (w whole) Open(name string) (fs.File, error) {
	file, err := w.MapFS.Open(name)
	if _, folder := file.(fs.ReadDirFile); folder || err != nil {
		return file, err
	}
	return struct{ fs.File }{file}, nil
}

func TestFilesThatAreReadAsAWhole(t *testing.T) {
	sounds, err := signal.FolderFS(whole{fstest.MapFS{"x.wav": encode(t, of8k, 0.5)}})
	if err != nil {
		t.Fatal(err)
	}
	if seed, err := sounds.Seed(0); err != nil || seed.Input.Data[0] != 0.5 {
		t.Errorf("%v, %v", seed, err)
	}
}

func FuzzSounds(f *testing.F) {
	paths, err := filepath.Glob("../../input/wav/testdata/*.wav")
	if err != nil || len(paths) == 0 {
		f.Fatalf("%d files: %v", len(paths), err)
	}
	for i, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content, uint8(i))
	}
	f.Fuzz(func(t *testing.T, content []byte, which uint8) {
		options := []signal.Option{signal.FloatsWithin(1e6)}
		for bit, option := range []signal.Option{signal.Mono(), signal.Samples(9), signal.Continuous(), signal.Rate(8000)} {
			if which>>bit&1 == 1 {
				options = append(options, option)
			}
		}
		sounds, err := signal.FolderFS(fstest.MapFS{"x.wav": {Data: bytes.Clone(content)}}, options...)
		if err != nil {
			t.Fatal(err)
		}
		seed, err := sounds.Seed(0)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "signal: sound x.wav: ") {
				t.Fatal(err)
			}
			return
		}
		if err := seed.Input.Validate(); err != nil {
			t.Fatal(err)
		}
	})
}
