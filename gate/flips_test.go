package gate_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/stats"
)

// told is a pair whose models give the labels that stand in the first two values of an input.
func told() *model.Pair {
	m := func(name string, at int) model.Predictor {
		return model.LabelFunc(name, 3, func(_ context.Context, batch []input.Input) ([]int, error) {
			labels := make([]int, len(batch))
			for i, in := range batch {
				labels[i] = int(in.Data[at])
			}
			return labels, nil
		})
	}
	return model.Must(model.NewPair("told", m("first", 0), m("second", 1)))
}

// tell is a seed on which the models of told give these labels.
func tell(label, original, compressed int) input.Seed {
	in := input.Input{Shape: []int{2}, Data: []float32{float32(original), float32(compressed)}, Domain: input.Bytes}
	return input.Seed{Input: in, Label: label, Name: fmt.Sprintf("%d-%d-%d", label, original, compressed)}
}

func TestFlipsAreCountedApart(t *testing.T) {
	seeds := input.SeedList{
		tell(0, 0, 0), tell(1, 1, 1), tell(1, 1, 1), // both right
		tell(0, 1, 1),                // both wrong alike
		tell(0, 0, 1), tell(0, 0, 2), // right to wrong
		tell(1, 0, 1),                // wrong to right
		tell(1, 0, 2),                // wrong to other
		tell(input.Unlabelled, 0, 1), // not labelled
		{Label: 1, Input: input.Input{Shape: []int{3}}}, // unusable
	}
	f, err := gate.MeasureFlips(t.Context(), told(), seeds, gate.FlipSettings{Examples: 1, SkippedAtMost: 0.2})
	if err != nil {
		t.Fatal(err)
	}
	want := &gate.Flips{
		Pair:   "told",
		Inputs: 8, Unlabelled: 1, Unusable: 1, FirstUnusable: "seed 9: shape [3]: expected 3 values, found 0",
		UnusableReasons: engine.SkipReasons{{Reason: "shape [3]: expected 3 values, found 0", Seeds: 1}},
		BothRight:       3, BothWrong: 1, RightToWrong: 2, WrongToRight: 1, WrongToOther: 1,
		Confidence: 0.95, Lower: stats.ClopperPearsonLower(2, 8, 0.95), Upper: stats.ClopperPearsonUpper(2, 8, 0.95), McNemar: 1,
		Classes: []gate.ClassFlips{{Label: 0, Inputs: 4, RightToWrong: 2}, {Label: 1, Inputs: 4, WrongToRight: 1, WrongToOther: 1}},
		Matrix:  [][]int{{1, 2, 2}, {0, 3, 0}, {0, 0, 0}},
	}
	if len(f.Examples) != 1 || f.Examples[0].SeedIndex != 4 || f.Examples[0].OriginalLabel != 0 || f.Examples[0].CompressedLabel != 1 {
		t.Errorf("examples %+v", f.Examples)
	}
	f.Examples = nil
	if diff := cmp.Diff(want, f); diff != "" {
		t.Error(diff)
	}
}

// corruptedSeeds are labelled seeds with a natural change: the embedded ones as they are were chosen so that all models
// are right on them.
func corruptedSeeds(t testing.TB, n int) input.SeedList {
	t.Helper()
	d := generators.Corrupted(fixtures.Seeds()).WithSeverity(generators.Between(0.3, 0.8))
	seeds := make(input.SeedList, n)
	for i := range seeds {
		draw, err := input.DrawAt(d, 1, i)
		if err != nil {
			t.Fatal(err)
		}
		seeds[i] = input.Seed{Input: draw.Input, Label: draw.Seed.Label, Name: draw.Change}
	}
	return seeds
}

