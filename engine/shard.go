package engine

import (
	"fmt"
	"strconv"
	"strings"
)

// Shard is one of several parts of a search that run apart, in processes or on machines of their own.
// Seed i belongs to the shard with Index i modulo Total. The zero value is the whole search.
//
// A shard searches its own seeds only, but screens those of the others that the strategy looks at (see
// [PoolStrategy]), so that each seed is searched exactly as it would be in one piece; [Merge] puts the
// reports together. Limits of the whole search cannot be split to the same result, so a shard takes
// none: no StopAfter, no Budget.Queries and no Budget.Time.
type Shard struct {
	Index int `json:"index"` // from 0
	Total int `json:"total"`
}

// ParseShard reads a shard as people write it, counted from 1: "2/4" is the second of four.
func ParseShard(text string) (Shard, error) {
	number, total, ok := strings.Cut(text, "/")
	i, err := strconv.Atoi(number)
	n, err2 := strconv.Atoi(total)
	if s := (Shard{i - 1, n}); ok && err == nil && err2 == nil && n > 0 && s.validate() == nil {
		return s, nil
	}
	return Shard{}, fmt.Errorf("engine: ParseShard: expected a shard such as 1/4 or 4/4, found %q", text)
}

// String is the shard as [ParseShard] reads it, or "" for the whole search.
func (s Shard) String() string {
	if s == (Shard{}) {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.Index+1, s.Total)
}

// has reports whether seed i belongs to the shard.
func (s Shard) has(i int) bool { return s.Total < 2 || i%s.Total == s.Index }

func (s Shard) validate() error {
	if s != (Shard{}) && (s.Total < 1 || s.Index < 0 || s.Index >= s.Total) {
		return fmt.Errorf("settings: Shard has Index %d and Total %d; expected an Index from 0 to Total-1", s.Index, s.Total)
	}
	return nil
}

// validateShard finds the limits that a shard cannot have.
func (s Settings) validateShard() error {
	if err := s.Shard.validate(); err != nil || s.Shard.Total < 2 {
		return err
	}
	return s.limitOfTheWhole("in shard " + s.Shard.String())
}

// limitOfTheWhole finds a limit by which what one seed spends or finds decides how far others may go.
func (s Settings) limitOfTheWhole(where string) error {
	for _, limit := range []struct {
		name  string
		given bool
		value any
	}{
		{"StopAfter", s.StopAfter > 0, s.StopAfter},
		{"Budget.Queries", s.Budget.Queries > 0, s.Budget.Queries},
		{"Budget.Time", s.Budget.Time > 0, s.Budget.Time},
	} {
		if limit.given {
			return fmt.Errorf("settings: %s is %v %s; expected 0: a limit of the whole search cannot be split to the same result, limit each seed instead (Budget.QueriesPerSeed)",
				limit.name, limit.value, where)
		}
	}
	return nil
}
