package engine_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// named are seeds that carry class names and notes.
type named struct {
	input.Seeds
	names, notes []string
}

func (n named) ClassNames() []string { return n.names }

func (n named) Notes() []string { return n.notes }

// threeClasses is a model of three classes.
type threeClasses struct{}

func (threeClasses) Predict(_ context.Context, batch []input.Input) ([][]float32, error) {
	rows := make([][]float32, len(batch))
	for i, in := range batch {
		p := in.Data[0] / 512
		rows[i] = []float32{p, 0.4 - p/2, 0.6 - p/2}
	}
	return rows, nil
}

func TestSeedsOfOtherClassesThanTheModelsAreAnError(t *testing.T) {
	pair := model.Must(model.NewPair("three", threeClasses{}, model.Func("other", threeClasses{}.Predict)))
	seed := func(label int) input.Seed {
		return input.Seed{Name: "a.png", Label: label, Input: input.Input{Shape: []int{2}, Data: []float32{1, 2}, Domain: input.Bytes}}
	}
	for _, test := range []struct {
		name  string
		label int
		names []string
		is    error
		says  string
	}{
		{"no label", input.Unlabelled, nil, nil, ""},
		{"the last class", 2, []string{"a", "b", "c"}, nil, ""},
		{"a class too many", 3, nil, engine.ErrBadLabel, "seed 0 (a.png): label beyond the classes: found label 3 and models of 3 classes, expected 0 to 2, or -1 for unknown"},
		{"names too few", 1, []string{"cat", "dog"}, engine.ErrClassCount, "seed 0 (a.png): different numbers of classes: the seeds have 2 (cat, dog), the models 3; expected as many"},
		{"names too many, no label", input.Unlabelled, []string{"a", "b", "c", "d", "e", "f"}, engine.ErrClassCount, "the seeds have 6 (a, b, c, d, e, …), the models 3"},
	} {
		t.Run(test.name, func(t *testing.T) {
			seeds := named{input.SeedList{seed(test.label)}, test.names, []string{"a note"}}
			r, err := engine.Search(t.Context(), pair, seeds, engine.Settings{Strategy: strategies.RandomSearch{Mutators: []input.Mutator{coin{}}}, Budget: engine.Budget{QueriesPerSeed: 1}})
			if test.is == nil {
				if errors.Is(err, engine.ErrBadLabel) || errors.Is(err, engine.ErrClassCount) {
					t.Fatal(err)
				}
				if !slices.Equal(r.ClassNames, test.names) || !slices.Equal(r.Notes, []string{"a note"}) {
					t.Errorf("class names %q, notes %q", r.ClassNames, r.Notes)
				}
				return
			}
			if !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %v; expected one that says %q", err, test.says)
			}
			if r == nil || r.Status != engine.Failed || len(r.Misread()) > 0 {
				t.Errorf("report %+v", r)
			}
		})
	}
}

func TestDrawsOfOtherClassesThanTheModelsAreAnError(t *testing.T) {
	e := evaluator(t, enginetest.BrightnessPair(), engine.EvaluatorSettings{})
	_, err := e.Draws(t.Context(), labelledGrey{}, 0, 0, 3)
	if !errors.Is(err, engine.ErrBadLabel) || !strings.Contains(err.Error(), "draw 0 from any grey: seed 7 (grey.png): label beyond the classes: found label 2 and models of 2 classes") {
		t.Errorf("error %v", err)
	}
}

// labelledGrey is a distribution of a class that the models do not have.
type labelledGrey struct{ anyGrey }

func (d labelledGrey) Draw(rng *rand.Rand) (input.Draw, error) {
	draw, err := d.anyGrey.Draw(rng)
	draw.Seed.Label, draw.Seed.Name, draw.SeedIndex = 2, "grey.png", 7
	return draw, err
}
