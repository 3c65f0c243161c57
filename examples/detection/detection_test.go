// Package detection is a test of a detector against its 8-bit version, meant to be copied: is there a picture near one of the test pictures in
// which it misses, invents, moves or mistakes a shape?
//
//	go test ./examples/detection
package detection

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

func TestDetectorFindsTheSameShapes(t *testing.T) {
	if _, err := os.Stat(kinds); err != nil {
		t.Skip("no models: ", err)
	}
	g := NewWithT(t)
	pair, err := onnx.OpenPair(kinds+"models/detection.onnx", kinds+"models/detection-int8.onnx", onnx.Scale(1.0/255), onnx.Scores(onnx.Raw))
	g.Expect(err).NotTo(HaveOccurred())
	defer pair.Close()
	pictures := model.Must(generators.WithClassNames(model.Must(generators.NPZ(kinds+"seeds/scenes.npz", "image")), "circle", "square", "triangle"))

	// A box counts from a score of 0.6 on. The other model has it too where it is as sure as 0.4: a box that is a little above 0.6 in one
	// model and a little below in the other is none that was missed.
	sameShapes := model.Must(answer.Detection(answer.Boxes{Layout: answer.YOLOv8, Score: 0.6, Faint: 0.4}))
	search := HaveDeviationFrom(pictures).JudgedBy(sameShapes).Within(distance.LInf(16)).WithQueriesPerSeed(300).SavingTo(t.TempDir())

	// The 8-bit version is not good enough, so this test is to fail where it says NotTo: that is what is wanted of it here.
	g.Expect(pair).To(search)
	message := search.NegatedFailureMessage(pair)
	g.Expect(message).To(SatisfyAny(ContainSubstring("missed "), ContainSubstring("invented "), ContainSubstring(" for ")))
	t.Log(strings.TrimSpace(message))
}
