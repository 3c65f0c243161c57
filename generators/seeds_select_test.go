package generators_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
)

// numbered are n seeds of one value, their number, which is also their label.
func numbered(t *testing.T, n int) input.SeedList {
	t.Helper()
	data, labels := make([][]uint8, n), make([]int, n)
	for i := range n {
		data[i], labels[i] = []uint8{uint8(i)}, i
	}
	seeds, err := generators.FromBytes([]int{1}, data, labels)
	if err != nil {
		t.Fatal(err)
	}
	return seeds
}

func labelsOf(t *testing.T, src input.Seeds) []int {
	t.Helper()
	_, labels := seedNames(t, src)
	wantIndexErrors(t, src)
	return labels
}

func TestSelections(t *testing.T) {
	seeds := numbered(t, 7)
	tests := []struct {
		name string
		src  input.Seeds
		want []int
	}{
		{"first", generators.First(seeds, 3), []int{0, 1, 2}},
		{"first of fewer", generators.First(seeds, 9), []int{0, 1, 2, 3, 4, 5, 6}},
		{"first of none", generators.First(seeds, -1), nil},
		{"every third", generators.Every(seeds, 3), []int{0, 3, 6}},
		{"every seventh", generators.Every(seeds, 7), []int{0}},
		{"every one", generators.Every(seeds, 0), []int{0, 1, 2, 3, 4, 5, 6}},
		{"every huge", generators.Every(seeds, 1<<62), []int{0}},
		{"nested", generators.First(generators.Every(seeds, 2), 2), []int{0, 2}},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, labelsOf(t, test.src)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestShuffled(t *testing.T) {
	seeds := numbered(t, 50)
	order := func(randomSeed uint64) []int { return labelsOf(t, generators.Shuffled(seeds, randomSeed)) }
	if !slices.Equal(order(1), order(1)) {
		t.Error("expected the same order for the same random seed")
	}
	if slices.Equal(order(1), order(2)) || slices.IsSorted(order(1)) {
		t.Error("expected another order for another random seed")
	}
	sorted := order(3)
	slices.Sort(sorted)
	if diff := cmp.Diff(labelsOf(t, seeds), sorted); diff != "" {
		t.Errorf("expected every seed once (-want +got):\n%s", diff)
	}
}

func TestLabelled(t *testing.T) {
	seeds := numbered(t, 3)
	labels := []int{5, -1, 7}
	src, err := generators.Labelled(seeds, labels)
	if err != nil {
		t.Fatal(err)
	}
	labels[0] = 99
	if diff := cmp.Diff([]int{5, -1, 7}, labelsOf(t, src)); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	_, err = generators.Labelled(seeds, []int{1})
	wantError(t, err, "labels: expected 3 labels, one a seed, found 1")
	_, err = generators.Labelled(seeds, []int{1, -2, 3})
	wantError(t, err, "labels: label 1: expected a class index")
}

func TestFromSlices(t *testing.T) {
	data := [][]uint8{{1, 2}, {3, 4}}
	seeds, err := generators.FromBytes([]int{1, 2, 1}, data, nil)
	if err != nil {
		t.Fatal(err)
	}
	data[0][0] = 9
	wantSeed(t, seeds, 0, bytesSeed("input[0]", -1, []int{1, 2, 1}, 1, 2))

	inputs := []input.Input{{Shape: []int{2}, Data: []float32{0, 0.5}, Domain: unit}}
	seeds, err = generators.FromInputs(inputs, []int{4})
	if err != nil {
		t.Fatal(err)
	}
	inputs[0].Data[0] = 1
	wantSeed(t, seeds, 0, input.Seed{Input: input.Input{Shape: []int{2}, Data: []float32{0, 0.5}, Domain: unit}, Label: 4, Name: "input[0]"})

	_, err = generators.FromBytes([]int{1, 2, 1}, [][]uint8{{1, 2}, {3}}, nil)
	wantError(t, err, "generators: input 1: shape [1 2 1]: expected 2 values, found 1")
	_, err = generators.FromBytes([]int{1}, nil, nil)
	wantError(t, err, "expected at least one input")
	_, err = generators.FromInputs(inputs, []int{1, 2})
	wantError(t, err, "expected 1 labels, one a seed, found 2")
	_, err = generators.FromInputs([]input.Input{{Shape: []int{1}, Data: []float32{2}, Domain: unit}}, nil)
	wantError(t, err, "input 0: value 2 at index 0")
}
