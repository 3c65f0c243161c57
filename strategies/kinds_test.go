package strategies_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/minimize"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// columns are those of a table: shares, whole numbers, numbers of either sign, a category, a switch, and large numbers.
var columns = []input.Domain{
	{Min: 0, Max: 1}, {Min: 0, Max: 100, Step: 1}, {Min: -5, Max: 5}, {Min: 0, Max: 3, Step: 1}, {Min: 0, Max: 1, Step: 1}, {Min: 1e3, Max: 1e6, Step: 50},
}

// anyOf draws an input of a kind.
func anyOf(kind string, rng *rand.Rand) input.Input {
	fill := func(in input.Input) input.Input {
		for i := range in.Data {
			d := in.DomainAt(i)
			in.Data[i] = d.Snap(d.Min + d.Range()*rng.Float32())
		}
		return in
	}
	row := fill(model.Must(input.NewRow([]float32{0, 0, 0, 0, 0, 1e3}, columns)))
	row.Layout.Columns = []input.Column{{Name: "share"}, {}, {}, {Name: "colour", Categories: []string{"red", "green", "blue", "grey"}}, {}, {}}
	image := fill(model.Must(input.NewImage(6, 5, 1, make([]uint8, 30))))
	tokens := fill(input.Input{Shape: []int{12}, Data: make([]float32, 12), Domain: input.Domain{Min: 5, Max: 90, Step: 1}, Kind: input.Tokens})
	rate := input.Input{Shape: []int{1}, Data: []float32{16000}, Domain: input.Domain{Min: 0, Max: 48000, Step: 1}}
	switch kind {
	case "row":
		return row
	case "text": // a beginning, words, an end, and padding
		ids := make([]int, 14)
		n := 4 + rng.IntN(9)
		for i := range n {
			ids[i] = 3 + rng.IntN(60)
		}
		ids[0], ids[n] = 1, 2
		return model.Must(input.NewTokens(ids, input.Vocabulary{Size: 63, Special: []int{1, 2}}))
	case "signal":
		return fill(input.Input{Shape: []int{16, 2}, Data: make([]float32, 32), Domain: input.Domain{Min: -1, Max: 1}, Kind: input.Signal})
	case "tokens":
		return tokens
	case "features":
		features := fill(input.Input{Shape: []int{6}, Data: make([]float32, 6), Domain: row.Domain, Layout: &input.Layout{Domains: columns}})
		return features
	case "set":
		return model.Must(input.Join(input.Searched("picture", image), input.Fixed("rate", rate), input.Searched("facts", row)))
	case "set with tokens":
		return model.Must(input.Join(input.Searched("text", tokens), input.Searched("facts", row)))
	case "image in a set":
		return model.Must(input.Join(input.Fixed("rate", rate), input.Searched("picture", image)))
	}
	return image
}

// shareModel is a model of two classes by the shares of values in their own domains, which the test fails for when it is shown an input that
// is not like a seed or not valid.
func shareModel(t *testing.T, like input.Input, moved float64) model.PredictorFunc {
	return func(_ context.Context, batch []input.Input) ([][]float32, error) {
		rows := make([][]float32, len(batch))
		for i, in := range batch {
			if err := in.Validate(); err != nil || !in.Like(like) {
				t.Errorf("a model was shown %s: %v; expected one like %s", in, err, like)
			}
			var sum float64
			for j, v := range in.Data {
				d := in.DomainAt(j)
				sum += math.Sin(float64(j)*1.7+moved) * (float64(v-d.Min)/float64(d.Range()) - 0.5)
			}
			p := float32(1 / (1 + math.Exp(-6*sum)))
			rows[i] = []float32{p, 1 - p}
		}
		return rows, nil
	}
}

