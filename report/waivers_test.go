package report_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
)

const sampleWaivers = `{
  "format": "triggerfinder-waivers",
  "version": 1,
  "waivers": [
    {"pair": "p", "trigger": "3f9c52d0a1b2c3d4", "owner": "Ada", "reason": "too blurred", "expires": "2027-01-31"},
    {"pair": "p", "original_label": 6, "compressed_label": 0, "owner": "Ben", "reason": "one class in the shop", "expires": "2027-02-28"}
  ]
}
`

func TestWaivers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "waivers.json")
	if err := os.WriteFile(path, []byte(sampleWaivers), 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := report.LoadWaivers(path)
	if err != nil {
		t.Fatal(err)
	}
	byID := &engine.Trigger{ID: "3f9c52d0a1b2c3d4"}
	byLabels := &engine.Trigger{ID: "0", Labels: answer.Labels{OriginalLabel: 6}}
	for i, test := range []struct{ accepted, not *engine.Trigger }{{byID, byLabels}, {byLabels, byID}} {
		v := w.Waivers[i]
		if !v.Accepts("p", test.accepted) || v.Accepts("p", test.not) || v.Accepts("q", test.accepted) {
			t.Errorf("waiver %d accepts the wrong triggers", i)
		}
	}
	for day, expired := range map[string]bool{"2027-01-31T23:59:59Z": false, "2027-02-01T00:00:00Z": true, "2027-02-01T00:30:00+01:00": false} {
		now, err := time.Parse(time.RFC3339, day)
		if err != nil || w.Waivers[0].Expired(now) != expired {
			t.Errorf("%s: expired %t; expected %t", day, !expired, expired)
		}
	}
	if got, want := w.Describe(1), path+": waivers[1] (labels 6 and 0 of pair p, owner Ben)"; got != want {
		t.Errorf("%q; expected %q", got, want)
	}
}

// Label 0 is a label like any other: zero is not "none given".
func TestWaiversOfLabelZero(t *testing.T) {
	load := func(original, compressed int) (*report.Waivers, error) {
		path := filepath.Join(t.TempDir(), "waivers.json")
		text := strings.Replace(strings.Replace(sampleWaivers, `"original_label": 6`, fmt.Sprintf(`"original_label": %d`, original), 1),
			`"compressed_label": 0`, fmt.Sprintf(`"compressed_label": %d`, compressed), 1)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return report.LoadWaivers(path)
	}
	for _, labels := range [][2]int{{0, 6}, {6, 0}, {0, 0}} {
		w, err := load(labels[0], labels[1])
		if err != nil {
			t.Errorf("%v: %v", labels, err)
			continue
		}
		for _, other := range [][2]int{{0, 6}, {6, 0}, {0, 0}, {1, 6}, {6, 1}} {
			got := w.Waivers[1].Accepts("p", &engine.Trigger{Labels: answer.Labels{OriginalLabel: other[0], CompressedLabel: other[1]}})
			if got != (labels == other) {
				t.Errorf("waiver of labels %v: accepts %v: %t", labels, other, got)
			}
		}
	}
	for _, labels := range [][2]int{{-1, 0}, {0, -1}} {
		if _, err := load(labels[0], labels[1]); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("found %d and %d", labels[0], labels[1])) {
			t.Errorf("%v: error %v", labels, err)
		}
	}
}

