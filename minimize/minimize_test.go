package minimize_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/minimize"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// realTriggers opens an embedded pair and finds triggers of it.
func realTriggers(t *testing.T, p fixtures.Pair, strategy engine.Strategy, n int) (*model.Pair, []*engine.Trigger) {
	t.Helper()
	pair, err := onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pair.Close() })
	r, err := engine.Search(t.Context(), pair, generators.First(fixtures.Seeds(), n), engine.Settings{
		Strategy: strategy, Budget: engine.Budget{QueriesPerSeed: 500, ClosingQueriesPerSeed: 60},
	})
	if err != nil || len(r.Triggers()) == 0 {
		t.Fatalf("%d triggers, %v", len(r.Triggers()), err)
	}
	return pair, r.Triggers()
}

func TestMinimizeTakesOutWhatIsNotNeeded(t *testing.T) {
	for _, test := range []struct {
		pair     fixtures.Pair
		strategy engine.Strategy
		// What is left of the changed values and, by the aim, of the distance, summed over all triggers, is less
		// than these shares.
		pixels, distance float64
	}{
		{fixtures.LeNet5Student, strategies.TriggerFinder(), 0.3, 0.6},
		{fixtures.LeNet5Student, strategies.Boundary(), 0.5, 0.9},
		{fixtures.ResCNNInt8, strategies.Boundary(), 0.8, 0.95},
	} {
		pair, triggers := realTriggers(t, test.pair, test.strategy, 3)
		for _, aim := range enginetest.AllAims {
			t.Run(fmt.Sprintf("%s/%s/%s", test.pair.Name, test.strategy, aim), func(t *testing.T) {
				s := minimize.Settings{Aim: aim, Queries: 200}
				var pixels, before, after [2]float64
				for _, from := range triggers {
					m, err := minimize.Trigger(t.Context(), pair, from, s)
					if err != nil {
						t.Fatal(err)
					}
					checkMinimized(t, pair, from, s, m)
					pixels[0] += float64(m.Before.L0)
					pixels[1] += float64(m.After.L0)
					before[0] += enginetest.FarBy(aim, m.Before)
					after[0] += enginetest.FarBy(aim, m.After)
				}
				if pixels[1] > test.pixels*pixels[0] {
					t.Errorf("values changed: %v became %v", pixels[0], pixels[1])
				}
				if aim != distance.NearestL0 && aim != distance.NearestLInf && after[0] > test.distance*before[0] {
					t.Errorf("%s: %v became %v", aim, before[0], after[0])
				}
			})
		}
	}
}

func TestMinimizeDoesNotDependOnBatchSize(t *testing.T) {
	for _, p := range []fixtures.Pair{fixtures.LeNet5Pruned, fixtures.LeNet5Dynamic} {
		pair, triggers := realTriggers(t, p, strategies.TriggerFinder(), 2)
		for _, from := range triggers {
			var want minimize.Result
			for _, batch := range []int{1, 7, 64} {
				m, err := minimize.Trigger(t.Context(), pair, from, minimize.Settings{Queries: 200, BatchSize: batch})
				if err != nil {
					t.Fatal(err)
				}
				if batch == 1 {
					want = m
				} else if diff := cmp.Diff(want, m); diff != "" {
					t.Errorf("%s, seed %d, batch %d:\n%s", p.Name, from.SeedIndex, batch, diff)
				}
			}
		}
	}
}

func TestMinimizeStaysWithinTheBound(t *testing.T) {
	pair, triggers := realTriggers(t, fixtures.LeNet5Student, strategies.Boundary(), 4)
	for _, from := range triggers {
		for _, bound := range []distance.Bound{distance.LInf(float32(from.Distance.LInf)), distance.SSIMAtLeast(*from.Distance.SSIM)} {
			// By L2, so that SSIM could fall.
			s := minimize.Settings{Aim: distance.NearestL2, Bound: bound, Queries: 150}
			m, err := minimize.Trigger(t.Context(), pair, from, s)
			if err != nil {
				t.Fatal(err)
			}
			checkMinimized(t, pair, from, s, m)
		}
	}
}

