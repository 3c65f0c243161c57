package engine_test

import (
	"context"
	"errors"
	"maps"
	"math"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// saved is a model with a file of its own.
type saved struct {
	model.PredictorFunc
	description model.Description
}

func (s saved) Predict(ctx context.Context, batch []input.Input) ([][]float32, error) {
	return s.PredictorFunc(ctx, batch)
}

func (s saved) Describe() model.Description { return s.description }

func savedPair(original, compressed model.Description) *model.Pair {
	return model.Must(model.NewPair("saved", saved{enginetest.Brightness(120), original}, saved{enginetest.Brightness(120), compressed}))
}

// unlikePair is savedPair of models that deviate.
func unlikePair(original, compressed model.Description) *model.Pair {
	return model.Must(model.NewPair("saved", saved{enginetest.Brightness(120), original}, saved{enginetest.Brightness(128), compressed}))
}

func allowing(s engine.Settings) engine.Settings {
	s.AllowIdentical = true
	return s
}

// never is an oracle to which nothing deviates.
type never struct{}

func (never) Judge(_, _ answer.Answer) answer.Verdict { return answer.Verdict{} }

func (never) String() string { return "never" }

func TestAModelSavedAgainIsTheSameModel(t *testing.T) {
	a := model.Description{Name: "a", File: "a.onnx", SHA256: strings.Repeat("a", 64), Content: strings.Repeat("c", 64)}
	b := model.Description{Name: "b", File: "b.onnx", SHA256: strings.Repeat("b", 64), Content: a.Content}
	again := savedPair(a, b)
	_, err := engine.Search(t.Context(), again, enginetest.GreySeeds(3), enginetest.Settings())
	if !errors.Is(err, engine.ErrSameModel) || !strings.Contains(err.Error(), "a.onnx and b.onnx have the same weights and compute the same (content cccccccccccc); one was saved again") {
		t.Errorf("found %v", err)
	}
	if _, err := engine.NewEvaluator(again, engine.EvaluatorSettings{}); !errors.Is(err, engine.ErrSameModel) {
		t.Errorf("evaluator: found %v", err)
	}
	if _, err := engine.Search(t.Context(), again, enginetest.GreySeeds(3), allowing(enginetest.Settings())); err != nil {
		t.Errorf("allowed: found %v", err)
	}
	if _, err := engine.NewEvaluator(again, engine.EvaluatorSettings{AllowIdentical: true}); err != nil {
		t.Errorf("evaluator, allowed: found %v", err)
	}
	if _, err := engine.Search(t.Context(), savedPair(a, a), enginetest.GreySeeds(3), allowing(enginetest.Settings())); !errors.Is(err, engine.ErrSameModel) {
		t.Errorf("the same file, allowed: found %v", err)
	}
	a.Content, b.Content = "", ""
	if _, err := engine.Search(t.Context(), savedPair(a, b), enginetest.GreySeeds(1), enginetest.Settings()); errors.Is(err, engine.ErrSameModel) {
		t.Errorf("without content: found %v", err)
	}
}

func TestOneFileUnderTwoSettingsIsAPair(t *testing.T) {
	sum := strings.Repeat("a", 64)
	in := func(settings map[string]string) model.Description {
		return model.Description{Name: "a", File: "a.onnx", SHA256: sum, Content: strings.Repeat("c", 64), Settings: settings}
	}
	plain := map[string]string{"runtime": "R 1", "threads": "1", "opset": "17"}
	for name, other := range map[string]map[string]string{
		"another runtime":        {"runtime": "R 2", "threads": "1", "opset": "17"},
		"other threads":          {"runtime": "R 1", "threads": "2", "opset": "17"},
		"other kernels":          {"runtime": "R 1", "threads": "1", "opset": "17", "kernels": "builtin"},
		"a setting of one's own": {"runtime": "R 1", "threads": "1", "opset": "17", "mode": "fast"},
	} {
		pair := unlikePair(in(plain), in(other))
		if _, err := engine.Search(t.Context(), pair, enginetest.GreySeeds(3), enginetest.Settings()); err != nil {
			t.Errorf("%s: found %v", name, err)
		}
		if _, err := engine.NewEvaluator(pair, engine.EvaluatorSettings{}); err != nil {
			t.Errorf("%s: evaluator: found %v", name, err)
		}
		if _, err := engine.Replay(t.Context(), pair, nil, nil); err != nil {
			t.Errorf("%s: replay: found %v", name, err)
		}
	}
	same := savedPair(in(plain), in(maps.Clone(plain)))
	if _, err := engine.Search(t.Context(), same, enginetest.GreySeeds(3), allowing(enginetest.Settings())); !errors.Is(err, engine.ErrSameModel) || !strings.Contains(err.Error(), "run under the same settings") {
		t.Errorf("the same settings: found %v", err)
	}
	// Saved again, it is the same model in the same runtime, whatever its file says of itself.
	again := in(map[string]string{"runtime": "R 1", "threads": "1", "opset": "18"})
	again.SHA256 = strings.Repeat("b", 64)
	if _, err := engine.Search(t.Context(), savedPair(in(plain), again), enginetest.GreySeeds(3), enginetest.Settings()); !errors.Is(err, engine.ErrSameModel) {
		t.Errorf("saved again: found %v", err)
	}
	again.Settings["runtime"] = "R 2"
	if _, err := engine.Search(t.Context(), unlikePair(in(plain), again), enginetest.GreySeeds(3), enginetest.Settings()); err != nil {
		t.Errorf("saved again, in another runtime: found %v", err)
	}
	// That the settings change nothing is found out as ever.
	if _, err := engine.Search(t.Context(), savedPair(in(plain), in(map[string]string{"threads": "2"})), enginetest.GreySeeds(6), enginetest.Settings()); !errors.Is(err, engine.ErrIdenticalScores) {
		t.Errorf("settings that change nothing: found %v", err)
	}
}

func TestIdenticalScoresAreAnError(t *testing.T) {
	twins := enginetest.PairOf(enginetest.Brightness(120), enginetest.Brightness(120))
	r, err := engine.Search(t.Context(), twins, enginetest.GreySeeds(6), enginetest.Settings())
	if !errors.Is(err, engine.ErrIdenticalScores) || r == nil || r.IdenticalScores < 20 || r.IdenticalScores != r.Ledger.Screened+r.Ledger.Queries-r.Ledger.Repeated {
		t.Fatalf("found %v and %+v", err, r)
	}
	for _, words := range []string{"to the last bit, for all of ", "either nothing was compressed, or the transformation is exact", "AllowIdentical"} {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("expected %q in: %v", words, err)
		}
	}
	if r := enginetest.Search(t, twins, enginetest.GreySeeds(6), allowing(enginetest.Settings())); r.IdenticalScores < 20 || !r.AllowIdentical {
		t.Errorf("allowed: found %d identical", r.IdenticalScores)
	}

	// One bit for one input is enough.
	almost := func(_ context.Context, batch []input.Input) ([][]float32, error) {
		rows, err := enginetest.Brightness(120)(t.Context(), batch)
		for i, in := range batch {
			if in.Data[0] == enginetest.GreySeeds(6)[3].Input.Data[0] {
				rows[i][0] = math.Nextafter32(rows[i][0], 0)
			}
		}
		return rows, err
	}
	if r := enginetest.Search(t, enginetest.PairOf(enginetest.Brightness(120), almost), enginetest.GreySeeds(6), enginetest.Settings()); r.IdenticalScores != 0 {
		t.Errorf("a bit apart: found %d identical", r.IdenticalScores)
	}

	// Where neither answers, they do not differ.
	silent := func(_ context.Context, batch []input.Input) ([][]float32, error) {
		rows, err := enginetest.Brightness(120)(t.Context(), batch)
		for i, in := range batch {
			if in.Data[0] == enginetest.GreySeeds(6)[3].Input.Data[0] {
				rows[i][0] = float32(math.NaN())
			}
		}
		return rows, err
	}
	apart := enginetest.Settings()
	apart.SkippedAtMost = 1
	if _, err := engine.Search(t.Context(), enginetest.PairOf(silent, silent), enginetest.GreySeeds(6), apart); !errors.Is(err, engine.ErrIdenticalScores) {
		t.Errorf("silent for one seed: found %v", err)
	}

	// Few inputs say nothing yet.
	few := enginetest.Settings()
	few.Budget = engine.Budget{QueriesPerSeed: 3}
	if _, err := engine.Search(t.Context(), twins, enginetest.GreySeeds(2), few); err != nil {
		t.Errorf("few inputs: found %v", err)
	}
}