func TestLoadWaiversNamesWhatIsWrong(t *testing.T) {
	for _, test := range []struct{ old, new, want string }{
		{`"triggerfinder-waivers"`, `"x"`, `format: expected "triggerfinder-waivers", found "x"`},
		{`"version": 1`, `"version": 9`, "version 9: expected at most 1"},
		{`"owner": "Ada"`, `"owner": " "`, "waivers[0]: owner: expected a text, found none"},
		{`"reason": "too blurred", `, ``, "waivers[0]: reason: expected a text, found none"},
		{`"expires": "2027-01-31"`, `"expires": "soon"`, `waivers[0]: expires: expected a day such as "2027-01-31", found "soon"`},
		{`"expires": "2027-01-31"`, `"expire": "2027-01-31"`, `unknown field "expire"`},
		{`"trigger": "3f9c52d0a1b2c3d4", `, ``, `waivers[0]: expected a trigger, or original_label and compressed_label, or a deviation, or kind "not finite", found none`},
		{`"3f9c52d0a1b2c3d4"`, `"3F9C52D0A1B2C3D4"`, "waivers[0]: trigger: expected its ID of 16 hexadecimal digits"},
		{`"3f9c52d0a1b2c3d4"`, `"3f9c"`, "waivers[0]: trigger: expected its ID of 16 hexadecimal digits"},
		{`"original_label": 6, `, ``, "waivers[1]: expected original_label and compressed_label, found one of them"},
		{`"original_label": 6`, `"original_label": -6`, "waivers[1]: expected labels of at least 0, found -6 and 0"},
		{`"original_label": 6, "compressed_label": 0`, `"trigger": "3f9c52d0a1b2c3d4"`, "waivers[1]: expected each waiver once, found that of waivers[0] again"},
		{`"trigger": "3f9c52d0a1b2c3d4"`, `"trigger": "3f9c52d0a1b2c3d4", "original_label": 1`, "found both"},
		{`"trigger": "3f9c52d0a1b2c3d4"`, `"kind": "NaN"`, `waivers[0]: kind: expected "not finite", found "NaN"`},
		{`"trigger": "3f9c52d0a1b2c3d4"`, `"trigger": "3f9c52d0a1b2c3d4", "kind": "not finite"`, "waivers[0]: expected one of kind, trigger, and"},
		{`"trigger": "3f9c52d0a1b2c3d4"`, `"trigger": "3f9c52d0a1b2c3d4", "deviation": "higher"`, "waivers[0]: expected one of deviation, kind, trigger, and original_label and compressed_label, found deviation and another"},
		{`"original_label": 6`, `"deviation": "higher", "original_label": 6`, "waivers[1]: expected one of deviation, kind"},
		{`"original_label": 6`, `"kind": "not finite", "original_label": 6`, "waivers[1]: expected one of kind, trigger, and"},
	} {
		path := filepath.Join(t.TempDir(), "waivers.json")
		if !strings.Contains(sampleWaivers, test.old) {
			t.Fatalf("%q is not in the file", test.old)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(sampleWaivers, test.old, test.new, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := report.LoadWaivers(path); err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%q for %q: error %v; expected the file and %q", test.new, test.old, err, test.want)
		}
	}
	if _, err := report.LoadWaivers(filepath.Join(t.TempDir(), "none.json")); err == nil || !strings.Contains(err.Error(), "expected a file, found none") {
		t.Errorf("error %v; expected one about a missing file", err)
	}
}

func FuzzLoadWaivers(f *testing.F) {
	f.Add([]byte(sampleWaivers))
	f.Add([]byte(`{"format": "triggerfinder-waivers", "version": 1, "waivers": [null, {"expires": "0000-01-01"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		w, err := report.DecodeWaivers(data)
		if err != nil {
			return
		}
		for i, v := range w.Waivers {
			_ = w.Describe(i)
			_ = v.Accepts(v.Pair, &engine.Trigger{})
			if v.Owner == "" || v.Reason == "" || v.Expired(time.Time{}) {
				t.Errorf("accepted waiver %+v", v)
			}
		}
	})
}

func ExampleLoadWaivers() {
	path := filepath.Join(os.TempDir(), "waivers.json")
	defer os.Remove(path)
	_ = os.WriteFile(path, []byte(sampleWaivers), 0o600)
	w, err := report.LoadWaivers(path)
	fmt.Println(len(w.Waivers), w.Waivers[0].Owner, err)
	// Output: 2 Ada <nil>
}

// A waiver of labels does not accept an answer that is not finite, whatever the labels, and one of that kind nothing else.
func TestWaiversOfWhatIsNotFinite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "waivers.json")
	text := strings.Replace(sampleWaivers, `"trigger": "3f9c52d0a1b2c3d4"`, `"kind": "not finite"`, 1)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := report.LoadWaivers(path)
	if err != nil {
		t.Fatal(err)
	}
	ofKind, ofLabels := w.Waivers[0], w.Waivers[1]
	broken := &engine.Trigger{ID: "0", Labels: answer.Labels{OriginalLabel: 6, CompressedLabel: 0, Kind: answer.NotFinite}}
	other := &engine.Trigger{ID: "0", Labels: answer.Labels{OriginalLabel: 6, CompressedLabel: 0}}
	if !ofKind.Accepts("p", broken) || ofKind.Accepts("p", other) || ofKind.Accepts("q", broken) {
		t.Error("the waiver of a kind accepts the wrong triggers")
	}
	if ofLabels.Accepts("p", broken) || !ofLabels.Accepts("p", other) {
		t.Error("the waiver of labels accepts the wrong triggers")
	}
	if got := w.Describe(0); !strings.Contains(got, "waivers[0] (triggers that are not finite of pair p, owner Ada)") {
		t.Error(got)
	}
}

// A waiver of a sort of deviation accepts that sort and nothing else; one of labels accepts nothing that goes by no labels.
func TestWaiversOfSortsOfDeviation(t *testing.T) {
	said := func(from, to, group string) *engine.Trigger {
		return &engine.Trigger{ID: "0", Labels: answer.Labels{OriginalLabel: answer.NoLabel, CompressedLabel: answer.NoLabel, Deviation: answer.Deviation{
			From: answer.Said{Label: answer.NoLabel, Words: from}, To: answer.Said{Label: answer.NoLabel, Words: to}, Group: group,
		}}}
	}
	zero := 0
	labels := &engine.Trigger{ID: "0"}
	inWords := said("Shirt and Coat", "Coat", "one less") // of class scores, by an oracle with words of its own
	inWords.OriginalLabel, inWords.CompressedLabel = 0, 0
	broken := said("1", "NaN", "not finite")
	broken.Kind = answer.NotFinite
	for _, test := range []struct {
		waiver  report.Waiver
		trigger *engine.Trigger
		accepts bool
	}{
		{report.Waiver{Deviation: "higher"}, said("1", "2", "higher"), true},
		{report.Waiver{Deviation: "higher"}, said("3", "4", "higher"), true},
		{report.Waiver{Deviation: "higher"}, said("2", "1", "lower"), false},
		{report.Waiver{Deviation: "two → one"}, said("two", "one", ""), true},
		{report.Waiver{Deviation: "two → one"}, said("two", "none", ""), false},
		{report.Waiver{Deviation: "higher"}, labels, false},
		{report.Waiver{Deviation: "not finite"}, broken, false},
		{report.Waiver{Kind: answer.NotFinite}, broken, true},
		{report.Waiver{OriginalLabel: &zero, CompressedLabel: &zero}, labels, true},
		{report.Waiver{OriginalLabel: &zero, CompressedLabel: &zero}, inWords, false},
		{report.Waiver{Deviation: "one less"}, inWords, true},
		{report.Waiver{OriginalLabel: &zero, CompressedLabel: &zero}, said("1", "2", "higher"), false},
	} {
		if got := test.waiver.Accepts("", test.trigger); got != test.accepts {
			t.Errorf("%+v accepts %+v: %t", test.waiver, test.trigger.Labels, got)
		}
	}
}
