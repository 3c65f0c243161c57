package triggerfinder_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/minimize"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// bumpy is a model of inputs of any kind: numbers that bend, of weights that are rounded to a multiple, 0 for none.
func bumpy(name string, rounded float64, answers func(numbers []float32) answer.Answer) model.Answerer {
	const units, numbers = 6, 4
	weight := func(i, j int) float64 {
		return rand.New(rand.NewPCG(uint64(i), uint64(j)+99)).NormFloat64()
	}
	weights := map[[2]int]float64{}
	for unit := range units {
		for i := range 4 * 64 {
			weights[[2]int{unit, i}] = weight(unit, i)
		}
	}
	return model.AnswerFunc(name, func(_ context.Context, batch []input.Input, dst []answer.Answer) ([]answer.Answer, error) {
		dst = dst[:0]
		for _, in := range batch {
			out := make([]float32, numbers)
			for unit := range units {
				sum := 0.0
				for i, v := range in.Data {
					d := in.DomainAt(i)
					of, share := 4*i, 2*float64((v-d.Min)/d.Range())-1
					if in.Categorical(i) || d.Range() == 22 { // names and tokens
						of, share = 4*i+int(v)%4, 1
					}
					w := weights[[2]int{unit, of}] * 2 / math.Sqrt(float64(len(in.Data)))
					if rounded > 0 {
						w = math.Round(w/rounded) * rounded
					}
					sum += 2 * w * share
				}
				for k := range out {
					out[k] += float32(weight(1000+k, unit) * math.Tanh(sum))
				}
			}
			dst = append(dst, answers(out))
		}
		return dst, nil
	})
}

// kindSeeds are seeds of every kind whose values are not all free.
func kindSeeds(t *testing.T, kind string) (seeds input.SeedList) {
	r := rand.New(rand.NewPCG(5, 6))
	text := func(length, words int, v input.Vocabulary) input.Input {
		ids := []int{1}
		for range 3 + r.IntN(words) {
			ids = append(ids, 3+r.IntN(20))
		}
		ids = append(ids, 2)
		for len(ids) < length {
			ids = append(ids, 0)
		}
		return model.Must(input.NewTokens(ids, v))
	}
	vocabulary := input.Vocabulary{Size: 23, Pad: 0, Special: []int{1, 2}}
	row := func() input.Input {
		in := model.Must(input.NewRow([]float32{float32(r.IntN(6)), float32(r.IntN(10)), r.Float32()}, []input.Domain{{Max: 5, Step: 1}, {Max: 9, Step: 1}, {Max: 1}}))
		in.Layout.Columns = []input.Column{{Name: "a", Categories: []string{"p", "q", "r", "s", "t", "u"}}, {Name: "b"}, {Name: "c"}}
		return in
	}
	for i := range 6 {
		var in input.Input
		switch kind {
		case "text":
			in = text(16, 8, vocabulary)
		case "text of one length":
			kept := vocabulary
			kept.KeepLength = true
			in = text(16, 8, kept)
		case "row":
			in = row()
		case "text and row":
			in = model.Must(input.Join(input.Searched("ids", text(12, 6, vocabulary)), input.Searched("row", row()), input.Fixed("number", row())))
		case "signal":
			in = input.Input{Shape: []int{32}, Kind: input.Signal, Domain: input.Domain{Min: -1, Max: 1, Step: 1.0 / 128}, Data: make([]float32, 32)}
			for k := range in.Data {
				in.Data[k] = in.Domain.Snap(float32(math.Sin(float64(k*(i+1))/5) / 2))
			}
		}
		if err := in.Validate(); err != nil {
			t.Fatal(err)
		}
		seeds = append(seeds, input.Seed{Input: in, Label: input.Unlabelled, Name: fmt.Sprint(kind, i)})
	}
	return seeds
}

