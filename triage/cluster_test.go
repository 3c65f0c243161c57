package triage_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
	"github.com/triggerfinder/triggerfinder/triage"
	"pgregory.net/rapid"
)

// trigger is one on which scores move from class o to class c and, by the share aside, to class 2.
func trigger(id string, o, c int, l2, aside float64, history ...string) *engine.Trigger {
	original, compressed := make([]float32, 5), make([]float32, 5)
	original[o], compressed[c] = 1, float32(1-aside)
	compressed[2] += float32(aside)
	return &engine.Trigger{
		ID: id, Labels: answer.Labels{OriginalLabel: o, CompressedLabel: c}, Original: answer.Of(original...), Compressed: answer.Of(compressed...),
		Distance: distance.Distance{L0: 1, L2: l2}, History: history,
	}
}

// ids lists clusters as "0>1 blend: near far".
func ids(clusters []triage.Cluster) []string {
	var lines []string
	for _, c := range clusters {
		var names []string
		for _, t := range c.Triggers {
			names = append(names, t.ID)
		}
		lines = append(lines, fmt.Sprintf("%d>%d %s: %s", c.OriginalLabel, c.CompressedLabel, c.Family, strings.Join(names, " ")))
	}
	return lines
}

func TestClusters(t *testing.T) {
	all := []*engine.Trigger{
		nil,
		trigger("far", 0, 1, 30, 0, "blend 0.9 with a seed of label 1"),
		trigger("near", 0, 1, 10, 0.1, "blend 0.4 with a seed of label 1", "closing in"),
		trigger("aside", 0, 1, 5, 0.9, "blend 0.4 with a seed of label 1", "closing in", "minimized"),
		trigger("noisy", 0, 1, 1, 0, "gaussian-noise 0.3"),
		trigger("back", 1, 0, 20, 0, "blend 0.4 with noise"),
		trigger("again", 1, 0, 20, 0, "blend 0.4 with noise"),
	}
	if diff := cmp.Diff([]string{
		"0>1 blend: near far", // the nearer exemplar goes first
		"1>0 blend: again back",
		"0>1 gaussian-noise: noisy",
		"0>1 blend: aside",
	}, ids(triage.Clusters(all, triage.Options{}))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"0>1 : noisy aside near far", "1>0 : again back"},
		ids(triage.Clusters(all, triage.Options{Similarity: -1, AnyFamily: true}))); diff != "" {
		t.Error(diff)
	}
	if n := triage.Distinct(all); n != 4 {
		t.Errorf("%d distinct, expected 4", n)
	}
	first := triage.ExemplarsFirst(triage.Clusters(all, triage.Options{}))
	if got := fmt.Sprint(first[0].ID, first[1].ID, first[2].ID, first[3].ID, first[4].ID, first[5].ID); got != "nearagainnoisyasidefarback" {
		t.Error(got)
	}
	if triage.Distinct(nil) != 0 {
		t.Error("no triggers show no deviation")
	}
}

func TestTriggersWithStrangeScores(t *testing.T) {
	abridged, nan, short := trigger("abridged", 0, 1, 5, 0), trigger("nan", 0, 1, 6, 0), trigger("short", 0, 1, 7, 0)
	abridged.Original.Scores, abridged.Compressed.Scores = nil, nil
	nan.Original.Scores[0] = float32(math.NaN())
	short.Original.Scores = short.Original.Scores[:3]
	whole := trigger("whole", 0, 1, 8, 0)
	if diff := cmp.Diff([]string{"0>1 an unrecorded change: abridged nan short whole"},
		ids(triage.Clusters([]*engine.Trigger{whole, short, nan, abridged}, triage.Options{}))); diff != "" {
		t.Errorf("beside an abridged one: %s", diff)
	}
	if n := triage.Distinct([]*engine.Trigger{whole, short, nan}); n != 3 {
		t.Errorf("%d distinct, expected 3", n)
	}
}

// A trigger at which both models' scores are the same, to the last bit, has no direction: it is like others of its
// kind, and like no other.
func TestTriggersWithoutADifference(t *testing.T) {
	still := func(id string, l2 float64) *engine.Trigger {
		s := trigger(id, 0, 1, l2, 0)
		s.Compressed.Scores = s.Original.Scores
		return s
	}
	for _, test := range []struct {
		all  []*engine.Trigger
		want []string
	}{
		{[]*engine.Trigger{still("still", 1), still("too", 2)}, []string{"0>1 an unrecorded change: still too"}},
		{[]*engine.Trigger{still("still", 1), trigger("moves", 0, 1, 2, 0)}, []string{"0>1 an unrecorded change: still", "0>1 an unrecorded change: moves"}},
		{[]*engine.Trigger{trigger("moves", 0, 1, 1, 0), still("still", 2)}, []string{"0>1 an unrecorded change: moves", "0>1 an unrecorded change: still"}},
	} {
		// The least similarity there is tells "alike to none" from a cosine.
		for _, similarity := range []float64{triage.DefaultSimilarity, -1} {
			if diff := cmp.Diff(test.want, ids(triage.Clusters(test.all, triage.Options{Similarity: similarity}))); diff != "" {
				t.Errorf("similarity %g: %s", similarity, diff)
			}
		}
	}
}

