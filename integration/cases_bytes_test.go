//go:build cgo

package integration

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// casePair opens two models of a case as they were made.
func casePair(t *testing.T, original, compressed string) *model.Pair {
	t.Helper()
	pair, err := onnx.OpenPair(original, compressed, onnx.Scale(fixtures.Scale), onnx.PairName("case"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pair.Close() })
	return pair
}

// searchCase searches from the first n seeds.
func searchCase(t *testing.T, pair *model.Pair, n int, shard engine.Shard, change ...func(*engine.Settings)) *engine.Report {
	t.Helper()
	s := engine.Settings{Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 500}, Shard: shard}
	for _, c := range change {
		c(&s)
	}
	r, err := engine.Search(t.Context(), pair, generators.First(fixtures.Seeds(), n), s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The graphs are equal, the weights are not: a pair like any other. The numbers are those of the same models in one file each.
func caseExternalSameGraph(t *testing.T, dir string) {
	pair := casePair(t, filepath.Join(dir, "fp32", "model.onnx"), filepath.Join(dir, "pruned", "model.onnx"))
	o, c := pair.Describe()
	if o.SHA256 == c.SHA256 || o.Content == c.Content || len(o.Files) != 2 || o.Files[0].SHA256 != c.Files[0].SHA256 || o.Size != 249_125 {
		t.Errorf("expected equal graphs with other weights, of 249125 bytes together, found %+v and %+v", o, c)
	}
	found := searchCase(t, pair, 30, engine.Shard{})
	one, err := onnx.OpenPairFS(fixtures.Models, fixtures.LeNet5Pruned.Original, fixtures.LeNet5Pruned.Compressed, onnx.Scale(fixtures.Scale))
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	want := searchCase(t, one, 30, engine.Shard{})
	if len(found.Triggers()) == 0 || len(found.Triggers()) != len(want.Triggers()) || found.Ledger != want.Ledger {
		t.Errorf("found %d triggers for %+v; expected, as in one file, %d for %+v", len(found.Triggers()), found.Ledger, len(want.Triggers()), want.Ledger)
	}
	if c.Content != want.Compressed.Content {
		t.Errorf("the pruned model has the content %s, in one file %s", c.Content, want.Compressed.Content)
	}
}

func caseExternalWeightsSwapped(t *testing.T, dir string) {
	file := func(version, model string) string { return filepath.Join(dir, version, model+".onnx") }
	v1, v2 := casePair(t, file("v1", "a"), file("v1", "b")), casePair(t, file("v2", "a"), file("v2", "b"))
	_, before := v1.Describe()
	_, after := v2.Describe()
	if before.Files[0].SHA256 != after.Files[0].SHA256 {
		t.Fatal("expected the same graph in both versions")
	}
	// The candidate of the second version has the original's weights: a search without further ado is refused.
	if _, err := engine.Search(t.Context(), v2, fixtures.Seeds(), engine.Settings{Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 10}}); !errors.Is(err, engine.ErrSameModel) {
		t.Errorf("found %v", err)
	}
	allowed := func(s *engine.Settings) { s.AllowIdentical = true }

	t.Run("merge", func(t *testing.T) {
		first, second := searchCase(t, v1, 8, engine.Shard{Index: 0, Total: 2}), searchCase(t, v2, 8, engine.Shard{Index: 1, Total: 2}, allowed)
		want := regexp.MustCompile(`different searches: compressed model: b \(SHA-256 1fa7eec3[0-9a-f]{4}\) and b \(SHA-256 ef6b16eb[0-9a-f]{4}\)`)
		if _, err := engine.Merge(first, second); err == nil || !want.MatchString(err.Error()) {
			t.Errorf("found %v", err)
		}
	})
	t.Run("evidence", func(t *testing.T) {
		evidence := func(pair *model.Pair) *gate.Evidence {
			return model.Must(gate.EvidenceOf(searchCase(t, pair, 8, engine.Shard{}, allowed)))
		}
		baseline, candidate := evidence(v1), evidence(v2)
		// Without a bound every seed may have a trigger; one that has none makes the two comparable.
		baseline.Seeds[0].Status, baseline.Seeds[0].Trigger, baseline.Seeds[0].FirstHit = engine.GaveUp, nil, nil
		c, err := gate.Compare(baseline, candidate, gate.CompareOptions{})
		if err != nil || c.SameCandidate || baseline.Compressed.SHA256 == candidate.Compressed.SHA256 || baseline.Original.SHA256 != candidate.Original.SHA256 {
			t.Errorf("found %+v, %v, of %s and %s", c, err, baseline.Compressed, candidate.Compressed)
		}
		// An original whose weights have changed is another one.
		baseline.Original = baseline.Compressed
		if _, err := gate.Compare(baseline, candidate, gate.CompareOptions{}); !errors.Is(err, gate.ErrNotComparable) {
			t.Errorf("with another original: found %v", err)
		}
	})
	t.Run("replay", func(t *testing.T) {
		root := t.TempDir()
		store, r := model.Must(report.OpenStore(root)), searchCase(t, v1, 8, engine.Shard{})
		for _, trigger := range r.Triggers() {
			if _, err := store.Save(trigger, report.ContextOf(r)); err != nil {
				t.Fatal(err)
			}
		}
		var told []string
		for _, pair := range []*model.Pair{v1, v2} {
			m := matchers.ReplayCleanly(root).IncludingThisRun().Inspecting(func(s matchers.ReplaySummary) { told = append(told, strings.Join(s.Changed, "\n")) })
			if _, err := m.Match(pair); err != nil {
				t.Fatal(err)
			}
		}
		if told[0] != "" || !regexp.MustCompile(`^The compressed model has changed since \d saved triggers were found: it was b \(SHA-256 1fa7eec3\w+\), and is b \(SHA-256 ef6b16eb\w+\) now\.$`).MatchString(told[1]) {
			t.Errorf("found %q", told)
		}
		if testing.Short() {
			return
		}
		c := exec.Command(builtCommand(t), "replay", root, "--original", file("v2", "a"), "--compressed", file("v2", "b"), "--scale", "1/255")
		out, err := c.CombinedOutput()
		if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) || !strings.Contains(string(out), "The compressed model has changed since ") || !strings.Contains(string(out), "Still deviating: ") {
			t.Errorf("the command: found %v\n%s", err, out)
		}
	})
}

