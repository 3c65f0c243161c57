package report_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

// notFiniteTrigger is one to which the compressed model gives NaN and infinity.
func notFiniteTrigger(n int) *engine.Trigger {
	t := sampleTrigger(n)
	t.Answer(engine.Evaluation{
		Original: t.Original, Compressed: answer.Of(0.5, float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))),
		Verdict: answer.Verdict{Deviates: true, Kind: answer.NotFinite},
	})
	return t
}

func TestTriggersThatAreNotFiniteAreSavedAndLoaded(t *testing.T) {
	trigger := notFiniteTrigger(3)
	dir := save(t, openStore(t), trigger)
	got, err := report.LoadTrigger(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(*trigger, got.Trigger, cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("(- saved, + loaded):\n%s", diff)
	}
	path := filepath.Join(dir, "trigger.json")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(string(data)), " ")
	for _, want := range []string{`"kind": "not finite"`, `"scores": [ 0.5, "NaN", "Infinity", "-Infinity" ]`, `"label": -1, "confidence": 0`} {
		if !strings.Contains(text, want) {
			t.Errorf("trigger.json lacks %s:\n%s", want, data)
		}
	}
	for _, test := range []struct{ old, new, want string }{
		{`"kind": "not finite"`, `"kind": "odd"`, `kind: expected "not finite" or none, found "odd"`},
		{`"kind": "not finite",`, ``, "compressed label -1: expected a label of its 4 scores"},
		{`"label": -1`, `"label": 2`, `kind "not finite": expected a compressed model with label -1`},
		{`"NaN"`, `"nan"`, `expected a number, "NaN", "Infinity" or "-Infinity"`},
	} {
		if !strings.Contains(string(data), test.old) {
			t.Fatalf("%s is not in the file", test.old)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(data), test.old, test.new, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := report.LoadTrigger(dir); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s for %s: error %v; expected %q", test.new, test.old, err, test.want)
		}
	}
}

func TestReportsCountWhatIsNotFinite(t *testing.T) {
	r := sampleReport(sampleTrigger(1), notFiniteTrigger(2), notFiniteTrigger(3))
	r.Ledger.Unusable, r.Seeds[0].Unusable = 12, 12
	dir := t.TempDir()
	if _, err := report.SaveReport(dir, r, report.Options{}); err != nil {
		t.Fatal(err)
	}
	back, err := report.LoadReport(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(withoutInputs(r), back.Report, cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(- saved, + loaded):\n%s", diff)
	}
	if back.Stats.NotFinite != 2 || back.Stats.UnusableQueries != 12 || back.Report.NotFinite() != 2 {
		t.Errorf("%+v", back.Stats)
	}
	result := report.ResultOf(r, nil)
	text := string(model.Must(json.Marshal(result)))
	for _, want := range []string{`"not_finite":2`, `"unusable_queries":12`, `"unusable":12`, `"kind":"not finite","original_label":1,"compressed_label":-1,"original_confidence":0.75,"compressed_confidence":null`} {
		if !strings.Contains(text, want) {
			t.Errorf("the result lacks %s:\n%s", want, text)
		}
	}
	summary := report.Summary(r)
	for _, want := range []string{
		"not finite    2 of 3 triggers are not finite: the compressed model gives NaN or infinity for 3 of 4 scores where the original's are finite",
		"unusable      12 candidates for which the original gives NaN or infinity, which is no deviation",
	} {
		if !strings.Contains(summary, want) {
			t.Errorf("the summary lacks %q:\n%s", want, summary)
		}
	}
	plain := sampleReport(sampleTrigger(1))
	if text := string(model.Must(json.Marshal(report.ResultOf(plain, nil)))) + report.Summary(plain); strings.Contains(text, "finite") || strings.Contains(text, "unusable") {
		t.Errorf("a report of ordinary triggers says otherwise:\n%s", text)
	}
}

func TestAnswersThatAreNotFiniteInWords(t *testing.T) {
	trigger := notFiniteTrigger(1)
	if got, want := report.AnswersInWords(trigger, classNames), "original says Trouser (0.75), the compressed model gives NaN or infinity for 3 of 4 scores"; got != want {
		t.Errorf("%q; expected %q", got, want)
	}
	trigger.Compressed.Scores = nil // abridged
	if got, want := report.AnswersInWords(trigger, nil), "original says class 1 (0.75), the compressed model gives NaN or infinity"; got != want {
		t.Errorf("%q; expected %q", got, want)
	}
}

// A trigger for which the original has no answer any more is neither one nor healed.
func TestReplayWhereTheOriginalIsNotFinite(t *testing.T) {
	for _, test := range []struct {
		original, compressed []float32
		want                 report.Fate
	}{
		{[]float32{0.9, 0.1}, []float32{0.1, 0.9}, report.StillDeviates},
		{[]float32{0.9, 0.1}, []float32{0.1, float32(math.NaN())}, report.StillDeviates},
		{[]float32{0.9, 0.1}, []float32{0.8, 0.2}, report.Healed},
		{[]float32{0.9, float32(math.NaN())}, []float32{0.1, 0.9}, report.OriginalNotFinite},
	} {
		answers := func(row []float32) model.Predictor {
			return model.Func("x", func(context.Context, []input.Input) ([][]float32, error) { return [][]float32{row}, nil })
		}
		pair := model.Must(model.NewPair("p", answers(test.original), answers(test.compressed)))
		for _, saved := range []*engine.Trigger{sampleTrigger(1), notFiniteTrigger(1)} {
			s := report.SavedTrigger{Trigger: *saved}
			fate, _, err := s.Replay(t.Context(), pair, model.Must(answer.MinGap(0.5, nil)), nil)
			if want := test.want; err != nil || fate != want && !(want == report.Healed && saved.Kind == "" && fate == report.NeverDeviated) {
				t.Errorf("%+v: %s, %v", test, fate, err)
			}
		}
	}
}
