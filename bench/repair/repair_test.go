package main

import (
	"archive/zip"
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/repair"
	"github.com/triggerfinder/triggerfinder/zoo"
)

// toyEntry has a figure of each kind.
func toyEntry(pair string) *entry {
	e := &entry{Pair: pair, Task: "mnist", Runtime: "ONNX Runtime 1", Selector: &selectorEntry{Date: "2026-01-02", Budget: 100}}
	for i, by := range searchers() {
		e.Selector.Searches = append(e.Selector.Searches, searched{Strategy: by.name, Seeds: 10, Found: 9, Training: 4, HeldOut: 5, HeldOutSeeds: 5, HeldOutQueries: 3.5})
		for _, limit := range limits {
			for _, kind := range []string{both, searchers()[0].name, searchers()[1].name} {
				e.Selector.Selectors = append(e.Selector.Selectors, selectorRow{TrainedOn: kind, TestedOn: by.name, Limit: limit, Measured: repair.Measured{
					Triggers: 5, Mended: 1 + 2*i, Clean: 200, Asked: 3, AgreeingBefore: 190, AgreeingAfter: 195, Labelled: 200, RightOriginal: 199, RightBefore: 197, RightAfter: 198,
				}})
			}
			for _, b := range baselines {
				e.Selector.Baselines = append(e.Selector.Baselines, baselineRow{Method: b.name, TestedOn: by.name, Limit: limit, Triggers: 5, Mended: 2, Clean: 200, Asked: 4})
			}
		}
		e.Selector.Again = append(e.Selector.Again, againRow{Strategy: by.name, Limit: 0.01, Seeds: 5, Found: 0, Queries: 100, FoundBefore: 5, QueriesBefore: 3})
		e.Selector.Curves = append(e.Selector.Curves, curve{"selector", by.name, [][2]float64{{0, 10}, {0.5, 60}, {10, 100}}}, curve{"margin", by.name, [][2]float64{{0.5, 50}, {10, 90}}})
	}
	for _, name := range []string{"without-triggers", "with-triggers"} {
		e.keep(&mendedEntry{Name: name, Date: "2026-01-03", Budget: 100, Clean: 10, AgreeingBefore: 8, AgreeingAfter: 9, RightOriginal: 9, RightBefore: 7, RightAfter: 8,
			Rows: []mendedRow{{Strategy: "Boundary", Training: 4, TrainingHealed: 3, HeldOut: 5, HeldOutHealed: 2, Seeds: 5, FoundBefore: 5, FoundAfter: 4, QueriesBefore: 2, QueriesAfter: 3}}})
	}
	return e
}

