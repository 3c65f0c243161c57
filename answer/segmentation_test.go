package answer_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/model"
)

const side = 20 // of the pictures of masks, in pixels

// mask is class 1 from row 5 on, in so many rows of 10 pixels.
func mask(rows int) []int {
	labels := make([]int, side*side)
	for y := range rows {
		for x := range 10 {
			labels[(5+y)*side+5+x] = 1
		}
	}
	return labels
}

// The layouts of masks, each with labels as its scores.
func classesFirst(labels []int) answer.Answer {
	values := make([]float32, 3*len(labels))
	for i, l := range labels {
		values[l*len(labels)+i] = 2
	}
	return output("classes", values, 3, side, side)
}

func classesLast(labels []int) answer.Answer {
	values := make([]float32, 3*len(labels))
	for i, l := range labels {
		values[3*i+l] = 2
	}
	return output("classes", values, 1, side, side, 3)
}

func labelMap(labels []int) answer.Answer {
	values := make([]float32, len(labels))
	for i, l := range labels {
		values[i] = float32(l)
	}
	return output("labels", values, side, side)
}

func probabilities(labels []int) answer.Answer {
	a := labelMap(labels)
	for i, l := range labels {
		a.Scores[i] = 0.1 + 0.8*float32(l)
	}
	a.Outputs[0].Shape = []int{1, side, side}
	return a
}

func maskLogits(labels []int) answer.Answer {
	a := labelMap(labels)
	for i, l := range labels {
		a.Scores[i] = -3 + 7*float32(l)
	}
	a.Outputs[0].Shape = []int{side, side, 1}
	return a
}

func TestMasksOfEveryLayout(t *testing.T) {
	for _, l := range []struct {
		name   string
		layout answer.MaskLayout
		answer func([]int) answer.Answer
	}{
		{"classes first", answer.ClassesFirst, classesFirst}, {"classes first, told apart", "", classesFirst},
		{"classes last", answer.ClassesLast, classesLast}, {"classes last, told apart", "", classesLast},
		{"labels", answer.LabelMap, labelMap}, {"labels, told apart", "", labelMap},
		{"one class", answer.OneClass, probabilities}, {"one class, told apart", "", probabilities},
		{"logits", answer.OneLogit, maskLogits},
	} {
		t.Run(l.name, func(t *testing.T) {
			for _, test := range []struct {
				masks                answer.Masks
				original, compressed int // rows of class 1
				told                 string
			}{
				{answer.Masks{Share: 0.05}, 10, 10, ""},
				{answer.Masks{Share: 0.05}, 10, 8, ""}, // 5 % of the pixels are at most 5 %
				{answer.Masks{Share: 0.05}, 10, 7, "circle covers 25 % → 18 %, 7.5 % of the pixels changed (circle smaller)"},
				{answer.Masks{Share: 0.05}, 7, 10, "circle covers 18 % → 25 %, 7.5 % of the pixels changed (circle larger)"},
				{answer.Masks{IoU: 0.7}, 10, 7, ""},
				{answer.Masks{IoU: 0.7}, 10, 6, "circle covers 25 % → 15 %, 10 % of the pixels changed, IoU 0.60 (circle smaller)"},
				{answer.Masks{IoU: 0.7}, 0, 1, "circle covers 0 % → 2.5 %, 2.5 % of the pixels changed, IoU 0.00 (circle larger)"},
				{answer.Masks{IoU: 0.7, Covering: 0.03}, 0, 1, ""},
				{answer.Masks{IoU: 0.667}, 9, 6, "circle covers 22 % → 15 %, 7.5 % of the pixels changed, IoU 0.6667 (circle smaller)"},
				{answer.Masks{IoU: 0.7, Share: 0.01}, 10, 9, "circle covers 25 % → 22 %, 2.5 % of the pixels changed, IoU 0.90 (circle smaller)"},
			} {
				test.masks.Layout = l.layout
				oracle := model.Must(answer.Segmentation(test.masks)).(answer.Measured)
				if again, err := answer.ParseOracle(oracle.String(), answer.Sources{}); err != nil || again != answer.Oracle(oracle) {
					t.Fatalf("%s: read again as %v, error %v", oracle, again, err)
				}
				o, c := l.answer(mask(test.original)), l.answer(mask(test.compressed))
				if err := answer.Check(oracle, o, c); err != nil {
					t.Fatal(err)
				}
				v, shortfall, excess := answer.Judge(oracle, o, c), oracle.Shortfall(o, c), oracle.Excess(o, c)
				if v.Deviates != (test.told != "") || v.Deviates != (shortfall == 0) || v.Deviates != (excess > 0) {
					t.Errorf("%s, %d to %d rows: %+v, shortfall %g, excess %g; expected a deviation: %t", oracle, test.original, test.compressed, v, shortfall, excess, test.told != "")
				}
				if v.Deviates {
					names := []string{"ground", "circle", "square"}
					d := answer.DeviationOf(oracle, o, c)
					group := answer.Deviation{From: answer.Said{Label: -1}, To: answer.Said{Label: -1}, Group: d.Group}.In(names)
					if got := fmt.Sprintf("%s (%s)", d.In(names), group); got != test.told || !(d.Size > 0) {
						t.Errorf("%s, %d to %d rows: %s; expected %s", oracle, test.original, test.compressed, got, test.told)
					}
				}
			}
		})
	}
	moved := mask(10)
	for i := range moved {
		if moved[i] = 0; i >= side*side/2+15 {
			moved[i] = 1
		}
	}
	if d := answer.DeviationOf(model.Must(answer.Segmentation(answer.Masks{Share: 0.1})), labelMap(mask(10)), labelMap(moved)); d.Group != "class 1 elsewhere" {
		t.Errorf("moved: %+v", d)
	}
}

