package answer_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/triggerfinder/triggerfinder/answer"
)

// boxes are two boxes and how many there are.
func boxes() answer.Answer {
	return answer.Answer{Scores: answer.Scores{0, 1, 2, 3, 4, 5, 6, float32(math.NaN()), 2}, Outputs: []answer.Output{
		{Name: "boxes", Shape: []int{2, 4}}, {Name: "none", Shape: []int{0, 4}}, {Name: "count"},
	}}
}

func TestOutputsAreFoundByName(t *testing.T) {
	a := boxes()
	if values, shape, ok := a.Output("boxes"); !ok || len(values) != 8 || values[3] != 3 || len(shape) != 2 {
		t.Errorf("boxes: %v %v %t", values, shape, ok)
	}
	if values, shape, ok := a.Output("none"); !ok || len(values) != 0 || shape[1] != 4 {
		t.Errorf("none: %v %v %t", values, shape, ok)
	}
	if values, shape, ok := a.Output("count"); !ok || len(values) != 1 || values[0] != 2 || len(shape) != 0 {
		t.Errorf("count: %v %v %t", values, shape, ok)
	}
	if _, _, ok := a.Output("masks"); ok {
		t.Error("an output that is not there was found")
	}
	if _, _, ok := answer.Of(1, 2).Output("boxes"); ok {
		t.Error("an output of plain numbers was found")
	}
	a.Outputs[0].Shape[0] = 3 // more than there are
	if _, _, ok := a.Output("boxes"); ok {
		t.Error("an output without its numbers was found")
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	for _, test := range []struct {
		answer answer.Answer
		says   string
	}{
		{answer.Answer{}, "expected at least one number"},
		{answer.Answer{Outputs: []answer.Output{}}, "expected at least one output"},
		{answer.Answer{Scores: answer.Scores{1}, Outputs: []answer.Output{{Shape: []int{1}}}}, "output 1: expected a name"},
		{answer.Answer{Scores: answer.Scores{1}, Outputs: []answer.Output{{Name: "a", Shape: []int{-1}}}}, `output "a": expected sizes of 0 or more, found shape [-1]`},
		{answer.Answer{Scores: answer.Scores{1}, Outputs: []answer.Output{{Name: "a", Shape: []int{1 << 40, 1 << 40}}}}, "expected sizes"},
		{answer.Answer{Scores: answer.Scores{1}, Outputs: []answer.Output{{Name: "a", Shape: []int{2}}}}, `output "a": expected the 2 numbers of shape [2], found 1`},
		{answer.Answer{Scores: answer.Scores{1, 2}, Outputs: []answer.Output{{Name: "a"}, {Name: "a"}}}, `output "a": expected outputs of different names`},
		{answer.Answer{Scores: answer.Scores{1, 2}, Outputs: []answer.Output{{Name: "a"}}}, "expected 1 numbers as the shapes of the outputs say, found 2"},
	} {
		if err := test.answer.Check(); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%+v: error %v; expected %q", test.answer, err, test.says)
		}
	}
	for _, a := range []answer.Answer{answer.Of(1), boxes(), {Outputs: []answer.Output{{Name: "boxes", Shape: []int{0, 4}}}}} {
		if err := a.Check(); err != nil {
			t.Errorf("%+v: %v", a, err)
		}
	}
}

func TestAnswersInJSON(t *testing.T) {
	for _, test := range []struct {
		answer answer.Answer
		json   string
	}{
		{answer.Of(0.5, 0.25), `[0.5,0.25]`},
		{answer.Of(float32(math.Inf(-1)), 1), `["-Infinity",1]`},
		{answer.Answer{}, `null`},
		{boxes(), `{"outputs":[{"name":"boxes","shape":[2,4],"values":[0,1,2,3,4,5,6,"NaN"]},{"name":"none","shape":[0,4],"values":[]},{"name":"count","shape":[],"values":[2]}]}`},
	} {
		data, err := json.Marshal(test.answer)
		if err != nil || string(data) != test.json {
			t.Errorf("%s, error %v; expected %s", data, err, test.json)
		}
		var read answer.Answer
		if err := json.Unmarshal([]byte(" "+test.json), &read); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(test.answer, read, cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: %s", test.json, diff)
		}
	}
	for _, bad := range []string{`{}`, `{"outputs":[]}`, `{"outputs":[{"name":"a","shape":[2],"values":[1]}]}`, `{"outputs":[{"name":"a","shape":[],"values":[1]}],"x":1}`,
		`{"outputs":[{"name":"","shape":[],"values":[1]}]}`, `["a"]`, `{"outputs":[{"name":"a","shape":[-1],"values":[]}]}`} {
		read := answer.Of(7)
		if err := json.Unmarshal([]byte(bad), &read); err == nil || len(read.Scores) != 1 {
			t.Errorf("%s: error %v, read %+v", bad, err, read)
		}
	}
	if _, err := json.Marshal(answer.Answer{Scores: answer.Scores{1}, Outputs: []answer.Output{{Name: "a", Shape: []int{2}}}}); err == nil {
		t.Error("an answer that is none was written")
	}
}

