package report_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

// named is a model that is nothing but its description.
type named model.Description

func (named) Predict(context.Context, []input.Input) ([][]float32, error) { return nil, nil }

func (n named) Describe() model.Description { return model.Description(n) }

func TestChangesSince(t *testing.T) {
	hash := func(c string) string { return strings.Repeat(c, 64) }
	old := model.Description{Name: "m", SHA256: hash("a"), Content: hash("c")}
	saved := func(compressed ...model.Description) (all []report.SavedTrigger) {
		for _, d := range compressed {
			all = append(all, report.SavedTrigger{Context: report.Context{Original: old, Compressed: d}})
		}
		return all
	}
	now := func(original, compressed model.Description) *model.Pair {
		return model.Must(model.NewPair("p", named(original), named(compressed)))
	}
	parted := model.Description{Name: "m", SHA256: hash("e"), Content: hash("f"), Files: []model.File{{SHA256: hash("a")}, {SHA256: hash("1")}}}
	for _, test := range []struct {
		reason string
		pair   *model.Pair
		saved  []report.SavedTrigger
		want   []string
	}{
		{"nothing changed", now(old, old), saved(old, old), nil},
		{"saved again", now(old, model.Description{Name: "n", SHA256: hash("b"), Content: hash("c")}), saved(old), nil},
		{"the compressed one", now(old, model.Description{Name: "n", SHA256: hash("b"), Content: hash("d")}), saved(old, old),
			[]string{"The compressed model has changed since 2 saved triggers were found: it was m (SHA-256 aaaaaaaaaaaa), and is n (SHA-256 bbbbbbbbbbbb) now."}},
		{"since some", now(old, model.Description{Name: "n", SHA256: hash("b")}), saved(old, model.Description{Name: "n", SHA256: hash("b")}),
			[]string{"The compressed model has changed since 1 of 2 saved triggers was found: it was m (SHA-256 aaaaaaaaaaaa), and is n (SHA-256 bbbbbbbbbbbb) now."}},
		{"the original", now(model.Description{Name: "o", SHA256: hash("9")}, old), saved(old),
			[]string{"The original model has changed since 1 saved trigger was found: it was m (SHA-256 aaaaaaaaaaaa), and is o (SHA-256 999999999999) now."}},
		{"of an earlier version", now(old, parted), saved(old, old),
			[]string{"Of the compressed model, 2 saved triggers of an earlier version know the graph's file alone, which is the same; whether its weights in other files are cannot be told."}},
		{"functions", now(model.Description{Name: "f"}, model.Description{Name: "g"}), saved(old), nil},
	} {
		if got := report.ChangesSince(test.pair, test.saved); !slices.Equal(got, test.want) {
			t.Errorf("%s: found %q", test.reason, got)
		}
	}
}

func TestPreprocessingSince(t *testing.T) {
	m := func(hash, preprocess string) model.Description {
		return model.Description{Name: hash, File: "models/" + hash + ".onnx", SHA256: strings.Repeat(hash, 64), Settings: map[string]string{"preprocess": preprocess}}
	}
	saved := func(dir string, compressed model.Description) report.SavedTrigger {
		return report.SavedTrigger{Dir: dir, Context: report.Context{Original: m("a", "x / 255"), Compressed: compressed}}
	}
	pair := model.Must(model.NewPair("p", named(m("a", "x / 255")), named(m("b", "none"))))
	of := func(dir string, same bool) report.OtherPreprocessing {
		return report.OtherPreprocessing{Role: "compressed", Model: "models/b.onnx", Dir: dir, Was: "x / 255", Is: "none", SameModel: same}
	}
	for _, test := range []struct {
		reason string
		saved  []report.SavedTrigger
		want   []report.OtherPreprocessing
	}{
		{"nothing is recorded", []report.SavedTrigger{saved("1", m("b", ""))}, nil},
		{"the first of several", []report.SavedTrigger{saved("1", m("b", "none")), saved("2", m("b", "x / 255")), saved("3", m("b", "x / 255"))},
			[]report.OtherPreprocessing{of("2", true)}},
		{"another model", []report.SavedTrigger{saved("1", m("c", "x / 255")), saved("2", m("d", "x / 255"))}, []report.OtherPreprocessing{of("1", false)}},
		{"the same model behind another", []report.SavedTrigger{saved("1", m("c", "x / 255")), saved("2", m("b", "x / 255"))},
			[]report.OtherPreprocessing{of("2", true)}},
	} {
		if got := report.PreprocessingSince(pair, test.saved); !slices.Equal(got, test.want) {
			t.Errorf("%s: found %+v, expected %+v", test.reason, got, test.want)
		}
	}
}

func TestSamePreprocessing(t *testing.T) {
	m := func(hash, preprocess string) model.Description {
		return model.Description{Name: hash, SHA256: strings.Repeat(hash, 64), Settings: map[string]string{"preprocess": preprocess}}
	}
	saved := []report.SavedTrigger{{Dir: "triggers/p/1", Context: report.Context{Original: m("a", "x / 255"), Compressed: m("b", "x / 255")}}}
	for _, test := range []struct {
		reason               string
		original, compressed model.Description
		want                 string
	}{
		{"as it was", m("a", "x / 255"), m("b", "x / 255"), ""},
		{"the original without", m("a", "none"), m("b", "x / 255"), `original model a: expected the preprocessing that triggers/p/1 records, "x / 255", found "none"`},
		{"the compressed one without", m("a", "x / 255"), m("b", "none"), `compressed model b: expected the preprocessing that triggers/p/1 records, "x / 255", found "none"`},
		{"another model wants another one", m("a", "x / 255"), m("c", "none"), ""},
	} {
		pair := model.Must(model.NewPair("p", named(test.original), named(test.compressed)))
		got := ""
		if err := report.SamePreprocessing(pair, saved); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s: found %q, expected %q", test.reason, got, test.want)
		}
	}
}
