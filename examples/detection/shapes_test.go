// Package detection is a test of a detector, to be copied: which boxes count, which are the same in both models, and a message that says where one was
// missed or invented. Pictures of both models' boxes lie beside each trigger.
//
//	go test -v ./examples/detection
package detection

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

func TestShapesAreFound(t *testing.T) {
	if _, err := os.Stat(zoo); err != nil {
		t.Skip("needs zoo/kinds, which is not here: run this example in a clone of the repository")
	}
	g := NewWithT(t)
	pair := model.Try(onnx.OpenPair(zoo+"models/detection.onnx", zoo+"models/detection-int8.onnx", onnx.Scale(1.0/255), onnx.Scores(onnx.Raw), onnx.PairName("detector"))).OrFail(t)
	defer pair.Close()
	scenes := model.Try(generators.NPZ(zoo+"seeds/scenes.npz", "image")).OrFail(t)
	seeds := model.Try(generators.WithClassNames(scenes, "circle", "square", "triangle")).OrFail(t)
	// A box counts from a score of 0.6 on. In the other model 0.4 is enough: 0.61 in one and 0.59 in the other is no box that was missed.
	sameBoxes := model.Try(answer.Detection(answer.Boxes{Layout: answer.YOLOv8, Score: 0.6, Faint: 0.4})).OrFail(t)

	// Found for a real reason: all numbers of the head share one 8-bit scale, so that scores come in steps of 0.07 and boxes in steps of a pixel.
	search := HaveDeviationFrom(seeds).JudgedBy(sameBoxes).Within(distance.LInf(16)).WithQueriesPerSeed(300).SavingTo(t.TempDir()) // by default in testdata/triggers
	g.Expect(pair).To(search)                                                                                                      // a test of your own has NotTo here
	t.Log(search.NegatedFailureMessage(pair))
}