func TestClonesHaveMemoryOfTheirOwn(t *testing.T) {
	a := boxes()
	into := answer.Answer{Scores: make(answer.Scores, 1, 20)}
	for _, c := range []answer.Answer{a.Clone(), a.CloneInto(into), a.CloneInto(boxes())} {
		if diff := cmp.Diff(a, c, cmpopts.EquateNaNs()); diff != "" {
			t.Error(diff)
		}
		c.Scores[0], c.Outputs[0].Shape[0], c.Outputs[1].Name = 9, 9, "other"
	}
	if diff := cmp.Diff(boxes(), a, cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("a clone shares memory: %s", diff)
	}
	plain := answer.Of(1, 2).CloneInto(boxes())
	if plain.Outputs != nil || len(plain.Scores) != 2 {
		t.Errorf("%+v", plain)
	}
	row := answer.Of(1, 2, 3)
	dst := row.Clone()
	if n := testing.AllocsPerRun(100, func() { dst = row.CloneInto(dst) }); n != 0 {
		t.Errorf("%g allocations a copy of class scores", n)
	}
	named, dst := boxes(), boxes()
	if n := testing.AllocsPerRun(100, func() { dst = named.CloneInto(dst) }); n != 0 {
		t.Errorf("%g allocations a copy of the same outputs", n)
	}
}

func TestLabelOfAnswers(t *testing.T) {
	for _, test := range []struct {
		answer answer.Answer
		want   int
	}{
		{answer.Of(0.25, 0.75), 1},
		{answer.Of(3), answer.NoLabel},
		{answer.Of(1, float32(math.NaN())), answer.NoLabel},
		{answer.Answer{Scores: answer.Scores{1, 2}, Outputs: []answer.Output{{Name: "a", Shape: []int{2}}}}, answer.NoLabel},
	} {
		if got := test.answer.Label(); got != test.want {
			t.Errorf("%+v: label %d, expected %d", test.answer, got, test.want)
		}
	}
}

func TestOraclesOfLabelsRefuseWhatIsNone(t *testing.T) {
	named := answer.Answer{Scores: answer.Scores{1, 2}, Outputs: []answer.Output{{Name: "price", Shape: []int{1}}, {Name: "area"}}}
	for _, test := range []struct {
		original, compressed answer.Answer
		says                 string
	}{
		{answer.Of(1), answer.Of(2), "answers that the oracle cannot judge: oracle top-1 compares labels: expected scores of the same classes, at least 2, found 1 number of both models; for anything else say what a deviation is: answer.Tolerance compares numbers, answer.Threshold "},
		{answer.Of(1, 2), answer.Of(1, 2, 3), "found 2 numbers of the original and 3 numbers of the compressed model"},
		{named, named, "found the outputs price [1], area [] of both models"},
		{answer.Of(1, 2), named, "found 2 numbers of the original and the outputs price [1], area [] of the compressed model"},
	} {
		for _, oracle := range []answer.Oracle{nil, answer.Top1()} {
			err := answer.Check(oracle, test.original, test.compressed)
			if !errors.Is(err, answer.ErrNoJudgement) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %v; expected %q", err, test.says)
			}
			if v := answer.Judge(oracle, test.original, test.compressed); v != (answer.Verdict{Kind: answer.Unusable}) {
				t.Errorf("%+v and %+v: verdict %+v", test.original, test.compressed, v)
			}
		}
	}
	if err := answer.Check(answer.LabelOnly(), answer.Of(1, 2), answer.Of(0, 1)); err != nil {
		t.Error(err)
	}
}
