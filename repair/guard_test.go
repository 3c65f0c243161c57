package repair_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/repair"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// tilted is a pair of two classes whose boundary, in the mean of the input, has moved from 128 to 140.
func tilted(original, compressed string) *model.Pair {
	at := func(boundary float64) model.PredictorFunc {
		return func(_ context.Context, batch []input.Input) ([][]float32, error) {
			scores := make([][]float32, len(batch))
			for i, in := range batch {
				sum := 0.0
				for _, v := range in.Data {
					sum += float64(v)
				}
				p := float32(1 / (1 + math.Exp(-(sum/float64(len(in.Data))-boundary)/10)))
				scores[i] = []float32{1 - p, p}
			}
			return scores, nil
		}
	}
	return model.Must(model.NewPair("tilted", model.Func(original, at(128)), model.Func(compressed, at(140))))
}

// ramp is n flat images from black to white.
func ramp(n int) input.SeedList {
	var seeds input.SeedList
	for i := range n {
		level := uint8(i * 255 / (n - 1))
		in := model.Must(input.NewImage(2, 2, 1, []uint8{level, level, level, level}))
		label := 0
		if level > 128 {
			label = 1
		}
		seeds = append(seeds, input.Seed{Input: in, Label: label})
	}
	return seeds
}

// triggersOf are triggers of the pair tilted.
func triggersOf(pair *model.Pair, seeds input.Seeds) []*engine.Trigger {
	var triggers []*engine.Trigger
	for i := range 10 {
		level := uint8(129 + i)
		in := model.Must(input.NewImage(2, 2, 1, []uint8{level, level, level, level}))
		e := model.Must(engine.Replay(context.Background(), pair, []input.Input{in}, nil))[0]
		seed := model.Must(seeds.Seed(i))
		triggers = append(triggers, engine.TriggerOf(seed, i, e, 1))
	}
	return triggers
}

func TestGuardedAnswersAreOfEitherModel(t *testing.T) {
	ctx, pair, seeds := context.Background(), tilted("a", "b"), ramp(256)
	s, err := repair.Train(ctx, pair, triggersOf(pair, seeds), seeds, repair.Settings{AskAtMost: 0.2})
	if err != nil {
		t.Fatal(err)
	}
	guarded := model.Must(s.Guard(pair))
	var batch []input.Input
	for i := range seeds.Len() {
		batch = append(batch, seeds[i].Input)
	}
	found := model.Must(guarded.Predict(ctx, batch))
	o, c := model.Must(pair.Original().Predict(ctx, batch)), model.Must(pair.Compressed().Predict(ctx, batch))
	asked := 0
	for i := range batch {
		want := c[i]
		if !model.Must(s.Trusts(c[i])) {
			want, asked = o[i], asked+1
		}
		if !slices.Equal(found[i], want) {
			t.Errorf("level %d: scores %v, expected %v of %v and %v", i, found[i], want, o[i], c[i])
		}
	}
	if n, all := guarded.Asked(); n != asked || all != 256 || asked == 0 || asked > 80 {
		t.Errorf("asked %d of %d; expected %d of 256, at most some 20 %%", n, all, asked)
	}
	m, err := s.Measure(ctx, pair, triggersOf(pair, seeds), seeds)
	if err != nil || m.Asked != asked || m.Mended != 10 || m.Triggers != 10 {
		t.Errorf("%+v, %v; expected %d asked and all mended", m, err, asked)
	}
}

