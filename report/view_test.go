package report_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/wav"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

// textTrigger is a trigger of a text whose bytes are tokens from first on, with padding 0 where there is one.
func textTrigger(first int, words []string, before, after string) *engine.Trigger {
	const length = 24
	vocabulary := input.Vocabulary{Size: 256 + first, Pad: input.Unpadded, Words: words}
	if first > 0 {
		vocabulary.Pad = 0
	}
	of := func(text string) input.Input {
		var tokens []int
		for _, b := range []byte(text) {
			tokens = append(tokens, int(b)+first)
		}
		for first > 0 && len(tokens) < length {
			tokens = append(tokens, 0)
		}
		return model.Must(input.NewTokens(tokens, vocabulary))
	}
	return changed(of(before), of(after).Data...)
}

// Tokens are shown as what they stand for: letters, whole ones of UTF-8, words, hexadecimal, or numbers.
func TestTextsAreShownAsTheyAreRead(t *testing.T) {
	words := []string{"", "the", "▁cat", "##s", "sat", ""}
	known := func(data ...int) input.Input {
		return model.Must(input.NewTokens(data, input.Vocabulary{Size: 6, Pad: 0, Words: words}))
	}
	unknown := func(data ...int) input.Input {
		return model.Must(input.NewTokens(data, input.Vocabulary{Size: 5000, Pad: 0}))
	}
	for name, c := range map[string]struct {
		trigger    *engine.Trigger
		line, file string
		pieces     []report.Piece
	}{
		"bytes from 3 on": {textTrigger(3, input.ByteWords(3), "ein Haus", "eine Maus"),
			`edited: ein{+e+} [-H-]{+M+}aus`, "  104 'e'\n  108 'i'\n", []report.Piece{{Text: "ein"}, {Edit: report.PutIn, Text: "e"}, {Text: " "}, {Edit: report.TakenOut, Text: "H"}, {Edit: report.PutIn, Text: "M"}, {Text: "aus"}}},
		"one byte of a letter": {textTrigger(3, input.ByteWords(3), "für alle da", "f\xc3\xb6r alle da"), `edited: f[-ü-]{+ö+}r alle da`, "- 191 0xbc\n+ 185 0xb6\n", nil},
		"no letter":            {textTrigger(0, nil, "grüße an alle da", "gr\xfc\xbc\xc3\x9fe an alle da"), `edited: gr[-ü-]{+\xfc\xbc+}ße an alle da`, "- 195 0xc3\n+ 252 0xfc\n", nil},
		"spaces and hidden":    {textTrigger(0, nil, "a b c", "a\tb\nc"), `edited: a[- -]{+\t+}b[- -]{+\n+}c`, "- 32 ' '\n+ 9 '\\t'\n", nil},
		"a program":            {textTrigger(0, nil, "\x7f\x00\x01\x02\x90\xff\xfe", "\x7f\x00\x01\x03\x90\xff\xfe"), `edited, in hexadecimal: 7f 00 01 [-02-]{+03+} 90 ff fe`, "- 2 0x02\n+ 3 0x03\n", nil},
		"one below the other":  {textTrigger(0, nil, "the cat sat", "tXe XatXsaX"), "seed: the cat sat|trigger: tXe XatXsaX", "- 104 'h'\n+ 88 'X'\n", nil},
		"words":                {changed(known(1, 2, 3, 4, 0), 1, 2, 4, 5, 0), `edited: the ▁cat [-##s sat-]{+sat <5>+}`, "  2 \"▁cat\"\n", nil},
		"numbers":              {changed(unknown(1, 222, 3, 0), 1, 3, 0, 0), `tokens: at 1 - 222`, "- 222\n", []report.Piece{{Text: "1 "}, {Edit: report.TakenOut, Text: "222"}, {Text: " 3"}}},
	} {
		if got := report.ChangesInWords(c.trigger); strings.Join(got, "|") != c.line {
			t.Errorf("%s: expected %q, found %q", name, c.line, got)
		}
		v, err := report.ViewOf(c.trigger)
		if err != nil || len(v.Texts) != 1+strings.Count(c.line, "|") || len(v.Files) != 1 || !strings.Contains(string(v.Files[0].Data), c.file) {
			t.Errorf("%s: found %+v, %q (error %v); expected %q", name, v.Texts, v.Files, err, c.file)
			continue
		}
		if c.pieces != nil && !slices.Equal(v.Texts[0].Pieces, c.pieces) {
			t.Errorf("%s: found %+v, expected %+v", name, v.Texts[0].Pieces, c.pieces)
		}
		if view := v.Texts[0].InWords(); strings.ContainsAny(view, "\n\t\x00") {
			t.Errorf("%s: %q has what does not print", name, view)
		}
	}
}

