// Package table is a test of a classifier of the rows of a table, to be copied: seeds of a CSV file, and a message that names the
// columns that changed.
//
//	go test -v ./examples/table
package table

import (
	"os"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/generators/table"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

const zoo = "../../zoo/kinds/"

func TestTumours(t *testing.T) {
	if _, err := os.Stat(zoo); err != nil {
		t.Skip("needs zoo/kinds, which is not here: run this example in a clone of the repository")
	}
	g := NewWithT(t)
	pair := model.Try(onnx.OpenPair(zoo+"models/table-mlp.onnx", zoo+"models/table-mlp-int8.onnx", onnx.Output("probabilities"), onnx.PairName("tumours"))).OrFail(t)
	defer pair.Close()
	seeds := model.Try(table.CSV(zoo+"seeds/breast-cancer.csv", table.Label("diagnosis", "malignant", "benign"))).OrFail(t)

	// Found for a real reason: the first layer gets all 30 standardised columns in one range of 8 bits, where the largest of any of them sets the
	// step. (`triggerfinder layers` names that layer, and its activations: in float it heals 19 of the 20 saved triggers.)
	search := HaveDeviationFrom(seeds).SavingTo(t.TempDir()) // by default in testdata/triggers
	g.Expect(pair).To(search)                                // a test of your own has NotTo here
	t.Log(search.NegatedFailureMessage(pair))
}
