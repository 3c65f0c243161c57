package plots

import "testing"

func TestCumulative(t *testing.T) {
	points := Cumulative([]float64{3, 0}, 4, 1, 10)
	if last := points[len(points)-1]; last.X != 10 || last.Y != 50 {
		t.Errorf("expected 50 %% at 10, found %v", last)
	}
	if first := points[1]; first.X != 1 { // the axis is logarithmic
		t.Errorf("expected 0 at 1, found %v", first)
	}
}
