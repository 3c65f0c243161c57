package engine

import (
	"fmt"
	"strings"
)

// CheckClasses finds seeds whose classes are not those of the models: a label that none of so many classes has, or
// names of more or fewer classes. Measured by the label of another class, a seed would count as misread. Names that
// are nil are not known.
func CheckClasses(label int, names []string, classes int) error {
	if names != nil && len(names) != classes {
		return fmt.Errorf("%w: the seeds have %d (%s), the models %d; expected as many, in the models' order: "+
			"generators.MapClasses gives each class its number, generators.WithoutLabels takes the seeds without",
			ErrClassCount, len(names), some(names), classes)
	}
	if label >= classes {
		return fmt.Errorf("%w: found label %d and models of %d classes, expected 0 to %d, or %d for unknown: "+
			"generators.Labelled gives other labels, generators.WithoutLabels takes the seeds without",
			ErrBadLabel, label, classes, classes-1, Unlabelled)
	}
	return nil
}

// some are the first names of a list.
func some(names []string) string {
	const most = 5
	if len(names) > most {
		return strings.Join(names[:most], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

// ClassName is the name of a class: "Ankle boot" where names has it, else "class 9". [NoLabel], of an answer that is
// not finite, is "not finite".
func ClassName(names []string, label int) string {
	if label == NoLabel {
		return string(NotFinite)
	}
	if label >= 0 && label < len(names) && names[label] != "" {
		return names[label]
	}
	return fmt.Sprintf("class %d", label)
}
