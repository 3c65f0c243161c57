package answer_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/model"
)

// box is one that a test puts into an answer: corners, score, class.
type box struct {
	x1, y1, x2, y2, score float32
	class                 int
}

var (
	circle   = box{12, 30, 40, 52, 0.81, 0}
	square   = box{50, 4, 62, 20, 0.9, 1}
	triangle = box{4, 4, 16, 16, 0.7, 2}
)

func (b box) scored(s float32) box { b.score = s; return b }
func (b box) by(dx, dy float32) box {
	b.x1, b.x2, b.y1, b.y2 = b.x1+dx, b.x2+dx, b.y1+dy, b.y2+dy
	return b
}
func (b box) of(class int) box { b.class = class; return b }

func output(name string, values []float32, shape ...int) answer.Answer {
	return answer.Answer{Scores: values, Outputs: []answer.Output{{Name: name, Shape: shape}}}
}

func join(answers ...answer.Answer) (all answer.Answer) {
	for _, a := range answers {
		all.Scores, all.Outputs = append(all.Scores, a.Scores...), append(all.Outputs, a.Outputs...)
	}
	return all
}

const (
	anchors = 64
	classes = 3
)

// v8 lays boxes out as YOLOv8 does.
func v8(boxes ...box) answer.Answer {
	values := make([]float32, (4+classes)*anchors)
	for i, b := range boxes {
		for k, v := range []float32{(b.x1 + b.x2) / 2, (b.y1 + b.y2) / 2, b.x2 - b.x1, b.y2 - b.y1} {
			values[k*anchors+i] = v
		}
		values[(4+b.class)*anchors+i] = b.score
	}
	return output("output0", values, 4+classes, anchors)
}

// rows lays boxes out row by row: v5 with an objectness, and the same without one.
func rows(objectness bool) func(boxes ...box) answer.Answer {
	return func(boxes ...box) answer.Answer {
		var values []float32
		n := max(len(boxes), 1)
		for i := range n {
			var b box
			if i < len(boxes) {
				b = boxes[i]
			}
			values = append(values, (b.x1+b.x2)/2, (b.y1+b.y2)/2, b.x2-b.x1, b.y2-b.y1)
			scores := make([]float32, classes)
			scores[b.class] = b.score
			if objectness {
				values = append(values, 0.95)
				scores[b.class] /= 0.95
			}
			values = append(values, scores...)
		}
		return output("output", values, n, len(values)/n)
	}
}

func endToEnd(boxes ...box) answer.Answer {
	values := make([]float32, 6*300)
	for i, b := range boxes {
		copy(values[6*i:], []float32{b.x1, b.y1, b.x2, b.y2, b.score, float32(b.class)})
	}
	return output("output0", values, 300, 6)
}

// torchvision has as many boxes as were found.
func torchvision(boxes ...box) answer.Answer {
	var corners, labels, scores []float32
	for _, b := range boxes {
		corners, labels, scores = append(corners, b.x1, b.y1, b.x2, b.y2), append(labels, float32(b.class)), append(scores, b.score)
	}
	n := len(boxes)
	return join(output("boxes", corners, n, 4), output("labels", labels, n), output("scores", scores, n))
}

// tensorflow has 100 boxes, as shares of the picture, y first.
func tensorflow(boxes ...box) answer.Answer {
	corners, labels, scores := make([]float32, 400), make([]float32, 100), make([]float32, 100)
	for i, b := range boxes {
		copy(corners[4*i:], []float32{b.y1 / 64, b.x1 / 64, b.y2 / 64, b.x2 / 64})
		labels[i], scores[i] = float32(b.class), b.score
	}
	return join(output("num_detections", []float32{float32(len(boxes))}, 1), output("detection_boxes", corners, 100, 4),
		output("detection_classes", labels, 100), output("detection_scores", scores, 100))
}

