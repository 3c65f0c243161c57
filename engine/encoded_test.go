package engine_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// sharing is a model that hands the form of its inputs on.
type sharing struct {
	model.Answerer
	form             string
	fails            atomic.Bool
	kept, took, held atomic.Int64
}

type heldInputs struct {
	of    *sharing
	batch []input.Input
}

func (h *heldInputs) Release() { h.of.held.Add(-1) }

func (s *sharing) AnswerEncoding(ctx context.Context, batch []input.Input, dst []answer.Answer) ([]answer.Answer, model.Encoding, error) {
	answers, err := s.Answer(ctx, batch, dst)
	if err != nil {
		return answers, nil, err
	}
	s.kept.Add(1)
	s.held.Add(1)
	return answers, &heldInputs{s, batch}, nil
}

func (s *sharing) AnswerEncoded(ctx context.Context, batch []input.Input, dst []answer.Answer, as model.Encoding) ([]answer.Answer, bool, error) {
	given := as.(*heldInputs)
	switch {
	case given.of.form != s.form:
		return nil, false, nil
	case s.fails.Load():
		return nil, false, errors.New("it broke")
	case len(given.batch) != len(batch) || &given.batch[0].Data[0] != &batch[0].Data[0]:
		return nil, false, fmt.Errorf("expected what was written for these %d inputs, found %d", len(batch), len(given.batch))
	}
	s.took.Add(1)
	answers, err := s.Answer(ctx, batch, dst)
	return answers, true, err
}

func sharingPair(t *testing.T, original, compressed string) (a, b *sharing, pair *model.Pair) {
	t.Helper()
	of := func(name string, predict model.PredictorFunc) model.Answerer {
		return model.AnswerFunc(name, func(ctx context.Context, batch []input.Input, _ []answer.Answer) ([]answer.Answer, error) {
			rows, err := predict(ctx, batch)
			answers := make([]answer.Answer, len(rows))
			for i := range rows {
				answers[i] = answer.Of(rows[i]...)
			}
			return answers, err
		})
	}
	a = &sharing{Answerer: of("original", enginetest.Smooth.Predict), form: original}
	b = &sharing{Answerer: of("compressed", enginetest.Smooth.Moved(0.1).Predict), form: compressed}
	pair, err := model.NewPair("sharing", a, b)
	if err != nil {
		t.Fatal(err)
	}
	return a, b, pair
}

// What models share changes nothing that a search finds, and is given back.
func TestModelsShareWhatTheyAreGiven(t *testing.T) {
	seeds := enginetest.PatternSeeds(9)
	for _, workers := range []int{1, 3} {
		settings := enginetest.ClosingSettings(60, func(s *engine.Settings) { s.Workers, s.BatchSize = workers, 3 })
		want := enginetest.Search(t, enginetest.SmoothPair(), seeds, settings)
		for _, form := range []string{"same", "other"} {
			a, b, pair := sharingPair(t, "same", form)
			found := enginetest.Search(t, pair, seeds, settings)
			for i := range want.Seeds {
				x, y := want.Seeds[i].Trigger, found.Seeds[i].Trigger
				if (x == nil) != (y == nil) || x != nil && x.ID != y.ID {
					t.Errorf("seed %d, %d workers, %s form: found another trigger than without sharing", i, workers, form)
				}
			}
			if diff := cmp.Diff(want.Ledger, found.Ledger); diff != "" {
				t.Errorf("%d workers, %s form: %s", workers, form, diff)
			}
			if a.held.Load() != 0 {
				t.Errorf("%d workers, %s form: %d inputs were not given back", workers, form, a.held.Load())
			}
			if took := b.took.Load(); (took > 0) != (form == "same") {
				t.Errorf("%d workers, %s form: the compressed model took the original's inputs %d times", workers, form, took)
			}
			if form == "other" && a.kept.Load() > int64(workers)+1 {
				t.Errorf("%d workers: inputs were kept %d times for a model that takes another form", workers, a.kept.Load())
			}
		}
	}
}

func TestAFailureOfSharedInputsIsTheModels(t *testing.T) {
	a, b, pair := sharingPair(t, "same", "same")
	b.fails.Store(true)
	_, err := engine.Search(t.Context(), pair, enginetest.PatternSeeds(3), enginetest.Settings())
	if err == nil || a.held.Load() != 0 {
		t.Errorf("expected the error, and all inputs given back, found %v and %d inputs", err, a.held.Load())
	}
}
