package gate_test

import (
	"context"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

func lenet(t testing.TB) *onnx.Model {
	t.Helper()
	m, err := onnx.OpenFS(fixtures.Models, "lenet5.onnx", onnx.Scale(fixtures.Scale))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func study(t testing.TB, sizes ...float64) gate.PowerStudy {
	return gate.PowerStudy{
		Original: lenet(t),
		Changed:  onnx.PerturbedFS(fixtures.Models, "lenet5.onnx", onnx.Scale(fixtures.Scale)),
		Sizes:    sizes,
		Seeds:    generators.First(fixtures.Seeds(), 40),
		Settings: engine.Settings{Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 60}},
	}
}

func TestPowerGrowsWithTheChange(t *testing.T) {
	c, err := gate.MeasurePower(t.Context(), study(t, 0.000003, 0.00001, 0.01))
	if err != nil {
		t.Fatal(err)
	}
	if c.Model != "lenet5" || c.Search != "boundary; at most 60 queries a seed; random seed 0" ||
		c.Perturbation != "Gaussian noise on the weights, relative to the standard deviation of each tensor" || len(c.Trials) != 3 {
		t.Errorf("got %+v", c)
	}
	for i, trial := range c.Trials {
		if trial.Seeds != 40 || trial.Confidence != 0.95 || !(trial.Lower <= trial.Rate() && trial.Rate() <= trial.Upper) || trial.Upper-trial.Lower > 0.33 {
			t.Errorf("trial %+v", trial)
		}
		if i > 0 && trial.Found <= c.Trials[i-1].Found {
			t.Errorf("size %g found in %d seeds, size %g in %d", c.Trials[i-1].Size, c.Trials[i-1].Found, trial.Size, trial.Found)
		}
		if !strings.HasPrefix(trial.Copy, "Gaussian noise of ") {
			t.Errorf("copy %q", trial.Copy)
		}
	}
	if first, last := c.Trials[0], c.Trials[2]; first.Rate() > 0.3 || last.Rate() < 0.9 || first.Queries < 40*60*7/10 {
		t.Errorf("a change of 0.0003 %% was found in %d seeds with %d queries, one of 1 %% in %d", first.Found, first.Queries, last.Found)
	}
}

// TestPowerDoesNotDependOnTheLayOut searches with other batches and workers, and with settings that only concern triggers.
func TestPowerDoesNotDependOnTheLayOut(t *testing.T) {
	one := study(t, 0.01)
	other := one
	other.Settings.BatchSize, other.Settings.Workers = 3, 1
	other.Settings.StopAfter, other.Settings.Budget.ClosingQueriesPerSeed = 1, 20
	other.Settings.OnTrigger = func(*engine.Trigger) error { return errors.New("not to be called") }
	a, err := gate.MeasurePower(t.Context(), one)
	if err != nil {
		t.Fatal(err)
	}
	b, err := gate.MeasurePower(t.Context(), other)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(a, b) {
		t.Errorf("got %+v and %+v", a, b)
	}
}

func TestPowerSharesTheWholeBudget(t *testing.T) {
	s := study(t, 0.00001)
	s.Settings.Budget = engine.Budget{QueriesPerSeed: 1000, Queries: 200}
	c, err := gate.MeasurePower(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(c.Search, "at most 5 queries a seed; 200 queries in all") || c.Trials[0].Queries > 200 {
		t.Errorf("got %+v", c)
	}
}

func TestPowerThatCannotBeMeasured(t *testing.T) {
	good := study(t, 0.01)
	own := errors.New("no copy today")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	nan := model.Func("nan", func(_ context.Context, batch []input.Input) ([][]float32, error) {
		rows := make([][]float32, len(batch))
		for i := range rows {
			rows[i] = []float32{float32(math.NaN()), 0, 0, 0, 0, 0, 0, 0, 0, 0}
		}
		return rows, nil
	})
	for name, test := range map[string]struct {
		change func(*gate.PowerStudy)
		ctx    context.Context
		says   string
		is     error
	}{
		"no original":   {func(s *gate.PowerStudy) { s.Original = nil }, nil, "original is nil", nil},
		"no function":   {func(s *gate.PowerStudy) { s.Changed = nil }, nil, "no function that makes changed copies", nil},
		"no sizes":      {func(s *gate.PowerStudy) { s.Sizes = nil }, nil, "no sizes of the change", nil},
		"size 0":        {func(s *gate.PowerStudy) { s.Sizes = []float64{0.1, 0} }, nil, "size of the change is 0", nil},
		"no seeds":      {func(s *gate.PowerStudy) { s.Seeds = nil }, nil, "no seeds", input.ErrNoSeeds},
		"confidence 95": {func(s *gate.PowerStudy) { s.Confidence = 95 }, nil, "confidence is 95", nil},
		"no budget":     {func(s *gate.PowerStudy) { s.Settings.Budget = engine.Budget{} }, nil, "budget is 0", nil},
		"no strategy":   {func(s *gate.PowerStudy) { s.Settings.Strategy = nil }, nil, "Strategy is nil", nil},
		"a failing copy": {func(s *gate.PowerStudy) {
			s.Changed = func(float64, uint64) (model.Predictor, error) { return nil, own }
		}, nil, "canary of size 0.01: no copy today", own},
		"no copy": {func(s *gate.PowerStudy) {
			s.Changed = func(float64, uint64) (model.Predictor, error) { return nil, nil }
		}, nil, "returned none", nil},
		"the same model": {func(s *gate.PowerStudy) {
			s.Changed = func(float64, uint64) (model.Predictor, error) { return lenet(t), nil }
		}, nil, "canary of size 0.01", engine.ErrSameModel},
		"NaN": {func(s *gate.PowerStudy) {
			s.Changed = func(float64, uint64) (model.Predictor, error) { return nan, nil }
		}, nil, "canary of size 0.01", model.ErrBadScores},
		"a cancelled": {func(*gate.PowerStudy) {}, cancelled, "cancelled", context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			s := good
			test.change(&s)
			ctx := test.ctx
			if ctx == nil {
				ctx = t.Context()
			}
			_, err := gate.MeasurePower(ctx, s)
			if err == nil || !strings.Contains(err.Error(), test.says) || test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("error %v; expected one that says %q", err, test.says)
			}
		})
	}
}

// TestTrialsBeforeAnErrorStand cancels while the second copy is made.
func TestTrialsBeforeAnErrorStand(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := study(t, 0.1, 0.2)
	make := s.Changed
	s.Changed = func(size float64, randomSeed uint64) (model.Predictor, error) {
		if size == 0.2 {
			cancel()
		}
		return make(size, randomSeed)
	}
	c, err := gate.MeasurePower(ctx, s)
	if !errors.Is(err, context.Canceled) || c == nil || len(c.Trials) != 1 || c.Trials[0].Size != 0.1 {
		t.Errorf("got %+v and %v; expected the first trial and a cancellation", c, err)
	}
}
