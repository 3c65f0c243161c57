package matchers_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/report/dossier"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

var _ matchers.Recorder = (*dossier.Dossier)(nil)

// told keeps checks.
type told []gate.Check

func (r *told) Check(c gate.Check) { *r = append(*r, c) }

func TestMatchersRecordThemselves(t *testing.T) {
	pair, seeds := open(t, fixtures.LeNet5Int8), generators.First(fixtures.Seeds(), 3)
	var r told
	root := t.TempDir()
	search := matchers.HaveDeviationFrom(seeds).SavingTo(root).WithoutReplay().RecordedIn(&r)
	deviates, err := search.Match(pair)
	if err != nil || !deviates {
		t.Fatalf("%v, %v", deviates, err)
	}
	matchers.Restarted()
	replay := matchers.ReplayCleanly(root).RecordedIn(&r)
	if clean, err := replay.Match(pair); err != nil || clean {
		t.Fatalf("%v, %v", clean, err)
	}
	want := []gate.Check{
		{
			Name: "no deviation found (top-1)", Pair: "lenet5-int8", Verdict: gate.CheckFailed,
			Sentence: "Expected lenet5-int8 not to have a deviation from 3 seeds, judged by top-1.",
			Message:  search.NegatedFailureMessage(pair),
		},
		{
			Name: "saved triggers replay cleanly (top-1)", Pair: "lenet5-int8", Verdict: gate.CheckFailed,
			Sentence: "Expected lenet5-int8 to replay the saved triggers in " + filepath.Base(root) + " cleanly, judged by top-1.",
			Message:  replay.FailureMessage(pair),
		},
	}
	if diff := cmp.Diff(want, []gate.Check(r), cmpopts.IgnoreFields(gate.Check{}, "Numbers", "Evidence")); diff != "" {
		t.Errorf("recorded (- expected, + found):\n%s", diff)
	}
	found := len(r[0].Evidence.Search.Triggers())
	if n := r[0].Numbers[0]; found == 0 || n.Value != float64(found) || n.Unit != "of 3 seeds" {
		t.Errorf("number %+v of %d triggers", n, found)
	}
	if r[1].Evidence.Models != pair || len(r[1].Evidence.Triggers) != found {
		t.Errorf("%d triggers as evidence of the replay; expected %d", len(r[1].Evidence.Triggers), found)
	}

	// A pass, saved triggers instead of a search, and errors.
	r = nil
	bounded := matchers.HaveDeviationFrom(seeds).SavingTo(t.TempDir()).Within(distance.LInf(1)).MinConfidence(0.99).WithQueriesPerSeed(20).RecordedIn(&r)
	if deviates, err := bounded.Match(pair); err != nil || deviates {
		t.Fatalf("%v, %v", deviates, err)
	}
	if deviates, err := matchers.HaveDeviationFrom(seeds).SavingTo(root).RecordedIn(&r).Match(pair); err != nil || !deviates {
		t.Fatalf("%v, %v", deviates, err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := search.RecordedIn(&r).WithContext(cancelled).Match(pair); err == nil {
		t.Fatal("no error of a cancelled search")
	}
	if clean, err := replay.Within(distance.LInf(1)).Match(pair); !errors.Is(err, gate.ErrUndecided) || clean {
		t.Fatalf("%v, %v", clean, err)
	}
	if c := r[len(r)-1]; c.Verdict != gate.CheckUndecided || len(c.Numbers) != 1 ||
		c.Numbers[0].Name != "saved triggers outside the bound, not judged" || c.Numbers[0].Value != float64(found) {
		t.Errorf("%+v", c)
	}
	r = r[:len(r)-1]
	if _, err := replay.RecordedIn(&r).Match("no pair"); err == nil {
		t.Fatal("no error of a wrong actual value")
	}
	if len(r) != 4 {
		t.Fatalf("%d checks; expected 4", len(r))
	}
	if c := r[0]; c.Verdict != gate.CheckPassed || c.Message != "" || c.Evidence.Search == nil {
		t.Errorf("%+v", c)
	}
	if c := r[1]; c.Verdict != gate.CheckFailed || c.Evidence.Search != nil || len(c.Evidence.Triggers) != found {
		t.Errorf("%s with %d triggers", c.Verdict, len(c.Evidence.Triggers))
	}
	if c := r[2]; c.Verdict != gate.CheckUndecided || !strings.Contains(c.Message, "cancel") {
		t.Errorf("%s: %s", c.Verdict, c.Message)
	}
	// What the earlier Match of the same matcher found must not stand in it.
	if c := r[3]; c.Verdict != gate.CheckError || c.Pair != "" || len(c.Numbers) > 0 || c.Evidence.Models != nil {
		t.Errorf("%+v", c)
	}
}

func TestRecordedInNothing(t *testing.T) {
	pair := open(t, fixtures.LeNet5Int8)
	if _, err := matchers.ReplayCleanly(t.TempDir()).OrNothing().RecordedIn(nil).Match(pair); err != nil {
		t.Error(err)
	}
}

func TestRatesRecordThemselves(t *testing.T) {
	pair, seeds := open(t, fixtures.LeNet5Int8), generators.First(fixtures.Seeds(), 20)
	var r told
	rate := matchers.HaveDeviationRateBelow(0.5).Under(generators.AsTheyAre(seeds)).RecordedIn(&r)
	if below, err := rate.Match(pair); err != nil || !below {
		t.Fatalf("%v, %v", below, err)
	}
	if _, err := rate.Under(generators.Corrupted(seeds)).WithFixedDraws(500).WithSettings(func(s *gate.RateSettings) { s.Limit = 0.0075 }).Match(pair); err != nil && !errors.Is(err, gate.ErrUndecided) {
		t.Fatal(err)
	} else if err == nil {
		t.Fatal("500 draws decided: nothing was tested")
	}
	flips := matchers.HaveNegativeFlipRateBelow(0.2).On(seeds).PerClass(0.9).WithClassNames(fixtures.ClassNames()...).RecordedIn(&r)
	if below, err := flips.Match(pair); err != nil || !below {
		t.Fatalf("%v, %v", below, err)
	}
	want := []gate.Check{
		{
			Name: "deviation rate below 50 % (top-1)", Pair: "lenet5-int8", Verdict: gate.CheckPassed,
			Sentence: "Expected lenet5-int8 to have a deviation rate below 50 % under 20 seeds as they are, drawn with replacement, with a confidence of 95 %, judged by top-1.",
		},
		{
			Name: "deviation rate below 0.75 % (top-1)", Pair: "lenet5-int8", Verdict: gate.CheckUndecided,
			Sentence: "Expected lenet5-int8 to have a deviation rate below 0.75 % under 20 seeds x those of 17 corruptions that fit x severity 0.1..1, with a confidence of 95 %, judged by top-1.",
		},
		{
			Name: "negative flip rate below 20 %", Pair: "lenet5-int8", Verdict: gate.CheckPassed,
			Sentence: "Expected lenet5-int8 to have a negative flip rate below 20 % on 20 labelled seeds, with a confidence of 95 %.",
		},
	}
	if diff := cmp.Diff(want, []gate.Check(r), cmpopts.IgnoreFields(gate.Check{}, "Numbers", "Evidence", "Message")); diff != "" {
		t.Errorf("recorded (- expected, + found):\n%s", diff)
	}
	if n := r[0].Numbers[0]; n.Value != 0 || n.Upper == nil || *n.Upper <= 0 || *n.Limit != 0.5 || r[0].Evidence.Rate.Decision != gate.Below {
		t.Errorf("number %+v", n)
	}
	if !strings.Contains(r[1].Message, "undecided") || r[1].Evidence.Rate.Drawn != 500 {
		t.Errorf("message %q", r[1].Message)
	}
	if n := r[2].Numbers; len(n) != 11 || n[1].Name != "negative flip rate of T-shirt/top" || *n[1].Limit != 0.9 || r[2].Evidence.Flips.Inputs != 20 {
		t.Errorf("%d numbers: %+v", len(n), n)
	}
}

func TestComparisonsAndWaiversRecordThemselves(t *testing.T) {
	file := savedEvidence(t, fixtures.LeNet5Int8)
	var r told
	matcher := matchers.DeviateNoMoreThan(file).From(generators.First(fixtures.Seeds(), 30)).RecordedIn(&r)
	if pass, err := matcher.Match(open(t, fixtures.LeNet5Pruned)); err != nil || pass {
		t.Fatalf("%v, %v", pass, err)
	}
	c := r[0]
	if c.Verdict != gate.CheckFailed || c.Name != "no more deviations than in lenet5-int8.json" ||
		c.Sentence != "Expected lenet5-pruned to deviate no more than lenet5-int8 does in lenet5-int8.json." {
		t.Errorf("%s: %s: %s", c.Verdict, c.Name, c.Sentence)
	}
	compared := c.Evidence.Comparison
	if n := c.Numbers; n[0].Value <= *n[0].Limit || n[1].Value != float64(compared.Worse) || c.Evidence.Search == nil {
		t.Errorf("numbers %+v", n)
	}

	// What is waived passes, and is told.
	pair, root := open(t, fixtures.LeNet5Int8), t.TempDir()
	var found []*engine.Trigger
	search := matchers.HaveDeviationFrom(generators.First(fixtures.Seeds(), 2)).SavingTo(root)
	if _, err := search.Inspecting(func(r *engine.Report) { found = r.Triggers() }).Match(pair); err != nil || len(found) == 0 {
		t.Fatalf("%d, %v", len(found), err)
	}
	var fields []string
	for _, f := range found {
		fields = append(fields, fmt.Sprintf(`"trigger": %q, "expires": "2999-01-01"`, f.ID))
	}
	waived := waiverFile(t, fields...)
	r = nil
	matchers.Restarted()
	if clean, err := matchers.ReplayCleanly(root).WithWaivers(waived).RecordedIn(&r).Match(pair); err != nil || !clean {
		t.Fatalf("%v, %v", clean, err)
	}
	c = r[0]
	if c.Verdict != gate.CheckPassed || len(c.Numbers) != 2 || c.Numbers[1].Value != float64(len(found)) ||
		!strings.Contains(c.Message, "waived in") || len(c.Evidence.Triggers) != len(found) {
		t.Errorf("%+v", c)
	}
}

func TestPowerAndNoiseAreEvidence(t *testing.T) {
	pair := open(t, fixtures.LeNet5Int8)
	p := fixtures.LeNet5Int8
	var r told
	some := generators.First(fixtures.Seeds(), 20)
	base := matchers.HaveDeviationFrom(some).WithoutSaving().WithoutReplay().RecordedIn(&r)
	weak := base.Within(distance.LInf(2)).MinConfidence(0.99).WithQueriesPerSeed(20).
		WithCanary(onnx.PerturbedFS(fixtures.Models, p.Original, onnx.Scale(fixtures.Scale)), 0.001)
	if _, err := weak.Match(pair); !errors.Is(err, gate.ErrTooWeak) {
		t.Fatalf("got error %v", err)
	}
	if c := r[0]; c.Verdict != gate.CheckUndecided || c.Evidence.Canary == nil || c.Evidence.Canary.Trials[0].Found != 0 {
		t.Errorf("%s, %+v", c.Verdict, c.Evidence.Canary)
	}
	if deviates, err := base.WithNoiseFloor(nil).Match(pair); err != nil || !deviates {
		t.Fatalf("%v, %v", deviates, err)
	}
	if n := r[1].Evidence.Noise; n == nil || len(n.Triggers) == 0 {
		t.Errorf("noise floor %+v", n)
	}
}
