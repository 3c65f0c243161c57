package matchers_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/generators"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// ofMatchers are the methods that are no options.
var ofMatchers = map[string]bool{"Match": true, "FailureMessage": true, "NegatedFailureMessage": true, "MatchMayChangeInTheFuture": true}

// exclusive are the pairs of options of which one alone can be meant. Both orders are the same error, which names both.
var exclusive = map[[2]string]bool{
	{"CausedBy", "SavingEvidence"}:       true,
	{"SavingEvidence", "WithPool"}:       true,
	{"WithBudget", "WithQueriesPerSeed"}: true,
	{"InShard", "InShardOfEnvironment"}:  true,
	{"WithReplay", "WithoutReplay"}:      true,
	{"Minimizing", "SavingEvidence"}:     true,
	{"WithBudget", "WithFixedDraws"}:     true,
}

// TestOptionsComposeInAnyOrder puts every two options of every matcher in both orders. A method without a row in these
// tables is an option that nobody has thought about.
func TestOptionsComposeInAnyOrder(t *testing.T) {
	canary := func(float64, uint64) (model.Predictor, error) { return nil, errors.New("not asked for") }
	type key struct{}
	ctx := context.WithValue(context.Background(), key{}, "given")
	someSeeds := generators.First(fixtures.Seeds(), 3)
	day := time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		matcher any
		options map[string][]any // the arguments of each
	}{
		{HaveDeviationFrom(someSeeds), map[string][]any{
			"Using": {strategies.Random()}, "JudgedBy": {model.Must(answer.TopK(2))}, "MinConfidence": {0.7}, "MinGap": {0.4},
			"Within": {distance.LInf(8)}, "WithBudget": {engine.Budget{QueriesPerSeed: 50, Time: time.Minute, ClosingQueriesPerSeed: 3}},
			"WithQueriesPerSeed": {70}, "ClosingIn": {9}, "AimingAt": {distance.NearestL2}, "WithRandomSeed": {uint64(7)}, "StoppingAfter": {2}, "WithMemory": {1 << 20},
			"WithContext": {ctx}, "Strictly": {}, "SkippedAtMost": {0.5}, "WithClassNames": {"a", "b"}, "SavingTo": {"here"}, "SavingAtMost": {3},
			"WithoutSaving": {}, "WithoutReplay": {}, "WithReplay": {}, "WithWaivers": {"waivers.json"}, "AsOf": {day}, "SavingEvidence": {"e.json"},
			"ReportingProgressTo": {func(engine.Progress) {}}, "Inspecting": {func(*engine.Report) {}},
			"WithSettings": {func(s *engine.Settings) {
				s.Workers, s.Budget.MinQueriesPerSeed, s.Budget.ClosingQueriesPerSeed = 2, s.Budget.QueriesPerSeed/2, 1
				s.Oracle = model.Must(answer.MinConfidence(0.5, s.Oracle))
			}},
			"InShard": {engine.Shard{Index: 1, Total: 3}}, "InShardOfEnvironment": {}, "LeavingOutMisreadSeeds": {},
			"KeepingArtifactsOf": {kept{}}, "Minimizing": {50}, "WithNoiseFloor": {model.Variants(nil)}, "InspectingNoise": {func(*gate.Noise) {}},
			"WithCanary": {gate.Changed(canary), 0.1}, "WithPowerAtLeast": {0.9}, "InspectingCanary": {func(*gate.Canary) {}},
			"RecordedIn": {recorder(nil)}, "AllowingIdenticalScores": {}, "CausedBy": {engine.Compression, engine.NoStepAlone},
			"WithPool": {someSeeds},
		}},
		{HaveAtMost(3).DistinctDeviationsFrom(someSeeds), map[string][]any{"RecordedIn": {recorder(nil)}}},
		{HaveDeviationRateBelow(0.01).Under(generators.Corrupted(someSeeds)), map[string][]any{
			"Under": {generators.AsTheyAre(someSeeds)}, "WithConfidence": {0.9}, "JudgedBy": {model.Must(answer.TopK(2))}, "MinConfidence": {0.7},
			"WithBudget": {2000}, "WithFixedDraws": {3000}, "WithinTime": {time.Hour}, "WithRandomSeed": {uint64(7)}, "WithContext": {ctx},
			"WithClassNames": {"a", "b"}, "SavingTo": {"here"}, "Inspecting": {func(*gate.Rate) {}}, "AllowingIdenticalScores": {}, "RecordedIn": {recorder(nil)},
			"WithSettings": {func(s *gate.RateSettings) { s.Workers, s.Examples = 2, s.Draws/100 }},
		}},
		{HaveNegativeFlipRateBelow(0.01), map[string][]any{
			"On": {someSeeds}, "PerClass": {0.05}, "ForClass": {3, 0.1}, "WithConfidence": {0.9}, "WithContext": {ctx}, "WithClassNames": {"a", "b"},
			"SkippedAtMost": {0.5}, "Inspecting": {func(*gate.Flips) {}}, "AllowingIdenticalScores": {}, "RecordedIn": {recorder(nil)},
		}},
		{DeviateNoMoreThan("e.json"), map[string][]any{
			"From": {someSeeds}, "Within": {distance.LInf(8)}, "WithQueriesPerSeed": {70}, "SkippedAtMost": {0.5}, "Allowing": {2}, "WithConfidence": {0.9},
			"AtMost": {3}, "OnCommonSeeds": {}, "WithAnotherOriginal": {}, "WithClassNames": {"a", "b"}, "WithContext": {ctx}, "SavingTo": {"here"},
			"UpdatingEvidence": {}, "AllowingIdenticalScores": {}, "ReportingProgressTo": {func(engine.Progress) {}}, "Inspecting": {func(*engine.Report, *gate.Comparison) {}},
			"WithSettings": {func(s *engine.Settings) { s.Workers, s.Budget.ClosingQueriesPerSeed = 2, s.Budget.QueriesPerSeed/2 }},
			"RecordedIn":   {recorder(nil)},
		}},
		{ReplayCleanly("here"), map[string][]any{
			"OrNothing": {}, "IncludingThisRun": {}, "JudgedBy": {model.Must(answer.TopK(2))}, "Within": {distance.LInf(8)}, "WithContext": {ctx},
			"WithClassNames": {"a", "b"}, "WithWaivers": {"waivers.json"}, "AsOf": {day}, "ReportingFixedTo": {func([]report.SavedTrigger) {}},
			"Inspecting": {func(ReplaySummary) {}}, "RecordedIn": {recorder(nil)}, "CausedBy": {engine.Compression},
		}},
	} {
		kind := reflect.TypeOf(test.matcher)
		t.Run(kind.Elem().Name(), func(t *testing.T) {
			for i := range kind.NumMethod() {
				if name := kind.Method(i).Name; !ofMatchers[name] && test.options[name] == nil {
					t.Errorf("option %s has no row in this table", name)
				}
			}
			start := Resolved(test.matcher)
			for a := range test.options {
				alone := apply(t, test.matcher, a, test.options[a])
				if twice := apply(t, alone, a, test.options[a]); !adds[a] && Resolved(twice) != Resolved(alone) {
					t.Errorf("%s given twice is another thing than once: %s", a, cmp.Diff(Resolved(alone), Resolved(twice)))
				}
				if Resolved(alone) == start && a != "WithReplay" && a != "WithoutReplay" && a != "RecordedIn" && a != "InShardOfEnvironment" && a != "WithNoiseFloor" {
					t.Errorf("%s changes nothing", a)
				}
				for b := range test.options {
					if a >= b {
						continue
					}
					one := Resolved(apply(t, alone, b, test.options[b]))
					other := Resolved(apply(t, apply(t, test.matcher, b, test.options[b]), a, test.options[a]))
					says := one[strings.LastIndex(one, "error:"):]
					if exclusive[[2]string{a, b}] { // the settings do not matter
						one, other = says, other[strings.LastIndex(other, "error:"):]
					}
					if diff := cmp.Diff(one, other); diff != "" {
						t.Errorf("%s then %s (-), and the other way round (+):\n%s", a, b, diff)
					}
					named := strings.Contains(says, a) && strings.Contains(says, b)
					if exclusive[[2]string{a, b}] != named {
						t.Errorf("%s with %s: %s", a, b, says)
					}
				}
			}
			if Resolved(test.matcher) != start {
				t.Error("an option changed the matcher that it was called on")
			}
		})
	}
}