// ssd has scores of each class and a background, as softmax makes them of these.
func ssd(logits bool) func(boxes ...box) answer.Answer {
	return func(boxes ...box) answer.Answer {
		corners, scores := make([]float32, 4*200), make([]float32, (1+classes)*200)
		for i := range 200 {
			var b box
			if i < len(boxes) {
				b = boxes[i]
			}
			copy(corners[4*i:], []float32{b.x1 / 64, b.y1 / 64, b.x2 / 64, b.y2 / 64})
			s := scores[(1+classes)*i:][:1+classes]
			s[0] = 1 - b.score
			for k := range classes {
				if k == b.class {
					s[1+k] = b.score
				}
				s[1+k] = max(s[1+k], 1e-4)
			}
			if logits {
				for k := range s {
					s[k] = 3 + float32(math.Log(max(float64(s[k]), 1e-4)))
				}
			}
		}
		return join(output("scores", scores, 200, 1+classes), output("boxes", corners, 200, 4))
	}
}

var layouts = []struct {
	name    string
	boxes   answer.Boxes
	answer  func(...box) answer.Answer
	classes int // of the first class
}{
	{"yolov8", answer.Boxes{Layout: answer.YOLOv8}, v8, 0},
	{"yolov8, told apart", answer.Boxes{}, v8, 0},
	{"yolov8 the other way round", answer.Boxes{Layout: "cx/cy/w/h/scores"}, rows(false), 0},
	{"yolov8 of 3 classes", answer.Boxes{Classes: 3}, v8, 0},
	{"yolov8 of empty pictures", answer.Boxes{Empty: true}, v8, 0},
	{"yolov5", answer.Boxes{Layout: answer.YOLOv5}, rows(true), 0},
	{"yolov5 of 3 classes", answer.Boxes{Classes: 3}, rows(true), 0},
	{"end-to-end", answer.Boxes{Layout: answer.EndToEnd}, endToEnd, 0},
	{"end-to-end, told apart", answer.Boxes{}, endToEnd, 0},
	{"torchvision", answer.Boxes{Layout: answer.Separate}, torchvision, 0},
	{"torchvision, told apart", answer.Boxes{}, torchvision, 0},
	{"tensorflow", answer.Boxes{Corners: answer.YXYX, Normalised: true, Output: "detection_boxes", ScoresOutput: "detection_scores", ClassesOutput: "detection_classes",
		Fit: answer.Fit{By: answer.FitStretched, Width: 64, Height: 64}}, tensorflow, 0},
	{"ssd", answer.Boxes{Normalised: true, Background: answer.FirstClass, Fit: answer.Fit{By: answer.FitStretched, Width: 64, Height: 64}}, ssd(false), 1},
	{"ssd, logits", answer.Boxes{Normalised: true, Background: answer.FirstClass, Scores: answer.SoftmaxScores, Fit: answer.Fit{By: answer.FitStretched, Width: 64, Height: 64}}, ssd(true), 1},
}