func TestMeasuredCounts(t *testing.T) {
	pair, seeds := tilted("a", "b"), ramp(256)
	s, err := repair.Train(context.Background(), pair, triggersOf(pair, seeds), seeds, repair.Settings{AskAtMost: 0.2})
	if err != nil {
		t.Fatal(err)
	}
	sure, other, unsure := []float32{0.99, 0.01}, []float32{0.02, 0.98}, []float32{0.51, 0.49}
	m, err := s.MeasureOn([]repair.Answers{
		{Original: other, Compressed: unsure}, // mended
		{Original: other, Compressed: sure},   // not
		{Original: sure, Compressed: unsure},  // healed
	}, []repair.Answers{
		{Original: sure, Compressed: sure, Label: 0},
		{Original: other, Compressed: unsure, Label: 1}, // asked: wrong becomes right
		{Original: other, Compressed: unsure, Label: 0}, // asked: right becomes wrong
		{Original: other, Compressed: sure, Label: input.Unlabelled},
	})
	want := repair.Measured{
		Triggers: 2, Healed: 1, Mended: 1, Clean: 4, Asked: 2, AgreeingBefore: 1, AgreeingAfter: 3,
		Labelled: 3, RightOriginal: 2, RightBefore: 2, RightAfter: 2,
	}
	if err != nil || m != want {
		t.Errorf("%+v, %v; expected %+v", m, err, want)
	}
	if m.MendedShare() != 0.5 || m.AskedShare() != 0.5 || m.Coverage() != 0.5 {
		t.Errorf("shares %g, %g, %g", m.MendedShare(), m.AskedShare(), m.Coverage())
	}
	if text := m.String(); text != "mended 1 of 2 triggers, asked for 2 of 4 clean inputs; agreement with the original 75.00 %, before 25.00 %; "+
		"accuracy 66.67 %, before 66.67 %, original 66.67 %" {
		t.Error(text)
	}
	if _, err := s.MeasureOn(nil, nil); err == nil {
		t.Error("measured nothing")
	}
}

func TestGuardIsForOneModel(t *testing.T) {
	t.Setenv(report.RootVariable, t.TempDir())
	ctx := context.Background()
	open := func(p fixtures.Pair) *model.Pair {
		pair := model.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale)))
		t.Cleanup(func() { _ = pair.Close() })
		return pair
	}
	pair, other := open(fixtures.LeNet5Int8), open(fixtures.LeNet5Student)
	search := model.Must(engine.Search(ctx, pair, generators.First(fixtures.Seeds(), 60), engine.Settings{
		Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 50},
	}))
	s, err := repair.Train(ctx, pair, search.Triggers(), generators.First(fixtures.Seeds(), 200), repair.Settings{AskAtMost: 0.1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Guard(other); err == nil || !strings.Contains(err.Error(), "pair lenet5-student: expected the compressed model that the selector was trained for") {
		t.Errorf("got error %v", err)
	}
	if _, err := s.Measure(ctx, other, search.Triggers(), fixtures.Seeds()); err == nil || !strings.Contains(err.Error(), "train it again") {
		t.Errorf("got error %v", err)
	}
	if _, err := s.Guard(nil); err == nil {
		t.Error("guarded nil")
	}
	if _, err := (&repair.Selector{}).Guard(pair); err == nil || !strings.Contains(err.Error(), "features: expected") {
		t.Errorf("got error %v", err)
	}

	// The whole works behind the matchers.
	g := NewWithT(t)
	repaired := model.Must(model.NewPair("repaired", pair.Original(), model.Must(s.Guard(pair))))
	seeds := generators.First(fixtures.Seeds(), 60)
	g.Expect(pair).To(HaveDeviationFrom(seeds).WithBudget(engine.Budget{QueriesPerSeed: 20}))
	g.Expect(repaired).NotTo(HaveDeviationFrom(seeds).WithBudget(engine.Budget{QueriesPerSeed: 20}))
	original, guarded := repaired.Describe()
	if guarded.Classes != 10 || guarded.SHA256 != "" || guarded.Settings["runtime"] != original.Settings["runtime"] ||
		!strings.HasPrefix(guarded.Settings["selector"], "selector that asks") || !strings.HasSuffix(guarded.Name, "-guarded") {
		t.Errorf("%+v", guarded)
	}
	bad := model.Must(input.NewImage(28, 28, 3, make([]uint8, 28*28*3)))
	if err := repaired.Compressed().(model.InputChecker).CheckInput(bad); err == nil {
		t.Error("accepted an input that the models do not take")
	}
}

// limited describes a predictor of small batches.
type limited struct {
	model.Predictor
	d model.Description
}

func (l limited) Describe() model.Description { return l.d }

func TestGuardedKeepsTheLimitsOfBothModels(t *testing.T) {
	ctx, pair, seeds := context.Background(), tilted("a", "b"), ramp(256)
	s, err := repair.Train(ctx, pair, triggersOf(pair, seeds), seeds, repair.Settings{AskAtMost: 0.2})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ original, compressed, want int }{{0, 0, 0}, {3, 0, 3}, {0, 4, 4}, {3, 4, 3}} {
		p := model.Must(model.NewPair("p", limited{pair.Original(), model.Description{MaxBatch: test.original, Serial: true}},
			limited{pair.Compressed(), model.Description{MaxBatch: test.compressed}}))
		if d := model.Must(s.Guard(p)).Describe(); d.MaxBatch != test.want || !d.Serial {
			t.Errorf("limits %d and %d: %+v", test.original, test.compressed, d)
		}
	}
	wrong := model.Must(model.NewPair("p", pair.Original(), limited{pair.Compressed(), model.Description{Classes: 3}}))
	if _, err := s.Guard(wrong); err == nil || !strings.Contains(err.Error(), "expected a compressed model of 2 classes, found 3") {
		t.Errorf("got error %v", err)
	}
}

