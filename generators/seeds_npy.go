package generators

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/npy"
)

// NPY returns the rows of an array that NumPy has saved, read one by one.
//
// An array of the shape [n, height, width] holds n grey images; its seeds have the shape [height,
// width, 1]. Any other array of the shape [n, …] holds n seeds of the shape […]; [Shaped] gives them
// another one. Numbers are whole, of 8 to 64 bits, floating point, of 16 to 64 bits, or boolean, in either order of
// bytes. An array of uint8 has the domain [input.Bytes], and a boolean one 0 and 1; with other numbers [In] has to
// tell it, since 0..1 and 0..255 look alike. An array in Fortran order is put into NumPy's own order in memory.
func NPY(path string, options ...ArrayOption) (input.Seeds, error) {
	return openedNPY(path, func() (blob, error) { return openFile(path) }, options)
}

// NPYFS is [NPY] of a file in a file system, such as an embedded one, which is read into memory.
func NPYFS(fsys fs.FS, path string, options ...ArrayOption) (input.Seeds, error) {
	return openedNPY(path, func() (blob, error) { return openFileIn(fsys, path) }, options)
}

func openedNPY(path string, open func() (blob, error), options []ArrayOption) (input.Seeds, error) {
	o, err := newArrayOptions(options)
	if err != nil {
		return nil, err
	}
	if o.labelKey != "" {
		return nil, fmt.Errorf("generators: %s: LabelKey is for NPZ files; expected Labels with the path of an NPY file", path)
	}
	if o.key != "" {
		return nil, fmt.Errorf("generators: %s: Key is for NPZ files", path)
	}
	if o.parts != nil || o.ofParts != nil {
		return nil, fmt.Errorf("generators: %s: Parts, FixedParts and ForPart are for NPZ files, with an array for each part", path)
	}
	file, err := open()
	if err != nil {
		return nil, err
	}
	a, err := parseNPY(file)
	if err != nil {
		return nil, err
	}
	seeds, err := a.seeds(o)
	if err != nil {
		return nil, err
	}
	return seeds.withLabelsOf(o.labelsPath)
}

// ArrayOption is an option of [NPY], [NPZ] and [JSONLines].
type ArrayOption func(*arrayOptions) error

type arrayOptions struct {
	domain     input.Domain
	hasDomain  bool
	single     bool
	shape      []int
	labelsPath string
	labelKey   string
	classes    []string // of LabelKey
	key        string
	kind       input.Kind
	hasKind    bool
	vocabulary *input.Vocabulary
	parts      []partName
	ofParts    map[string]arrayOptions
}

func newArrayOptions(options []ArrayOption) (o arrayOptions, err error) {
	for _, option := range options {
		if err := option(&o); err != nil {
			return o, fmt.Errorf("generators: %w", err)
		}
	}
	if o.vocabulary != nil && (o.kind != input.Tokens || o.domain != o.vocabulary.Domain()) {
		return o, errors.New("generators: option Vocabulary: expected no other kind than tokens and no In, as its tokens are the domain")
	}
	if o.labelsPath != "" && o.labelKey != "" {
		return o, errors.New("generators: expected either Labels or LabelKey, found both")
	}
	return o, nil
}

// In gives the domain of the values. A value outside it is an error of its seed; one that misses
// it by no more than rounding is moved into it.
func In(domain input.Domain) ArrayOption {
	return func(o *arrayOptions) error {
		// The engine checks a domain as a part of an input.
		probe := input.Input{Shape: []int{1}, Data: []float32{domain.Min}, Domain: domain}
		if err := probe.Validate(); err != nil {
			return fmt.Errorf("option In: %w", err)
		}
		o.domain, o.hasDomain = domain, true
		return nil
	}
}