func TestBoxesOfEveryLayout(t *testing.T) {
	for _, l := range layouts {
		t.Run(l.name, func(t *testing.T) {
			oracle := model.Must(answer.Detection(l.boxes))
			if again, err := answer.ParseOracle(oracle.String(), answer.Sources{}); err != nil || again != oracle {
				t.Fatalf("%s: read again as %v, error %v", oracle, again, err)
			}
			names := []string{"circle", "square", "triangle"}
			if l.classes == 1 {
				names = append([]string{"ground"}, names...)
			}
			for _, test := range []struct {
				name                 string
				original, compressed []box
				told                 string // "" for no deviation
				group                string
			}{
				{"the same", []box{circle, square}, []box{circle, square}, "", ""},
				{"nothing", nil, nil, "", ""},
				{"a little elsewhere, in another order", []box{circle, square}, []box{square, circle.by(3, 2)}, "", ""},
				{"missed", []box{circle, square}, []box{square}, "2 boxes → 1 box, missed circle (0.81) at (12, 30, 40, 52)", "missed circle"},
				{"all missed", []box{circle}, nil, "1 box → no box, missed circle (0.81) at (12, 30, 40, 52)", "missed circle"},
				{"too faint", []box{circle, square}, []box{circle.scored(0.49), square}, "2 boxes → 1 box, missed circle (0.81) at (12, 30, 40, 52)", "missed circle"},
				{"invented", []box{circle}, []box{circle, square}, "1 box → 2 boxes, invented square (0.90) at (50, 4, 62, 20)", "invented square"},
				{"moved", []box{circle}, []box{circle.by(16, 0)}, "1 box → 1 box, moved circle (0.81) from (12, 30, 40, 52) to (28, 30, 56, 52), IoU 0.27", "moved circle"},
				{"far away", []box{circle}, []box{circle.by(24, -24)}, "1 box → 1 box, missed circle (0.81) at (12, 30, 40, 52), invented circle (0.81) at (36, 6, 64, 28)", "missed circle"},
				{"another class", []box{circle}, []box{circle.of(1)}, "1 box → 1 box, square (0.81) for circle (0.81) at (12, 30, 40, 52)", "square for circle"},
				{"two of one", []box{circle, circle.by(10, 0)}, []box{circle.by(5, 0)}, "2 boxes → 1 box, missed circle (0.81) at (22, 30, 50, 52)", "missed circle"},
				{"much", []box{circle, square, triangle}, nil, "3 boxes → no box, missed square (0.90) at (50, 4, 62, 20), missed circle (0.81) at (12, 30, 40, 52), and 1 more", "missed square"},
			} {
				o, c := l.answer(test.original...), l.answer(test.compressed...)
				if err := answer.Check(oracle, o, c); err != nil {
					t.Errorf("%s: %v", test.name, err)
					continue
				}
				v := answer.Judge(oracle, o, c)
				graded := oracle.(answer.Measured)
				shortfall, excess := graded.Shortfall(o, c), graded.Excess(o, c)
				if v.Deviates != (test.told != "") || v.Deviates != (shortfall == 0) || v.Deviates != (excess > 0) || shortfall < 0 {
					t.Errorf("%s: %+v, shortfall %g, excess %g; expected a deviation: %t", test.name, v, shortfall, excess, test.told != "")
				}
				if !v.Deviates {
					continue
				}
				d := answer.DeviationOf(oracle, o, c)
				group := answer.Deviation{From: answer.Said{Label: -1}, To: answer.Said{Label: -1}, Group: d.Group}.In(names)
				if got := d.In(names); got != test.told || group != test.group || !(d.Size > 0) {
					t.Errorf("%s: %s (%s), %+v; expected %s (%s)", test.name, got, group, d, test.told, test.group)
				}
			}
		})
	}
}

// The shortfall is how far the nearest box is from a deviation, and falls without jumps on the way to one.
func TestShortfallOfBoxes(t *testing.T) {
	oracle := model.Must(answer.Detection(answer.Boxes{})).(answer.Measured)
	for _, test := range []struct {
		name                 string
		original, compressed []box
		shortfall            float64
	}{
		{"nothing near", nil, nil, 0.5},
		{"one is about to appear", []box{circle.scored(0.2)}, []box{circle.scored(0.35)}, 0.15},
		{"one is about to vanish", []box{circle}, []box{circle.scored(0.6)}, 0.1},
		{"one is about to move out", []box{circle}, []box{circle.by(8, 0)}, 20.0/36 - 0.5},
	} {
		if got := oracle.Shortfall(v8(test.original...), v8(test.compressed...)); math.Abs(got-test.shortfall) > 1e-6 {
			t.Errorf("%s: shortfall %g; expected %g", test.name, got, test.shortfall)
		}
	}
	// Of another class: the scores of both lie in one anchor.
	both := v8(circle)
	both.Scores[5*anchors] = 0.75
	if got := oracle.Shortfall(v8(circle), both); math.Abs(got-0.06) > 1e-6 {
		t.Errorf("another class: shortfall %g; expected 0.06", got)
	}
	for _, way := range []struct {
		name string
		at   func(t float32) answer.Answer
	}{
		{"a box fades", func(t float32) answer.Answer { return v8(circle.scored(0.81-0.8*t), square) }},
		{"a box appears", func(t float32) answer.Answer { return v8(circle, square, triangle.scored(0.9*t)) }},
		{"a box moves", func(t float32) answer.Answer { return v8(circle.by(25*t, 0), square) }},
		{"a class changes", func(t float32) answer.Answer {
			a := v8(circle.scored(0.9-0.4*t), square)
			a.Scores[5*anchors] = 0.5 + 0.4*t
			return a
		}},
	} {
		const steps = 2000
		before, sign := 0.0, false
		for i := range steps {
			e := oracle.Excess(v8(circle, square), way.at(float32(i)/steps))
			if i > 0 && math.Abs(e-before) > 0.01 {
				t.Errorf("%s: excess jumps from %g to %g at step %d", way.name, before, e, i)
			}
			before, sign = e, sign || e > 0
		}
		if !sign {
			t.Errorf("%s: expected a deviation on the way", way.name)
		}
	}
}

