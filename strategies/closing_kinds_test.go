package strategies_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// numbers is a model of two numbers: a sum over the shares of values in their domains, and, with a bend, something that grows where the
// first values are large.
func numbers(bend float64) model.PredictorFunc {
	return func(_ context.Context, batch []input.Input) ([][]float32, error) {
		rows := make([][]float32, len(batch))
		for i, in := range batch {
			var sum, first float64
			for j, v := range in.Data {
				d := in.DomainAt(j)
				share := float64(v-d.Min) / float64(d.Range())
				sum += math.Sin(float64(j)*1.7) * (share - 0.4)
				if j < 4 {
					first += share / 4
				}
			}
			rows[i] = []float32{float32(10 * sum), float32(10*sum + bend*first*first)}
		}
		return rows, nil
	}
}

// sides decides by the sign of the second number.
type sides struct{ answer.Oracle }

func (sides) Margin(a, reference answer.Answer) float64 {
	if reference.Scores[1] < 0 {
		return -float64(a.Scores[1])
	}
	return float64(a.Scores[1])
}

// Closing in brings triggers nearer whatever the answers are, and by whatever the oracle tells.
func TestClosingInForAnyAnswer(t *testing.T) {
	differ := func(o, c answer.Answer) float64 { return 1.2 - math.Abs(float64(o.Scores[1])-float64(c.Scores[1])) }
	another := func(o, c answer.Answer) bool { return (o.Scores[1] > 0) != (c.Scores[1] > 0) }
	graded := model.Must(answer.GradedFunc("clipped", func(o, c answer.Answer) float64 { return max(differ(o, c), 0) }))
	for _, of := range []struct {
		name   string
		oracle answer.Oracle
		left   float64 // of the distance of the first hits, at most
	}{
		{"tolerance", model.Must(answer.Tolerance(answer.Absolute(1.2))), 0.85},
		{"a function with a sign", model.Must(answer.GradedFunc("own", differ)), 0.85},
		{"a function that ends at 0", graded, 0.9},
		{"a verdict", model.Must(answer.OracleFunc("own", func(o, c answer.Answer) bool { return differ(o, c) <= 0 })), 0.9},
		{"decisions", sides{model.Must(answer.OracleFunc("sides", another))}, 0.95},
	} {
		for _, kind := range []string{"row", "signal", "set", "features", "image"} {
			t.Run(of.name+" of a "+kind, func(t *testing.T) {
				rng := rand.New(rand.NewPCG(5, 6))
				seeds := make(input.SeedList, 16)
				for i := range seeds {
					seeds[i] = input.Seed{Input: anyOf(kind, rng), Label: input.Unlabelled, Name: fmt.Sprint(i)}
					for j := range seeds[i].Input.Data[:4] { // far from where the models differ
						d := seeds[i].Input.DomainAt(j)
						if !seeds[i].Input.Categorical(j) {
							seeds[i].Input.Data[j] = d.Snap(d.Min + d.Range()*rng.Float32()/2)
						}
					}
				}
				pair := enginetest.PairOf(numbers(0), numbers(3))
				settings := engine.Settings{Strategy: strategies.Boundary(), Oracle: of.oracle, Budget: engine.Budget{QueriesPerSeed: 500}}
				before := enginetest.Search(t, pair, seeds, settings)
				settings.Budget.ClosingQueriesPerSeed = 150
				after := enginetest.Search(t, pair, seeds, settings)
				found, first, last := 0, 0.0, 0.0
				for i, o := range after.Seeds {
					if b := before.Seeds[i].FirstHit; (b == nil) != (o.FirstHit == nil) || b != nil && b.Queries != o.FirstHit.Queries {
						t.Fatalf("seed %d: another first hit than without closing in", i)
					}
					if o.Trigger == nil || o.FirstHit.Queries == 0 {
						continue
					}
					found++
					enginetest.CheckOutcome(t, settings, seeds[i].Input, o)
					first += enginetest.FarBy(settings.Aim, o.FirstHit.Distance)
					last += enginetest.FarBy(settings.Aim, o.Trigger.Distance)
				}
				if found < len(seeds)/2 {
					t.Fatalf("%d triggers of %d seeds; expected half of them at least, else this shows little", found, len(seeds))
				}
				if last > of.left*first {
					t.Errorf("%.3f of the distance is left; expected at most %g", last/first, of.left)
				} else {
					t.Logf("%d triggers, %.3f of the distance is left", found, last/first)
				}
			})
		}
	}
}

// Triggers of texts end with fewer edits, all of them of words, and keep their length where that has to be.
func TestClosingInTakesEditsBack(t *testing.T) {
	tolerance := model.Must(answer.Tolerance(answer.Absolute(0.9)))
	for _, of := range []struct {
		name  string
		keep  bool
		pair  func(input.Input) *model.Pair
		using answer.Oracle
	}{
		{"labels", false, func(like input.Input) *model.Pair {
			return enginetest.PairOf(shareModel(t, like, 0), shareModel(t, like, 0.2))
		}, nil},
		{"labels, fixed length", true, func(like input.Input) *model.Pair {
			return enginetest.PairOf(shareModel(t, like, 0), shareModel(t, like, 0.2))
		}, nil},
		{"labels alone", false, func(like input.Input) *model.Pair {
			return enginetest.PairOf(shareModel(t, like, 0), shareModel(t, like, 0.2))
		}, answer.LabelOnly()},
		{"numbers", false, func(input.Input) *model.Pair { return enginetest.PairOf(numbers(0), numbers(3)) }, tolerance},
	} {
		t.Run(of.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(7, 8))
			v := input.Vocabulary{Size: 63, Special: []int{1, 2}, KeepLength: of.keep}
			seeds := make(input.SeedList, 16)
			for i := range seeds {
				ids, n := make([]int, 20), 19
				if !of.keep {
					n = 10 + rng.IntN(10)
				}
				for j := 1; j < n; j++ {
					if ids[j] = 3 + rng.IntN(60); j < 4 {
						ids[j] = 3 + rng.IntN(25)
					}
				}
				ids[0], ids[n] = 1, 2
				seeds[i] = input.Seed{Input: model.Must(input.NewTokens(ids, v)), Label: input.Unlabelled, Name: fmt.Sprint(i)}
			}
			settings := engine.Settings{Strategy: strategies.Boundary(), Oracle: of.using, Budget: engine.Budget{QueriesPerSeed: 400, ClosingQueriesPerSeed: 150}}
			r := enginetest.Search(t, of.pair(seeds[0].Input), seeds, settings)
			found, first, last := 0, 0, 0
			for i, o := range r.Seeds {
				if o.Trigger == nil || o.FirstHit.Queries == 0 {
					continue
				}
				found++
				enginetest.CheckOutcome(t, settings, seeds[i].Input, o)
				in := o.Trigger.Input
				start, end := v.Text(in.Data)
				if text := in.Data[start:end]; start != 0 || text[0] != 1 || text[len(text)-1] != 2 || slices.ContainsFunc(text[1:len(text)-1], v.Held) || of.keep && end != 20 {
					t.Errorf("%v; expected one text with its beginning and its end", in.Data)
				}
				first += int(math.Round((1 - o.FirstHit.Distance.Similarity.Value) * 20))
				last += distance.Levenshtein(seeds[i].Input, in)
			}
			if found < len(seeds)/2 || float64(last) > 0.6*float64(first) {
				t.Errorf("%d triggers, about %d edits at first and %d in the end; expected most seeds' and less than 0.6 of that", found, first, last)
			} else {
				t.Logf("%d triggers, about %d edits at first and %d in the end", found, first, last)
			}
		})
	}
}