// OfKind says what the values mean, and so which distances, operators and pictures fit them. Without it bytes of the shape
// [height width channels] or [height width] are images, and everything else is of the kind [input.Other]. Seeds of the kind signal, row or tokens, or one of
// your own, keep the shape that they have in the file.
func OfKind(kind input.Kind) ArrayOption {
	return func(o *arrayOptions) error {
		if _, err := input.ParseKind(kind.String()); err != nil {
			return fmt.Errorf("option OfKind: %w", err)
		}
		o.kind, o.hasKind = kind, true
		return nil
	}
}

// Vocabulary says that the values are tokens of a vocabulary, which operators of tokens need: the kind is [input.Tokens], the domain that of every token, and
// padding and special tokens stay as they are.
func Vocabulary(vocabulary input.Vocabulary) ArrayOption {
	return func(o *arrayOptions) error {
		if err := vocabulary.Validate(); err != nil {
			return fmt.Errorf("option Vocabulary: %w", err)
		}
		o.vocabulary = &vocabulary
		o.kind, o.hasKind, o.domain, o.hasDomain = input.Tokens, true, vocabulary.Domain(), true
		return nil
	}
}

// Labels reads the classes of the seeds from an NPY file, one a seed: whole numbers of any type, also of floating
// point, of the shape [n] or [n 1], or one-hot rows of the shape [n classes].
func Labels(path string) ArrayOption {
	return func(o *arrayOptions) error {
		o.labelsPath = path
		return nil
	}
}

// LabelKey reads the classes of the seeds from another array of the same NPZ file, another field of JSON lines or, for [Open], a column of a CSV file. Where
// these are names, they are numbered in the order given or, without any, in that of the alphabet.
func LabelKey(key string, classes ...string) ArrayOption {
	return func(o *arrayOptions) error {
		o.labelKey, o.classes = key, classes
		return nil
	}
}

// Key chooses the array of an NPZ file for [Open], where there are several that may hold images.
func Key(key string) ArrayOption {
	return func(o *arrayOptions) error {
		if key == "" {
			return errors.New("option Key: expected the name of an array")
		}
		o.key = key
		return nil
	}
}

// Single says that the array is one seed, not a row of seeds: an image of the shape [height,
// width, channels] or [height, width].
func Single() ArrayOption {
	return func(o *arrayOptions) error {
		o.single = true
		return nil
	}
}

// Shaped gives every seed another shape of as many values, such as [28, 28, 1] for rows of 784.
func Shaped(shape ...int) ArrayOption {
	return func(o *arrayOptions) error {
		if n, ok := volume(shape...); !ok || n < 1 {
			return fmt.Errorf("option Shaped: shape %v: expected every dimension to be at least 1", shape)
		}
		o.shape = append([]int{}, shape...)
		return nil
	}
}

// npyArray is an array whose values lie in a file, or unpacked in memory.
type npyArray struct {
	npy.Header
	file   blob
	offset int64 // of the values
}

func parseNPY(file blob) (npyArray, error) {
	header, err := npy.ReadHeader(file.reader(0))
	if err == nil {
		err = header.CheckBytes(file.size-header.Size, false)
	}
	if err != nil {
		return npyArray{}, fmt.Errorf("generators: %s: %w", file.name, err)
	}
	return npyArray{header, file, header.Size}, nil
}

// seeds splits the array into its rows.
func (a npyArray) seeds(o arrayOptions) (*array, error) {
	seeds, err := a.rows(o)
	if err != nil {
		return nil, fmt.Errorf("generators: %s: %w", a.file.name, err)
	}
	return seeds, nil
}

