package strategies

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
)

// Plain ends of paths have the ends, the middle and the negative of each value's own domain.
func TestPlainEndsKeepEveryValueInItsDomain(t *testing.T) {
	seed, err := input.NewRow([]float32{30, 2, -4}, []input.Domain{{Min: 0, Max: 100, Step: 1}, {Min: 0, Max: 3, Step: 1}, {Min: -5, Max: 5}})
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for i, want := range [][]float32{{0, 0, -5}, {100, 3, 5}, {50, 2, 0}, {70, 1, 4}} {
		p := plain(seed, i, rng, input.Blend, false)
		if !slices.Equal(p.to.Data, want) {
			t.Errorf("%s is %v, expected %v", p.name, p.to.Data, want)
		}
	}
	seen := map[float32]bool{}
	for _, unordered := range []bool{false, true} {
		for i := range 40 {
			p := plain(seed, i+4, rng, input.Blend, unordered)
			if err := p.to.Validate(); err != nil {
				t.Errorf("%s: %v", p.name, err)
			}
			seen[p.to.Data[1]] = true
		}
	}
	if len(seen) != 4 {
		t.Errorf("noise has %d of the 4 values of a category", len(seen))
	}
}