// adds are the options that add to what was given before.
var adds = map[string]bool{
	"ReportingProgressTo": true, "Inspecting": true, "InspectingNoise": true, "InspectingCanary": true, "WithSettings": true, "WithCanary": true,
}

func apply(t *testing.T, matcher any, option string, args []any) any {
	t.Helper()
	method := reflect.ValueOf(matcher).MethodByName(option)
	if !method.IsValid() {
		t.Fatalf("%T has no option %s", matcher, option)
	}
	var in []reflect.Value
	for i, arg := range args {
		value := reflect.ValueOf(arg)
		if !value.IsValid() || arg == nil {
			value = reflect.Zero(method.Type().In(i))
		}
		in = append(in, value)
	}
	return method.Call(in)[0].Interface()
}

// Of an option that is given twice, the latter counts.
func TestTheLatterOfTwoEqualOptionsCounts(t *testing.T) {
	base := HaveDeviationFrom(seeds(3))
	for name, test := range map[string][2]any{
		"WithBudget":       {base.WithBudget(engine.Budget{QueriesPerSeed: 5}).WithBudget(engine.Budget{QueriesPerSeed: 6}), base.WithBudget(engine.Budget{QueriesPerSeed: 6})},
		"MinGap":           {base.MinGap(0.9).MinGap(0.2), base.MinGap(0.2)},
		"MinConfidence":    {base.MinConfidence(0.9).MinConfidence(0.2), base.MinConfidence(0.2)},
		"JudgedBy":         {base.JudgedBy(answer.LabelOnly()).JudgedBy(answer.Top1()), base.JudgedBy(answer.Top1())},
		"Within":           {base.Within(distance.LInf(1)).Within(distance.L2(3)), base.Within(distance.L2(3))},
		"WithPowerAtLeast": {base.WithPowerAtLeast(0.1).WithPowerAtLeast(0.2), base.WithPowerAtLeast(0.2)},
	} {
		if diff := cmp.Diff(Resolved(test[1]), Resolved(test[0])); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// What the order of options did to a search: a gap was dropped by JudgedBy after it.
func TestTheGapSurvivesJudgedBy(t *testing.T) {
	g, pair := NewWithT(t), open(t, fixtures.LeNet5Int8)
	base := HaveDeviationFrom(seeds(20)).WithoutSaving().WithQueriesPerSeed(60)
	oracles := map[string]bool{}
	for _, m := range []*HaveDeviationMatcher{
		base.MinGap(0.4).JudgedBy(answer.Top1()).MinConfidence(0.6).ClosingIn(7),
		base.ClosingIn(7).MinConfidence(0.6).JudgedBy(answer.Top1()).MinGap(0.4),
	} {
		_, err := m.Inspecting(func(r *engine.Report) { oracles[fmt.Sprint(r.Oracle, r.Budget)] = true }).Match(pair)
		g.Expect(err).NotTo(HaveOccurred())
	}
	g.Expect(oracles).To(HaveLen(1))
	for said := range oracles {
		g.Expect(said).To(And(ContainSubstring("gap of at least 0.4"), ContainSubstring("at least 0.6 confident"), ContainSubstring(" 7 ")))
	}
}

// A function that is nil would be called only after a long search.
func TestNilFunctionsAreMisuse(t *testing.T) {
	pair, search := open(t, fixtures.LeNet5Int8), HaveDeviationFrom(seeds(3)).WithoutSaving()
	for _, test := range []struct {
		option  string
		matcher types.GomegaMatcher
	}{
		{"Inspecting", search.Inspecting(nil)},
		{"InspectingCanary", search.InspectingCanary(nil)},
		{"InspectingNoise", search.InspectingNoise(nil)},
		{"ReportingProgressTo", search.ReportingProgressTo(nil)},
		{"WithSettings", search.WithSettings(nil)},
		{"Inspecting", HaveDeviationRateBelow(0.5).Under(generators.AsTheyAre(seeds(3))).Inspecting(nil)},
		{"Inspecting", HaveNegativeFlipRateBelow(0.5).On(seeds(3)).Inspecting(nil)},
		{"Inspecting", DeviateNoMoreThan("e.json").From(seeds(3)).Inspecting(nil)},
	} {
		errsBothWays(t, pair, test.matcher, test.option+`\(nil\): expected a function`)
	}
}

// Matchers that no constructor made, and copies of matchers, take options too, which change nothing but what they return.
func TestOptionsOfUnusualMatchers(t *testing.T) {
	g := NewWithT(t)
	g.Expect(Resolved(new(HaveDeviationMatcher).MinConfidence(0.9).JudgedBy(answer.Top1()))).To(ContainSubstring("0.9"))
	start := HaveDeviationFrom(seeds(3))
	before := Resolved(start)
	copied := *start
	g.Expect(Resolved(copied.SkippedAtMost(0.25))).NotTo(Equal(before))
	g.Expect(Resolved(start)).To(Equal(before))
	g.Expect(Resolved(&copied)).To(Equal(before))
}

// Two copies of one start share nothing that a third option could write over.
func TestCopiesDoNotShareWhatIsAdded(t *testing.T) {
	g := NewWithT(t)
	start := HaveDeviationFrom(seeds(3)).SavingAtMost(0).Minimizing(-1).SkippedAtMost(2) // three of misuse, with room for a fourth
	var none context.Context
	one, other := start.WithContext(none), start.JudgedBy(nil)
	g.Expect(Resolved(one)).To(And(ContainSubstring("WithContext(nil)"), Not(ContainSubstring("JudgedBy(nil)"))))
	g.Expect(Resolved(other)).To(And(ContainSubstring("JudgedBy(nil)"), Not(ContainSubstring("WithContext(nil)"))))
}
