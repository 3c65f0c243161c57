package subjects

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/generators/signal"
	"github.com/triggerfinder/triggerfinder/generators/table"
	"github.com/triggerfinder/triggerfinder/generators/tokens"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/zoo/kinds"
	"github.com/triggerfinder/triggerfinder/zoo/wild"
)

// OfKind is a pair of any kind of input and answer, with one way to compare its answers.
type OfKind struct {
	Pair     string
	Way      string // in a word, where a pair is compared in several ways
	Deviates string // in words: when two answers deviate
	// Seeds and Queries, a seed, are at most so many for models that take long; 0 for any number.
	Seeds, Queries int
	// Open opens the models. What is not to be had on this machine is [wild.ErrUnavailable].
	Open func(context.Context) (*Searched, error)
}

// Name is that of the pair, with the way where there are several.
func (k OfKind) Name() string {
	if k.Way == "" {
		return k.Pair
	}
	return k.Pair + "/" + k.Way
}

// Searched is what a search of a pair takes.
type Searched struct {
	Pair   *model.Pair
	Seeds  input.Seeds
	Oracle answer.Oracle
}

// Close closes the models.
func (s *Searched) Close() error { return s.Pair.Close() }

// OfKinds are the pairs of package kinds, whose folder it is given.
func OfKinds(folder string) []OfKind {
	z := kindsOf{folder}
	return []OfKind{
		z.of(kinds.TableBoosting, "", "their labels differ", z.tumours, top1),
		z.of(kinds.TableMLP, "", "their labels differ", z.tumours, top1),
		z.of(kinds.TableRegression, "tolerance", "their numbers are more than 5 apart", z.patients, tolerance(answer.Absolute(5))),
		z.of(kinds.TableRegression, "threshold", "one is below 150 and the other is not", z.patients, threshold(150)),
		z.of(kinds.Language, "", "their labels differ", z.sentences, top1),
		z.of(kinds.Keywords, "", "their labels differ", z.spectra, top1),
		z.of(kinds.KeywordsWave, "", "their labels differ", z.voices, top1),
		z.of(kinds.Embedding, "cosine", "their cosine distance is more than 0.003", z.pictures, tolerance(answer.Cosine(0.003))),
		z.of(kinds.Embedding, "nearest", "the nearest of a gallery is of another class", z.pictures, z.nearest),
		z.of(kinds.Detection, "any", "one has a box of a score from 0.5 on without one of its class and an IoU of 0.5 in the other", z.pictures,
			boxes(answer.Boxes{Layout: answer.YOLOv8, Score: 0.5})),
		z.of(kinds.Detection, "sure", "one has a box of a score from 0.6 on without one of its class, an IoU of 0.5 and a score from 0.3 on in the other", z.pictures,
			boxes(answer.Boxes{Layout: answer.YOLOv8, Score: 0.6, Faint: 0.3})),
		z.of(kinds.Segmentation, "share", "more than 1 % of the pixels have another label", z.pictures, masks(answer.Masks{Share: 0.01})),
		z.of(kinds.Segmentation, "iou", "the pixels of a class, at least 1 % of all, have an IoU below 0.7", z.pictures, masks(answer.Masks{IoU: 0.7})),
	}
}

// InTheWild are the pairs of package wild, which downloads them.
func InTheWild() []OfKind {
	var list []OfKind
	for _, p := range wild.Pairs() {
		list = append(list, OfKind{Pair: p.Name, Deviates: p.Deviates, Seeds: wildSeeds, Queries: wildQueries, Open: func(ctx context.Context) (*Searched, error) {
			s, err := p.Open(ctx)
			if err != nil {
				return nil, err
			}
			return &Searched{Pair: s.Pair, Seeds: s.Seeds, Oracle: s.Oracle}, nil
		}})
	}
	return list
}

// Models that people ship take up to a tenth of a second a query.
const wildSeeds, wildQueries = 10, 60

type kindsOf struct{ folder string }

// opening is how seeds of a pair are read, with the options of its models.
type opening func(kinds.Pair) (input.Seeds, []onnx.Option, error)

// judging makes the oracle of a pair.
type judging func(context.Context, kinds.Pair, *model.Pair) (answer.Oracle, error)

func (z kindsOf) of(p kinds.Pair, way, deviates string, open opening, judge judging) OfKind {
	return OfKind{Pair: p.Name, Way: way, Deviates: deviates, Open: func(ctx context.Context) (*Searched, error) {
		seeds, options, err := open(p)
		if err != nil {
			return nil, err
		}
		pair, err := onnx.OpenPair(z.path(p.Original.File), z.path(p.Compressed.File), append(options, onnx.PairName(p.Name))...)
		if err != nil {
			return nil, err
		}
		oracle, err := judge(ctx, p, pair)
		if err != nil {
			return nil, errors.Join(err, pair.Close())
		}
		return &Searched{Pair: pair, Seeds: seeds, Oracle: oracle}, nil
	}}
}

