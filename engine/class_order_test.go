package engine

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// counted is what a table of labels counts: rows by the original's label.
func counted(table [][]int) *classOrder {
	c := &classOrder{}
	for from, row := range table {
		for to, n := range row {
			for range n {
				c.count([2]int{from, to})
			}
		}
	}
	return c
}

func TestClassesInAnotherOrderAreToldFromBadModels(t *testing.T) {
	for _, test := range []struct {
		reason string
		table  [][]int
		want   string // the order; "" for none
	}{
		{"the same order", [][]int{{9, 1, 0}, {0, 8, 1}, {1, 0, 9}}, ""},
		{"two classes exchanged", [][]int{{0, 9, 1}, {8, 0, 0}, {0, 0, 9}}, "1, 0, 2"},
		{"three classes in a circle", [][]int{{0, 7, 0}, {0, 0, 7}, {6, 1, 0}}, "1, 2, 0"},
		{"two classes upside down", [][]int{{1, 19}, {18, 2}}, "1, 0"},
		{"a row whose last class no input shows", [][]int{{9, 0, 0, 0}, {0, 0, 7, 0}, {0, 0, 0, 7}, {0, 0, 0, 0}}, "0, 2, 3, 1"},
		{"few inputs a class, many in all", [][]int{{0, 3, 0, 0}, {0, 0, 3, 0}, {0, 0, 0, 3}, {3, 0, 0, 0}}, "1, 2, 3, 0"},
		{"too few inputs", [][]int{{0, 4}, {4, 0}}, ""},
		{"everything goes to one class", [][]int{{0, 9, 0}, {0, 9, 0}, {0, 9, 0}}, ""},
		{"one class is lost to another that stays", [][]int{{0, 20, 0}, {0, 20, 0}, {0, 0, 20}}, ""},
		{"two classes are lost to two that stay", [][]int{{0, 20, 0, 0}, {0, 20, 0, 0}, {0, 0, 0, 20}, {0, 0, 0, 20}}, ""},
		{"one class goes where no input was seen", [][]int{{0, 20, 0}, {0, 0, 0}, {0, 0, 20}}, ""},
		{"half of two classes are mixed up", [][]int{{10, 10}, {10, 10}}, ""},
		{"more than half of two classes are mixed up", [][]int{{6, 14}, {14, 6}}, ""},
		{"two classes go to the same", [][]int{{0, 0, 20}, {0, 0, 20}, {20, 0, 0}}, ""},
	} {
		t.Run(test.reason, func(t *testing.T) {
			c := counted(test.table)
			err := c.check(len(test.table), nil)
			switch {
			case test.want == "" && err != nil:
				t.Errorf("expected no error, found %v", err)
			case test.want != "" && (!errors.Is(err, ErrClassOrder) || !strings.Contains(err.Error(), "onnx.ClassOrder("+test.want+")")):
				t.Errorf("expected the order %s, found %v", test.want, err)
			}
		})
	}
}

func TestRandomlyWrongModelsAreNoOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		c := &classOrder{}
		classes := 2 + rng.IntN(9)
		for range 10 + rng.IntN(90) {
			c.count([2]int{rng.IntN(classes), rng.IntN(classes)})
		}
		if moved := c.moved(); moved != nil && classes > 2 {
			t.Fatalf("of %d classes, %v", classes, moved)
		}
	}
}

// labelling gives inputs the label that their first value says, through a map.
func labelling(name string, order ...int) model.Predictor {
	return model.LabelFunc(name, len(order), func(_ context.Context, batch []input.Input) ([]int, error) {
		labels := make([]int, len(batch))
		for i, in := range batch {
			labels[i] = order[int(in.Data[0])%len(order)]
		}
		return labels, nil
	})
}

