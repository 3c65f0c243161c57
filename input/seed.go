package input

import (
	"errors"
	"fmt"
)

// Unlabelled is the Label of a seed whose true class is not known.
const Unlabelled = -1

// ErrNoSeeds: there is no seed at all.
var ErrNoSeeds = errors.New("no seeds")

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

// ClassNamer is an optional extension of [Seeds] and [Distribution]: what the classes of the labels are called.
type ClassNamer interface {
	// ClassNames are the names by label, as many as there are classes; nil when they are not known. A class
	// without a name is "".
	ClassNames() []string
}

// Noted is an optional extension of [Seeds] and [Distribution]: what a user should know about where they come from,
// such as that files were left out. Reports hold it; see engine.Report.
type Noted interface {
	Notes() []string
}

// ClassNamesOf are the class names that seeds, or a distribution, carry; nil where they carry none. They must not
// be changed.
func ClassNamesOf(source any) []string {
	if s, ok := source.(ClassNamer); ok {
		return s.ClassNames()
	}
	return nil
}

// NotesOf are the notes that seeds, or a distribution, carry.
func NotesOf(source any) []string {
	if s, ok := source.(Noted); ok {
		return s.Notes()
	}
	return nil
}

// SeedList is Seeds held in memory.
type SeedList []Seed

var _ Seeds = SeedList(nil)

// Len implements [Seeds].
func (l SeedList) Len() int { return len(l) }

// Seed implements [Seeds].
func (l SeedList) Seed(i int) (Seed, error) {
	if i < 0 || i >= len(l) {
		return Seed{}, fmt.Errorf("input: seed %d: expected an index below %d", i, len(l))
	}
	return l[i], nil
}
