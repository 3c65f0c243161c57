package matchers_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/input"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/minimize"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/strategies"
	"github.com/triggerfinder/triggerfinder/triage"
)

// houses are rows of a table, each of area, rooms, garden and state, on one scale.
func houses(n int) input.SeedList {
	rng := rand.New(rand.NewPCG(3, 4))
	seeds := make(input.SeedList, n)
	for i := range seeds {
		row := input.Input{Shape: []int{4}, Domain: input.Bytes, Kind: input.Row, Data: make([]float32, 4)}
		for j := range row.Data {
			row.Data[j] = float32(40 + rng.IntN(100))
		}
		seeds[i] = input.Seed{Name: fmt.Sprintf("house-%d", i), Input: row, Label: input.Unlabelled}
	}
	return seeds
}

// price is what a house costs, in thousands.
func price(in input.Input) float64 {
	return 50 + 2*float64(in.Data[0]) + 0.5*float64(in.Data[1]) + 0.25*float64(in.Data[2]) + 0.125*float64(in.Data[3])
}

// prices are a regressor and a compressed one that is 3 % off for large houses, with one number an input.
func prices() *model.Pair {
	of := func(name string, off float64) model.Predictor {
		return model.Func(name, func(_ context.Context, batch []input.Input) ([][]float32, error) {
			rows := make([][]float32, len(batch))
			for i, in := range batch {
				large := 1 / (1 + math.Exp(-(float64(in.Data[0])-200)/10))
				rows[i] = []float32{float32(price(in) * (1 + off*large))}
			}
			return rows, nil
		})
	}
	return model.Must(model.NewPair("prices", of("exact", 0), of("rounded", 0.03)))
}

// resized is an operator for houses: it changes one column.
type resized struct{}

func (resized) String() string { return "resized" }

func (resized) Mutate(dst, src input.Input, rng *rand.Rand) {
	copy(dst.Data, src.Data)
	i := rng.IntN(len(src.Data))
	dst.Data[i] = src.Domain.Snap(src.Data[i] + 80*float32(rng.NormFloat64()))
}

var onePercent = model.Must(answer.Tolerance(answer.Relative(0.01, 0)))

func TestARegressorIsSearched(t *testing.T) {
	for _, strategy := range []engine.Strategy{
		strategies.Boundary(), strategies.RandomSearch{Mutators: []input.Mutator{resized{}}}, strategies.SquareSearch{Radius: 0.9},
		strategies.TriggerFinderSearch{Mutators: []input.Mutator{resized{}}},
		strategies.DiffChaserSearch{Mutators: []input.Mutator{resized{}}, Population: 20, Tournament: 4},
	} {
		t.Run(strategy.String(), func(t *testing.T) {
			g := NewWithT(t)
			var r *engine.Report
			g.Expect(prices()).To(HaveDeviationFrom(houses(20)).JudgedBy(onePercent).Using(strategy).WithQueriesPerSeed(200).WithoutSaving().
				Inspecting(func(report *engine.Report) { r = report }))
			found := len(r.Triggers())
			g.Expect(found).To(BeNumerically(">=", 4))
			for _, trigger := range r.Triggers() {
				d := trigger.Deviation
				o, c := float64(trigger.Original.Scores[0]), float64(trigger.Compressed.Scores[0])
				g.Expect(c).To(BeNumerically(">", 1.01*o))
				g.Expect(d.Size).To(BeNumerically("~", c/o-1, 1e-6))
				g.Expect(d.Unit).To(Equal("share"))
				g.Expect(d.Group).To(Equal("higher"))
				g.Expect(trigger.OriginalLabel).To(Equal(answer.NoLabel))
			}
		})
	}
}