func TestGuardedPassesErrorsOn(t *testing.T) {
	ctx, pair, seeds := context.Background(), tilted("a", "b"), ramp(256)
	s, err := repair.Train(ctx, pair, triggersOf(pair, seeds), seeds, repair.Settings{AskAtMost: 0.2})
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	fails := model.Func("fails", func(context.Context, []input.Input) ([][]float32, error) { return nil, broken })
	short := model.Func("short", func(context.Context, []input.Input) ([][]float32, error) { return nil, nil })
	three := model.Func("three", func(context.Context, []input.Input) ([][]float32, error) { return [][]float32{{1, 0, 0}}, nil })
	middle := []input.Input{ramp(256)[140].Input}
	for _, test := range []struct {
		reason string
		pair   *model.Pair
		want   error
	}{
		{"the compressed fails", model.Must(model.NewPair("p", pair.Original(), fails)), broken},
		{"the original fails", model.Must(model.NewPair("p", fails, pair.Compressed())), broken},
		{"too few rows", model.Must(model.NewPair("p", pair.Original(), short)), model.ErrBadScores},
		{"too few rows of the original", model.Must(model.NewPair("p", short, pair.Compressed())), model.ErrBadScores},
		{"three classes", model.Must(model.NewPair("p", pair.Original(), three)), model.ErrBadScores},
	} {
		if _, err := model.Must(s.Guard(test.pair)).Predict(ctx, middle); !errors.Is(err, test.want) {
			t.Errorf("%s: got error %v, expected %v", test.reason, err, test.want)
		}
	}
	if trusted, err := s.Trusts([]float32{1}); trusted || !errors.Is(err, model.ErrBadScores) {
		t.Errorf("trusts a single score: %v, %v", trusted, err)
	}
}

func TestSplitIsBySeed(t *testing.T) {
	pair, seeds := tilted("a", "b"), ramp(60)
	triggers := append(triggersOf(pair, seeds), triggersOf(pair, seeds)...)
	training, heldOut, err := repair.Split(triggers, seeds)
	if err != nil {
		t.Fatal(err)
	}
	if n := training.Clean.Len() + heldOut.Clean.Len(); n != 60 || training.Clean.Len() < 20 || heldOut.Clean.Len() < 20 {
		t.Fatalf("%d and %d of 60 clean inputs", training.Clean.Len(), heldOut.Clean.Len())
	}
	if n := len(training.Triggers) + len(heldOut.Triggers); n != 20 || len(training.Triggers) == 0 || len(heldOut.Triggers) == 0 {
		t.Fatalf("%d and %d of 20 triggers", len(training.Triggers), len(heldOut.Triggers))
	}
	where := map[string]string{}
	for _, part := range []struct {
		name string
		half repair.Half
	}{{"training", training}, {"held out", heldOut}} {
		for i := range part.half.Clean.Len() {
			where[model.Must(part.half.Clean.Seed(i)).Input.ID()] = part.name
		}
		for _, trigger := range part.half.Triggers {
			if where[trigger.SeedID] != part.name {
				t.Errorf("a trigger is in %s, its seed in %s", part.name, where[trigger.SeedID])
			}
		}
	}
	if _, _, err := repair.Split([]*engine.Trigger{nil}, nil); err == nil {
		t.Error("split nil")
	}
	if _, _, err := repair.Split(nil, brokenSeeds{}); err == nil || !strings.Contains(err.Error(), "seed is broken") {
		t.Errorf("got error %v", err)
	}
}