// Boxes near the score alone are no deviation where faint ones are good enough.
func TestFaintBoxes(t *testing.T) {
	oracle := model.Must(answer.Detection(answer.Boxes{Score: 0.5, Faint: 0.3}))
	for _, test := range []struct {
		name                 string
		original, compressed []box
		deviates             bool
	}{
		{"hardly", []box{circle.scored(0.51)}, []box{circle.scored(0.49)}, false},
		{"hardly invented", []box{circle.scored(0.31)}, []box{circle.scored(0.51)}, false},
		{"clearly", []box{circle.scored(0.51)}, []box{circle.scored(0.29)}, true},
		{"both faint", []box{circle.scored(0.45)}, []box{circle.scored(0.1)}, false},
	} {
		o, c := v8(test.original...), v8(test.compressed...)
		if v := answer.Judge(oracle, o, c); v.Deviates != test.deviates || (oracle.(answer.Graded).Shortfall(o, c) == 0) != test.deviates {
			t.Errorf("%s: %+v; expected deviation %t", test.name, v, test.deviates)
		}
	}
}

func TestBoxesThatOverlap(t *testing.T) {
	near := circle.by(2, 0).scored(0.7)
	for _, test := range []struct {
		name  string
		boxes answer.Boxes
		found int
	}{
		{"left out", answer.Boxes{Layout: answer.YOLOv8}, 2},
		{"none left out", answer.Boxes{Layout: answer.YOLOv8, NMS: 1}, 3},
		{"of any class", answer.Boxes{Layout: answer.YOLOv8, AcrossClasses: true}, 1},
	} {
		boxes, err := test.boxes.Read(v8(near, circle, near.of(1).scored(0.65)))
		if err != nil || len(boxes) != test.found || boxes[0].Class != 0 || math.Abs(boxes[0].Score-0.81) > 1e-6 {
			t.Errorf("%s: %v, error %v; expected %d boxes", test.name, boxes, err, test.found)
		}
	}
}

// Boxes lie where they are in the picture, whatever was done to make it as large as the model's input.
func TestBoxesOfAPicture(t *testing.T) {
	for _, test := range []struct {
		fit  answer.Fit
		want answer.Box
	}{
		{answer.Fit{}, answer.Box{X1: 12, Y1: 30, X2: 40, Y2: 52}},
		{answer.Fit{By: answer.FitStretched, Width: 64, Height: 64, PictureWidth: 640, PictureHeight: 320}, answer.Box{X1: 120, Y1: 150, X2: 400, Y2: 260}},
		{answer.Fit{By: answer.FitCentred, Width: 64, Height: 64, PictureWidth: 640, PictureHeight: 320}, answer.Box{X1: 120, Y1: 140, X2: 400, Y2: 360}},
		{answer.Fit{By: answer.FitCornered, Width: 64, Height: 64, PictureWidth: 640, PictureHeight: 320}, answer.Box{X1: 120, Y1: 300, X2: 400, Y2: 520}},
		{answer.Fit{By: answer.FitCentred, Width: 64, Height: 64}, answer.Box{X1: 12, Y1: 30, X2: 40, Y2: 52}},
	} {
		b := answer.Boxes{Layout: answer.YOLOv8, Fit: test.fit}
		boxes, err := b.Read(v8(circle))
		if err != nil || len(boxes) != 1 {
			t.Fatalf("%+v: %v, error %v", test.fit, boxes, err)
		}
		got := boxes[0]
		got.Score = 0
		if got != test.want {
			t.Errorf("%+v: %v; expected %v", test.fit, got, test.want)
		}
	}
	pairs, ok := answer.BoxPairs(model.Must(answer.Detection(answer.Boxes{Layout: answer.EndToEnd, Normalised: true})),
		endToEnd(box{0.25, 0.5, 0.75, 1, 0.9, 0}), endToEnd(), 200, 100)
	if !ok || len(pairs) != 1 || !pairs[0].Deviates || pairs[0].Compressed != nil || pairs[0].Original.X1 != 50 || pairs[0].Original.Y2 != 100 {
		t.Errorf("shares of a picture: %+v, %t", pairs, ok)
	}
}

