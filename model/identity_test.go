package model_test

import (
	"strings"
	"testing"

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