// The counts are those of running both models on each input alone.
func TestFlipsOfRealPairs(t *testing.T) {
	seeds := corruptedSeeds(t, 300)
	for _, p := range []fixtures.Pair{fixtures.LeNet5Student, fixtures.LeNet5Dynamic, fixtures.ResCNNInt8} {
		pair := open(t, p)
		var want gate.Flips
		for _, seed := range seeds {
			e, err := engine.Replay(t.Context(), pair, []input.Input{seed.Input}, nil)
			if err != nil {
				t.Fatal(err)
			}
			o, c := answer.Label(e[0].Original.Scores), answer.Label(e[0].Compressed.Scores)
			switch {
			case o == c && o == seed.Label:
				want.BothRight++
			case o == c:
				want.BothWrong++
			case o == seed.Label:
				want.RightToWrong++
			case c == seed.Label:
				want.WrongToRight++
			default:
				want.WrongToOther++
			}
		}
		var alone *gate.Flips
		for _, layout := range [][2]int{{1, 1}, {50, 3}, {7, 2}} {
			f, err := gate.MeasureFlips(t.Context(), pair, seeds, gate.FlipSettings{BatchSize: layout[0], Workers: layout[1]})
			if err != nil {
				t.Fatal(err)
			}
			if alone == nil {
				alone = f
			}
			if diff := cmp.Diff(alone, f); diff != "" {
				t.Errorf("%s, batch %d, %d workers: %s", p.Name, layout[0], layout[1], diff)
			}
			got := gate.Flips{BothRight: f.BothRight, BothWrong: f.BothWrong, RightToWrong: f.RightToWrong, WrongToRight: f.WrongToRight, WrongToOther: f.WrongToOther}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, batch %d: %s", p.Name, layout[0], diff)
			}
			if p == fixtures.LeNet5Student && (f.RightToWrong < 5 || f.McNemar != stats.McNemar(f.RightToWrong, f.WrongToRight)) {
				t.Errorf("%d negative flips, p %g", f.RightToWrong, f.McNemar)
			}
		}
	}
}

// A label that hangs on a hair in company is asked for again, alone.
func TestLabelsOfFlipsAreThoseAlone(t *testing.T) {
	answers := func(alone, together float32) model.PredictorFunc {
		return func(_ context.Context, batch []input.Input) ([][]float32, error) {
			rows := make([][]float32, len(batch))
			for i, in := range batch {
				p := alone
				if len(batch) > 1 {
					p = together
				}
				rows[i] = []float32{p, 1 - p, in.Data[0] / 1e6}
			}
			return rows, nil
		}
	}
	pair := model.Must(model.NewPair("p", model.Func("o", answers(0.500001, 0.500001)), model.Func("c", answers(0.499999, 0.500001))))
	seeds := input.SeedList{}
	for i := range 8 {
		seeds = append(seeds, input.Seed{Input: model.Must(input.NewImage(1, 1, 1, []uint8{uint8(i)}))})
	}
	for _, batch := range []int{1, 4} {
		f, err := gate.MeasureFlips(t.Context(), pair, seeds, gate.FlipSettings{BatchSize: batch, Workers: 1})
		if err != nil || f.RightToWrong != 8 || f.Unstable != 0 {
			t.Errorf("batch %d: %+v, %v; expected 8 negative flips", batch, f, err)
		}
	}
	one, err := gate.MeasureFlips(t.Context(), pair, seeds[:1], gate.FlipSettings{})
	if err != nil || one.RightToWrong != 1 {
		t.Errorf("one seed: %+v, %v; expected one negative flip", one, err)
	}
}

func TestFlipsOfVeryManyClasses(t *testing.T) {
	for classes, matrix := range map[int]int{2000: 2000, 2001: 0} {
		says := func(name string, at int) model.Predictor {
			return model.LabelFunc(name, classes, func(_ context.Context, batch []input.Input) ([]int, error) {
				labels := make([]int, len(batch))
				for i, in := range batch {
					labels[i] = int(in.Data[at])
				}
				return labels, nil
			})
		}
		pair := model.Must(model.NewPair("p", says("o", 0), says("c", 1)))
		f, err := gate.MeasureFlips(t.Context(), pair, input.SeedList{tell(1, 1, 1), tell(2, 2, 0)}, gate.FlipSettings{})
		if err != nil || len(f.Matrix) != matrix || f.BothRight != 1 || f.RightToWrong != 1 {
			t.Errorf("%d classes: matrix of %d, %v", classes, len(f.Matrix), err)
		}
	}
}

