//go:build cgo

package onnx_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

// logScore is the weighted sum of log scores that gradients are of.
func logScore(t *testing.T, m model.Predictor, in input.Input, weights []float32) float64 {
	t.Helper()
	rows, err := m.Predict(t.Context(), []input.Input{in})
	if err != nil {
		t.Fatal(err)
	}
	var sum float64
	for i, w := range weights {
		sum += float64(w) * math.Log(float64(rows[0][i]))
	}
	return sum
}

// alongGradient holds a gradient against differences: the change along it and along random directions. It returns the largest deviation,
// relative to the length of the gradient.
func alongGradient(t *testing.T, m model.Predictor, in input.Input, weights []float32, step float64) float64 {
	t.Helper()
	g, err := m.(model.Differentiable).Gradient(t.Context(), []input.Input{in}, [][]float32{weights}, nil)
	if err != nil {
		t.Fatal(err)
	}
	length := 0.0
	for _, v := range g[0] {
		length += float64(v) * float64(v)
	}
	length = math.Sqrt(length)
	if !(length > 0) {
		t.Fatalf("gradient of length %g", length)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	worst := 0.0
	for trial := range 6 {
		u, norm := make([]float64, len(g[0])), 0.0
		for i := range u {
			if u[i] = rng.NormFloat64(); trial == 0 {
				u[i] = float64(g[0][i])
			}
			norm += u[i] * u[i]
		}
		norm = math.Sqrt(norm)
		ahead, behind, expected := in.Clone(), in.Clone(), 0.0
		ahead.Domain, behind.Domain = input.Domain{Min: -1000, Max: 1000}, input.Domain{Min: -1000, Max: 1000}
		for i := range u {
			u[i] /= norm
			ahead.Data[i] += float32(step * u[i])
			behind.Data[i] -= float32(step * u[i])
			expected += u[i] * float64(g[0][i])
		}
		found := (logScore(t, m, ahead, weights) - logScore(t, m, behind, weights)) / (2 * step)
		worst = max(worst, math.Abs(found-expected)/length)
	}
	return worst
}

func TestGradientsAreSlopes(t *testing.T) {
	seeds, rng := fixtures.Seeds(), rand.New(rand.NewPCG(3, 4))
	for _, name := range []string{"lenet5.onnx", "lenet5-pruned.onnx", "lenet5-student.onnx", "rescnn.onnx"} {
		m, err := onnx.OpenFS(fixtures.Models, name, onnx.Scale(fixtures.Scale), onnx.Gradients())
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		for i := range 5 {
			seed := model.Must(seeds.Seed(i))
			seed.Input = seed.Input.Clone() // with grain: in even areas all numbers of a window are its greatest
			for j := range seed.Input.Data {
				seed.Input.Data[j] = min(seed.Input.Data[j]+float32(rng.IntN(40)), 255)
			}
			weights := make([]float32, 10)
			weights[seed.Label], weights[(seed.Label+1)%10], weights[(seed.Label+4)%10] = 1, -0.75, -0.5
			if worst := alongGradient(t, m, seed.Input, weights, 0.005); worst > 0.02 {
				t.Errorf("%s, seed %d: differences deviate from the gradient by %.3g of its length", name, i, worst)
			}
		}
	}
}

// TestGradientsDoNotDependOnTheBatch is what keeps searches the same whatever their batches are.
func TestGradientsDoNotDependOnTheBatch(t *testing.T) {
	for _, name := range []string{"lenet5.onnx", "lenet5-int8.onnx", "rescnn-int8.onnx"} {
		m := model.Must(onnx.OpenFS(fixtures.Models, name, onnx.Scale(fixtures.Scale), onnx.Gradients()))
		defer m.Close()
		var batch []input.Input
		var weights [][]float32
		for i := range 37 {
			w := make([]float32, 10)
			w[i%10], w[(i+3)%10] = 1, -1
			batch, weights = append(batch, model.Must(fixtures.Seeds().Seed(i)).Input), append(weights, w)
		}
		together := model.Must(m.Gradient(t.Context(), batch, weights, nil))
		for i := range batch {
			alone := model.Must(m.Gradient(t.Context(), batch[i:i+1], weights[i:i+1], nil))
			if !slices.Equal(alone[0], together[i]) {
				t.Errorf("%s, input %d: another gradient in company than alone", name, i)
			}
		}
	}
}

// TestGradientsOfQuantisedModels are those of the original, but for what quantisation changes.
func TestGradientsOfQuantisedModels(t *testing.T) {
	for _, p := range []fixtures.Pair{fixtures.LeNet5Int8, fixtures.ResCNNInt8} {
		pair := model.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.Scale(fixtures.Scale), onnx.Gradients()))
		defer pair.Close()
		var least float64 = 1
		for i := range 10 {
			seed := model.Must(fixtures.Seeds().Seed(i))
			weights := make([]float32, 10)
			weights[seed.Label], weights[(seed.Label+1)%10] = 1, -1
			var rows [2][]float32
			for side, p := range []model.Predictor{pair.Original(), pair.Compressed()} {
				rows[side] = model.Must(p.(model.Differentiable).Gradient(t.Context(), []input.Input{seed.Input}, [][]float32{weights}, nil))[0]
			}
			least = min(least, cosine(rows[0], rows[1]))
		}
		if least < 0.5 || least > 0.9999 {
			t.Errorf("%s: cosine between both models' gradients is %.3f at least; expected alike, and not the same", p.Name, least)
		}
	}
}