// A layout that is not the right one, or not told, is an error that says what it may be.
func TestBoxesThatCannotBeRead(t *testing.T) {
	detector := func(b answer.Boxes) answer.Oracle { return model.Must(answer.Detection(b)) }
	logits := v8(circle)
	logits.Scores[4*anchors] = 3.5
	masks := output("output0", make([]float32, (4+classes+32)*1000), 4+classes+32, 1000)
	masks.Scores[20*1000] = -0.4
	turned := rows(true)(circle, square, triangle, circle.by(1, 0), circle.by(2, 0))
	for _, test := range []struct {
		name   string
		boxes  answer.Boxes
		answer answer.Answer
		says   []string
	}{
		{"no shape", answer.Boxes{}, answer.Of(1, 2, 3), []string{"expected an output with a shape, found 3 numbers without one"}},
		{"no such output", answer.Boxes{Output: "boxes"}, v8(), []string{`expected the output "boxes"`, "output0 [7 64]"}},
		{"either", answer.Boxes{}, turned, []string{"expected a Layout", "yolov5 of 3 classes", `"cx/cy/w/h/scores" of 4 classes`}},
		{"yolov5 of one class is not end-to-end", answer.Boxes{}, output("output", []float32{30, 30, 10, 10, 0.9, 0.8, 1, 1, 1, 1, 0.1, 0.1}, 2, 6), []string{"expected a Layout", "yolov5 of 1 classes", "end-to-end"}},
		{"logits", answer.Boxes{}, logits, []string{"expected scores from 0 to 1, found 3.5 of class 0", "sigmoid"}},
		{"scores taken for logits", answer.Boxes{Scores: answer.SigmoidScores}, v8(circle), []string{"expected logits, of which Scores makes scores by sigmoid"}},
		{"masks behind the classes", answer.Boxes{}, masks, []string{"expected scores from 0 to 1, found -0.4 of class 16", "Classes"}},
		{"too few numbers", answer.Boxes{Layout: answer.YOLOv5}, output("o", make([]float32, 50), 10, 5), []string{"expected at least 6 numbers a box", "[10 5]"}},
		{"six numbers", answer.Boxes{Layout: answer.EndToEnd}, v8(), []string{"expected 6 numbers a box", "[7 64]"}},
		{"four dimensions", answer.Boxes{}, output("o", make([]float32, 16), 2, 2, 2, 2), []string{"in 2 dimensions"}},
		{"centres taken for corners", answer.Boxes{Layout: "x1/y1/x2/y2/objectness/scores"}, rows(true)(circle), []string{"expected two corners of each box", "cxcywh"}},
		{"shares taken for pixels", answer.Boxes{Layout: answer.EndToEnd}, endToEnd(box{0.1, 0.1, 0.6, 0.7, 0.9, 0}), []string{"say so by Normalised"}},
		{"pixels taken for shares", answer.Boxes{Normalised: true}, v8(circle), []string{"expected boxes within 0 and 1", "found 52"}},
		{"no class", answer.Boxes{Layout: answer.EndToEnd}, output("o", []float32{1, 2, 30, 40, 0.9, 0.7}, 1, 6), []string{"expected the number of a class, found 0.7"}},
		{"two outputs of four", answer.Boxes{}, join(output("a", make([]float32, 40), 10, 4), output("b", make([]float32, 40), 10, 4)), []string{"as several are of shape [boxes, 4]"}},
		{"scores under no name", answer.Boxes{}, join(output("a", make([]float32, 40), 10, 4), output("b", make([]float32, 10), 10), output("c", make([]float32, 10), 10)), []string{"output with the scores of 10 boxes", "ScoresOutput"}},
		{"no classes", answer.Boxes{Layout: answer.Separate}, join(output("boxes", make([]float32, 40), 10, 4), output("scores", make([]float32, 10), 10)), []string{"output with the classes of 10 boxes", "ClassesOutput"}},
	} {
		err := answer.Check(detector(test.boxes), test.answer, test.answer)
		if err == nil {
			t.Errorf("%s: expected an error", test.name)
			continue
		}
		for _, says := range test.says {
			if !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v; expected %q", test.name, err, says)
			}
		}
		if v := answer.Judge(detector(test.boxes), test.answer, test.answer); v.Kind != answer.Unusable {
			t.Errorf("%s: %+v; expected it unusable", test.name, v)
		}
	}
	// A compressed model whose scores went astray deviates; so does one that gives NaN, which is told as such.
	astray := v8(circle)
	astray.Scores[4*anchors] = 2.5
	if v := answer.Judge(detector(answer.Boxes{}), v8(square), astray); !v.Deviates {
		t.Errorf("scores astray: %+v", v)
	}
	for _, l := range layouts {
		broken := l.answer(circle)
		for i := range broken.Scores {
			broken.Scores[i] = float32(math.NaN())
		}
		if v := answer.Judge(detector(l.boxes), l.answer(circle), broken); v.Kind != answer.NotFinite {
			t.Errorf("%s, NaN: %+v, %v", l.name, v, answer.Check(detector(l.boxes), l.answer(circle), broken))
		}
		if v := answer.Judge(detector(l.boxes), broken, broken); v.Kind != answer.Unusable {
			t.Errorf("%s, NaN of the original: %+v", l.name, v)
		}
	}
}

