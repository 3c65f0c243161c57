package model_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

func TestAnswerFunc(t *testing.T) {
	named := answer.Answer{Scores: answer.Scores{1, 2}, Outputs: []answer.Output{{Name: "price", Shape: []int{2}}}}
	said := []answer.Answer{answer.Of(0.5, 0.5), answer.Of(1, 0)}
	m := model.AnswerFunc("m", func(_ context.Context, _ []input.Input, dst []answer.Answer) ([]answer.Answer, error) {
		return append(dst[:0], said...), nil
	})
	if d := model.Describe(m, ""); d.Name != "m" {
		t.Errorf("name %q", d.Name)
	}
	rows, err := m.Predict(t.Context(), make([]input.Input, 2))
	if err != nil || len(rows) != 2 || rows[1][0] != 1 {
		t.Errorf("rows %v, error %v", rows, err)
	}
	said[1] = named
	if _, err := m.Predict(t.Context(), make([]input.Input, 2)); !errors.Is(err, model.ErrBadScores) || !strings.Contains(err.Error(), "expected a row of class scores, found 1 named outputs") {
		t.Errorf("error %v", err)
	}
	answers, err := model.Ask(t.Context(), m, make([]input.Input, 2), nil)
	if err != nil || !answers[1].Same(named) {
		t.Errorf("answers %v, error %v", answers, err)
	}
	if _, err := model.Ask(t.Context(), m, make([]input.Input, 3), nil); !errors.Is(err, model.ErrBadScores) || !strings.Contains(err.Error(), "expected 3 rows for 3 inputs, found 2") {
		t.Errorf("error %v", err)
	}
	plain := model.Func("plain", func(context.Context, []input.Input) ([][]float32, error) { return [][]float32{{1, 2}}, nil })
	if answers, err := model.Ask(t.Context(), plain, make([]input.Input, 1), nil); err != nil || !answers[0].Same(answer.Of(1, 2)) {
		t.Errorf("answers %v, error %v", answers, err)
	}
}