func TestFlipErrors(t *testing.T) {
	unlabelled := input.SeedList{tell(input.Unlabelled, 0, 1), tell(input.Unlabelled, 1, 1)}
	broken := input.SeedList{{Label: 1, Input: input.Input{Shape: []int{3}}}, tell(input.Unlabelled, 0, 1)}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for _, test := range []struct {
		name  string
		ctx   context.Context
		pair  *model.Pair
		seeds input.Seeds
		s     gate.FlipSettings
		is    error
		says  string
	}{
		{"no seeds", t.Context(), told(), nil, gate.FlipSettings{}, input.ErrNoSeeds, "expected at least one"},
		{"no pair", t.Context(), nil, unlabelled, gate.FlipSettings{}, nil, "pair is nil"},
		{"no labels", t.Context(), told(), unlabelled, gate.FlipSettings{}, gate.ErrNoLabels, "none of the 2 seeds has a label"},
		{"none usable", t.Context(), told(), broken, gate.FlipSettings{}, engine.ErrNoUsableSeeds, "of 2 seeds, 1 have no label and 1 cannot be used, the first because: seed 0: shape [3]"},
		{"a class too many", t.Context(), told(), input.SeedList{tell(3, 0, 0)}, gate.FlipSettings{}, engine.ErrBadLabel, "seed 0 (3-0-0): label beyond the classes: found label 3 and models of 3 classes, expected 0 to 2"},
		{"a confidence in percent", t.Context(), told(), unlabelled, gate.FlipSettings{Confidence: 95}, nil, "confidence is 95"},
		{"cancelled", stopped, told(), unlabelled, gate.FlipSettings{}, context.Canceled, "cancelled after 0 of 2 seeds"},
		{"constant", t.Context(), told(), input.SeedList{tell(0, 0, 0), tell(1, 0, 0)}, gate.FlipSettings{}, engine.ErrConstantOutput, "gave the same scores"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := gate.MeasureFlips(test.ctx, test.pair, test.seeds, test.s)
			if f != nil || err == nil || !strings.Contains(err.Error(), test.says) || test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("%v, error %v; expected one that says %q", f, err, test.says)
			}
		})
	}
}

func TestJudgeFlips(t *testing.T) {
	f := &gate.Flips{
		Inputs: 1000, RightToWrong: 10, Confidence: 0.95,
		Classes: []gate.ClassFlips{{Label: 0, Inputs: 500, RightToWrong: 1}, {Label: 2, Inputs: 500, RightToWrong: 9}},
	}
	for _, test := range []struct {
		limits gate.FlipLimits
		want   gate.Decision
		claims []gate.Decision
	}{
		{gate.FlipLimits{Overall: 0.02}, gate.Below, []gate.Decision{gate.Below}},
		{gate.FlipLimits{Overall: 0.005}, gate.NotBelow, []gate.Decision{gate.NotBelow}},
		{gate.FlipLimits{Overall: 0.012}, gate.Undecided, []gate.Decision{gate.Undecided}},
		{gate.FlipLimits{Overall: 0.02, EachClass: 0.04}, gate.Below, []gate.Decision{gate.Below, gate.Below, gate.Below}},
		{gate.FlipLimits{Overall: 0.02, EachClass: 0.02}, gate.Undecided, []gate.Decision{gate.Below, gate.Below, gate.Undecided}},
		{gate.FlipLimits{Overall: 0.02, EachClass: 0.02, Classes: map[int]float64{2: 0.04}}, gate.Below, []gate.Decision{gate.Below, gate.Below, gate.Below}},
		{gate.FlipLimits{Overall: 0.02, Classes: map[int]float64{2: 0.004}}, gate.NotBelow, []gate.Decision{gate.Below, gate.NotBelow}},
	} {
		decision, claims, err := f.Judge(test.limits)
		if err != nil {
			t.Fatal(err)
		}
		var decisions []gate.Decision
		for _, c := range claims {
			decisions = append(decisions, c.Decision)
			if (c.Decision == gate.Undecided) != (c.Needed > c.Inputs) {
				t.Errorf("limits %v: claim %+v", test.limits, c)
			}
		}
		if diff := cmp.Diff(test.claims, decisions); decision != test.want || diff != "" {
			t.Errorf("limits %v: %s; expected %s\n%s", test.limits, decision, test.want, diff)
		}
	}
	// One claim has the whole error, one of three a third of it: 4 of 500 are at or above 0.25 % with 95 % alone.
	f.Classes = []gate.ClassFlips{{Label: 1, Inputs: 500, RightToWrong: 4}, {Label: 2, Inputs: 500, RightToWrong: 0}}
	if stats.ClopperPearsonLower(4, 500, 0.95) < 0.0025 || stats.ClopperPearsonLower(4, 500, 1-0.05/3) > 0.0025 {
		t.Fatal("the example does not tell them apart")
	}
	if decision, claims, err := f.Judge(gate.FlipLimits{Overall: 0.02, EachClass: 0.0025}); decision != gate.Undecided {
		t.Errorf("%s, %+v, %v", decision, claims, err)
	}
	for _, test := range []struct {
		limits gate.FlipLimits
		says   string
	}{
		{gate.FlipLimits{}, "limit of all classes is 0; expected above 0 and below 1"},
		{gate.FlipLimits{Overall: 0.1, EachClass: 2}, "limit of class 1 is 2"},
		{gate.FlipLimits{Overall: 0.1, Classes: map[int]float64{2: -1}}, "limit of class 2 is -1"},
		{gate.FlipLimits{Overall: 0.1, Classes: map[int]float64{7: 0.1, 2: 0.1}}, "limit for class 7: expected labelled inputs of that class, found none"},
	} {
		if _, _, err := f.Judge(test.limits); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("limits %v: error %v; expected %q", test.limits, err, test.says)
		}
	}
}

