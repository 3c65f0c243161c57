package generators

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/triggerfinder/triggerfinder/input"
)

// CIFAR10 returns the images of files in the binary version of CIFAR-10 (data_batch_1.bin …), in
// the order of the files: colour images of 32 x 32 with their class. They are read image by image. Class names are those
// of batches.meta.txt, where it lies beside the first file.
func CIFAR10(paths ...string) (input.Seeds, error) {
	return newCIFAR(cifarLayout{labels: 1, classes: 10}, paths)
}

// CIFAR100 returns the images of files in the binary version of CIFAR-100 (test.bin, train.bin),
// in the order of the files: colour images of 32 x 32 with their fine class. They are read image by
// image. Class names are those of fine_label_names.txt, where it lies beside the first file.
func CIFAR100(paths ...string) (input.Seeds, error) {
	return newCIFAR(cifarLayout{labels: 2, classes: 100}, paths)
}

const (
	cifarSide     = 32
	cifarChannels = 3
	cifarPixels   = cifarSide * cifarSide
)

// cifarLayout is a record: label bytes, of which the last is the class, then a plane of each colour.
type cifarLayout struct{ labels, classes int }

func (l cifarLayout) recordSize() int { return l.labels + cifarChannels*cifarPixels }

// cifar implements input.Seeds on several files.
type cifar struct {
	layout cifarLayout
	files  []blob
	ends   []int // of each file, the number of seeds in it and in those before
	names  []string
	notes  []string
}

var _ input.Seeds = (*cifar)(nil)

func newCIFAR(layout cifarLayout, paths []string) (input.Seeds, error) {
	if len(paths) == 0 {
		return nil, errors.New("generators: CIFAR: expected at least one file, found none")
	}
	c := &cifar{layout: layout}
	for _, path := range paths {
		file, err := openFile(path)
		if err != nil {
			return nil, err
		}
		if err := c.add(file); err != nil {
			return nil, err
		}
	}
	c.nameClasses(paths[0])
	return c, nil
}

// nameClasses reads the names of the classes from the file that comes with the data set, where it lies beside them.
func (c *cifar) nameClasses(path string) {
	beside := "batches.meta.txt"
	if c.layout.classes == 100 {
		beside = "fine_label_names.txt"
	}
	content, err := os.ReadFile(filepath.Join(filepath.Dir(path), beside))
	if err != nil {
		return
	}
	names := strings.Fields(string(content))
	if len(names) != c.layout.classes {
		c.notes = append(c.notes, fmt.Sprintf("the class names beside the images are not taken: %s has %d, for %d classes", beside, len(names), c.layout.classes))
		return
	}
	c.names = names
}

// ClassNames implements [input.ClassNamer].
func (c *cifar) ClassNames() []string { return c.names }

// Notes implements [input.Noted].
func (c *cifar) Notes() []string { return c.notes }

func (c *cifar) add(file blob) error {
	size := int64(c.layout.recordSize())
	if file.size == 0 || file.size%size != 0 {
		return fmt.Errorf("generators: %s: expected records of %d bytes (CIFAR-%d), found %d bytes, %d more than whole records",
			file.name, size, c.layout.classes, file.size, file.size%size)
	}
	c.files = append(c.files, file)
	c.ends = append(c.ends, c.Len()+int(file.size/size))
	return nil
}

// Len implements [input.Seeds].
func (c *cifar) Len() int {
	if len(c.ends) == 0 {
		return 0
	}
	return c.ends[len(c.ends)-1]
}

// Seed implements [input.Seeds].
func (c *cifar) Seed(i int) (input.Seed, error) {
	if err := checkIndex(i, c.Len()); err != nil {
		return input.Seed{}, err
	}
	f := sort.SearchInts(c.ends, i+1)
	if f > 0 {
		i -= c.ends[f-1]
	}
	record := make([]byte, c.layout.recordSize())
	if err := readRow(c.files[f], record, int64(i)*int64(len(record)), i); err != nil {
		return input.Seed{}, err
	}
	label := int(record[c.layout.labels-1])
	if label >= c.layout.classes {
		return input.Seed{}, fmt.Errorf("generators: %s[%d]: expected a class below %d, found %d",
			c.files[f].name, i, c.layout.classes, label)
	}
	return input.Seed{Input: interleave(record[c.layout.labels:]), Label: label, Name: rowName(c.files[f].name, i)}, nil
}

// knownLabels implements labeller.
func (c *cifar) knownLabels() ([]int, error) {
	labels := make([]int, 0, c.Len())
	record := make([]byte, c.layout.recordSize())
	for _, file := range c.files {
		r := bufio.NewReaderSize(file.reader(0), 1<<20)
		for range file.size / int64(len(record)) {
			if _, err := io.ReadFull(r, record); err != nil {
				return nil, fmt.Errorf("generators: %s: %w", file.name, err)
			}
			labels = append(labels, int(record[c.layout.labels-1]))
		}
	}
	return labels, nil
}

// interleave makes an image in HWC order of one plane a colour.
func interleave(planes []byte) input.Input {
	in := input.Input{
		Shape:  []int{cifarSide, cifarSide, cifarChannels},
		Data:   make([]float32, len(planes)),
		Domain: input.Bytes,
		Kind:   input.Image,
	}
	for c := range cifarChannels {
		for p, v := range planes[c*cifarPixels : (c+1)*cifarPixels] {
			in.Data[p*cifarChannels+c] = float32(v)
		}
	}
	return in
}
