package answer_test

import (
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/model"
)

// Whatever a detector gives for a box, two models that give the same do not deviate, as of boxes with sides of a little below 0.
func TestTheSameBoxesAreTheSame(t *testing.T) {
	for _, side := range []float32{-0.9, -0.1, 0, 1e-30, 5, 1e30} {
		boxes := []float32{10, 20, side, 4, 0.9, 30, 40, 3, side, 0.8}
		a := answer.Answer{Scores: boxes, Outputs: []answer.Output{{Name: "o", Shape: []int{2, 5}}}}
		o := model.Must(answer.Detection(answer.Boxes{Layout: "cx/cy/w/h/scores"}))
		if err := answer.Check(o, a, a); err != nil {
			t.Fatal(err)
		}
		if v := answer.Judge(o, a, a.Clone()); v != (answer.Verdict{}) {
			t.Errorf("sides of %g: %+v", side, v)
		}
	}
}

// Distances that no float32 holds are far, and no infinity.
func TestVerificationOfHugeVectors(t *testing.T) {
	o := model.Must(answer.Verification(answer.References{Vectors: [][]float32{{1, 0}}, At: 0.5, By: answer.L2Distance}))
	huge := answer.Of(-3e38, -3e38)
	if v := answer.Judge(o, huge, huge); v != (answer.Verdict{}) {
		t.Errorf("%+v", v)
	}
	if e := answer.MeasuredOf(o).Excess(huge, huge); !(e < 0 && e > -1e39) {
		t.Errorf("excess %g", e)
	}
	if m, _ := answer.Margins(answer.DeciderOf(o), huge, huge, huge); !(m > 0 && m < 1e39) {
		t.Errorf("margin %g", m)
	}
}

// A label is always among as many as there are: nothing could ever deviate.
func TestTopKNeedsMoreClasses(t *testing.T) {
	top3 := model.Must(answer.TopK(3))
	for _, o := range []answer.Oracle{top3, model.Must(answer.MinGap(0.1, model.Must(answer.MinConfidence(0.1, top3))))} {
		if answer.Check(o, answer.Of(0.5, 0.3, 0.2), answer.Of(0.2, 0.3, 0.5)) == nil {
			t.Errorf("%s: 3 classes are no error", o)
		}
		if err := answer.Check(o, answer.Of(0.5, 0.3, 0.2, 0), answer.Of(0.2, 0.3, 0.5, 0)); err != nil {
			t.Errorf("%s: %v", o, err)
		}
	}
}