func ExampleMeasureFlips() {
	p := fixtures.LeNet5Int8
	pair := model.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale)))
	defer pair.Close()
	flips, err := gate.MeasureFlips(context.Background(), pair, fixtures.Seeds(), gate.FlipSettings{})
	if err != nil {
		fmt.Println(err)
		return
	}
	decision, claims, err := flips.Judge(gate.FlipLimits{Overall: 0.01})
	fmt.Printf("%s: %d of %d, at most %.2f %%, %v\n", decision, flips.RightToWrong, flips.Inputs, 100*claims[0].Upper, err)
	// Output: below: 0 of 500, at most 0.60 %, <nil>
}

func TestTooManyUnusableSeedsAreNoMeasureOfFlips(t *testing.T) {
	seeds := input.SeedList{tell(0, 0, 0), tell(1, 1, 0), {Label: 1, Input: input.Input{Shape: []int{3}}}, {Label: 0, Input: input.Input{Shape: []int{4}}}, tell(input.Unlabelled, 0, 1)}
	_, err := gate.MeasureFlips(t.Context(), told(), seeds, gate.FlipSettings{})
	if !errors.Is(err, engine.ErrTooManySkipped) || !strings.Contains(err.Error(), "2 of 4 (50 %), where at most 10 % may be, unless SkippedAtMost accepts more; 2 because: shape [3]: expected 3 values, found 0") {
		t.Errorf("error %v", err)
	}
	if _, err := gate.MeasureFlips(t.Context(), told(), seeds, gate.FlipSettings{SkippedAtMost: 0.5}); err != nil {
		t.Error(err)
	}
	if _, err := gate.MeasureFlips(t.Context(), told(), seeds, gate.FlipSettings{SkippedAtMost: 2}); err == nil || !strings.Contains(err.Error(), "SkippedAtMost is 2; expected a share of at most 1") {
		t.Errorf("a share of 2: error %v", err)
	}
}

// No flips say nothing where the original gives one label to inputs of several classes.
func TestFlipsOfOneLabelAreInconclusive(t *testing.T) {
	_, err := gate.MeasureFlips(t.Context(), flaky(), generators.First(fixtures.Seeds(), 40), gate.FlipSettings{})
	if !errors.Is(err, engine.ErrInconclusive) || !strings.Contains(err.Error(), "found class 0 for all of 40 inputs, of 10 true classes, and no deviation") {
		t.Errorf("error %v", err)
	}
	ofOne := model.Must(generators.Labelled(generators.First(fixtures.Seeds(), 40), make([]int, 40)))
	if f, err := gate.MeasureFlips(t.Context(), flaky(), ofOne, gate.FlipSettings{}); err != nil || f.BothRight != 40 {
		t.Errorf("seeds of that class: %+v, %v", f, err)
	}
}
