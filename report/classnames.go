package report

import (
	"fmt"
	"strings"
)

// ResolveClassNames chooses the names of classes: those given by an option or, where that is nil, those that the seeds
// carry ([input.ClassNamesOf]). Classes is how many the models have, 0 where that is not known. Given names of another
// number are an error. So are the seeds' own in another order, since labels follow the seeds' order. Given ones that
// differ otherwise are taken, and the note tells.
func ResolveClassNames(given, carried []string, classes int) (names []string, note string, err error) {
	if given == nil {
		return carried, "", nil
	}
	if classes > 0 && len(given) != classes {
		return nil, "", fmt.Errorf("report: class names: expected %d, one a class of the models, found %d", classes, len(given))
	}
	if len(carried) != len(given) {
		return given, "", nil
	}
	labels := map[string]int{}
	for label, name := range carried {
		labels[spelling(name)] = label
	}
	differs, inOtherOrder := -1, true
	for label, name := range given {
		at, known := labels[spelling(name)]
		if inOtherOrder = inOtherOrder && known; known && at == label {
			continue
		}
		if differs < 0 {
			differs = label
		}
	}
	switch {
	case differs < 0:
		return given, "", nil
	case inOtherOrder && len(labels) == len(given):
		return nil, "", fmt.Errorf("report: class names: label %d is %q by the names given, and %q by the seeds, which have the same classes in another order; "+
			"generators.MapClasses gives the seeds the labels of the names", differs, given[differs], carried[differs])
	}
	return given, fmt.Sprintf("classes are called by the names given, not by those of the seeds: class %d is %q, not %q",
		differs, given[differs], carried[differs]), nil
}

// spelling is a name without what two spellings of it differ in.
func spelling(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == ' ' || r == '_' || r == '-' }), " ")
}

// knownClassName is the name of a class, "" where there is none: what is written down is no stand-in.
func knownClassName(names []string, label int) string {
	if label < 0 || label >= len(names) {
		return ""
	}
	return names[label]
}
