package litert

import (
	"math"
	"os"
	"strings"
	"testing"
)

// TestDamagedFilesAreRefused: what would lead the runtime astray, or end the process in it, is an error before it is loaded.
func TestDamagedFilesAreRefused(t *testing.T) {
	for _, test := range []struct {
		name   string
		damage func(s *schema)
		want   string
	}{
		{"tiny", func(s *schema) { s.graphs = nil }, "it has no graph"},
		{"tiny", func(s *schema) { s.graphs[0].outputs[0] = 99 }, "an input or output is a tensor that there is not"},
		{"tiny", func(s *schema) { s.graphs[0].operations[0].inputs[0] = -2 }, "an operation has an operator or a tensor that there is not"},
		{"tiny", func(s *schema) { s.graphs[0].operations[0].code = 7 }, "an operation has an operator or a tensor that there is not"},
		{"tiny", func(s *schema) { s.graphs[0].operations[0].options = 9 }, "an operation FULLY_CONNECTED has the options of another one"},
		{"tiny", func(s *schema) { s.signatures[0].graph = 1 }, `the signature "serving_default" is about a graph that there is not`},
		{"tiny", func(s *schema) { s.signatures[0].outputs[0].tensor = 1 }, `the signature "serving_default" names "p", which is no input or output of its graph`},
		{"tiny", func(s *schema) { s.signatures[0].inputs[0].name = "" }, `the signature "serving_default" names ""`},
		{"tiny", func(s *schema) { s.signatures[0].inputs = nil }, "names 0 of 1 inputs or outputs of its graph"},
		{"several", func(s *schema) { s.signatures[0].inputs[1].name = "a" }, "or names two alike"},
		{"tiny", func(s *schema) { s.graphs[0].tensors[0].shape = []int{1 << 30, 1 << 30} }, "has the shape [1073741824 1073741824]"},
		{"tiny", func(s *schema) { s.graphs[0].tensors[0].open = []int{-1, -8} }, "and the shape signature [-1 -8]"},
		{"tiny", func(s *schema) { s.graphs[0].tensors[0].open = []int{-1} }, "and the shape signature [-1]"},
		{"tiny", func(s *schema) { constantOf(s).shape = []int{4, 9} }, "has 128 bytes for the shape [4 9] of float32"},
	} {
		s := parsed(t, test.name)
		if err := s.check(); err != nil {
			t.Fatal(err)
		}
		test.damage(s)
		if err := s.check(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, expected %q", err, test.want)
		}
	}
	for _, test := range []struct {
		kind   int
		scales []float64
		zeros  []int64
		want   string
	}{
		{int8Kind, []float64{0.5}, []int64{-128}, ""},
		{uint8Kind, []float64{0.5}, []int64{255}, ""},
		{int16Kind, []float64{0.5, 0}, []int64{0, 0}, ""},
		{int32Kind, []float64{0.5}, nil, ""}, // of a bias
		{int8Kind, []float64{0.5}, []int64{128}, "a zero point of 128"},
		{uint8Kind, []float64{0.5}, []int64{-1}, "a zero point of -1"},
		{int16Kind, []float64{0.5}, []int64{1 << 40}, "a zero point of 1099511627776"},
		{int8Kind, []float64{-0.5}, []int64{0}, "a scale of -0.5"},
		{int8Kind, []float64{math.NaN()}, []int64{0}, "a scale of NaN"},
		{int8Kind, []float64{math.Inf(1)}, []int64{0}, "a scale of +Inf"},
		{int8Kind, []float64{1e-43}, []int64{0}, "a scale of 1e-43"},
		{int8Kind, []float64{0.5}, nil, "1 scales and 0 zero points"},
	} {
		if got := badCode(test.kind, test.scales, test.zeros); got != test.want {
			t.Errorf("%s %v %v: got %q, expected %q", kindName(test.kind), test.scales, test.zeros, got, test.want)
		}
	}
	s := parsed(t, "tiny")
	g, inputs, _ := s.tensors(0)
	g.tensors[inputs[0].tensor].open = []int{-1, 1 << 28}
	if _, err := g.ports(inputs); err == nil || !strings.Contains(err.Error(), "expected inputs and outputs of at most 256 MiB") {
		t.Errorf("got %v", err)
	}
}

func parsed(t *testing.T, name string) *schema {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name + ".tflite")
	if err != nil {
		t.Fatal(err)
	}
	s, err := parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func constantOf(s *schema) *tensor {
	for i := range s.graphs[0].tensors {
		if one := &s.graphs[0].tensors[i]; one.constant && len(one.shape) == 2 {
			return one
		}
	}
	return nil
}
