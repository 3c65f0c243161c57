// Package embedding is a test of a model that embeds pictures, to be copied: …
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

func TestClothes(t *testing.T) {
	if _, err := os.Stat(zoo); err != nil {
		t.Skip("needs zoo/kinds, which is not here: run this example in a clone of the repository")
	}
	g := NewWithT(t)
	pair, err := onnx.OpenPair(zoo+"models/embedding.onnx", zoo+"models/embedding-int8.onnx", onnx.Scale(1.0/255), onnx.Scores(onnx.Raw))
	g.Expect(err).NotTo(HaveOccurred())
	defer pair.Close()
	seeds, err := generators.NPZ(zoo+"seeds/clothing.npz", "image")
	g.Expect(err).NotTo(HaveOccurred())

	search := HaveDeviationFrom(seeds).JudgedBy(model.Must(answer.Tolerance(answer.Cosine(0.003)))).SavingTo(t.TempDir())
	g.Expect(pair).To(search) // a test of your own has NotTo here
	t.Log(search.NegatedFailureMessage(pair))
}
