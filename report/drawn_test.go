package report_test

import (
	"image"
	"image/color"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

var shapes = []string{"circle", "square"}

// grey is a picture of one grey, with one pixel of another.
func grey(t *testing.T, height, width int, level, first uint8) input.Input {
	t.Helper()
	values := slices.Repeat([]uint8{level}, height*width*3)
	values[0] = first
	return model.Must(input.NewImage(height, width, 3, values))
}

// found is an answer of boxes: corners, score and class.
func found(boxes ...[6]float32) answer.Answer {
	a := answer.Answer{Scores: answer.Scores{}, Outputs: []answer.Output{{Name: "boxes", Shape: []int{len(boxes), 6}}}}
	for _, b := range boxes {
		a.Scores = append(a.Scores, b[:]...)
	}
	return a
}

// judgedBy makes a trigger of answers.
func judgedBy(t *testing.T, oracle answer.Oracle, seed, trigger input.Input, o, c answer.Answer) *engine.Trigger {
	t.Helper()
	tr := &engine.Trigger{
		Seed: seed, Input: trigger, SeedID: seed.ID(), ID: trigger.ID(), SeedLabel: input.Unlabelled, Original: o, Compressed: c, Oracle: oracle.String(), Queries: 3,
		Labels: answer.Labels{OriginalLabel: answer.NoLabel, CompressedLabel: answer.NoLabel, Deviation: answer.DeviationOf(oracle, o, c)},
	}
	return tr
}

// count counts the pixels of a colour.
func count(img image.Image, want color.RGBA) (n int) {
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if r, g, b, _ := img.At(x, y).RGBA(); uint8(r>>8) == want.R && uint8(g>>8) == want.G && uint8(b>>8) == want.B {
				n++
			}
		}
	}
	return n
}

var (
	blue   = color.RGBA{0x1b, 0x66, 0xc9, 0xff}
	orange = color.RGBA{0xd9, 0x5f, 0x0e, 0xff}
)

func TestBoxesOverPictures(t *testing.T) {
	oracle := model.Must(answer.Detection(answer.Boxes{Layout: answer.EndToEnd}))
	circle, square := [6]float32{12, 30, 40, 52, 0.81, 0}, [6]float32{4, 4, 20, 20, 0.9, 1}
	tr := judgedBy(t, oracle, grey(t, 64, 64, 100, 100), grey(t, 64, 64, 100, 120), found(circle, square), found(square))
	tr.SeedOriginal, tr.SeedCompressed = found(circle, square), found(circle, square)
	v, err := report.ViewOf(tr, shapes...)
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Answers) != 2 || v.Answers[0].File != "seed-boxes.png" || v.Answers[1].File != "trigger-boxes.png" {
		t.Fatalf("expected boxes over the seed and the trigger, found %+v", v.Answers)
	}
	if alt := v.Answers[1].Alt; !strings.Contains(alt, "2 boxes of the original") || !strings.Contains(alt, "1 box of the compressed model") || !strings.Contains(alt, "missed circle (0.81) at (12, 30, 40, 52)") {
		t.Errorf("for those who do not see it: %s", alt)
	}
	trigger := v.Answers[1].Image
	if size := trigger.Bounds().Size(); size.X != 448 || size.Y <= 448 {
		t.Errorf("expected 64 pixels seven times as large, with a legend, found %v", size)
	}
	// The missed circle has a thick frame where it is, seven times as large, and no other has.
	r, g, b, _ := trigger.At(12*7, 41*7).RGBA()
	if (color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 255}) != blue {
		t.Errorf("expected the frame of the circle at its left border, found %x %x %x", r>>8, g>>8, b>>8)
	}
	without := *tr
	without.Compressed = tr.Original
	agreed, _ := report.ViewOf(&without, shapes...)
	if missed, same := count(trigger, blue), count(agreed.Answers[1].Image, blue); missed < 2*same {
		t.Errorf("expected boxes that deviate to be more striking than others, found %d and %d pixels", missed, same)
	}
	if n := count(v.Answers[0].Image, orange); n == 0 {
		t.Error("expected the boxes of the compressed model over the seed")
	}
	// A seed that deviates itself is shown once; answers to a seed that are not known are not drawn.
	itself := *tr
	itself.Input, itself.ID = tr.Seed, tr.SeedID
	unknown := *tr
	unknown.SeedOriginal = answer.Answer{}
	for _, one := range []*engine.Trigger{&itself, &unknown} {
		if v, err := report.ViewOf(one); err != nil || len(v.Answers) != 1 {
			t.Errorf("expected boxes over the trigger alone, found %d, error %v", len(v.Answers), err)
		}
	}
	table := report.AnswersOf(tr, shapes)
	if len(table) != 1 || len(table[0].Rows) != 2 || strings.Join(table[0].Rows[0].Cells, "|") != "circle|0.81 at (12, 30, 40, 52)|none|missed" {
		t.Errorf("boxes in a table: %+v", table)
	}
}