func (a npyArray) rows(o arrayOptions) (*array, error) {
	domain, err := a.domain(o)
	if err != nil {
		return nil, err
	}
	if a, err = a.inRowMajor(); err != nil {
		return nil, err
	}
	n, shape := 1, a.Shape
	if !o.single {
		if len(a.Shape) < 2 {
			return nil, fmt.Errorf("shape %v: expected [n, …] of rank 2 or more, or the option Single", a.Shape)
		}
		n, shape = a.Shape[0], a.Shape[1:]
	}
	if len(shape) == 2 && o.shape == nil && o.otherThanImages() {
		o.shape = shape
	}
	shape, err = seedShape(shape, o.shape)
	if err != nil {
		return nil, err
	}
	values, _ := volume(shape...)
	kind, notes := a.kind(o, shape)
	return &array{content: a.file, offset: a.offset, n: n, rowSize: int(values) * a.DType.Size(),
		decode: a.Float32s, shape: shape, domain: domain, kind: kind, layout: o.layout(), notes: notes}, nil
}

// layout is what all seeds share of it; nil for nothing.
func (o arrayOptions) layout() *input.Layout {
	if o.vocabulary == nil {
		return nil
	}
	return &input.Layout{Vocabulary: o.vocabulary}
}

// kind is that of the seeds, with what the user should know about it.
func (a npyArray) kind(o arrayOptions, shape []int) (kind input.Kind, notes []string) {
	switch {
	case o.hasKind:
		return o.kind, nil
	case a.DType == npy.Uint8:
		return kindOfBytes(shape), nil
	case looksLikeImage(shape):
		notes = append(notes, fmt.Sprintf("%s: seeds of the type %s and the shape %v are not taken for images, as only bytes are; if they are images, say so by generators.OfKind(input.Image), --kind image on a command line",
			filepath.Base(a.file.name), a.DType, shape))
	}
	return input.Other, notes
}

// kindOfBytes is the kind of bytes of which nothing else is said: images, where they have the shape of one.
func kindOfBytes(shape []int) input.Kind {
	if len(shape) == 2 || len(shape) == 3 {
		return input.Image
	}
	return input.Other
}

// looksLikeImage reports whether an array has as many channels as images mostly have.
func looksLikeImage(shape []int) bool {
	return len(shape) == 3 && (shape[2] == 1 || shape[2] == 3) && min(shape[0], shape[1]) > 3
}

func (a npyArray) domain(o arrayOptions) (input.Domain, error) {
	switch {
	case o.hasDomain:
		return o.domain, nil
	case a.DType == npy.Uint8:
		return input.Bytes, nil
	case a.DType == npy.Bool:
		return input.Domain{Min: 0, Max: 1, Step: 1}, nil
	}
	return input.Domain{}, fmt.Errorf("type %s: expected the option In, which gives the domain of the values, for any type but u1 and b1; %s",
		a.DType, a.firstValues())
}

// firstValues says between what the first values lie, as a hint at their domain.
func (a npyArray) firstValues() string {
	const most = 1 << 16
	values, err := a.Bytes()
	if err != nil {
		return err.Error()
	}
	first := make([]byte, min(values, int64(most)))
	if err := readRow(a.file, first, a.offset, 0); err != nil {
		return err.Error()
	}
	numbers := a.Float64s(first)
	return fmt.Sprintf("the first %d values lie in %g..%g", len(numbers), slices.Min(numbers), slices.Max(numbers))
}

// inRowMajor is the array with the last index running fastest, in memory where it had another order.
func (a npyArray) inRowMajor() (npyArray, error) {
	if !a.Fortran || len(a.Shape) < 2 {
		return a, nil
	}
	total, err := a.Bytes()
	if err != nil {
		return a, err
	}
	values := make([]byte, total)
	if err := readRow(a.file, values, a.offset, 0); err != nil {
		return a, err
	}
	a.file, a.offset = inMemory(a.file.name, a.RowMajor(values)), 0
	a.Fortran = false
	return a, nil
}

// otherThanImages reports whether a kind was asked for whose values have no channels: [time features] stay as they are.
func (o arrayOptions) otherThanImages() bool {
	return o.hasKind && o.kind != input.Image && o.kind != input.Other
}

