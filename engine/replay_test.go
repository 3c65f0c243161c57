package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

func TestReplayTogether(t *testing.T) {
	var sizes []int
	counting := func(name string) model.Predictor {
		return model.AsScores(model.Func(name, func(_ context.Context, batch []input.Input) ([][]float32, error) {
			sizes = append(sizes, len(batch))
			rows := make([][]float32, len(batch))
			for i, in := range batch {
				p := in.Data[0] / 255
				rows[i] = []float32{p, 1 - p, float32(len(batch))}
			}
			return rows, nil
		}))
	}
	pair := model.Must(model.NewPair("p", counting("a"), counting("b")))
	var inputs []input.Input
	for i := range 5 {
		inputs = append(inputs, model.Must(input.NewImage(1, 1, 1, []uint8{uint8(i)})))
	}
	got, err := engine.ReplayTogether(t.Context(), pair, inputs, nil, 2)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range got {
		if want := []float32{2, 2, 2, 2, 1}[i]; e.Original.Scores[2] != want || e.Compressed.Scores[2] != want || e.Input.Data[0] != float32(i) {
			t.Errorf("input %d: %+v", i, e)
		}
	}
	if got, want := fmt.Sprint(sizes), "[2 2 2 2 1 1]"; got != want {
		t.Errorf("batches %v; expected %s", sizes, want)
	}
	for says, call := range map[string]func() error{
		"pair is nil": func() error { _, err := engine.ReplayTogether(t.Context(), nil, inputs, nil, 2); return err },
		"batch is 0":  func() error { _, err := engine.ReplayTogether(t.Context(), pair, inputs, nil, 0); return err },
		"replay of input 2 of 2": func() error {
			_, err := engine.ReplayTogether(t.Context(), pair, []input.Input{inputs[0], {}}, nil, 2)
			return err
		},
	} {
		if err := call(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v; expected one that says %q", err, says)
		}
	}
}

func TestInterruptedReplayKeepsWhatItHas(t *testing.T) {
	for _, batch := range []int{1, 3} {
		ctx, cancel := context.WithCancel(t.Context())
		calls := 0
		original := func(c context.Context, inputs []input.Input) ([][]float32, error) {
			if calls++; calls == 4 {
				cancel()
			}
			return enginetest.Brightness(120)(c, inputs)
		}
		got, err := engine.ReplayTogether(ctx, enginetest.PairOf(original, enginetest.Brightness(128)), flat(100, 124), nil, batch)
		if !errors.Is(err, context.Canceled) || len(got) != 3*batch || !got[0].Verdict.Deviates {
			t.Errorf("batch %d: %d evaluations, %v; expected %d and a cancellation", batch, len(got), err, 3*batch)
		}
		cancel()
	}
}

func TestReplayOfAModelAgainstItself(t *testing.T) {
	m := model.Func("m", func(context.Context, []input.Input) ([][]float32, error) { return [][]float32{{0, 1}}, nil })
	_, err := engine.Replay(context.Background(), model.Must(model.NewPair("p", m, m)), []input.Input{model.Must(input.NewImage(1, 1, 1, []uint8{1}))}, nil)
	if !errors.Is(err, engine.ErrSameModel) {
		t.Errorf("found %v, expected that a model which agrees with itself is no replay", err)
	}
}

func TestReplay(t *testing.T) {
	flat := func(v uint8) input.Input {
		pixels := make([]uint8, 16)
		for i := range pixels {
			pixels[i] = v
		}
		return model.Must(input.NewImage(4, 4, 1, pixels))
	}
	evaluations, err := engine.Replay(t.Context(), enginetest.BrightnessPair(), []input.Input{flat(124), flat(200)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !evaluations[0].Verdict.Deviates || evaluations[1].Verdict.Deviates {
		t.Errorf("verdicts %+v and %+v; expected a deviation, then none", evaluations[0].Verdict, evaluations[1].Verdict)
	}
	bad := flat(1)
	bad.Data[0] = 0.5
	if _, err := engine.Replay(t.Context(), enginetest.BrightnessPair(), []input.Input{flat(1), bad}, nil); err == nil ||
		!strings.Contains(err.Error(), "replay of input 2 of 2: value 0.5 at index 0") {
		t.Errorf("error %v", err)
	}
	if _, err := engine.Replay(t.Context(), nil, nil, nil); err == nil {
		t.Error("nil pair: expected an error")
	}
}