func TestFamily(t *testing.T) {
	for want, history := range map[string][]string{
		"blend":           {"blend 0.6091 with a seed of label 3", "closing in"},
		"climb":           {"climb"},
		"gaussian-noise":  {"gaussian-noise", "gaussian-noise", "minimized"},
		triage.Mutations:  {"gaussian-noise", "median-blur"},
		triage.Unrecorded: {"closing in"},
	} {
		if got := triage.Family(&engine.Trigger{History: history, Distance: distance.Distance{L0: 1}}); got != want {
			t.Errorf("%v: %q, expected %q", history, got, want)
		}
	}
	if got := triage.Family(&engine.Trigger{}); got != triage.SeedItself {
		t.Error(got)
	}
}

// Clusters do not depend on the order of the triggers, hold each of them once, and agree in what they promise.
func TestClustersOfAnyTriggers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 30).Draw(t, "n")
		var all []*engine.Trigger
		for i := range n {
			one := trigger(fmt.Sprintf("%02d", i), rapid.IntRange(0, 1).Draw(t, "o"), rapid.IntRange(3, 4).Draw(t, "c"),
				float64(rapid.IntRange(1, 4).Draw(t, "l2")), rapid.Float64Range(0, 1).Draw(t, "aside"),
				rapid.SampledFrom([]string{"blend 0.1 with x", "climb"}).Draw(t, "history"))
			all = append(all, one)
		}
		clusters := triage.Clusters(all, triage.Options{})
		shuffled := rapid.Permutation(all).Draw(t, "order")
		if diff := cmp.Diff(ids(clusters), ids(triage.Clusters(shuffled, triage.Options{}))); diff != "" {
			t.Fatal(diff)
		}
		seen := map[string]bool{}
		for i, c := range clusters {
			if i > 0 && len(c.Triggers) > len(clusters[i-1].Triggers) {
				t.Fatal("a larger cluster comes later")
			}
			for _, one := range c.Triggers {
				if seen[one.ID] || one.OriginalLabel != c.OriginalLabel || one.CompressedLabel != c.CompressedLabel || triage.Family(one) != c.Family {
					t.Fatalf("trigger %s in %v", one.ID, c)
				}
				seen[one.ID] = true
				if one.Distance.L2 < c.Exemplar().Distance.L2 {
					t.Fatal("the exemplar is not the nearest")
				}
			}
		}
		if len(seen) != n || len(triage.ExemplarsFirst(clusters)) != n {
			t.Fatalf("%d of %d triggers", len(seen), n)
		}
	})
}

// found are triggers of an embedded pair.
func found(n int) []*engine.Trigger {
	p := fixtures.LeNet5Int8
	pair := model.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale)))
	defer pair.Close()
	return model.Must(engine.Search(context.Background(), pair, generators.First(fixtures.Seeds(), n), engine.Settings{
		Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 300},
	})).Triggers()
}

func TestTriggersOfARealPairAreFewDeviations(t *testing.T) {
	triggers := found(40)
	clusters := triage.Clusters(triggers, triage.Options{})
	if len(clusters) < 3 || 3*len(clusters) > 2*len(triggers) {
		t.Errorf("%d triggers, %d clusters: %v", len(triggers), len(clusters), ids(clusters))
	}
}

func ExampleClusters() {
	names := fixtures.ClassNames()
	clusters := triage.Clusters(found(40), triage.Options{})
	for _, c := range clusters[:3] {
		fmt.Printf("%d triggers: %s becomes %s by %s; nearest: seed %d\n",
			len(c.Triggers), names[c.OriginalLabel], names[c.CompressedLabel], c.Family, c.Exemplar().SeedIndex)
	}
	// Output:
	// 6 triggers: Coat becomes Shirt by blend; nearest: seed 6
	// 5 triggers: Dress becomes Trouser by blend; nearest: seed 33
	// 4 triggers: Sneaker becomes Sandal by blend; nearest: seed 25
}

// What is not finite is one deviation, and never one with a pair of labels.
func TestTriggersThatAreNotFiniteAreOneCluster(t *testing.T) {
	triggers := []*engine.Trigger{trigger("a", 0, 1, 1, 0, "blur"), trigger("b", 0, 1, 2, 0, "blur"), trigger("c", 0, 1, 2, 0, "blur"), trigger("d", 0, 1, 2, 0, "blur")}
	for i, id := range []string{"x", "y", "z"} {
		broken := trigger(id, i, 1, float64(3-i), 0, []string{"blur", "noise", "shift"}[i])
		broken.Kind, broken.CompressedLabel = answer.NotFinite, answer.NoLabel
		broken.Compressed.Scores[i] = float32(math.NaN())
		triggers = append(triggers, broken)
	}
	for _, o := range []triage.Options{{}, {AnyFamily: true}} {
		clusters := triage.Clusters(triggers, o)
		if len(clusters) != 2 || clusters[0].Kind != answer.NotFinite || len(clusters[0].Triggers) != 3 || clusters[1].Kind != answer.OtherAnswer || len(clusters[1].Triggers) != 4 {
			t.Errorf("%+v: %q", o, ids(clusters))
		}
		if c := clusters[0]; c.OriginalLabel != answer.NoLabel || c.CompressedLabel != answer.NoLabel || c.Family != "" || c.Exemplar().ID != "z" {
			t.Errorf("%+v", c)
		}
	}
}
