package report_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/report"
)

func sampleEvidence() *gate.Evidence {
	ssim, hit := 0.75, 3
	return &gate.Evidence{
		Pair: "lenet5-int8", Original: gate.EvidenceModel{Name: "lenet5", SHA256: strings.Repeat("ab", 32)},
		Compressed: gate.EvidenceModel{Name: "lenet5-int8"}, Strategy: "boundary", Oracle: "top-1", Bound: "LInf 8", Aim: "ssim",
		Budget: engine.Budget{QueriesPerSeed: 100, TimePerSeed: time.Second}, RandomSeed: 1<<64 - 1,
		Versions: map[string]string{"cpu": "avx2"}, Skipped: 1,
		Seeds: []gate.EvidenceSeed{
			{ID: "0123456789abcdef", Label: 3, Status: engine.Triggered, Queries: 9, FirstHit: &hit, Trigger: &gate.EvidenceTrigger{
				ID: "fedcba9876543210", Labels: answer.Labels{OriginalLabel: 3, CompressedLabel: 5}, Distance: distance.Distance{L0: 2, L1: 9, L2: 6.25, LInf: 8, SSIM: &ssim}}},
			{ID: "1123456789abcdef", Label: -1, Status: engine.SeedExhausted, Queries: 100},
		},
	}
}