func TestEqualLabelsAreNoIdenticalScores(t *testing.T) {
	labels := func(_ context.Context, batch []input.Input) ([]int, error) {
		answers := make([]int, len(batch))
		for i, in := range batch {
			if in.Data[0] > 100 {
				answers[i] = 1
			}
		}
		return answers, nil
	}
	pair := model.Must(model.NewPair("labels", model.LabelFunc("a", 3, labels), model.LabelFunc("b", 3, labels)))
	if r := enginetest.Search(t, pair, enginetest.GreySeeds(20), enginetest.Settings()); r.IdenticalScores != 0 {
		t.Errorf("found %d identical", r.IdenticalScores)
	}
	// Nor are scores of 8 bits that say no more.
	coarse := func(_ context.Context, batch []input.Input) ([][]float32, error) {
		rows := make([][]float32, len(batch))
		for i, in := range batch {
			rows[i] = []float32{0, 0, 0}
			rows[i][int(in.Data[0])%3] = 255.0 / 256
		}
		return rows, nil
	}
	if r := enginetest.Search(t, enginetest.PairOf(coarse, coarse), enginetest.GreySeeds(20), enginetest.Settings()); r.IdenticalScores != 0 {
		t.Errorf("8 bits: found %d identical", r.IdenticalScores)
	}
}

