package engine_test

import (
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
)

func TestOracles(t *testing.T) {
	top2 := engine.Must(engine.TopK(2))
	tolerance := engine.Must(engine.ScoreTolerance(0.1))
	severe := engine.Must(engine.MinConfidence(0.7, nil))
	type row = []float32
	for _, test := range []struct {
		reason               string
		oracle               engine.Oracle
		original, compressed row
		want                 engine.Verdict
	}{
		{"same label", engine.Top1(), row{0.7, 0.2, 0.1}, row{0.5, 0.4, 0.1}, engine.Verdict{}},
		{"other label", engine.Top1(), row{0.7, 0.2, 0.1}, row{0.4, 0.5, 0.1}, engine.Verdict{Deviates: true}},
		{"a tie that holds the other's label is no deviation, and counted", engine.Top1(),
			row{0.1, 0.7, 0.2}, row{0.4, 0.4, 0.2}, engine.Verdict{Tied: true}},
		{"a tie whose first label agrees is an ordinary agreement", engine.Top1(),
			row{0.7, 0.1, 0.2}, row{0.4, 0.4, 0.2}, engine.Verdict{}},
		{"two ties that overlap in one label", engine.Top1(),
			row{0.4, 0.4, 0.2}, row{0.2, 0.4, 0.4}, engine.Verdict{Tied: true}},
		{"disjoint ties deviate", engine.Top1(),
			row{0.3, 0.3, 0.2, 0.2}, row{0.2, 0.2, 0.3, 0.3}, engine.Verdict{Deviates: true, Tied: true}},
		{"second place is within the top 2", top2, row{0.7, 0.2, 0.1}, row{0.4, 0.5, 0.1}, engine.Verdict{}},
		{"third place is not", top2, row{0.7, 0.2, 0.1}, row{0.1, 0.5, 0.4}, engine.Verdict{Deviates: true}},
		{"it must hold both ways", top2, row{0.4, 0.5, 0.1}, row{0.3, 0.3, 0.4}, engine.Verdict{Deviates: true}},
		{"a tie at second place includes all of its labels", top2, row{0.6, 0.2, 0.2}, row{0.3, 0.1, 0.6}, engine.Verdict{}},
		{"within the tolerance", tolerance, row{0.5, 0.5}, row{0.58, 0.42}, engine.Verdict{}},
		{"beyond the tolerance, though the label is the same", tolerance, row{0.9, 0.1}, row{0.75, 0.25}, engine.Verdict{Deviates: true}},
		{"label only judges as top-1", engine.LabelOnly(), row{0.7, 0.2, 0.1}, row{0.4, 0.5, 0.1}, engine.Verdict{Deviates: true}},
		{"a sure original that is contradicted is a severe deviation", severe, row{0.75, 0.2, 0.05}, row{0.05, 0.75, 0.2}, engine.Verdict{Deviates: true}},
		{"an unsure original is not", severe, row{0.6, 0.3, 0.1}, row{0.1, 0.6, 0.3}, engine.Verdict{}},
	} {
		t.Run(test.oracle.String()+"/"+test.reason, func(t *testing.T) {
			if got := test.oracle.Judge(test.original, test.compressed); got != test.want {
				t.Errorf("%v against %v: got %+v, expected %+v", test.original, test.compressed, got, test.want)
			}
			if got := test.oracle.Judge(test.compressed, test.original); got.Deviates != test.want.Deviates {
				t.Errorf("the verdict depends on which model comes first")
			}
		})
	}
}

func TestOracleOptions(t *testing.T) {
	if _, err := engine.TopK(0); err == nil {
		t.Error("TopK(0): expected an error")
	}
	for _, p := range []float64{0, -1, 1.1} {
		if _, err := engine.MinConfidence(p, nil); err == nil {
			t.Errorf("MinConfidence(%g): expected an error", p)
		}
	}
	if _, err := engine.MinConfidence(0.9, engine.LabelOnly()); err == nil {
		t.Error("MinConfidence of labels: expected an error")
	}
	for _, tolerance := range []float64{0, -1, 1, 2} {
		if _, err := engine.ScoreTolerance(tolerance); err == nil {
			t.Errorf("ScoreTolerance(%g): expected an error", tolerance)
		}
	}
}