// Between two numbers of pixels, the shortfall falls with how sure both models are.
func TestShortfallOfMasks(t *testing.T) {
	for _, masks := range []answer.Masks{{Share: 0.05}, {IoU: 0.8}} {
		oracle := model.Must(answer.Segmentation(masks)).(answer.Measured)
		o := classesFirst(mask(10))
		way := func(share float64) answer.Answer { // class 1 fades, row by row
			c := classesFirst(mask(10))
			for i := range side * side {
				if o.Scores[side*side+i] > 0 {
					c.Scores[side*side+i] = float32(math.Max(0, 2-4*share*(1+float64(i)/(side*side))))
					c.Scores[i] = 1
				}
			}
			return c
		}
		before, deviates := 0.0, false
		for i := range 200 {
			e := oracle.Excess(o, way(float64(i)/200))
			if i > 0 && e < before-1e-9 || i > 0 && e == before && !deviates && e < 0 {
				t.Errorf("%s: excess %g after %g at step %d", oracle, e, before, i)
			}
			before, deviates = e, deviates || e > 0
		}
		if !deviates {
			t.Errorf("%s: expected a deviation", oracle)
		}
	}
}

func TestMasksThatCannotBeRead(t *testing.T) {
	for _, test := range []struct {
		masks answer.Masks
		a     answer.Answer
		says  []string
	}{
		{answer.Masks{}, answer.Of(1, 2, 3), []string{"expected an output with a shape, found 3 numbers without one"}},
		{answer.Masks{Output: "mask"}, labelMap(mask(3)), []string{`expected the output "mask", found the output labels [20 20]`}},
		{answer.Masks{}, output("o", make([]float32, 3*4*5), 3, 4, 5), []string{"expected a Layout", "classes-first of 3 classes", "classes-last of 5"}},
		{answer.Masks{}, maskLogits(mask(3)), []string{"expected a Layout", "one-logit"}},
		{answer.Masks{Layout: answer.LabelMap}, probabilities(mask(3)), []string{"expected labels from 0 to 65535, found 0.1 at pixel (0, 0)"}},
		{answer.Masks{Layout: answer.ClassesFirst}, labelMap(mask(3)), []string{"in 3 dimensions, found shape [20 20]"}},
		{answer.Masks{Layout: answer.ClassesFirst}, output("o", make([]float32, 16), 1, 4, 4), []string{"expected 2 to 65536 classes, found 1", "one-class"}},
		{answer.Masks{Layout: answer.OneClass}, classesFirst(mask(3)), []string{"expected a number for each pixel"}},
		{answer.Masks{}, output("o", make([]float32, 16), 16), []string{"expected a number for each pixel"}},
		{answer.Masks{}, output("o", nil, 0, 16), []string{"expected at least one pixel"}},
	} {
		test.masks.Share = 0.01
		oracle := model.Must(answer.Segmentation(test.masks))
		err := answer.Check(oracle, test.a, test.a)
		if err == nil {
			t.Errorf("%s of %v: expected an error", oracle, test.a.Outputs)
			continue
		}
		for _, says := range test.says {
			if !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v; expected %q", oracle, err, says)
			}
		}
	}
	small := output("o", make([]float32, 16), 4, 4)
	if err := answer.Check(model.Must(answer.Segmentation(answer.Masks{Share: 0.1})), labelMap(mask(1)), small); err == nil || !strings.Contains(err.Error(), "expected labels of the same pixels and classes") {
		t.Errorf("other pixels: %v", err)
	}
	for _, a := range []func([]int) answer.Answer{classesFirst, classesLast, labelMap, probabilities} {
		broken := a(mask(3))
		for i := range broken.Scores {
			broken.Scores[i] = float32(math.Inf(1 - 2*(i%2)))
		}
		if v := answer.Judge(model.Must(answer.Segmentation(answer.Masks{Share: 0.1})), a(mask(3)), broken); v.Kind != answer.NotFinite {
			t.Errorf("infinity: %+v", v)
		}
	}
}

