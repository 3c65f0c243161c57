package generators

import (
	"errors"
	"fmt"

	"github.com/triggerfinder/triggerfinder/input"
)

// FromRows returns a seed for each row of a Go slice, such as structs that a program works with: the function makes the input of a row, of any kind or
// of several parts (see [input.Join]), with its label and name where there are such. It is called when the seed's turn comes, from several
// goroutines at once, and gives the same for the same row. An error or a panic in it is an error of that seed. For rows of a table see
// table.Structs.
//
//	generators.FromRows(questions, func(q Question) (input.Seed, error) {
//		text, err := input.NewTokens(q.IDs, vocabulary)
//		…
//		set, err := input.Join(input.Searched("ids", text), input.Fixed("tier", tier))
//		return input.Seed{Input: set, Label: q.Answer, Name: q.ID}, err
//	})
func FromRows[T any](rows []T, seed func(row T) (input.Seed, error)) (input.Seeds, error) {
	if len(rows) == 0 {
		return nil, fmt.Errorf("generators: FromRows: expected at least one row: %w", input.ErrNoSeeds)
	}
	if seed == nil {
		return nil, errors.New("generators: FromRows: expected a function that makes a seed of a row, found nil")
	}
	return rowSeeds{len(rows), func(i int) (input.Seed, error) { return seed(rows[i]) }}, nil
}

// rowSeeds are seeds that a function makes.
type rowSeeds struct {
	n    int
	made func(i int) (input.Seed, error)
}

// Len implements [input.Seeds].
func (s rowSeeds) Len() int { return s.n }

// Seed implements [input.Seeds].
func (s rowSeeds) Seed(i int) (seed input.Seed, err error) {
	if err := checkIndex(i, s.n); err != nil {
		return input.Seed{}, err
	}
	defer func() {
		if p := recover(); p != nil {
			seed, err = input.Seed{}, fmt.Errorf("generators: row %d: panic: %v", i, p)
		}
	}()
	if seed, err = s.made(i); err == nil {
		err = seed.Input.Validate()
	}
	if err != nil {
		return input.Seed{}, fmt.Errorf("generators: row %d: %w", i, err)
	}
	if seed.Name == "" {
		seed.Name = fmt.Sprintf("row[%d]", i)
	}
	return seed, nil
}
