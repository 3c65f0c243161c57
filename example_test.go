package triggerfinder_test

import (
	"fmt"
	"strings"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

// The first ten seeds of an embedded pair: LeNet-5 and the small network it was distilled to. In a
// test, NewWithT(t) takes the place of NewGomega, model.Try(…).OrFail(t) that of Must, and the message fails the test.
func Example() {
	p := fixtures.LeNet5Student
	pair := model.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed,
		onnx.PairName(p.Name), onnx.Scale(fixtures.Scale)))
	defer pair.Close()
	seeds := generators.First(fixtures.Seeds(), 10)

	g := NewGomega(func(message string, _ ...int) {
		fmt.Println(strings.Join(strings.Split(message, "\n")[:2], " "))
	})
	g.Expect(pair).NotTo(HaveDeviationFrom(seeds).WithoutSaving())
	// Output: Expected pair lenet5-student (lenet5, lenet5-student) not to have a deviation, but 10 of 10 seeds have one.
}
