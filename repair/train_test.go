package repair_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/repair"
)

// sample is n answers of three classes. The surer the compressed model, the rarer it deviates.
func sample(rng *rand.Rand, n int, sure float64) []repair.Answers {
	answers := make([]repair.Answers, n)
	for i := range answers {
		logit := rng.NormFloat64() + sure
		p := float32(1 / (1 + math.Exp(-logit)))
		top, second := rng.IntN(3), 0
		if second = (top + 1) % 3; rng.IntN(2) == 0 {
			second = (top + 2) % 3
		}
		c := make([]float32, 3)
		c[top], c[second], c[3-top-second] = p, 0.75*(1-p), 0.25*(1-p)
		answers[i] = repair.Answers{ID: fmt.Sprintf("%016x", rng.Uint64()), Compressed: c, Original: c, Label: top}
	}
	return answers
}

// deviating gives the original another label.
func deviating(answers []repair.Answers) []repair.Answers {
	for i, a := range answers {
		o := []float32{0.1, 0.1, 0.1}
		o[(answer.Label(a.Compressed)+1)%3] = 0.8
		answers[i].Original = o
	}
	return answers
}

func TestFurtherCleanInputsKeepTheLimit(t *testing.T) {
	for _, limit := range []float64{0.02, 0.1, 0.3} {
		asked, all := 0, 0
		for trial := range uint64(40) {
			rng := rand.New(rand.NewPCG(trial, 7))
			s, err := repair.TrainOn(context.Background(), deviating(sample(rng, 60, 0)), sample(rng, 400, 3), repair.Settings{AskAtMost: limit})
			if err != nil {
				t.Fatal(err)
			}
			m, err := s.MeasureOn(deviating(sample(rng, 100, 0)), sample(rng, 2000, 3))
			if err != nil {
				t.Fatal(err)
			}
			asked, all = asked+m.Asked, all+m.Clean
		}
		// The mean of 40 selectors, each of whose shares spreads by about sqrt(limit/200).
		found, spread := float64(asked)/float64(all), 3*math.Sqrt(limit/200/40)
		if found > limit+spread || found < limit-spread-1.0/200 {
			t.Errorf("AskAtMost %g: asked for %g of further inputs", limit, found)
		}
	}
}

func TestTrainingLearnsFromTriggers(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	triggers, clean := deviating(sample(rng, 100, 0)), sample(rng, 1000, 3)
	s, err := repair.TrainOn(context.Background(), triggers, clean, repair.Settings{AskAtMost: 0.1})
	if err != nil {
		t.Fatal(err)
	}
	unsure := model.Must(s.Doubt([]float32{0.4, 0.35, 0.25}))
	sure := model.Must(s.Doubt([]float32{0.01, 0.98, 0.01}))
	if unsure < 1 || sure > -1 {
		t.Errorf("doubt %g of unsure scores and %g of sure ones", unsure, sure)
	}
	m, err := s.MeasureOn(deviating(sample(rng, 1000, 0)), sample(rng, 1000, 3))
	if err != nil || m.MendedShare() < 0.8 {
		t.Errorf("%v, %v; expected 80 %% of the triggers mended", m, err)
	}
	// Doubt is in log-odds, as if both kinds were as frequent: what is missing for one kind balances what is missing for the other.
	missing := func(answers []repair.Answers, sign float64) float64 {
		sum := 0.0
		for _, a := range answers {
			sum += 1 / (1 + math.Exp(sign*model.Must(s.Doubt(a.Compressed))))
		}
		return sum / float64(len(answers))
	}
	if a, b := missing(triggers, 1), missing(clean, -1); math.Abs(a-b) > 0.03 || a > 0.3 {
		t.Errorf("triggers are doubted %g too little, clean inputs %g too much; expected about the same", a, b)
	}
	// Where triggers look as clean inputs do, there is nothing to learn.
	if s, err = repair.TrainOn(context.Background(), deviating(sample(rng, 1000, 3)), sample(rng, 4000, 3), repair.Settings{AskAtMost: 0.1}); err != nil {
		t.Fatal(err)
	}
	if m, err = s.MeasureOn(deviating(sample(rng, 1000, 3)), clean); err != nil || m.MendedShare() > 0.2 {
		t.Errorf("%v, %v; expected some 10 %% of them mended", m, err)
	}
}

func TestTrainingDoesNotDependOnTheOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	triggers, clean := deviating(sample(rng, 50, 0)), sample(rng, 300, 3)
	first, err := repair.TrainOn(context.Background(), triggers, clean, repair.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	rng.Shuffle(len(triggers), func(i, j int) { triggers[i], triggers[j] = triggers[j], triggers[i] })
	rng.Shuffle(len(clean), func(i, j int) { clean[i], clean[j] = clean[j], clean[i] })
	second, err := repair.TrainOn(context.Background(), triggers, clean, repair.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("another order, another selector (-first +second):\n%s", diff)
	}
	if first.AskAtMost != repair.DefaultAskAtMost {
		t.Errorf("AskAtMost %g, expected the default", first.AskAtMost)
	}
}

func TestTrainingCounts(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	triggers := append(deviating(sample(rng, 30, 0)), sample(rng, 5, 0)...)
	clean := append(sample(rng, 200, 3), deviating(sample(rng, 4, 1))...)
	s, err := repair.TrainOn(context.Background(), triggers, clean, repair.Settings{})
	if want := (repair.Counts{Triggers: 30, Healed: 5, Clean: 204, Deviating: 4}); err != nil || s.TrainedOn != want {
		t.Errorf("%+v, %v; expected %+v", s.TrainedOn, err, want)
	}
}

func TestTrainingOnOutputsOfManyClasses(t *testing.T) {
	// 1000 classes, most of whose probabilities are 0 in float32.
	rng := rand.New(rand.NewPCG(4, 4))
	many := func(n int, sure float64) []repair.Answers {
		answers := sample(rng, n, sure)
		for i, a := range answers {
			answers[i].Compressed = append(a.Compressed, make([]float32, 997)...)
			answers[i].Original = append(a.Original[:3:3], make([]float32, 997)...)
		}
		return answers
	}
	triggers := many(50, 0)
	for i, a := range triggers {
		o := make([]float32, 1000)
		o[999-answer.Label(a.Compressed)] = 1
		triggers[i].Original = o
	}
	s, err := repair.TrainOn(context.Background(), triggers, many(300, 3), repair.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Weights) != 11 || s.Classes != 1000 {
		t.Errorf("%d weights for %d classes; expected 10 log-probabilities and the entropy", len(s.Weights), s.Classes)
	}
}

func TestTrainingRefusesWhatItCannotLearnFrom(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	triggers, clean := deviating(sample(rng, 20, 0)), sample(rng, 200, 3)
	changed := func(answers []repair.Answers, change func(a *repair.Answers)) []repair.Answers {
		answers = append([]repair.Answers{}, answers...)
		change(&answers[3])
		return answers
	}
	for _, test := range []struct {
		reason          string
		triggers, clean []repair.Answers
		limit           float64
		want            string
		is              error
	}{
		{"no triggers", nil, clean, 0, "expected triggers, found none", nil},
		{"no clean inputs", triggers, nil, 0, "expected clean inputs, found none", nil},
		{"healed triggers alone", sample(rng, 20, 0), clean, 0, "expected triggers on which the models deviate, found 20 that are healed", engine.ErrNoDeviation},
		{"clean inputs that all deviate", triggers, deviating(sample(rng, 200, 3)), 0, "found 200 that all deviate", nil},
		{"too few clean inputs", triggers, clean[:30], 0.01, "expected some times 200 clean inputs to ask for at most 1 % of them, found 30", nil},
		{"a limit of 1", triggers, clean, 1, "AskAtMost is 1; expected above 0 and below 1", nil},
		{"a negative limit", triggers, clean, -0.1, "AskAtMost is -0.1", nil},
		{"a limit that is no number", triggers, clean, math.NaN(), "AskAtMost is NaN", nil},
		{"NaN of the original", triggers, changed(clean, func(a *repair.Answers) { a.Original = []float32{float32(math.NaN()), 0, 1} }), 0,
			"clean input 4 of 200, original model: bad scores: expected probabilities, found NaN for 1 of 3 scores", model.ErrBadScores},
		{"NaN for all triggers", notFinite(triggers), clean, 0,
			"expected triggers with finite scores to learn from, found 20 for which the compressed model gives NaN or infinity, and 0 that are healed", engine.ErrNoDeviation},
		{"logits", changed(triggers, func(a *repair.Answers) { a.Original = []float32{5, -2, 1} }), clean, 0,
			"trigger 4 of 20, original model: bad scores: expected probabilities, found 5 for class 0; model.Softmax makes them", model.ErrBadScores},
		{"no sum of 1", changed(triggers, func(a *repair.Answers) { a.Compressed = []float32{0.1, 0.2, 0.1} }), clean, 0,
			"found scores that sum to 0.4", model.ErrBadScores},
		{"another number of classes", triggers, changed(clean, func(a *repair.Answers) { a.Original = []float32{0.5, 0.5} }), 0,
			"clean input 4 of 200, original model: bad scores: expected 3 scores, found 2", model.ErrBadScores},
		{"one class", []repair.Answers{{Original: []float32{1}, Compressed: []float32{1}}}, clean, 0, "expected at least 2 scores, found 1", model.ErrBadScores},
	} {
		t.Run(test.reason, func(t *testing.T) {
			_, err := repair.TrainOn(context.Background(), test.triggers, test.clean, repair.Settings{AskAtMost: test.limit})
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "repair: train: ") {
				t.Errorf("got error %v, expected %q", err, test.want)
			}
			if test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("%v is not %v", err, test.is)
			}
		})
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := repair.TrainOn(cancelled, triggers, clean, repair.Settings{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, expected that it was cancelled", err)
	}
}

