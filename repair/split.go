package repair

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
)

// Half is a part of triggers and clean inputs.
type Half struct {
	Triggers []*engine.Trigger
	Clean    input.Seeds
}

// Split parts triggers and clean inputs in two halves, by seed: all triggers that came from one seed are in the same
// half, and so is the seed itself where it is one of the clean inputs. Which half it is depends on the seed's content
// alone. Clean may be nil.
func Split(triggers []*engine.Trigger, clean input.Seeds) (training, heldOut Half, err error) {
	for i, t := range triggers {
		switch {
		case t == nil:
			return Half{}, Half{}, fmt.Errorf("repair: split: trigger %d of %d is nil", i+1, len(triggers))
		case half("split", t.SeedID):
			training.Triggers = append(training.Triggers, t)
		default:
			heldOut.Triggers = append(heldOut.Triggers, t)
		}
	}
	if clean == nil {
		return training, heldOut, nil
	}
	first, second := &part{source: clean}, &part{source: clean}
	for i := range clean.Len() {
		seed, err := clean.Seed(i)
		if err != nil {
			return Half{}, Half{}, fmt.Errorf("repair: split: %w", err)
		}
		if half("split", seed.Input.ID()) {
			first.indexes = append(first.indexes, i)
		} else {
			second.indexes = append(second.indexes, i)
		}
	}
	training.Clean, heldOut.Clean = first, second
	return training, heldOut, nil
}

// part is some of the seeds of a source.
type part struct {
	source  input.Seeds
	indexes []int
}

// Len implements [input.Seeds].
func (p *part) Len() int { return len(p.indexes) }

// Seed implements [input.Seeds].
func (p *part) Seed(i int) (input.Seed, error) { return p.source.Seed(p.indexes[i]) }

// ClassNames implements [input.ClassNamer].
func (p *part) ClassNames() []string { return input.ClassNamesOf(p.source) }

// Notes implements [input.Noted].
func (p *part) Notes() []string { return input.NotesOf(p.source) }

// half decides by a coin that depends on what it is for and on the ID alone.
func half(purpose, id string) bool {
	return sha256.Sum256([]byte(purpose + " " + id))[0]&1 == 1
}

// byID is a copy in an order that does not depend on how the answers came: sums of floating point depend on it.
func byID(answers []Answers) []Answers {
	sorted := slices.Clone(answers)
	slices.SortStableFunc(sorted, func(a, b Answers) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), slices.Compare(a.Compressed, b.Compressed))
	})
	return sorted
}
