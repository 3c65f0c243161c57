package inputtest

import (
	"math/rand/v2"

	"github.com/triggerfinder/triggerfinder/input"
)

// Still is an operator that costs nothing.
type Still struct{}

func (Still) Mutate(dst, src input.Input, _ *rand.Rand) { copy(dst.Data, src.Data) }

func (Still) String() string { return "still" }
