package dossier

import (
	"testing"

	"github.com/triggerfinder/triggerfinder/gate"
)

func TestPartsAreToldApart(t *testing.T) {
	d := New("1", Options{})
	check := Check{Name: "rate", Sentence: "Expected little.", Verdict: Passed, Evidence: gate.CheckEvidence{Rate: &gate.Rate{}}}
	d.For("Trouser").Check(check)
	d.For("").Check(check)
	doc := d.Document()
	if len(doc.Checks) != 2 || doc.Checks[0].Name != "rate" || doc.Checks[1].Name != "rate, Trouser" ||
		doc.Checks[1].Sentence != "Trouser: Expected little." {
		t.Errorf("%+v", doc.Checks)
	}
	if len(doc.Rates) != 2 || doc.Rates[1].About != "rate, Trouser" {
		t.Errorf("%+v", doc.Rates)
	}
}
