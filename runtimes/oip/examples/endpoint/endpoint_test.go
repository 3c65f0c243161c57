// Package endpoint is a test of what really answers, to be copied: the original as an ONNX file, here, and the compressed model behind an endpoint
// of the Open Inference Protocol. It asks the server that the variable ENDPOINT names, such as localhost:8081, or else starts an MLServer.
//
//	cd runtimes/oip && go test -v ./examples/endpoint
package endpoint

import (
	"os"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/oip"
	"github.com/triggerfinder/triggerfinder/runtimes/oip/oiptest"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

func TestEndpointAgrees(t *testing.T) {
	g := NewWithT(t)
	// With adaptive batching the answers of a dynamically quantised model depend on who else asks.
	address := os.Getenv("ENDPOINT")
	if address == "" {
		address = oiptest.MLServer(t, []string{"lenet5-int8", "lenet5-dynamic"}, "lenet5-dynamic").GRPC
	}
	for _, test := range []struct {
		name    string
		batched bool // as seen from the answers
	}{{"lenet5-int8", false}, {"lenet5-dynamic-batched", true}} {
		original, err := onnx.OpenFS(fixtures.Models, "lenet5.onnx", onnx.Scale(fixtures.Scale))
		g.Expect(err).NotTo(HaveOccurred())
		// No metadata say that the outputs are logits, nor in which units the model wants its pixels.
		deployed, err := oip.Open(address, test.name, oip.Scale(fixtures.Scale), oip.Scores(oip.Logits))
		g.Expect(err).NotTo(HaveOccurred())
		pair, err := model.NewPair("", original, deployed)
		g.Expect(err).NotTo(HaveOccurred())
		defer pair.Close()

		seeds := generators.First(fixtures.Seeds(), 3)
		search := HaveDeviationFrom(seeds).WithQueriesPerSeed(100).WithClassNames(fixtures.ClassNames()...).SavingTo(t.TempDir()) // by default in testdata/triggers
		g.Expect(pair).To(search)                                                                                                 // a test of your own has NotTo here
		t.Log(search.NegatedFailureMessage(pair))

		batched := ContainElement(ContainSubstring("its answers depend on what else the server is asked at the same time"))
		if !test.batched {
			batched = Not(batched)
		}
		g.Expect(deployed.Describe().Notes).To(batched)
		t.Log(deployed.Traffic())
	}
}
