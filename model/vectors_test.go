package model_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

func numbered(n int) []input.Input {
	var inputs []input.Input
	for i := range n {
		inputs = append(inputs, input.Input{Shape: []int{1}, Data: []float32{float32(i)}, Domain: input.Domain{Max: 100}})
	}
	return inputs
}

// embedder gives an embedding beside another output, in memory that it uses again.
func embedder(of func(x float32) []float32) model.Predictor {
	return model.AnswerFunc("embedder", func(_ context.Context, batch []input.Input, dst []answer.Answer) ([]answer.Answer, error) {
		dst = slices.Grow(dst[:0], len(batch))[:len(batch)]
		for i, in := range batch {
			e := of(in.Data[0])
			dst[i] = answer.Answer{Scores: append(append(dst[i].Scores[:0], 7), e...), Outputs: []answer.Output{{Name: "score"}, {Name: "embedding", Shape: []int{len(e)}}}}
		}
		return dst, nil
	})
}

// A gallery of inputs is embedded by each model itself.
func ExampleVectors() {
	inputs := []input.Input{{Shape: []int{2}, Data: []float32{1, 2}, Domain: input.Domain{Max: 9}}, {Shape: []int{2}, Data: []float32{3, 0}, Domain: input.Domain{Max: 9}}}
	halves := model.Func("halves", func(_ context.Context, batch []input.Input) ([][]float32, error) {
		var rows [][]float32
		for _, in := range batch {
			rows = append(rows, []float32{in.Data[0] / 2, in.Data[1] / 2})
		}
		return rows, nil
	})
	fmt.Println(model.Must(model.Vectors(context.Background(), halves, inputs, "")))
	// Output: [[0.5 1] [1.5 0]]
}

func TestVectors(t *testing.T) {
	vectors, err := model.Vectors(t.Context(), embedder(func(x float32) []float32 { return []float32{x, -x} }), numbered(70), "embedding")
	if err != nil || len(vectors) != 70 {
		t.Fatalf("%d vectors, error %v", len(vectors), err)
	}
	for i, v := range vectors {
		if !slices.Equal(v, []float32{float32(i), -float32(i)}) {
			t.Errorf("vector %d is %v", i, v)
		}
	}
	outside := numbered(2)
	outside[1].Data[0] = 101
	for _, test := range []struct {
		p      model.Predictor
		inputs []input.Input
		output string
		says   string
		bad    bool
	}{
		{nil, numbered(1), "", "expected a model and at least one input", false},
		{embedder(func(float32) []float32 { return nil }), nil, "", "expected a model and at least one input", false},
		{embedder(func(float32) []float32 { return nil }), outside, "", `model "embedder", input 1: `, false},
		{embedder(func(float32) []float32 { return []float32{1} }), numbered(1), "", "input 0: bad scores: expected the name of an output, as there are several, found the outputs score [], embedding [1]", true},
		{embedder(func(float32) []float32 { return []float32{1} }), numbered(1), "vector", `expected the output "vector", found the outputs score [], embedding [1]`, true},
		{embedder(func(x float32) []float32 { return make([]float32, int(x)+1) }), numbered(3), "embedding", "input 1: bad scores: expected 1 numbers as of the first, found 2", true},
		{embedder(func(x float32) []float32 { return []float32{float32(math.Log(-float64(x)))} }), numbered(3), "embedding", "input 0: bad scores: expected finite numbers", true},
	} {
		_, err := model.Vectors(t.Context(), test.p, test.inputs, test.output)
		if err == nil || !strings.HasPrefix(err.Error(), "model: Vectors: ") || !strings.Contains(err.Error(), test.says) || errors.Is(err, model.ErrBadScores) != test.bad {
			t.Errorf("error %v; expected %q", err, test.says)
		}
	}
}

func TestGalleryOfSeeds(t *testing.T) {
	seeds := func(labels ...int) input.SeedList {
		var list input.SeedList
		for i, in := range numbered(len(labels)) {
			list = append(list, input.Seed{Input: in, Name: fmt.Sprintf("picture %d", i), Label: labels[i]})
		}
		return list
	}
	squares := embedder(func(x float32) []float32 { return []float32{x, x * x} })
	g, err := model.GalleryOf(t.Context(), squares, named{seeds(1, 0, 2), []string{"shirt", "coat"}}, "embedding")
	want := answer.Gallery{
		Vectors: [][]float32{{0, 0}, {1, 1}, {2, 4}}, Names: []string{"picture 0", "picture 1", "picture 2"}, Labels: []string{"coat", "shirt", "2"},
	}
	if diff := cmp.Diff(want, g); diff != "" || err != nil {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
	if g, err := model.GalleryOf(t.Context(), squares, seeds(-1, -1), "embedding"); err != nil || g.Labels != nil || len(g.Vectors) != 2 {
		t.Errorf("without labels: found %+v, %v", g, err)
	}
	for what, c := range map[string]struct {
		seeds input.Seeds
		want  string
	}{
		"none": {nil, "expected seeds as entries, found nil"}, "empty": {seeds(), "at least one input"},
		"some labels": {seeds(0, -1, 1), "expected a label of every entry or of none, found 2 of 3"},
		"unreadable":  {broken{seeds(0, 1)}, "entry 0: cannot be read"},
	} {
		if g, err := model.GalleryOf(t.Context(), squares, c.seeds, "embedding"); err == nil || !strings.Contains(err.Error(), c.want) || g.Vectors != nil {
			t.Errorf("%s: expected an error with %q, found %+v, %v", what, c.want, g, err)
		}
	}
}

// named are seeds with names of classes.
type named struct {
	input.SeedList
	classes []string
}

func (n named) ClassNames() []string { return n.classes }

// broken are seeds that cannot be read.
type broken struct{ input.SeedList }

func (broken) Seed(int) (input.Seed, error) { return input.Seed{}, errors.New("cannot be read") }
