package layers_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/layers"
	"github.com/triggerfinder/triggerfinder/model"
)

// saturating is a problem whose triggers deviate unless all nodes of needs[i] are in float; a need that names one
// of the settings is met when the compressed model is opened under it.
func saturating(needs [][]string, settings ...string) layers.Problem {
	nodes := names(8)
	p := blame(nodes, needs)
	under := func(setting string) layers.Open {
		return func(ctx context.Context, float []string) (model.Predictor, error) {
			return p.Open(ctx, append(slices.Clone(float), setting))
		}
	}
	for _, s := range settings {
		p.Runtimes = append(p.Runtimes, layers.Runtime{Setting: s, Advice: "Do without " + s + ".", Open: under(s)})
	}
	return p
}

func TestRuntimes(t *testing.T) {
	for _, test := range []struct {
		name     string
		needs    [][]string
		setting  string
		runtimes string // how many vanish under each
		advice   string
		want     string // nodes
		status   layers.Status
		vanished string
		curable  int
	}{
		{"everything is the runtime's", [][]string{{"off"}, {"off"}, {"off"}},
			"off", "off 3, exact 0", "Do without off.", "", layers.OfRuntime, "[0 1 2]", 0},
		{"what remains is a node's", [][]string{{"off"}, {"off"}, {"n3"}, {"off"}, {"n3", "n5"}, {"off"}},
			"off", "off 4, exact 0", "Do without off.", "n3 n5", layers.Minimal, "[0 1 3 5]", 2},
		{"runtime and node together", [][]string{{"off"}, {"off"}, {"off"}, {"off", "n3"}},
			"off", "off 3, exact 0", "Do without off.", "n3", layers.Minimal, "[0 1 2]", 1},
		{"what remains is no node's", [][]string{{"off"}, {"off"}, {"never"}},
			"off", "off 2, exact 0", "Do without off.", "", layers.Incurable, "[0 1]", 0},
		{"a half is not most", [][]string{{"off"}, {"n3"}},
			"", "off 1, exact 0", "", "n3", layers.Minimal, "[]", 1},
		{"stale triggers do not count", [][]string{{}, {}, {}, {"off"}},
			"off", "off 1, exact 0", "Do without off.", "", layers.OfRuntime, "[3]", 0},
		{"the one under which most vanish", [][]string{{"exact"}, {"exact"}, {"n1"}},
			"exact", "off 0, exact 2", "Do without exact.", "n1", layers.Minimal, "[0 1]", 1},
		{"none", [][]string{{"n1"}, {"n1"}}, "", "off 0, exact 0", "", "n1", layers.Minimal, "[]", 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := layers.Find(t.Context(), saturating(test.needs, "off", "exact"), layers.Settings{})
			if err != nil {
				t.Fatal(err)
			}
			var tried []string
			for _, r := range r.Runtimes {
				tried = append(tried, fmt.Sprintf("%s %d", r.Setting, r.Vanish))
			}
			if got := strings.Join(tried, ", "); got != test.runtimes {
				t.Errorf("expected runtimes %s, found %s", test.runtimes, got)
			}
			if r.Setting != test.setting || strings.Join(r.Advice, " ") != test.advice {
				t.Errorf("expected setting %q and advice %q, found %q and %q", test.setting, test.advice, r.Setting, r.Advice)
			}
			if got := strings.Join(r.Exclude, " "); got != test.want || r.Status != test.status || r.Curable != test.curable || r.Verified != (test.want != "") {
				t.Errorf("expected %q of %d, %s, found %+v", test.want, test.curable, test.status, r)
			}
			if got := fmt.Sprint(r.Vanished); got != test.vanished {
				t.Errorf("expected %s to vanish, found %s", test.vanished, got)
			}
			if sum := len(r.Stale) + len(r.Vanished) + len(r.Incurable) + r.Curable; sum != r.Triggers {
				t.Errorf("%d triggers, but the parts add up to %d", r.Triggers, sum)
			}
			if (test.setting != "") != strings.Contains(r.String(), "vanish under "+test.setting+"; ") {
				t.Errorf("line %q", r)
			}
		})
	}
}

// Two settings that heal alike: both advise, and the first is searched under.
func TestRuntimesThatHealAlike(t *testing.T) {
	p := blame(names(4), [][]string{{"exact"}, {"exact"}, {"n1"}})
	exact := func(ctx context.Context, float []string) (model.Predictor, error) {
		return p.Open(ctx, append(slices.Clone(float), "exact"))
	}
	for _, s := range []string{"off", "exact"} {
		p.Runtimes = append(p.Runtimes, layers.Runtime{Setting: s, Advice: s + ".", Open: exact})
	}
	r, err := layers.Find(t.Context(), p, layers.Settings{})
	if err != nil || r.Setting != "off" || strings.Join(r.Advice, " ") != "off. exact." {
		t.Errorf("found %+v, %v", r, err)
	}
	p.Runtimes[1].Advice = p.Runtimes[0].Advice
	if r, err := layers.Find(t.Context(), p, layers.Settings{}); err != nil || len(r.Advice) != 1 {
		t.Errorf("expected the same advice once, found %+v, %v", r, err)
	}
}

// The verification and the question of weights run under the chosen setting too.
func TestRuntimeHoldsToTheEnd(t *testing.T) {
	p := saturating([][]string{{"off"}, {"off"}, {"off", "n3"}}, "off")
	p.Runtimes[0].OpenWeights = p.Runtimes[0].Open
	p.OpenWeights = p.Open // under it, the trigger never heals
	r, err := layers.Find(t.Context(), p, layers.Settings{})
	if err != nil || !r.Verified || r.Cause != layers.Weights {
		t.Errorf("found %+v, %v", r, err)
	}
	// Trying runtimes takes nothing from what the search may cost.
	least, err := layers.Find(t.Context(), p, layers.Settings{Evaluations: 4})
	if err != nil || least.Setting != "off" || !least.Verified || least.Evaluations > 4 {
		t.Errorf("found %+v, %v", least, err)
	}
}

func TestRuntimeMistakes(t *testing.T) {
	for _, runtimes := range [][]layers.Runtime{
		{{Setting: "off"}},
		{{Open: saturating(nil).Open}},
		{{Setting: "off", Open: saturating(nil).Open}, {Setting: "off", Open: saturating(nil).Open}},
	} {
		p := saturating([][]string{{"n1"}})
		p.Runtimes = runtimes
		if r, err := layers.Find(t.Context(), p, layers.Settings{}); r != nil || err == nil || !strings.Contains(err.Error(), "expected runtimes of different settings") {
			t.Errorf("found %+v, %v", r, err)
		}
	}
	p := saturating([][]string{{"n1"}})
	broken := errors.New("no such provider")
	p.Runtimes = []layers.Runtime{{Setting: "off", Open: func(context.Context, []string) (model.Predictor, error) { return nil, broken }}}
	r, err := layers.Find(t.Context(), p, layers.Settings{})
	if err != nil || len(r.Runtimes) != 1 || !strings.HasSuffix(r.Runtimes[0].Error, "no such provider") || r.Status != layers.Minimal {
		t.Errorf("expected the search all the same, and the error in the result, found %+v, %v", r, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	p.Runtimes[0].Open = func(ctx context.Context, _ []string) (model.Predictor, error) { cancel(); return nil, ctx.Err() }
	if r, err := layers.Find(ctx, p, layers.Settings{}); !errors.Is(err, context.Canceled) || r.Status != layers.Cancelled {
		t.Errorf("found %+v, %v", r, err)
	}
}
