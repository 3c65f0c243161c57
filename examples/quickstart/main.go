// Quickstart runs the main job once, on an embedded pair: LeNet-5 for Fashion-MNIST and its 8-bit
// version. It prints what a failing test would print, and leaves the triggers, their pictures and a
// report in the folder quickstart-triggers.
//
//	go run ./examples/quickstart
package main

import (
	"flag"
	"fmt"
	"log"
	"time"

	"github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

func main() {
	n := flag.Int("n", 100, "number of seeds, at most 500")
	out := flag.String("out", "quickstart-triggers", "folder for triggers, pictures and the report")
	flag.Parse()
	log.SetFlags(0)

	p := fixtures.LeNet5Int8
	pair, err := onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale))
	if err != nil {
		log.Fatal(err)
	}
	defer pair.Close()
	seeds := generators.First(fixtures.Seeds(), *n)

	// In a test, gomega.NewWithT(t) stands here, and the message fails the test.
	g := gomega.NewGomega(func(message string, _ ...int) { fmt.Print(message, "\n\n") })
	var found *engine.Report
	g.Expect(pair).NotTo(matchers.HaveDeviationFrom(seeds).
		WithClassNames(fixtures.ClassNames()...).
		SavingTo(*out).
		WithoutReplay().
		ReportingProgressTo(everySecond()).
		Inspecting(func(r *engine.Report) { found = r }))
	if found != nil {
		fmt.Print(report.Summary(found))
	}
}

// everySecond prints a line of progress a second.
func everySecond() func(engine.Progress) {
	var last time.Duration
	return func(p engine.Progress) {
		if p.Elapsed-last >= time.Second {
			last = p.Elapsed
			log.Println(p)
		}
	}
}
