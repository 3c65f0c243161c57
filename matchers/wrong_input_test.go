package matchers_test

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

// The models of this folder are made by fixtures/training/make_odd_models.py. They take 8x8 RGB images.
const oddModels = "../runtimes/onnx/testdata/"

// picture writes an 8x8 colour image.
func picture(t *testing.T, path string, shade uint8) {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 8, 8))
	for i := range 64 {
		img.Set(i%8, i/8, color.RGBA{shade, uint8(3 * i), shade / 2, 255})
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
}

// folder holds n good images and one that is damaged.
func folder(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		picture(t, filepath.Join(dir, string(rune('a'+i))+".png"), uint8(20*i))
	}
	if err := os.WriteFile(filepath.Join(dir, "damaged.png"), []byte("\x89PNG\r\n\x1a\nand then nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestWrongModelsFailInBothDirections(t *testing.T) {
	images := model.Must(generators.ImageFolder(folder(t, 10)))
	grey := input.SeedList{{Name: "grey.png", Input: model.Must(input.NewImage(8, 8, 1, make([]uint8, 64)))}}
	row := input.SeedList{{Name: "row", Input: input.Input{Shape: []int{192}, Data: make([]float32, 192), Domain: input.Bytes}}}
	for _, test := range []struct {
		reason     string
		compressed string
		seeds      input.Seeds
		says       []string
	}{
		{"missing file", "nowhere.onnx", images, []string{"nowhere.onnx"}},
		{"truncated file", "truncated.onnx", images, []string{"truncated.onnx", "cut off"}},
		{"no ONNX file", "not-onnx.onnx", images, []string{"not-onnx.onnx"}},
		{"no image input", "no-image-input.onnx", images, []string{"no usable seeds", "no-image-input.onnx", "16 values"}},
		{"other number of classes", "four-classes.onnx", images, []string{"different numbers of classes", "3 in", "4 in"}},
		{"NaN scores", "nan-output.onnx", images, []string{"bad scores", "compressed", "NaN"}},
		{"constant scores", "constant-output.onnx", images, []string{"constant output", "compressed"}},
		{"same file twice", "nchw-rgb.onnx", images, []string{"the same model"}},
		{"wrong number of channels", "bgr.onnx", grey, []string{"no usable seeds", "grey.png", "channel"}},
		{"wrong rank", "bgr.onnx", row, []string{"no usable seeds", "row", "[192]"}},
	} {
		t.Run(test.reason, func(t *testing.T) {
			for direction, negate := range map[string]bool{"To": false, "NotTo": true} {
				failure := ""
				g := NewGomega(func(message string, _ ...int) { failure = message })
				pair, err := onnx.OpenPair(oddModels+"nchw-rgb.onnx", oddModels+test.compressed, onnx.Scale(1.0/255))
				switch matcher := HaveDeviationFrom(test.seeds).WithoutSaving().WithQueriesPerSeed(50); {
				case err != nil:
					failure = err.Error()
				case negate:
					g.Expect(pair).NotTo(matcher)
				default:
					g.Expect(pair).To(matcher)
				}
				if pair != nil {
					_ = pair.Close()
				}
				for _, says := range test.says {
					if !strings.Contains(failure, says) {
						t.Errorf("%s: failure %q; expected one that says %q", direction, failure, says)
					}
				}
				if strings.Contains(failure, "\n") {
					t.Errorf("%s: expected one line, found %q", direction, failure)
				}
			}
		})
	}
}

func TestDamagedImagesAreNamedAndTheOthersRun(t *testing.T) {
	g := NewWithT(t)
	images := model.Must(generators.ImageFolder(folder(t, 10)))
	pair, err := onnx.OpenPair(oddModels+"nchw-rgb.onnx", oddModels+"bgr.onnx", onnx.PairName("colours"), onnx.Scale(1.0/255))
	g.Expect(err).NotTo(HaveOccurred())
	defer pair.Close()

	matcher := HaveDeviationFrom(images).WithoutSaving()
	g.Expect(pair).To(matcher)
	g.Expect(matcher.NegatedFailureMessage(pair)).To(SatisfyAll(
		MatchRegexp(`\d+ of 10 seeds have`), // the damaged one is none
		MatchRegexp(`1 of 11 seeds was skipped because: .*damaged\.png`),
	))

	_, err = matcher.Strictly().Match(pair)
	g.Expect(err).To(MatchError(SatisfyAll(ContainSubstring("unusable seed (strict)"), ContainSubstring("damaged.png"))))
}
