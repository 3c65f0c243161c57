package strategies_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/strategies"
	"pgregory.net/rapid"
)

// baselines are the strategies with options under which each can find the triggers of enginetest.BrightnessPair.
func baselines() map[string]engine.Strategy {
	mutators := []input.Mutator{enginetest.Shift{Most: 70}, enginetest.Speckle{}}
	return map[string]engine.Strategy{
		"random":               strategies.RandomSearch{Mutators: mutators},
		"random, accumulating": strategies.RandomSearch{Mutators: mutators, Accumulate: true},
		"diffchaser":           strategies.DiffChaserSearch{Mutators: mutators, Population: 40, Tournament: 4},
		"square":               strategies.SquareSearch{Radius: 0.25},
	}
}

func TestBaselinesTakeSeedsOfTheFixtures(t *testing.T) {
	seed := model.Must(fixtures.Seeds().Seed(0)).Input
	scores := []float32{0.9, 0.1}
	for _, strategy := range []engine.Strategy{strategies.Random(), strategies.DiffChaser(), strategies.Square()} {
		_, err := strategy.NewSearcher(engine.Task{Seed: engine.Evaluation{Input: seed, Original: answer.Of(scores...), Compressed: answer.Of(scores...)}})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestBaselinesFindTriggers(t *testing.T) {
	for name, strategy := range baselines() {
		t.Run(name, func(t *testing.T) {
			s := enginetest.Settings()
			s.Strategy, s.Budget.QueriesPerSeed = strategy, 2000
			report := enginetest.Search(t, enginetest.BrightnessPair(), enginetest.GreySeeds(30), s)
			if n := len(report.Triggers()); n != 30 {
				t.Errorf("%d triggers, expected 30", n)
			}
			for i, trigger := range report.Triggers() {
				if err := trigger.Input.Validate(); err != nil {
					t.Errorf("trigger %d: %v", i, err)
				}
				if trigger.OriginalLabel != 1 || trigger.CompressedLabel != 0 {
					t.Errorf("trigger %d: labels %d and %d, expected 1 and 0", i, trigger.OriginalLabel, trigger.CompressedLabel)
				}
				if hasOperators := name != "square"; hasOperators != (len(trigger.History) > 0) {
					t.Errorf("trigger %d: history %v", i, trigger.History)
				}
			}
		})
	}
}

func TestBaselinesDoNotDependOnBatchSizeOrWorkers(t *testing.T) {
	for name, strategy := range baselines() {
		t.Run(name, func(t *testing.T) {
			var want []byte
			for _, layout := range [][2]int{{1, 1}, {7, 2}, {64, 3}} {
				s := enginetest.Settings()
				s.Strategy, s.Budget.QueriesPerSeed = strategy, 300
				s.BatchSize, s.Workers = layout[0], layout[1]
				got := model.Must(enginetest.Search(t, enginetest.BrightnessPair(), enginetest.GreySeeds(40), s).Canonical())
				if want == nil {
					want = got
				} else if diff := cmp.Diff(string(want), string(got)); diff != "" {
					t.Fatalf("batch %d, %d workers: the report differs:\n%s", layout[0], layout[1], diff)
				}
			}
			s := enginetest.Settings()
			s.Strategy, s.Budget.QueriesPerSeed, s.RandomSeed = strategy, 300, 1
			other := string(model.Must(enginetest.Search(t, enginetest.BrightnessPair(), enginetest.GreySeeds(40), s).Canonical()))
			if strings.ReplaceAll(other, `"random_seed": 1`, `"random_seed": 0`) == string(want) {
				t.Error("the random seed has no influence")
			}
		})
	}
}

// Bounds of all kinds hold, and no candidate leaves the domain, whatever the input is like.
func TestBaselinesStayInTheDomainAndWithinTheLimit(t *testing.T) {
	for name, strategy := range map[string]func(*rapid.T) engine.Strategy{
		"random": func(t *rapid.T) engine.Strategy {
			return strategies.RandomSearch{Mutators: []input.Mutator{jitter{}}, Accumulate: rapid.Bool().Draw(t, "accumulate")}
		},
		"diffchaser": func(t *rapid.T) engine.Strategy {
			elite := rapid.IntRange(1, 3).Draw(t, "elite")
			return strategies.DiffChaserSearch{
				Mutators: []input.Mutator{jitter{}}, Elite: elite,
				Population:    rapid.IntRange(2*elite+1, 50).Draw(t, "population"),
				Tournament:    rapid.IntRange(1, 60).Draw(t, "tournament"),
				K:             rapid.IntRange(2, 4).Draw(t, "k"),
				CrossoverRate: rapid.Float64Range(0.001, 0.999).Draw(t, "crossover rate"),
				MutationRate:  rapid.Float64Range(0.001, 1).Draw(t, "mutation rate"),
			}
		},
		"square": func(t *rapid.T) engine.Strategy {
			return strategies.SquareSearch{
				Horizon:  rapid.IntRange(1, 100).Draw(t, "horizon"),
				Radius:   rapid.SampledFrom([]float64{0, 0.01, 0.3, 1}).Draw(t, "radius"),
				Fraction: rapid.SampledFrom([]float64{0, 0.01, 1}).Draw(t, "fraction"),
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				seed := drawInput(t)
				before := slices.Clone(seed.Data)
				drive := newDrive(t, strategy(t), seed, nil)
				for range 60 {
					limit := rapid.IntRange(1, 40).Draw(t, "limit")
					asked := drive.step(limit)
					if len(asked) < 1 || len(asked) > limit {
						t.Fatalf("%d candidates, expected 1 to %d", len(asked), limit)
					}
					for _, candidate := range asked {
						if err := candidate.Validate(); err != nil {
							t.Fatal(err)
						}
						if !slices.Equal(candidate.Shape, seed.Shape) || candidate.Domain != seed.Domain {
							t.Fatalf("%s became %s", seed, candidate)
						}
					}
				}
				if !slices.Equal(seed.Data, before) {
					t.Fatal("the seed changed")
				}
			})
		})
	}
}

