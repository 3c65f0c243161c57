package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// sloped is a model whose gradient is known: that of the sum of weights, times the place of a value.
type sloped struct {
	model.Predictor
	fail error
	rows int // fewer than asked for
}

func (m sloped) CheckGradient(input.Input) error { return nil }

func (m sloped) Gradient(_ context.Context, batch []input.Input, weights [][]float32, _ [][]float32) ([][]float32, error) {
	var rows [][]float32
	for i, in := range batch[m.rows:] {
		row := make([]float32, len(in.Data))
		for j := range row {
			row[j] = weights[i][0] * float32(j) * in.Data[0]
		}
		rows = append(rows, row)
	}
	return rows, m.fail
}

// slopeStrategy asks for gradients before each of three queries, and keeps what it is told.
type slopeStrategy struct{ offered *offers }

// offers are the gradients that searchers were offered; workers make searchers side by side.
type offers struct {
	mu  sync.Mutex
	all []engine.Gradients
}

func (slopeStrategy) String() string { return "slopes" }

func (s slopeStrategy) NewSearcher(task engine.Task) (engine.Searcher, error) {
	s.offered.mu.Lock()
	defer s.offered.mu.Unlock()
	s.offered.all = append(s.offered.all, task.Gradients)
	return &slopeSearcher{task: task, candidate: task.Seed.Input.Clone()}, nil
}

type slopeSearcher struct {
	task      engine.Task
	candidate input.Input
	queries   int
	told      [][]float32
}

func (s *slopeSearcher) AskGradients() []engine.GradientRequest {
	if s.queries == 1 || s.told != nil {
		return nil
	}
	requests := []engine.GradientRequest{{Input: s.candidate, Weights: []float32{2, 0}}}
	if s.task.Gradients.Compressed {
		requests = append(requests, engine.GradientRequest{Input: s.candidate, Weights: []float32{3, 0}, Compressed: true})
	}
	return requests
}

func (s *slopeSearcher) TellGradients(rows [][]float32) {
	for i, row := range rows {
		if want := float32(2+i) * 5 * s.candidate.Data[0]; len(row) != len(s.candidate.Data) || row[5] != want {
			panic(fmt.Sprintf("gradient %d is %v; expected %g for value 5", i, row, want))
		}
	}
	s.told = rows
}

func (s *slopeSearcher) Ask(int) []input.Input {
	if s.queries != 1 && s.told == nil {
		panic("asked before it was told")
	}
	s.told = nil
	if s.queries++; s.queries > 3 {
		return nil
	}
	s.candidate.Data[0] = float32(s.queries)
	return []input.Input{s.candidate}
}

func (s *slopeSearcher) Tell([]engine.Evaluation) {}

// TestGradientsAreToldAndCounted also holds reports of different batches and workers against each other.
func TestGradientsAreToldAndCounted(t *testing.T) {
	agreeing, alike := sloped{Predictor: model.Func("m", enginetest.Smooth.Predict)}, &sloped{Predictor: model.Func("m", enginetest.Smooth.Predict)}
	other := model.Func("n", enginetest.Smooth.Predict)
	for _, test := range []struct {
		name                 string
		original, compressed model.Predictor
		offered              engine.Gradients
		oracle               answer.Oracle
		each                 int
	}{
		{"of the original", agreeing, other, engine.Gradients{Original: true}, nil, 3},
		{"of both", agreeing, alike, engine.Gradients{Original: true, Compressed: true}, nil, 6},
		{"labels alone", agreeing, alike, engine.Gradients{}, answer.LabelOnly(), 0},
	} {
		var canonical []byte
		for _, layout := range [][2]int{{1, 1}, {32, 4}} {
			var offered offers
			pair := model.Must(model.NewPair("p", test.original, test.compressed))
			settings := engine.Settings{
				Strategy: slopeStrategy{&offered}, Budget: engine.Budget{QueriesPerSeed: 10}, Bound: distance.LInf(8), Oracle: test.oracle,
				BatchSize: layout[0], Workers: layout[1], AllowIdentical: true,
			}
			if test.each == 0 {
				settings.Strategy = enginetest.BoundarySettings(nil).Strategy
			}
			r, err := engine.Search(t.Context(), pair, enginetest.GreySeeds(9), settings)
			if r == nil || err != nil && !errors.Is(err, engine.ErrInconclusive) {
				t.Fatalf("%s: error %v", test.name, err)
			}
			for _, o := range offered.all {
				if o != test.offered {
					t.Errorf("%s: offered %+v", test.name, o)
				}
			}
			if r.Ledger.Gradients != 9*test.each || r.Seeds[3].Gradients != test.each {
				t.Errorf("%s: %d gradients, %d of a seed; expected %d and %d", test.name, r.Ledger.Gradients, r.Seeds[3].Gradients, 9*test.each, test.each)
			}
			got := model.Must(r.Canonical())
			if canonical != nil && !bytes.Equal(canonical, got) {
				t.Errorf("%s: another report with batches of %d and %d workers", test.name, layout[0], layout[1])
			}
			canonical = got
		}
	}
}

func TestGradientsThatFail(t *testing.T) {
	failing := errors.New("no kernel")
	for want, m := range map[string]sloped{"no kernel": {fail: failing}, "expected 1 gradients, found 0": {rows: 1}} {
		m.Predictor = model.Func("m", enginetest.Smooth.Predict)
		pair := model.Must(model.NewPair("p", m, model.Func("n", enginetest.Smooth.Predict)))
		_, err := engine.Search(t.Context(), pair, enginetest.GreySeeds(1), engine.Settings{
			Strategy: slopeStrategy{new(offers)}, Budget: engine.Budget{QueriesPerSeed: 10}, Bound: distance.LInf(8), AllowIdentical: true,
		})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "original model") || !strings.Contains(err.Error(), "seed 0") {
			t.Errorf("error %v; expected one with %q", err, want)
		}
	}
}
