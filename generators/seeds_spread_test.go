package generators_test

import (
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// labelledBytes are seeds whose values are their positions.
func labelledBytes(t *testing.T, labels ...int) input.SeedList {
	t.Helper()
	seeds := numbered(t, len(labels))
	for i, label := range labels {
		seeds[i].Label = label
	}
	return seeds
}

// unreadable are seeds of which the second cannot be read.
type unreadable struct{ input.SeedList }

func (u unreadable) Seed(i int) (input.Seed, error) {
	if i == 1 {
		return input.Seed{}, errors.New("damaged")
	}
	return u.SeedList.Seed(i)
}

func TestSpread(t *testing.T) {
	for _, test := range []struct {
		name string
		src  input.Seeds
		n    int
		want []int // positions
		note string
	}{
		{"sorted", labelledBytes(t, 0, 0, 0, 1, 1, 2), 4, []int{0, 3, 5, 1}, "4 of 6 seeds are taken, spread over 3 classes in turn"},
		{"sorted, few", labelledBytes(t, 0, 0, 0, 1, 1, 2), 2, []int{0, 3}, "2 of 6 seeds are taken, spread over 2 classes in turn"},
		{"in any order of labels", labelledBytes(t, 2, 2, 0, 0, -1, -1), 5, []int{4, 2, 0, 5, 3}, "5 of 6 seeds are taken, spread over 3 classes in turn"},
		{"all", labelledBytes(t, 0, 0, 1), 3, []int{0, 1, 2}, ""},
		{"more than all", labelledBytes(t, 0, 0, 1), 9, []int{0, 1, 2}, ""},
		{"none", labelledBytes(t, 0, 0, 1), -1, nil, ""},
		{"mixed", labelledBytes(t, 0, 1, 0, 1), 2, []int{0, 1}, ""},
		{"mixed, one class first", labelledBytes(t, 0, 0, 1, 0), 2, []int{0, 1}, ""},
		{"one class", labelledBytes(t, 3, 3, 3), 2, []int{0, 1}, ""},
		{"without labels", generators.WithoutLabels(labelledBytes(t, 0, 0, 1)), 2, []int{0, 1}, ""},
		{"other labels", model.Must(generators.Labelled(labelledBytes(t, 0, 0, 0), []int{0, 0, 1})), 2, []int{0, 2}, "2 of 3 seeds are taken, spread over 2 classes in turn"},
		{"a part", generators.Every(labelledBytes(t, 0, 0, 0, 0, 1, 1), 2), 2, []int{0, 4}, "2 of 3 seeds are taken, spread over 2 classes in turn"},
		{"unreadable ones", unreadable{labelledBytes(t, 0, 0, 1, 1)}, 3, []int{0, 2, -1}, "3 of 4 seeds are taken, spread over 2 classes in turn"},
	} {
		spread := generators.Spread(test.src, test.n)
		var got []int
		for i := range spread.Len() {
			if seed, err := spread.Seed(i); err == nil {
				got = append(got, int(seed.Input.Data[0]))
			} else {
				got = append(got, -1)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: positions %v; expected %v", test.name, got, test.want)
		}
		want := []string{test.note}
		if test.note == "" {
			want = nil
		}
		if notes := input.NotesOf(spread); !slices.Equal(notes, want) {
			t.Errorf("%s: notes %q; expected %q", test.name, notes, want)
		}
		wantIndexErrors(t, spread)
	}
}

// Files know their labels without reading all seeds, and give the same.
func TestSpreadOfFiles(t *testing.T) {
	dir := t.TempDir()
	var records []byte
	for _, label := range []byte{0, 0, 0, 4, 4, 9} {
		records = append(append(records, label), make([]byte, 3072)...)
	}
	path := writeFile(t, records, dir, "data.bin")
	src := model.Must(generators.CIFAR10(path, path))
	if labels := labelsOf(t, generators.Spread(model.Must(generators.CIFAR10(path)), 4)); !slices.Equal(labels, []int{0, 4, 9, 0}) {
		t.Errorf("labels %v", labels)
	}
	if labels := labelsOf(t, generators.Spread(src, 4)); !slices.Equal(labels, []int{0, 0, 0, 4}) {
		t.Errorf("labels of two files %v", labels)
	}
	if err := os.Truncate(path, 100); err != nil {
		t.Fatal(err)
	}
	if n := generators.Spread(src, 4).Len(); n != 4 { // the error is that of each seed
		t.Errorf("%d seeds", n)
	}
}
