package model_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

func TestLabelFunc(t *testing.T) {
	labels := []int{2, 0}
	p := model.LabelFunc("labels", 3, func(context.Context, []input.Input) ([]int, error) { return labels, nil })
	scores, err := p.Predict(t.Context(), make([]input.Input, 2))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]float32{{0, 0, 1}, {1, 0, 0}}, scores); diff != "" {
		t.Error(diff)
	}
	labels = []int{3}
	if _, err := p.Predict(t.Context(), make([]input.Input, 1)); err == nil || !strings.Contains(err.Error(), "label 3: expected 0 to 2") {
		t.Errorf("error %v", err)
	}
}

func TestLabelsOfNoClasses(t *testing.T) {
	p := model.LabelFunc("none", 0, func(context.Context, []input.Input) ([]int, error) { return []int{0}, nil })
	if _, err := p.Predict(t.Context(), make([]input.Input, 1)); err == nil || !strings.Contains(err.Error(), "expected 2 classes or more, found 0") {
		t.Errorf("error %v; expected one that names the number of classes", err)
	}
}

func TestSoftmax(t *testing.T) {
	p := model.Softmax(model.Func("logits", func(context.Context, []input.Input) ([][]float32, error) {
		return [][]float32{{1000, 1000 + float32(math.Log(3))}, {0, 0}}, nil
	}))
	scores, err := p.Predict(t.Context(), make([]input.Input, 2))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]float32{{0.25, 0.75}, {0.5, 0.5}} {
		for class := range want {
			if math.Abs(float64(scores[i][class]-want[class])) > 1e-4 {
				t.Errorf("row %d: %v, expected %v", i, scores[i], want)
			}
		}
	}
}

func TestSoftmaxLeavesRowsThatAreNotFinite(t *testing.T) {
	infinity := float32(math.Inf(1))
	logits := [][]float32{{infinity, 1}, {-infinity, 1}, {1, float32(math.NaN())}}
	p := model.Softmax(model.Func("logits", func(context.Context, []input.Input) ([][]float32, error) { return logits, nil }))
	scores := model.Must(p.Predict(t.Context(), make([]input.Input, 3)))
	if fmt.Sprint(scores) != fmt.Sprint(logits) {
		t.Errorf("%v became %v", logits, scores)
	}
}

func TestPairsAreNamedAndShort(t *testing.T) {
	pair := model.Must(model.NewPair("", model.Func("big", nil), model.Func("small", nil)))
	if pair.Name() != "big-vs-small" || pair.String() != "pair big-vs-small (big, small)" {
		t.Errorf("name %q, string %q", pair.Name(), pair)
	}
	if err := pair.Close(); err != nil {
		t.Error(err)
	}
}

func TestAsScoresVouchesForThem(t *testing.T) {
	plain := model.LabelFunc("a", 3, func(context.Context, []input.Input) ([]int, error) { return []int{1}, nil })
	vouched := model.AsScores(plain)
	if d := model.Describe(vouched, ""); d.Settings[model.ScoresSetting] == "" || d.Name != "a" || !d.LabelOnly {
		t.Errorf("%+v", d)
	}
	if d := model.Describe(plain, ""); d.Settings[model.ScoresSetting] != "" {
		t.Errorf("the model itself was changed: %+v", d)
	}
	rows, err := vouched.Predict(t.Context(), make([]input.Input, 1))
	if err != nil || len(rows) != 1 || rows[0][1] != 1 {
		t.Errorf("%v, error %v", rows, err)
	}
}