// A long text is shown around its edits, and what is left out is told.
func TestLongTextsAreShownAroundTheirEdits(t *testing.T) {
	text := report.Text{Name: "text", Pieces: []report.Piece{{Text: strings.Repeat("a", 100)}, {Edit: report.TakenOut, Text: "b"}, {Text: strings.Repeat("c", 50)}, {Edit: report.PutIn, Text: "d"}, {Text: "end"}}}
	for _, c := range []struct {
		context, letters int
		want             string
		left             int
	}{
		{4, 100, "…aaaa[-b-]cccc…cccc{+d+}end", 0},
		{4, 10, "…aaaa[-b-]…", 1},
		{200, 1000, text.InWords(), 0},
		{4, 3, "…", 2},
		{0, 2, "…[-b-]…", 1},
	} {
		short, left := text.Around(c.context, c.letters)
		if short.InWords() != c.want || left != c.left || short.Name != "text" {
			t.Errorf("%d around, %d letters: found %q, %d left; expected %q, %d", c.context, c.letters, short.InWords(), left, c.want, c.left)
		}
	}
	long := report.Text{Pieces: []report.Piece{{Edit: report.PutIn, Text: strings.Repeat("x", 50)}, {Edit: report.TakenOut, Text: "y"}}}
	if short, left := long.Around(4, 10); short.InWords() != "{+xxxxxxxxxx+}…" || left != 1 {
		t.Errorf("found %q, %d left", short.InWords(), left)
	}
}

// What tokens stand for is saved with a trigger, of a set too, and read again.
func TestWordsOfTokensAreSaved(t *testing.T) {
	full := func(in, seed input.Input) *engine.Trigger {
		trigger := sampleTrigger(1)
		trigger.Seed, trigger.Input, trigger.SeedID, trigger.ID = seed, in, seed.ID(), in.ID()
		return trigger
	}
	many := make([]string, 30000)
	for i := range many {
		many[i] = strings.Repeat("w", 1+i%7)
	}
	large := input.Vocabulary{Size: 30000, Pad: 0, Words: many}
	before, after := model.Must(input.NewTokens([]int{5, 29999, 0}, large)), model.Must(input.NewTokens([]int{5, 12, 0}, large))
	set := func(in input.Input) input.Input {
		return model.Must(input.Join(input.Searched("ids", in), input.Fixed("rate", input.Input{Shape: []int{1}, Data: []float32{1}, Domain: input.Bytes})))
	}
	byteText := textTrigger(3, input.ByteWords(3), "für", "for")
	for name, trigger := range map[string]*engine.Trigger{
		"bytes": full(byteText.Input, byteText.Seed), "words": full(after, before), "set": full(set(after), set(before)),
	} {
		dir := save(t, openStore(t), trigger)
		saved, err := report.LoadTrigger(dir)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, want := report.ChangesInWords(&saved.Trigger), report.ChangesInWords(trigger); !slices.Equal(got, want) || len(got) != 1 || !strings.Contains(got[0], "edited: ") {
			t.Errorf("%s: told as %q, expected %q", name, got, want)
		}
		text, err := os.ReadFile(filepath.Join(dir, "trigger.json"))
		if err != nil || len(text) > 8000 {
			t.Errorf("%s: trigger.json of %d bytes (error %v)", name, len(text), err)
		}
		var a struct{ Changes []string }
		if err := json.Unmarshal(text, &a); err != nil || !slices.Equal(a.Changes, report.ChangesInWords(trigger)) {
			t.Errorf("%s: changes %q (error %v)", name, a.Changes, err)
		}
	}
}

