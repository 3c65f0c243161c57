package strategies

import "github.com/triggerfinder/triggerfinder/generators"

// Boundary is the search along paths across the decision boundary, with blends between seeds and the
// corruptions of [generators.Corruptions] as paths. It is the default of the matchers and of the
// command.
func Boundary() BoundarySearch {
	return BoundarySearch{Corruptions: generators.Corruptions()}
}
