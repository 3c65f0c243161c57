// Package segmentation is a test of a segmenter against its 8-bit version, meant to be copied: is there a picture near one of the test pictures in
// which more than 1 % of the pixels get another label?
//
//	go test ./examples/segmentation
package segmentation

import (
	"os"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/generators"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

const kinds = "../../zoo/kinds/" // models and pictures; see its cards

func TestSegmenterSeesTheSameShapes(t *testing.T) {
	if _, err := os.Stat(kinds); err != nil {
		t.Skip("no models: ", err)
	}
	g := NewWithT(t)
	pair, err := onnx.OpenPair(kinds+"models/segmentation.onnx", kinds+"models/segmentation-int8.onnx", onnx.Scale(1.0/255), onnx.Scores(onnx.Raw))
	g.Expect(err).NotTo(HaveOccurred())
	defer pair.Close()
	pictures := model.Must(generators.WithClassNames(model.Must(generators.NPZ(kinds+"seeds/scenes.npz", "image")), "ground", "circle", "square", "triangle"))

	// Pixels at the edge of a shape may change. A shape of which less than 70 % is the same may not.
	sameShapes := model.Must(answer.Segmentation(answer.Masks{Layout: answer.ClassesFirst, IoU: 0.7}))
	search := HaveDeviationFrom(pictures).JudgedBy(sameShapes).Within(distance.LInf(32)).WithQueriesPerSeed(300).SavingTo(t.TempDir())

	g.Expect(pair).To(search)
	message := search.NegatedFailureMessage(pair)
	g.Expect(message).To(ContainSubstring("of the pixels changed"))
	t.Log(strings.TrimSpace(message))
}
