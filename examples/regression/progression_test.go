// Package regression is a test of a model that gives a number, to be copied: …
//
//	go test -v ./examples/regression
package regression

import (
	"os"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/generators/table"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

const zoo = "../../zoo/kinds/"

func TestProgression(t *testing.T) {
	if _, err := os.Stat(zoo); err != nil {
		t.Skip("needs zoo/kinds, which is not here: run this example in a clone of the repository")
	}
	g := NewWithT(t)
	pair, err := onnx.OpenPair(zoo+"models/table-regression.onnx", zoo+"models/table-regression-int8.onnx", onnx.Scores(onnx.Raw))
	g.Expect(err).NotTo(HaveOccurred())
	defer pair.Close()
	seeds, err := table.CSV(zoo+"seeds/diabetes.csv", table.Without("progression"),
		table.Columns(table.Column{Name: "sex", Categories: []string{"1", "2"}}))
	g.Expect(err).NotTo(HaveOccurred())

	search := HaveDeviationFrom(seeds).JudgedBy(model.Must(answer.Tolerance(answer.Absolute(5)))).SavingTo(t.TempDir())
	g.Expect(pair).To(search) // a test of your own has NotTo here
	t.Log(search.NegatedFailureMessage(pair))
}
