package layers_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/layers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/restore"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// badPair opens the pair with the badly calibrated activation.
func badPair(t testing.TB) *model.Pair {
	t.Helper()
	p := fixtures.ResCNNBadLayer
	pair, err := onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pair.Close() })
	return pair
}

// severe asks for deviations that rounding alone seldom makes.
func severe(t testing.TB) answer.Oracle {
	t.Helper()
	oracle, err := answer.MinGap(0.3, answer.Top1())
	if err != nil {
		t.Fatal(err)
	}
	return oracle
}

// search finds triggers of a pair.
func search(t testing.TB, pair *model.Pair, oracle answer.Oracle, seeds, queries int) []input.Input {
	t.Helper()
	r, err := engine.Search(t.Context(), pair, generators.First(fixtures.Seeds(), seeds), engine.Settings{
		Strategy: strategies.Boundary(), Oracle: oracle, Budget: engine.Budget{QueriesPerSeed: queries},
	})
	if err != nil {
		t.Fatal(err)
	}
	var inputs []input.Input
	for _, trigger := range r.Triggers() {
		inputs = append(inputs, trigger.Input)
	}
	return inputs
}

func problem(t testing.TB, pair *model.Pair, p fixtures.Pair, triggers []input.Input) layers.Problem {
	t.Helper()
	m, err := restore.OpenFS(fixtures.Models, p.Original, p.Compressed)
	if err != nil {
		t.Fatal(err)
	}
	open := func(restore func(...string) ([]byte, error)) layers.Open {
		return func(_ context.Context, nodes []string) (model.Predictor, error) {
			data, err := restore(nodes...)
			if err != nil {
				return nil, err
			}
			return onnx.OpenBytes(p.Compressed, data, onnx.Scale(fixtures.Scale))
		}
	}
	return layers.Problem{
		Original: pair.Original(), Nodes: m.Names(), Triggers: triggers,
		Open: open(m.Restore), OpenWeights: open(m.RestoreWeights),
	}
}

// The badly calibrated layer is named, and the model that the quantiser itself made without the listed
// nodes no longer has the triggers.
func TestBadLayerIsNamed(t *testing.T) {
	pair := badPair(t)
	triggers := search(t, pair, severe(t), 60, 300)
	if len(triggers) < 20 {
		t.Fatalf("found %d triggers, expected at least 20", len(triggers))
	}
	r, err := layers.Find(t.Context(), problem(t, pair, fixtures.ResCNNBadLayer, triggers), layers.Settings{Share: 0.9})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %+v", r, r.Ranking)
	want := []string{fixtures.BadNode, fixtures.BadReader}
	if !slices.Equal(r.Exclude, want) || r.Status != layers.Minimal || !r.Verified || r.Cause != layers.Activations {
		t.Errorf("expected the list %v, minimal, verified and because of activations, found %+v", want, r)
	}
	// Each alone heals next to nothing, since the other keeps the activation quantised; each alone in
	// the quantised form brings most triggers back.
	top := []string{r.Ranking[0].Node, r.Ranking[1].Node}
	slices.Sort(top)
	if !slices.Equal(top, want) {
		t.Errorf("expected %v to lead the ranking, found %v", want, r.Ranking)
	}

	data, err := os.ReadFile(filepath.Join("testdata", "rescnn-badlayer-requantised.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	requantised, err := onnx.OpenBytes("requantised", data, onnx.Scale(fixtures.Scale))
	if err != nil {
		t.Fatal(err)
	}
	defer requantised.Close()
	again, err := model.NewPair("requantised", pair.Original(), requantised)
	if err != nil {
		t.Fatal(err)
	}
	for _, oracle := range []answer.Oracle{severe(t), answer.Top1()} {
		evaluations, err := engine.Replay(t.Context(), again, triggers, oracle)
		if err != nil {
			t.Fatal(err)
		}
		healed := 0
		for _, e := range evaluations {
			if !e.Verdict.Deviates {
				healed++
			}
		}
		t.Logf("%s: the model requantised without %v heals %d of %d triggers", oracle, r.Exclude, healed, len(triggers))
		if 10*healed < 9*len(triggers) {
			t.Errorf("%s: expected at least 90 %% of %d triggers to heal by requantising, found %d", oracle, len(triggers), healed)
		}
	}
}

// The sibling without the bad layer has no list as short, and the bad layer's numbers are not in it.
func TestGoodFixtureBlamesNoOneLayer(t *testing.T) {
	p := fixtures.ResCNNInt8
	pair, err := onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.Scale(fixtures.Scale))
	if err != nil {
		t.Fatal(err)
	}
	defer pair.Close()
	triggers := search(t, pair, answer.Top1(), 20, 100)
	r, err := layers.Find(t.Context(), problem(t, pair, p, triggers), layers.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d triggers: %s, %v, ranking %v", len(triggers), r, r.Exclude, r.Ranking)
	if len(r.Exclude) < 4 || !r.Verified {
		t.Errorf("expected a verified list of many nodes, found %+v", r)
	}
}

// With the whole range of int8 weights, sums of products saturate on x86 processors without VNNI: the triggers are the
// runtime's, and layers are not blamed.
func TestSaturatingProductsAreNotBlamedOnLayers(t *testing.T) {
	settings := onnx.Int8Settings()
	if len(settings) == 1 {
		t.Skip("8-bit products do not saturate on this processor")
	}
	original, compressed := "lenet5-student.onnx", filepath.Join("testdata", "student-saturating.onnx")
	files := []string{filepath.Join("..", "fixtures", "models", original), compressed}
	pair, err := onnx.OpenPair(files[0], files[1], onnx.Scale(fixtures.Scale))
	if err != nil {
		t.Fatal(err)
	}
	defer pair.Close()
	triggers := search(t, pair, answer.Top1(), 40, 150)
	m, err := restore.Open(files[0], files[1])
	if err != nil {
		t.Fatal(err)
	}
	open := func(options ...onnx.Option) layers.Open {
		return func(_ context.Context, nodes []string) (model.Predictor, error) {
			data, err := m.Restore(nodes...)
			if err != nil {
				return nil, err
			}
			return onnx.OpenBytes(compressed, data, append(options, onnx.Scale(fixtures.Scale))...)
		}
	}
	p := layers.Problem{Original: pair.Original(), Nodes: m.Names(), Triggers: triggers, Open: open()}
	for _, s := range settings {
		p.Runtimes = append(p.Runtimes, layers.Runtime{Setting: s.Name, Advice: s.Advice, Open: open(s.Option)})
	}
	r, err := layers.Find(t.Context(), p, layers.Settings{Share: 0.9})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d triggers: %s; %+v", len(triggers), r, r.Runtimes)
	if len(triggers) < 20 || r.Setting != settings[0].Name || len(r.Advice) != 1 || !strings.Contains(strings.Join(r.Advice, " "), "reduce_range") {
		t.Errorf("expected most of at least 20 triggers to vanish under %s, found %+v", settings[0].Name, r)
	}
}