// To put pixels back makes an evenly brighter image less like its seed, by SSIM: it gets edges. Only aim and bound
// keep that from happening, as the models look at the mean alone.
func TestMinimizeIsNeverFartherByAimOrBound(t *testing.T) {
	dark, bright := make([]uint8, 256), make([]uint8, 256)
	for i := range dark {
		dark[i] = uint8(41 + i*7%40)
		bright[i] = dark[i] + 63
	}
	from := &engine.Trigger{
		Seed: model.Must(input.NewImage(16, 16, 1, dark)), Input: model.Must(input.NewImage(16, 16, 1, bright)), Labels: answer.Labels{OriginalLabel: 1},
	}
	from.ID, from.Distance = from.Input.ID(), distance.DistanceBetween(from.Seed, from.Input)
	pair := enginetest.PairOf(enginetest.Brightness(100), enginetest.Brightness(128))
	for _, s := range []minimize.Settings{
		{Aim: distance.MostAlike},
		{Aim: distance.NearestL2, Bound: distance.SSIMAtLeast(*from.Distance.SSIM)},
	} {
		m, err := minimize.Trigger(t.Context(), pair, from, s)
		if err != nil {
			t.Fatal(err)
		}
		checkMinimized(t, pair, from, s, m)
		for _, p := range m.Phases {
			if *p.After.SSIM < *p.Before.SSIM && s.Bound == nil {
				t.Errorf("phase %s: SSIM %v became %v", p.Name, *p.Before.SSIM, *p.After.SSIM)
			}
		}
	}
	free, err := minimize.Trigger(t.Context(), pair, from, minimize.Settings{Aim: distance.NearestL2})
	if err != nil || *free.After.SSIM >= *from.Distance.SSIM {
		t.Errorf("SSIM %v became %v without aim and bound (%v); expected this test to be hard", *from.Distance.SSIM, *free.After.SSIM, err)
	}
}

func TestMinimizeWithLabelsAloneAndOtherOracles(t *testing.T) {
	pair, triggers := realTriggers(t, fixtures.LeNet5Student, strategies.TriggerFinder(), 3)
	sure := model.Must(answer.MinConfidence(0.05, answer.Top1()))
	labels := model.Must(model.NewPair("labels", labelsOf(pair.Original()), labelsOf(pair.Compressed())))
	for _, test := range []struct {
		name string
		pair *model.Pair
		s    minimize.Settings
	}{
		{"min confidence", pair, minimize.Settings{Oracle: sure, Queries: 200}},
		{"any deviation", pair, minimize.Settings{AnyDeviation: true, Queries: 200}},
		{"labels alone", labels, minimize.Settings{Oracle: answer.LabelOnly(), Queries: 200}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, from := range triggers {
				m, err := minimize.Trigger(t.Context(), test.pair, from, test.s)
				if err != nil {
					t.Fatal(err)
				}
				checkMinimized(t, test.pair, from, test.s, m)
				if 2*m.After.L0 > m.Before.L0 {
					t.Errorf("seed %d: %d changed values became %d", from.SeedIndex, m.Before.L0, m.After.L0)
				}
			}
		})
	}
}

// labelsOf shows the labels of a model alone.
func labelsOf(p model.Predictor) model.Predictor {
	return model.LabelFunc("labels", 10, func(ctx context.Context, batch []input.Input) ([]int, error) {
		rows, err := p.Predict(ctx, batch)
		labels := make([]int, len(rows))
		for i, row := range rows {
			labels[i] = answer.Label(row)
		}
		return labels, err
	})
}

func TestMinimizeGivesUpWhatDoesNotRepeatAlone(t *testing.T) {
	// In a batch, the original has its boundary elsewhere: what is found there is no trigger alone.
	alone, together := enginetest.Brightness(100), enginetest.Brightness(70)
	original := func(ctx context.Context, batch []input.Input) ([][]float32, error) {
		if len(batch) > 1 {
			return together(ctx, batch)
		}
		return alone(ctx, batch)
	}
	from := brightTrigger()
	from.Distance, from.ID = distance.DistanceBetween(from.Seed, from.Input), from.Input.ID()
	s := minimize.Settings{Aim: distance.NearestL2}
	pair := enginetest.PairOf(original, enginetest.Brightness(128))
	m, err := minimize.Trigger(t.Context(), pair, from, s)
	if err != nil {
		t.Fatal(err)
	}
	checkMinimized(t, pair, from, s, m)
	if !m.Smaller() || m.Unstable == 0 {
		t.Errorf("smaller: %t, unstable: %d; expected a smaller trigger in spite of an unstable one", m.Smaller(), m.Unstable)
	}

	// A model that answers otherwise the second time: the trigger to begin with is all there is.
	seen := map[string]bool{}
	fickle := func(ctx context.Context, batch []input.Input) ([][]float32, error) {
		scores, err := enginetest.Brightness(128)(ctx, batch)
		for i, in := range batch {
			if seen[in.ID()] {
				scores[i] = []float32{0, 1}
			}
			seen[in.ID()] = true
		}
		return scores, err
	}
	m, err = minimize.Trigger(t.Context(), enginetest.PairOf(enginetest.Brightness(100), fickle), from, s)
	if err != nil || m.Smaller() || m.Unstable == 0 || m.Trigger.ID != from.ID || m.Limit != "" {
		t.Errorf("smaller: %t, unstable: %d, limit %q, %v; expected the trigger as it was", m.Smaller(), m.Unstable, m.Limit, err)
	}
}