// Whatever searches, within whatever bound, leaves every value in its own domain, and the parts of a set as they are; so does
// minimisation.
func TestSearchesKeepEveryValueInItsDomain(t *testing.T) {
	ordered := []distance.Bound{nil, distance.L0(4), distance.LInf(0.4), distance.LInf(30), distance.L2(20), distance.AllOf(distance.L0(5), distance.LInf(1))}
	for _, of := range []struct {
		kind   string
		bounds []distance.Bound
	}{
		{"row", ordered}, {"features", ordered}, {"signal", ordered}, {"set", ordered}, {"image in a set", []distance.Bound{nil, distance.L0(4), distance.LInf(30), distance.SSIMAtLeast(0.5)}},
		{"tokens", []distance.Bound{nil, distance.L0(4)}}, {"text", []distance.Bound{nil}}, {"set with tokens", []distance.Bound{nil, distance.L0(4)}},
	} {
		rng := rand.New(rand.NewPCG(1, 2))
		seeds := make(input.SeedList, 12)
		for i := range seeds {
			seeds[i] = input.Seed{Input: anyOf(of.kind, rng), Label: input.Unlabelled, Name: fmt.Sprint(i)}
		}
		pair := enginetest.PairOf(shareModel(t, seeds[0].Input, 0), shareModel(t, seeds[0].Input, 0.12))
		for _, strategy := range []engine.Strategy{
			strategies.Boundary(), strategies.TriggerFinder(), strategies.Square(), strategies.Random(),
			strategies.DiffChaserSearch{Mutators: generators.Published(), Population: 20, MutationRate: 0.5},
		} {
			for _, bound := range of.bounds {
				name := fmt.Sprintf("%s, %s, %v", of.kind, strategy, bound)
				r, err := engine.Search(t.Context(), pair, seeds, engine.Settings{
					Strategy: strategy, Bound: bound, Budget: engine.Budget{QueriesPerSeed: 60, ClosingQueriesPerSeed: 60},
				})
				if _, square := strategy.(strategies.SquareSearch); square && (of.kind == "tokens" || of.kind == "text" || of.kind == "set with tokens") {
					if err == nil {
						t.Errorf("%s: expected an error, as tokens are not moved", name)
					}
					continue
				}
				if r == nil || err != nil && r.Usable() < len(seeds) {
					t.Fatalf("%s: %v", name, err)
				}
				if boundary := strategies.Boundary().String() == strategy.String(); boundary && bound == nil && len(r.Triggers()) < len(seeds)/2 {
					t.Errorf("%s: %d triggers of %d seeds; expected half of them at least, else this shows little", name, len(r.Triggers()), len(seeds))
				}
				for _, trigger := range r.Triggers() {
					for i, v := range trigger.Input.Data {
						if moves := strategy.String() == strategies.Square().String() || bound != nil && strings.Contains(bound.String(), "L2") || bound != nil && strings.Contains(bound.String(), "LInf"); moves && trigger.Seed.Categorical(i) && v != trigger.Seed.Data[i] {
							t.Errorf("%s: it moved a category from %g to %g", name, trigger.Seed.Data[i], v)
						}
					}
					// Triggers are sorted by the first word of a step, which names what was done.
					if i := slices.IndexFunc(trigger.History, func(step string) bool { return step == "" || step[0] < 'a' || step[0] > 'z' }); i >= 0 {
						t.Errorf("%s: expected steps of a history to begin with a name, found %q", name, trigger.History[i])
					}
					if of.kind == "text" {
						first, end := trigger.Input.Vocabulary().Text(trigger.Input.Data)
						if text := trigger.Input.Data[first:end]; first != 0 || text[0] != 1 || text[len(text)-1] != 2 || slices.ContainsFunc(text[1:len(text)-1], trigger.Input.Vocabulary().Held) {
							t.Errorf("%s: %v; expected one text with its beginning and its end", name, trigger.Input.Data)
						}
					}
					small, err := minimize.Trigger(t.Context(), pair, trigger, minimize.Settings{Bound: bound, Queries: 60})
					if err != nil {
						t.Errorf("%s: %v", name, err)
						continue
					}
					if of.kind == "text" { // tokens are put in and taken out, so that others move to other places
						in := small.Trigger.Input
						first, end := in.Vocabulary().Text(in.Data)
						if before := distance.Levenshtein(trigger.Seed, trigger.Input); distance.Levenshtein(trigger.Seed, in) > before || first != 0 || in.Data[0] != 1 || in.Data[end-1] != 2 {
							t.Errorf("%s: minimisation made %v of %v; expected one text with its beginning and its end, and at most %d edits", name, in.Data, trigger.Input.Data, before)
						}
					}
					for i, v := range small.Trigger.Input.Data {
						if (of.kind == "tokens" || trigger.Seed.Categorical(i)) && v != trigger.Input.Data[i] && v != trigger.Seed.Data[i] {
							t.Errorf("%s: minimisation made token %g of %g and the seed's %g", name, v, trigger.Input.Data[i], trigger.Seed.Data[i])
						}
					}
				}
			}
		}
	}
}

