package engine_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// anyGrey is a distribution of flat images of any brightness from 100 to 149: those of 121 to 128 deviate on
// enginetest.BrightnessPair, 8 of 50.
type anyGrey struct{}

func (anyGrey) String() string { return "any grey" }

func (anyGrey) Draw(rng *rand.Rand) (input.Draw, error) {
	grey := 100 + rng.IntN(50)
	pixels := make([]uint8, 16)
	for i := range pixels {
		pixels[i] = uint8(grey)
	}
	in, err := input.NewImage(4, 4, 1, pixels)
	return input.Draw{Input: in, Seed: input.Seed{Input: in, Label: input.Unlabelled}, SeedIndex: grey}, err
}

// fromOthers gives another seed than that of the draw.
type fromOthers struct {
	anyGrey
	seed input.Seed
}

func (fromOthers) String() string { return "others" }

func (d fromOthers) Draw(rng *rand.Rand) (input.Draw, error) {
	draw, err := d.anyGrey.Draw(rng)
	draw.Seed = d.seed
	return draw, err
}

func evaluator(t *testing.T, pair *model.Pair, settings engine.EvaluatorSettings) *engine.Evaluator {
	t.Helper()
	e, err := engine.NewEvaluator(pair, settings)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Invariant 1, for draws.
func TestDrawsDoNotDependOnBatchSizeWorkersOrOrder(t *testing.T) {
	want, err := evaluator(t, enginetest.BrightnessPair(), engine.EvaluatorSettings{BatchSize: 1, Workers: 1}).Draws(t.Context(), anyGrey{}, 5, 0, 200)
	if err != nil {
		t.Fatal(err)
	}
	deviations := 0
	for _, d := range want {
		if d.Judged.Verdict.Deviates {
			deviations++
		}
		if in := 121 <= d.SeedIndex && d.SeedIndex <= 128; in != d.Judged.Verdict.Deviates && d.SeedIndex != 128 {
			t.Errorf("grey %d: deviates %t", d.SeedIndex, d.Judged.Verdict.Deviates)
		}
	}
	if deviations < 15 || deviations > 55 {
		t.Errorf("%d of 200 draws deviate; expected about 32", deviations)
	}
	for _, batch := range []int{1, 7, 64} {
		for _, workers := range []int{1, 2, 5} {
			e := evaluator(t, enginetest.BrightnessPair(), engine.EvaluatorSettings{BatchSize: batch, Workers: workers})
			for _, part := range [][2]int{{50, 60}, {110, 90}, {0, 50}} {
				got, err := e.Draws(t.Context(), anyGrey{}, 5, part[0], part[1])
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want[part[0]:part[0]+part[1]], got); diff != "" {
					t.Fatalf("batch %d, %d workers, draws from %d: %s", batch, workers, part[0], diff)
				}
			}
		}
	}
	other, err := evaluator(t, enginetest.BrightnessPair(), engine.EvaluatorSettings{}).Draws(t.Context(), anyGrey{}, 6, 0, 200)
	if err != nil || cmp.Equal(want, other) {
		t.Errorf("the random seed has no influence (error %v)", err)
	}
}

// flat are n inputs of one brightness.
func flat(n int, grey uint8) []input.Input {
	inputs := make([]input.Input, n)
	for i := range inputs {
		pixels := make([]uint8, 16)
		for p := range pixels {
			pixels[p] = grey
		}
		inputs[i] = model.Must(input.NewImage(4, 4, 1, pixels))
	}
	return inputs
}

