package gate_test

import (
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/generators"
)

// The whole way from random seeds to decisions, at a rate that is known to be the limit: 23 of 200 seeds deviate. At
// most 5 % of gates may say that it is below; 8 % of 600 would be 3 standard deviations more.
func TestGatesAtTheLimitAreRarelyWrong(t *testing.T) {
	const gates, n, deviating, limit = 600, 200, 23, 0.115
	seeds := make(engine.SeedList, n)
	for i := range seeds {
		seeds[i] = tell(engine.Unlabelled, i%3, i%3)
		if i < deviating {
			seeds[i] = tell(engine.Unlabelled, i%3, (i+1)%3)
		}
	}
	wrong := 0
	for randomSeed := range uint64(gates) {
		r := measure(t, told(), generators.AsTheyAre(seeds), gate.RateSettings{
			Limit: limit, Draws: 640, RandomSeed: randomSeed, Examples: -1, BatchSize: 128, Workers: 1,
		})
		if r.Decision == gate.Below {
			wrong++
		}
	}
	t.Logf("%d of %d gates are wrong", wrong, gates)
	if float64(wrong) > 0.08*gates || wrong == 0 {
		t.Errorf("%d of %d gates are wrong; expected about 4 %%", wrong, gates)
	}
}