// Damaged words are errors that name the file.
func TestDamagedWordsAreRefused(t *testing.T) {
	trigger := sampleTrigger(1)
	byteText := textTrigger(3, input.ByteWords(3), "für", "for")
	trigger.Seed, trigger.Input, trigger.SeedID, trigger.ID = byteText.Seed, byteText.Input, byteText.Seed.ID(), byteText.Input.ID()
	for change, says := range map[string]string{
		`"first_byte": 4`:          "first_byte: expected 0 to 3 in trigger.json, found 4",
		`"first_byte": -1`:         "first_byte: expected 0 to 3 in trigger.json, found -1",
		`"words": {"259": "a"}`:    "words: expected those of tokens 0 to 258 in trigger.json, found 259",
		`"words": {"-1": "a"}`:     "words: expected those of tokens 0 to 258 in trigger.json, found -1",
		`"words": {"word": "the"}`: "trigger.json",
	} {
		dir := save(t, openStore(t), trigger)
		path := filepath.Join(dir, "trigger.json")
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		damaged := bytes.Replace(text, []byte(`"first_byte": 3`), []byte(change), 1)
		if bytes.Equal(damaged, text) {
			t.Fatalf("no first_byte in %s", text)
		}
		if err := os.WriteFile(path, damaged, 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := report.LoadTrigger(dir); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: error %v; expected %q", change, err, says)
		}
	}
}

// Answers that are no class scores are shown in numbers.
func TestAnswersInNumbers(t *testing.T) {
	vector := func(n int, change float32) answer.Answer {
		a := answer.Answer{}
		for i := range n {
			a.Scores = append(a.Scores, float32(i%5)-2)
		}
		a.Scores[7] += change
		return a
	}
	told := answer.Deviation{From: answer.Said{Label: answer.NoLabel, Words: "a"}, To: answer.Said{Label: answer.NoLabel, Words: "b"}}
	named := func(outputs ...answer.Output) answer.Answer {
		a := answer.Answer{Outputs: outputs}
		for _, o := range outputs {
			n := 1
			for _, d := range o.Shape {
				n *= d
			}
			for i := range n {
				a.Scores = append(a.Scores, float32(i))
			}
		}
		return a
	}
	for name, c := range map[string]struct {
		original, compressed answer.Answer
		deviation            answer.Deviation
		names                []string
		want                 []string // name of each table, then its rows
	}{
		"labels":     {answer.Of(0.5, 0.25, 0.25), answer.Of(0.25, 0.5, 0.25), answer.Deviation{}, nil, nil},
		"regression": {named(answer.Output{Name: "price", Shape: []int{}}), answer.Answer{Scores: answer.Scores{2.5}, Outputs: []answer.Output{{Name: "price", Shape: []int{}}}}, told, nil, []string{"price", "price|0|2.5|+2.5"}},
		"a number":   {answer.Of(400), answer.Of(337.06), told, nil, []string{"answers", "number|400|337.06|-62.9, -16 %"}},
		"several labels": {answer.Of(0.9, 0.2, 0.5), answer.Of(0.9, 0.7, 0.45), told, []string{"cat", "dog", "cow"},
			[]string{"answers", "cat|0.9|0.9|none", "dog|0.2|0.7|+0.5, +250 %", "cow|0.5|0.45|-0.05, -10 %"}},
		"vector": {vector(32, 0), vector(32, 1.5), told, nil, []string{"1 of 32 numbers changed, cosine distance 0.0169, L2 1.5, norms 8.0623 and 8.2006", "number 8|0|1.5|+1.5"}},
		"boxes": {named(answer.Output{Name: "boxes", Shape: []int{3, 4}}), func() answer.Answer {
			a := named(answer.Output{Name: "boxes", Shape: []int{3, 4}})
			a.Scores = slices.Clone(a.Scores)
			a.Scores[6] = 0
			return a
		}(), told, nil, []string{"boxes: 1 of 12 numbers changed", "[1 2]|6|0|-6"}},
		"another shape": {named(answer.Output{Name: "boxes", Shape: []int{3, 4}}), named(answer.Output{Name: "boxes", Shape: []int{2, 4}}), told, nil, []string{"boxes: of another shape", "shape|[3 4]|[2 4]"}},
	} {
		trigger := &engine.Trigger{Original: c.original, Compressed: c.compressed, Labels: answer.Labels{OriginalLabel: answer.NoLabel, CompressedLabel: answer.NoLabel, Deviation: c.deviation}}
		if name == "labels" {
			trigger.OriginalLabel, trigger.CompressedLabel = 0, 1
		}
		tables := report.AnswersOf(trigger, c.names)
		if c.want == nil {
			if len(tables) > 0 {
				t.Errorf("%s: found %+v, expected none", name, tables)
			}
			continue
		}
		if len(tables) != 1 || !strings.HasPrefix(tables[0].Name, c.want[0]) {
			t.Errorf("%s: found %+v, expected %q", name, tables, c.want)
			continue
		}
		if len(tables[0].Rows) != len(c.want)-1 {
			t.Errorf("%s: %d rows, expected %d", name, len(tables[0].Rows), len(c.want)-1)
			continue
		}
		for i, want := range c.want[1:] {
			if got := strings.Join(tables[0].Rows[i].Cells, "|"); got != want {
				t.Errorf("%s: row %d is %q, expected %q", name, i, got, want)
			}
		}
	}
	broken := &engine.Trigger{Original: answer.Of(1), Compressed: answer.Answer{}, Labels: answer.Labels{OriginalLabel: -1, CompressedLabel: -1, Deviation: told}}
	if tables := report.AnswersOf(broken, nil); len(tables) > 0 {
		t.Errorf("answers that were not kept: %+v", tables)
	}
}

