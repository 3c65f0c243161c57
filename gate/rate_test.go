package gate_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/stats"
)

// open opens an embedded pair.
func open(t *testing.T, p fixtures.Pair) *model.Pair {
	t.Helper()
	pair, err := onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pair.Close() })
	return pair
}

func corrupted() input.Distribution {
	return generators.Corrupted(fixtures.Seeds()).WithSeverity(generators.Between(0.1, 0.6))
}

func measure(t *testing.T, pair *model.Pair, d input.Distribution, s gate.RateSettings) *gate.Rate {
	t.Helper()
	r, err := gate.MeasureRate(t.Context(), pair, d, s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRateOfRealPairs(t *testing.T) {
	for _, test := range []struct {
		pair     fixtures.Pair
		limit    float64
		draws    int
		decision gate.Decision
	}{
		{fixtures.LeNet5Int8, 0.05, 2000, gate.Below},
		{fixtures.LeNet5Dynamic, 0.05, 2000, gate.Below},
		{fixtures.ResCNNInt8, 0.05, 2000, gate.Below},
		{fixtures.LeNet5Student, 0.02, 2000, gate.NotBelow},
		{fixtures.LeNet5Student, 0.09, 500, gate.Undecided},
	} {
		t.Run(fmt.Sprint(test.pair.Name, " ", test.limit), func(t *testing.T) {
			r := measure(t, open(t, test.pair), corrupted(), gate.RateSettings{Limit: test.limit, Draws: test.draws, RandomSeed: 1})
			if r.Decision != test.decision {
				t.Errorf("%s after %d of %d draws deviate; expected %s", r.Decision, r.Deviations, r.Drawn, test.decision)
			}
			if lower, upper := stats.SequenceLower(r.Deviations, r.Drawn, 0.95), stats.SequenceUpper(r.Deviations, r.Drawn, 0.95); lower != r.Lower || upper != r.Upper || r.Method != gate.Anytime {
				t.Errorf("%s bounds %g..%g; expected %g..%g", r.Method, r.Lower, r.Upper, lower, upper)
			}
			agrees := false
			switch r.Decision {
			case gate.Below:
				agrees = r.Upper <= r.Limit && r.Stop == gate.Decided
			case gate.NotBelow:
				agrees = r.Lower >= r.Limit && r.Stop == gate.Decided
			case gate.Undecided:
				agrees = r.Lower < r.Limit && r.Limit < r.Upper && r.Stop == gate.AllDrawn && r.Drawn == test.draws && r.Needed > test.draws
			}
			if !agrees {
				t.Errorf("bounds %g..%g, stop %s, needed %d do not agree with %s", r.Lower, r.Upper, r.Stop, r.Needed, r.Decision)
			}
		})
	}
}

// Invariant 1, also for a model whose scores depend on the batch.
func TestRateDoesNotDependOnBatchSizeOrWorkers(t *testing.T) {
	// One that stops at the draw that decides does not look at what lies behind it in the batch.
	student := open(t, fixtures.LeNet5Student)
	var decided *gate.Rate
	for _, layout := range [][2]int{{1, 2}, {50, 3}} {
		got := measure(t, student, corrupted(), gate.RateSettings{Limit: 0.02, Draws: 2000, RandomSeed: 4, BatchSize: layout[0], Workers: layout[1]})
		if decided == nil {
			decided = got
		}
		if diff := cmp.Diff(decided, got); diff != "" || got.Stop != gate.Decided {
			t.Errorf("batch %d, %d workers: %s, %s", layout[0], layout[1], got.Stop, diff)
		}
	}
	for _, p := range []fixtures.Pair{fixtures.LeNet5Student, fixtures.LeNet5Dynamic} {
		pair := open(t, p)
		var want *gate.Rate
		for _, layout := range [][2]int{{1, 1}, {5, 3}, {64, 2}} {
			got := measure(t, pair, corrupted(), gate.RateSettings{
				Limit: 0.07, Draws: 300, RandomSeed: 4, Fixed: true, BatchSize: layout[0], Workers: layout[1],
			})
			if want == nil {
				want = got
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, batch %d, %d workers: %s", p.Name, layout[0], layout[1], diff)
			}
		}
		if p == fixtures.LeNet5Student {
			if want.Deviations == 0 {
				t.Error("no deviations to compare")
			}
			if other := measure(t, pair, corrupted(), gate.RateSettings{Limit: 0.07, Draws: 300, RandomSeed: 5, Fixed: true}); cmp.Equal(want.Examples, other.Examples) {
				t.Error("the random seed has no influence")
			}
		}
	}
}

func TestFixedNumberOfDraws(t *testing.T) {
	r := measure(t, open(t, fixtures.LeNet5Student), corrupted(), gate.RateSettings{Limit: 0.02, Draws: 400, Fixed: true, Examples: 1})
	lower, upper := stats.ClopperPearsonLower(r.Deviations, 400, 0.95), stats.ClopperPearsonUpper(r.Deviations, 400, 0.95)
	if r.Drawn != 400 || r.Stop != gate.AllDrawn || r.Method != gate.ClopperPearson || r.Lower != lower || r.Upper != upper || r.Decision != gate.NotBelow {
		t.Errorf("rate %+v", r)
	}
	if len(r.Examples) != 1 {
		t.Errorf("%d examples, expected 1", len(r.Examples))
	}
	r = measure(t, open(t, fixtures.LeNet5Student), corrupted(), gate.RateSettings{Limit: float64(r.Deviations) / 400, Draws: 400, Fixed: true})
	if r.Decision != gate.Undecided || r.Needed != 0 {
		t.Errorf("at the rate itself: %s, %d needed", r.Decision, r.Needed)
	}
}

func TestExamplesOfARateDeviateAgain(t *testing.T) {
	pair := open(t, fixtures.LeNet5Student)
	r := measure(t, pair, corrupted(), gate.RateSettings{Limit: 0.02, Draws: 1000, Examples: 5})
	if len(r.Examples) == 0 || len(r.Examples) > 5 || len(r.Examples) > r.Deviations {
		t.Fatalf("%d examples of %d deviations", len(r.Examples), r.Deviations)
	}
	for _, e := range r.Examples {
		evaluations, err := engine.Replay(t.Context(), pair, []input.Input{e.Input}, nil)
		if err != nil || !evaluations[0].Verdict.Deviates {
			t.Errorf("draw %d: deviates %v, %v", e.Queries, evaluations, err)
		}
		draw, err := input.DrawAt(corrupted(), 0, e.Queries-1)
		if err != nil || draw.Input.ID() != e.ID || draw.SeedIndex != e.SeedIndex || draw.Change != e.History[0] || e.SeedLabel != draw.Seed.Label {
			t.Errorf("draw %d is %+v, %v; expected that of the example %+v", e.Queries, draw.Change, err, e)
		}
	}
}

// flaky is a model that deviates from the other in company alone.
func flaky() *model.Pair {
	answer := func(flip bool) model.PredictorFunc {
		return func(_ context.Context, batch []input.Input) ([][]float32, error) {
			rows := make([][]float32, len(batch))
			for i, in := range batch {
				p := 0.6 + in.Data[14*28+14]/1000
				if flip && len(batch) > 1 {
					p = 1 - p
				}
				rows[i] = []float32{p, 1 - p, 9: 0} // as many classes as the seeds have
			}
			return rows, nil
		}
	}
	return model.Must(model.NewPair("flaky", model.Func("steady", answer(false)), model.Func("flaky", answer(true))))
}

// A rate of 0 says nothing where the original gives one label to all draws, unless the seeds are of that class.
func TestARateOfOneLabelIsInconclusive(t *testing.T) {
	for says, seeds := range map[string]input.Seeds{
		"found class 0 for all of 240 inputs, of 10 true classes, and no deviation": fixtures.Seeds(),
		"of which not all true classes are known":                                   generators.WithoutLabels(fixtures.Seeds()),
	} {
		_, err := gate.MeasureRate(t.Context(), flaky(), generators.AsTheyAre(seeds), gate.RateSettings{Limit: 0.5, Draws: 240, Fixed: true, BatchSize: 8})
		if !errors.Is(err, engine.ErrInconclusive) || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v; expected %q", err, says)
		}
	}
	ofThatClass := model.Must(generators.Labelled(fixtures.Seeds(), make([]int, fixtures.Seeds().Len())))
	if _, err := gate.MeasureRate(t.Context(), flaky(), generators.AsTheyAre(ofThatClass), gate.RateSettings{Limit: 0.5, Draws: 240, Fixed: true, BatchSize: 8}); err != nil {
		t.Errorf("seeds of that class: %v", err)
	}
}

func TestUnstableDrawsAreCounted(t *testing.T) {
	r := measure(t, flaky(), generators.AsTheyAre(fixtures.Seeds()), gate.RateSettings{Limit: 0.5, Draws: 64, Fixed: true, BatchSize: 8})
	if r.Deviations != 0 || r.Unstable != 64 || r.Decision != gate.Below {
		t.Errorf("rate %+v", r)
	}
}

// stopping cancels at a draw.
type stopping struct {
	input.Distribution
	left   *int
	cancel context.CancelFunc
}

func (s stopping) Draw(rng *rand.Rand) (input.Draw, error) {
	if *s.left--; *s.left == 0 {
		s.cancel()
	}
	return s.Distribution.Draw(rng)
}

func TestInterruptedRateKeepsWhatWasDrawn(t *testing.T) {
	for _, fixed := range []bool{false, true} {
		ctx, cancel := context.WithCancel(t.Context())
		left := 300
		d := stopping{corrupted(), &left, cancel}
		r, err := gate.MeasureRate(ctx, open(t, fixtures.LeNet5Int8), d, gate.RateSettings{Limit: 0.002, Draws: 5000, Fixed: fixed, Workers: 1})
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "cancelled after 256 of at most 5000 draws") {
			t.Errorf("error %v", err)
		}
		if r == nil || r.Drawn != 256 || r.Stop != gate.Cancelled || r.Decision != gate.Undecided || r.Method != gate.Anytime || r.Upper >= 1 {
			t.Errorf("rate %+v", r)
		}
		cancel()
	}
	// What deviated until then is told, and counted.
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	many := 300
	r, err := gate.MeasureRate(ctx, open(t, fixtures.LeNet5Student), stopping{corrupted(), &many, cancel}, gate.RateSettings{Limit: 0.1, Draws: 5000, Fixed: true, Workers: 1})
	if r == nil || r.Deviations == 0 || err == nil || !strings.Contains(err.Error(), fmt.Sprintf("cancelled after %d of at most %d draws, %d of them deviating", r.Drawn, r.Budget, r.Deviations)) {
		t.Errorf("error %v of %+v", err, r)
	}
	lenet := open(t, fixtures.LeNet5Int8)
	left, failure := 200, errors.New("out of order")
	failing := model.Func("failing", func(ctx context.Context, batch []input.Input) ([][]float32, error) {
		if left -= len(batch); left < 0 {
			return nil, failure
		}
		return lenet.Original().Predict(ctx, batch)
	})
	r, err = gate.MeasureRate(t.Context(), model.Must(model.NewPair("p", failing, lenet.Compressed())), corrupted(), gate.RateSettings{Limit: 0.01, Draws: 5000, Workers: 1})
	if !errors.Is(err, failure) || r == nil || r.Drawn != 128 || r.Decision != gate.Undecided || r.Upper >= 1 || r.Upper != stats.SequenceUpper(r.Deviations, 128, 0.95) {
		t.Errorf("failing: %+v, %v", r, err)
	}
	r, err = gate.MeasureRate(t.Context(), lenet, corrupted(), gate.RateSettings{Limit: 0.01, Draws: 5000, Time: time.Nanosecond})
	if err != nil || r.Stop != gate.TimeSpent || r.Decision != gate.Undecided || r.Lower != 0 || r.Upper != 1 {
		t.Errorf("out of time: %+v, %v", r, err)
	}
}

