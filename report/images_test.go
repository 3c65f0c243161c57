package report_test

import (
	"image"
	"image/color"
	"image/png"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/report"
)

func readPNG(t *testing.T, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// levels are the values of a picture, in the order of an input's data.
func levels(img image.Image, channels int) []float32 {
	var values []float32
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
			values = append(values, []float32{float32(c.R), float32(c.G), float32(c.B)}[:channels]...)
		}
	}
	return values
}

func TestPicturesOfATrigger(t *testing.T) {
	grey := sampleTrigger(1)
	colour := triggerFrom(gradient(9, 14, 3, 0), 0)
	flat := gradient(9, 14, 1, 0)
	flat.Shape = flat.Shape[:2]
	for _, test := range []struct {
		reason   string
		trigger  *engine.Trigger
		channels int
	}{{"grey", grey, 1}, {"colour", colour, 3}, {"grey, of rank 2", triggerFrom(flat, 0), 1}} {
		t.Run(test.reason, func(t *testing.T) {
			dir := save(t, openStore(t), test.trigger)
			seed, trigger := test.trigger.Seed, test.trigger.Input
			seedPicture, triggerPicture := readPNG(t, filepath.Join(dir, "seed.png")), readPNG(t, filepath.Join(dir, "trigger.png"))
			heat := readPNG(t, filepath.Join(dir, "diff.png"))
			if size := seedPicture.Bounds().Size(); size.X != seed.Shape[1] || size.Y != seed.Shape[0] {
				t.Fatalf("size %v, expected that of the shape %v", size, seed.Shape)
			}
			for i, v := range levels(seedPicture, test.channels) {
				if v != seed.Data[i] {
					t.Fatalf("seed.png: value %d is %g, expected %g", i, v, seed.Data[i])
				}
			}
			for i, v := range levels(triggerPicture, test.channels) {
				if v != trigger.Data[i] {
					t.Fatalf("trigger.png: value %d is %g, expected %g", i, v, trigger.Data[i])
				}
			}
			for i := 0; i < len(seed.Data); i += test.channels {
				most := 0.0
				for c := range test.channels {
					most = max(most, math.Abs(float64(trigger.Data[i+c]-seed.Data[i+c])))
				}
				x, y := i/test.channels%seed.Shape[1], i/test.channels/seed.Shape[1]
				if got, want := color.NRGBAModel.Convert(heat.At(x, y)), colourOf(most); got != want {
					t.Fatalf("diff.png: %d, %d is %v, expected %v for a change of %g", x, y, got, want, most)
				}
			}
		})
	}
}

// The largest change there is leaves the range of a picture's levels, and must not wrap around.
func TestDifferenceIsClamped(t *testing.T) {
	seed := input.Input{Shape: []int{3, 3}, Kind: input.Image, Domain: input.Bytes, Data: []float32{0, 255, 7, 7, 7, 7, 7, 7, 7}}
	trigger := triggerFrom(seed, 1)
	trigger.Input = seed.Clone()
	trigger.Input.Data[0], trigger.Input.Data[1] = 255, 0
	trigger.ID = trigger.Input.ID()
	dir := save(t, openStore(t), trigger)
	heat := readPNG(t, filepath.Join(dir, "diff.png"))
	at := func(x int) color.Color { return color.NRGBAModel.Convert(heat.At(x, 0)) }
	if most := report.HeatScale()[15].Colour; at(0) != most || at(1) != most || at(2) != (color.NRGBA{255, 255, 255, 255}) {
		t.Errorf("%v, %v and %v, expected %v twice and white", at(0), at(1), at(2), most)
	}
}

// colourOf is the colour of a change by the published scale.
func colourOf(change float64) color.Color {
	steps := report.HeatScale()
	if change == 0 {
		return steps[0].Colour
	}
	at := 1
	for i, s := range steps[1:] {
		if change >= s.Least {
			at = 1 + i
		}
	}
	return steps[at].Colour
}