// So do the plain inputs that a compressed model is shown that gives no finite answer.
func TestPlainInputsKeepEveryValueInItsDomain(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, kind := range []string{"row", "set", "tokens"} {
		seeds := input.SeedList{{Input: anyOf(kind, rng), Label: input.Unlabelled}, {Input: anyOf(kind, rng), Label: input.Unlabelled}}
		healthy := shareModel(t, seeds[0].Input, 0)
		pair := enginetest.PairOf(healthy, enginetest.Failing(healthy, enginetest.Everywhere, enginetest.NaN, enginetest.NaN))
		if _, err := engine.Search(t.Context(), pair, seeds, engine.Settings{Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 5}}); err == nil {
			t.Errorf("%s: a model that gives NaN alone is no error", kind)
		}
	}
}

// What does not fit the kind is left out and told, and a search for which nothing fits is an error.
func TestOperatorsThatDoNotFitAreLeftOut(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	seeds := input.SeedList{{Input: anyOf("row", rng), Label: input.Unlabelled}, {Input: anyOf("row", rng), Label: input.Unlabelled}}
	pair := enginetest.PairOf(shareModel(t, seeds[0].Input, 0), shareModel(t, seeds[0].Input, 0.001))
	published := generators.Published()
	for _, test := range []struct {
		strategy engine.Strategy
		leftOut  int
	}{
		{strategies.TriggerFinderSearch{Mutators: published}, 3}, {strategies.RandomSearch{Mutators: published}, 3},
		{strategies.DiffChaserSearch{Mutators: published, Population: 5}, 3}, {strategies.BoundarySearch{Corruptions: generators.Corruptions()}, 15},
		{strategies.RandomSearch{Mutators: append([]input.Mutator{generators.UsualMutators()}, published...)}, 3}, // of those that were listed
		{strategies.TriggerFinder(), 0}, {strategies.Random(), 0}, {strategies.DiffChaser(), 0}, {strategies.Boundary(), 0},
	} {
		r, err := engine.Search(t.Context(), pair, seeds, engine.Settings{Strategy: test.strategy, Budget: engine.Budget{QueriesPerSeed: 5}})
		if r == nil || r.Usable() != 2 {
			t.Fatalf("%s: %v; expected both seeds to be searched", test.strategy, err)
		}
		if got := r.Seeds[0].LeftOut; got != test.leftOut {
			t.Errorf("%s: %d operators are left out, expected %d", test.strategy, got, test.leftOut)
		}
	}
	blurs := strategies.TriggerFinderSearch{Mutators: published[4:]}
	if _, err := engine.Search(t.Context(), pair, seeds, engine.Settings{Strategy: blurs, Budget: engine.Budget{QueriesPerSeed: 5}}); err == nil {
		t.Error("a search by blurs of rows of a table: no error")
	} else if want := "none of the 3 mutation operators fits: average-blur: expected an image"; !strings.Contains(err.Error(), want) {
		t.Errorf("error %v; expected one with %q", err, want)
	}
}

