package engine

import "fmt"

// Unlabelled is the Label of a seed whose true class is not known.
const Unlabelled = -1

// Seed is one input to start from, with its true class where that is known.
type Seed struct {
	Input Input
	Label int    // class index, or Unlabelled
	Name  string // where it comes from, such as "cats/0012.png" or "images.npy[7]"
}

// Seeds is a collection of seeds, read one by one so that a large one need not sit in memory.
// Implementations are safe for concurrent use and return the same seed for the same index.
type Seeds interface {
	// Len is the number of seeds, readable or not.
	Len() int
	// Seed reads seed i, 0 <= i < Len(). An error means that this one seed cannot be used; it
	// names the file or the index, what was expected and what was found.
	Seed(i int) (Seed, error)
}

// SeedList is Seeds held in memory.
type SeedList []Seed

var _ Seeds = SeedList(nil)

// Len implements [Seeds].
func (l SeedList) Len() int { return len(l) }

// Seed implements [Seeds].
func (l SeedList) Seed(i int) (Seed, error) {
	if i < 0 || i >= len(l) {
		return Seed{}, fmt.Errorf("engine: seed %d: expected an index below %d", i, len(l))
	}
	return l[i], nil
}
