//go:build cgo

package integration

import (
	"context"
	"math"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxtest"
)

// Models that are no classifiers with scores, as files and as Go functions, through the matcher and the command, with no other option than their scale: each is judged
// rightly, or is one clear error that names the option to set. None passes.

// head is what a model gives in place of the ten scores of LeNet-5.
type head struct {
	name    string
	onnx    func(m *onnxpb.ModelProto, logits string) // from the ten logits
	judged  bool                                      // as scores of classes, which it may be
	says    []string                                  // of the error, through the matcher
	command []string                                  // and through the command
}

const float32Type = onnxpb.TensorProto_FLOAT

// weighted is a layer from the ten logits to n numbers.
func weighted(m *onnxpb.ModelProto, logits string, n int, scale float32) string {
	rng := rand.New(rand.NewPCG(1, 2))
	w := make([]float32, 10*n)
	for i := range w {
		w[i] = scale * float32(rng.NormFloat64())
	}
	out, _ := onnxtest.Node(m, "MatMul", logits, onnxtest.Floats(m, []int64{10, int64(n)}, w...))
	return out
}

var heads = []head{
	{"regressor", func(m *onnxpb.ModelProto, logits string) {
		onnxtest.Result(m, weighted(m, logits, 1, 30), onnxtest.Value("price", float32Type, 0, 1))
	}, false, []string{"expected to see what the one number of the output is", "onnx.Scores(onnx.Raw)"}, []string{"--scores raw"}},
	{"probability", func(m *onnxpb.ModelProto, logits string) {
		out, _ := onnxtest.Node(m, "Sigmoid", weighted(m, logits, 1, 0.3))
		onnxtest.Result(m, out, onnxtest.Value("probability", float32Type, 0, 1))
	}, true, nil, nil},
	{"two logits", func(m *onnxpb.ModelProto, logits string) {
		onnxtest.Result(m, weighted(m, logits, 2, 0.3), onnxtest.Value("both", float32Type, 0, 2))
	}, true, nil, nil},
	{"embedding", func(m *onnxpb.ModelProto, logits string) {
		out, _ := onnxtest.Node(m, "Tanh", weighted(m, logits, 1280, 0.3))
		onnxtest.Result(m, out, onnxtest.Value("embedding", float32Type, 0, 1280))
	}, false, []string{"expected scores of classes", "onnx.Scores(onnx.Raw)"}, []string{"expected scores of classes", "--scores raw"}},
	{"autoencoder", func(m *onnxpb.ModelProto, logits string) {
		out, _ := onnxtest.Node(m, "Sigmoid", weighted(m, logits, 784, 0.3))
		out, _ = onnxtest.Node(m, "Reshape", out, onnxtest.Integers(m, []int64{4}, -1, 1, 28, 28))
		onnxtest.Result(m, out, onnxtest.Value("image", float32Type, 0, 1, 28, 28))
	}, false, []string{"expected an output of scores [N, classes]", "onnx.Scores(onnx.Raw)"}, []string{"--scores raw"}},
	{"several outputs", func(m *onnxpb.ModelProto, logits string) {
		onnxtest.Result(m, weighted(m, logits, 4, 3), onnxtest.Value("boxes", float32Type, 0, 4))
		out, _ := onnxtest.Node(m, "Tanh", weighted(m, logits, 3, 1))
		onnxtest.Result(m, out, onnxtest.Value("offsets", float32Type, 0, 3))
	}, false, []string{"boxes", "offsets", "onnx.Output"}, []string{"--output"}},
}

// headed writes LeNet-5 and its 8-bit version with another head.
func headed(t *testing.T, dir string, h head) (original, compressed string) {
	t.Helper()
	for side, file := range map[*string]string{&original: fixtures.LeNet5Int8.Original, &compressed: fixtures.LeNet5Int8.Compressed} {
		m := onnxtest.Load(t, fixtures.Models, file)
		logits := m.Graph.Output[0].GetName()
		m.Graph.Output = nil
		h.onnx(m, logits)
		*side = onnxtest.Save(t, m, filepath.Join(dir, filepath.Base(file)))
	}
	return original, compressed
}