func caseExternalUint8Input(t *testing.T, dir string) {
	const want = "x * 0.00392157, then uint8 with scale 0.00784314 and zero point 0" // 1/127.5
	ext, one := filepath.Join(dir, "u8ext.onnx"), filepath.Join(dir, "u8one.onnx")
	pair := casePair(t, ext, one)
	o, c := pair.Describe()
	if o.Settings["preprocess"] != want || c.Settings["preprocess"] != want {
		t.Errorf("found %q and %q, expected %q", o.Settings["preprocess"], c.Settings["preprocess"], want)
	}
	if o.Content != c.Content || o.SHA256 == c.SHA256 {
		t.Errorf("expected one content in two forms, found %s and %s", o.Content, c.Content)
	}
	fs, err := onnx.OpenFS(os.DirFS(dir), "u8ext.onnx", onnx.Scale(fixtures.Scale))
	if err != nil {
		t.Fatal(err)
	}
	defer fs.Close()
	if d := fs.Describe(); d.SHA256 != o.SHA256 || d.Settings["preprocess"] != want {
		t.Errorf("in a file system: found %+v", d)
	}
}

func caseSameModelSavedAgain(t *testing.T, dir string) {
	pair := casePair(t, filepath.Join(dir, "a.onnx"), filepath.Join(dir, "b.onnx"))
	_, err := engine.Search(t.Context(), pair, generators.First(fixtures.Seeds(), 5), engine.Settings{Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 20}})
	if !errors.Is(err, engine.ErrSameModel) || !strings.Contains(err.Error(), "have the same weights and compute the same") {
		t.Errorf("found %v", err)
	}
	if _, err := matchers.HaveDeviationFrom(generators.First(fixtures.Seeds(), 5)).WithoutSaving().Match(pair); !errors.Is(err, engine.ErrSameModel) {
		t.Errorf("the matcher: found %v", err)
	}
	if found, err := matchers.HaveDeviationFrom(generators.First(fixtures.Seeds(), 5)).WithoutSaving().WithQueriesPerSeed(20).AllowingIdenticalScores().Match(pair); found || err != nil {
		t.Errorf("allowed: found %v, %v", found, err)
	}
}
