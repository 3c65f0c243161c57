package gate_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

var nan = float32(math.NaN())

// partly is a pair of two classes with the boundary at 128, of which the original is not finite from the one value on,
// and the compressed model from the other.
func partly(original, compressed float32) *model.Pair {
	m := func(name string, from float32, row ...float32) model.Predictor {
		return model.Func(name, func(_ context.Context, batch []input.Input) ([][]float32, error) {
			rows := make([][]float32, len(batch))
			for i, in := range batch {
				p := in.Data[0] / 256
				if rows[i] = []float32{1 - p, p}; in.Data[0] >= from {
					copy(rows[i], row)
				}
			}
			return rows, nil
		})
	}
	return model.Must(model.NewPair("partly", m("o", original, 0, nan), m("c", compressed, float32(math.Inf(1)), nan)))
}

func dot(v int) input.Input { return model.Must(input.NewImage(1, 1, 1, []uint8{uint8(v)})) }

// anyDot draws a value.
type anyDot struct{}

func (anyDot) String() string { return "any value" }

func (anyDot) Draw(rng *rand.Rand) (input.Draw, error) {
	in := dot(rng.IntN(256))
	return input.Draw{Input: in, Seed: input.Seed{Input: in, Label: input.Unlabelled}}, nil
}

func TestRateOfWhatIsNotFinite(t *testing.T) {
	for _, fixed := range []bool{false, true} {
		r := measure(t, partly(192, 128), anyDot{}, gate.RateSettings{Limit: 0.2, Draws: 400, Fixed: fixed, Examples: 1})
		if r.Decision != gate.NotBelow || r.Deviations != r.NotFinite || r.NotFinite == 0 || r.Unusable == 0 || r.Examples[0].Kind != answer.NotFinite {
			t.Errorf("fixed %t: %+v", fixed, r)
		}
		// A third of the draws that count, of which a quarter of all are left out.
		if share := float64(r.Deviations) / float64(r.Drawn); fixed && (r.Drawn+r.Unusable != 400 || math.Abs(share-1./3) > 0.1 || math.Abs(float64(r.Unusable)/400-0.25) > 0.1) {
			t.Errorf("%d of %d deviate, %d unusable", r.Deviations, r.Drawn, r.Unusable)
		}
		// The number of an example's draw is one among all draws.
		n := r.Examples[0].Queries
		if again := model.Must(input.DrawAt(anyDot{}, 0, n-1)); again.Input.ID() != r.Examples[0].ID {
			t.Errorf("draw %d is another one", n)
		}
	}
	small := measure(t, partly(192, 250), anyDot{}, gate.RateSettings{Limit: 0.1, Draws: 400})
	if small.Decision != gate.Below || small.Unusable == 0 || small.NotFinite != 0 {
		t.Errorf("%+v", small)
	}
	r, err := gate.MeasureRate(t.Context(), partly(0, 250), anyDot{}, gate.RateSettings{Limit: 0.1, Draws: 400})
	if !errors.Is(err, model.ErrBadScores) || r.Drawn != 0 || r.Unusable != 400 {
		t.Errorf("%+v, %v; expected an error about a model that is never finite", r, err)
	}
	if _, err := gate.MeasureRate(t.Context(), partly(256, 0), anyDot{}, gate.RateSettings{Limit: 0.1, Draws: 400}); !errors.Is(err, model.ErrBadScores) {
		t.Errorf("%v; expected an error about a model that is never finite", err)
	}
}

func TestFlipsOfWhatIsNotFinite(t *testing.T) {
	seeds := input.SeedList{}
	for _, s := range [][2]int{{10, 0}, {20, 0}, {150, 1}, {160, 1}, {170, 0}, {250, 1}} {
		seeds = append(seeds, input.Seed{Input: dot(s[0]), Label: s[1]})
	}
	f, err := gate.MeasureFlips(t.Context(), partly(240, 155), seeds, gate.FlipSettings{SkippedAtMost: 0.2})
	if err != nil {
		t.Fatal(err)
	}
	if f.Inputs != 5 || f.BothRight != 3 || f.RightToWrong != 1 || f.WrongToOther != 1 || f.NotFinite != 2 || f.BothWrong+f.WrongToRight != 0 || f.Tied != 0 {
		t.Errorf("%+v", f)
	}
	if f.Unusable != 1 || f.FirstUnusable != "seed 5: the original gives NaN for 1 of 2 scores" {
		t.Errorf("%d unusable: %s", f.Unusable, f.FirstUnusable)
	}
	if e := f.Examples[0]; e.Kind != answer.NotFinite || e.CompressedLabel != answer.NoLabel || e.OriginalLabel != 1 {
		t.Errorf("%+v", e)
	}
	if n := f.Matrix[0][0] + f.Matrix[0][1] + f.Matrix[1][0] + f.Matrix[1][1]; n != 3 {
		t.Errorf("matrix %v", f.Matrix)
	}
}

