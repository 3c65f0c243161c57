package strategies

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/inputtest"
	"github.com/triggerfinder/triggerfinder/model"
	"pgregory.net/rapid"
)

// The sizes of squares by iteration are those of p_selection in the released code of Square Attack.
func TestSquaresShrinkByTheSchedule(t *testing.T) {
	for _, test := range []struct {
		iteration, horizon int
		want               float64
	}{
		{0, 10000, 1}, {10, 10000, 1}, {11, 10000, 2}, {50, 10000, 2}, {51, 10000, 4}, {201, 10000, 8},
		{501, 10000, 16}, {1001, 10000, 32}, {2001, 10000, 64}, {4001, 10000, 128}, {6001, 10000, 256},
		{8000, 10000, 256}, {8001, 10000, 512}, {9999, 10000, 512},
		{0, 500, 1}, {1, 500, 2}, {2, 500, 2}, {3, 500, 4}, {11, 500, 8}, {401, 500, 512},
		{0, 1, 1},
	} {
		if got := shrunkBy(test.iteration, test.horizon); got != test.want {
			t.Errorf("iteration %d of %d: %g, expected %g", test.iteration, test.horizon, got, test.want)
		}
	}
}

// The loss is below 0 exactly where one model gives the seed's label and the other does not.
func TestSquareLossIsBelowZeroWhereOneModelLeavesTheLabel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		row := rapid.SliceOfN(rapid.Float32Range(rapid.SampledFrom([]float32{0, -5}).Draw(t, "least"), 1), 3, 3)
		original, compressed := row.Draw(t, "original"), row.Draw(t, "compressed")
		l := squareLoss{label: rapid.IntRange(0, 2).Draw(t, "label"), logarithms: probabilities(original) && probabilities(compressed)}
		m, n := l.margin(original), l.margin(compressed)
		if m == 0 || n == 0 { // a tie
			return
		}
		if (m > 0) != (answer.Label(original) == l.label) || (n > 0) != (answer.Label(compressed) == l.label) {
			t.Fatalf("margins %g and %g of label %d in %v and %v", m, n, l.label, original, compressed)
		}
		if loss := l.of(answer.Of(original...), answer.Of(compressed...)); (loss < 0) != ((m > 0) != (n > 0)) {
			t.Fatalf("loss %g with margins %g and %g", loss, m, n)
		}
		if got, want := l.of(answer.Of(compressed...), answer.Of(original...)), l.of(answer.Of(original...), answer.Of(compressed...)); got != want {
			t.Fatalf("loss %g one way, %g the other", want, got)
		}
	})
}

func TestSquareLossOfCertainModels(t *testing.T) {
	l := squareLoss{logarithms: true}
	certain, lessSo := []float32{1, 0, 0}, []float32{1, 1e-30, 0}
	if loss := l.of(answer.Of(certain...), answer.Of(certain...)); math.IsInf(loss, 0) || math.IsNaN(loss) || loss <= l.of(answer.Of(certain...), answer.Of(lessSo...)) {
		t.Errorf("loss %g where both models are certain, %g where one is less so; expected finite and larger", loss, l.of(answer.Of(certain...), answer.Of(lessSo...)))
	}
}

func TestSquareCoversTheFractionOfTheInput(t *testing.T) {
	for _, test := range []struct {
		shape         []int
		fraction      float64
		height, width int
	}{
		{[]int{10, 20, 3}, 0.5, 10, 10},
		{[]int{10, 20}, 0.125, 5, 5},
		{[]int{10, 20, 1}, 1, 10, 14},
		{[]int{10, 20, 1}, 1e-6, 1, 1},
		{[]int{1, 200}, 0.5, 1, 100},
		{[]int{200, 1, 2}, 0.5, 100, 1},
		{[]int{200}, 0.5, 1, 100},
		{[]int{2, 5, 2, 10}, 0.5, 1, 100},
	} {
		in := input.Input{Shape: test.shape, Domain: input.Bytes, Data: make([]float32, 1), Kind: inputtest.KindOf(test.shape)}
		for _, size := range test.shape {
			in.Data = make([]float32, len(in.Data)*size)
		}
		scores := []float32{0.9, 0.1}
		s := model.Must(SquareSearch{Fraction: test.fraction}.NewSearcher(engine.Task{
			Seed: engine.Evaluation{Input: in, Original: answer.Of(scores...), Compressed: answer.Of(scores...)}, Rand: rand.New(rand.NewPCG(1, 2)),
		})).(*squareSearcher)
		s.queries = 1
		if height, width := s.window(); height != test.height || width != test.width {
			t.Errorf("fraction %g of shape %v: %dx%d, expected %dx%d", test.fraction, test.shape, height, width, test.height, test.width)
		}
	}
}

func TestReachOfSquareIsAWholeNumberOfSteps(t *testing.T) {
	for _, test := range []struct {
		domain input.Domain
		radius float64
		want   float64 // steps
	}{
		{input.Bytes, 0.05, 12},
		{input.Bytes, 0.001, 1},
		{input.Domain{Min: 0, Max: 1, Step: 1.0 / 255}, 0.2, 51}, // 50.999996 in float32
		{input.Domain{Min: -1, Max: 1, Step: 0.5}, 0.49, 1},
	} {
		got := SquareSearch{Radius: test.radius}.reach(test.domain, nil)
		if steps := float64(got / test.domain.Step); math.Abs(steps-test.want) > 1e-3 {
			t.Errorf("radius %g of %s: %g steps, expected %g", test.radius, test.domain, steps, test.want)
		}
	}
	if got := (SquareSearch{Radius: 0.3}).reach(input.Domain{Min: 0, Max: 2}, nil); got != 0.6 {
		t.Errorf("radius 0.3 of 0..2 without steps: %g, expected 0.6", got)
	}
}

func TestSquareFollowsAnOracleOfAnotherKind(t *testing.T) {
	seed := engine.Evaluation{Original: answer.Of(0.9, 0.1), Compressed: answer.Of(0.9, 0.1)}
	for _, test := range []struct {
		oracle answer.Oracle
		want   float64
	}{
		{nil, math.Log(3)},
		{answer.Top1(), math.Log(3)},
		{gradedAlike{model.Must(answer.TopK(2))}, 42},
	} {
		l := newSquareLoss(engine.Task{Seed: seed, Oracle: test.oracle})
		if got := l.of(answer.Of(0.75, 0.25), answer.Of(0.9, 0.1)); math.Abs(got-test.want) > 1e-6 {
			t.Errorf("oracle %v: loss %g, expected %g", test.oracle, got, test.want)
		}
	}
}

// gradedAlike is an oracle for which everything is equally far from a deviation.
type gradedAlike struct{ answer.Oracle }

func (gradedAlike) Shortfall(answer.Answer, answer.Answer) float64 { return 42 }
