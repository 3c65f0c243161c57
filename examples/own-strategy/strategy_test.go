package ownstrategy_test

import (
	"context"
	"testing"

	"github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	ownstrategy "github.com/triggerfinder/triggerfinder/examples/own-strategy"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

func open(t *testing.T, p fixtures.Pair) *model.Pair {
	t.Helper()
	pair, err := onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pair.Close() })
	return pair
}

// find searches with the strategy, and checks what any search has to hold.
func find(t *testing.T, settings engine.Settings) *engine.Report {
	t.Helper()
	settings.Strategy = ownstrategy.Halving{}
	r, err := engine.Search(t.Context(), open(t, fixtures.LeNet5Int8), generators.First(fixtures.Seeds(), 40), settings)
	if err != nil {
		t.Fatal(err)
	}
	for _, trigger := range r.Triggers() {
		if settings.Bound == nil {
			continue
		}
		if region, err := settings.Bound.Around(trigger.Seed); err != nil || !region.Contains(trigger.Input) {
			t.Errorf("a trigger lies beyond %s, error %v", settings.Bound, err)
		}
	}
	t.Logf("%d triggers in %d queries", len(r.Triggers()), r.Ledger.Queries)
	return r
}

func TestItFindsTriggersAndBringsThemNearer(t *testing.T) {
	for _, aim := range []distance.Aim{distance.MostAlike, distance.NearestL2, distance.NearestL0} {
		r := find(t, engine.Settings{Aim: aim, Budget: engine.Budget{QueriesPerSeed: 150, ClosingQueriesPerSeed: 100}})
		if len(r.Triggers()) < 30 {
			t.Errorf("%d triggers from 40 seeds; expected at least 30", len(r.Triggers()))
		}
		nearer := 0
		for _, o := range r.Seeds {
			if o.Trigger != nil && aim.Compare(o.Trigger.Distance, o.FirstHit.Distance) < 0 {
				nearer++
			}
		}
		if nearer < len(r.Triggers())/2 {
			t.Errorf("aim %s: closing in brought %d of %d triggers nearer", aim, nearer, len(r.Triggers()))
		}
	}
}

func TestItSearchesWithinBounds(t *testing.T) {
	for _, bound := range []distance.Bound{
		distance.LInf(32), distance.AllOf(distance.LInf(32), distance.LInf(40)), distance.SSIMAtLeast(0.8),
	} {
		r := find(t, engine.Settings{Bound: bound, Budget: engine.Budget{QueriesPerSeed: 200}})
		if len(r.Triggers()) < 10 {
			t.Errorf("%s: %d triggers from 40 seeds; expected at least 10", bound, len(r.Triggers()))
		}
	}
}

func TestItFollowsOtherOracles(t *testing.T) {
	tolerance := model.Try(answer.ScoreTolerance(0.1)).OrFail(t)
	r := find(t, engine.Settings{Oracle: tolerance, Bound: distance.LInf(16), Budget: engine.Budget{QueriesPerSeed: 200}})
	if len(r.Triggers()) == 0 {
		t.Error("no scores that differ by more than 0.1 were found; expected some")
	}
}

func TestItIsForTheMatchersToo(t *testing.T) {
	g := gomega.NewWithT(t)
	g.Expect(open(t, fixtures.LeNet5Int8)).To(
		matchers.HaveDeviationFrom(generators.First(fixtures.Seeds(), 10)).Using(ownstrategy.Halving{Ways: 2}).WithQueriesPerSeed(50).WithoutSaving().WithoutReplay())
	_, err := ownstrategy.Halving{Ways: -1}.NewSearcher(engine.Task{})
	g.Expect(err).To(gomega.MatchError("halving: Ways is -1; expected at least 1, or 0 for 5"))
}

// TestItSearchesModelsWithoutClasses: outputs may have another shape for each input, none at all too.
func TestItSearchesModelsWithoutClasses(t *testing.T) {
	finding := func(name string, least float32) model.Predictor {
		return model.AnswerFunc(name, func(_ context.Context, batch []input.Input, _ []answer.Answer) ([]answer.Answer, error) {
			answers := make([]answer.Answer, len(batch))
			for i, in := range batch { // one box for each pixel that is bright
				for _, v := range in.Data {
					if v > least {
						answers[i].Scores = append(answers[i].Scores, v)
					}
				}
				answers[i].Outputs = []answer.Output{{Name: "boxes", Shape: []int{len(answers[i].Scores)}}}
			}
			return answers, nil
		})
	}
	pair, err := model.NewPair("boxes", finding("original", 100), finding("compressed", 130))
	if err != nil {
		t.Fatal(err)
	}
	var seeds input.SeedList
	for i := range 6 {
		in, err := input.NewImage(2, 2, 1, []uint8{10, 20, 30, uint8(40 * i)})
		if err != nil {
			t.Fatal(err)
		}
		seeds = append(seeds, input.Seed{Input: in, Label: input.Unlabelled})
	}
	count, err := answer.OracleFunc("another number of boxes", func(o, c answer.Answer) bool { return len(o.Scores) != len(c.Scores) })
	if err != nil {
		t.Fatal(err)
	}
	for _, oracle := range []answer.Oracle{count, labelOnly{count}} {
		_, err := engine.Search(t.Context(), pair, seeds, engine.Settings{Strategy: ownstrategy.Halving{}, Oracle: oracle, Bound: distance.LInf(90),
			Budget: engine.Budget{QueriesPerSeed: 60, ClosingQueriesPerSeed: 20}})
		if err != nil {
			t.Error(err)
		}
	}
}

// labelOnly is an oracle that would have strategies shown labels, of models that give none.
type labelOnly struct{ answer.Oracle }

func (labelOnly) LabelOnly() bool { return true }