func TestRateErrors(t *testing.T) {
	lenet := open(t, fixtures.LeNet5Int8)
	good := gate.RateSettings{Limit: 0.01, Draws: 1000}
	with := func(change func(*gate.RateSettings)) gate.RateSettings {
		s := good
		change(&s)
		return s
	}
	constant := func(name string) model.Predictor {
		return model.Func(name, func(_ context.Context, batch []input.Input) ([][]float32, error) {
			rows := make([][]float32, len(batch))
			for i := range rows {
				rows[i] = []float32{0.4, 0.6, 9: 0}
			}
			return rows, nil
		})
	}
	colour := input.SeedList{{Input: model.Must(input.NewImage(28, 28, 3, make([]uint8, 28*28*3)))}}
	for _, test := range []struct {
		name string
		pair *model.Pair
		d    input.Distribution
		s    gate.RateSettings
		says string
	}{
		{"no pair", nil, corrupted(), good, "pair is nil"},
		{"no distribution", lenet, nil, good, "distribution is nil; expected one such as generators.Corrupted(seeds)"},
		{"no limit", lenet, corrupted(), with(func(s *gate.RateSettings) { s.Limit = 0 }), "limit of a rate is 0; expected above 0 and below 1"},
		{"a limit in percent", lenet, corrupted(), with(func(s *gate.RateSettings) { s.Limit = 5 }), "limit of a rate is 5"},
		{"a confidence in percent", lenet, corrupted(), with(func(s *gate.RateSettings) { s.Confidence = 95 }), "confidence is 95; expected above 0 and below 1"},
		{"no draws", lenet, corrupted(), with(func(s *gate.RateSettings) { s.Draws = 0 }), "budget of 0 draws and 0s: expected at least 1 draw"},
		{"too few draws", lenet, corrupted(), with(func(s *gate.RateSettings) { s.Draws = 300 }), "budget of 300 draws: to show a rate below 0.01 with a confidence of 0.95 takes at least 377, even if none deviates"},
		{"too few draws, fixed", lenet, corrupted(), with(func(s *gate.RateSettings) { s.Draws, s.Fixed = 298, true }), "takes at least 299"},
		{"a limit out of reach", lenet, corrupted(), with(func(s *gate.RateSettings) { s.Limit = 1e-12 }), "limit 1e-12: no number of draws up to 1000000000"},
		{"the same model twice", open(t, fixtures.LeNet5Itself), corrupted(), good, "original and compressed are the same model"},
		{"no seeds", lenet, generators.AsTheyAre(nil), good, "no seeds"},
		{"seeds of another shape", lenet, generators.AsTheyAre(colour), good, "draw 0 from 1 seed as they are, drawn with replacement: original model \"lenet5\": "},
		{"constant models", model.Must(model.NewPair("constant", constant("a"), constant("b"))), corrupted(), good, "constant output: original model \"a\" gave the same scores for all of"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := gate.MeasureRate(t.Context(), test.pair, test.d, test.s)
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %v; expected one that says %q", err, test.says)
			}
			if r != nil && r.Decision != gate.Undecided {
				t.Errorf("%s beside an error", r.Decision)
			}
		})
	}
}

