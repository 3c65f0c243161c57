package generators

import (
	"errors"
	"fmt"

	"github.com/triggerfinder/triggerfinder/engine"
)

// NPY returns the rows of an array that NumPy has saved, read one by one.
//
// An array of the shape [n, height, width] holds n grey images; its seeds have the shape [height,
// width, 1]. Any other array of the shape [n, …] holds n seeds of the shape […]; [Shaped] gives them
// another one. An array of uint8 has the domain [engine.Bytes]; with other numbers, whole or floating
// point, [In] has to tell it. The order of the axes has to be NumPy's own (C order).
func NPY(path string, options ...ArrayOption) (engine.Seeds, error) {
	o, err := newArrayOptions(options)
	if err != nil {
		return nil, err
	}
	if o.labelKey != "" {
		return nil, fmt.Errorf("generators: %s: LabelKey is for NPZ files; expected Labels with the path of an NPY file", path)
	}
	file, err := openFile(path)
	if err != nil {
		return nil, err
	}
	seeds, err := newNPYSeeds(file, o)
	if err != nil {
		return nil, err
	}
	return seeds.withLabelsOf(o.labelsPath)
}

// ArrayOption is an option of [NPY] and [NPZ].
type ArrayOption func(*arrayOptions) error

type arrayOptions struct {
	domain     engine.Domain
	hasDomain  bool
	single     bool
	shape      []int
	labelsPath string
	labelKey   string
}

func newArrayOptions(options []ArrayOption) (o arrayOptions, err error) {
	for _, option := range options {
		if err := option(&o); err != nil {
			return o, fmt.Errorf("generators: %w", err)
		}
	}
	if o.labelsPath != "" && o.labelKey != "" {
		return o, errors.New("generators: expected either Labels or LabelKey, found both")
	}
	return o, nil
}

// In gives the domain of the values. A value outside it is an error of its seed; one that misses
// it by no more than rounding is moved into it.
func In(domain engine.Domain) ArrayOption {
	return func(o *arrayOptions) error {
		// The engine checks a domain as a part of an input.
		probe := engine.Input{Shape: []int{1}, Data: []float32{domain.Min}, Domain: domain}
		if err := probe.Validate(); err != nil {
			return fmt.Errorf("option In: %w", err)
		}
		o.domain, o.hasDomain = domain, true
		return nil
	}
}

// Labels reads the classes of the seeds from an NPY file of whole numbers, one a seed.
func Labels(path string) ArrayOption {
	return func(o *arrayOptions) error {
		o.labelsPath = path
		return nil
	}
}

// LabelKey reads the classes of the seeds from another array of the same NPZ file.
func LabelKey(key string) ArrayOption {
	return func(o *arrayOptions) error {
		o.labelKey = key
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

// npyArray is an NPY file after its header was read.
type npyArray struct {
	file blob
	npyHeader
}

func parseNPY(file blob) (npyArray, error) {
	header, err := readNPYHeader(file.reader(0))
	if err != nil {
		return npyArray{}, fmt.Errorf("generators: %s: %w", file.name, err)
	}
	want, err := header.valueBytes()
	if err != nil {
		return npyArray{}, fmt.Errorf("generators: %s: %w", file.name, err)
	}
	if found := file.size - header.size; found < want {
		return npyArray{}, fmt.Errorf("generators: %s: shape %v of %s: expected %d bytes of values, found %d: the file is truncated",
			file.name, header.shape, header.dtype.name, want, found)
	}
	return npyArray{file, header}, nil
}

func newNPYSeeds(file blob, o arrayOptions) (*array, error) {
	a, err := parseNPY(file)
	if err != nil {
		return nil, err
	}
	seeds, err := a.seeds(o)
	if err != nil {
		return nil, fmt.Errorf("generators: %s: %w", file.name, err)
	}
	return seeds, nil
}

// seeds splits the array into its rows.
func (a npyArray) seeds(o arrayOptions) (*array, error) {
	domain, err := a.domain(o)
	if err != nil {
		return nil, err
	}
	if a.fortran && len(a.shape) > 1 {
		return nil, fmt.Errorf("expected C order, found Fortran order; save numpy.ascontiguousarray of it")
	}
	n, shape := 1, a.shape
	if !o.single {
		if len(a.shape) < 2 {
			return nil, fmt.Errorf("shape %v: expected [n, …] of rank 2 or more, or the option Single", a.shape)
		}
		n, shape = a.shape[0], a.shape[1:]
	}
	shape, err = seedShape(shape, o.shape)
	if err != nil {
		return nil, err
	}
	values, _ := volume(shape...)
	return &array{content: a.file, offset: a.size, n: n, rowSize: int(values) * a.dtype.size,
		decode: a.dtype.decode, shape: shape, domain: domain}, nil
}

func (a npyArray) domain(o arrayOptions) (engine.Domain, error) {
	switch {
	case o.hasDomain:
		return o.domain, nil
	case a.dtype.name == "u1":
		return engine.Bytes, nil
	}
	return engine.Domain{}, fmt.Errorf("type %s: expected the option In, which gives the domain of the values, for any type but u1",
		a.dtype.name)
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
func (a *array) withLabelsOf(path string) (engine.Seeds, error) {
	if path == "" {
		return a, nil
	}
	file, err := openFile(path)
	if err != nil {
		return nil, err
	}
	return a.withLabels(file)
}

// withLabels reads the labels of the seeds from an NPY file.
func (a *array) withLabels(file blob) (engine.Seeds, error) {
	l, err := parseNPY(file)
	if err != nil {
		return nil, err
	}
	if !l.dtype.integer || len(l.shape) != 1 && (len(l.shape) != 2 || l.shape[1] != 1) {
		return nil, fmt.Errorf("generators: %s: expected labels, whole numbers of shape [n] or [n 1], found %s of shape %v",
			file.name, l.dtype.name, l.shape)
	}
	n, _ := volume(l.shape...)
	values := make([]byte, n*int64(l.dtype.size))
	if err := readRow(file, values, l.size, 0); err != nil {
		return nil, err
	}
	a.labels = l.dtype.labels(values)
	if err := checkLabels(file.name, a.labels, a.n); err != nil {
		return nil, err
	}
	return a, nil
}