func TestMasksAsNobodyMeansThem(t *testing.T) {
	for _, test := range []struct {
		masks answer.Masks
		says  string
	}{
		{answer.Masks{}, "expected a share of the pixels or an IoU, found neither"},
		{answer.Masks{Share: 1}, "share: expected above 0 and below 1"},
		{answer.Masks{IoU: 1.5}, "IoU: expected above 0 and at most 1"},
		{answer.Masks{Share: 0.1, Covering: 0.1}, "covering: expected an IoU with it"},
		{answer.Masks{IoU: 0.1, Covering: -1}, "covering: expected above 0"},
		{answer.Masks{Share: 0.1, Layout: "nchw"}, `found "nchw"`},
		{answer.Masks{Share: 0.1, Threshold: 0.3}, "expected the layout one-class or one-logit with it"},
		{answer.Masks{Share: 0.1, Layout: answer.OneClass, Threshold: math.Inf(1)}, "threshold: expected a number"},
	} {
		if o, err := answer.Segmentation(test.masks); err == nil || !strings.HasPrefix(err.Error(), "answer: Segmentation: ") || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%+v: %v, error %v; expected %q", test.masks, o, err, test.says)
		}
	}
}

func TestMasksOfRandomAnswers(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		oracle := model.Must(answer.Segmentation(answer.Masks{Share: 0.1 * rng.Float64(), IoU: rng.Float64()})).(answer.Measured)
		o, c := classesFirst(mask(3)), classesFirst(mask(3))
		for i := range o.Scores {
			o.Scores[i] += rng.Float32() * 2
			c.Scores[i] = o.Scores[i] + rng.Float32()*rng.Float32()
		}
		v, back := answer.Judge(oracle, o, c), answer.Judge(oracle, c, o)
		if s, e := oracle.Shortfall(o, c), oracle.Excess(o, c); v != back || v.Deviates != (s == 0) || v.Deviates != (e > 0) || s > 1 {
			t.Fatalf("%s: %+v, back %+v, shortfall %g, excess %g", oracle, v, back, s, e)
		}
	}
}

func TestJudgingMasksAllocatesNothing(t *testing.T) {
	oracle := model.Must(answer.Segmentation(answer.Masks{Share: 0.1, IoU: 0.5})).(answer.Measured)
	for _, a := range []func([]int) answer.Answer{classesFirst, classesLast, labelMap, probabilities} {
		o, c := a(mask(3)), a(mask(4))
		if n := testing.AllocsPerRun(100, func() {
			answer.Judge(oracle, o, c)
			oracle.Excess(o, c)
		}); n > 0.5 {
			t.Errorf("%g allocations", n)
		}
	}
}
