//go:build cgo

package integration

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// scoresCase searches with a pair of the folder's models, or of lenet5 where the original is "", around the first n seeds of
// Fashion-MNIST.
type scoresCase struct {
	original, compressed string
	n                    int
	settings             engine.Settings
	options              []onnx.Option
}

func (c scoresCase) pair(t *testing.T, dir string) (*model.Pair, error) {
	t.Helper()
	original := filepath.Join("..", "fixtures", "models", "lenet5.onnx")
	if c.original != "" {
		original = filepath.Join(dir, c.original)
	}
	options := c.options
	if options == nil {
		options = []onnx.Option{onnx.Scale(fixtures.Scale)}
	}
	pair, err := onnx.OpenPair(original, filepath.Join(dir, c.compressed), options...)
	if err == nil {
		t.Cleanup(func() { pair.Close() })
	}
	return pair, err
}

func (c scoresCase) search(t *testing.T, dir string) (*engine.Report, error) {
	t.Helper()
	pair, err := c.pair(t, dir)
	if err != nil {
		return nil, err
	}
	c.settings.Strategy = strategies.Boundary()
	return engine.Search(t.Context(), pair, generators.WithoutLabels(generators.First(fixtures.Seeds(), c.n)), c.settings)
}

func perSeed(queries int) engine.Settings {
	return engine.Settings{Budget: engine.Budget{QueriesPerSeed: queries}}
}

// unchanged is the number of seeds that deviate themselves.
func unchanged(r *engine.Report) int {
	n := 0
	for _, trigger := range r.Triggers() {
		if trigger.Queries == 0 {
			n++
		}
	}
	return n
}

// refused checks that opening or searching is an error with these words.
func refused(t *testing.T, c scoresCase, dir string, words ...string) {
	t.Helper()
	_, err := c.search(t, dir)
	if err == nil {
		t.Errorf("%s, %s: expected an error", c.original, c.compressed)
		return
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%s, %s: expected %q in the error, found: %v", c.original, c.compressed, word, err)
		}
	}
}

