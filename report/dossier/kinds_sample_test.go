package dossier_test

import (
	"fmt"
	"math"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report/dossier"
)

// ofKind is a trigger of any input, from label 0 to label 1.
func ofKind(n int, seed, in input.Input) *engine.Trigger {
	return &engine.Trigger{
		SeedIndex: n, SeedName: fmt.Sprintf("seed %d", n), SeedLabel: 0, SeedID: seed.ID(), ID: in.ID(), Seed: seed, Input: in,
		Original: answer.Of(0.6, 0.4), Compressed: answer.Of(0.3, 0.7), Labels: answer.Labels{OriginalLabel: 0, CompressedLabel: 1},
		OriginalConfidence: 0.6, CompressedConfidence: 0.7, Queries: 3 + n, Distance: distance.DistanceBetween(seed, in), History: []string{"blend 0.5000 with another seed"},
	}
}

// answered makes the answers of a trigger those that an oracle judged.
func answered(t *engine.Trigger, oracle answer.Oracle, original, compressed answer.Answer) *engine.Trigger {
	d := answer.DeviationOf(oracle, original, compressed)
	t.Original, t.Compressed, t.OriginalConfidence, t.CompressedConfidence = original, compressed, 0, 0
	t.Labels = answer.Labels{OriginalLabel: answer.NoLabel, CompressedLabel: answer.NoLabel, Deviation: d}
	t.SeedLabel = input.Unlabelled
	return t
}

// toneOf is a second of a tone that swells, with a hum added to the trigger in its middle.
func toneOf(n, rate int) *engine.Trigger {
	seed := input.Input{Shape: []int{rate}, Kind: input.Signal, Domain: input.Domain{Min: -1, Max: 32767. / 32768, Step: 1. / 32768}, Layout: &input.Layout{Rate: rate}}
	for i := range rate {
		t := float64(i) / float64(rate)
		seed.Data = append(seed.Data, seed.Domain.Snap(float32(0.4*math.Sin(math.Pi*t)*math.Sin(2*math.Pi*(300+500*t+float64(n))*t))))
	}
	in := seed.Clone()
	for i := rate / 2; i < rate*5/8; i++ {
		in.Data[i] = in.Domain.Snap(in.Data[i] + float32(0.08*math.Sin(2*math.Pi*1700*float64(i)/float64(rate))))
	}
	return ofKind(n, seed, in)
}

func rowOf(age, sex, bmi float32) input.Input {
	row := model.Must(input.NewRow([]float32{age, sex, bmi}, []input.Domain{{Min: 17, Max: 99, Step: 1}, {Min: 0, Max: 1, Step: 1}, {Min: 15, Max: 45}}))
	row.Layout.Columns = []input.Column{{Name: "age " + hostile}, {Name: "sex", Categories: []string{"female", "male"}}, {Name: "bmi"}}
	return row
}

func textOf(text string, vocabulary input.Vocabulary) input.Input {
	var tokens []int
	for _, b := range []byte(text) {
		tokens = append(tokens, int(b)+vocabulary.Size-256)
	}
	for vocabulary.Pad != input.Unpadded && len(tokens) < 64 {
		tokens = append(tokens, vocabulary.Pad)
	}
	return model.Must(input.NewTokens(tokens, vocabulary))
}

var bytesFrom3 = input.Vocabulary{Size: 259, Pad: 0, Special: []int{1, 2}, Words: input.ByteWords(3)}

// kindsReport is a search of a pair with the triggers given.
func kindsReport(pair, oracle string, names []string, triggers ...*engine.Trigger) *engine.Report {
	r := &engine.Report{Pair: pair, Strategy: "boundary", Oracle: oracle, Status: engine.AllSearched, ClassNames: names, Original: model.Description{Name: pair}, Compressed: model.Description{Name: pair + "-int8"}}
	for i, t := range triggers {
		if pair == "boxes" || pair == "masks" { // as a search does, where answers can be drawn
			t.Oracle = oracle
		}
		r.Seeds = append(r.Seeds, engine.Outcome{Index: i, Name: t.SeedName, Label: t.SeedLabel, Status: engine.Triggered, Trigger: t, Queries: t.Queries, FirstHit: &engine.Hit{Queries: t.Queries, Distance: t.Distance}})
	}
	return r
}

