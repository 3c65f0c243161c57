package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// learner is a model that says after its preparation what it has learned.
type learner struct {
	name    string
	step    int // what it adds to labels
	fail    error
	panics  bool
	mu      sync.Mutex
	shown   [][]float32 // the first values of the inputs of each preparation
	others  []model.Predictor
	early   bool // asked before it was prepared
	learned bool
}

func (l *learner) Describe() model.Description {
	l.mu.Lock()
	defer l.mu.Unlock()
	d := model.Description{Name: l.name, Settings: map[string]string{"scores": "open"}}
	if l.learned {
		d.Settings = map[string]string{"scores": "learned"}
		d.MaxBatch = 1
	}
	return d
}

func (l *learner) CheckInput(in input.Input) error {
	if in.Data[0] >= 200 {
		return errors.New("too bright")
	}
	return nil
}

func (l *learner) Prepare(_ context.Context, first []input.Input, other model.Predictor) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.panics {
		panic("oh")
	}
	var values []float32
	for _, in := range first {
		values = append(values, in.Data[0])
	}
	l.shown, l.others, l.learned = append(l.shown, values), append(l.others, other), l.fail == nil
	return l.fail
}

func (l *learner) Predict(_ context.Context, batch []input.Input) ([][]float32, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.learned {
		l.early = true
	}
	if l.learned && len(batch) > 1 {
		return nil, fmt.Errorf("a batch of %d after it said that it takes 1", len(batch))
	}
	rows := make([][]float32, len(batch))
	for i, in := range batch {
		v := int(in.Data[0])
		rows[i] = make([]float32, 3)
		rows[i][(v+l.step*(v%2))%3] = 0.5 + float32(v)/1000
	}
	return rows, nil
}

func brightness(values ...uint8) (seeds input.SeedList, inputs []input.Input) {
	for _, v := range values {
		in := model.Must(input.NewImage(1, 1, 1, []uint8{v}))
		seeds, inputs = append(seeds, input.Seed{Input: in, Label: input.Unlabelled}), append(inputs, in)
	}
	return seeds, inputs
}

func TestModelsArePreparedWithTheFirstUsableInputs(t *testing.T) {
	var values []uint8
	for i := range uint8(40) {
		values = append(values, 3*i%100+1)
	}
	values[0], values[3] = 250, 251 // these cannot be taken
	seeds, inputs := brightness(values...)
	usable := slices.Concat(inputs[1:3], inputs[4:])
	want := make([]float32, 16)
	for i := range want {
		want[i] = usable[i].Data[0]
	}
	settings := Settings{Strategy: repeating{}, Budget: Budget{QueriesPerSeed: 10}, SkippedAtMost: 1}
	for _, test := range []struct {
		name  string
		shown []float32
		ask   func(pair *model.Pair) error
	}{
		{"search", want, func(pair *model.Pair) error {
			r, err := Search(t.Context(), pair, seeds, settings)
			if r == nil {
				return err
			}
			if err == nil && (r.Original.Settings["scores"] != "learned" || r.Compressed.Settings["scores"] != "learned") {
				err = fmt.Errorf("the report says %v and %v", r.Original.Settings, r.Compressed.Settings)
			}
			return err
		}},
		{"a shard", want, func(pair *model.Pair) error {
			s := settings
			s.Shard = Shard{Index: 2, Total: 3}
			_, err := Search(t.Context(), pair, seeds, s)
			return err
		}},
		{"replay", want, func(pair *model.Pair) error {
			_, err := ReplayTogether(t.Context(), pair, usable, nil, 8)
			return err
		}},
		{"evaluator", want, func(pair *model.Pair) error {
			e := model.Must(NewEvaluator(pair, EvaluatorSettings{}))
			for range 2 { // prepared once
				if _, err := e.Evaluate(t.Context(), usable); err != nil {
					return err
				}
			}
			return nil
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, b := &learner{name: "a"}, &learner{name: "b", step: 1}
			pair := model.Must(model.NewPair("p", a, b))
			if err := test.ask(pair); err != nil {
				t.Fatal(err)
			}
			for _, side := range [][2]*learner{{a, b}, {b, a}} {
				l, other := side[0], side[1]
				if len(l.shown) != 1 || !slices.Equal(l.shown[0], test.shown) || l.others[0] != model.Predictor(other) || l.early {
					t.Errorf("%s: shown %v, expected %v; asked early: %t", l.name, l.shown, test.shown, l.early)
				}
			}
			if err := test.ask(model.Must(model.NewPair("p", &learner{name: "a"}, &learner{name: "b", step: 1, fail: errors.New("no idea")}))); err == nil ||
				!strings.Contains(err.Error(), "pair p: ") || !strings.HasSuffix(err.Error(), ": no idea") {
				t.Errorf("got %v", err)
			}
			if err := test.ask(model.Must(model.NewPair("p", &learner{name: "a", panics: true}, b))); err == nil || !strings.Contains(err.Error(), `original model "a": panic: oh (`) {
				t.Errorf("got %v", err)
			}
		})
	}
}
