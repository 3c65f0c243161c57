package plots

import (
	"slices"
	"testing"
)

func TestCumulative(t *testing.T) {
	points := Cumulative([]float64{3, 0}, 4, 1, 10)
	if last := points[len(points)-1]; last.X != 10 || last.Y != 50 {
		t.Errorf("expected 50 %% at 10, found %v", last)
	}
	if first := points[1]; first.X != 1 { // the axis is logarithmic
		t.Errorf("expected 0 at 1, found %v", first)
	}
}

func TestDecades(t *testing.T) {
	var labels []string
	for _, tick := range (decades{}).Ticks(1, 1e7) {
		if tick.Label != "" {
			labels = append(labels, tick.Label)
		}
	}
	if want := []string{"1", "10", "100", "1000", "10k", "100k", "1M", "10M"}; !slices.Equal(labels, want) {
		t.Errorf("expected the labels %q, found %q", want, labels)
	}
}