const regressorMessage = `Expected pair prices (exact, rounded)
not to have a deviation, but 20 of 20 seeds have one.
Searched with boundary; oracle tolerance relative 0.01; random seed 0; 73 queries in 1s.
20 triggers, 3 distinct: 15 higher by domain-ends; 3 higher by blend; 2 higher by column-noise.

  1. from seed 12 (house-12):
     original says 560, compressed says 576.73 (+3.0 %)
     6 queries; distance to the seed: scaled L1 0.402, 4 of 4 columns changed
     columns, with the share of their range: column 0 89 → 255 (+65 %), column 2 110 → 0 (-43 %), column 1 82 → 0 (-32 %), column 3 52 → 0 (-20 %)
     ROOT/prices/479a64f10cfbfbcc

  2. from seed 0 (house-0):
     original says 783.12, compressed says 806.52 (+3.0 %)
     7 queries; distance to the seed: scaled L1 0.563, 4 of 4 columns changed
     columns, with the share of their range: column 2 86 → 255 (+66 %), column 3 101 → 255 (+60 %), column 0 128 → 255 (+50 %), column 1 131 → 255 (+49 %)
     ROOT/prices/d03cdeb8387bd5d5

  3. from seed 1 (house-1):
     original says 514.75, compressed says 524 (+1.8 %)
     1 query; distance to the seed: scaled L1 0.211, 4 of 4 columns changed
     columns, with the share of their range: column 0 133 → 204 (+28 %), column 1 118 → 48 (-27 %), column 3 41 → 102 (+24 %), column 2 93 → 80 (-5.1 %)
     ROOT/prices/9667f2524e0fe676

  … and 17 more.

9 triggers saved in ROOT/prices
Report: ROOT/prices/report-193c6c57/search-report.json
Pictures: ROOT/prices/report-193c6c57/triggers.png
To replay: Expect(pair).To(ReplayCleanly("ROOT"))
To replay the first alone: TRIGGERFINDER_REPLAY=479a64f10cfbfbcc go test -run '^TestARegressorFromSearchToEvidence$' github.com/triggerfinder/triggerfinder/matchers
To run this again: go test -run '^TestARegressorFromSearchToEvidence$' github.com/triggerfinder/triggerfinder/matchers`

func TestARegressorFromSearchToEvidence(t *testing.T) {
	g, root := NewWithT(t), t.TempDir()
	evidence := filepath.Join(root, "evidence.json")
	m := HaveDeviationFrom(houses(20)).JudgedBy(onePercent).WithQueriesPerSeed(200).SavingTo(root).SavingEvidence(evidence)
	var r *engine.Report
	m = m.Inspecting(func(report *engine.Report) { r = report })
	g.Expect(m.Match(prices())).To(BeTrue())

	// The message speaks of prices, and of no class.
	message := m.NegatedFailureMessage(prices())
	g.Expect(strings.ReplaceAll(regexp.MustCompile(`queries in \S+\.`).ReplaceAllString(message, "queries in 1s."), root, "ROOT")).To(Equal(regressorMessage))

	// Saved, and replayed.
	saved := model.Must(model.Must(report.OpenStore(root)).List("prices"))
	g.Expect(saved).To(HaveLen(9)) // some seeds have the same one
	g.Expect(saved[0].Trigger.Deviation.Group).To(Equal("higher"))
	fate, e, err := saved[0].Replay(t.Context(), prices(), onePercent, nil)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(fate).To(Equal(report.StillDeviates))
	g.Expect(*e.Deviation).To(Equal(saved[0].Trigger.Deviation))
	Restarted()
	replay := ReplayCleanly(root).JudgedBy(onePercent)
	g.Expect(replay.Match(prices())).To(BeFalse())
	g.Expect(replay.FailureMessage(prices())).To(SatisfyAll(ContainSubstring("original says 560, compressed says 576.73"), Not(ContainSubstring("class"))))

	// Minimised.
	for _, s := range saved {
		small, err := minimize.Trigger(t.Context(), prices(), &s.Trigger, minimize.Settings{Oracle: onePercent})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(small.Trigger.Deviation.Group).To(Equal("higher"))
		g.Expect(small.After.L2).To(BeNumerically("<=", small.Before.L2))
		_, again, _ := report.SavedTrigger{Trigger: *small.Trigger}.Replay(t.Context(), prices(), onePercent, nil)
		g.Expect(again.Verdict.Deviates).To(BeTrue())
	}

	// Triaged: all of them are one deviation, but for how they came about.
	clusters := triage.Clusters(r.Triggers(), triage.Options{AnyFamily: true})
	g.Expect(clusters).To(HaveLen(1))
	g.Expect(clusters[0].Told().In(nil)).To(Equal("higher"))

	// Waived, by the sort of deviation.
	Restarted()
	file := filepath.Join(root, "waivers.json")
	write := func(deviation string) {
		text := `{"format": "triggerfinder-waivers", "version": 1, "waivers": [{"pair": "prices", "deviation": "` + deviation + `", "owner": "Ada", "reason": "a little more is fine", "expires": "2027-01-31"}]}`
		g.Expect(os.WriteFile(file, []byte(text), 0o600)).To(Succeed())
	}
	write("higher")
	g.Expect(prices()).To(replay.WithWaivers(file).AsOf(january))
	Restarted()
	write("lower")
	_, err = replay.WithWaivers(file).AsOf(january).Match(prices())
	g.Expect(err).To(MatchError(ContainSubstring(`waivers[0] (deviation "lower" of pair prices`)))

	// Evidence.
	loaded, err := report.LoadEvidence(evidence)
	g.Expect(err).NotTo(HaveOccurred())
	seeds := 0
	for _, s := range loaded.Seeds {
		if s.Trigger != nil {
			seeds++
			g.Expect(s.Trigger.Deviation.Group).To(Equal("higher"))
		}
	}
	g.Expect(seeds).To(Equal(len(r.Triggers())))
	// A release is compared with it, which finds the oracle by its name.
	Restarted()
	bound := distance.LInf(90)
	g.Expect(prices()).To(HaveDeviationFrom(houses(20)).JudgedBy(onePercent).Within(bound).WithQueriesPerSeed(200).WithoutSaving().SavingEvidence(evidence))
	g.Expect(prices()).To(DeviateNoMoreThan(evidence).From(houses(20)))
	g.Expect(model.Must(gate.EvidenceOf(r)).Validate()).To(Succeed())
}