func cosine(a, b []float32) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab, aa, bb = ab+float64(a[i])*float64(b[i]), aa+float64(a[i])*float64(a[i]), bb+float64(b[i])*float64(b[i])
	}
	return ab / math.Sqrt(aa*bb)
}

// TestGradientsOfAQuantisedInput takes a model of uint8 pixels in NHWC order, with a softmax at its end.
func TestGradientsOfAQuantisedInput(t *testing.T) {
	student := model.Must(onnx.OpenFS(fixtures.Models, "lenet5-student.onnx", onnx.Scale(fixtures.Scale), onnx.Gradients()))
	defer student.Close()
	quantised := model.Must(onnx.OpenFS(fixtures.Models, "student-uint8-nhwc.onnx", onnx.Scale(fixtures.Scale), onnx.Gradients()))
	defer quantised.Close()
	seed := model.Must(fixtures.Seeds().Seed(2))
	weights := make([]float32, 10)
	weights[seed.Label], weights[(seed.Label+1)%10] = 1, -1
	a := model.Must(student.Gradient(t.Context(), []input.Input{seed.Input}, [][]float32{weights}, nil))[0]
	b := model.Must(quantised.Gradient(t.Context(), []input.Input{seed.Input}, [][]float32{weights}, nil))[0]
	length := func(v []float32) float64 {
		var sum float64
		for _, x := range v {
			sum += float64(x) * float64(x)
		}
		return math.Sqrt(sum)
	}
	if c, l := cosine(a, b), length(b)/length(a); c < 0.7 || l < 0.7 || l > 1.4 {
		t.Errorf("gradients with a cosine of %.3f, and %.3f times as long; expected about the same", c, l)
	}
}

func TestModelsWithoutGradients(t *testing.T) {
	seed := model.Must(fixtures.Seeds().Seed(0)).Input
	plain := model.Must(onnx.OpenFS(fixtures.Models, "lenet5.onnx", onnx.Scale(fixtures.Scale)))
	defer plain.Close()
	if err := plain.CheckGradient(seed); !errors.Is(err, model.ErrNoGradients) {
		t.Errorf("without the option: error %v", err)
	}
	if _, err := plain.Gradient(t.Context(), []input.Input{seed}, [][]float32{make([]float32, 10)}, nil); !errors.Is(err, model.ErrNoGradients) {
		t.Errorf("without the option: error %v", err)
	}
	dynamic := model.Must(onnx.OpenFS(fixtures.Models, "lenet5-dynamic.onnx", onnx.Scale(fixtures.Scale), onnx.Gradients()))
	defer dynamic.Close()
	const missing = "expected operators with a rule for their gradients, found ConvInteger, DynamicQuantizeLinear, MatMulInteger"
	if err := dynamic.CheckGradient(seed); err == nil || !strings.Contains(err.Error(), missing) {
		t.Errorf("error %v; expected one with %q", err, missing)
	}
	if notes := dynamic.Describe().Notes; !slices.Contains(notes, "it gives no gradients: "+missing+"; the search goes on without") {
		t.Errorf("notes %q", notes)
	}
	whole := model.Must(onnx.OpenFS(fixtures.Models, "lenet5.onnx", onnx.Scale(fixtures.Scale), onnx.Gradients()))
	if whole.Describe().Settings["gradients"] == "" || dynamic.Describe().Settings["gradients"] != "" {
		t.Errorf("settings %q and %q", whole.Describe().Settings["gradients"], dynamic.Describe().Settings["gradients"])
	}
	for what, weights := range map[string][][]float32{"no rows": nil, "a short row": {make([]float32, 9)}} {
		if _, err := whole.Gradient(t.Context(), []input.Input{seed}, weights, nil); err == nil || !strings.Contains(err.Error(), "weights") {
			t.Errorf("%s: error %v", what, err)
		}
	}
	if err := whole.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := whole.Gradient(t.Context(), []input.Input{seed}, [][]float32{make([]float32, 10)}, nil); !errors.Is(err, onnx.ErrClosed) {
		t.Errorf("after Close: error %v", err)
	}
}