func TestPage(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"lenet5-pruned", "lenet1-int8"} { // each as a run of its own
		all, err := load(dir)
		if err != nil {
			t.Fatal(err)
		}
		*all.of(zoo.Pair{Name: name, Task: "mnist"}) = *toyEntry(name)
		if err := all.save(dir); err != nil {
			t.Fatal(err)
		}
	}
	all, err := load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(all.Entries) != 2 || all.Entries[0].Pair != "lenet1-int8" || len(all.Entries[1].Mended) != 2 {
		t.Fatalf("%+v", all.Entries)
	}
	if err := all.write(dir); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "repair.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"- At most 1 % asked: 20.0 % to 60.0 % of the held-out deviations are mended, by pair and strategy; below 48.48 % in 2 cases.",
		"| lenet1-int8 | Boundary | 9/10 | 8 | 5 | 60.0 | 60.0 | 60.0 | 60.0 |",
		"| lenet1-int8 | TriggerFinder | 20.0 (1.5) | 40.0 (2.0) | 40.0 (2.0) |",
		"| lenet5-pruned | 5 % | 1.50 | 98.50 | 95.00 | 97.50 | 99.50 | 98.50 | 99.00 |",
		"| lenet5-pruned | Boundary | 5 | 5 | 3 | 0 | 100 | - | - | - | - |",
		"| lenet1-int8 | without-triggers | Boundary | 3 of 4 (75.0 %) | 2 of 5 (40.0 %) | 5 | 5 | 4 | 2 | 3 |",
		"| lenet1-int8 | with-triggers | 80.00 | 90.00 | 90.00 | 70.00 | 80.00 |",
		"python mend.py --data DIR/data --triggers TRIGGERS --out without-triggers --without-triggers)",
		"](images/repair.png)",
		"finds new triggers. Measured on 2026-01-03, by the searches of that time.",
	} {
		if !strings.Contains(string(data), want) {
			t.Errorf("expected %q in\n%s", want, data)
		}
	}
	for _, file := range []string{"repair-selector.csv", "repair-baselines.csv", "repair-clean.csv", "repair-again.csv", "repair-mended.csv", "images/repair.png"} {
		if info, err := os.Stat(filepath.Join(dir, file)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestBaselinesAndCurves(t *testing.T) {
	sure, unsure := []float32{0.98, 0.01, 0.01}, []float32{0.5, 0.4, 0.1}
	for _, b := range baselines {
		if b.doubt(unsure) <= b.doubt(sure) {
			t.Errorf("%s doubts what is sure", b.name)
		}
	}
	answers := func(scores ...[]float32) []repair.Answers {
		var list []repair.Answers
		for range 1000 / len(scores) {
			for _, s := range scores {
				list = append(list, repair.Answers{Compressed: s})
			}
		}
		return list
	}
	c := curveOf("margin", "Boundary", baselines[1].doubt, answers(unsure, sure), answers(sure, sure, sure, sure))
	first, last := c.Points[0], c.Points[len(c.Points)-1]
	if first != [2]float64{0, 50} || last != [2]float64{0, 50} {
		t.Errorf("%v; expected that half of the triggers are told from clean inputs at no cost", c.Points)
	}
}

func TestMeanQueriesCountsFailuresAsTheBudget(t *testing.T) {
	if q := meanQueries([]*engine.Trigger{{Queries: 2}, {Queries: 4}}, 4, 100); q != 51.5 {
		t.Errorf("%g, expected 51.5", q)
	}
}

func TestCIFARArchive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cifar.zip")
	write := func(classes []string) {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for c, class := range classes {
			for n, name := range []string{"0001.jpg", "0000.jpg"} {
				picture := image.NewRGBA(image.Rect(0, 0, 32, 32))
				for i := range 32 * 32 {
					picture.Set(i%32, i/32, color.RGBA{uint8(20 * c), uint8(100 * n), 0, 255})
				}
				f := model.Must(w.Create("test/" + class + "/" + name))
				if err := jpeg.Encode(f, picture, nil); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write(cifarClasses)
	seeds, err := openCIFAR(path)
	if err != nil || seeds.Len() != 20 {
		t.Fatalf("%v, %v; expected 20 images", seeds, err)
	}
	seed := model.Must(seeds.Seed(13)) // the second image of class 3
	if seed.Label != 3 || seed.Name != "test/cat/0001.jpg" || seed.Input.Validate() != nil || seed.Input.Shape[2] != 3 || seed.Input.Data[0] < 50 || seed.Input.Data[1] > 10 {
		t.Errorf("%d, %s, %v", seed.Label, seed.Name, seed.Input.Data[:3])
	}
	write(cifarClasses[:9])
	if _, err := openCIFAR(path); err == nil || !strings.Contains(err.Error(), "expected as many images of class truck as of airplane, found 0 and 2") {
		t.Errorf("got error %v", err)
	}
}

func TestMisuse(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{nil, "-data: expected a folder"},
		{[]string{"-data", "x", "more"}, `expected flags only, found "more"`},
		{[]string{"-data", "x", "-budget", "0"}, "-budget and -again: expected 1 or more"},
		{[]string{"-data", "x", "-mended", t.TempDir()}, "expected models PAIR.onnx, found none"},
		{[]string{"-data", "x", "-mended", "y", "-export", "z"}, "expected one of them at most"},
		{[]string{"-data", "x", "-pairs", "lenet9"}, `found "lenet9"`},
		{[]string{"-data", t.TempDir(), "-out", t.TempDir(), "-pairs", "lenet1-int8"}, "t10k-images-idx3-ubyte.gz"},
	} {
		if err := run(context.Background(), test.args, io.Discard); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got error %v, expected %q", test.args, err, test.want)
		}
	}
}
