package generators

import (
	"math/rand/v2"
	"slices"

	"github.com/triggerfinder/triggerfinder/input"
)

// selection implements input.Seeds on some seeds of another source, in another order.
type selection struct {
	src   input.Seeds
	n     int
	index func(i int) int
	note  string // on which seeds they are; "" for none
}

var _ partly = (*selection)(nil)

// Len implements [input.Seeds].
func (s *selection) Len() int { return s.n }

// Seed implements [input.Seeds].
func (s *selection) Seed(i int) (input.Seed, error) {
	if err := checkIndex(i, s.n); err != nil {
		return input.Seed{}, err
	}
	return s.src.Seed(s.index(i))
}

// ClassNames implements [input.ClassNamer].
func (s *selection) ClassNames() []string { return input.ClassNamesOf(s.src) }

// Notes implements [input.Noted].
func (s *selection) Notes() []string { return s.notesOn(allOf(s)) }

// notesOn implements partly.
func (s *selection) notesOn(indices []int) []string {
	notes := notesOn(s.src, s.inSource(indices))
	if s.note != "" {
		notes = append(slices.Clip(notes), s.note)
	}
	return notes
}

// knownLabels implements labeller.
func (s *selection) knownLabels() ([]int, error) {
	labels, err := labelsOf(s.src)
	if err != nil {
		return nil, err
	}
	chosen := make([]int, s.n)
	for i := range chosen {
		chosen[i] = labels[s.index(i)]
	}
	return chosen, nil
}

// inSource are the positions in the source.
func (s *selection) inSource(indices []int) []int {
	mapped := make([]int, len(indices))
	for i, index := range indices {
		mapped[i] = s.index(index)
	}
	return mapped
}

func allOf(src input.Seeds) []int {
	all := make([]int, src.Len())
	for i := range all {
		all[i] = i
	}
	return all
}

// First returns the first n seeds of src, or all when it has fewer. A negative n counts as 0.
func First(src input.Seeds, n int) input.Seeds {
	return &selection{src: src, n: min(max(n, 0), src.Len()), index: func(i int) int { return i }}
}

// Every returns every k-th seed of src, beginning with the first: a part that runs through all of
// it when seeds are sorted by class. A k below 1 counts as 1.
func Every(src input.Seeds, k int) input.Seeds {
	k = max(k, 1)
	n := src.Len() / k
	if src.Len()%k > 0 {
		n++
	}
	return &selection{src: src, n: n, index: func(i int) int { return i * k }}
}

// Shuffled returns the seeds of src in a random order, which is the same for the same randomSeed
// and number of seeds.
func Shuffled(src input.Seeds, randomSeed uint64) input.Seeds {
	order := rand.New(rand.NewPCG(randomSeed, 0)).Perm(src.Len())
	return &selection{src: src, n: len(order), index: func(i int) int { return order[i] }}
}

// labelled implements input.Seeds with other labels.
type labelled struct {
	input.Seeds
	labels []int
}

// Labelled returns the seeds of src with the given labels, one a seed, in place of their own.
func Labelled(src input.Seeds, labels []int) (input.Seeds, error) {
	if err := checkLabels("labels", labels, src.Len()); err != nil {
		return nil, err
	}
	return &labelled{src, slices.Clone(labels)}, nil
}

// WithoutLabels returns the seeds of src without their labels and class names, such as for models of other classes.
func WithoutLabels(src input.Seeds) input.Seeds {
	return &labelled{src, slices.Repeat([]int{input.Unlabelled}, src.Len())}
}

// ClassNames implements [input.ClassNamer]: there are none, as names go with the labels that were there before.
func (l *labelled) ClassNames() []string { return nil }

// Notes implements [input.Noted].
func (l *labelled) Notes() []string { return input.NotesOf(l.Seeds) }

// notesOn implements partly.
func (l *labelled) notesOn(indices []int) []string { return notesOn(l.Seeds, indices) }

// knownLabels implements labeller.
func (l *labelled) knownLabels() ([]int, error) { return l.labels, nil }

// Seed implements [input.Seeds].
func (l *labelled) Seed(i int) (input.Seed, error) {
	if err := checkIndex(i, len(l.labels)); err != nil {
		return input.Seed{}, err
	}
	seed, err := l.Seeds.Seed(i)
	seed.Label = l.labels[i]
	return seed, err
}
