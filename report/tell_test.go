package report_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

func changed(seed input.Input, data ...float32) *engine.Trigger {
	in := seed.Clone()
	copy(in.Data, data)
	return &engine.Trigger{Seed: seed, Input: in}
}

func person(t *testing.T) input.Input {
	t.Helper()
	row := model.Must(input.NewRow([]float32{30, 0, 1.8}, []input.Domain{{Min: 0, Max: 100, Step: 1}, {Min: 0, Max: 2, Step: 1}, {Min: 1, Max: 2}}))
	row.Layout.Columns = []input.Column{{Name: "age", Unit: "years"}, {Name: "colour", Categories: []string{"red", "green", "dark\nblue"}}, {}}
	return row
}

func TestRowsAreShownByTheirColumns(t *testing.T) {
	trigger := changed(person(t), 35, 2, 1.8)
	want := []string{`columns, with the share of their range: colour red → dark blue, age 30 → 35 years (+5.0 %)`}
	if got := report.ChangesInWords(trigger); !slices.Equal(got, want) {
		t.Errorf("expected %q, found %q", want, got)
	}
	view, err := report.ViewOf(trigger)
	if err != nil || len(view.Files) != 1 || string(view.Files[0].Data) != "column\tseed\ttrigger\tshare of the range\ncolour\tred\tdark blue\t1\nage, years\t30\t35\t0.05\n" {
		t.Errorf("found %+v (error %v)", view, err)
	}
	if got := report.ChangesInWords(changed(person(t), 30, 0, 1.5)); len(got) != 1 || !strings.Contains(got[0], "column 2 1.8 → 1.5") {
		t.Errorf("expected a column without a name by its number, found %q", got)
	}
	if v, err := report.ViewOf(changed(person(t))); err != nil || len(v.Tables) != 1 || v.Tables[0].Name != "the row itself, unchanged" || len(v.Tables[0].Rows) != 3 || !slices.Equal(v.Tables[0].Rows[1].Cells, []string{"colour", "red"}) {
		t.Errorf("the seed itself: %+v, %v", v.Tables, err)
	}
	if got := report.ChangesInWords(changed(person(t))); got != nil {
		t.Errorf("expected nothing of the seed itself, found %q", got)
	}
}

func TestTokensAreShownAsADifference(t *testing.T) {
	vocabulary := input.Vocabulary{Size: 257, Pad: 256}
	seed := model.Must(input.NewTokens([]int{'t', 'o', ' ', 'b', 'e', 256}, vocabulary))
	trigger := changed(seed, 'T', 'o', 'b', 'e', 256, 256)
	want := []string{`edited: [-t-]{+T+}o[- -]be`}
	if got := report.ChangesInWords(trigger); !slices.Equal(got, want) {
		t.Errorf("expected %q, found %q", want, got)
	}
	view, err := report.ViewOf(trigger)
	if err != nil || len(view.Files) != 1 || view.Files[0].Name != "tokens.diff" || string(view.Files[0].Data) != "- 116 't'\n+ 84 'T'\n  111 'o'\n- 32 ' '\n  98 'b'\n  101 'e'\n" {
		t.Errorf("found %s (error %v)", view.Files, err)
	}
	set := func(data ...float32) input.Input {
		text := seed.Clone()
		copy(text.Data, data)
		return model.Must(input.Join(input.Searched("text", text), input.Searched("facts", person(t)), input.Fixed("mask", seed)))
	}
	if got := report.ChangesInWords(&engine.Trigger{Seed: set(), Input: set('T')}); len(got) != 1 || !strings.HasPrefix(got[0], "text: edited: [-t-]{+T+}o be") {
		t.Errorf("expected the changed part alone, found %q", got)
	}
}