// One map can be read beside another: a change has one colour, whatever else changed, and a greater one is never lighter.
func TestHeatMapsHaveOneScale(t *testing.T) {
	seed := input.Input{Shape: []int{16, 16}, Kind: input.Image, Domain: input.Bytes, Data: make([]float32, 256)}
	all, few := seed.Clone(), seed.Clone()
	for i := range all.Data {
		all.Data[i] = float32(i)
	}
	few.Data[3] = 3
	map1, greatest1 := report.HeatMap(seed, all)
	map2, greatest2 := report.HeatMap(seed, few)
	if greatest1 != 255 || greatest2 != 3 {
		t.Errorf("greatest changes %g and %g, expected 255 and 3", greatest1, greatest2)
	}
	if map1.Pix[3] != map2.Pix[3] || map2.Pix[3] == 0 {
		t.Errorf("a change of 3 has levels %d and %d", map1.Pix[3], map2.Pix[3])
	}
	for i := 1; i < 256; i++ {
		if map1.Pix[i] < map1.Pix[i-1] {
			t.Errorf("level %d for a change of %d, %d for one less", map1.Pix[i], i, map1.Pix[i-1])
		}
	}
	if map1.Pix[0] != 0 || map1.Pix[255] != 15 {
		t.Errorf("levels %d to %d, expected 0 to 15", map1.Pix[0], map1.Pix[255])
	}
	light := func(c color.NRGBA) int { return 299*int(c.R) + 587*int(c.G) + 114*int(c.B) }
	steps := report.HeatScale()
	for i := range steps[1:] {
		if light(steps[i+1].Colour) >= light(steps[i].Colour) {
			t.Errorf("step %d is no darker than the one before: %v, %v", i+1, steps[i+1].Colour, steps[i].Colour)
		}
	}
}

func TestPicturesOfAnotherDomain(t *testing.T) {
	seed := input.Input{Shape: []int{3, 3, 1}, Kind: input.Image, Domain: input.Domain{Min: -1, Max: 1}, Data: []float32{-1, -0.5, 0, 0.5, 1, 0, 0, 0, 0}}
	dir := save(t, openStore(t), triggerFrom(seed, 1))
	got := levels(readPNG(t, filepath.Join(dir, "seed.png")), 1)
	for i, want := range []float32{0, 64, 128, 191, 255} {
		if got[i] != want {
			t.Errorf("value %g is shown as %g, expected %g", seed.Data[i], got[i], want)
		}
	}
}

// hard triggers are those that a layout may fail for.
func hardTriggers() map[string]*engine.Trigger {
	long := strings.Repeat("a very long name, with ünïcödé and\nline\tbreaks ", 12)
	all := map[string]*engine.Trigger{
		"grey":             sampleTrigger(1),
		"colour":           triggerFrom(gradient(32, 32, 3, 1), 1),
		"large":            triggerFrom(gradient(300, 450, 3, 1), 1),
		"tall and thin":    triggerFrom(gradient(400, 3, 1, 1), 1),
		"flat and wide":    triggerFrom(gradient(3, 400, 1, 1), 1),
		"long name":        sampleTrigger(1),
		"one long word":    sampleTrigger(1),
		"long history":     sampleTrigger(1),
		"logits":           sampleTrigger(1),
		"two classes":      sampleTrigger(1),
		"the same label":   sampleTrigger(1),
		"the seed itself":  sampleTrigger(1),
		"unlabelled":       sampleTrigger(1),
		"nothing but NaNs": sampleTrigger(1),
		"not finite":       notFiniteTrigger(1),
	}
	all["long name"].SeedName = long
	all["one long word"].SeedName = strings.Repeat("W", 500)
	for i := range 300 {
		all["long history"].History = append(all["long history"].History, []string{"gaussian-noise", "average-blur", "contrast"}[i*i%7%3])
	}
	logits := all["logits"]
	logits.Original.Scores, logits.OriginalConfidence = []float32{-12.5, 1234.567, 3, 2}, 1234.567
	logits.Compressed.Scores, logits.CompressedConfidence = []float32{-1e30, 0, 1e30, 2}, 1e30
	two := all["two classes"]
	two.Original.Scores, two.Compressed.Scores, two.OriginalLabel, two.CompressedLabel = []float32{0.75, 0.25}, []float32{0.25, 0.75}, 0, 1
	all["the same label"].CompressedLabel = 1
	self := all["the seed itself"]
	self.Input, self.ID, self.History, self.Queries = self.Seed, self.SeedID, nil, 0
	self.Distance = distance.DistanceBetween(self.Seed, self.Seed)
	all["unlabelled"].SeedLabel, all["unlabelled"].SeedName = input.Unlabelled, ""
	nan := all["nothing but NaNs"]
	fillNaN(nan)
	return all
}