func TestNoiseOfWhatIsNotFinite(t *testing.T) {
	pair := partly(300, 200)
	variant := model.Variant{Setting: "wider", Pair: partly(240, 230)}
	trigger := func(v int) *engine.Trigger { return &engine.Trigger{ID: dot(v).ID(), Input: dot(v)} }
	n, err := gate.MeasureNoise(t.Context(), gate.NoiseStudy{
		Pair: pair, Variants: model.Variants{variant}, Triggers: []*engine.Trigger{trigger(210), trigger(235)},
		Seeds: input.SeedList{{Input: dot(10)}, {Input: dot(210)}, {Input: dot(235)}, {Input: dot(250)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if n.Count(gate.FromSetting) != 1 || n.Count(gate.FromCompression) != 1 {
		t.Errorf("%+v", n.Triggers)
	}
	if got, _ := setting(n, "compressed", "wider"); got.Labels != 1 || got.Scores != 1 || got.LargestChange != 0 {
		t.Errorf("%+v", got)
	}
	if got, _ := setting(n, "original", "wider"); got.Labels != 1 || got.Scores != 1 || got.LargestChange != 0 {
		t.Errorf("%+v", got)
	}
	if got, _ := setting(n, "compressed", "the same again"); got.Scores != 0 {
		t.Errorf("%+v; a model that is not finite again has not changed", got)
	}
}

// In evidence, "n" is a seed to which the compressed model gave NaN.
func TestCompareWhatIsNotFinite(t *testing.T) {
	of := func(letters string) *gate.Evidence {
		e := evidence(strings.ReplaceAll(letters, "n", "t"))
		for i, letter := range letters {
			if letter == 'n' {
				e.Seeds[i].Trigger.Kind, e.Seeds[i].Trigger.CompressedLabel = answer.NotFinite, answer.NoLabel
			}
		}
		return e
	}
	for _, test := range []struct {
		before, after            string
		options                  gate.CompareOptions
		pass                     bool
		notFinite, worse, better int
	}{
		{"tt--", "tn--", gate.CompareOptions{}, false, 1, 0, 0},
		{"tt--", "-n--", gate.CompareOptions{Tolerance: 3, Confidence: 0.99}, false, 1, 0, 1},
		{"tt--", "ttn-", gate.CompareOptions{Tolerance: 3, Confidence: 0.99}, false, 1, 1, 0},
		{"tn--", "tn--", gate.CompareOptions{}, true, 0, 0, 0},
		{"tn--", "tt--", gate.CompareOptions{}, true, 0, 0, 0},
		{"tn--", "t---", gate.CompareOptions{}, true, 0, 0, 1},
		{"tttt", "tttn", gate.CompareOptions{}, false, 1, 0, 0},
	} {
		c, err := gate.Compare(of(test.before), of(test.after), test.options)
		if err != nil || c.Pass != test.pass || c.NotFinite != test.notFinite || c.Worse != test.worse || c.Better != test.better {
			t.Errorf("%s to %s: %+v, %v; expected %+v", test.before, test.after, c, err, test)
			continue
		}
		if test.notFinite > 0 && (!c.Changes[0].NotFinite || !c.Changes[0].Worse) {
			t.Errorf("%s to %s: changes %+v", test.before, test.after, c.Changes)
		}
		if candidate, baseline := c.Found(); candidate != of(test.after).Found() || baseline != of(test.before).Found() {
			t.Errorf("%s to %s: %d and %d found", test.before, test.after, candidate, baseline)
		}
	}
	low := of("tn")
	low.Seeds[1].Trigger.CompressedLabel = -2
	if err := low.Validate(); err == nil || !strings.Contains(err.Error(), "found 0 and -2") {
		t.Error(err)
	}
}
