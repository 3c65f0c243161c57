package gate_test

import (
	"context"
	"fmt"
	"maps"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// Numbers of the triggers are worse when they come nearer to the seed: sooner, at a smaller distance, more alike.
func TestCompareSaysWhichNumbersAreWorse(t *testing.T) {
	with := func(hit int, l2 float64, ssim *float64) *gate.Evidence {
		e := evidence("t--")
		s := &e.Seeds[0]
		s.FirstHit, s.Trigger.Distance.L2, s.Trigger.Distance.SSIM = &hit, l2, ssim
		return e
	}
	low, high := 0.25, 0.75
	for _, test := range []struct {
		before, after *gate.Evidence
		want          string
	}{
		{with(2, 10, &low), with(3, 11, &high), "[{queries to the first hit, median 2 3 false} {L2 distance to the seed, median 10 11 false} {SSIM to the seed, median 0.25 0.75 true}]"},
		{with(3, 11, &high), with(2, 10, &low), "[{queries to the first hit, median 3 2 true} {L2 distance to the seed, median 11 10 true} {SSIM to the seed, median 0.75 0.25 false}]"},
		{with(2, 10, &low), with(2, 10, &low), "[{queries to the first hit, median 2 2 false} {L2 distance to the seed, median 10 10 false} {SSIM to the seed, median 0.25 0.25 false}]"},
		{with(2, 10, &low), with(2, 10, nil), "[{queries to the first hit, median 2 2 false} {L2 distance to the seed, median 10 10 false}]"},
		{with(2, 10, nil), with(2, 10, &low), "[{queries to the first hit, median 2 2 false} {L2 distance to the seed, median 10 10 false}]"},
	} {
		if got := fmt.Sprint(model.Must(gate.Compare(test.before, test.after, gate.CompareOptions{})).Metrics); got != test.want {
			t.Errorf("metrics %s; expected %s", got, test.want)
		}
	}
}

func TestComparisonCounts(t *testing.T) {
	c := model.Must(gate.Compare(evidence("tttt----"), evidence("t--ttt--"), gate.CompareOptions{}))
	if candidate, baseline := c.Found(); c.Both != 2 || c.Worse != 2 || c.Better != 2 || c.Neither != 2 || candidate != 4 || baseline != 4 {
		t.Errorf("%+v", c)
	}
	c = model.Must(gate.Compare(evidence("ttt-----"), evidence("t--t----"), gate.CompareOptions{}))
	if candidate, baseline := c.Found(); candidate != 2 || baseline != 3 {
		t.Errorf("%d and %d in %+v", candidate, baseline, c)
	}
}

func TestEvidenceNotesWhatItRanOn(t *testing.T) {
	r := &engine.Report{
		Pair: "p", Strategy: "s", Oracle: "o", Aim: "a", Status: engine.AllSearched, Original: model.Description{Name: "x"},
		Compressed: model.Description{Name: "y", Settings: map[string]string{"runtime": "1.2", "cpu": "avx2", "provider": "CPU", "threads": "1"}},
		Seeds:      []engine.Outcome{{SeedID: "0123456789abcdef", Status: engine.SeedExhausted}},
	}
	e, err := gate.EvidenceOf(r)
	if want := map[string]string{"runtime": "1.2", "cpu": "avx2", "provider": "CPU", "search": strconv.Itoa(engine.SearchRevision), "go": runtime.Version()}; err != nil || !maps.Equal(e.Versions, want) {
		t.Errorf("%+v, error %v; expected %v", e, err, want)
	}
}

func TestSimilarityThatEvidenceCanHave(t *testing.T) {
	for v, good := range map[float64]bool{-1.001: true, 1.001: true, 0: true, -1.0011: false, 1.0011: false, -75: false, math.Inf(1): false, math.NaN(): false} {
		e := evidence("t")
		e.Seeds[0].Trigger.Distance.SSIM = &v
		if err := e.Validate(); (err == nil) != good || err != nil && !strings.Contains(err.Error(), "trigger.distance.ssim: expected -1 to 1, found ") {
			t.Errorf("%g: error %v", v, err)
		}
	}
}

func TestFlipsAtTheLimitsOfTheSettings(t *testing.T) {
	seeds := input.SeedList{tell(1, 1, 1)}
	for range 5 {
		seeds = append(seeds, tell(0, 0, 1))
	}
	for examples, want := range map[int]int{0: 3, 4: 4, 9: 5, -1: 0} {
		if f := model.Must(gate.MeasureFlips(t.Context(), told(), seeds, gate.FlipSettings{Examples: examples})); len(f.Examples) != want {
			t.Errorf("%d: kept %d examples; expected %d", examples, len(f.Examples), want)
		}
	}
	for _, confidence := range []float64{1, 1.5, -0.5, math.NaN()} {
		if _, err := gate.MeasureFlips(t.Context(), told(), seeds, gate.FlipSettings{Confidence: confidence}); err == nil || !strings.Contains(err.Error(), "expected above 0 and below 1") {
			t.Errorf("confidence %g: error %v", confidence, err)
		}
	}
}

// An answer that is another one in company alone is no flip.
func TestFlipsAreConfirmedAlone(t *testing.T) {
	m := func(name string, together float32) model.Predictor {
		return model.Func(name, func(_ context.Context, batch []input.Input) ([][]float32, error) {
			rows := make([][]float32, len(batch))
			for i, in := range batch {
				p := 0.9 - in.Data[0]/1000
				if len(batch) > 1 {
					p += together
				}
				rows[i] = []float32{p, 1 - p}
			}
			return rows, nil
		})
	}
	seeds := input.SeedList{}
	for i := range 8 {
		seeds = append(seeds, input.Seed{Input: dot(i)})
	}
	f, err := gate.MeasureFlips(t.Context(), model.Must(model.NewPair("p", m("o", 0), m("c", -0.8))), seeds, gate.FlipSettings{BatchSize: 4, Workers: 1, AllowIdentical: true})
	if err != nil || f.BothRight != 8 || f.Unstable != 8 || f.RightToWrong != 0 {
		t.Errorf("%+v, %v; expected eight that are right alone", f, err)
	}
}

// border is a model of two classes with the boundary there, that takes so many inputs at once.
type border struct {
	name string
	at   float32
	most int
}

func (b border) Describe() model.Description {
	return model.Description{Name: b.name, MaxBatch: b.most}
}

func (b border) Predict(_ context.Context, batch []input.Input) ([][]float32, error) {
	rows := make([][]float32, len(batch))
	for i, in := range batch {
		p := 1 / (1 + float32(math.Exp(float64(b.at-in.Data[0])/64)))
		rows[i] = []float32{1 - p, p}
	}
	return rows, nil
}

func TestBatchesOfNoise(t *testing.T) {
	for _, test := range []struct {
		original, compressed, batch int
		want                        string // original's, then compressed model's
	}{
		{0, 0, 0, "original batch 32, compressed batch 32"},
		{0, 0, 1, ""},
		{0, 0, 2, "original batch 2, compressed batch 2"},
		{4, 8, 0, "original batch 8, compressed batch 8"},
		{4, 8, 3, "original batch 3, compressed batch 3"},
		{4, 0, 0, "original batch 32, compressed batch 32"},
		{0, 4, 0, "original batch 32, compressed batch 32"},
		{1, 0, 0, "compressed batch 32"},
		{0, 1, 0, "original batch 32"},
		{1, 1, 0, ""},
	} {
		pair := model.Must(model.NewPair("p", border{"o", 128, test.original}, border{"c", 130, test.compressed}))
		n, err := gate.MeasureNoise(t.Context(), gate.NoiseStudy{Pair: pair, Seeds: input.SeedList{{Input: dot(3)}, {Input: dot(200)}}, Batch: test.batch})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range n.Settings {
			if strings.HasPrefix(s.Setting, "batch") {
				got = append(got, s.Model+" "+s.Setting)
			}
		}
		if strings.Join(got, ", ") != test.want {
			t.Errorf("%+v: %q", test, got)
		}
	}
}

// A trigger has to deviate each of three times.
func TestTriggerIsRunThreeTimes(t *testing.T) {
	for call, want := range map[int]gate.Cause{1: gate.FromInstability, 2: gate.FromInstability, 3: gate.FromInstability, 4: gate.FromCompression} {
		calls, own := 0, border{"c", 100, 1}
		c := model.Func("c", func(ctx context.Context, batch []input.Input) ([][]float32, error) {
			rows, err := own.Predict(ctx, batch)
			for i, in := range batch {
				if in.Data[0] == 110 {
					if calls++; calls == call {
						slices.Reverse(rows[i])
					}
				}
			}
			return rows, err
		})
		pair, in := model.Must(model.NewPair("p", border{"o", 128, 1}, c)), dot(110)
		n, err := gate.MeasureNoise(t.Context(), gate.NoiseStudy{Pair: pair, Seeds: input.SeedList{{Input: dot(3)}}, Triggers: []*engine.Trigger{{ID: in.ID(), Input: in}}, Batch: 1})
		if err != nil || n.Triggers[0].Cause != want || calls != 3 {
			t.Errorf("another answer in call %d: %+v after %d calls, %v; expected %s", call, n, calls, err, want)
		}
	}
}

func TestPowerAtTheLimit(t *testing.T) {
	trial := gate.CanaryTrial{Size: 0.1, Seeds: 40, Found: 31, Confidence: 0.95, Lower: 0.6154, Upper: 0.8916}
	if err := trial.Require(trial.Lower); err != nil {
		t.Errorf("as much as is shown: %v", err)
	}
	if err := trial.Require(trial.Upper); err == nil || !strings.Contains(err.Error(), "leaves it open") {
		t.Errorf("as much as is possible: %v", err)
	}
}

// The least budget that can decide is enough.
func TestRateWithTheLeastDraws(t *testing.T) {
	for _, fixed := range []bool{false, true} {
		least, ok := gate.LeastDraws(0.01, 0.95, fixed)
		r := measure(t, partly(256, 256), anyDot{}, gate.RateSettings{Limit: 0.01, Draws: least, Fixed: fixed, AllowIdentical: true})
		if !ok || r.Decision != gate.Below || r.Drawn != least {
			t.Errorf("fixed %t: %+v; expected a decision after %d draws", fixed, r, least)
		}
	}
}

// Seeds that deviate as they are count as found without a search.
func TestPowerThatTakesNoSearch(t *testing.T) {
	c, err := gate.MeasurePower(t.Context(), gate.PowerStudy{
		Original: border{"original model", 128, 0},
		Changed: func(size float64, _ uint64) (model.Predictor, error) {
			return border{"the copy", 128 + float32(size), 0}, nil
		},
		Sizes:    []float64{30},
		Seeds:    input.SeedList{{Input: dot(10), Label: 0}, {Input: dot(140), Label: 1}, {Input: dot(120), Label: 0}, {Input: dot(250), Label: 1}},
		Settings: engine.Settings{Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 200}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if trial := c.Trials[0]; trial.Unchanged != 1 || trial.Found < 3 || trial.Copy != "the copy" || c.Perturbation != "a known change" || c.Model != "original model" {
		t.Errorf("%+v", c)
	}
}
