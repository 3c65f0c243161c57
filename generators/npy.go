package generators

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
)

// NPY returns the rows of an array that NumPy has saved, read one by one.
//
// An array of the shape [n, height, width] holds n grey images; its seeds have the shape [height,
// width, 1]. Any other array of the shape [n, …] holds n seeds of the shape […]; [Shaped] gives them
// another one. Numbers are whole, of 8 to 64 bits, floating point, of 16 to 64 bits, or boolean, in either order of
// bytes. An array of uint8 has the domain [engine.Bytes], and a boolean one 0 and 1; with other numbers [In] has to
// tell it, since 0..1 and 0..255 look alike. An array in Fortran order is put into NumPy's own order in memory.
func NPY(path string, options ...ArrayOption) (engine.Seeds, error) {
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
	key        string
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

// Labels reads the classes of the seeds from an NPY file, one a seed: whole numbers of any type, also of floating
// point, of the shape [n] or [n 1], or one-hot rows of the shape [n classes].
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
	if a, err = a.inCOrder(); err != nil {
		return nil, err
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
	case a.dtype.name == "b1":
		return engine.Domain{Min: 0, Max: 1, Step: 1}, nil
	}
	return engine.Domain{}, fmt.Errorf("type %s: expected the option In, which gives the domain of the values, for any type but u1 and b1; %s",
		a.dtype.name, a.firstValues())
}

// firstValues says between what the first values lie, as a hint at their domain.
func (a npyArray) firstValues() string {
	const most = 1 << 16
	values, err := a.valueBytes()
	if err != nil {
		return err.Error()
	}
	first := make([]byte, min(values, int64(most)))
	if err := readRow(a.file, first, a.size, 0); err != nil {
		return err.Error()
	}
	numbers := a.dtype.values(first)
	return fmt.Sprintf("the first %d values lie in %g..%g", len(numbers), slices.Min(numbers), slices.Max(numbers))
}

// inCOrder is the array in the order of NumPy, in which the last index runs fastest.
func (a npyArray) inCOrder() (npyArray, error) {
	if !a.fortran || len(a.shape) < 2 {
		return a, nil
	}
	total, err := a.valueBytes()
	if err != nil {
		return a, err
	}
	from := make([]byte, total)
	if err := readRow(a.file, from, a.size, 0); err != nil {
		return a, err
	}
	strides := make([]int, len(a.shape)) // in the file, in bytes
	stride := a.dtype.size
	for i, d := range a.shape {
		strides[i], stride = stride, stride*d
	}
	to, index, at := make([]byte, 0, total), make([]int, len(a.shape)), 0
	for len(to) < cap(to) {
		to = append(to, from[at:at+a.dtype.size]...)
		for i := len(index) - 1; i >= 0; i-- {
			index[i]++
			at += strides[i]
			if index[i] < a.shape[i] {
				break
			}
			at -= strides[i] * a.shape[i]
			index[i] = 0
		}
	}
	a.file, a.size, a.fortran = inMemory(a.file.name, to), 0, false
	return a, nil
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
	labels, err := readNPYLabels(file)
	if err != nil {
		return nil, err
	}
	if err := checkLabels(file.name, labels, a.n); err != nil {
		return nil, err
	}
	a.labels = labels
	return a, nil
}

// whatLabelsAre is for errors.
const whatLabelsAre = "expected labels, whole numbers of the shape [n] or [n 1] or one-hot rows of the shape [n classes]"

// readNPYLabels reads labels, whatever their type and shape, where they can be nothing else.
func readNPYLabels(file blob) ([]int, error) {
	l, err := parseNPY(file)
	if err == nil {
		l, err = l.inCOrder()
	}
	if err != nil {
		return nil, err
	}
	if len(l.shape) != 1 && len(l.shape) != 2 {
		return nil, fmt.Errorf("generators: %s: %s, found %s of the shape %v", file.name, whatLabelsAre, l.dtype.name, l.shape)
	}
	n, _ := volume(l.shape...)
	content := make([]byte, n*int64(l.dtype.size))
	if err := readRow(l.file, content, l.size, 0); err != nil {
		return nil, err
	}
	values := l.dtype.values(content)
	if len(l.shape) == 2 && l.shape[1] > 1 {
		return oneHotLabels(file.name, values, l.shape[1])
	}
	labels := make([]int, len(values))
	for i, v := range values {
		if v != math.Trunc(v) || v < engine.Unlabelled || v > math.MaxInt32 {
			return nil, fmt.Errorf("generators: %s: label %d: %s, found %g", file.name, i, whatLabelsAre, v)
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