// kindsDossier has a trigger of every kind of input and of answer, each of a pair of its own.
func kindsDossier() *dossier.Dossier {
	d := dossier.New("every kind", dossier.Options{})
	price := model.Must(answer.Tolerance(answer.Relative(0.01, 0)))
	cosine := model.Must(answer.Tolerance(answer.Cosine(0.01)))
	scores := model.Must(answer.Tolerance(answer.Absolute(0.2)))
	var before, after answer.Answer
	for i := range 64 {
		v := float32(math.Sin(float64(i)))
		before.Scores, after.Scores = append(before.Scores, v), append(after.Scores, v+float32(math.Cos(float64(7*i)))/8)
	}
	pixels, pixelsAfter := sampleTrigger(1).Seed, sampleTrigger(1).Input
	set := func(row, image, rate input.Input) input.Input {
		return model.Must(input.Join(input.Searched("facts", row), input.Searched("photo", image), input.Fixed("rate", rate)))
	}
	rate := input.Input{Shape: []int{1}, Data: []float32{8}, Domain: input.Bytes}
	features := func(bump float32) input.Input {
		in := input.Input{Shape: []int{40, 24}, Kind: input.Signal, Domain: input.Domain{Min: -20, Max: 20}}
		for i := range 40 * 24 {
			in.Data = append(in.Data, float32(8*math.Sin(float64(i)/50))-2)
		}
		in.Data[500] += bump
		return in
	}
	numbers := input.Vocabulary{Size: 30000, Pad: 0}
	tokens := func(list ...int) input.Input { return model.Must(input.NewTokens(list, numbers)) }
	unknown := func(v float32) input.Input {
		return input.Input{Shape: []int{3}, Data: []float32{1, 2, v}, Domain: input.Domain{Min: 0, Max: 9}}
	}
	boxes := model.Must(answer.Detection(answer.Boxes{Layout: answer.EndToEnd}))
	masks := model.Must(answer.Segmentation(answer.Masks{Layout: answer.LabelMap, Share: 0.01}))
	found := func(boxes ...[6]float32) answer.Answer { // corners, score and class
		a := answer.Answer{Scores: answer.Scores{}, Outputs: []answer.Output{{Name: "boxes", Shape: []int{len(boxes), 6}}}}
		for _, b := range boxes {
			a.Scores = append(a.Scores, b[:]...)
		}
		return a
	}
	mask := func(rows int) answer.Answer {
		a := answer.Answer{Scores: make(answer.Scores, 28*28), Outputs: []answer.Output{{Name: "labels", Shape: []int{28, 28}}}}
		for i := range rows * 28 {
			a.Scores[4*28+i] = float32(i % 28 / 14)
		}
		return a
	}
	for _, r := range []*engine.Report{
		kindsReport("boxes", boxes.String(), []string{"circle", "square"}, answered(ofKind(11, picture(6), picture(7)), boxes,
			found([6]float32{2, 2, 12, 12, 0.9, 0}, [6]float32{14, 14, 26, 26, 0.7, 1}), found([6]float32{2, 3, 12, 12, 0.85, 0}))),
		kindsReport("masks", masks.String(), []string{"ground", "leaf"}, answered(ofKind(12, picture(8), picture(9)), masks, mask(16), mask(9))),
		kindsReport("table", "top-1", []string{"benign", "malignant"}, ofKind(0, rowOf(40, 0, 22.5), rowOf(47, 1, 22.5))),
		kindsReport("price", price.String(), nil, answered(ofKind(1, rowOf(40, 0, 20), rowOf(41, 0, 20)), price, answer.Of(400), answer.Of(337))),
		kindsReport("language", "top-1", []string{"Deutsch", "English"}, ofKind(2, textOf("Ich muß heute nach <b>Köln</b>", bytesFrom3), textOf("Ich muß heuto nach <b>Käln</b>", bytesFrom3))),
		kindsReport("tokens", "top-1", nil, ofKind(3, tokens(101, 7, 2023, 102, 0), tokens(101, 2024, 102, 0, 0))),
		kindsReport("program", "top-1", nil, ofKind(4, textOf("\x7f\x00\x01\x02\x90\xff", input.Vocabulary{Size: 256, Pad: input.Unpadded}), textOf("\x7f\x00\x01\x03\x90\xff", input.Vocabulary{Size: 256, Pad: input.Unpadded}))),
		kindsReport("voice", "top-1", []string{"yes", "no"}, toneOf(5, 16000)),
		kindsReport("features", "top-1", nil, ofKind(6, features(0), features(6))),
		kindsReport("embedding", cosine.String(), nil, answered(ofKind(7, pixels, pixelsAfter), cosine, before, after)),
		kindsReport("labels", scores.String(), []string{"cat", "dog", hostile}, answered(ofKind(8, picture(3), picture(4)), scores, answer.Of(0.9, 0.2, 0.6), answer.Of(0.9, 0.7, 0.55))),
		kindsReport("several inputs", "top-1", nil, ofKind(9, set(rowOf(40, 0, 20), pixels, rate), set(rowOf(52, 0, 20), pixelsAfter, rate))),
		kindsReport("anything", "top-1", nil, ofKind(10, unknown(3), unknown(4))),
	} {
		d.Search(r)
	}
	return d
}

// kindsVector is an answer of many numbers.
func kindsVector(n int) (a answer.Answer) {
	for i := range 100 {
		a.Scores = append(a.Scores, float32(math.Sin(float64(i*(n+1)))))
	}
	return a
}