// What a page may hold of a sound is cut around its change.
func TestExcerptsOfSounds(t *testing.T) {
	v, err := report.ViewOf(sound(pcm16, 32000, 2))
	if err != nil || len(v.Sounds) != 3 {
		t.Fatal(v.Sounds, err)
	}
	whole := v.Sounds[1]
	if same, from, seconds, ok := whole.Excerpt(len(whole.WAV)); !ok || from != 0 || seconds != 2 || !bytes.Equal(same.WAV, whole.WAV) {
		t.Errorf("a sound that fits was cut: from %g, %g s, %t", from, seconds, ok)
	}
	short, from, seconds, ok := whole.Excerpt(20000)
	if !ok || len(short.WAV) > 20000 || seconds < 0.6 || from > 1.5 || from+seconds < 1.5 {
		t.Fatalf("%d bytes from %g s on, %g s, %t; the change is at 1.5 s", len(short.WAV), from, seconds, ok)
	}
	h, err := wav.ReadHeader(bytes.NewReader(short.WAV), int64(len(short.WAV)))
	if err != nil || h.Channels != 1 || h.Bits != 16 || h.Rate != 16000 {
		t.Errorf("%s (error %v)", h, err)
	}
	if _, _, _, ok := whole.Excerpt(2000); ok {
		t.Error("an excerpt of less than a quarter of a second")
	}
}

// Far is said in the measures of each kind.
func TestDistancesInTheMeasuresOfAKind(t *testing.T) {
	image := sampleTrigger(1)
	if got := report.DistanceInWords(image); !strings.HasPrefix(got, "SSIM 0.") || !strings.HasSuffix(got, "changed") || !strings.Contains(got, ", L2 ") {
		t.Errorf("an image: %q", got)
	}
	text := textTrigger(3, input.ByteWords(3), "ein Haus", "eine Maus")
	text.Distance.L0 = 1
	row := changed(person(t), 35, 2, 1.8)
	row.Distance.L0 = 2
	set := sampleSet(t)
	tone := sound(pcm16, 4000)
	for _, c := range []struct {
		trigger *engine.Trigger
		want    string
	}{
		{text, "2 edits of 8 tokens"},
		{row, "scaled L1 0.35, 2 of 3 columns changed"},
		{set, "facts: scaled L1 0.0472, 1 of 3 columns changed; picture: unchanged"},
		{tone, "S/N 36.0 dB (32.2 dB by segments), 1 of 4000 values changed"},
	} {
		if got := report.DistanceInWords(c.trigger); got != c.want {
			t.Errorf("found %q, expected %q", got, c.want)
		}
	}
	tone.Seed.Layout = &input.Layout{Rate: 16000}
	if got := report.ChangesInWords(tone); len(got) != 1 || !strings.HasPrefix(got[0], "changed at 0.188 s: ") {
		t.Errorf("a sound: %q", got)
	}
	tone.Distance.L0 = 0
	if got := report.DistanceInWords(tone); got != "none, it is the seed itself" {
		t.Errorf("the seed itself: %q", got)
	}
}

