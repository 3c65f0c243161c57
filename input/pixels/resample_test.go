package pixels

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
)

// TestResampleIsPillows holds what is scaled against Pillow, to the last grey level (testdata/pillow/make_vectors.py).
func TestResampleIsPillows(t *testing.T) {
	content, err := os.ReadFile("testdata/pillow/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Filter      string
		Shape, To   []int
		Pixels, Out []float32
	}
	if err := json.Unmarshal(content, &vectors); err != nil || len(vectors) < 12 {
		t.Fatalf("expected vectors, found %d (error %v)", len(vectors), err)
	}
	for _, v := range vectors {
		filter := Bilinear
		if v.Filter == Bicubic.String() {
			filter = Bicubic
		}
		got := Resample(Image{Height: v.Shape[0], Width: v.Shape[1], Channels: v.Shape[2], Data: v.Pixels}, v.To[0], v.To[1], filter)
		if got.Height != v.To[0] || got.Width != v.To[1] || !slices.Equal(got.Data, v.Out) {
			t.Errorf("%v to %v, %s: expected\n%v, found\n%v", v.Shape, v.To, filter, v.Out, got.Data)
		}
	}
}
