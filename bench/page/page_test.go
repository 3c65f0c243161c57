package page

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestATableIsMarkdownAndCSV(t *testing.T) {
	table := Table{File: "t.csv", Columns: []string{"pair", "mean"}, Labels: 1}
	table.Add("lenet5, int8", Number(2.50, 1))
	table.Add("rescnn", 7)
	if want, got := "| pair | mean |\n| --- | ---: |\n| lenet5, int8 | 2.5 |\n| rescnn | 7 |\n", table.Markdown(); got != want {
		t.Errorf("got\n%sexpected\n%s", got, want)
	}
	if want, got := "pair,mean\n\"lenet5, int8\",2.5\nrescnn,7\n", string(table.CSV()); got != want {
		t.Errorf("got\n%sexpected\n%s", got, want)
	}
	table.Demand(true, "rescnn", "mean", 7, 1)
	table.Demand(false, "lenet5", "mean", 2.55, 1)
	if len(table.Missed) != 1 || !strings.HasPrefix(table.Missed[0], "lenet5: mean 2.5") {
		t.Errorf("missed %q, expected lenet5 alone", table.Missed)
	}
}

func TestCells(t *testing.T) {
	for got, want := range map[string]string{
		Number(3, 1): "3", Number(3, 2): "3.00", Number(math.NaN(), 1): "–",
		Percent(0.985): "98.5 %", Percent(1): "100 %", Percent(math.NaN()): "–",
		Times(12.34): "12.3x", Times(math.Inf(1)): "–",
	} {
		if got != want {
			t.Errorf("got %q, expected %q", got, want)
		}
	}
	if got := Significant(12345, 2); got != 12000 {
		t.Errorf("12345 to two digits is %g", got)
	}
}

func TestPicturesStandWithTheirSection(t *testing.T) {
	dir := t.TempDir()
	pictures := NewPictures(dir)
	for _, p := range []Picture{{"first", "a.png", "A", "Shows a."}, {"second", "b.png", "B", "Shows b."}} {
		if err := pictures.Add(p, []byte(p.File), nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := pictures.Add(Picture{"first", "none.png", "", ""}, nil, nil); err != nil {
		t.Error(err)
	}
	if err := pictures.Add(Picture{"first", "c.png", "", ""}, nil, errors.New("too narrow")); err == nil || err.Error() != "c.png: too narrow" {
		t.Errorf("got %v, expected the file and the reason", err)
	}
	if want, got := "\n![B](images/b.png)\n\nShows b.\n", pictures.Of("second"); got != want {
		t.Errorf("got %q, expected %q", got, want)
	}
	if got := pictures.Of("first"); strings.Contains(got, "none.png") || strings.Contains(got, "c.png") {
		t.Errorf("a picture that there is not is shown: %q", got)
	}
	data, err := os.ReadFile(filepath.Join(dir, "images", "b.png"))
	if err != nil || string(data) != "b.png" {
		t.Errorf("the file holds %q, %v", data, err)
	}
}

func TestDistinct(t *testing.T) {
	given := []string{"b", "", "a", "b"}
	if got := Distinct(given); !slices.Equal(got, []string{"a", "b"}) || given[0] != "b" {
		t.Errorf("expected a and b, and the values as they were, found %q and %q", got, given)
	}
}