// Sheets and cards hold what there is of every kind, within their margins: an image, a row, texts, a sound, a vector and a set.
func TestSheetsOfEveryKind(t *testing.T) {
	full := func(of *engine.Trigger) *engine.Trigger {
		trigger := sampleTrigger(1)
		trigger.Seed, trigger.Input, trigger.SeedID, trigger.ID = of.Seed, of.Input, of.Seed.ID(), of.Input.ID()
		trigger.Distance = distance.DistanceBetween(of.Seed, of.Input)
		return trigger
	}
	vector := full(sampleTrigger(2))
	for i := range 20 {
		vector.Original.Scores, vector.Compressed.Scores = append(vector.Original.Scores, float32(i)), append(vector.Compressed.Scores, float32(i*i)/20)
	}
	vector.Labels = answer.Labels{OriginalLabel: -1, CompressedLabel: -1, Deviation: answer.DeviationOf(model.Must(answer.Tolerance(answer.Cosine(0.01))), vector.Original, vector.Compressed)}
	price := full(changed(person(t), 35, 2, 1.8))
	price.Original, price.Compressed = answer.Of(400), answer.Of(337)
	price.Labels = answer.Labels{OriginalLabel: -1, CompressedLabel: -1, Deviation: answer.DeviationOf(model.Must(answer.Tolerance(answer.Relative(0.01, 0))), price.Original, price.Compressed)}
	wide := model.Must(input.NewRow(make([]float32, 60), slices.Repeat([]input.Domain{{Min: 0, Max: 1}}, 60)))
	wide.Layout = &input.Layout{}
	for i := range 60 {
		wide.Layout.Columns = append(wide.Layout.Columns, input.Column{Name: strings.Repeat("a very long name of a column ", 1+i%9)})
	}
	for name, trigger := range map[string]*engine.Trigger{
		"a row": full(changed(person(t), 35, 2, 1.8)), "a text": full(textTrigger(3, input.ByteWords(3), "ein Haus", "eine Maus")),
		"two texts": full(textTrigger(0, nil, "the cat sat on the mat here", "tXe XatXsaX oX tXe mXt hXre")), "a sound": full(sound(pcm16, 4000)), "a vector": vector, "a price": price,
		"a set": full(sampleSet(t)), "a wide row": full(changed(wide, slices.Repeat([]float32{0.123456}, 60)...)),
	} {
		sheet, ok := report.Sheet(sampleReport(trigger, trigger), report.Options{})
		if !ok {
			t.Errorf("%s: no sheet", name)
			continue
		}
		card, ok := report.Card(trigger, sampleContext)
		if !ok {
			t.Errorf("%s: no card", name)
			continue
		}
		for what, img := range map[string]image.Image{"sheet": sheet, "card": card} {
			if x, y, ok := ink(img, 24); ok {
				t.Errorf("%s: something is drawn in the margin of the %s, at %d, %d", name, what, x, y)
			}
			inks := 0
			left := image.Rect(56, img.Bounds().Dy()/3, 800, img.Bounds().Dy()-60)
			for y := left.Min.Y; y < left.Max.Y; y++ {
				for x := left.Min.X; x < left.Max.X; x++ {
					if !isInk(img.At(x, y), color.White) {
						inks++
					}
				}
			}
			if inks < 1500 {
				t.Errorf("%s: hardly anything is drawn at the left of the %s, %d pixels", name, what, inks)
			}
			keep(t, img, what+" of "+name)
		}
	}
}