func TestARegressorIsRefusedByOraclesOfLabels(t *testing.T) {
	g := NewWithT(t)
	for _, m := range []interface {
		Match(any) (bool, error)
	}{
		HaveDeviationFrom(houses(20)).WithoutSaving(),
		HaveNegativeFlipRateBelow(0.1).On(labelled(houses(20))),
	} {
		_, err := m.Match(prices())
		g.Expect(err).To(MatchError(answer.ErrNoJudgement))
		g.Expect(strings.Count(err.Error(), "found 1 number of both models; for anything else say what a deviation is: answer.Tolerance compares numbers, answer.Threshold ")).To(Equal(1))
	}
}

func labelled(seeds input.SeedList) input.SeedList {
	for i := range seeds {
		seeds[i].Label = 0
	}
	return seeds
}

// noisy draws houses around seeds.
type noisy struct{ seeds input.SeedList }

func (noisy) String() string { return "resized houses" }

func (n noisy) Draw(rng *rand.Rand) (input.Draw, error) {
	i := rng.IntN(len(n.seeds))
	in := n.seeds[i].Input.Clone()
	resized{}.Mutate(in, n.seeds[i].Input, rng)
	return input.Draw{Input: in, Seed: n.seeds[i], SeedIndex: i, Change: "resized"}, nil
}

func TestTheRateOfARegressor(t *testing.T) {
	g := NewWithT(t)
	m := HaveDeviationRateBelow(0.01).Under(noisy{houses(50)}).JudgedBy(onePercent)
	g.Expect(m.Match(prices())).To(BeFalse())
	g.Expect(m.FailureMessage(prices())).To(SatisfyAll(MatchRegexp(`original says [0-9.]+, compressed says [0-9.]+`), Not(ContainSubstring("class"))))
	g.Expect(prices()).To(HaveDeviationRateBelow(0.5).Under(noisy{houses(50)}).JudgedBy(onePercent))
}