// A path along which values are replaced has but so many places: none is asked for twice, and the bracket ends where two of them are neighbours.
func TestReplacementPathsAskNothingTwice(t *testing.T) {
	const n = 20
	ones := func(token int) input.Input {
		ids := make([]int, n)
		for i := range ids {
			ids[i] = token
		}
		return model.Must(input.NewTokens(ids, input.Vocabulary{Size: 9, Pad: input.Unpadded}))
	}
	evaluate := func(in input.Input) engine.Evaluation {
		twos := 0
		for _, token := range in.Data {
			if token == 2 {
				twos++
			}
		}
		p := float32(0.99)
		if twos >= n/2 {
			p = 0.01
		}
		return engine.Evaluation{Input: in.Clone(), Original: answer.Of(p, 1-p), Compressed: answer.Of(p, 1-p), Verdict: answer.Verdict{Kind: answer.OtherAnswer}}
	}
	seed := evaluate(ones(1))
	task := engine.Task{Seed: seed, Oracle: answer.Top1(), Rand: rand.New(rand.NewPCG(1, 2))}
	searcher, err := strategies.BoundarySearch{}.WithPool([]engine.Evaluation{evaluate(ones(2))}).NewSearcher(task)
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]bool{fmt.Sprint(ones(1).Data): true, fmt.Sprint(ones(2).Data): true}
	twos := map[int]bool{}
	for range 30 {
		in := searcher.Ask(1)[0]
		if slices.ContainsFunc(in.Data, func(token float32) bool { return token != 1 && token != 2 }) {
			break // another path
		}
		key := fmt.Sprint(in.Data)
		if asked[key] {
			t.Errorf("%s was asked for before, or is an end of the path", key)
		}
		asked[key] = true
		e := evaluate(in)
		count := 0
		for _, token := range in.Data {
			if token == 2 {
				count++
			}
		}
		twos[count] = true
		searcher.Tell([]engine.Evaluation{e})
	}
	if !twos[n/2-1] || !twos[n/2] {
		t.Errorf("expected both neighbours of the crossing, %d and %d replaced, found %v", n/2-1, n/2, twos)
	}
}

// In long texts a few edits move no margin far: whole passages are replaced, and few queries are enough.
func TestLongTextsAreSearchedByPassages(t *testing.T) {
	const n = 900
	v := input.Vocabulary{Size: 9}
	share := func(boundary float64) model.PredictorFunc { // of 2s
		return func(_ context.Context, batch []input.Input) ([][]float32, error) {
			rows := make([][]float32, len(batch))
			for i, in := range batch {
				if err := in.Validate(); err != nil {
					t.Errorf("a model was shown %v", err)
				}
				twos := 0.0
				for _, token := range in.Data {
					if token == 2 {
						twos++
					}
				}
				p := float32(1 / (1 + math.Exp(12*(twos/n-boundary))))
				rows[i] = []float32{p, 1 - p}
			}
			return rows, nil
		}
	}
	var seeds input.SeedList
	for _, token := range []int{1, 2, 3, 2} {
		ids := make([]int, n)
		for i := range ids {
			ids[i] = token
			if i%7 == 0 {
				ids[i] = 4
			}
		}
		seeds = append(seeds, input.Seed{Input: model.Must(input.NewTokens(ids, v)), Label: input.Unlabelled})
	}
	settings := engine.Settings{Strategy: strategies.BoundarySearch{}, Budget: engine.Budget{QueriesPerSeed: 60, ClosingQueriesPerSeed: 40}}
	r := enginetest.Search(t, enginetest.PairOf(share(0.4), share(0.38)), seeds, settings)
	for i, o := range r.Seeds {
		if o.FirstHit == nil || o.FirstHit.Queries == 0 || o.FirstHit.Queries > 20 {
			t.Errorf("seed %d: first hit %+v; expected one within 20 queries", i, o.FirstHit)
			continue
		}
		enginetest.CheckOutcome(t, settings, seeds[i].Input, o)
	}
}

