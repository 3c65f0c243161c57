package engine_test

import (
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
)

func TestIdentities(t *testing.T) {
	a, b, c, g := strings.Repeat("a", 64), strings.Repeat("b", 64), strings.Repeat("c", 64), strings.Repeat("d", 64)
	for _, test := range []struct {
		reason string
		x, y   engine.Identity
		want   engine.Sameness
	}{
		{"the same bytes", engine.Identity{Name: "x", SHA256: a}, engine.Identity{Name: "y", SHA256: a}, engine.Same},
		{"other bytes", engine.Identity{Name: "x", SHA256: a}, engine.Identity{Name: "x", SHA256: b}, engine.Different},
		{"saved again", engine.Identity{SHA256: a, Content: c}, engine.Identity{SHA256: b, Content: c}, engine.SavedAgain},
		{"other content", engine.Identity{SHA256: a, Content: c}, engine.Identity{SHA256: b, Content: a}, engine.Different},
		{"the graph's file alone, from an earlier version", engine.Identity{SHA256: g}, engine.Identity{SHA256: a, Content: c, GraphSHA256: g}, engine.GraphAlone},
		{"another graph", engine.Identity{SHA256: b}, engine.Identity{SHA256: a, GraphSHA256: g}, engine.Different},
		{"the same graph and other weights", engine.Identity{SHA256: b, GraphSHA256: g}, engine.Identity{SHA256: a, GraphSHA256: g}, engine.Different},
		{"no file, the same name", engine.Identity{Name: "x"}, engine.Identity{Name: "x"}, engine.Same},
		{"no file, another name", engine.Identity{Name: "x"}, engine.Identity{Name: "y"}, engine.Different},
		{"a file and none", engine.Identity{Name: "x"}, engine.Identity{Name: "x", SHA256: a, GraphSHA256: g}, engine.Different},
	} {
		if x, y := test.x.Compare(test.y), test.y.Compare(test.x); x != test.want || y != test.want {
			t.Errorf("%s: found %v, and the other way round %v; expected %v", test.reason, x, y, test.want)
		}
	}
	d := engine.Description{Name: "m", SHA256: a, Content: c, Files: []engine.ModelFile{{Name: "m.onnx", SHA256: g}, {Name: "m.onnx.data", SHA256: b}}}
	if id := d.Identity(); id != (engine.Identity{Name: "m", SHA256: a, Content: c, GraphSHA256: g}) || id.String() != "m (SHA-256 aaaaaaaaaaaa)" {
		t.Errorf("found %+v", id)
	}
}

func TestShardsOfOtherWeightsAreNotMerged(t *testing.T) {
	graph := strings.Repeat("d", 64)
	searched := func(weights string) []*engine.Report {
		d := engine.Description{Name: "m", SHA256: strings.Repeat(weights, 64), Content: strings.Repeat(weights, 64), Files: []engine.ModelFile{{SHA256: graph}, {SHA256: strings.Repeat(weights, 64)}}}
		reports := shards(t, brightnessPair(), greySeeds(4), settings(), 2)
		for _, r := range reports {
			r.Compressed = d
		}
		return reports
	}
	one, other := searched("a"), searched("b")
	if _, err := engine.Merge(one[0], other[1]); err == nil || !strings.Contains(err.Error(), "different searches: compressed model: m (SHA-256 aaaaaaaaaaaa) and m (SHA-256 bbbbbbbbbbbb)") {
		t.Errorf("found %v", err)
	}
	again := searched("b")
	again[1].Compressed.Content = one[0].Compressed.Content
	if _, err := engine.Merge(one[0], again[1]); err != nil {
		t.Errorf("saved again: found %v", err)
	}
	old := searched("a")
	old[1].Compressed = engine.Description{Name: "m", SHA256: graph}
	r, err := engine.Merge(one[0], old[1])
	if err != nil || len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "the graph's file of m alone") {
		t.Errorf("of an earlier version: found %v, warnings %q", err, r.Warnings)
	}
}
