// Package embedding is a test of a model that embeds pictures, to be copied: an index of other pictures, made by the original, in which both
// models look up the same clothes. The message says what each of them finds.
//
//	go test -v ./examples/embedding
package embedding

import (
	"os"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/generators"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

const zoo = "../../zoo/kinds/"

func TestClothesAreFoundAgain(t *testing.T) {
	if _, err := os.Stat(zoo); err != nil {
		t.Skip("needs zoo/kinds, which is not here: run this example in a clone of the repository")
	}
	g := NewWithT(t)
	pair := model.Try(onnx.OpenPair(zoo+"models/embedding.onnx", zoo+"models/embedding-int8.onnx",
		onnx.Scale(1.0/255), onnx.Scores(onnx.Raw), onnx.PairName("clothes"))).OrFail(t)
	defer pair.Close()
	pictures := model.Try(generators.NPZ(zoo+"seeds/clothing.npz", "image")).OrFail(t)
	index := model.Try(generators.NPZ(zoo+"seeds/clothing.npz", "gallery", generators.LabelKey("gallery_labels"))).OrFail(t)
	index = model.Try(generators.WithClassNames(index, "T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")).OrFail(t)
	gallery := model.Try(model.GalleryOf(t.Context(), pair.Original(), index, "")).OrFail(t)
	nearest := model.Try(answer.NearestNeighbour(gallery)).OrFail(t) // of another class: shirts may stand for each other

	// Found for a real reason: 8 bits in every layer move an embedding a little, and clothes between two classes find another neighbour. (`triggerfinder
	// layers`: each of five layers alone in float heals a third to a half of the triggers, all six heal all.)
	search := HaveDeviationFrom(pictures).JudgedBy(nearest).SavingTo(t.TempDir()) // by default in testdata/triggers
	g.Expect(pair).To(search)                                                     // a test of your own has NotTo here
	t.Log(search.NegatedFailureMessage(pair))
}
