package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// observedAndTrigger are what an evaluator saw of some seeds, and a trigger.
func observedAndTrigger(t testing.TB) (observed, trigger []byte) {
	t.Helper()
	seeds := enginetest.PatternSeeds(40)
	e := model.Must(engine.NewEvaluator(enginetest.SmoothPair(), engine.EvaluatorSettings{}))
	var inputs []input.Input
	for _, seed := range seeds {
		inputs = append(inputs, seed.Input)
	}
	model.Must(e.Evaluate(t.Context(), inputs))
	r := model.Must(engine.Search(t.Context(), enginetest.SmoothPair(), seeds, enginetest.BoundarySettings(nil)))
	return model.Must(e.Observed().MarshalBinary()), model.Must(r.Triggers()[0].MarshalBinary())
}

func FuzzObserved(f *testing.F) {
	observed, _ := observedAndTrigger(f)
	f.Add(observed)
	f.Fuzz(func(t *testing.T, data []byte) {
		data = resealed(data)
		var o engine.Observed
		if o.UnmarshalBinary(data) != nil {
			return
		}
		if again, err := o.MarshalBinary(); err != nil || !bytes.Equal(again, data) {
			t.Fatalf("written otherwise than it was read (error %v)", err)
		}
		o.Conclude(false)
		o.Merge(&o)
	})
}

func FuzzTrigger(f *testing.F) {
	_, trigger := observedAndTrigger(f)
	f.Add(trigger)
	f.Fuzz(func(t *testing.T, data []byte) {
		data = resealed(data)
		var read engine.Trigger
		if read.UnmarshalBinary(data) != nil {
			return
		}
		if again, err := read.MarshalBinary(); err != nil || !bytes.Equal(again, data) {
			t.Fatalf("written otherwise than it was read (error %v)", err)
		}
	})
}

// Each part alone saw one decision, or one input; the whole saw two.
func TestWhatPartsObservedIsWhatTheWholeSaw(t *testing.T) {
	mean := func(shift float32) model.PredictorFunc {
		return func(_ context.Context, batch []input.Input) ([][]float32, error) {
			rows := make([][]float32, len(batch))
			for i, in := range batch {
				rows[i] = []float32{(in.Data[0] + shift) / 255}
			}
			return rows, nil
		}
	}
	grey := func(n int, value float32) (inputs []input.Input) {
		for i := range n {
			inputs = append(inputs, input.Input{Shape: []int{2, 1, 1}, Kind: input.Image, Domain: input.Bytes, Data: []float32{value, float32(i)}})
		}
		return inputs
	}
	pair := enginetest.PairOf(mean(0), mean(0.25))
	settings := engine.EvaluatorSettings{Oracle: model.Must(answer.Threshold(answer.Thresholds{At: []float64{0.5}}))}
	for name, test := range map[string]struct {
		parts    [2][]input.Input
		deviated bool
		says     string
	}{
		"two decisions": {[2][]input.Input{append(grey(130, 20), grey(1, 30)...), append(grey(130, 220), grey(1, 230)...)}, false, ""},
		"one decision":  {[2][]input.Input{append(grey(130, 20), grey(1, 30)...), append(grey(130, 20), grey(1, 30)...)}, false, "found one for all of 262 inputs"},
		"one input":     {[2][]input.Input{grey(1, 20), grey(1, 20)}, true, ""},
		"two inputs":    {[2][]input.Input{grey(1, 20), grey(2, 20)[1:]}, true, "gave the same scores for all of 2 inputs"},
	} {
		whole := model.Must(engine.NewEvaluator(pair, settings))
		model.Must(whole.Evaluate(t.Context(), slices.Concat(test.parts[0], test.parts[1])))
		var merged *engine.Observed
		for i, inputs := range test.parts {
			e := model.Must(engine.NewEvaluator(pair, settings)) // another machine
			if err := e.Begin(t.Context(), func() ([]input.Input, error) { return test.parts[0], nil }); err != nil {
				t.Fatal(err)
			}
			part := e.Part(i * len(test.parts[0]))
			model.Must(part.Evaluate(t.Context(), inputs))
			if merged == nil {
				merged = part.Observed()
			} else if err := merged.Merge(part.Observed()); err != nil {
				t.Fatal(err)
			}
		}
		want, got := whole.Conclude(test.deviated), merged.Conclude(test.deviated)
		if fmt.Sprint(want) != fmt.Sprint(got) || test.says == "" && got != nil || test.says != "" && !strings.Contains(fmt.Sprint(got), test.says) {
			t.Errorf("%s: error %v of the parts, %v of the whole; expected %q", name, got, want, test.says)
		}
	}
}
