package report_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/repair"
	"github.com/triggerfinder/triggerfinder/report"
)

// sampleSelector is for two classes.
func sampleSelector() *repair.Selector {
	return &repair.Selector{
		Pair: "lenet5-int8", Original: repair.Model{Name: "lenet5", SHA256: strings.Repeat("ab", 32)}, Compressed: repair.Model{Name: "lenet5-int8"},
		Classes: 2, Features: "sorted log-probabilities, entropy",
		Means: []float64{-0.1, -5, 0.2}, Scales: []float64{0.2, 3, 0.25}, Weights: []float64{-1.5, 0.1 + 0.2, 2}, Bias: 1e-300, Threshold: 0.5,
		AskAtMost: 0.05, TrainedOn: repair.Counts{Triggers: 9, Clean: 100, Deviating: 1},
	}
}

func TestSelectorRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "selector.json")
	if err := report.SaveSelector(path, sampleSelector()); err != nil {
		t.Fatal(err)
	}
	got, err := report.LoadSelector(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sampleSelector(), got); diff != "" {
		t.Errorf("(- saved, + loaded):\n%s", diff)
	}
	scores := []float32{0.75, 0.25}
	if a, b := model.Must(sampleSelector().Doubt(scores)), model.Must(got.Doubt(scores)); a != b {
		t.Errorf("doubt %g became %g", a, b)
	}
	first := readFile(t, path)
	if err := report.SaveSelector(path, got); err != nil || !bytes.Equal(first, readFile(t, path)) {
		t.Errorf("%v; the same selector has other bytes", err)
	}
	if found := names(t, filepath.Dir(path)); len(found) != 1 {
		t.Errorf("left %v", found)
	}
}

func TestSelectorIsReadStrictly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "selector.json")
	if err := report.SaveSelector(path, sampleSelector()); err != nil {
		t.Fatal(err)
	}
	good := string(readFile(t, path))
	for _, test := range []struct{ reason, old, new, want string }{
		{"another format", "triggerfinder-selector", "triggerfinder-evidence", `format: expected "triggerfinder-selector", found "triggerfinder-evidence"`},
		{"a newer version", `"version": 2`, `"version": 3`, "version 3: expected at most 2"},
		{"an unknown field", `"classes"`, `"more": 1, "classes"`, `unknown field "more"`},
		{"other features", "sorted log", "log", "features: expected"},
		{"no classes", `"classes": 2`, `"classes": 1`, "classes: expected at least 2, found 1"},
		{"too few numbers", "-1.5,", "", "weights: expected 3 numbers for 2 classes, found 2"},
		{"a huge number", `"threshold": 0.5`, `"threshold": 1e300`, "bias, threshold: expected finite numbers"},
		{"a scale of 0", "0.25", "0", "scales[2]: expected a number above 0, found 0"},
		{"no limit", `"ask_at_most": 0.05`, `"ask_at_most": 1`, "ask_at_most: expected above 0 and below 1, found 1"},
		{"no triggers", `"triggers": 9,`, `"triggers": -9,`, "trained_on"},
		{"no hash", "abab", "xyab", "sha256: expected 64 hexadecimal digits"},
		{"something behind", "}\n", "}\n{}", "invalid character"},
		{"a part", good[len(good)/2:], "", "expected a JSON object"},
	} {
		t.Run(test.reason, func(t *testing.T) {
			bad := good[:strings.LastIndex(good, test.old)] + test.new + good[strings.LastIndex(good, test.old)+len(test.old):]
			if err := os.WriteFile(path, []byte(bad), 0o666); err != nil {
				t.Fatal(err)
			}
			_, err := report.LoadSelector(path)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("got error %v, expected %q", err, test.want)
			}
		})
	}
	if err := os.WriteFile(path, make([]byte, 2<<20), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := report.LoadSelector(path); err == nil || !strings.Contains(err.Error(), "expected at most 1048576 bytes") {
		t.Errorf("got error %v", err)
	}
	if _, err := report.LoadSelector(path + "-none"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got error %v", err)
	}
}

func TestBadSelectorsAreNotSaved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "selector.json")
	bad := sampleSelector()
	bad.Weights = nil
	for _, s := range []*repair.Selector{nil, bad} {
		if err := report.SaveSelector(path, s); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("got error %v", err)
		}
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("wrote a bad selector: %v", err)
	}
}

// FuzzLoadSelector reads a selector file that may hold anything. What is accepted judges any scores, and is the same
// when it is written and read again.
func FuzzLoadSelector(f *testing.F) {
	path := filepath.Join(f.TempDir(), "selector.json")
	if err := report.SaveSelector(path, sampleSelector()); err != nil {
		f.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"format": "triggerfinder-selector", "version": 1, "classes": 9223372036854775807, "features": "sorted log-probabilities, entropy"}`))
	f.Add([]byte(`{"format": "triggerfinder-selector", "version": 1, "means": [null], "weights": {}}`))
	f.Add([]byte(`{"format": "triggerfinder-selector", "version": 3}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := report.DecodeSelector(data)
		if err != nil {
			return
		}
		if s.Classes <= 1000 {
			scores := make([]float32, s.Classes)
			scores[0] = 1
			if _, err := s.Trusts(scores); err != nil {
				t.Errorf("%v", err)
			}
		}
		path := filepath.Join(t.TempDir(), "selector.json")
		if err := report.SaveSelector(path, s); err != nil {
			t.Fatal(err)
		}
		again, err := report.LoadSelector(path)
		if err != nil {
			t.Fatalf("cannot read what it writes: %v", err)
		}
		if diff := cmp.Diff(s, again); diff != "" {
			t.Errorf("changed by writing and reading:\n%s", diff)
		}
	})
}
