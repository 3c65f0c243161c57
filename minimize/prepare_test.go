package minimize_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/minimize"
	"github.com/triggerfinder/triggerfinder/model"
)

// learner is a model that remembers what it was prepared with.
type learner struct {
	model.PredictorFunc
	fail   error
	shown  [][]input.Input // the inputs of each preparation
	others []model.Predictor
	early  bool // asked before it was prepared
}

func (l *learner) Prepare(_ context.Context, first []input.Input, other model.Predictor) error {
	l.shown, l.others = append(l.shown, slices.Clone(first)), append(l.others, other)
	return l.fail
}

func (l *learner) Predict(ctx context.Context, batch []input.Input) ([][]float32, error) {
	l.early = l.early || len(l.shown) == 0
	return l.PredictorFunc(ctx, batch)
}

func TestModelsArePreparedWithTheSeedAndTheTrigger(t *testing.T) {
	from := brightTrigger()
	original, compressed := &learner{PredictorFunc: enginetest.Brightness(120)}, &learner{PredictorFunc: enginetest.Brightness(128)}
	if _, err := minimize.Trigger(t.Context(), model.Must(model.NewPair("p", original, compressed)), from, minimize.Settings{Queries: 5}); err != nil {
		t.Fatal(err)
	}
	for _, side := range [][2]*learner{{original, compressed}, {compressed, original}} {
		l, other := side[0], side[1]
		if want := [][]input.Input{{from.Seed, from.Input}}; !cmp.Equal(l.shown, want) || l.others[0] != model.Predictor(other) || l.early {
			t.Errorf("shown %v, expected %v; asked early: %t", l.shown, want, l.early)
		}
	}
	compressed.fail = errors.New("no idea")
	if _, err := minimize.Trigger(t.Context(), model.Must(model.NewPair("p", original, compressed)), from, minimize.Settings{}); err == nil ||
		!strings.Contains(err.Error(), "pair p: ") || !strings.HasSuffix(err.Error(), ": no idea") {
		t.Errorf("got %v", err)
	}
}
