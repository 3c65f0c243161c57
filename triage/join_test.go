package triage_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/triage"
)

// moved is a trigger whose scores differ by this much.
func moved(id string, l2 float64, by ...float32) *engine.Trigger {
	return &engine.Trigger{
		ID: id, Labels: answer.Labels{CompressedLabel: 1}, Original: answer.Of(make([]float32, len(by))...), Compressed: answer.Of(by...),
		Distance: distance.Distance{L0: 1, L2: l2}, History: []string{"blend"},
	}
}

// A trigger joins the most similar cluster; one as similar as asked for is similar enough, and of equals the first is taken.
func TestClusterThatATriggerJoins(t *testing.T) {
	for _, test := range []struct {
		reason     string
		similarity float64
		all        []*engine.Trigger
		want       []string
	}{
		{"at the least cosine", 0.6, []*engine.Trigger{moved("a", 1, 1, 0), moved("b", 2, 3, 4)}, []string{"0>1 blend: a b"}},
		{"below the least cosine", 0.61, []*engine.Trigger{moved("a", 1, 1, 0), moved("b", 2, 3, 4)}, []string{"0>1 blend: a", "0>1 blend: b"}},
		{"two equally similar ones", 0.5, []*engine.Trigger{moved("a", 1, 1, 0), moved("b", 2, 0, 1), moved("c", 3, 1, 1)}, []string{"0>1 blend: a c", "0>1 blend: b"}},
		{"the second more similar", 0.5, []*engine.Trigger{moved("a", 1, 1, 0), moved("b", 2, 0, 1), moved("c", 3, 3, 4)}, []string{"0>1 blend: b c", "0>1 blend: a"}},
		{"the first more similar", 0.5, []*engine.Trigger{moved("a", 1, 1, 0), moved("b", 2, 0, 1), moved("c", 3, 4, 3)}, []string{"0>1 blend: a c", "0>1 blend: b"}},
		{"the first similar, the second at the least", 0.6, []*engine.Trigger{moved("a", 1, 1, 0), moved("b", 2, 0, 1), moved("c", 3, 4, 3)}, []string{"0>1 blend: a c", "0>1 blend: b"}},
	} {
		if diff := cmp.Diff(test.want, ids(triage.Clusters(test.all, triage.Options{Similarity: test.similarity}))); diff != "" {
			t.Errorf("%s: %s", test.reason, diff)
		}
	}
}

// Only a trigger without any scores is alike to all: the scores of one model alone have no difference to compare.
func TestTriggersWithTheScoresOfOneModel(t *testing.T) {
	for _, nearer := range []bool{true, false} {
		l2 := 3.
		if nearer {
			l2 = 1
		}
		whole, odd := moved("whole", 2, 1, 0), moved("odd", l2, 1, 0)
		count := func() int {
			return len(triage.Clusters([]*engine.Trigger{whole, odd}, triage.Options{Similarity: -1}))
		}
		scores := odd.Original.Scores
		if odd.Original.Scores = nil; count() != 2 {
			t.Errorf("nearer %t: joined without the original's scores", nearer)
		}
		if odd.Original.Scores, odd.Compressed.Scores = scores, nil; count() != 2 {
			t.Errorf("nearer %t: joined without the compressed model's scores", nearer)
		}
		if odd.Original.Scores = nil; count() != 1 {
			t.Errorf("nearer %t: one without any scores is not alike", nearer)
		}
	}
}