func TestMinimizeKeepsWhatItHasWhenItIsInterrupted(t *testing.T) {
	pair, triggers := realTriggers(t, fixtures.LeNet5Student, strategies.TriggerFinder(), 1)
	from := triggers[0]
	failure := errors.New("out of order")
	for _, test := range []struct {
		name  string
		limit engine.Status
		err   error
	}{{"cancelled", engine.Cancelled, nil}, {"failing", engine.Failed, failure}} {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			calls := 0
			original := model.Func("original", func(c context.Context, batch []input.Input) ([][]float32, error) {
				calls++
				if calls > 12 && test.err != nil && len(batch) > 1 {
					return nil, test.err
				}
				if calls == 12 && test.err == nil {
					cancel()
				}
				return pair.Original().Predict(c, batch)
			})
			m, err := minimize.Trigger(ctx, model.Must(model.NewPair("", original, pair.Compressed())), from, minimize.Settings{})
			if !errors.Is(err, test.err) || m.Limit != test.limit {
				t.Fatalf("limit %q, %v; expected %q, %v", m.Limit, err, test.limit, test.err)
			}
			checkMinimized(t, pair, from, minimize.Settings{}, m)
			if !m.Smaller() {
				t.Error("expected what was found until then")
			}
		})
	}

	slow := model.Func("slow", func(c context.Context, batch []input.Input) ([][]float32, error) {
		time.Sleep(5 * time.Millisecond)
		return pair.Original().Predict(c, batch)
	})
	m, err := minimize.Trigger(t.Context(), model.Must(model.NewPair("", slow, pair.Compressed())), from, minimize.Settings{Time: 40 * time.Millisecond})
	if err != nil || m.Limit != engine.TimeLimit {
		t.Errorf("limit %q, %v; expected %q", m.Limit, err, engine.TimeLimit)
	}
	m, err = minimize.Trigger(t.Context(), pair, from, minimize.Settings{Queries: 5})
	if err != nil || m.Limit != engine.QueryLimit || m.Queries != 5 {
		t.Errorf("limit %q after %d queries, %v; expected %q after 5", m.Limit, m.Queries, err, engine.QueryLimit)
	}
}

func TestMinimizeComesToAnEnd(t *testing.T) {
	from := brightTrigger()
	m, err := minimize.Trigger(t.Context(), enginetest.BrightnessPair(), from, minimize.Settings{Queries: math.MaxInt32, Aim: distance.NearestL2})
	if err != nil || m.Limit != "" {
		t.Fatalf("limit %q, %v", m.Limit, err)
	}
	if m.After.L0 != 15 || m.After.L2 >= m.Before.L2 || // with fewer, the mean is below 120
		m.Trigger.Queries != m.Queries || !slices.Equal(m.Trigger.History, []string{"minimized"}) {
		t.Errorf("%+v", m)
	}
}