func TestBaselinesRefuseOptionsThatCannotBe(t *testing.T) {
	some := []input.Mutator{enginetest.Shift{Most: 20}}
	for _, test := range []struct {
		strategy engine.Strategy
		says     string
	}{
		{strategies.RandomSearch{}, "random: no mutation operators; expected at least one"},
		{strategies.RandomSearch{Mutators: make([]input.Mutator, 256)}, "random: 256 mutation operators; expected at most 255"},
		{strategies.RandomSearch{Mutators: []input.Mutator{some[0], nil}}, "random: mutation operator 1 is nil"},
		{strategies.RandomSearch{Mutators: []input.Mutator{picky{}}}, "random: none of the 1 mutation operators fits: expected a voice"},
		{strategies.DiffChaserSearch{}, "diffchaser: no mutation operators"},
		{strategies.DiffChaserSearch{Mutators: some, Population: -5}, "diffchaser: Population is -5; expected at least 3"},
		{strategies.DiffChaserSearch{Mutators: some, Population: 4, Elite: 2}, "diffchaser: Population is 4; expected at least 5"},
		{strategies.DiffChaserSearch{Mutators: some, Tournament: -1}, "diffchaser: Tournament is -1"},
		{strategies.DiffChaserSearch{Mutators: some, K: 1}, "diffchaser: K is 1; expected at least 2"},
		{strategies.DiffChaserSearch{Mutators: some, Elite: -1}, "diffchaser: Elite is -1"},
		{strategies.DiffChaserSearch{Mutators: some, CrossoverRate: 1}, "diffchaser: CrossoverRate is 1; expected above 0 and below 1"},
		{strategies.DiffChaserSearch{Mutators: some, MutationRate: math.NaN()}, "diffchaser: MutationRate is NaN"},
		{strategies.SquareSearch{Horizon: -1}, "square: Horizon is -1"},
		{strategies.SquareSearch{Radius: -0.1}, "square: Radius is -0.1"},
		{strategies.SquareSearch{Radius: math.NaN()}, "square: Radius is NaN"},
		{strategies.SquareSearch{Fraction: 1.5}, "square: Fraction is 1.5"},
	} {
		task := engine.Task{Seed: engine.Evaluation{Input: enginetest.GreySeeds(1)[0].Input, Original: answer.Of(1, 0), Compressed: answer.Of(1, 0)}}
		if _, err := test.strategy.NewSearcher(task); err == nil || !strings.HasPrefix(err.Error(), test.says) {
			t.Errorf("error %v; expected one that begins %q", err, test.says)
		}
	}
}