// Where no model has a boundary of its own, the first candidate is one that a usual operator makes: where deviations are nearly everywhere,
// it is all that is needed.
func TestAnOperatorComesFirstWithoutBoundaries(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	seed := engine.Evaluation{Input: anyOf("image", rng), Original: answer.Of(1, 2), Compressed: answer.Of(1, 2.5), Verdict: answer.Verdict{Kind: answer.OtherAnswer}}
	task := engine.Task{Seed: seed, Oracle: model.Must(answer.Tolerance(answer.Absolute(1))), Rand: rng}
	searcher, err := strategies.Boundary().NewSearcher(task)
	if err != nil {
		t.Fatal(err)
	}
	searcher.Ask(1)
	said := strings.Join(searcher.(engine.Historian).History(0), ", ")
	if first := generators.Corruptions()[0].String(); !strings.HasPrefix(said, first) {
		t.Errorf("the first candidate is %q; expected one by %s", said, first)
	}
}

// Who says nothing of operators gets those of the seed's kind, whatever searches.
func TestOperatorsOfTheKindAreTheDefault(t *testing.T) {
	for kind, want := range map[string]func(name string) bool{
		"row":  func(name string) bool { return strings.HasPrefix(name, "column-") || name == "category-change" },
		"text": func(name string) bool { return strings.HasPrefix(name, "token-") },
		"signal": func(name string) bool {
			return strings.HasPrefix(name, "time-") || strings.HasSuffix(name, "-noise") && name != "gaussian-noise" && name != "impulse-noise" || name == "gain" || strings.Contains(name, "pass") || strings.Contains(name, "-bits") || slices.Contains([]string{"clipping", "mu-law", "reverb", "frequency-mask"}, name)
		},
		"features": func(name string) bool {
			return slices.Contains([]string{"gaussian-noise", "shot-noise", "impulse-noise", "brightness", "contrast", "gamma", "salt-and-pepper", "speckle-noise", "pixel-change"}, name)
		},
		"set": func(name string) bool {
			of, part, _ := strings.Cut(name, " on ")
			return part == "picture" && !strings.HasPrefix(of, "column-") || part == "facts" && (strings.HasPrefix(of, "column-") || of == "category-change")
		},
		"set with tokens": func(name string) bool { return name == "pixel-change on text" || strings.HasSuffix(name, " on facts") }, // bare tokens
	} {
		rng := rand.New(rand.NewPCG(7, 8))
		seed := anyOf(kind, rng)
		diffchaser := strategies.DiffChaser()
		diffchaser.Population = 20
		corruptions := strategies.Boundary()
		corruptions.Natural = true
		for _, strategy := range []engine.Strategy{corruptions, strategies.TriggerFinder(), strategies.Random(), diffchaser} {
			evaluation := engine.Evaluation{Input: seed, Original: answer.Of(1, 0), Compressed: answer.Of(1, 0), Verdict: answer.Verdict{Kind: answer.OtherAnswer}}
			searcher, err := strategy.NewSearcher(engine.Task{Seed: evaluation, Oracle: answer.Top1(), Rand: rng})
			if err != nil {
				t.Fatalf("%s, %s: %v", kind, strategy, err)
			}
			names := map[string]bool{}
			for range 60 {
				asked := searcher.Ask(1)
				told := make([]engine.Evaluation, len(asked))
				for i, in := range asked {
					if err := in.Validate(); err != nil {
						t.Fatalf("%s, %s: %v", kind, strategy, err)
					}
					for _, name := range searcher.(engine.Historian).History(i) {
						names[name] = true
					}
					told[i] = evaluation
					told[i].Input = in
				}
				searcher.Tell(told)
			}
			if len(names) == 0 {
				t.Errorf("%s, %s: no operator at all", kind, strategy)
			}
			for name := range names {
				name = strings.TrimSuffix(name, " 1.0000") // the place of a path
				if !want(name) && name != "crossover" && !strings.HasPrefix(name, "blend") {
					t.Errorf("%s, %s: operator %s", kind, strategy, name)
				}
			}
		}
	}
}
