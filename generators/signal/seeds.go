package signal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/generators/internal/classfolders"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/wav"
)

const (
	// mostSamples is how many samples an input has at most.
	mostSamples = 50_000_000
	// whatIsRead is for errors.
	whatIsRead = "WAV"
)

// Sounds are seeds made of WAV files. [WAV], [Folder] and [FolderFS] make them.
type Sounds struct {
	fsys  fs.FS
	files *classfolders.Listing
	reading
}

var (
	_ input.Seeds      = (*Sounds)(nil)
	_ input.ClassNamer = (*Sounds)(nil)
	_ input.Noted      = (*Sounds)(nil)
)

// reading is how files are read.
type reading struct {
	rate, samples          int // 0 for any
	mono, centred, stepped bool
	most                   float32 // of a float
	order                  classfolders.Order
}

// Option is an option of [WAV] and [Folder]; generators.NumericOrder and generators.EmptyClasses are such too.
type Option interface{ OfSounds() }

// setting is an option of this package; those about folders are shared with other sources.
type setting func(*reading) error

// OfSounds implements [Option].
func (setting) OfSounds() {}

// Rate is the sampling rate that files have to have, in Hz; a file with another one is an error of its seed. Nothing is resampled.
func Rate(hertz int) Option {
	return setting(func(r *reading) error {
		if hertz < 1 {
			return fmt.Errorf("signal: Rate(%d): expected at least 1 Hz", hertz)
		}
		r.rate = hertz
		return nil
	})
}

// Samples makes all signals that long: longer ones lose their end, and silence (0) is put behind shorter ones. With [Centred] both
// sides have an equal part of it.
func Samples(n int) Option {
	return setting(func(r *reading) error {
		if n < 1 || n > mostSamples {
			return fmt.Errorf("signal: Samples(%d): expected 1 to %d", n, mostSamples)
		}
		r.samples = n
		return nil
	})
}

// Centred is for [Samples]: the middle of a signal is kept, and stays in the middle.
func Centred() Option {
	return setting(func(r *reading) error {
		r.centred = true
		return nil
	})
}

// Mono mixes the channels of a file down to one, their mean, rounded to a step of the file.
func Mono() Option {
	return setting(func(r *reading) error {
		r.mono = true
		return nil
	})
}

// Continuous allows any value from -1 to 1, in place of those that the file's format has: for files of several formats, which
// have to be alike.
func Continuous() Option {
	return setting(func(r *reading) error {
		r.stepped = false
		return nil
	})
}

// FloatsWithin is the greatest sample, of either sign, of files of floats, where it is not 1. They are not clipped.
func FloatsWithin(most float32) Option {
	return setting(func(r *reading) error {
		if !(most > 0 && most <= 1e30) {
			return fmt.Errorf("signal: FloatsWithin(%g): expected more than 0, at most 1e30", most)
		}
		r.most = most
		return nil
	})
}

// WAV returns the sound of one file as a seed, without a label; see [Folder].
func WAV(file string, options ...Option) (*Sounds, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("signal: %w", err)
	}
	if info.IsDir() {
		return nil, fmt.Errorf("signal: %s: expected a WAV file, found a folder; Folder reads those", file)
	}
	s, err := newSounds(os.DirFS(filepath.Dir(file)), options)
	if err != nil {
		return nil, err
	}
	s.files = classfolders.One(filepath.Dir(file), filepath.Base(file))
	if _, err := s.Seed(0); err != nil {
		return nil, err // there is no other one
	}
	return s, nil
}

// Folder returns the WAV files of a folder as seeds of the kind input.Signal, read one by one: PCM of 8, 16, 24 or 32 bits, or floats.
//
// Files lie either directly in the folder, and are unlabelled then, or in one folder a class, as those of generators.ImageFolder do: the label is the
// index of that folder's name among those of all classes in the order of the alphabet, or in generators.NumericOrder. [Sounds.Notes] tell what was left out, and labels
// that one may not expect. Files are sorted by path.
//
// Samples are -1 to 1, as PyTorch, librosa and soundfile have them: those of 16 bits are divided by 32768. A sound of one channel has the
// shape [time], one of several [time, channels] unless [Mono] is given. The domain holds what the file's format can: of 16 bits, -1 to 32767/32768 in steps of 1/32768,
// so that what a search finds is a file of that format again; of 32 bits and of floats every number from -1 to 1 ([Continuous], [FloatsWithin]).
//
// Lengths stay as they are unless [Samples] is given; most models take one alone. A file of another rate than [Rate], one of more than fifty million
// samples, a sample outside the domain, and a damaged file are errors of their seeds.
func Folder(dir string, options ...Option) (*Sounds, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("signal: folder: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("signal: folder %s: expected a folder, found a file; WAV reads one", dir)
	}
	return newFolder(os.DirFS(dir), dir, options)
}

// FolderFS is [Folder] on the root of a file system, such as an embedded one.
func FolderFS(fsys fs.FS, options ...Option) (*Sounds, error) { return newFolder(fsys, "", options) }