func TestNamesOfBaselinesShowWhatIsNotUsual(t *testing.T) {
	for want, strategy := range map[string]engine.Strategy{
		"random":               strategies.RandomSearch{},
		"random, accumulating": strategies.RandomSearch{Accumulate: true},
		"diffchaser":           strategies.DiffChaserSearch{Population: 1000, MutationRate: 0.01},
		"diffchaser, population 200, mutation rate 0.005, k 3": strategies.DiffChaserSearch{Population: 200, MutationRate: 0.005, K: 3},
		"square":                           strategies.SquareSearch{},
		"square, horizon 2000, radius 0.1": strategies.SquareSearch{Horizon: 2000, Radius: 0.1},
	} {
		if got := strategy.String(); got != want {
			t.Errorf("name %q, expected %q", got, want)
		}
	}
}

// drive is one search by hand: a searcher, and models that answer it.
type drive struct {
	seed     input.Input
	searcher engine.Searcher
	answer   func(input.Input) (original, compressed []float32)
	region   distance.Region
	asked    []input.Input
	told     []engine.Evaluation // the answers to asked
}

type failer interface {
	Helper()
	Fatal(...any)
}

func newDrive(t failer, strategy engine.Strategy, seed input.Input, bound distance.Bound) *drive {
	t.Helper()
	d := &drive{seed: seed, answer: gradients}
	task := engine.Task{Oracle: answer.Top1(), Rand: rand.New(rand.NewPCG(1, 2))}
	task.Seed.Input = seed
	task.Seed.Original.Scores, task.Seed.Compressed.Scores = d.answer(seed)
	if bound != nil {
		d.region = model.Must(bound.Around(seed))
		task.Region = d.region
	}
	searcher, err := strategy.NewSearcher(task)
	if err != nil {
		t.Fatal(err)
	}
	d.searcher = searcher
	return d
}

func (d *drive) ask(limit int) []input.Input {
	d.asked = d.searcher.Ask(limit)
	for _, candidate := range d.asked {
		if d.region != nil {
			d.region.Project(candidate)
		}
	}
	return d.asked
}

func (d *drive) tell() {
	d.told = d.told[:0]
	for _, candidate := range d.asked {
		o, c := d.answer(candidate)
		d.told = append(d.told, engine.Evaluation{Input: candidate, Original: answer.Of(o...), Compressed: answer.Of(c...)})
	}
	d.searcher.Tell(d.told)
}

func (d *drive) step(limit int) []input.Input {
	defer d.tell()
	return d.ask(limit)
}

// gradients are two smooth models of four classes that never give different labels.
func gradients(in input.Input) (original, compressed []float32) {
	var sum float64
	for _, v := range in.Data {
		sum += float64(v-in.Domain.Min) / float64(in.Domain.Range())
	}
	p := float32(0.25 + 0.7*sum/float64(len(in.Data)))
	return []float32{p, (1 - p) / 2, (1 - p) / 3, (1 - p) / 6}, []float32{p, (1 - p) / 3, (1 - p) / 3, (1 - p) / 3}
}

// drawInput is an input of any shape and domain.
func drawInput(t *rapid.T) input.Input {
	shape := rapid.SampledFrom([][]int{{4, 4, 1}, {3, 5, 3}, {6, 4}, {1}, {13}, {1, 9}, {9, 1, 2}, {2, 3, 4, 2}}).Draw(t, "shape")
	in := input.Input{
		Shape:  shape,
		Domain: rapid.SampledFrom([]input.Domain{input.Bytes, {Min: 0, Max: 1}, {Min: -1, Max: 1, Step: 0.25}, {Min: -3, Max: 2}}).Draw(t, "domain"),
	}
	n := 1
	for _, size := range shape {
		n *= size
	}
	for range n {
		at := rapid.Float32Range(0, 1).Draw(t, "value")
		in.Data = append(in.Data, in.Domain.Snap(in.Domain.Min+at*in.Domain.Range()))
	}
	return in
}

// jitter changes every value, in any domain.
type jitter struct{}

func (jitter) Mutate(dst, src input.Input, rng *rand.Rand) {
	for i, v := range src.Data {
		dst.Data[i] = src.Domain.Snap(v + (rng.Float32()-0.5)*src.Domain.Range())
	}
}

func (jitter) String() string { return "jitter" }

// mark adds 1 to one value, so that an input shows how often it was applied.
type mark struct{ at int }

func (m mark) Mutate(dst, src input.Input, _ *rand.Rand) {
	copy(dst.Data, src.Data)
	dst.Data[m.at]++
}

func (m mark) String() string { return []string{"first", "second", "third"}[m.at] }

// picky takes no input.
type picky struct{ mark }

func (picky) String() string { return "picky" }

func (picky) Supports(input.Input) error { return errors.New("expected a voice") }