func TestEvidenceIsSavedAndLoaded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "evidence", "lenet5.json")
	if err := report.SaveEvidence(path, sampleEvidence()); err != nil {
		t.Fatal(err)
	}
	got, err := report.LoadEvidence(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sampleEvidence(), got); diff != "" {
		t.Error(diff)
	}
	first := readFile(t, path)
	changed := sampleEvidence()
	changed.Seeds = changed.Seeds[:1]
	for _, e := range []*gate.Evidence{changed, got} {
		if err := report.SaveEvidence(path, e); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first, readFile(t, path)) {
		t.Error("the same evidence has other bytes")
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("%v, error %v; expected nothing beside the file", entries, err)
	}
	if _, err := report.LoadEvidence(path + "x"); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), path+"x: expected a file, found none") {
		t.Errorf("error %v; expected one about a missing file", err)
	}
	bad := sampleEvidence()
	bad.Oracle = ""
	if err := report.SaveEvidence(path, bad); err == nil || !strings.Contains(err.Error(), "oracle: expected a text") {
		t.Errorf("error %v; expected that bad evidence is not written", err)
	}
	if err := report.SaveEvidence(filepath.Dir(path), sampleEvidence()); err == nil || !strings.Contains(err.Error(), "expected a file, found a folder") {
		t.Errorf("error %v", err)
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func encodedEvidence(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "e.json")
	if err := report.SaveEvidence(path, sampleEvidence()); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestLoadEvidenceNamesWhatIsWrong(t *testing.T) {
	for _, test := range []struct{ old, new, want string }{
		{`"triggerfinder-evidence"`, `"triggerfinder-search"`, `format: expected "triggerfinder-evidence", found "triggerfinder-search"`},
		{`"format": "triggerfinder-evidence",`, ``, `format: expected "triggerfinder-evidence", found none`},
		{`"version": 3`, `"version": 4`, "version 4: expected at most 3: written by a newer version of triggerfinder"},
		{`"version": 3`, `"version": 0`, "version 0: expected 1 to 3"},
		{`"version": 3,`, ``, "version: expected 1 to 3, found none"},
		{`{`, `<<<<<<< HEAD`, "expected a JSON object"},
		{`"aim": "ssim"`, `"aims": "ssim"`, `unknown field "aims"`},
		{`"boundary"`, `""`, "strategy: expected a text, found none"},
		{`"abab`, `"xbab`, "original.sha256: expected 64 hexadecimal digits"},
		{`"queries_per_seed": 100`, `"queries_per_seed": -1`, "budget: expected no negative limit"},
		{`"queries_per_seed": 100`, `"queries": 100`, "budget: expected limits of a seed alone"},
		{`"queries": 9`, `"queries": 2`, "seeds[0]: first_hit: expected 0 to 2, the queries of the seed, found 3"},
		{`"0123456789abcdef"`, `"0123"`, `seeds[0]: id: expected 16 hexadecimal digits, found "0123"`},
		{`"triggered"`, `"exhausted"`, "seeds[0]: expected trigger and first_hit with status triggered"},
		{`"exhausted"`, `"interrupted"`, "seeds[1]: status: expected triggered, exhausted or gave-up"},
		{`"label": 3`, `"label": -2`, "seeds[0]: label: expected at least -1"},
		{`"l2": 6.25`, `"l2": -6`, "seeds[0]: trigger.distance: expected finite numbers"},
		{`"ssim": 0.75`, `"ssim": 75`, "seeds[0]: trigger.distance.ssim: expected -1 to 1"},
		{`"compressed_label": 5`, `"compressed_label": -1`, `seeds[0]: trigger.kind: expected "not finite" with compressed label -1, and none with others, found "" with -1`},
		{`"original_label": 3`, `"kind": "not finite", "original_label": 3`, `seeds[0]: trigger.kind: expected "not finite" with compressed label -1, and none with others, found "not finite" with 5`},
		{`"original_label": 3`, `"kind": "unusable", "original_label": 3`, `seeds[0]: trigger.kind: expected "not finite"`},
		{`"original_label": 3`, `"deviation": {"from": {"label": -1, "words": "1"}, "to": {"label": -1, "words": "2"}, "size": -1}, "original_label": 3`, "seeds[0]: trigger: expected labels of at least -1"},
		{`"original_label": 3`, `"deviation": {"from": {"label": -1}, "to": {"label": -1}, "sizes": 1}, "original_label": 3`, `unknown field "sizes"`},
		{`"fedcba9876543210"`, `"FEDC"`, "seeds[0]: trigger.id: expected 16"},
		{"\n}\n", "\n}\n{}", "expected a JSON object"},
	} {
		path := filepath.Join(t.TempDir(), "e.json")
		text := encodedEvidence(t)
		if !strings.Contains(text, test.old) {
			t.Fatalf("%q is not in the file", test.old)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(text, test.old, test.new, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := report.LoadEvidence(path)
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%q for %q: error %v; expected the file and %q", test.new, test.old, err, test.want)
		}
	}
}

// Evidence of versions 1 and 2 tells by its label alone that a trigger is not finite.
func TestEvidenceOfEarlierVersions(t *testing.T) {
	broken := sampleEvidence()
	broken.Seeds[0].Trigger.Labels = answer.Labels{Kind: answer.NotFinite, OriginalLabel: 3, CompressedLabel: answer.NoLabel}
	path := filepath.Join(t.TempDir(), "e.json")
	if err := report.SaveEvidence(path, broken); err != nil {
		t.Fatal(err)
	}
	text := string(readFile(t, path))
	for _, version := range []string{"1", "2"} {
		old := strings.Replace(strings.Replace(text, `"version": 3`, `"version": `+version, 1), `"kind": "not finite",`, "", 1)
		if err := os.WriteFile(path, []byte(old), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := report.LoadEvidence(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(broken, got); diff != "" {
			t.Errorf("version %s:\n%s", version, diff)
		}
	}
}

func FuzzLoadEvidence(f *testing.F) {
	f.Add([]byte(encodedEvidence(f)))
	f.Add([]byte(`{"format": "triggerfinder-evidence", "version": 1, "seeds": [null, {}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := report.DecodeEvidence(data)
		if err != nil {
			return
		}
		path := filepath.Join(t.TempDir(), "e.json")
		if err := report.SaveEvidence(path, e); err != nil {
			t.Fatalf("cannot write what it reads: %v", err)
		}
		again, err := report.LoadEvidence(path)
		if err != nil || again.Found() != e.Found() {
			t.Fatalf("%v, error %v; expected the same again", again, err)
		}
		if c, err := gate.Compare(e, again, gate.CompareOptions{}); err == nil && !c.Pass {
			t.Fatalf("%+v; expected evidence to be no worse than itself", c)
		}
	})
}
