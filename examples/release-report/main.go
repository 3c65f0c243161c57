// Release-report checks an embedded pair as a release would, LeNet-5 for Fashion-MNIST and its 8-bit version, and
// writes the document of the decision: report.html and what stands beside it.
//
//	go run ./examples/release-report
//
// The pair fails here on purpose: without a bound, a search finds a deviation for nearly every seed.
package main

import (
	"flag"
	"fmt"
	"log"
	"path/filepath"

	"github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/report/dossier"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

func main() {
	n := flag.Int("n", 100, "number of seeds, at most 500")
	out := flag.String("out", "release-report", "folder of the document")
	flag.Parse()
	log.SetFlags(0)
	if err := run(*n, *out); err != nil {
		log.Fatal(err)
	}
}

func run(n int, out string) error {
	p := fixtures.LeNet5Int8
	pair, err := onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale))
	if err != nil {
		return err
	}
	defer pair.Close()
	variants, err := onnx.OpenVariantsFS(fixtures.Models, p.Original, p.Compressed, onnx.Scale(fixtures.Scale))
	if err != nil {
		return err
	}
	defer variants.Close()
	seeds := generators.First(fixtures.Seeds(), n)
	d := dossier.New("lenet5-int8 2.1", dossier.Options{
		ClassNames: fixtures.ClassNames(),
		Settings:   map[string]string{"seeds": fmt.Sprintf("the first %d of package fixtures", n)},
		Versions:   map[string]string{"data set": "Fashion-MNIST"},
		Replay:     fmt.Sprintf("go run ./examples/release-report -n %d", n),
	})
	triggers := filepath.Join(out, "triggers")

	// In a test, gomega.NewWithT(t) stands here, and a failed check fails the test. Here it goes on:
	// the document tells.
	g := gomega.NewGomega(func(string, ...int) {})
	search := matchers.HaveDeviationFrom(seeds).WithClassNames(fixtures.ClassNames()...).WithoutReplay().SavingTo(triggers)
	g.Expect(pair).NotTo(search.Minimizing(200).WithNoiseFloor(variants).RecordedIn(d))
	// Severe deviations close to a seed: nothing is found, and the canaries say what that is worth.
	severe := search.Within(distance.LInf(8)).MinConfidence(0.7).WithQueriesPerSeed(100)
	changed := onnx.PerturbedFS(fixtures.Models, p.Original, onnx.Scale(fixtures.Scale))
	for _, size := range []float64{0.1, 0.2, 0.3, 0.5} {
		severe = severe.WithCanary(changed, size)
	}
	g.Expect(pair).NotTo(severe.RecordedIn(d))
	// Of what was just saved, what lies so near to its seed; the others are not judged, and the report says so.
	g.Expect(pair).To(matchers.ReplayCleanly(triggers).IncludingThisRun().Within(distance.LInf(64)).RecordedIn(d))
	g.Expect(pair).To(matchers.HaveAtMost(40).DistinctDeviationsFoundBy(search.WithoutSaving()).RecordedIn(d))

	evidence, err := lastRelease(seeds, filepath.Join(out, "lenet5-dynamic.json"))
	if err != nil {
		return err
	}
	g.Expect(pair).To(matchers.DeviateNoMoreThan(evidence).From(seeds).WithClassNames(fixtures.ClassNames()...).RecordedIn(d))
	g.Expect(pair).To(matchers.HaveDeviationRateBelow(0.02).Under(generators.Corrupted(seeds)).RecordedIn(d))
	labelled, err := corrupted(seeds)
	if err != nil {
		return err
	}
	g.Expect(pair).To(matchers.HaveNegativeFlipRateBelow(0.01).On(labelled).WithClassNames(fixtures.ClassNames()...).RecordedIn(d))

	files, err := d.Write(out)
	for _, file := range files {
		fmt.Println(file)
	}
	return err
}

// lastRelease writes the evidence file that a release before this one would have left: another way to make the same
// network small.
func lastRelease(seeds input.Seeds, file string) (string, error) {
	p := fixtures.LeNet5Dynamic
	pair, err := onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale))
	if err != nil {
		return "", err
	}
	defer pair.Close()
	_, err = matchers.HaveDeviationFrom(seeds).Within(distance.LInf(16)).WithQueriesPerSeed(100).WithoutSaving().SavingEvidence(file).Match(pair)
	return file, err
}

// severity of the corruptions in the labelled test set.
const severity = 0.3

// corrupted is every seed under every corruption: a labelled test set on which models do err.
func corrupted(seeds input.Seeds) (input.SeedList, error) {
	var all input.SeedList
	for i := range seeds.Len() {
		seed, err := seeds.Seed(i)
		if err != nil {
			return nil, fmt.Errorf("seed %d: %w", i, err)
		}
		for _, c := range generators.Corruptions() {
			if s, ok := c.(input.InputSupporter); ok && s.Supports(seed.Input) != nil {
				continue
			}
			in := seed.Input.Clone()
			c.MutateAt(in, seed.Input, severity, uint64(i))
			all = append(all, input.Seed{Input: in, Label: seed.Label, Name: fmt.Sprintf("%s, %s %g", seed.Name, c, severity)})
		}
	}
	return all, nil
}
