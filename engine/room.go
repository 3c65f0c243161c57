package engine

import (
	"context"

	"github.com/triggerfinder/triggerfinder/input"
)

// DefaultMemory is about how many bytes these may take, unless a search is told otherwise; see [Settings].
const DefaultMemory = 512 << 20

const (
	// bytesAValue is about what a seed in flight takes for each of its values: the seed, what it is compared by, the nearest hit, and what a
	// strategy keeps between two queries. It is measured, see docs/results/production.md.
	bytesAValue = 56
	// bytesAScore is what it takes for each score of an answer: both models' answers that are remembered.
	bytesAScore = 2 * 4 * remembered
	// keptShare is the share of the memory that the inputs of reported triggers may take.
	keptShare = 4
	// keptAtLeast is how many triggers keep their inputs, however large these are.
	keptAtLeast = 20
	// triedForSize is how many seeds are read to find out how large they are.
	triedForSize = 8
)

// bytesOf is the memory that the values of an input take.
func bytesOf(in input.Input) int { return 4 * len(in.Data) }

// measureSeeds finds out how large seeds are, from the first that can be read, and with it how many triggers can keep their inputs.
func (s *search) measureSeeds(ctx context.Context, first []input.Input) {
	if len(first) > 0 {
		s.largest = len(first[0].Data)
	}
	for i := 0; s.largest == 0 && i < min(triedForSize, s.seeds.Len()) && ctx.Err() == nil; i++ {
		if seed, err := s.seeds.Seed(i); err == nil {
			s.largest = len(seed.Input.Data)
		}
	}
	if s.settings.KeepInputs == 0 {
		s.settings.KeepInputs = defaultKept
		if s.largest > 0 { // a trigger has two inputs
			most := s.settings.Memory / keptShare / (2 * 4 * s.largest)
			s.settings.KeepInputs = min(defaultKept, max(keptAtLeast, most))
		}
	}
}

// ample says what a search was left to choose by itself.
type ample struct{ batch, window bool }

const (
	// largeCall is how much large inputs take that a model is given in one call, unless a batch size was asked for: what models compute on
	// the way is many times as large, and processors are no faster at more of such inputs at once.
	largeCall = 2 << 20
	// largeWindow is how many seeds of large inputs are searched side by side, unless a window was asked for: enough to keep models busy.
	largeWindow = 16
)

// atOnce is how many of the inputs a model is given in one call.
func (s *search) atOnce(inputs []input.Input) int {
	if !s.ample.batch || len(inputs) == 0 {
		return s.settings.BatchSize
	}
	one := bytesOf(inputs[0])
	if one < largeInput {
		return s.settings.BatchSize
	}
	for _, m := range s.sides.all() {
		if d := m.described(); d.Settings["provider"] != "cpu" || d.MaxBatch > 1 { // others are faster at many, or compute as many as the file says in any case
			return s.settings.BatchSize
		}
	}
	return min(s.settings.BatchSize, max(1, largeCall/one))
}

// window is how many seeds are searched side by side: as many as there is memory for beside the pool.
func (s *search) window() int {
	for _, r := range s.active {
		s.largest = max(s.largest, len(r.seed.Input.Data))
	}
	each := s.largest*bytesAValue + s.sides.original.classCount()*bytesAScore
	most := s.settings.Window
	if s.ample.window && 4*s.largest >= largeInput {
		most = min(most, largeWindow)
	}
	return min(most, max(1, (s.settings.Memory-s.pooled)/max(1, each)))
}