// Invariant 2: what deviates in a batch and not alone is unstable; what agrees hardly in a batch is
// asked alone, and then once more.
func TestEvaluatedDeviationsAreConfirmedAlone(t *testing.T) {
	inCompany := func(alone, together model.PredictorFunc) model.PredictorFunc {
		return func(ctx context.Context, batch []input.Input) ([][]float32, error) {
			if len(batch) == 1 {
				return alone(ctx, batch)
			}
			return together(ctx, batch)
		}
	}
	for _, test := range []struct {
		name               string
		compressed         model.PredictorFunc
		deviates, unstable bool
	}{
		{"in company alone", inCompany(enginetest.Brightness(120), enginetest.Brightness(128)), false, true},
		{"alone, and hardly not in company", inCompany(enginetest.Brightness(128), enginetest.Brightness(123.9995)), true, false},
		{"hardly, in company alone", inCompany(enginetest.Brightness(123.9995), enginetest.Brightness(128)), false, false},
		{"both", enginetest.Brightness(128), true, false},
		{"neither", enginetest.Brightness(119), false, false},
	} {
		e := evaluator(t, enginetest.PairOf(enginetest.Brightness(120), test.compressed), engine.EvaluatorSettings{BatchSize: 8, Workers: 1})
		judged, err := e.Evaluate(t.Context(), flat(8, 124))
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range judged {
			if j.Verdict.Deviates != test.deviates || j.Unstable != test.unstable {
				t.Errorf("%s: deviates %t, unstable %t; expected %t and %t", test.name, j.Verdict.Deviates, j.Unstable, test.deviates, test.unstable)
			}
		}
	}
}

func TestEvaluatorKeepsMaxBatch(t *testing.T) {
	largest := 0
	limited := atMost{enginetest.Brightness(128), 3, t}
	watched := model.Func("watched", func(ctx context.Context, batch []input.Input) ([][]float32, error) {
		largest = max(largest, len(batch))
		return enginetest.Brightness(120)(ctx, batch)
	})
	e := evaluator(t, model.Must(model.NewPair("limited", watched, limited)), engine.EvaluatorSettings{BatchSize: 16, Workers: 1})
	if judged, err := e.Evaluate(t.Context(), flat(40, 100)); err != nil || len(judged) != 40 {
		t.Errorf("%d results, %v", len(judged), err)
	}
	if largest != 16 {
		t.Errorf("largest batch of the other model is %d; expected 16", largest)
	}
	if judged, err := e.Evaluate(t.Context(), nil); err != nil || len(judged) != 0 {
		t.Errorf("of no inputs: %d results, %v", len(judged), err)
	}
}