func (z kindsOf) path(name string) string { return filepath.Join(z.folder, filepath.FromSlash(name)) }

func (z kindsOf) tumours(p kinds.Pair) (input.Seeds, []onnx.Option, error) {
	seeds, err := table.CSV(z.path(p.Seeds), table.Label("diagnosis", p.Labels...))
	return seeds, []onnx.Option{onnx.Output("probabilities")}, err
}

func (z kindsOf) patients(p kinds.Pair) (input.Seeds, []onnx.Option, error) {
	seeds, err := table.CSV(z.path(p.Seeds), table.Without("progression"), table.Columns(table.Column{Name: "sex", Type: table.Category}))
	return seeds, []onnx.Option{onnx.Scores(onnx.Raw)}, err
}

func (z kindsOf) sentences(p kinds.Pair) (input.Seeds, []onnx.Option, error) {
	bytes5 := input.Vocabulary{Size: 259, Pad: 0, Special: []int{1, 2}}
	ids := func(text string) ([]int, error) {
		var ids []int
		for _, b := range []byte(text) {
			ids = append(ids, int(b)+3)
		}
		return append(ids, 1), nil
	}
	seeds, err := tokens.JSONLines(z.path(p.Seeds), bytes5, ids, tokens.Length(96), tokens.Label("label", p.Labels...))
	mask := onnx.Made("attention_mask", func(in input.Input) onnx.Tensor {
		return onnx.Tensor{Values: tokens.Mask(in), Shape: []int{1, len(in.Data)}}
	})
	return seeds, []onnx.Option{mask}, err
}

func (z kindsOf) spectra(p kinds.Pair) (input.Seeds, []onnx.Option, error) {
	seeds, err := generators.NPZ(z.path(p.Seeds), "features", generators.OfKind(input.Signal), generators.LabelKey("labels"),
		generators.In(input.Domain{Min: -14, Max: 10}))
	return seeds, nil, err
}

func (z kindsOf) voices(p kinds.Pair) (input.Seeds, []onnx.Option, error) {
	seeds, err := signal.Folder(z.path(p.Seeds), signal.Rate(8000), signal.Samples(p.Inputs[0].Shape[1]), signal.Mono())
	return seeds, nil, err
}

func (z kindsOf) pictures(p kinds.Pair) (input.Seeds, []onnx.Option, error) {
	seeds, err := generators.NPZ(z.path(p.Seeds), "image")
	return seeds, []onnx.Option{onnx.Scale(1.0 / 255), onnx.Scores(onnx.Raw)}, err
}

func top1(context.Context, kinds.Pair, *model.Pair) (answer.Oracle, error) { return answer.Top1(), nil }

func tolerance(m answer.Measure) judging {
	return func(context.Context, kinds.Pair, *model.Pair) (answer.Oracle, error) { return answer.Tolerance(m) }
}

func threshold(at float64) judging {
	return func(context.Context, kinds.Pair, *model.Pair) (answer.Oracle, error) {
		return answer.Threshold(answer.Thresholds{At: []float64{at}})
	}
}

// nearest looks up the gallery of the pair, as the original embeds it.
func (z kindsOf) nearest(ctx context.Context, p kinds.Pair, pair *model.Pair) (answer.Oracle, error) {
	entries, err := generators.NPZ(z.path(p.Seeds), "gallery", generators.LabelKey("gallery_labels"))
	if err == nil {
		entries, err = generators.WithClassNames(entries, p.Labels...)
	}
	if err != nil {
		return nil, err
	}
	gallery, err := model.GalleryOf(ctx, pair.Original(), entries, "")
	if err != nil {
		return nil, err
	}
	return answer.NearestNeighbour(gallery)
}

func boxes(b answer.Boxes) judging {
	return func(context.Context, kinds.Pair, *model.Pair) (answer.Oracle, error) { return answer.Detection(b) }
}

func masks(m answer.Masks) judging {
	return func(context.Context, kinds.Pair, *model.Pair) (answer.Oracle, error) { return answer.Segmentation(m) }
}

// ChooseOfKind lists those of the given names, of pairs or of ways to compare them, in their order, or all where there are no names.
func ChooseOfKind(all []OfKind, names []string) ([]OfKind, error) {
	if len(names) == 0 {
		return all, nil
	}
	for _, name := range names {
		if !slices.ContainsFunc(all, func(k OfKind) bool { return name == k.Pair || name == k.Name() }) {
			var known []string
			for _, k := range all {
				known = append(known, k.Name())
			}
			return nil, fmt.Errorf("-only: expected some of %q, found %q", known, name)
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(k OfKind) bool {
		return !slices.Contains(names, k.Pair) && !slices.Contains(names, k.Name())
	}), nil
}
