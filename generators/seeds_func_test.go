package generators_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// Rows of a program become seeds of any kind, also of several parts, when their turn comes.
func TestFromRows(t *testing.T) {
	type question struct {
		ids  []int
		tier float32
		id   string
	}
	vocabulary := input.Vocabulary{Size: 9}
	made := 0
	seeds, err := generators.FromRows([]question{{[]int{1, 2}, 3, "q"}, {[]int{99}, 1, ""}, {nil, 1, ""}, {[]int{1}, -1, ""}, {[]int{5}, 2, ""}}, func(q question) (input.Seed, error) {
		made++
		if q.ids == nil {
			panic("no ids")
		}
		if q.tier < 0 {
			return input.Seed{}, errors.New("no tier")
		}
		text, err := input.NewTokens(q.ids, vocabulary)
		if err != nil {
			return input.Seed{}, err
		}
		tier := input.Input{Shape: []int{1}, Data: []float32{q.tier}, Domain: input.Domain{Min: 0, Max: 9, Step: 1}}
		set, err := input.Join(input.Searched("ids", text), input.Fixed("tier", tier))
		return input.Seed{Input: set, Label: 1, Name: q.id}, err
	})
	if err != nil || seeds.Len() != 5 || made > 0 {
		t.Fatalf("%v, %d made", err, made)
	}
	if first := model.Must(seeds.Seed(0)); first.Name != "q" || first.Label != 1 || first.Input.Kind != input.Tokens || len(first.Input.Parts()) != 2 {
		t.Errorf("first %+v", first)
	}
	if last := model.Must(seeds.Seed(4)); last.Name != "row[4]" {
		t.Errorf("last %+v", last)
	}
	for i, says := range map[int]string{1: "generators: row 1: input: token 99", 2: "generators: row 2: panic: no ids", 3: "generators: row 3: no tier", 5: "expected an index from 0 to 4"} {
		if _, err := seeds.Seed(i); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("seed %d: %v; expected %q", i, err, says)
		}
	}
	if _, err := generators.FromRows([]int{}, func(int) (input.Seed, error) { return input.Seed{}, nil }); !errors.Is(err, input.ErrNoSeeds) {
		t.Errorf("no rows: %v", err)
	}
	if _, err := generators.FromRows[int]([]int{1}, nil); err == nil {
		t.Error("no function: no error")
	}
}
