package subjects_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/npy"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/zoo/kinds"
)

// TestKindsAnswerAsTheirCardsSay opens each pair of zoo/kinds and has both models answer the seeds: through this module they are
// about as good as their cards say.
func TestKindsAnswerAsTheirCardsSay(t *testing.T) {
	pixels := onnx.Scale(1.0 / 255)
	for _, c := range []struct {
		pair    kinds.Pair
		options []onnx.Option
		seeds   func(*testing.T, kinds.Pair) ([]input.Input, []float64)
		least   float64 // share of the seeds that are right
		right   func(p kinds.Pair, a answer.Answer, expected float64, i int) bool
	}{
		{kinds.TableBoosting, []onnx.Option{onnx.Output("probabilities")}, rows, 0.92, label},
		{kinds.TableMLP, []onnx.Option{onnx.Output("probabilities")}, rows, 0.94, label},
		{kinds.TableRegression, []onnx.Option{onnx.Scores(onnx.Raw)}, rows, 0.7,
			func(_ kinds.Pair, a answer.Answer, expected float64, _ int) bool {
				return math.Abs(float64(a.Scores[0])-expected) < 60
			}},
		{kinds.Language, nil, sentences, 0.75, label},
		{kinds.Keywords, nil, arrays("features", input.Signal), 0.75, label},
		{kinds.KeywordsWave, nil, voices, 1, label},
		{kinds.Embedding, []onnx.Option{pixels, onnx.Scores(onnx.Raw)}, arrays("image", input.Image), 1,
			func(_ kinds.Pair, a answer.Answer, _ float64, _ int) bool {
				sum := 0.0
				for _, v := range a.Scores {
					sum += float64(v) * float64(v)
				}
				return len(a.Scores) == 32 && math.Abs(sum-1) < 0.001
			}},
		{kinds.Detection, []onnx.Option{pixels, onnx.Scores(onnx.Raw)}, arrays("image", input.Image), 0.8, boxes(t)},
		{kinds.Segmentation, []onnx.Option{pixels, onnx.Scores(onnx.Raw)}, arrays("image", input.Image), 0.9, masks(t)},
	} {
		t.Run(c.pair.Name, func(t *testing.T) {
			pair, err := onnx.OpenPairFS(kinds.Files, c.pair.Original.File, c.pair.Compressed.File, c.options...)
			if err != nil {
				t.Fatal(err)
			}
			defer pair.Close()
			inputs, expected := c.seeds(t, c.pair)
			if len(inputs) == 0 {
				t.Fatal("expected seeds")
			}
			for side, predictor := range map[string]model.Predictor{"original": pair.Original(), "compressed": pair.Compressed()} {
				right := 0
				for i, in := range inputs {
					if err := in.Validate(); err != nil {
						t.Fatalf("seed %d: %v", i, err)
					}
					answers, err := predictor.(model.Answerer).Answer(context.Background(), []input.Input{in}, nil)
					if err != nil {
						t.Fatalf("%s, seed %d: %v", side, i, err)
					}
					if c.right(c.pair, answers[0], expected[i], i) {
						right++
					}
				}
				t.Logf("%s: %d of %d seeds are right", side, right, len(inputs))
				if float64(right) < c.least*float64(len(inputs)) {
					t.Errorf("%s: expected at least %.0f %% of the seeds to be right, found %d of %d", side, 100*c.least, right,
						len(inputs))
				}
			}
		})
	}
}

func label(_ kinds.Pair, a answer.Answer, expected float64, _ int) bool {
	return answer.Label(a.Scores) == int(expected)
}

// boxes wants a sure box of the right class for each shape, in its place, and no other.
func boxes(t *testing.T) func(kinds.Pair, answer.Answer, float64, int) bool {
	right, shape := array(t, kinds.Detection, "boxes")
	return func(_ kinds.Pair, a answer.Answer, _ float64, i int) bool {
		found, err := answer.Boxes{}.Read(a) // the shape tells the layout
		if err != nil {
			t.Fatal(err)
		}
		shapes := 0
		for k := range shape[1] {
			box := right[(i*shape[1]+k)*5:][:5]
			if box[0] < 0 {
				continue
			}
			shapes++
			if !slices.ContainsFunc(found, func(f answer.Box) bool {
				return f.Class == int(box[0]) && math.Hypot((f.X1+f.X2)/2-box[1], (f.Y1+f.Y2)/2-box[2]) < 3 && math.Abs(f.X2-f.X1-box[3])+math.Abs(f.Y2-f.Y1-box[4]) < 10
			}) {
				return false
			}
		}
		return len(found) == shapes
	}
}

// masks wants 97 % of the pixels to have the right label.
func masks(t *testing.T) func(kinds.Pair, answer.Answer, float64, int) bool {
	right, shape := array(t, kinds.Segmentation, "masks")
	oracle := model.Must(answer.Segmentation(answer.Masks{Share: 0.01}))
	return func(_ kinds.Pair, a answer.Answer, _ float64, i int) bool {
		m, ok := answer.Masked(oracle, a, a)
		if size := shape[1] * shape[2]; !ok || len(m.Original) != size || m.Height != shape[1] {
			t.Fatalf("expected labels of %v, found %d", shape[1:], len(m.Original))
		}
		same := 0
		for k, label := range m.Original {
			if int(label) == int(right[i*len(m.Original)+k]) {
				same++
			}
		}
		return float64(same) > 0.97*float64(len(m.Original))
	}
}

