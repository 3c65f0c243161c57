package generators

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/input"
)

// renamed implements input.Seeds with other class names.
type renamed struct {
	input.Seeds
	names []string
}

// WithClassNames returns the seeds of src with names for their classes, by label, in place of those that they carry.
// Messages, reports and pictures use them. There has to be one for each class of the models.
//
// Where src carries names that are all among them, as folders of a part of ImageNet do beside the names of its 1,000 classes, each class
// gets the label of its name; capitals, blanks, hyphens and underscores make no difference. Where only some are, and they are not as
// many, what is which class is not known, which is an error: [MapClasses] says it.
func WithClassNames(src input.Seeds, names ...string) (input.Seeds, error) {
	if len(names) == 0 {
		return nil, errors.New("generators: class names: expected one a class, found none")
	}
	names = slices.Clone(names)
	from := input.ClassNamesOf(src)
	if from == nil || slices.Equal(from, names) {
		return &renamed{src, names}, nil
	}
	labels := make([]int, len(from))
	for i, name := range from {
		at := slices.IndexFunc(names, func(other string) bool { return sameName(name, other) })
		switch {
		case at < 0 && len(from) == len(names):
			return &renamed{src, names}, nil // they are called otherwise
		case at < 0:
			return nil, fmt.Errorf("generators: class names: expected each of the seeds' %d classes among the %d names, found %q in none: "+
				"generators.MapClasses gives each class its number, generators.WithoutLabels takes the seeds without", len(from), len(names), name)
		}
		if again := slices.IndexFunc(names[at+1:], func(other string) bool { return sameName(name, other) }); again >= 0 {
			return nil, fmt.Errorf("generators: class names: expected the class %q of the seeds once among the names, found it with the labels %d and %d: "+
				"generators.MapClasses gives each class its number", name, at, at+1+again)
		}
		labels[i] = at
	}
	return &mapped{renamed{src, names}, labels}, nil
}

// sameName reports whether two spellings are of one name.
func sameName(a, b string) bool {
	plain := strings.NewReplacer("_", " ", "-", " ")
	return strings.EqualFold(plain.Replace(a), plain.Replace(b))
}

// ClassNames implements [input.ClassNamer].
func (r *renamed) ClassNames() []string { return r.names }

// Notes implements [input.Noted].
func (r *renamed) Notes() []string { return input.NotesOf(r.Seeds) }

// notesOn implements partly.
func (r *renamed) notesOn(indices []int) []string { return notesOn(r.Seeds, indices) }

// knownLabels implements labeller.
func (r *renamed) knownLabels() ([]int, error) { return labelsOf(r.Seeds) }

// mapped implements input.Seeds with classes of other numbers.
type mapped struct {
	renamed
	labels []int // by label of the source
}

// ClassMap says which label of the models' classes a class of the seeds is.
type ClassMap struct {
	// Labels are by the name of a class, such as that of its folder.
	Labels map[string]int
	// Names are names for messages and reports, by label. nil: those of Labels.
	Names []string
}

// mostClasses keeps a damaged map from filling the memory.
const mostClasses = 1 << 20

// MapClasses gives the classes of src, which has to carry their names as an [ImageFolder] does, the labels that a map
// has for them. It is for models whose classes are more than the seeds', or in another order. The map may have further
// classes; one of src that it lacks is an error, and so is a label that is none of so many classes of the models; 0
// classes are as many as the map has.
func MapClasses(src input.Seeds, to ClassMap, classes int) (input.Seeds, error) {
	from := input.ClassNamesOf(src)
	if from == nil {
		return nil, errors.New("generators: class map: expected seeds that carry the names of their classes, such as folders, one a class, found none")
	}
	names, err := to.names(classes)
	if err != nil {
		return nil, err
	}
	m := &mapped{renamed{src, names}, make([]int, len(from))}
	for i, name := range from {
		label, ok := to.Labels[name]
		if !ok {
			return nil, fmt.Errorf("generators: class map: expected a label for the class %q of the seeds, found none", name)
		}
		m.labels[i] = label
	}
	return m, nil
}

// names are the names by label, "" where there is none.
func (m ClassMap) names(classes int) ([]string, error) {
	most := classes
	if classes < 1 {
		classes, most = len(m.Names), mostClasses
	}
	byLabel := make([]string, classes)
	for _, name := range slices.Sorted(maps.Keys(m.Labels)) {
		label := m.Labels[name]
		if label < 0 || label >= most {
			return nil, fmt.Errorf("generators: class map: class %q: expected a label of 0 to %d, found %d", name, most-1, label)
		}
		if label >= len(byLabel) {
			byLabel = append(byLabel, make([]string, label+1-len(byLabel))...)
		}
		if other := byLabel[label]; other != "" {
			return nil, fmt.Errorf("generators: class map: expected one class a label, found %q and %q with label %d", other, name, label)
		}
		byLabel[label] = name
	}
	if len(m.Names) > len(byLabel) {
		return nil, fmt.Errorf("generators: class map: expected names of %d classes, found %d", len(byLabel), len(m.Names))
	}
	for label, name := range m.Names {
		if name != "" {
			byLabel[label] = name
		}
	}
	return byLabel, nil
}

// knownLabels implements labeller.
func (m *mapped) knownLabels() ([]int, error) {
	labels, err := labelsOf(m.Seeds)
	if err != nil {
		return nil, err
	}
	labels = slices.Clone(labels)
	for i, label := range labels {
		if label >= 0 && label < len(m.labels) {
			labels[i] = m.labels[label]
		}
	}
	return labels, nil
}

// Seed implements [input.Seeds].
func (m *mapped) Seed(i int) (input.Seed, error) {
	seed, err := m.Seeds.Seed(i)
	if err == nil && seed.Label >= 0 {
		if seed.Label >= len(m.labels) {
			return input.Seed{}, fmt.Errorf("generators: %s: expected a label below %d, found %d", seed.Name, len(m.labels), seed.Label)
		}
		seed.Label = m.labels[seed.Label]
	}
	return seed, err
}
