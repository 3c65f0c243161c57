package report_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
)

// pairWaivers are three waivers of pair p, two of a trigger and one of labels, and one of pair q.
func pairWaivers(t *testing.T, pair string, day string) (*report.PairWaivers, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "waivers.json")
	text := `{"format": "triggerfinder-waivers", "version": 1, "waivers": [
		{"pair": "p", "trigger": "aaaaaaaaaaaaaaaa", "owner": "Ada", "reason": "blurred", "expires": "2027-01-31"},
		{"pair": "p", "trigger": "bbbbbbbbbbbbbbbb", "owner": "Ada", "reason": "dark", "expires": "2027-02-28"},
		{"pair": "p", "original_label": 0, "compressed_label": 6, "owner": "Ben", "reason": "one class", "expires": "2027-03-31"},
		{"pair": "q", "trigger": "cccccccccccccccc", "owner": "Cid", "reason": "another pair", "expires": "2026-01-31"}
	]}`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := report.LoadWaivers(path)
	if err != nil {
		t.Fatal(err)
	}
	now, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	return w.Of(pair, now)
}

var (
	waivedA  = &engine.Trigger{ID: "aaaaaaaaaaaaaaaa", Labels: answer.Labels{OriginalLabel: 1, CompressedLabel: 2}}
	waivedB  = &engine.Trigger{ID: "bbbbbbbbbbbbbbbb", Labels: answer.Labels{OriginalLabel: 1, CompressedLabel: 2}}
	byLabels = &engine.Trigger{ID: "dddddddddddddddd", Labels: answer.Labels{OriginalLabel: 0, CompressedLabel: 6}}
	unwaived = &engine.Trigger{ID: "eeeeeeeeeeeeeeee", Labels: answer.Labels{OriginalLabel: 6, CompressedLabel: 0}}
	ofOthers = &engine.Trigger{ID: "cccccccccccccccc", Labels: answer.Labels{OriginalLabel: 3, CompressedLabel: 4}}
)

func TestWaiversOfAPairThatHaveExpired(t *testing.T) {
	for _, test := range []struct {
		pair, day string
		want      []string // parts of the error; none for no error
	}{
		{"p", "2027-01-31", nil},
		{"p", "2027-02-01", []string{"waivers[0]", "expired on 2027-01-31; fix what it accepts, or renew it. Its reason: blurred"}},
		{"p", "2027-03-01", []string{"waivers[0]", "waivers[1]", "expired on 2027-02-28"}},
		{"q", "2027-01-01", []string{"waivers[3]", "owner Cid", "expired on 2026-01-31"}},
		{"r", "2027-12-31", nil}, // waivers of other pairs may have expired
	} {
		_, err := pairWaivers(t, test.pair, test.day)
		if (err == nil) != (test.want == nil) {
			t.Errorf("%s on %s: error %v", test.pair, test.day, err)
			continue
		}
		for _, want := range test.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s on %s: %q has no %q", test.pair, test.day, err, want)
			}
		}
		if test.want != nil && strings.Count(err.Error(), "expired on") != strings.Count(strings.Join(test.want, " "), "waivers[") {
			t.Errorf("%s on %s: %q", test.pair, test.day, err)
		}
	}
}

func TestWaiversOfAPairAccept(t *testing.T) {
	w, err := pairWaivers(t, "p", "2027-01-01")
	if err != nil {
		t.Fatal(err)
	}
	for trigger, want := range map[*engine.Trigger]bool{waivedA: true, waivedB: true, byLabels: true, unwaived: false, ofOthers: false} {
		if got := w.Accept(trigger); got != want {
			t.Errorf("trigger %s: accepted %t; expected %t", trigger.ID, got, want)
		}
	}
	if err := w.Unused(nil, true); err != nil {
		t.Errorf("all were needed: %v", err)
	}
	var none *report.PairWaivers
	none.LeaveOut(waivedA)
	if none.Accept(waivedA) || none.Unused(nil, true) != nil {
		t.Error("without waivers, something is accepted or unused")
	}
}

func TestWaiversThatNothingNeeded(t *testing.T) {
	healed := func(triggers ...*engine.Trigger) (saved []report.SavedTrigger) {
		for _, trigger := range triggers {
			saved = append(saved, report.SavedTrigger{Dir: "triggers/p/" + trigger.ID, Trigger: *trigger})
		}
		return saved
	}
	const noSuch, noLabels = "there is no such trigger; delete the waiver", "no trigger has these labels any more; delete the waiver"
	for _, test := range []struct {
		name     string
		accepted []*engine.Trigger
		leftOut  []*engine.Trigger
		fixed    []report.SavedTrigger
		all      bool
		want     map[int]string // by waiver
	}{
		{name: "none was needed", all: true, want: map[int]string{0: noSuch, 1: noSuch, 2: noLabels}},
		{name: "others may be needed", want: map[int]string{}},
		{name: "one was needed", accepted: []*engine.Trigger{waivedB}, all: true, want: map[int]string{0: noSuch, 2: noLabels}},
		{name: "that of labels was needed", accepted: []*engine.Trigger{byLabels}, all: true, want: map[int]string{0: noSuch, 1: noSuch}},
		{name: "one was left out", leftOut: []*engine.Trigger{waivedA}, all: true, want: map[int]string{1: noSuch, 2: noLabels}},
		{name: "what nobody accepts needs none", accepted: []*engine.Trigger{unwaived}, all: true, want: map[int]string{0: noSuch, 1: noSuch, 2: noLabels}},
		{name: "one is healed", fixed: healed(waivedB), all: true,
			want: map[int]string{0: noSuch, 1: "the trigger no longer deviates; delete the waiver and triggers/p/" + waivedB.ID, 2: noLabels}},
		{name: "one is healed, and others may be needed", fixed: healed(waivedB, unwaived),
			want: map[int]string{1: "the trigger no longer deviates; delete the waiver and triggers/p/" + waivedB.ID}},
		{name: "one of labels is healed: another may have them", fixed: healed(byLabels), want: map[int]string{}},
	} {
		w, err := pairWaivers(t, "p", "2027-01-01")
		if err != nil {
			t.Fatal(err)
		}
		for _, trigger := range test.accepted {
			w.Accept(trigger)
		}
		for _, trigger := range test.leftOut {
			w.LeaveOut(trigger)
		}
		text := ""
		if err := w.Unused(test.fixed, test.all); err != nil {
			text = err.Error()
		}
		if got := strings.Count(text, ": unused: "); got != len(test.want) {
			t.Errorf("%s: %d unused, expected %d: %s", test.name, got, len(test.want), text)
		}
		for i, why := range test.want {
			found := false
			for line := range strings.Lines(text) {
				found = found || strings.Contains(line, "waivers["+string(rune('0'+i))+"]") && strings.HasSuffix(strings.TrimSpace(line), ": unused: "+why)
			}
			if !found {
				t.Errorf("%s: waiver %d is not %q: %s", test.name, i, why, text)
			}
		}
	}
}
