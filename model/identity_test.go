package model_test

import (
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/model"
)

func TestIdentities(t *testing.T) {
	a, b, c, g := strings.Repeat("a", 64), strings.Repeat("b", 64), strings.Repeat("c", 64), strings.Repeat("d", 64)
	for _, test := range []struct {
		reason string
		x, y   model.Identity
		want   model.Sameness
	}{
		{"the same bytes", model.Identity{Name: "x", SHA256: a}, model.Identity{Name: "y", SHA256: a}, model.Same},
		{"other bytes", model.Identity{Name: "x", SHA256: a}, model.Identity{Name: "x", SHA256: b}, model.Different},
		{"saved again", model.Identity{SHA256: a, Content: c}, model.Identity{SHA256: b, Content: c}, model.SavedAgain},
		{"other content", model.Identity{SHA256: a, Content: c}, model.Identity{SHA256: b, Content: a}, model.Different},
		{"the graph's file alone, from an earlier version", model.Identity{SHA256: g}, model.Identity{SHA256: a, Content: c, GraphSHA256: g}, model.GraphAlone},
		{"another graph", model.Identity{SHA256: b}, model.Identity{SHA256: a, GraphSHA256: g}, model.Different},
		{"the same graph and other weights", model.Identity{SHA256: b, GraphSHA256: g}, model.Identity{SHA256: a, GraphSHA256: g}, model.Different},
		{"no file, the same name", model.Identity{Name: "x"}, model.Identity{Name: "x"}, model.Same},
		{"no file, another name", model.Identity{Name: "x"}, model.Identity{Name: "y"}, model.Different},
		{"a file and none", model.Identity{Name: "x"}, model.Identity{Name: "x", SHA256: a, GraphSHA256: g}, model.Different},
	} {
		if x, y := test.x.Compare(test.y), test.y.Compare(test.x); x != test.want || y != test.want {
			t.Errorf("%s: found %v, and the other way round %v; expected %v", test.reason, x, y, test.want)
		}
	}
	d := model.Description{Name: "m", SHA256: a, Content: c, Files: []model.File{{Name: "m.onnx", SHA256: g}, {Name: "m.onnx.data", SHA256: b}}}
	if id := d.Identity(); id != (model.Identity{Name: "m", SHA256: a, Content: c, GraphSHA256: g}) || id.String() != "m (SHA-256 aaaaaaaaaaaa)" {
		t.Errorf("found %+v", id)
	}
}

func TestShardsOfOtherWeightsAreNotMerged(t *testing.T) {
	graph := strings.Repeat("d", 64)
	searched := func(weights string) []*engine.Report {
		d := model.Description{Name: "m", SHA256: strings.Repeat(weights, 64), Content: strings.Repeat(weights, 64), Files: []model.File{{SHA256: graph}, {SHA256: strings.Repeat(weights, 64)}}}
		reports := enginetest.Shards(t, enginetest.BrightnessPair(), enginetest.GreySeeds(4), enginetest.Settings(), 2)
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
	old[1].Compressed = model.Description{Name: "m", SHA256: graph}
	r, err := engine.Merge(one[0], old[1])
	if err != nil || len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "the graph's file of m alone") {
		t.Errorf("of an earlier version: found %v, warnings %q", err, r.Warnings)
	}
}
