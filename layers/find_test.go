package layers_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/layers"
	"github.com/triggerfinder/triggerfinder/model"
	"pgregory.net/rapid"
)

// blame makes a problem in which trigger i deviates unless all nodes of needs[i] are in float; one that
// needs "never" deviates always, one that needs nothing never.
func blame(nodes []string, needs [][]string) layers.Problem {
	var triggers []input.Input
	for i := range needs {
		triggers = append(triggers, input.Input{Data: []float32{float32(i)}, Shape: []int{1}, Domain: input.Bytes})
	}
	labels := func(name string, label func(i int) int) model.Predictor {
		return model.LabelFunc(name, 2, func(_ context.Context, batch []input.Input) ([]int, error) {
			var answers []int
			for _, in := range batch {
				answers = append(answers, label(int(in.Data[0])))
			}
			return answers, nil
		})
	}
	return layers.Problem{
		Original: labels("original", func(int) int { return 0 }),
		Nodes:    nodes, Triggers: triggers,
		Open: func(_ context.Context, float []string) (model.Predictor, error) {
			return labels("compressed", func(i int) int {
				for _, need := range needs[i] {
					if !slices.Contains(float, need) {
						return 1
					}
				}
				return 0
			}), nil
		},
	}
}

func names(n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("n%d", i))
	}
	return all
}

func TestFind(t *testing.T) {
	for _, test := range []struct {
		name   string
		needs  [][]string
		share  float64
		want   string
		status layers.Status
		healed int
	}{
		{"one node", [][]string{{"n3"}, {"n3"}}, 0, "n3", layers.Minimal, 2},
		{"two nodes together", [][]string{{"n3", "n12"}, {"n12", "n3"}}, 0, "n3 n12", layers.Minimal, 2},
		{"two nodes, one a trigger", [][]string{{"n1"}, {"n7"}}, 0, "n1 n7", layers.Minimal, 2},
		{"most triggers", [][]string{{"n1"}, {"n1"}, {"n1"}, {"n7", "n8"}}, 0.75, "n1", layers.Minimal, 3},
		{"share that is not exact in binary", [][]string{{"n1"}, {"n1"}, {"n1"}, {"n1"}, {"n1"}, {"n1"}, {"n1"}, {"n1"}, {"n1"}, {"n9"}}, 0.9, "n1", layers.Minimal, 9},
		{"not the quantisation", [][]string{{"never"}}, 0, "", layers.Incurable, 0},
		{"one stale, one not the quantisation", [][]string{{}, {"n2"}, {"never"}}, 0, "n2", layers.Minimal, 1},
		{"everything", [][]string{names(16)}, 0, strings.Join(names(16), " "), layers.Minimal, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := layers.Find(t.Context(), blame(names(16), test.needs), layers.Settings{Share: test.share})
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(r.Exclude, " "); got != test.want || r.Status != test.status || r.Healed != test.healed || r.Verified != (test.want != "") {
				t.Errorf("expected %q, %s, %d healed; found %+v", test.want, test.status, test.healed, r)
			}
			if len(r.Stale)+len(r.Incurable)+r.Curable != r.Triggers {
				t.Errorf("%d stale, %d incurable and %d curable of %d", len(r.Stale), len(r.Incurable), r.Curable, r.Triggers)
			}
		})
	}
}

// Neither of two nodes heals anything alone, and each alone brings the trigger back.
func TestRanking(t *testing.T) {
	r, err := layers.Find(t.Context(), blame(names(4), [][]string{{"n1", "n2"}, {"n1", "n2"}, {"n3"}}), layers.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	want := []layers.Rank{{"n1", 0, 2}, {"n2", 0, 2}, {"n3", 1, 1}, {"n0", 0, 0}}
	if !slices.Equal(r.Ranking, want) {
		t.Errorf("expected %v, found %v", want, r.Ranking)
	}
}

// Whatever the triggers need, the list heals enough, and no node of it can be left out.
func TestListIsMinimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nodes := names(rapid.IntRange(1, 24).Draw(t, "nodes"))
		needs := rapid.SliceOfN(rapid.SliceOfNDistinct(rapid.SampledFrom(nodes), 1, min(4, len(nodes)), rapid.ID[string]), 1, 8).Draw(t, "needs")
		share := rapid.Float64Range(0.05, 1).Draw(t, "share")
		healed := func(list []string) int {
			n := 0
			for _, need := range needs {
				if !slices.ContainsFunc(need, func(node string) bool { return !slices.Contains(list, node) }) {
					n++
				}
			}
			return n
		}
		tried := 0
		p := blame(nodes, needs)
		seen := map[string]int{}
		open := p.Open
		p.Open = func(ctx context.Context, list []string) (model.Predictor, error) {
			seen[strings.Join(list, " ")]++
			return open(ctx, list)
		}
		r, err := layers.Find(context.Background(), p, layers.Settings{Share: share, Evaluations: 10000, OnEvaluation: func(n int) { tried = n }})
		if err != nil {
			t.Fatal(err)
		}
		if r.Status != layers.Minimal || healed(r.Exclude) != r.Healed || r.Healed < r.Goal || r.Evaluations != tried {
			t.Fatalf("%d triggers heal, %d evaluations: %+v", healed(r.Exclude), tried, r)
		}
		for _, node := range r.Exclude {
			if rest := slices.DeleteFunc(slices.Clone(r.Exclude), func(n string) bool { return n == node }); healed(rest) >= r.Goal {
				t.Fatalf("list %v: %s can be left out", r.Exclude, node)
			}
		}
		for set, n := range seen {
			if n > 1 && set != strings.Join(r.Exclude, " ") || n > 2 {
				t.Fatalf("set %q was opened %d times", set, n)
			}
		}
	})
}

