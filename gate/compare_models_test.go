package gate_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
)

func TestEvidenceKnowsModelsByAllOfTheirFiles(t *testing.T) {
	hash := func(c string) string { return strings.Repeat(c, 64) }
	before := engine.Identity{Name: "m", SHA256: hash("a"), Content: hash("b"), GraphSHA256: hash("d")}
	other := engine.Identity{Name: "m", SHA256: hash("e"), Content: hash("f"), GraphSHA256: hash("d")}
	again := engine.Identity{Name: "n", SHA256: hash("1"), Content: hash("b")}
	old := engine.Identity{Name: "m", SHA256: hash("d")}
	compare := func(original, compressed, originalNow, compressedNow engine.Identity) (*gate.Comparison, error) {
		baseline, candidate := evidence("tt--"), evidence("tt--")
		baseline.Original, baseline.Compressed = original, compressed
		candidate.Original, candidate.Compressed = originalNow, compressedNow
		return gate.Compare(baseline, candidate, gate.CompareOptions{})
	}
	if _, err := compare(before, before, other, before); !errors.Is(err, gate.ErrNotComparable) || !strings.Contains(err.Error(), "expected m (SHA-256 aaaaaaaaaaaa), found m (SHA-256 eeeeeeeeeeee)") {
		t.Errorf("other weights of the original: found %v", err)
	}
	for reason, test := range map[string]struct {
		original, compressed, originalNow, compressedNow engine.Identity
		same                                             bool
		notes                                            int
	}{
		"the same pair":                   {before, before, before, before, true, 0},
		"the original saved again":        {before, before, again, again, true, 0},
		"other weights of the candidate":  {before, before, before, other, false, 0},
		"evidence of an earlier version":  {old, old, before, before, false, 1},
		"a candidate of one more release": {before, old, before, other, false, 0},
	} {
		c, err := compare(test.original, test.compressed, test.originalNow, test.compressedNow)
		if err != nil || c.SameCandidate != test.same || len(c.Notes) != test.notes {
			t.Errorf("%s: found %+v, %v", reason, c, err)
		}
	}
	c, err := compare(old, before, before, before)
	if err != nil || !strings.Contains(c.Notes[0], "Of m, the evidence of an earlier version knows the graph's file alone") {
		t.Errorf("found %+v, %v", c, err)
	}
}
