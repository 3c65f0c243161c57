package matchers_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/report/dossier"
	"github.com/triggerfinder/triggerfinder/report/dossier/dossiertest"
	"github.com/triggerfinder/triggerfinder/triage"
)

func TestDistinctDeviationsRecordThemselves(t *testing.T) {
	pair := open(t, fixtures.LeNet5Pruned)
	search := matchers.HaveDeviationFrom(generators.First(fixtures.Seeds(), 10)).WithQueriesPerSeed(60).WithoutReplay().WithoutSaving()
	var r told
	few := matchers.HaveAtMost(1).DistinctDeviationsFoundBy(search.RecordedIn(&r)).RecordedIn(&r)
	if ok, err := few.Match(pair); ok || err != nil {
		t.Fatalf("%v, %v", ok, err)
	}
	if ok, err := matchers.HaveAtMost(10).DistinctDeviationsFoundBy(search).RecordedIn(&r).Match(pair); !ok || err != nil {
		t.Fatalf("%v, %v", ok, err)
	}
	_, err := matchers.HaveAtMost(10).DistinctDeviationsFoundBy(search.StoppingAfter(1)).RecordedIn(&r).Match(pair)
	if !errors.Is(err, gate.ErrUndecided) || !errors.Is(err, engine.ErrInconclusive) || strings.Count(err.Error(), "undecided") != 1 {
		t.Errorf("%v", err)
	}
	if len(r) != 3 {
		t.Fatalf("%d checks; expected 3, none of them of the search itself", len(r))
	}
	c := r[0]
	if c.Verdict != gate.CheckFailed || c.Message != few.FailureMessage(pair) || c.Name != "at most 1 distinct deviation (top-1)" ||
		c.Sentence != "Expected lenet5-pruned to have at most 1 distinct deviation from 10 seeds, judged by top-1." {
		t.Errorf("%+v", c)
	}
	if n := c.Numbers[0]; n.Value < 2 || n.Value != float64(triage.Distinct(c.Evidence.Search.Triggers())) || *n.Limit != 1 {
		t.Errorf("%+v; %d triggers", n, len(c.Evidence.Search.Triggers()))
	}
	if r[1].Verdict != gate.CheckPassed || r[2].Verdict != gate.CheckUndecided || r[2].Evidence.Search == nil {
		t.Errorf("%s, %s", r[1].Verdict, r[2].Verdict)
	}
	d := dossier.New("1", dossier.Options{})
	d.Check(c)
	dir := t.TempDir()
	if _, err := d.Write(dir); err != nil || dossiertest.CheckFolder(t, dir) != 1 {
		t.Error(err)
	}
	if doc := d.Document(); float64(len(doc.Clusters)) != c.Numbers[0].Value {
		t.Errorf("%d clusters in the document; expected %g", len(doc.Clusters), c.Numbers[0].Value)
	}
}