func TestTrainRefusesUnusableTriggersAndModels(t *testing.T) {
	ctx, pair, seeds := context.Background(), tilted("a", "b"), ramp(40)
	abridged := &engine.Trigger{SeedID: "0123456789abcdef"}
	labels := model.Must(model.NewPair("labels", pair.Original(), model.LabelFunc("labels", 2,
		func(_ context.Context, batch []input.Input) ([]int, error) { return make([]int, len(batch)), nil })))
	for _, test := range []struct {
		reason   string
		pair     *model.Pair
		triggers []*engine.Trigger
		clean    input.Seeds
		want     string
	}{
		{"no pair", nil, triggersOf(pair, seeds), seeds, "pair is nil"},
		{"nil trigger", pair, []*engine.Trigger{nil}, seeds, "trigger 1 of 1 is nil"},
		{"no triggers", pair, nil, seeds, "expected triggers, found none"},
		{"abridged", pair, []*engine.Trigger{abridged}, seeds, "expected its input, found its numbers alone: search with Settings.KeepInputs of at least 1"},
		{"no clean inputs", pair, triggersOf(pair, seeds), nil, "expected clean inputs, found none"},
		{"labels alone", labels, triggersOf(pair, seeds), seeds, "expected scores of the compressed model \"labels\", found labels alone"},
		{"broken seed", pair, triggersOf(pair, seeds), generators.Shuffled(brokenSeeds{}, 1), "seed is broken"},
	} {
		t.Run(test.reason, func(t *testing.T) {
			_, err := repair.Train(ctx, test.pair, test.triggers, test.clean, repair.Settings{AskAtMost: 0.2})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, expected %q", err, test.want)
			}
		})
	}
}

type brokenSeeds struct{}

func (brokenSeeds) Len() int { return 3 }

func (brokenSeeds) Seed(int) (input.Seed, error) { return input.Seed{}, errors.New("seed is broken") }

// notFinite are answers to which the compressed model gives infinity.
func notFinite(answers []repair.Answers) []repair.Answers {
	answers = append([]repair.Answers{}, answers...)
	for i := range answers {
		answers[i].Compressed = []float32{0, float32(math.Inf(1)), 0}
	}
	return answers
}

// Answers that are not finite are never trusted, so that nothing is learnt from them.
func TestAnswersThatAreNotFiniteAreNeverTrusted(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	triggers, clean := deviating(sample(rng, 20, 0)), sample(rng, 200, 3)
	plain, err := repair.TrainOn(t.Context(), triggers, clean, repair.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	broken := notFinite(clean[:3])
	for i := range broken {
		broken[i].ID = fmt.Sprint("broken", i)
	}
	s, err := repair.TrainOn(t.Context(), append(triggers, broken[:2]...), append(clean, broken[2]), repair.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	want := plain.TrainedOn
	want.Triggers, want.Clean, want.Deviating, want.NotFinite = want.Triggers+2, want.Clean+1, want.Deviating+1, 3
	if s.TrainedOn != want || s.Threshold != plain.Threshold || !slices.Equal(s.Weights, plain.Weights) {
		t.Errorf("trained on %+v, threshold %g; expected %+v and %g", s.TrainedOn, s.Threshold, want, plain.Threshold)
	}
	for _, row := range [][]float32{{float32(math.NaN()), 0, 1}, broken[0].Compressed} {
		trusted, err := s.Trusts(row)
		if doubt, _ := s.Doubt(row); trusted || err != nil || !math.IsInf(doubt, 1) {
			t.Errorf("%v: trusted %t, doubt %g, %v", row, trusted, doubt, err)
		}
	}
	m, err := s.MeasureOn(broken[:2], broken[2:])
	if err != nil || m.Mended != 2 || m.Asked != 1 || m.AgreeingBefore != 0 || m.AgreeingAfter != 1 {
		t.Errorf("%+v, %v", m, err)
	}
}