// isOneImage reports whether the shape is [height, width, channels], and not [n, height, width].
func isOneImage(h npy.Header) bool {
	return len(h.Shape) == 3 && (h.Shape[2] == 1 || h.Shape[2] == 3)
}

// mayBeLabels reports whether these are whole numbers of the shape [n] or [n 1].
func mayBeLabels(h npy.Header) bool {
	return h.DType.Whole() && (len(h.Shape) == 1 || len(h.Shape) == 2 && h.Shape[1] == 1)
}

// seedShape is the shape of a seed, given that of a row and the one asked for.
func seedShape(row, asked []int) ([]int, error) {
	if asked == nil {
		if len(row) == 2 {
			return []int{row[0], row[1], 1}, nil
		}
		if len(row) == 0 {
			return []int{1}, nil
		}
		return row, nil
	}
	want, _ := volume(row...)
	if found, _ := volume(asked...); found != want {
		return nil, fmt.Errorf("option Shaped: shape %v: expected %d values as in %v, found %d", asked, want, row, found)
	}
	return asked, nil
}

// withLabelsOf reads the labels of the seeds from the NPY file of that path, if any.
func (a *array) withLabelsOf(path string) (input.Seeds, error) {
	if path == "" {
		return a, nil
	}
	file, err := openFile(path)
	if err != nil {
		return nil, err
	}
	labels, err := parseNPY(file)
	if err != nil {
		return nil, err
	}
	return a.withLabels(labels)
}

// withLabels takes the labels of the seeds from an array.
func (a *array) withLabels(from npyArray) (input.Seeds, error) {
	labels, err := from.classes()
	if err != nil {
		return nil, err
	}
	if err := checkLabels(from.file.name, labels, a.n); err != nil {
		return nil, err
	}
	a.labels = labels
	return a, nil
}

// whatLabelsAre is for errors.
const whatLabelsAre = "expected labels, whole numbers of the shape [n] or [n 1] or one-hot rows of the shape [n classes]"

// classes are labels, whatever their type and shape, where they can be nothing else.
func (a npyArray) classes() ([]int, error) {
	name := a.file.name
	if len(a.Shape) != 1 && len(a.Shape) != 2 {
		return nil, fmt.Errorf("generators: %s: %s, found %s of the shape %v", name, whatLabelsAre, a.DType, a.Shape)
	}
	a, err := a.inRowMajor()
	if err != nil {
		return nil, err
	}
	n, _ := volume(a.Shape...)
	content := make([]byte, n*int64(a.DType.Size()))
	if err := readRow(a.file, content, a.offset, 0); err != nil {
		return nil, err
	}
	values := a.Float64s(content)
	if len(a.Shape) == 2 && a.Shape[1] > 1 {
		return oneHotLabels(name, values, a.Shape[1])
	}
	labels := make([]int, len(values))
	for i, v := range values {
		if v != math.Trunc(v) || v < input.Unlabelled || v > math.MaxInt32 {
			return nil, fmt.Errorf("generators: %s: label %d: %s, found %g", name, i, whatLabelsAre, v)
		}
		labels[i] = int(v)
	}
	return labels, nil
}

// oneHotLabels are the places of the ones of rows that are 0 elsewhere.
func oneHotLabels(name string, values []float64, classes int) ([]int, error) {
	labels := make([]int, 0, len(values)/classes)
	for row := range slices.Chunk(values, classes) {
		label := slices.Index(row, 1)
		for i, v := range row {
			if v != 0 && i != label || label < 0 {
				return nil, fmt.Errorf("generators: %s: row %d: %s, with one 1 and else 0, found %s", name, len(labels), whatLabelsAre, shortNumbers(row))
			}
		}
		labels = append(labels, label)
	}
	return labels, nil
}

func shortNumbers(values []float64) string {
	const most = 10
	if len(values) > most {
		return strings.TrimSuffix(fmt.Sprint(values[:most]), "]") + " …]"
	}
	return fmt.Sprint(values)
}