func TestNoFalseGreen(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the command")
	}
	command := builtCommand(t)
	seeds := generators.WithoutLabels(generators.First(fixtures.Seeds(), 20))
	for _, h := range heads {
		t.Run(h.name, func(t *testing.T) {
			dir := t.TempDir()
			original, compressed := headed(t, dir, h)
			matched, err := false, error(nil)
			pair, err := onnx.OpenPair(original, compressed, onnx.Scale(fixtures.Scale))
			if err == nil {
				defer pair.Close()
				matched, err = matchers.HaveDeviationFrom(seeds).WithoutSaving().WithQueriesPerSeed(200).Match(pair)
			}
			checkNoFalseGreen(t, "matcher", h.judged, matched, err, h.says)

			c := exec.Command(command, "search", "--original", original, "--compressed", compressed, "--seeds", "../fixtures/seeds/fashion-seeds-images.idx3-ubyte.gz",
				"--scale", "1/255", "--no-labels", "--n", "20", "--budget", "200", "--closing", "0", "--quiet")
			out, _ := c.CombinedOutput()
			if code := c.ProcessState.ExitCode(); h.judged && code != 1 || !h.judged && code != 2 {
				t.Errorf("command: code %d\n%s", code, out)
			}
			for _, word := range h.command {
				if !strings.Contains(string(out), word) {
					t.Errorf("command: expected %q in %s", word, out)
				}
			}
		})
	}
}

func checkNoFalseGreen(t *testing.T, through string, judged, matched bool, err error, says []string) {
	t.Helper()
	switch {
	case err == nil && !matched:
		t.Errorf("%s: nothing was found, which is a false pass", through)
	case judged && err != nil:
		t.Errorf("%s: error %v; expected a verdict", through, err)
	case !judged && err == nil:
		t.Errorf("%s: it was judged as scores of classes", through)
	case err != nil && strings.Contains(err.Error(), "\n"):
		t.Errorf("%s: more than one error: %v", through, err)
	}
	for _, word := range says {
		if err != nil && !strings.Contains(err.Error(), word) {
			t.Errorf("%s: expected %q in the error, found: %v", through, word, err)
		}
	}
}

// Go functions have no graph to tell what they give.
func TestNoFalseGreenOfGoFunctions(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	weights := make([]float64, 1280*16)
	for i := range weights {
		weights[i] = rng.NormFloat64() / 16
	}
	// numbers gives n numbers of either sign, of an image's sums over 16 blocks, coarsened by a step where it is above 0.
	numbers := func(n int, step float64, squash func(float64) float64) model.PredictorFunc {
		return func(_ context.Context, batch []input.Input) ([][]float32, error) {
			rows := make([][]float32, len(batch))
			for i, in := range batch {
				rows[i] = make([]float32, n)
				for k := range rows[i] {
					v := 0.0
					for j, x := range in.Data {
						v += weights[(k*16+j*16/len(in.Data))%len(weights)] * float64(x) / 255 * 16 / 784 * 40
					}
					if v = squash(v); step > 0 {
						v = math.Round(v/step) * step
					}
					rows[i][k] = float32(v)
				}
			}
			return rows, nil
		}
	}
	identity := func(v float64) float64 { return v }
	sigmoid := func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
	price := func(v float64) float64 { return 300 + 100*v }
	for _, test := range []struct {
		name   string
		n      int
		squash func(float64) float64
	}{
		{"regressor", 1, price}, {"one probability", 1, sigmoid}, {"two logits", 2, identity}, {"embedding", 1280, identity}, {"autoencoder", 784, sigmoid},
	} {
		t.Run(test.name, func(t *testing.T) {
			pair := model.Must(model.NewPair(test.name, model.Func("fine", numbers(test.n, 0, test.squash)), model.Func("coarse", numbers(test.n, 0.05, test.squash))))
			matched, err := matchers.HaveDeviationFrom(generators.First(fixtures.Seeds(), 12)).WithoutSaving().WithQueriesPerSeed(100).Match(pair)
			checkNoFalseGreen(t, "matcher", false, matched, err, []string{"answers that the oracle cannot judge", "answer.Tolerance"})
		})
	}
	several := func(step float64) model.AnswererFunc {
		inner := numbers(4, step, identity)
		return func(ctx context.Context, batch []input.Input, _ []answer.Answer) ([]answer.Answer, error) {
			rows, err := inner(ctx, batch)
			answers := make([]answer.Answer, len(rows))
			for i, row := range rows {
				answers[i] = answer.Answer{Outputs: []answer.Output{{Name: "boxes", Shape: []int{4}}, {Name: "count", Shape: []int{1}}}, Scores: append(row, 3)}
			}
			return answers, err
		}
	}
	pair := model.Must(model.NewPair("several outputs", model.AnswerFunc("fine", several(0)), model.AnswerFunc("coarse", several(0.05))))
	_, err := matchers.HaveDeviationFrom(generators.First(fixtures.Seeds(), 12)).WithoutSaving().WithQueriesPerSeed(100).Match(pair)
	if err == nil || !strings.Contains(err.Error(), "answer.Tolerance") {
		t.Errorf("several outputs: error %v; expected one that names an oracle", err)
	}
}