func TestNothingIsCutOff(t *testing.T) {
	longNames := []string{"short", strings.Repeat("a class of many words ", 10), strings.Repeat("M", 300), ""}
	inMargin := func(name string, img image.Image, ok bool) {
		t.Helper()
		if !ok {
			t.Fatalf("%s: not drawn", name)
		}
		if x, y, ok := ink(img, 24); ok {
			t.Errorf("%s: something is drawn in the margin, at %d, %d", name, x, y)
		}
		keep(t, img, name)
	}
	hard := hardTriggers()
	reasons := slices.Sorted(maps.Keys(hard))
	var all []*engine.Trigger
	for _, reason := range reasons {
		all = append(all, hard[reason])
	}
	plain, long := sampleReport(all...), sampleReport(all...)
	long.Pair, long.Strategy = strings.Repeat("pair ", 50), strings.Repeat("W", 500)
	long.Original.File = strings.Repeat("model", 90) + ".onnx"
	for _, test := range []struct {
		name   string
		report *engine.Report
		names  []string
	}{{"with class names", plain, classNames}, {"with long names", long, longNames}, {"without class names", plain, nil}} {
		options := report.Options{ClassNames: test.names, Rows: len(all)}
		sheet, ok := report.Sheet(test.report, options)
		inMargin("sheet "+test.name, sheet, ok)
		context := report.ContextOf(test.report)
		context.ClassNames = test.names
		for i, trigger := range all {
			card, ok := report.Card(trigger, context)
			inMargin("card "+test.name+", "+reasons[i], card, ok)
		}
	}
}

// ink finds a pixel of the margin that is not white.
func ink(img image.Image, margin int) (x, y int, found bool) {
	b := img.Bounds()
	inner := b.Inset(margin)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if (image.Point{X: x, Y: y}).In(inner) {
				x = inner.Max.X - 1
			} else if !isInk(img.At(x, y), color.White) {
				return x, y, true
			}
		}
	}
	return 0, 0, false
}

func isInk(c, want color.Color) bool {
	r, g, b, _ := c.RGBA()
	wr, wg, wb, _ := want.RGBA()
	return r == wr && g == wg && b == wb
}

// keep writes a picture into the folder that the variable names, to be looked at.
func keep(t *testing.T, img image.Image, name string) {
	t.Helper()
	dir := os.Getenv("TRIGGERFINDER_REPORT_TEST_PICTURES")
	if dir == "" {
		return
	}
	f, err := os.Create(filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+".png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
}

func TestSheetRows(t *testing.T) {
	height := func(triggers, rows int) int {
		sheet, ok := report.Sheet(sampleReport(sampleTriggers(triggers)...), report.Options{Rows: rows})
		if !ok {
			t.Fatal("no sheet")
		}
		return sheet.Bounds().Dy()
	}
	one := height(1, 0)
	row := height(2, 0) - one
	for _, test := range []struct{ triggers, rows, want int }{{2, 1, 1}, {5, 0, 5}, {9, 0, 8}, {12, 10, 10}, {3, 10, 3}} {
		if got := 1 + (height(test.triggers, test.rows)-one)/row; got != test.want {
			t.Errorf("%d triggers, at most %d rows: %d rows, expected %d", test.triggers, test.rows, got, test.want)
		}
	}
}

func TestModelsHaveTheirColours(t *testing.T) {
	card, _ := report.Card(sampleTrigger(1), sampleContext)
	count := map[color.Color]int{}
	for y := range card.Bounds().Dy() {
		for x := range card.Bounds().Dx() {
			count[card.At(x, y)]++
		}
	}
	for name, c := range map[string]color.RGBA{"original": {0x1b, 0x66, 0xc9, 0xff}, "compressed": {0xd9, 0x5f, 0x0e, 0xff}} {
		if count[c] < 1000 {
			t.Errorf("%s: %d pixels of its colour, expected a bar", name, count[c])
		}
	}
}

func TestNoPictureOfWhatIsNoImage(t *testing.T) {
	sound := input.Input{Shape: []int{64}, Domain: input.Bytes, Data: make([]float32, 64)}
	trigger := triggerFrom(sound, 1)
	if _, ok := report.Sheet(sampleReport(trigger), report.Options{}); ok {
		t.Error("a sheet of sounds")
	}
	if _, ok := report.Card(trigger, sampleContext); ok {
		t.Error("a card of a sound")
	}
	if _, ok := report.Sheet(sampleReport(), report.Options{}); ok {
		t.Error("a sheet without triggers")
	}
	loaded := sampleTrigger(1)
	loaded.Seed, loaded.Input = input.Input{}, input.Input{}
	if _, ok := report.Sheet(sampleReport(loaded), report.Options{}); ok {
		t.Error("a sheet of a loaded report, which has no inputs")
	}
}