func TestBoxesAsNobodyMeansThem(t *testing.T) {
	for _, test := range []struct {
		boxes answer.Boxes
		says  string
	}{
		{answer.Boxes{Layout: "yolo"}, `found "yolo"`},
		{answer.Boxes{Layout: "x1/y1/x2/h/score/class"}, "layout: expected"},
		{answer.Boxes{Layout: "x1/y1/x2/y2/score/score"}, "with a column twice"},
		{answer.Boxes{Layout: "x1/y1/x2/y2/kind"}, `with the column "kind"`},
		{answer.Boxes{Layout: "x1/y1/x2/y2"}, "needs either a score or scores"},
		{answer.Boxes{Layout: "scores/x1/y1/x2/y2"}, "scores are not last"},
		{answer.Boxes{Score: 1.5}, "score: expected above 0 and at most 1"},
		{answer.Boxes{IoU: -0.1}, "IoU: expected above 0"},
		{answer.Boxes{NMS: math.NaN()}, "NMS: expected above 0"},
		{answer.Boxes{Score: 0.3, Faint: 0.4}, "faint: expected at most the score, 0.3, found 0.4"},
		{answer.Boxes{Classes: -1}, "classes: expected at least 1"},
		{answer.Boxes{Corners: "xy"}, `corners: expected xyxy`},
		{answer.Boxes{Layout: answer.YOLOv8, Corners: answer.XYXY}, "which are for the layout separate"},
		{answer.Boxes{Scores: "logits"}, `scores: expected sigmoid`},
		{answer.Boxes{Background: "0"}, "background: expected first"},
		{answer.Boxes{Output: "a", ScoresOutput: "a"}, `found "a" twice`},
		{answer.Boxes{ScoresOutput: "a", ClassesOutput: "a"}, `found "a" twice`},
		{answer.Boxes{Fit: answer.Fit{Width: 640, Height: 640}}, "fit: expected by stretch"},
		{answer.Boxes{Fit: answer.Fit{By: answer.FitCentred}}, "fit: expected the width and height"},
		{answer.Boxes{Fit: answer.Fit{By: answer.FitCentred, Width: 1, Height: 1, PictureWidth: 3}}, "found 3 and 0"},
	} {
		if o, err := answer.Detection(test.boxes); err == nil || !strings.HasPrefix(err.Error(), "answer: Detection: ") || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%+v: %v, error %v; expected %q", test.boxes, o, err, test.says)
		}
	}
}