// checkHeld finds values outside their domains, fixed parts that changed, and texts of other special tokens or with padding among their words.
func checkHeld(t *testing.T, seed, in input.Input) {
	t.Helper()
	if err := in.Validate(); err != nil || !in.Like(seed) {
		t.Errorf("%v, %s", err, in.Unlike(seed))
	}
	if ids, ok := in.Part("ids"); ok {
		in = ids
		seed, _ = seed.Part("ids")
	}
	v := in.Vocabulary()
	if v == nil {
		return
	}
	special := func(in input.Input) (held []float32) {
		for _, token := range in.Data {
			if slices.Contains(v.Special, int(token)) {
				held = append(held, token)
			}
		}
		return held
	}
	first, end := v.Text(in.Data)
	if before, stop := v.Text(seed.Data); v.KeepLength && (first != before || end != stop) || !slices.Equal(special(in), special(seed)) ||
		slices.Contains(in.Data[first:end], float32(v.Pad)) {
		t.Errorf("%v of %v", in.Data, seed.Data)
	}
}

// Whatever the kind and the oracle: triggers and what is made of them are inputs as their seeds are, within the bound, never farther after
// minimisation, and the same with any batch size and any number of workers.
func TestSearchesOfEveryKindKeepWhatHolds(t *testing.T) {
	named := func(out []float32) answer.Answer {
		return answer.Answer{Scores: out, Outputs: []answer.Output{{Name: "numbers", Shape: []int{2, 2}}}}
	}
	classes := func(out []float32) answer.Answer {
		sum := float32(0)
		for k, v := range out {
			out[k] = float32(math.Exp(float64(v)))
			sum += out[k]
		}
		for k := range out {
			out[k] /= sum
		}
		return answer.Of(out...)
	}
	found := map[string]int{}
	for _, kind := range []string{"text", "text of one length", "row", "text and row", "signal"} {
		seeds := kindSeeds(t, kind)
		for _, asked := range []struct {
			oracle  answer.Oracle
			answers func([]float32) answer.Answer
		}{
			{answer.Top1(), classes}, {model.Must(answer.Tolerance(answer.Absolute(0.6))), named}, {model.Must(answer.Threshold(answer.Thresholds{At: []float64{0}})), named},
			{model.Must(answer.Tokens(answer.Text{Edits: 1})), named},
		} {
			pair, err := model.NewPair("pair", bumpy("original", 0, asked.answers), bumpy("compressed", 0.2, asked.answers))
			if err != nil {
				t.Fatal(err)
			}
			for _, strategy := range []engine.Strategy{strategies.Boundary(), strategies.TriggerFinder(), strategies.Random()} {
				for _, bound := range []distance.Bound{nil, distance.L0(3)} {
					t.Run(fmt.Sprintf("%s/%s/%s/%v", kind, asked.oracle, strategy, bound), func(t *testing.T) {
						var want []byte
						var report *engine.Report
						for _, at := range [][2]int{{1, 1}, {64, 4}} {
							report, err = engine.Search(t.Context(), pair, seeds, engine.Settings{
								Strategy: strategy, Oracle: asked.oracle, Bound: bound, BatchSize: at[0], Workers: at[1], RandomSeed: 3,
								Budget: engine.Budget{QueriesPerSeed: 60, ClosingQueriesPerSeed: 25},
							})
							if report == nil {
								t.Fatal(err)
							}
							if got := model.Must(report.Canonical()); want == nil {
								want = got
							} else if diff := cmp.Diff(string(want), string(got)); diff != "" {
								t.Fatalf("batches of %d, %d workers: the report differs:\n%s", at[0], at[1], diff)
							}
						}
						for _, trigger := range report.Triggers() {
							found[kind]++
							result, err := minimize.Trigger(t.Context(), pair, trigger, minimize.Settings{Oracle: asked.oracle, Bound: bound, Queries: 40})
							if err != nil {
								t.Fatal(err)
							}
							for _, one := range []*engine.Trigger{trigger, result.Trigger} {
								checkHeld(t, one.Seed, one.Input)
								if bound != nil && !model.Must(bound.Around(one.Seed)).Contains(one.Input) {
									t.Errorf("%v is beyond %s of %v", one.Input.Data, bound, one.Seed.Data)
								}
								if !answer.Judge(asked.oracle, one.Original, one.Compressed).Deviates {
									t.Errorf("%v does not deviate", one.Input.Data)
								}
							}
							if distance.MostAlike.Compare(result.Trigger.Distance, trigger.Distance) > 0 {
								t.Errorf("%+v is farther than %+v", result.Trigger.Distance, trigger.Distance)
							}
						}
					})
				}
			}
		}
		if found[kind] < 20 {
			t.Errorf("%s: %d triggers are too few", kind, found[kind])
		}
	}
}
