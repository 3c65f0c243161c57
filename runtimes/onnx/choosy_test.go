//go:build cgo

package onnx_test

import (
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxtest"
)

// choosy is a model of rows whose first column is a category, 0 to 2: it does not run on another one, as the encoders of scikit-learn do not.
func choosy(t *testing.T) []byte {
	t.Helper()
	m := onnxtest.Graph(onnxtest.Value("x", onnxpb.TensorProto_FLOAT, 0, 3))
	column, gather := onnxtest.Node(m, "Gather", "x", onnxtest.Integers(m, nil, 0))
	onnxtest.Int(gather, "axis", 1)
	rows, _ := onnxtest.Node(m, "Gather", onnxtest.Floats(m, []int64{3, 2}, 1, 2, 3, 1, 0, 1), onnxtest.Cast(m, column, onnxpb.TensorProto_INT64))
	onnxtest.Result(m, rows, onnxtest.Value("scores", onnxpb.TensorProto_FLOAT, 0, 2))
	return onnxtest.Bytes(t, m)
}

func TestRowsThatAModelRefuses(t *testing.T) {
	m, err := onnx.OpenBytes("choosy.onnx", choosy(t), onnx.Scores(onnx.Logits))
	if err != nil {
		t.Fatalf("the model was refused, as it does not run on made-up rows: %v", err)
	}
	defer m.Close()
	row := func(category float32) input.Input {
		return model.Must(input.NewRow([]float32{category, 200, 100}, []input.Domain{{Max: 99, Step: 1}, {Max: 255}, {Max: 255}}))
	}
	got := predict(t, m, row(0), row(1), row(2))
	if !(got[0][0] < got[0][1] && got[1][0] > got[1][1] && got[2][0] < got[2][1]) {
		t.Errorf("got %v, expected the scores of the three categories", got)
	}
	if d := m.Describe(); d.MaxBatch == 1 {
		t.Errorf("its rows run one by one, for %q", d.Notes)
	}
	// The first one to be seen is refused: that is an error of it.
	again, err := onnx.OpenBytes("choosy.onnx", choosy(t), onnx.Scores(onnx.Logits))
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if _, err := again.Predict(t.Context(), []input.Input{row(7)}); err == nil || !strings.Contains(err.Error(), "choosy.onnx") {
		t.Errorf("got %v of a category that there is not, expected an error that names the model", err)
	}
	if got := predict(t, again, row(1)); got[0][0] <= got[0][1] {
		t.Errorf("got %v after one that was refused", got)
	}
}

func TestWhatIsFoundInsteadOfAnInput(t *testing.T) {
	m, err := onnx.OpenBytes("choosy.onnx", choosy(t), onnx.Scores(onnx.Logits))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	people := input.Input{Shape: []int{4}, Data: make([]float32, 4), Kind: input.Row, Layout: &input.Layout{
		Domains: []input.Domain{{Max: 2, Step: 1}, {Max: 9}, {Max: 9}, {Max: 1, Step: 1}},
		Columns: []input.Column{{Name: "home"}, {Name: "age"}, {Name: "income"}, {Name: "risk"}},
	}}
	sound := input.Input{Shape: []int{4}, Data: make([]float32, 4), Domain: input.Domain{Min: -1, Max: 1}, Kind: input.Signal}
	spectrograms := open(t, odd("dynamic-hw.onnx"), onnx.Scale(1.0/255))
	for _, c := range []struct {
		m    *onnx.Model
		in   input.Input
		says string
	}{
		{m, people, "found the 4 columns home, age, income, risk; table.Without leaves out a column that is no input"},
		{m, sound, "found [4]; signal.Samples crops sounds"},
		{spectrograms, sound, "found [4]; onnx.Preprocess has a function make of a signal"},
	} {
		if err := c.m.CheckInput(c.in); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("got %v, expected %q", err, c.says)
		}
	}
}