func TestClassOrderEndsASearchAndAnEvaluation(t *testing.T) {
	pair := model.Must(model.NewPair("p", labelling("a", 0, 1, 2), labelling("b", 0, 2, 1)))
	var seeds namedSeeds
	var inputs []input.Input
	for i := range 30 {
		in := model.Must(input.NewImage(1, 1, 1, []uint8{uint8(i)}))
		seeds.SeedList = append(seeds.SeedList, input.Seed{Input: in, Label: i % 3})
		inputs = append(inputs, in)
	}
	const want = `: classes in another order: expected both models to number their classes alike, found that in the compressed model dog is its class 2 (10 of 10 inputs), class 2 is its class 1 (10 of 10 inputs); ` +
		`if it was exported with its classes in another order, put them back with onnx.Compressed(onnx.ClassOrder(0, 2, 1)), or in its predictor where it is no ONNX model`
	announced := 0
	for _, strategy := range []Strategy{repeating{}, surveying{repeating{}}} {
		r, err := Search(t.Context(), pair, seeds, Settings{
			Strategy: strategy, Budget: Budget{QueriesPerSeed: 5},
			OnTrigger: func(*Trigger) error { announced++; return nil },
		})
		if !errors.Is(err, ErrClassOrder) || err.Error() != "engine: pair p"+want {
			t.Errorf("%s: got %v", strategy, err)
		}
		if r.Status != Failed || len(r.Triggers()) != 0 || announced != 0 {
			t.Errorf("%s: status %s, %d triggers, %d announced; expected no finding", strategy, r.Status, len(r.Triggers()), announced)
		}
	}
	e := model.Must(NewEvaluator(pair, EvaluatorSettings{}))
	if _, err := e.Evaluate(t.Context(), inputs); err != nil {
		t.Fatal(err)
	}
	if err := e.Conclude(true); !errors.Is(err, ErrClassOrder) {
		t.Errorf("got %v", err)
	}
	// Triggers are chosen for deviating: they say nothing.
	if _, err := Replay(t.Context(), pair, inputs, nil); err != nil {
		t.Error(err)
	}
}

func TestWhatIsNotFiniteIsNoOrder(t *testing.T) {
	// All of class 1 is NaN, which has no label, and all of class 0 becomes 1.
	broken := model.Func("b", func(_ context.Context, batch []input.Input) ([][]float32, error) {
		rows := make([][]float32, len(batch))
		for i, in := range batch {
			rows[i] = []float32{0.1, 0.9, 0}
			switch int(in.Data[0]) % 3 {
			case 1:
				rows[i] = []float32{float32(math.NaN()), 0, 0}
			case 2:
				rows[i] = []float32{0, 0.1, 0.9}
			}
		}
		return rows, nil
	})
	pair := model.Must(model.NewPair("p", labelling("a", 0, 1, 2), broken))
	var seeds input.SeedList
	var inputs []input.Input
	for i := range 30 {
		in := model.Must(input.NewImage(1, 1, 1, []uint8{uint8(i)}))
		seeds, inputs = append(seeds, input.Seed{Input: in, Label: input.Unlabelled}), append(inputs, in)
	}
	r, err := Search(t.Context(), pair, seeds, Settings{Strategy: repeating{}, Budget: Budget{QueriesPerSeed: 10}, SkippedAtMost: 1})
	if err != nil || len(r.Triggers()) != 20 {
		t.Errorf("got %v, %d triggers, expected 20", err, len(r.Triggers()))
	}
	e := model.Must(NewEvaluator(pair, EvaluatorSettings{}))
	if _, err := e.Evaluate(t.Context(), inputs); err != nil {
		t.Fatal(err)
	}
	if err := e.Conclude(true); err != nil {
		t.Error(err)
	}
}

type namedSeeds struct{ input.SeedList }

func (namedSeeds) ClassNames() []string { return []string{"cat", "dog", ""} }

// repeating is a strategy that asks for nothing but its seed.
type repeating struct{}

func (repeating) String() string { return "repeating" }

func (repeating) NewSearcher(task Task) (Searcher, error) {
	return repeater{task.Seed.Input.Clone()}, nil
}

type repeater struct{ seed input.Input }

func (r repeater) Ask(int) []input.Input { return []input.Input{r.seed} }

func (repeater) Tell([]Evaluation) {}

// surveying wants to see every seed first.
type surveying struct{ repeating }

func (surveying) PoolSize() int { return 1000 }

func (s surveying) WithPool([]Evaluation) Strategy { return s }

func (surveying) String() string { return "surveying" }
