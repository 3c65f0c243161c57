package engine_test

import (
	"bytes"
	"testing"

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
