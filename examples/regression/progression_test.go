// Package regression is a test of a model that gives a number, to be copied: rows with units and a category, a tolerance in the words of the
// product, and a message in both units.
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

func TestProgressionOfDiabetes(t *testing.T) {
	if _, err := os.Stat(zoo); err != nil {
		t.Skip("needs zoo/kinds, which is not here: run this example in a clone of the repository")
	}
	g := NewWithT(t)
	pair := model.Try(onnx.OpenPair(zoo+"models/table-regression.onnx", zoo+"models/table-regression-int8.onnx", onnx.Scores(onnx.Raw), onnx.PairName("progression"))).OrFail(t)
	defer pair.Close()
	seeds := model.Try(table.CSV(zoo+"seeds/diabetes.csv", table.Without("progression"), table.Columns( // the column to be predicted is no input
		table.Column{Name: "age", Unit: "years"}, table.Column{Name: "sex", Type: table.Category},
		table.Column{Name: "bmi", Unit: "kg/m²"}, table.Column{Name: "blood_pressure", Unit: "mmHg"},
		table.Column{Name: "tc", Unit: "mg/dl"}, table.Column{Name: "ldl", Unit: "mg/dl"}, table.Column{Name: "hdl", Unit: "mg/dl"},
		table.Column{Name: "glucose", Unit: "mg/dl"}))).OrFail(t)
	fivePoints := model.Try(answer.Tolerance(answer.Absolute(5).In("points"))).OrFail(t) // of 25 to 346 that there are

	// Found for a real reason: activations were given the ranges of the training rows. The 8-bit output ends at 337 points, whatever the patient has.
	search := HaveDeviationFrom(seeds).JudgedBy(fivePoints).SavingTo(t.TempDir()) // by default in testdata/triggers
	g.Expect(pair).To(search)                                                     // a test of your own has NotTo here
	t.Log(search.NegatedFailureMessage(pair))
}
