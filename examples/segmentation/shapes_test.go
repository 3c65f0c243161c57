// Package segmentation is a test of a segmenter, to be copied: how much of a class may change, and a message that says how much of which did. Pictures
// of both models' labels lie beside each trigger.
//
//	go test -v ./examples/segmentation
package segmentation

import (
	"os"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/generators"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

const zoo = "../../zoo/kinds/"

func TestShapesKeepTheirPlaces(t *testing.T) {
	if _, err := os.Stat(zoo); err != nil {
		t.Skip("needs zoo/kinds, which is not here: run this example in a clone of the repository")
	}
	g := NewWithT(t)
	pair := model.Try(onnx.OpenPair(zoo+"models/segmentation.onnx", zoo+"models/segmentation-int8.onnx", onnx.Scale(1.0/255), onnx.Scores(onnx.Raw), onnx.PairName("segmenter"))).OrFail(t)
	defer pair.Close()
	scenes := model.Try(generators.NPZ(zoo+"seeds/scenes.npz", "image")).OrFail(t)
	seeds := model.Try(generators.WithClassNames(scenes, "ground", "circle", "square", "triangle")).OrFail(t)
	// Of a class that covers at least 2 % of the picture, both models have to see much the same pixels.
	samePixels := model.Try(answer.Segmentation(answer.Masks{Layout: answer.ClassesFirst, IoU: 0.7, Covering: 0.02})).OrFail(t)

	// Found for a real reason: the 8-bit scores of all classes come in steps of 0.5, which decides wherever two are nearly the same.
	search := HaveDeviationFrom(seeds).JudgedBy(samePixels).Within(distance.LInf(16)).WithQueriesPerSeed(300).SavingTo(t.TempDir()) // by default in testdata/triggers
	g.Expect(pair).To(search)                                                                                                       // a test of your own has NotTo here
	t.Log(search.NegatedFailureMessage(pair))
}
