package vehicles_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/zoo/vehicles"
)

// TestCardIsOfTheseFiles keeps the measured figures and the models together.
func TestCardIsOfTheseFiles(t *testing.T) {
	data := model.Must(os.ReadFile("cards/vehicles-int8.json"))
	type file struct{ File, SHA256 string }
	var card struct{ Original, Compressed file }
	if err := json.Unmarshal(data, &card); err != nil {
		t.Fatal(err)
	}
	for _, m := range []file{card.Original, card.Compressed} {
		content := model.Must(vehicles.Models.ReadFile(m.File))
		if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != m.SHA256 {
			t.Errorf("%s is not the file that its card measured", m.File)
		}
		if len(content) > 600_000 {
			t.Errorf("%s: expected at most 600,000 bytes, found %d", m.File, len(content))
		}
	}
	if p := vehicles.Pair; p.OriginalAccuracy < 0.9 || p.CompressedAccuracy < 0.9 || p.Agreement < 0.9 || p.Agreement == 1 || len(p.Labels) != 2 {
		t.Errorf("expected a pair of two classes that mostly agrees, found %+v", p)
	}
}

func openPair(t *testing.T) *model.Pair {
	p := vehicles.Pair
	pair := model.Must(onnx.OpenPairFS(vehicles.Models, p.Original, p.Compressed, onnx.Scale(vehicles.Scale), onnx.PairName(p.Name)))
	t.Cleanup(func() { pair.Close() })
	return pair
}

// TestModelsTakeEnlargedImages: both give two probabilities to any image, nearly the same.
func TestModelsTakeEnlargedImages(t *testing.T) {
	pair := openPair(t)
	var images input.SeedList
	for i := range 6 {
		pixels := make([]uint8, 32*32*3)
		for j := range pixels {
			pixels[j] = uint8(j * (i + 1) / 7)
		}
		images = append(images, input.Seed{Input: model.Must(input.NewImage(32, 32, 3, pixels)), Label: []int{input.Unlabelled, 0, 2, 8, 9, 6}[i]})
	}
	seeds, err := vehicles.Seeds(images)
	if err != nil {
		t.Fatal(err)
	}
	for i, label := range []int{input.Unlabelled, 1, 0, 1, 1, 0} {
		seed := model.Must(seeds.Seed(i))
		o, c := model.Must(pair.Original().Predict(t.Context(), []input.Input{seed.Input}))[0], model.Must(pair.Compressed().Predict(t.Context(), []input.Input{seed.Input}))[0]
		if seed.Label != label || len(o) != 2 || len(c) != 2 || o[0]+o[1] < 0.999 || o[0]+o[1] > 1.001 || o[0]-c[0] > 0.25 || c[0]-o[0] > 0.25 {
			t.Errorf("image %d, label %d: the original says %v, the compressed model %v", i, seed.Label, o, c)
		}
	}
	images[0].Label = 10
	if _, err := vehicles.Seeds(images); err == nil || !strings.Contains(err.Error(), "seed 0: expected a class of CIFAR-10, from 0 to 9, found 10") {
		t.Errorf("expected an error about the label, found %v", err)
	}
}

// TestAccuracyIsThatOfTheCard takes the seeds of the study, where they are at hand.
func TestAccuracyIsThatOfTheCard(t *testing.T) {
	folder := filepath.Join("..", "..", "..", "shared", "seeds")
	images, err := generators.NPY(filepath.Join(folder, "cifar_500.npy"), generators.Labels(filepath.Join(folder, "cifar_500_labels.npy")))
	if err != nil {
		t.Skipf("needs the authors' seeds: %v", err)
	}
	seeds := model.Must(vehicles.Seeds(images))
	pair, right := openPair(t), 0
	const n = 200
	for i := range n {
		seed := model.Must(seeds.Seed(i))
		scores := model.Must(pair.Compressed().Predict(t.Context(), []input.Input{seed.Input}))[0]
		if (scores[1] > scores[0]) == (seed.Label == 1) {
			right++
		}
	}
	if share := float64(right) / n; share < vehicles.Pair.CompressedAccuracy-0.05 {
		t.Errorf("expected about %g of the seeds to be read rightly, found %g", vehicles.Pair.CompressedAccuracy, share)
	}
}