func TestMergedShardsKnowIdenticalScores(t *testing.T) {
	twins, s := enginetest.PairOf(enginetest.Brightness(90), enginetest.Brightness(90)), enginetest.Settings() // of both labels
	s.Budget = engine.Budget{QueriesPerSeed: 4}
	parts := enginetest.Shards(t, twins, enginetest.GreySeeds(9), s, 3) // each too small to tell
	r, err := engine.Merge(parts...)
	if !errors.Is(err, engine.ErrIdenticalScores) || r.IdenticalScores != parts[0].IdenticalScores+parts[1].IdenticalScores+parts[2].IdenticalScores {
		t.Errorf("found %v, %d identical", err, r.IdenticalScores)
	}
	if r, err := engine.Merge(enginetest.Shards(t, twins, enginetest.GreySeeds(9), allowing(s), 3)...); err != nil || r.IdenticalScores == 0 {
		t.Errorf("allowed: found %v", err)
	}
	parts[1].IdenticalScores = 0
	if r, err := engine.Merge(parts...); err != nil || r.IdenticalScores != 0 {
		t.Errorf("where one shard differs: found %v, %d identical", err, r.IdenticalScores)
	}
}

func TestEvaluatorFindsIdenticalScores(t *testing.T) {
	twins := enginetest.PairOf(enginetest.Brightness(120), enginetest.Brightness(120))
	inputs := make([]input.Input, 25)
	for i, seed := range enginetest.GreySeeds(25) {
		inputs[i] = seed.Input
	}
	e := evaluator(t, twins, engine.EvaluatorSettings{Oracle: never{}})
	if _, err := e.Evaluate(t.Context(), inputs[:19]); err != nil {
		t.Fatal(err)
	}
	if err := e.Conclude(false); err != nil {
		t.Errorf("few inputs: found %v", err)
	}
	if _, err := e.Evaluate(t.Context(), inputs[19:]); err != nil {
		t.Fatal(err)
	}
	if err := e.Conclude(false); !errors.Is(err, engine.ErrIdenticalScores) || !strings.Contains(err.Error(), "for all of 25 inputs") {
		t.Errorf("found %v", err)
	}
	e = evaluator(t, twins, engine.EvaluatorSettings{AllowIdentical: true})
	if _, err := e.Evaluate(t.Context(), inputs); err != nil {
		t.Fatal(err)
	}
	if err := e.Conclude(false); err != nil {
		t.Errorf("allowed: found %v", err)
	}
	e = evaluator(t, enginetest.BrightnessPair(), engine.EvaluatorSettings{})
	if _, err := e.Evaluate(t.Context(), inputs); err != nil {
		t.Fatal(err)
	}
	if err := e.Conclude(false); err != nil {
		t.Errorf("a pair that differs: found %v", err)
	}
}
