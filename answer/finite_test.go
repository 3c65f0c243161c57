package answer_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/model"
)

var (
	nan      = float32(math.NaN())
	infinity = float32(math.Inf(1))
)

// exact is an oracle that must not be asked about scores that are not finite.
type exact struct {
	answer.Oracle
	t *testing.T
}

func (o exact) Judge(original, compressed answer.Answer) answer.Verdict {
	if !answer.Finite(original.Scores) || !answer.Finite(compressed.Scores) {
		o.t.Errorf("the oracle was asked about %v and %v", original.Scores, compressed.Scores)
	}
	return o.Oracle.Judge(original, compressed)
}

func TestJudge(t *testing.T) {
	sure, other := []float32{0.9, 0.1}, []float32{0.1, 0.9}
	for _, oracle := range []answer.Oracle{
		nil, answer.Top1(), answer.LabelOnly(), model.Must(answer.ScoreTolerance(0.9)),
		model.Must(answer.MinConfidence(1, nil)), model.Must(answer.MinGap(1, nil)), exact{answer.Top1(), t},
	} {
		for _, row := range [][]float32{{nan, 0.5}, {0.5, nan}, {infinity, 0}, {0, -infinity}, {nan, infinity}} {
			if v := answer.Judge(oracle, answer.Of(sure...), answer.Of(row...)); v != (answer.Verdict{Deviates: true, Kind: answer.NotFinite}) {
				t.Errorf("%v, %v: %+v", oracle, row, v)
			}
			if v := answer.Judge(oracle, answer.Of(row...), answer.Of(sure...)); v != (answer.Verdict{Kind: answer.Unusable}) {
				t.Errorf("%v, %v: %+v", oracle, row, v)
			}
			if v := answer.Judge(oracle, answer.Of(row...), answer.Of(row...)); v != (answer.Verdict{Kind: answer.Unusable}) {
				t.Errorf("%v, %v: %+v", oracle, row, v)
			}
		}
		want := answer.Verdict{}
		if oracle == nil {
			want.Deviates = true
		} else {
			want = oracle.Judge(answer.Of(sure...), answer.Of(other...))
		}
		if v := answer.Judge(oracle, answer.Of(sure...), answer.Of(other...)); v != want {
			t.Errorf("%v: %+v; expected %+v", oracle, v, want)
		}
	}
}

func TestNotFiniteInWords(t *testing.T) {
	for want, row := range map[string][]float32{
		"NaN for 1 of 3 scores":             {0, nan, 0},
		"NaN for all of 2 scores":           {nan, nan},
		"infinity for 2 of 3 scores":        {infinity, -infinity, 0},
		"NaN or infinity for 2 of 3 scores": {infinity, 1, nan},
	} {
		if got := answer.NotFiniteInWords(answer.Of(row...)); got != want {
			t.Errorf("%v: %q; expected %q", row, got, want)
		}
		if answer.Finite(row) || answer.LabelOf(row) != answer.NoLabel {
			t.Errorf("%v is finite", row)
		}
	}
	large := []float32{math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, 0}
	if !answer.Finite(large) || !answer.Finite(nil) || answer.LabelOf(large) != 0 {
		t.Error("large scores are not finite")
	}
}

// Of several outputs it is said which they are.
func TestNotFiniteOutputsAreNamed(t *testing.T) {
	of := func(price float32, boxes ...float32) answer.Answer {
		return answer.Answer{Scores: append(answer.Scores{price}, boxes...), Outputs: []answer.Output{{Name: "price"}, {Name: "box", Shape: []int{len(boxes)}}}}
	}
	many := answer.Answer{}
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		many.Scores, many.Outputs = append(many.Scores, nan), append(many.Outputs, answer.Output{Name: name})
	}
	for _, test := range []struct {
		given answer.Answer
		want  string
	}{
		{of(nan, 1, 2), "NaN for price"},
		{of(1, 1, infinity, 3), "infinity for 1 of 3 numbers of box"},
		{of(infinity, nan, nan), "infinity for price, NaN for all of 2 numbers of box"},
		{many, "NaN for a, NaN for b, NaN for c, NaN for d, 2 more outputs"},
		{answer.Answer{Scores: answer.Scores{nan, 1}, Outputs: []answer.Output{{Name: "odd", Shape: []int{3}}}}, "NaN for 1 of 2 scores"},
	} {
		if got := answer.NotFiniteInWords(test.given); got != test.want {
			t.Errorf("%q; expected %q", got, test.want)
		}
	}
}

func TestScoresInJSON(t *testing.T) {
	for want, row := range map[string]answer.Scores{
		"null":                     nil,
		"[]":                       {},
		"[0.1,1e-9,3e+22,-0]":      {0.1, 1e-9, 3e22, float32(math.Copysign(0, -1))},
		`[0.1,"NaN"]`:              {0.1, nan},
		`["Infinity","-Infinity"]`: {infinity, -infinity},
	} {
		got := model.Must(json.Marshal(row))
		if string(got) != want {
			t.Errorf("%s; expected %s", got, want)
		}
		var back answer.Scores
		if err := json.Unmarshal(got, &back); err != nil || fmt.Sprint(back) != fmt.Sprint(row) || (back == nil) != (row == nil) {
			t.Errorf("%s became %v (%v)", want, back, err)
		}
	}
	for _, bad := range []string{`["nan"]`, `[null]`, `[{}]`, `{}`, `["1"]`, `[1e99]`} {
		var s answer.Scores
		if err := json.Unmarshal([]byte(bad), &s); err == nil {
			t.Errorf("%s became %v; expected an error", bad, s)
		}
	}
}
