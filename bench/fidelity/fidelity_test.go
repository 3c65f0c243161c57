package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/bench/page"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// brightness tells bright images from dark ones.
func brightness(name string, threshold float32) model.Predictor {
	return model.Func(name, func(_ context.Context, batch []input.Input) ([][]float32, error) {
		var scores [][]float32
		for _, in := range batch {
			var sum float32
			for _, v := range in.Data {
				sum += v
			}
			bright := min(max(0.5+(sum/float32(len(in.Data))-threshold)/255, 0), 1)
			scores = append(scores, []float32{1 - bright, bright})
		}
		return scores, nil
	})
}

// toy is a pair that deviates on images of medium brightness, with four seeds.
func toy(name string, authors *authorsFigures) subject {
	return subject{name: name, authors: authors, open: func() (*model.Pair, input.Seeds, error) {
		var images [][]uint8
		for _, level := range []int{60, 80, 180, 200} {
			image := make([]uint8, 36)
			for i := range image {
				image[i] = uint8(level + i)
			}
			images = append(images, image)
		}
		seeds, err := generators.FromBytes([]int{6, 6, 1}, images, nil)
		if err != nil {
			return nil, nil, err
		}
		pair, err := model.NewPair(name, brightness("original", 125), brightness("compressed", 165))
		return pair, seeds, err
	}}
}

func TestTables(t *testing.T) {
	figures := &authorsFigures{released: row{median: 75, mean: 104, p90: 182, max: 945}, uniform: row{median: 71}}
	all := []subject{toy("theirs", figures), toy("ours", nil)}
	o := options{seeds: 4, randomSeeds: 2, limit: 5000, fixturesLimit: 4000}
	dir := filepath.Join(t.TempDir(), "results")
	for _, s := range []subject{all[1], all[0], all[1]} { // each time as a run of its own
		var results results
		if err := results.load(dir); err != nil {
			t.Fatal(err)
		}
		rows, err := measure(t.Context(), s, o, &results, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		results.replace(s.name, rows, all)
		if err := results.save(dir); err != nil {
			t.Fatal(err)
		}
	}

	text := read(t, filepath.Join(dir, markdownFile))
	for _, want := range []string{
		"## Beside the authors' own code",
		"| theirs | as released | 5,000 | ",
		"| theirs | authors' code, released | – | 100/100 | 75 | 104 | 182 | 945 | – | – | – |",
		"| theirs | as published | 5,000 | 8/8 | ",
		"| ours | as published | 4,000 | 4/4 | ",
		"go run ./fidelity -data DIR -seeds 4 -random-seeds 2 -pairs theirs -limit 5000\n" +
			"go run ./fidelity -seeds 4 -pairs ours -fixtures-limit 4000\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("expected a line %q, found\n%s", want, text)
		}
	}
	data := read(t, filepath.Join(dir, csvFile))
	rows, err := fromCSV([]byte(data))
	if err != nil {
		t.Fatal(err)
	}
	if want := 5 + 3 + 2; len(rows) != want { // parts 1, 2 and 3
		t.Errorf("expected %d rows, found %d", want, len(rows))
	}
	if again := string(toCSV(rows)); again != data {
		t.Errorf("expected the same file from rows that were read back, found\n%s\ninstead of\n%s", again, data)
	}
	rows[len(rows)-1].machine = "a clock"
	mixed := results{rows: rows}
	if want := ", on " + page.Machine() + " and a clock, with "; !strings.Contains(mixed.explanation(), want) {
		t.Errorf("expected %q, found\n%s", want, mixed.explanation())
	}
	if !slices.IsSortedFunc(rows, func(a, b row) int { return int(a.part) - int(b.part) }) {
		t.Errorf("expected part after part, found\n%s", data)
	}
}

func TestOptions(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"-seeds", "0"}, "-seeds: expected 1 or more, found 0"},
		{[]string{"lenet1"}, `expected flags only, found "lenet1"`},
		{[]string{"-pairs", "lenet1"}, `found "lenet1"`}, // needs -data
	} {
		err := run(t.Context(), append([]string{"-out", t.TempDir()}, test.args...), io.Discard)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: expected an error with %q, found %v", test.args, test.want, err)
		}
	}
	if err := run(t.Context(), []string{"-help"}, io.Discard); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-help: expected flag.ErrHelp, found %v", err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
