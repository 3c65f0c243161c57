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

func TestLegendFits(t *testing.T) {
	lines := []Line{{Name: "TriggerFinder, published"}, {Name: "TriggerFinder, released"}, {Name: "DiffChaser"}}
	const narrow = 200
	rows := legendRows(lines, narrow)
	if len(rows) < 2 {
		t.Fatalf("expected several rows, found %v", rows)
	}
	if len(legendRows(lines, 1000)) != 1 {
		t.Error("expected one row where there is room")
	}
}
