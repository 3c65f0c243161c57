package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	numpy "github.com/triggerfinder/triggerfinder/input/npy"
	"github.com/triggerfinder/triggerfinder/model"
)

// judging is an oracle with the text that it was made of, where it takes the models to make it: a gallery of inputs is
// embedded by each of them.
type judging struct {
	answer.Oracle
	text string // "" where it takes no models
}

// judgingBy reads an oracle before the models are opened. Everything that is wrong with it, but for what they make of inputs, is found.
func judgingBy(text string) (judging, error) {
	s := &sources{}
	oracle, err := s.parse(text)
	if err != nil || !s.embeds {
		text = ""
	}
	return judging{oracle, text}, err
}

// with is the oracle, now that the models are there.
func (j judging) with(pair *model.Pair) (answer.Oracle, error) {
	if j.text == "" {
		return j.Oracle, nil
	}
	oracle, err := (&sources{pair: pair}).parse(j.text)
	if err != nil {
		return nil, fmt.Errorf("--oracle: %w", err)
	}
	return oracle, nil
}

// sources open what the text of an oracle names.
type sources struct {
	pair   *model.Pair // nil: inputs are not embedded yet
	embeds bool        // it takes the models
}

func (s *sources) parse(text string) (answer.Oracle, error) {
	return plainly(func(text string) (answer.Oracle, error) {
		return answer.ParseOracle(text, answer.Sources{Lines: lines, Vectors: s.vectors})
	})(text)
}

// lines reads a file of a symbol a line. A symbol may be a space.
func lines(file string) ([]string, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	text := strings.TrimPrefix(strings.ReplaceAll(string(content), "\r\n", "\n"), "\ufeff")
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n"), nil
}

// vectors opens a gallery.
func (s *sources) vectors(of answer.VectorSource) (answer.Gallery, error) {
	g, err := s.gallery(of)
	if err == nil && of.Names != "" {
		g.Names, err = lines(of.Names)
	}
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return g, fmt.Errorf("%w, where the command runs", err)
		}
		return g, fmt.Errorf("%s: %w", of.File, withoutPlace(err, of.File))
	}
	return g, nil
}

// withoutPlace drops from an error what says where it is from, as that stands before it.
func withoutPlace(err error, file string) error {
	text := withoutPackages(err.Error())
	if rest, ok := strings.CutPrefix(text, file+": "); ok {
		text = rest
	}
	return errors.New(text)
}

func (s *sources) gallery(of answer.VectorSource) (g answer.Gallery, err error) {
	if of.Inputs {
		return s.embedded(of)
	}
	content, err := os.ReadFile(of.File)
	if err != nil {
		return g, err
	}
	g.Name = nameOf(of, content)
	array, err := arrayOf(content, of.Key)
	if err != nil {
		return g, err
	}
	if len(array.Shape) != 2 || array.DType.Whole() {
		return g, fmt.Errorf("expected vectors, numbers with a point of shape [N, size], found %s of shape %v; with the word inputs, each model makes vectors of them",
			array.DType, array.Shape)
	}
	for row := range slices.Chunk(array.Float32s(), max(1, array.Shape[1])) {
		g.Vectors = append(g.Vectors, row)
	}
	if of.Labels == "" {
		return g, nil
	}
	labels, err := arrayOf(content, of.Labels)
	if err != nil {
		return g, err
	}
	numbers, err := labels.Int64s()
	if err != nil {
		return g, fmt.Errorf("labels %s: %w", of.Labels, err)
	}
	for _, label := range numbers {
		g.Labels = append(g.Labels, answer.ClassName(nil, int(label)))
	}
	return g, nil
}

// nameOf tells a file from one of the same name with something else in it.
func nameOf(of answer.VectorSource, content []byte) string {
	key := ""
	if of.Key != "" {
		key = ":" + of.Key
	}
	sum := sha256.Sum256(content)
	return fmt.Sprintf("%.60s%s %x", filepath.Base(of.File), key, sum[:4])
}

// magic is how an NPY file begins.
const magic = "\x93NUMPY"

// arrayOf reads an array of an NPZ file, or that of an NPY file.
func arrayOf(content []byte, key string) (numpy.Array, error) {
	if bytes.HasPrefix(content, []byte(magic)) {
		if key != "" {
			return numpy.Array{}, fmt.Errorf("expected an NPZ file for the array %q, found one of one array", key)
		}
		return numpy.Decode(content)
	}
	archive, err := numpy.OpenArchive(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return numpy.Array{}, err
	}
	if names := archive.Names(); key == "" && len(names) > 1 {
		return numpy.Array{}, fmt.Errorf("expected key:NAME with the name of one of %d arrays, %s, found none", len(names), strings.Join(names, ", "))
	}
	name, err := archive.Find(key)
	if err != nil {
		return numpy.Array{}, err
	}
	return archive.Read(name)
}

// embedded is a gallery of inputs, each of which both models turn into a vector.
func (s *sources) embedded(of answer.VectorSource) (g answer.Gallery, err error) {
	s.embeds = true
	options, err := arrayOptions(of)
	if err != nil {
		return g, err
	}
	seeds, err := generators.Open(of.File, options...)
	if err != nil {
		return g, err
	}
	names := input.ClassNamesOf(seeds)
	var inputs []input.Input
	sum := sha256.New()
	for i := range seeds.Len() {
		seed, err := seeds.Seed(i)
		if err != nil {
			return g, err
		}
		if seed.Label >= 0 {
			g.Labels = append(g.Labels, answer.ClassName(names, seed.Label))
		}
		g.Names, inputs = append(g.Names, seed.Name), append(inputs, seed.Input)
		_, _ = fmt.Fprintln(sum, seed.Label, seed.Input.ID())
	}
	if len(g.Labels) > 0 && len(g.Labels) < len(inputs) {
		return g, fmt.Errorf("expected labels for all of %d inputs, or for none, found %d", len(inputs), len(g.Labels))
	}
	g.Name = nameOf(of, sum.Sum(nil))
	if s.pair == nil { // a stand-in, of as many
		for i := range inputs {
			g.Vectors = append(g.Vectors, []float32{float32(i)})
		}
		return g, nil
	}
	if g.Vectors, err = model.Vectors(context.Background(), s.pair.Original(), inputs, of.Output); err != nil {
		return g, err
	}
	g.Compressed, err = model.Vectors(context.Background(), s.pair.Compressed(), inputs, of.Output)
	return g, err
}

// arrayOptions say how the inputs of a file are read. Those that are not bytes lie within what is found among them.
func arrayOptions(of answer.VectorSource) (options []generators.OpenOption, err error) {
	if of.Key != "" {
		options = append(options, generators.Key(of.Key))
	}
	if of.Labels != "" {
		options = append(options, generators.LabelKey(of.Labels))
	}
	content, err := os.ReadFile(of.File)
	if info, statErr := os.Stat(of.File); statErr == nil && info.IsDir() {
		return options, nil
	}
	if err != nil {
		return nil, err
	}
	if strings.EqualFold(filepath.Ext(of.File), ".npz") || bytes.HasPrefix(content, []byte(magic)) {
		array, err := arrayOf(content, of.Key)
		if err != nil || array.DType.Whole() && array.DType.Size() == 1 {
			return options, err
		}
		if values := array.Float32s(); len(values) > 0 && slices.Min(values) < slices.Max(values) {
			options = append(options, generators.In(input.Domain{Min: slices.Min(values), Max: slices.Max(values)}))
		}
	}
	return options, nil
}
