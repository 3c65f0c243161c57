package model_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/model"
)

// closing counts how often it was closed.
type closing struct {
	model.Predictor
	closed *int
	err    error
}

func (c closing) Close() error { *c.closed++; return c.err }

func TestChain(t *testing.T) {
	closed, own := 0, errors.New("stuck")
	m := func(name string, err error) model.Predictor { return closing{model.Func(name, nil), &closed, err} }
	a, b, c := m("a", nil), m("b", own), m("c", nil)
	given := []model.Step{model.Cause("conversion").To(b), model.Cause("compression").To(c)}
	pair, err := model.NewChain("p", a, given...)
	if err != nil {
		t.Fatal(err)
	}
	given[0].Cause = "changed"
	pair.Steps()[1].Cause = "changed"
	if steps := pair.Steps(); len(steps) != 2 || steps[0].Cause != "conversion" || steps[1].Cause != "compression" || pair.Original() != a || steps[0].Model != b || pair.Compressed() != c {
		t.Errorf("found %+v", pair)
	}
	if err := pair.Close(); closed != 3 || !errors.Is(err, own) {
		t.Errorf("closed %d models, error %v", closed, err)
	}
	if steps := model.Must(model.NewPair("p", a, c)).Steps(); steps != nil {
		t.Errorf("a pair of two models alone has the steps %v", steps)
	}
}

func TestWhatIsNoChain(t *testing.T) {
	m := model.Func("m", nil)
	x, y := model.Cause("x").To(m), model.Cause("y").To(m)
	for name, test := range map[string]struct {
		original model.Predictor
		steps    []model.Step
		want     string
	}{
		"no step":        {m, nil, "expected at least two steps, the last of which leads to the compressed model, found 0; NewPair makes"},
		"one step":       {m, []model.Step{x}, "found 1"},
		"no original":    {nil, []model.Step{x, y}, "expected two predictors, found nil"},
		"no model":       {m, []model.Step{x, model.Cause("y").To(nil)}, "step y: expected a model, found nil"},
		"one cause":      {m, []model.Step{x, y, x}, "found x twice"},
		"no cause":       {m, []model.Step{x, {Model: m}}, "step 2 of 2: expected a cause such as engine.Compression, found none"},
		"several causes": {m, []model.Step{model.Cause("x,z").To(m), y}, `without commas, line breaks and outer spaces, found "x,z"`},
		"lines":          {m, []model.Step{model.Cause("x\nz").To(m), y}, `found "x\nz"`},
		"long":           {m, []model.Step{model.Cause(strings.Repeat("x", 61)).To(m), y}, "at most 60 bytes"},
	} {
		if _, err := model.NewChain("p", test.original, test.steps...); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: found %v, expected %q", name, err, test.want)
		}
	}
}