func caseOneNumberScores(t *testing.T, dir string) {
	r, err := scoresCase{original: "a-sigmoid-clip.onnx", compressed: "b-sigmoid-clip.onnx", n: 500, settings: perSeed(100)}.search(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := unchanged(r); got != 14 {
		t.Errorf("%d seeds deviate unchanged, expected 14", got)
	}
	if got := len(r.Triggers()); got < 490 {
		t.Errorf("triggers from %d of 500 seeds, expected nearly every one", got)
	}
	for _, d := range []model.Description{r.Original, r.Compressed} {
		if got := d.Settings["scores"]; got != "probabilities, as they are (the graph ends in Sigmoid, then Clip)" {
			t.Errorf("scores %q", got)
		}
	}
	r, err = scoresCase{original: "a-rank1.onnx", compressed: "b-rank1.onnx", n: 500, settings: perSeed(10)}.search(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := unchanged(r); got != 14 || r.Original.Classes != 2 {
		t.Errorf("rank 1: %d seeds deviate unchanged, %d classes; expected 14 and 2", got, r.Original.Classes)
	}
}

func caseScoresGuessed(t *testing.T, dir string) {
	severe := perSeed(300)
	severe.Oracle = model.Must(answer.MinGap(0.4, nil))
	r, err := scoresCase{original: "a-softmax-clip-dyn.onnx", compressed: "b-softmax-clip-dyn.onnx", n: 30, settings: severe}.search(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(r.Triggers()); got != 30 {
		t.Errorf("triggers with a gap of 0.4 from %d of 30 seeds, expected all, as with plain Softmax", got)
	}
	if got := r.Compressed.Settings["scores"]; got != "probabilities, as they are (the graph ends in Softmax, then Clip, and rows sum to 1)" {
		t.Errorf("scores %q", got)
	}
	for _, compressed := range []string{"b-sigmoid.onnx", "b-sigmoid-clip.onnx"} {
		c := scoresCase{original: "a-sigmoid.onnx", compressed: compressed, n: 30, settings: perSeed(30)}
		refused(t, c, dir, "several numbers that are each a probability of their own", "the graph ends in Sigmoid", "onnx.Scores(onnx.Probabilities)")
		c.options = []onnx.Option{onnx.Scale(fixtures.Scale), onnx.Scores(onnx.Probabilities)}
		r, err := c.search(t, dir)
		if err != nil {
			t.Fatal(err)
		}
		if o, c := r.Original.Settings["scores"], r.Compressed.Settings["scores"]; o != c || !strings.HasPrefix(o, "probabilities, as they are") {
			t.Errorf("scores %q and %q, expected both alike", o, c)
		}
		if got := unchanged(r); got != 0 {
			t.Errorf("%s: %d of 30 seeds deviate unchanged, expected none", compressed, got)
		}
	}
}

func caseSoftmaxSumsTo23(t *testing.T, dir string) {
	c := scoresCase{original: "a.onnx", compressed: "b.onnx", n: 20, settings: perSeed(20)}
	words := []string{"b.onnx: expected probabilities that sum to 1", "the graph ends in Softmax", "that sum to 23", "onnx.Scores(onnx.Logits)"}
	refused(t, c, dir, words...)
	c.options = []onnx.Option{onnx.Scale(fixtures.Scale), onnx.Scores(onnx.Probabilities)}
	refused(t, c, dir, words...)
}

func caseOutputShapes(t *testing.T, dir string) {
	want, err := engine.Search(t.Context(), embedded(t), generators.First(fixtures.Seeds(), 30), boundary(30))
	if err != nil {
		t.Fatal(err)
	}
	for _, shape := range []string{"n11c", "cn"} {
		r, err := scoresCase{original: "a-" + shape + ".onnx", compressed: "b-" + shape + ".onnx", n: 30, settings: perSeed(30)}.search(t, dir)
		if err != nil {
			t.Errorf("%s: %v", shape, err)
			continue
		}
		for i := range want.Seeds {
			if a, b := want.Seeds[i].Trigger, r.Seeds[i].Trigger; (a == nil) != (b == nil) || a != nil && (a.ID != b.ID || a.Queries != b.Queries) {
				t.Errorf("%s: seed %d: expected the trigger that the same models give as [N,C], found another", shape, i)
			}
		}
	}
}

// embedded is the pair that the models of output-shapes are made from.
func embedded(t *testing.T) *model.Pair {
	t.Helper()
	pair := model.Must(onnx.OpenPairFS(fixtures.Models, "lenet5.onnx", "lenet5-int8.onnx", onnx.Scale(fixtures.Scale)))
	t.Cleanup(func() { pair.Close() })
	return pair
}

func boundary(queries int) engine.Settings {
	s := perSeed(queries)
	s.Strategy = strategies.Boundary()
	return s
}

func caseSecondInput(t *testing.T, dir string) {
	r, err := scoresCase{compressed: "b-unused.onnx", n: 30, settings: perSeed(30)}.search(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(r.Compressed.Notes, "\n"); got != `its input "mask" is ignored: no node of the graph reads it` {
		t.Errorf("notes %q", got)
	}
	if got := len(r.Triggers()); got != 30 {
		t.Errorf("triggers from %d of 30 seeds, expected all", got)
	}
	required := scoresCase{compressed: "b-required.onnx", n: 30, settings: perSeed(30)}
	refused(t, required, dir, `b-required.onnx: expected every input of the model to be fed, found nothing for "input" float32 [batch,1,28,28], "temp" float32 [1]`)
	required.options = []onnx.Option{onnx.Scale(fixtures.Scale), onnx.Compressed(onnx.Fixed("temp", 1))}
	if r, err = required.search(t, dir); err != nil {
		t.Fatal(err)
	}
	if got := len(r.Triggers()); got != 30 {
		t.Errorf("with its second input fixed: triggers from %d of 30 seeds, expected all", got)
	}
}

func caseZipMap(t *testing.T, dir string) {
	raw := []onnx.Option{onnx.Scale(1)}
	for _, pair := range [][2]string{{"a-bin.onnx", "b-bin.onnx"}, {"a-tensor.onnx", "b-tensor.onnx"}, {"a-tensor.onnx", "b-tree.onnx"}, {"a-zip.onnx", "b-zip.onnx"}} {
		r, err := scoresCase{original: pair[0], compressed: pair[1], n: 20, settings: perSeed(20), options: raw}.search(t, dir)
		if err != nil {
			t.Errorf("%v: %v", pair, err)
			continue
		}
		for _, d := range []model.Description{r.Original, r.Compressed} {
			output := `"probabilities" float32`
			if strings.HasSuffix(pair[0], "-zip.onnx") {
				output = `"output_probability" float32`
			}
			if !strings.HasPrefix(d.Settings["output"], output) || !strings.HasPrefix(d.Settings["scores"], "probabilities, as they are") {
				t.Errorf("%v: %s: output %s, scores %s", pair, d.Name, d.Settings["output"], d.Settings["scores"])
			}
		}
		if len(r.Triggers()) == 0 {
			t.Errorf("%v: no trigger", pair)
		}
	}
}

func caseClassOrder(t *testing.T, dir string) {
	c := scoresCase{compressed: "b.onnx", n: 500, settings: perSeed(20)}
	r, err := c.search(t, dir)
	if !errors.Is(err, engine.ErrClassOrder) || !strings.Contains(err.Error(), "onnx.Compressed(onnx.ClassOrder(0, 1, 2, 3, 4, 5, 6, 9, 7, 8))") {
		t.Fatalf("got %v", err)
	}
	if len(r.Triggers()) != 0 {
		t.Errorf("%d triggers, expected none: what deviates is the order", len(r.Triggers()))
	}
	c.options = []onnx.Option{onnx.Scale(fixtures.Scale), onnx.Compressed(onnx.ClassOrder(0, 1, 2, 3, 4, 5, 6, 9, 7, 8))}
	c.n, c.settings = 30, perSeed(30)
	if r, err = c.search(t, dir); err != nil {
		t.Fatal(err)
	}
	want, err := engine.Search(t.Context(), embedded(t), generators.First(fixtures.Seeds(), 30), boundary(30))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Triggers()) != len(want.Triggers()) || unchanged(r) != unchanged(want) {
		t.Errorf("in order: %d triggers, %d of them unchanged; expected %d and %d", len(r.Triggers()), unchanged(r), len(want.Triggers()), unchanged(want))
	}
}
