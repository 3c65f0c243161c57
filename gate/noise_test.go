package gate_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

func noiseStudy(t *testing.T, p fixtures.Pair) gate.NoiseStudy {
	t.Helper()
	options := []onnx.Option{onnx.Scale(fixtures.Scale), onnx.PairName(p.Name)}
	pair, err := onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, options...)
	if err != nil {
		t.Fatal(err)
	}
	variants, err := onnx.OpenVariantsFS(fixtures.Models, p.Original, p.Compressed, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = errors.Join(pair.Close(), variants.Close()) })
	seeds := generators.First(fixtures.Seeds(), 30)
	r, err := engine.Search(t.Context(), pair, seeds, engine.Settings{Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 300, ClosingQueriesPerSeed: 100}})
	if err != nil {
		t.Fatal(err)
	}
	return gate.NoiseStudy{Pair: pair, Variants: variants, Seeds: seeds, Triggers: r.Triggers()}
}

func setting(n *gate.Noise, model, setting string) (gate.NoiseSetting, bool) {
	for _, s := range n.Settings {
		if s.Model == model && s.Setting == setting {
			return s, true
		}
	}
	return gate.NoiseSetting{}, false
}

func TestNoiseOfEmbeddedPairs(t *testing.T) {
	for _, p := range []fixtures.Pair{fixtures.LeNet5Int8, fixtures.LeNet5Dynamic} {
		t.Run(p.Name, func(t *testing.T) {
			s := noiseStudy(t, p)
			n, err := gate.MeasureNoise(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			if n.Inputs != 30 || len(n.Triggers) != len(s.Triggers) || n.Unjudged != 0 {
				t.Errorf("%d inputs, %d of %d triggers, %d unjudged", n.Inputs, len(n.Triggers), len(s.Triggers), n.Unjudged)
			}
			for _, model := range []string{"original", "compressed"} {
				again, ok := setting(n, model, "the same again")
				if !ok || again.Scores != 0 || again.LargestChange != 0 {
					t.Errorf("%s, run again: %+v", model, again)
				}
				for _, name := range []string{"optimisation none", "optimisation basic", "optimisation extended", "2 threads"} {
					got, ok := setting(n, model, name)
					if !ok || got.Labels > got.Scores || got.Scores > 30 || (got.Scores == 0) != (got.LargestChange == 0) {
						t.Errorf("%s, %s: %+v", model, name, got)
					}
				}
			}
			if total := n.Count(gate.FromCompression) + n.Count(gate.FromSetting) + n.Count(gate.FromInstability); total != len(n.Triggers) || n.Count(gate.FromInstability) != 0 {
				t.Errorf("causes %+v", n.Triggers)
			}
			for _, c := range n.Triggers {
				if (c.Cause == gate.FromSetting) != (len(c.Settings) > 0) {
					t.Errorf("%+v", c)
				}
				if got, ok := n.CauseOf(c.ID); !ok || got.Cause != c.Cause {
					t.Errorf("cause of %s: %+v", c.ID, got)
				}
			}
			again, err := gate.MeasureNoise(t.Context(), s)
			if err != nil || !reflect.DeepEqual(again, n) {
				t.Errorf("measured again: %+v and %v", again, err)
			}
			batched, one := setting(n, "compressed", "batch 32")
			mixed, isMixed := setting(n, "compressed", "batch 32, mixed")
			switch p {
			case fixtures.LeNet5Int8:
				if !one || isMixed || batched.Scores != 0 {
					t.Errorf("batches: %+v, mixed %t", batched, isMixed)
				}
			default: // dynamic quantisation: the pair runs its inputs one by one, a variant does not
				if one || !isMixed || mixed.Scores == 0 {
					t.Errorf("batches: %+v, mixed: %+v", batched, mixed)
				}
				if slices.IndexFunc(n.Triggers, func(c gate.TriggerCause) bool { return slices.Contains(c.Settings, "batch 32, mixed") }) < 0 {
					t.Errorf("no trigger of %d vanishes when inputs influence each other: %+v", len(n.Triggers), n.Triggers)
				}
			}
		})
	}
}

// shaky says 1 for bright images, and something else on every other call when it is not sure.
func shaky(name string, calls *atomic.Int64) model.Predictor {
	return model.Func(name, func(_ context.Context, batch []input.Input) ([][]float32, error) {
		rows := make([][]float32, len(batch))
		for i, in := range batch {
			rows[i] = []float32{0.6, 0.4}
			if in.Data[0] > 100 && in.Data[0] < 200 && calls.Add(1)%2 == 0 || in.Data[0] >= 200 {
				rows[i] = []float32{0.4, 0.6}
			}
		}
		return rows, nil
	})
}

func TestCausesOfTriggers(t *testing.T) {
	pixel := func(v uint8) input.Input { return model.Must(input.NewImage(1, 1, 1, []uint8{v})) }
	trigger := func(v uint8) *engine.Trigger { in := pixel(v); return &engine.Trigger{ID: in.ID(), Input: in} }
	always := func(name string, border float32) model.Predictor {
		return model.Func(name, func(_ context.Context, batch []input.Input) ([][]float32, error) {
			rows := make([][]float32, len(batch))
			for i, in := range batch {
				rows[i] = []float32{0.9, 0.1}
				if in.Data[0] > border {
					rows[i] = []float32{0.1, 0.9}
				}
			}
			return rows, nil
		})
	}
	var calls atomic.Int64
	pair := model.Must(model.NewPair("p", always("o", 300), shaky("c", &calls)))
	variant := model.Variant{Setting: "higher border", Pair: model.Must(model.NewPair("p", always("o", 300), always("c", 220)))}
	seeds := input.SeedList{{Input: pixel(3)}, {Input: pixel(210)}, {Input: pixel(250)}}
	n, err := gate.MeasureNoise(t.Context(), gate.NoiseStudy{
		Pair: pair, Variants: model.Variants{variant}, Seeds: seeds,
		Triggers: []*engine.Trigger{trigger(250), trigger(210), trigger(150), {ID: "abridged"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []gate.TriggerCause{
		{ID: pixel(250).ID(), Cause: gate.FromCompression},
		{ID: pixel(210).ID(), Cause: gate.FromSetting, Settings: []string{"higher border"}},
		{ID: pixel(150).ID(), Cause: gate.FromInstability},
	}
	if !reflect.DeepEqual(n.Triggers, want) || n.Unjudged != 1 {
		t.Errorf("got %+v and %d unjudged; expected %+v and 1", n.Triggers, n.Unjudged, want)
	}
	if got, _ := setting(n, "compressed", "higher border"); got.Labels != 1 || got.Scores != 3 {
		t.Errorf("got %+v; expected 1 label and 3 rows of scores changed", got)
	}
	if got, _ := setting(n, "original", "higher border"); got.Scores != 0 {
		t.Errorf("got %+v; expected no change", got)
	}
}

func TestNoiseThatCannotBeMeasured(t *testing.T) {
	p := fixtures.LeNet5Int8
	pair := model.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.Scale(fixtures.Scale)))
	defer pair.Close()
	seeds := generators.First(fixtures.Seeds(), 3)
	colour := input.SeedList{{Input: model.Must(input.NewImage(28, 28, 3, make([]uint8, 28*28*3)))}}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		study gate.NoiseStudy
		says  string
		is    error
	}{
		"no pair":           {gate.NoiseStudy{Seeds: seeds}, "pair is nil", nil},
		"no seeds":          {gate.NoiseStudy{Pair: pair}, "no seeds", input.ErrNoSeeds},
		"no usable seeds":   {gate.NoiseStudy{Pair: pair, Seeds: colour}, "all 1 were left out, the first because", engine.ErrNoUsableSeeds},
		"an empty variant":  {gate.NoiseStudy{Pair: pair, Seeds: seeds, Variants: model.Variants{{}}}, "variant 1: expected a setting", nil},
		"no trigger":        {gate.NoiseStudy{Pair: pair, Seeds: seeds, Triggers: []*engine.Trigger{nil}}, "trigger 1 is nil", nil},
		"another model":     {gate.NoiseStudy{Pair: pair, Seeds: seeds, Variants: model.Variants{{Setting: "fewer", Pair: told()}}}, "fewer: ", engine.ErrClassCount},
		"a negative number": {gate.NoiseStudy{Pair: pair, Seeds: seeds, Most: -1}, "expected 0 (the default) or more", nil},
	} {
		if _, err := gate.MeasureNoise(t.Context(), test.study); err == nil || !strings.Contains(err.Error(), test.says) || test.is != nil && !errors.Is(err, test.is) {
			t.Errorf("%s: error %v; expected one that says %q", name, err, test.says)
		}
	}
	if _, err := gate.MeasureNoise(cancelled, gate.NoiseStudy{Pair: pair, Seeds: seeds}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v; expected a cancellation", err)
	}
}