func rows(t *testing.T, p kinds.Pair) (inputs []input.Input, expected []float64) {
	records, err := csv.NewReader(bytes.NewReader(file(t, p.Seeds))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	domains := make([]input.Domain, len(p.Columns))
	for k, c := range p.Columns {
		// Held-out rows may lie beyond the training rows.
		domains[k] = input.Domain{Min: float32(min(0, c.Min)), Max: float32(2 * c.Max)}
	}
	for _, record := range records[1:] {
		values := make([]float32, len(domains))
		for k := range values {
			v, err := strconv.ParseFloat(record[k], 32)
			if err != nil {
				t.Fatal(err)
			}
			values[k] = float32(v)
		}
		in, err := input.NewRow(values, domains)
		if err != nil {
			t.Fatal(err)
		}
		last := record[len(domains)]
		right := float64(slices.Index(p.Labels, last))
		if len(p.Labels) == 0 {
			if right, err = strconv.ParseFloat(last, 64); err != nil {
				t.Fatal(err)
			}
		}
		inputs, expected = append(inputs, in), append(expected, right)
	}
	return inputs, expected
}

// sentences are ids and a mask, padded to 96 tokens.
func sentences(t *testing.T, p kinds.Pair) (inputs []input.Input, expected []float64) {
	for line := range strings.Lines(string(file(t, p.Seeds))) {
		var seed struct{ Text, Label string }
		if err := json.Unmarshal([]byte(line), &seed); err != nil {
			t.Fatal(err)
		}
		ids, mask := make([]float32, 96), make([]float32, 96)
		for i, b := range append([]byte(seed.Text), 254) { // 254 + 3 is 1, the end, in a byte
			ids[i], mask[i] = float32(b+3), 1
		}
		in, err := input.Join(
			input.Searched("input_ids", input.Input{Shape: []int{96}, Data: ids, Domain: input.Domain{Max: 258, Step: 1}, Kind: input.Tokens}),
			input.Fixed("attention_mask", input.Input{Shape: []int{96}, Data: mask, Domain: input.Domain{Max: 1, Step: 1}}))
		if err != nil {
			t.Fatal(err)
		}
		inputs, expected = append(inputs, in), append(expected, float64(slices.Index(p.Labels, seed.Label)))
	}
	return inputs, expected
}

func voices(t *testing.T, p kinds.Pair) (inputs []input.Input, expected []float64) {
	for k, word := range p.Labels[:10] {
		sound := file(t, path.Join(p.Seeds, word+".wav"))[44:]
		samples := make([]float32, p.Inputs[0].Shape[1])
		for i := range len(sound) / 2 {
			samples[i] = float32(int16(uint16(sound[2*i])|uint16(sound[2*i+1])<<8)) / 32768
		}
		inputs = append(inputs, input.Input{Shape: []int{len(samples)}, Data: samples, Domain: input.Domain{Min: -1, Max: 1}, Kind: input.Signal})
		expected = append(expected, float64(k))
	}
	return inputs, expected
}

// arrays are the inputs of an NPZ file, with its labels where it has some.
func arrays(name string, kind input.Kind) func(*testing.T, kinds.Pair) ([]input.Input, []float64) {
	return func(t *testing.T, p kinds.Pair) (inputs []input.Input, expected []float64) {
		values, shape := array(t, p, name)
		expected = make([]float64, shape[0])
		if p.Task == "classification" {
			expected, _ = array(t, p, "labels")
		}
		size := len(values) / shape[0]
		for i := range shape[0] {
			one := values[i*size:][:size]
			if kind == input.Image {
				pixels := make([]uint8, size)
				for k := range pixels {
					pixels[k] = uint8(one[k])
				}
				in, err := input.NewImage(shape[1], shape[2], shape[3], pixels)
				if err != nil {
					t.Fatal(err)
				}
				inputs = append(inputs, in)
				continue
			}
			in := input.Input{Shape: shape[1:], Domain: input.Domain{Min: -20, Max: 20}, Kind: kind}
			for _, v := range one {
				in.Data = append(in.Data, float32(v))
			}
			inputs = append(inputs, in)
		}
		return inputs, expected
	}
}

func array(t *testing.T, p kinds.Pair, name string) (values []float64, shape []int) {
	t.Helper()
	data := file(t, p.Seeds)
	archive, err := npy.OpenArchive(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatalf("%s: %v", p.Seeds, err)
	}
	found, err := archive.Find(name)
	if err != nil {
		t.Fatalf("%s: %v", p.Seeds, err)
	}
	a, err := archive.Read(found)
	if err != nil {
		t.Fatalf("%s: %v", p.Seeds, err)
	}
	for _, v := range a.Float32s() {
		values = append(values, float64(v))
	}
	return values, a.Shape
}

func file(t *testing.T, name string) []byte {
	t.Helper()
	data, err := kinds.Files.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
