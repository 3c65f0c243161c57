package minimize_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/minimize"
	"github.com/triggerfinder/triggerfinder/model"
)

// one is a model of a number.
func one(of func(data []float32) float64) model.PredictorFunc {
	return func(_ context.Context, batch []input.Input) ([][]float32, error) {
		rows := make([][]float32, len(batch))
		for i, in := range batch {
			rows[i] = []float32{float32(of(in.Data))}
		}
		return rows, nil
	}
}

// A text keeps the edits that its deviation needs, and no others, wherever tokens were put in and taken out.
func TestEditsAreTakenBack(t *testing.T) {
	v := input.Vocabulary{Size: 100, Special: []int{1, 2}}
	text := func(ids ...int) input.Input {
		return model.Must(input.NewTokens(append(ids, make([]int, 16-len(ids))...), v))
	}
	count := func(token float32) func([]float32) float64 {
		return func(data []float32) float64 {
			n := 0.0
			for i, id := range data {
				if id == token && i > 0 && data[i-1] != 0 { // behind a word, so that padding within would be seen
					n++
				}
			}
			return n
		}
	}
	// The compressed model also counts the token 50, which deviates from two on.
	pair := enginetest.PairOf(one(count(49)), one(func(d []float32) float64 { return count(49)(d) + count(50)(d) }))
	trigger := &engine.Trigger{
		Seed:  text(1, 10, 11, 12, 13, 14, 15, 16, 2),
		Input: text(1, 60, 10, 50, 11, 12, 13, 61, 14, 50, 15, 62, 16, 2), // 50, 60, 61 and 62 were put in, and everything else has moved
	}
	for name, oracle := range map[string]answer.Oracle{
		"tolerance": model.Must(answer.Tolerance(answer.Absolute(1.5))),
		"verdict":   model.Must(answer.OracleFunc("own", func(o, c answer.Answer) bool { return math.Abs(float64(o.Scores[0]-c.Scores[0])) > 1.5 })),
	} {
		r, err := minimize.Trigger(t.Context(), pair, trigger, minimize.Settings{Oracle: oracle})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		in := r.Trigger.Input
		if n := distance.Levenshtein(trigger.Seed, in); n != 2 {
			t.Errorf("%s: %d edits are left in %v; expected 2", name, n, in.Data)
		}
		if first, end := v.Text(in.Data); first != 0 || slices.Contains(in.Data[:end], 0) || in.Data[end-1] != 2 {
			t.Errorf("%s: %v; expected a text without padding inside", name, in.Data)
		}
	}
}

// above decides by whether the number is above 0.
type above struct{ answer.Oracle }

func (above) Margin(a, reference answer.Answer) float64 {
	if reference.Scores[0] > 0 {
		return float64(a.Scores[0])
	}
	return -float64(a.Scores[0])
}

// What an oracle measures leads a minimisation: less is left after as many queries than by verdicts alone.
func TestMarginsOfAnyAnswerLead(t *testing.T) {
	const n = 200
	rng := rand.New(rand.NewPCG(1, 2))
	weights := make([]float64, n)
	for i := range weights {
		weights[i] = math.Pow(rng.Float64(), 6)
	}
	sum := func(at float64) func([]float32) float64 {
		return func(data []float32) float64 {
			s := -at
			for i, v := range data {
				s += weights[i] * float64(v)
			}
			return s
		}
	}
	seed := input.Input{Shape: []int{n}, Data: make([]float32, n), Domain: input.Domain{Max: 1}, Kind: "put-back"}
	trigger := &engine.Trigger{Seed: seed, Input: seed.Clone()}
	for i := range trigger.Input.Data {
		trigger.Input.Data[i] = 1
	}
	total := sum(0)(trigger.Input.Data)
	own := func(deviates func(o, c float32) bool) answer.Oracle {
		return model.Must(answer.OracleFunc("own", func(o, c answer.Answer) bool { return deviates(o.Scores[0], c.Scores[0]) }))
	}
	for _, of := range []struct {
		name       string
		pair       *model.Pair
		led, blind answer.Oracle
	}{
		{"tolerance", enginetest.PairOf(one(func([]float32) float64 { return 0 }), one(sum(0))), model.Must(answer.Tolerance(answer.Absolute(total / 2))),
			own(func(o, c float32) bool { return float64(c-o) > total/2 })},
		{"decisions", enginetest.PairOf(one(sum(2*total)), one(sum(total/2))), above{own(func(o, c float32) bool { return o > 0 != (c > 0) })},
			own(func(o, c float32) bool { return o > 0 != (c > 0) })},
	} {
		left := func(oracle answer.Oracle) int {
			r, err := minimize.Trigger(t.Context(), of.pair, trigger, minimize.Settings{Oracle: oracle, Queries: 250, Aim: distance.NearestL0})
			if err != nil {
				t.Fatalf("%s: %v", of.name, err)
			}
			return r.After.L0
		}
		if led, blind := left(of.led), left(of.blind); float64(led) > 0.9*float64(blind) {
			t.Errorf("%s: %d values are left, and %d by verdicts alone; expected fewer by a tenth", of.name, led, blind)
		} else {
			t.Logf("%s: %d values are left, and %d by verdicts alone", of.name, led, blind)
		}
	}
}