func TestEvaluatorErrors(t *testing.T) {
	if _, err := engine.NewEvaluator(nil, engine.EvaluatorSettings{}); err == nil {
		t.Error("nil pair: expected an error")
	}
	if _, err := engine.NewEvaluator(enginetest.BrightnessPair(), engine.EvaluatorSettings{BatchSize: -1}); err == nil {
		t.Error("negative batch size: expected an error")
	}
	same := model.Func("same", enginetest.Brightness(120))
	if _, err := engine.NewEvaluator(model.Must(model.NewPair("same", same, same)), engine.EvaluatorSettings{}); !errors.Is(err, engine.ErrSameModel) {
		t.Errorf("the same model: %v", err)
	}

	e := evaluator(t, enginetest.BrightnessPair(), engine.EvaluatorSettings{})
	wrong := flat(3, 10)
	wrong[1].Data = wrong[1].Data[:5]
	if _, err := e.Evaluate(t.Context(), wrong); err == nil || !strings.Contains(err.Error(), "input 2 of 3: shape [4 4 1]: expected 16 values, found 5") {
		t.Errorf("a wrong input: %v", err)
	}
	if _, err := e.Draws(t.Context(), nil, 0, 0, 1); err == nil || !strings.Contains(err.Error(), "distribution is nil") {
		t.Errorf("no distribution: %v", err)
	}
	if _, err := e.Draws(t.Context(), anyGrey{}, 0, 0, -1); err == nil || !strings.Contains(err.Error(), "expected 0 or more, from 0 or more on, found -1 from 0 on") {
		t.Errorf("a negative number of draws: %v", err)
	}
	small := input.Seed{Input: model.Must(input.NewImage(1, 1, 1, []uint8{3}))}
	if _, err := e.Draws(t.Context(), fromOthers{seed: small}, 0, 0, 1); err == nil || !strings.Contains(err.Error(), "draw 0 from others: expected a seed like the input made from it") {
		t.Errorf("a draw with another seed: %v", err)
	}
	drawn, err := e.Draws(t.Context(), fromOthers{}, 0, 0, 1)
	if err != nil || drawn[0].Seed.Label != input.Unlabelled || engine.TriggerOf(drawn[0].Seed, 0, drawn[0].Judged.Evaluation, 1).Distance.L0 != 0 {
		t.Errorf("a draw without a seed: %+v, %v; expected one that is its own seed", drawn, err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := e.Draws(stopped, anyGrey{}, 0, 0, 10); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}

	three := func(_ context.Context, batch []input.Input) ([][]float32, error) {
		rows := make([][]float32, len(batch))
		for i := range rows {
			rows[i] = []float32{0.2, 0.3, 0.5}
		}
		return rows, nil
	}
	e = evaluator(t, enginetest.PairOf(enginetest.Brightness(120), three), engine.EvaluatorSettings{})
	if _, err := e.Evaluate(t.Context(), flat(2, 5)); !errors.Is(err, engine.ErrClassCount) {
		t.Errorf("other classes: %v", err)
	}
	e = evaluator(t, enginetest.PairOf(three, three), engine.EvaluatorSettings{})
	if _, err := e.Evaluate(t.Context(), flat(2, 5)); err != nil {
		t.Error(err)
	}
	if err := e.Conclude(false); !errors.Is(err, engine.ErrConstantOutput) {
		t.Errorf("constant scores: %v", err)
	}

	var calls atomic.Int64
	failing := func(ctx context.Context, batch []input.Input) ([][]float32, error) {
		calls.Add(1)
		return nil, fmt.Errorf("out of order at grey %g", batch[0].Data[0])
	}
	e = evaluator(t, enginetest.PairOf(failing, enginetest.Brightness(120)), engine.EvaluatorSettings{BatchSize: 1, Workers: 4})
	inputs := append(flat(1, 7), flat(99, 9)...)
	for range 20 {
		if _, err := e.Evaluate(t.Context(), inputs); err == nil || !strings.Contains(err.Error(), `original model "at-120": out of order at grey 7`) {
			t.Fatalf("failing model: %v", err)
		}
	}
	if calls.Load() > 20*8 {
		t.Errorf("%d calls after a failure", calls.Load())
	}
}

// One input that deviates is asked twice; that is no constant model.
func TestOneDeviatingInputIsNoConstantOutput(t *testing.T) {
	e := evaluator(t, enginetest.BrightnessPair(), engine.EvaluatorSettings{})
	for range 2 { // also when it comes twice
		judged, err := e.Evaluate(t.Context(), flat(1, 124))
		if err != nil || !judged[0].Verdict.Deviates {
			t.Fatalf("%+v, %v", judged, err)
		}
		if err := e.Conclude(true); err != nil {
			t.Error(err)
		}
	}
	if err := e.Conclude(false); !errors.Is(err, engine.ErrConstantOutput) {
		t.Errorf("the same twice, without a deviation: %v", err)
	}
}

func TestTriggerOf(t *testing.T) {
	seed := input.Seed{Input: flat(1, 100)[0], Label: 1, Name: "grey"}
	e := evaluator(t, enginetest.BrightnessPair(), engine.EvaluatorSettings{})
	judged, err := e.Evaluate(t.Context(), flat(1, 124))
	if err != nil {
		t.Fatal(err)
	}
	trigger := engine.TriggerOf(seed, 3, judged[0].Evaluation, 12, "brighter")
	if trigger.SeedIndex != 3 || trigger.SeedName != "grey" || trigger.SeedLabel != 1 || trigger.Queries != 12 ||
		trigger.Distance.LInf != 24 || trigger.OriginalLabel != 1 || trigger.CompressedLabel != 0 ||
		trigger.SeedID != seed.Input.ID() || trigger.ID != judged[0].Input.ID() || trigger.OriginalConfidence < 0.5 {
		t.Errorf("trigger %+v", trigger)
	}
}