func TestMinimizeOfASeedThatDeviatesItself(t *testing.T) {
	from := brightTrigger()
	from.Seed = from.Input.Clone()
	m, err := minimize.Trigger(t.Context(), enginetest.BrightnessPair(), from, minimize.Settings{})
	if err != nil || m.Smaller() || m.Queries != 0 || m.Limit != "" || m.Trigger.ID != from.Input.ID() {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestMinimizeRefuses(t *testing.T) {
	changed := func(change func(*engine.Trigger)) *engine.Trigger {
		from := brightTrigger()
		change(from)
		return from
	}
	for _, test := range []struct {
		says    string
		pair    *model.Pair
		trigger *engine.Trigger
		s       minimize.Settings
	}{
		{"pair is nil", nil, brightTrigger(), minimize.Settings{}},
		{"trigger is nil", enginetest.BrightnessPair(), nil, minimize.Settings{}},
		{"found one without", enginetest.BrightnessPair(), changed(func(t *engine.Trigger) { t.Seed = input.Input{} }), minimize.Settings{}},
		{"Queries is -1", enginetest.BrightnessPair(), brightTrigger(), minimize.Settings{Queries: -1}},
		{"Time is -1", enginetest.BrightnessPair(), brightTrigger(), minimize.Settings{Time: -1}},
		{"BatchSize is -1", enginetest.BrightnessPair(), brightTrigger(), minimize.Settings{BatchSize: -1}},
		{"expected a trigger within LInf 8, found one beyond", enginetest.BrightnessPair(), brightTrigger(), minimize.Settings{Bound: distance.LInf(8)}},
		{"expected seed and trigger alike", enginetest.BrightnessPair(), changed(func(t *engine.Trigger) { t.Seed.Shape = []int{16} }), minimize.Settings{}},
		{"expected a value of the domain", enginetest.BrightnessPair(), changed(func(t *engine.Trigger) { t.Input.Data[3] = 0.5 }), minimize.Settings{}},
		{"no deviation: expected a trigger by oracle top-1, found that the original says class 0 and the compressed model class 0", enginetest.BrightnessPair(),
			changed(func(t *engine.Trigger) { t.Input = t.Seed }), minimize.Settings{}},
	} {
		_, err := minimize.Trigger(t.Context(), test.pair, test.trigger, test.s)
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%v; expected an error that says %q", err, test.says)
		}
		if strings.HasPrefix(test.says, "no deviation") && !errors.Is(err, engine.ErrNoDeviation) {
			t.Errorf("%v; expected ErrNoDeviation", err)
		}
	}
}

// checkMinimized checks what every minimisation promises.
func checkMinimized(t *testing.T, pair *model.Pair, from *engine.Trigger, s minimize.Settings, m minimize.Result) {
	t.Helper()
	small := m.Trigger
	if err := small.Input.Validate(); err != nil {
		t.Error(err)
	}
	if before, after := enginetest.FarBy(s.Aim, from.Distance), enginetest.FarBy(s.Aim, small.Distance); after > before {
		t.Errorf("seed %d: %v %v became %v: farther", from.SeedIndex, s.Aim, before, after)
	}
	if small.Distance.L0 > from.Distance.L0 || small.Distance.L2 > from.Distance.L2*(1+1e-12) || small.Distance.LInf > from.Distance.LInf {
		t.Errorf("seed %d: %+v became %+v", from.SeedIndex, from.Distance, small.Distance)
	}
	if s.Bound != nil {
		if region := model.Must(s.Bound.Around(from.Seed)); !region.Contains(small.Input) {
			t.Errorf("seed %d: not within %s", from.SeedIndex, s.Bound)
		}
	}
	most := s.Queries
	if most == 0 {
		most = minimize.DefaultQueries
	}
	spent := 0
	for _, p := range m.Phases {
		spent += p.Queries
	}
	if m.Queries > most || spent > m.Queries {
		t.Errorf("seed %d: %d queries, %d in phases; expected at most %d", from.SeedIndex, m.Queries, spent, most)
	}
	again, err := engine.Replay(t.Context(), pair, []input.Input{small.Input}, s.Oracle)
	if err != nil || !again[0].Verdict.Deviates {
		t.Fatalf("seed %d: the minimised trigger does not deviate (%v)", from.SeedIndex, err)
	}
	labels := [2]int{answer.LabelOf(again[0].Original.Scores), answer.LabelOf(again[0].Compressed.Scores)}
	if want := [2]int{small.OriginalLabel, small.CompressedLabel}; labels != want {
		t.Errorf("seed %d: labels %v; the trigger says %v", from.SeedIndex, labels, want)
	}
	if want := [2]int{from.OriginalLabel, from.CompressedLabel}; !s.AnyDeviation && labels != want {
		t.Errorf("seed %d: labels %v; expected %v as before", from.SeedIndex, labels, want)
	}
	if diff := cmp.Diff(distance.DistanceBetween(from.Seed, small.Input), small.Distance); diff != "" {
		t.Errorf("seed %d: distance: %s", from.SeedIndex, diff)
	}
	if small.ID != small.Input.ID() || !slices.Equal([]float32(small.Original.Scores), again[0].Original.Scores) || m.Smaller() != (small.ID != from.ID) {
		t.Errorf("seed %d: ID %s, smaller %t, scores %v", from.SeedIndex, small.ID, m.Smaller(), small.Original.Scores)
	}
}

// brightTrigger is a trigger of enginetest.BrightnessPair: its mean is 124, where that of its seed is 61.
func brightTrigger() *engine.Trigger {
	seed := model.Must(input.NewImage(4, 4, 1, slices.Repeat([]uint8{61}, 16)))
	return &engine.Trigger{Seed: seed, Input: model.Must(input.NewImage(4, 4, 1, slices.Repeat([]uint8{124}, 16))), Labels: answer.Labels{OriginalLabel: 1}}
}