func ExampleMeasureRate() {
	p := fixtures.LeNet5Int8
	pair := model.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale)))
	defer pair.Close()
	distribution := generators.Corrupted(fixtures.Seeds()).WithSeverity(generators.Between(0.1, 0.5))
	rate, err := gate.MeasureRate(context.Background(), pair, distribution, gate.RateSettings{Limit: 0.05, Draws: 2000})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(rate.Decision, rate.Limit)
	// Output: below 0.05
}

// The whole way from random seeds to decisions, at a rate that is known to be the limit: 23 of 200 seeds deviate. At
// most 5 % of gates may say that it is below; 8 % of 600 would be 3 standard deviations more.
func TestGatesAtTheLimitAreRarelyWrong(t *testing.T) {
	const gates, n, deviating, limit = 600, 200, 23, 0.115
	seeds := make(input.SeedList, n)
	for i := range seeds {
		seeds[i] = tell(input.Unlabelled, i%3, i%3)
		if i < deviating {
			seeds[i] = tell(input.Unlabelled, i%3, (i+1)%3)
		}
	}
	wrong := 0
	for randomSeed := range uint64(gates) {
		r := measure(t, told(), generators.AsTheyAre(seeds), gate.RateSettings{
			Limit: limit, Draws: 640, RandomSeed: randomSeed, Examples: -1, BatchSize: 128, Workers: 1,
		})
		if r.Decision == gate.Below {
			wrong++
		}
	}
	t.Logf("%d of %d gates are wrong", wrong, gates)
	if float64(wrong) > 0.08*gates || wrong == 0 {
		t.Errorf("%d of %d gates are wrong; expected about 4 %%", wrong, gates)
	}
}