// Whatever stands in answers, a verdict, a shortfall and an excess agree, from both sides, and nothing panics.
func TestBoxesOfRandomAnswers(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	some := func() (boxes []box) {
		for range rng.IntN(8) {
			x, y := rng.Float32()*50, rng.Float32()*50
			boxes = append(boxes, box{x, y, x + rng.Float32()*14, y + rng.Float32()*14, rng.Float32(), rng.IntN(classes)})
		}
		return boxes
	}
	deviating := 0
	for _, l := range layouts {
		oracle := model.Must(answer.Detection(l.boxes)).(answer.Measured)
		for range 300 {
			a, b := some(), some()
			if rng.IntN(2) == 0 {
				b = append([]box(nil), a...)
				for i := range b {
					b[i] = b[i].by(rng.Float32()*3, 0).scored(b[i].score * (0.9 + 0.1*rng.Float32()))
				}
			}
			o, c := l.answer(a...), l.answer(b...)
			if answer.Check(oracle, o, c) != nil { // boxes that seem to be shares
				continue
			}
			v, back := answer.Judge(oracle, o, c), answer.Judge(oracle, c, o)
			if v.Deviates {
				deviating++
			}
			if s, e := oracle.Shortfall(o, c), oracle.Excess(o, c); back.Kind == answer.OtherAnswer && back.Deviates != v.Deviates || v.Deviates != (s == 0) || v.Deviates != (e > 0) || math.IsInf(e, 0) || s > 1 {
				t.Fatalf("%s: %+v, back %+v, shortfall %g, excess %g of %v and %v", l.name, v, back, s, e, a, b)
			}
			if pairs, ok := answer.BoxPairs(oracle, o, c, 64, 64); !ok || len(pairs) > 0 && pairs[0].Deviates != v.Deviates || len(pairs) == 0 && v.Deviates {
				t.Fatalf("%s: %+v of %+v", l.name, pairs, v)
			}
			if v.Deviates {
				if d := answer.DeviationOf(oracle, o, c); d.Group == "" || d.From.Words == "" {
					t.Fatalf("%s: %+v", l.name, d)
				}
			}
		}
	}
	if deviating < 500 {
		t.Errorf("expected many deviations, found %d", deviating)
	}
}

func TestJudgingBoxesAllocatesNothing(t *testing.T) {
	for _, l := range layouts {
		oracle := model.Must(answer.Detection(l.boxes)).(answer.Measured)
		o, c := l.answer(circle, square), l.answer(circle.by(2, 0), square)
		if n := testing.AllocsPerRun(100, func() {
			answer.Judge(oracle, o, c)
			oracle.Excess(o, c)
		}); n > 0.5 {
			t.Errorf("%s: %g allocations", l.name, n)
		}
	}
}

func TestAnswersWithNothingInThem(t *testing.T) {
	boxes, masks := model.Must(answer.Detection(answer.Boxes{})), model.Must(answer.Segmentation(answer.Masks{Share: 0.1}))
	told := model.Must(answer.Telling(boxes, func(o, c answer.Answer) answer.Deviation { return answer.Deviation{} }))
	for _, test := range []struct {
		oracle answer.Oracle
		a      answer.Answer
		why    string
	}{
		{boxes, v8(circle.scored(0.4)), "no box of a score of at least 0.5"}, {boxes, v8(circle), ""}, {told, v8(), "no box of a score of at least 0.5"},
		{model.Must(answer.Detection(answer.Boxes{Empty: true})), v8(), ""},
		{masks, labelMap(mask(0)), "class 0 for all pixels"}, {masks, labelMap(mask(1)), ""},
		{model.Must(answer.Segmentation(answer.Masks{Share: 0.1, Empty: true})), labelMap(mask(0)), ""},
		{answer.Top1(), answer.Of(0.1, 0.9), ""}, {nil, answer.Of(0.1, 0.9), ""},
		{model.Must(answer.AnyOf(boxes, model.Must(answer.Tolerance(answer.Absolute(0.1))))), v8(), ""},
	} {
		if why := answer.Blank(test.oracle, test.a); why != test.why {
			t.Errorf("%v of %v: %q; expected %q", test.oracle, test.a.Outputs, why, test.why)
		}
	}
}
