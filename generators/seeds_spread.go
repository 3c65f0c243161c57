package generators

import (
	"fmt"
	"slices"

	"github.com/triggerfinder/triggerfinder/input"
)

// Spread returns n seeds of src that are of all its classes, or all when it has fewer. Of seeds that lie sorted by
// class, as those of class folders do, it takes one of each class in turn, in the order of labels and within a class
// from the first on; of others, whose classes lie mixed or are not known, the first n as [First] does. A note tells
// how many were taken. A negative n counts as 0. What is made of a slice or a file knows its labels; of another
// implementation of [input.Seeds] every seed is read once, and one that cannot be read counts as of the class before it.
func Spread(src input.Seeds, n int) input.Seeds {
	n = min(max(n, 0), src.Len())
	labels, err := labelsOf(src)
	if err != nil || n == 0 || n == src.Len() || !sortedByClass(labels) {
		return First(src, n)
	}
	order, classes := inTurn(labels, n)
	return &selection{src: src, n: n, index: func(i int) int { return order[i] },
		note: fmt.Sprintf("%d of %d seeds are taken, spread over %d classes in turn", n, src.Len(), classes)}
}

// labeller is a source that knows the labels of all its seeds without reading them.
type labeller interface{ knownLabels() ([]int, error) }

// labelsOf are the labels of all seeds, which must not be changed.
func labelsOf(src input.Seeds) ([]int, error) {
	if l, ok := src.(labeller); ok {
		return l.knownLabels()
	}
	labels := make([]int, src.Len())
	for i := range labels {
		seed, err := src.Seed(i)
		switch {
		case err == nil:
			labels[i] = max(seed.Label, input.Unlabelled)
		case i > 0:
			labels[i] = labels[i-1]
		default:
			labels[i] = input.Unlabelled
		}
	}
	return labels, nil
}

// sortedByClass reports whether there are several classes, each in one piece.
func sortedByClass(labels []int) bool {
	seen := map[int]bool{}
	for i, label := range labels {
		if i > 0 && label == labels[i-1] {
			continue
		}
		if seen[label] {
			return false
		}
		seen[label] = true
	}
	return len(seen) > 1
}

// inTurn takes n indices, one of each class in turn, and counts the classes that it took some of.
func inTurn(labels []int, n int) (order []int, classes int) {
	byClass := map[int][]int{}
	for i, label := range labels {
		byClass[label] = append(byClass[label], i)
	}
	var known []int
	for label := range byClass {
		known = append(known, label)
	}
	slices.Sort(known)
	for round := 0; len(order) < n; round++ {
		for _, label := range known {
			if of := byClass[label]; round < len(of) && len(order) < n {
				order = append(order, of[round])
			}
		}
	}
	return order, min(len(known), n)
}