func newFolder(fsys fs.FS, dir string, options []Option) (*Sounds, error) {
	s, err := newSounds(fsys, options)
	if err != nil {
		return nil, err
	}
	s.files, err = classfolders.List(fsys, dir, classfolders.What{
		Source: "signal: folder", One: "a sound", Many: "sounds", Formats: whatIsRead,
		Reads:   func(name string) bool { e := strings.ToLower(path.Ext(name)); return e == ".wav" || e == ".wave" },
		Foreign: func(ending string) bool { return slices.Contains(foreign, ending) }, Order: s.order,
	})
	if err == nil {
		err = s.files.CheckAny()
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// foreign are the endings of sounds in formats that are not read.
var foreign = []string{".flac", ".mp3", ".ogg", ".opus", ".m4a", ".aac", ".wma", ".aif", ".aiff", ".au", ".amr", ".sph", ".raw", ".pcm", ".w64", ".caf"}

func newSounds(fsys fs.FS, options []Option) (*Sounds, error) {
	s := &Sounds{fsys: fsys, reading: reading{stepped: true, most: 1}}
	for _, option := range options {
		switch o := option.(type) {
		case nil:
			return nil, errors.New("signal: expected options, found nil")
		case setting:
			if err := o(&s.reading); err != nil {
				return nil, err
			}
		case classfolders.Option:
			o(&s.order)
		default:
			return nil, fmt.Errorf("signal: expected options of package signal, found %T", option)
		}
	}
	if s.centred && s.samples == 0 {
		return nil, errors.New("signal: Centred is for Samples, which is not given")
	}
	return s, nil
}

// Len implements [input.Seeds].
func (s *Sounds) Len() int { return len(s.files.Paths) }

// ClassNames are the names of the class folders by label; nil where there are none.
func (s *Sounds) ClassNames() []string { return slices.Clone(s.files.Names) }

// Notes implements [input.Noted].
func (s *Sounds) Notes() []string {
	notes := s.files.Notes()
	if s.samples > 0 {
		where := "at the end"
		if s.centred {
			where = "at both sides"
		}
		notes = append(notes, fmt.Sprintf("sounds are cropped, or padded with silence, %s to %d samples", where, s.samples))
	}
	return notes
}

// Seed implements [input.Seeds].
func (s *Sounds) Seed(i int) (input.Seed, error) {
	if i < 0 || i >= s.Len() {
		return input.Seed{}, fmt.Errorf("signal: seed %d: expected an index below %d", i, s.Len())
	}
	name := s.files.Paths[i]
	in, err := s.read(name)
	if err != nil {
		return input.Seed{}, fmt.Errorf("signal: sound %s: %w", s.files.Where(name), err)
	}
	label, ok := s.files.Label(i)
	if !ok {
		label = input.Unlabelled
	}
	return input.Seed{Input: in, Label: label, Name: name}, nil
}

func (s *Sounds) read(name string) (input.Input, error) {
	file, err := s.fsys.Open(name)
	if err != nil {
		return input.Input{}, bare(err)
	}
	defer func() { _ = file.Close() }()
	content, size, err := classfolders.ReaderAt(file)
	if err != nil {
		return input.Input{}, bare(err)
	}
	h, err := wav.ReadHeader(content, size)
	if err != nil {
		return input.Input{}, err
	}
	if s.rate > 0 && h.Rate != s.rate {
		return input.Input{}, fmt.Errorf("expected a sampling rate of %d Hz, found %d Hz; resample it, as nothing is resampled here", s.rate, h.Rate)
	}
	length := h.Frames
	if s.samples > 0 {
		length = s.samples
	}
	if most := mostSamples / h.Channels; length > most {
		return input.Input{}, fmt.Errorf("expected at most %d samples of each of %d channels, found %d; signal.Samples crops", most, h.Channels, length)
	}
	taken := min(length, h.Frames)
	from, before := 0, 0
	if s.centred {
		from, before = (h.Frames-taken)/2, (length-taken)/2
	}
	samples, err := h.Read(content, from, taken)
	if err != nil {
		return input.Input{}, bare(err)
	}
	in := input.Input{Kind: input.Signal, Domain: s.domain(h), Shape: []int{length}, Layout: &input.Layout{Rate: h.Rate}}
	channels := h.Channels
	if s.mono && channels > 1 {
		samples, channels = mixed(samples, channels, in.Domain), 1
	}
	if channels > 1 {
		in.Shape = append(in.Shape, channels)
	}
	in.Data = samples
	if length != taken {
		in.Data = make([]float32, length*channels)
		copy(in.Data[before*channels:], samples)
	}
	for i, v := range in.Data {
		if !in.Domain.Contains(v) {
			return input.Input{}, fmt.Errorf("sample %g at %.4f s: expected %g to %g; signal.FloatsWithin takes greater ones", v, float64(i/channels-before+from)/float64(h.Rate),
				in.Domain.Min, in.Domain.Max)
		}
	}
	return in, nil
}

// domain is that of the samples of a file.
func (s *Sounds) domain(h wav.Header) input.Domain {
	step := h.Step()
	switch {
	case h.Float:
		return input.Domain{Min: -s.most, Max: s.most}
	case step == 0 || !s.stepped:
		return input.Domain{Min: -1, Max: 1}
	}
	return input.Domain{Min: -1, Max: 1 - step, Step: step}
}

// mixed is the mean of the channels.
func mixed(samples []float32, channels int, domain input.Domain) []float32 {
	mono := make([]float32, len(samples)/channels)
	for i := range mono {
		sum := 0.0
		for _, v := range samples[i*channels : (i+1)*channels] {
			sum += float64(v)
		}
		mono[i] = float32(sum / float64(channels))
		if domain.Step > 0 {
			mono[i] = domain.Snap(mono[i])
		}
	}
	return mono
}

// bare is an error without the path that stands in front already.
func bare(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}
