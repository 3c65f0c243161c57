package zoo

import (
	"errors"
	"math"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/litert"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

// TestLiteRT: the .tflite files compute what the ONNX file computes, the float one to rounding and the other as far as 8 bits go.
func TestLiteRT(t *testing.T) {
	var missing *litert.UnavailableError
	mean, std := []float64{0.4914, 0.4822, 0.4465}, []float64{0.2470, 0.2435, 0.2616}
	original, err := onnx.OpenFS(Models, "models/resnet20.onnx", onnx.Scale(1.0/255), onnx.Mean(mean...), onnx.Std(std...))
	if err != nil {
		t.Fatal(err)
	}
	defer original.Close()
	var images []input.Input
	for i := range 40 { // waves of several colours and lengths, of which the network is sure
		pixels := make([]uint8, 0, 32*32*3)
		for y := range 32 {
			for x := range 32 {
				for c := range 3 {
					pixels = append(pixels, uint8(127+127*math.Sin(float64(x*(i%5)+y*(i%7)+c*i)/float64(3+i%11))))
				}
			}
		}
		images = append(images, model.Must(input.NewImage(32, 32, 3, pixels)))
	}
	want, err := original.Predict(t.Context(), images)
	if err != nil {
		t.Fatal(err)
	}
	for file, most := range map[string]float64{"models/resnet20.tflite": 1e-4, "models/resnet20-int8.tflite": 0.5} {
		m, err := litert.OpenFS(Models, file, litert.Scale(1.0/255), litert.Mean(mean...), litert.Std(std...))
		if errors.As(err, &missing) && missing.Unreachable() {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		got, err := m.Predict(t.Context(), images)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for i := range got {
			for k := range got[i] {
				d := math.Abs(float64(got[i][k] - want[i][k]))
				if sum += d; d > most {
					t.Errorf("%s, image %d, class %d: expected %g, found %g", file, i, k, want[i][k], got[i][k])
				}
			}
		}
		if sum/400 > most/10 {
			t.Errorf("%s: probabilities are off by %g on average", file, sum/400)
		}
	}
}