// Boxes beyond the picture, many of them, and those of pictures of any size are drawn somehow.
func TestBoxesOfAnySizeAreDrawn(t *testing.T) {
	oracle := model.Must(answer.Detection(answer.Boxes{Layout: answer.EndToEnd}))
	far := float32(1e30)
	all := [][6]float32{{-far, -far, far, far, 0.9, 0}, {5, 5, 5, 5, 0.9, 1}, {100, 100, 200, 200, 0.9, 123456}, {-50, -50, -20, -20, 0.9, 0}}
	for i := range 300 {
		all = append(all, [6]float32{float32(i % 60), float32(i / 10), float32(i%60 + 9), float32(i/10 + 8), 0.6, float32(i % 3)})
	}
	for _, size := range [][2]int{{3, 3}, {64, 64}, {20, 900}, {3000, 40}, {1200, 1500}} {
		tr := judgedBy(t, oracle, grey(t, size[0], size[1], 100, 100), grey(t, size[0], size[1], 100, 120), found(all...), found(all[200:]...))
		v, err := report.ViewOf(tr)
		if err != nil || len(v.Answers) != 1 {
			t.Errorf("%v: %d pictures, error %v", size, len(v.Answers), err)
			continue
		}
		if got := v.Answers[0].Image.Bounds().Size(); max(got.X, got.Y) > 1200 {
			t.Errorf("%v: drawn as %v", size, got)
		}
	}
}

func TestMasksOverPictures(t *testing.T) {
	oracle := model.Must(answer.Segmentation(answer.Masks{Layout: answer.LabelMap, Share: 0.01}))
	mask := func(rows int) answer.Answer {
		a := answer.Answer{Scores: make(answer.Scores, 32*32), Outputs: []answer.Output{{Name: "labels", Shape: []int{32, 32}}}}
		for i := range rows * 32 {
			a.Scores[8*32+i] = float32((i % 32) / 16) // class 1 at the right
		}
		return a
	}
	tr := judgedBy(t, oracle, grey(t, 64, 64, 100, 100), grey(t, 64, 64, 100, 120), mask(10), mask(6))
	tr.SeedOriginal, tr.SeedCompressed = mask(10), mask(10)
	names := []string{"ground", "circle"}
	v, err := report.ViewOf(tr, names...)
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, p := range v.Answers {
		files = append(files, p.File)
	}
	if strings.Join(files, " ") != "original-mask.png compressed-mask.png seed-mask.png" {
		t.Fatalf("expected masks over trigger and seed, found %v", files)
	}
	if alt := v.Answers[0].Alt; !strings.Contains(alt, "ground 84 %, circle 16 %") {
		t.Errorf("for those who do not see it: %s", alt)
	}
	// What changed is hatched in black, in the picture of the compressed model alone.
	black := color.RGBA{0, 0, 0, 255}
	if before, after := count(v.Answers[0].Image, black), count(v.Answers[1].Image, black); after < before+1000 {
		t.Errorf("expected the changed pixels hatched, found %d and %d black pixels", before, after)
	}
	table := report.AnswersOf(tr, names)
	if len(table) != 1 || len(table[0].Rows) != 2 || strings.Join(table[0].Rows[1].Cells, "|") != "circle|15.6 %|9.4 %|0.60" {
		t.Errorf("masks in a table: %+v", table)
	}
}

// Answers that an oracle does not read, of inputs that are no pictures, or of other oracles are not drawn.
func TestAnswersThatCannotBeDrawn(t *testing.T) {
	detection := model.Must(answer.Detection(answer.Boxes{Layout: answer.EndToEnd}))
	one := found([6]float32{1, 2, 3, 4, 0.9, 0})
	picture := grey(t, 64, 64, 100, 100)
	row := model.Must(input.NewRow([]float32{1, 2}, []input.Domain{{Max: 9}, {Max: 9}}))
	broken := found([6]float32{1, 2, 3, 4, float32(math.NaN()), 0})
	for name, tr := range map[string]*engine.Trigger{
		"a row":           judgedBy(t, detection, row, row, one, found()),
		"another oracle":  judgedBy(t, model.Must(answer.Tolerance(answer.Absolute(0.1))), picture, picture, one, one),
		"another layout":  judgedBy(t, model.Must(answer.Detection(answer.Boxes{Layout: answer.YOLOv8})), picture, picture, one, one),
		"an oracle's own": judgedBy(t, model.Must(answer.OracleFunc("mine", func(o, c answer.Answer) bool { return true })), picture, picture, one, one),
		"no numbers":      judgedBy(t, detection, picture, picture, broken, broken),
	} {
		if v, err := report.ViewOf(tr); err != nil || len(v.Answers) > 0 {
			t.Errorf("%s: %d pictures, error %v", name, len(v.Answers), err)
		}
	}
	// Where the compressed model alone gives NaN, what the original found is seen.
	tr := judgedBy(t, detection, picture, grey(t, 64, 64, 100, 120), one, broken)
	tr.Kind = answer.NotFinite
	if v, err := report.ViewOf(tr); err != nil || len(v.Answers) != 1 {
		t.Errorf("NaN of the compressed model: %d pictures, error %v", len(v.Answers), err)
	}
}