// Evaluations that run out leave a list that heals, and say that it may be too long.
func TestEvaluationsRunOut(t *testing.T) {
	p := blame(names(64), [][]string{{"n3", "n40", "n51"}, {"n9", "n60"}})
	for limit := 4; limit < 300; limit += 7 {
		r, err := layers.Find(t.Context(), p, layers.Settings{Evaluations: limit})
		if err != nil {
			t.Fatal(err)
		}
		if r.Evaluations > limit || !r.Verified || r.Healed != 2 {
			t.Fatalf("limit %d: %+v", limit, r)
		}
		if minimal := len(r.Exclude) == 5; minimal != (r.Status == layers.Minimal) && r.Status != layers.NotMinimal {
			t.Fatalf("limit %d: %+v", limit, r)
		}
	}
	if r, err := layers.Find(t.Context(), p, layers.Settings{Evaluations: 4}); err != nil || r.Status != layers.NotMinimal || len(r.Exclude) != 64 {
		t.Errorf("found %+v, %v", r, err)
	}
}

// A cancelled search keeps what it has.
func TestCancelled(t *testing.T) {
	for _, after := range []int{1, 2, 10, 33} {
		ctx, cancel := context.WithCancelCause(t.Context())
		stop := errors.New("enough")
		r, err := layers.Find(ctx, blame(names(16), [][]string{{"n3", "n12"}}), layers.Settings{OnEvaluation: func(n int) {
			if n == after {
				cancel(stop)
			}
		}})
		if !errors.Is(err, stop) || r == nil || r.Status != layers.Cancelled || r.Verified || r.Evaluations != after {
			t.Errorf("after %d: found %+v, %v", after, r, err)
		}
		if after >= 2 != (len(r.Exclude) > 0) {
			t.Errorf("after %d: list %v", after, r.Exclude)
		}
		cancel(nil)
	}
}

// A cancellation after the last evaluation comes too late to take anything away.
func TestCancelledTooLate(t *testing.T) {
	problem := func() layers.Problem { return blame(names(16), [][]string{{"n3", "n12"}}) }
	whole, err := layers.Find(t.Context(), problem(), layers.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, err := layers.Find(ctx, problem(), layers.Settings{OnEvaluation: func(n int) {
		if n == whole.Evaluations {
			cancel()
		}
	}})
	if err != nil || r.Status != layers.Minimal || !r.Verified {
		t.Errorf("found %+v, %v; expected %+v", r, err, whole)
	}
}

// The same problem has the same result.
func TestDeterministic(t *testing.T) {
	var first string
	for range 5 {
		r, err := layers.Find(t.Context(), blame(names(30), [][]string{{"n3", "n12"}, {"n7"}, {"n7", "n29"}}), layers.Settings{Share: 0.6})
		if err != nil {
			t.Fatal(err)
		}
		data, _ := json.Marshal(r)
		if first == "" {
			first = string(data)
		}
		if string(data) != first {
			t.Errorf("expected %s, found %s", first, data)
		}
	}
}

func TestMistakes(t *testing.T) {
	good := func() layers.Problem { return blame(names(3), [][]string{{"n1"}}) }
	for _, test := range []struct {
		want     string
		change   func(*layers.Problem)
		settings layers.Settings
	}{
		{"expected the original model, found nil", func(p *layers.Problem) { p.Original = nil }, layers.Settings{}},
		{"expected a function that opens the compressed model, found nil", func(p *layers.Problem) { p.Open = nil }, layers.Settings{}},
		{"expected at least one quantised node, found none", func(p *layers.Problem) { p.Nodes = nil }, layers.Settings{}},
		{`found "n1" twice or empty`, func(p *layers.Problem) { p.Nodes = []string{"n1", "n2", "n1"} }, layers.Settings{}},
		{"expected at least one trigger, found none", func(p *layers.Problem) { p.Triggers = nil }, layers.Settings{}},
		{"share: expected a number above 0 and at most 1, found 1.5", func(*layers.Problem) {}, layers.Settings{Share: 1.5}},
		{"evaluations: expected at least 4, found 3", func(*layers.Problem) {}, layers.Settings{Evaluations: 3}},
		{"expected triggers that deviate under the oracle top-1, found 1 that do not", func(p *layers.Problem) { *p = blame(names(3), [][]string{{}}) }, layers.Settings{}},
		{"0 of 3 nodes in float: expected a predictor, found nil", func(p *layers.Problem) {
			p.Open = func(context.Context, []string) (model.Predictor, error) { return nil, nil }
		}, layers.Settings{}},
	} {
		p := good()
		test.change(&p)
		r, err := layers.Find(t.Context(), p, test.settings)
		if r != nil || err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("expected %q, found %+v, %v", test.want, r, err)
		}
	}
	// A model that does not repeat its answers is found out.
	p, calls := good(), 0
	open := p.Open
	p.Open = func(ctx context.Context, list []string) (model.Predictor, error) {
		if calls++; slices.Equal(list, []string{"n1"}) && calls > 6 {
			return open(ctx, nil)
		}
		return open(ctx, list)
	}
	if _, err := layers.Find(t.Context(), p, layers.Settings{}); err == nil || !strings.Contains(err.Error(), "do not repeat their answers") {
		t.Errorf("found %v", err)
	}
}

func ExampleFind() {
	// Here the models are Go functions; with ONNX files, package restore opens them.
	problem := blame([]string{"conv1", "conv2", "fc"}, [][]string{{"conv1", "conv2"}, {"conv1", "conv2"}, {"fc"}})
	result, err := layers.Find(context.Background(), problem, layers.Settings{Share: 0.6})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result)
	fmt.Println(result.Exclude)
	// Output:
	// 2 nodes in float heal 2 of 3 triggers (minimal)
	// [conv1 conv2]
}
