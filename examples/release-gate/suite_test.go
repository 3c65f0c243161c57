// Package releasegate is a model's release spec, as its owner would write it: the checks that a compressed model has
// to pass before it ships (release_test.go), and one spec for each reason for which they refuse one
// (reasons_test.go). The guide docs/release-gate.md explains the choices.
//
//	go test ./examples/release-gate                          # or: go tool ginkgo -p ./examples/release-gate
//	CANDIDATE=lenet5-pruned go test ./examples/release-gate  # a model that must not ship
//
// Either leaves its report in the folder release-report, under another name where -short or a filter left out some of its
// checks; the second also saves three triggers in testdata/triggers, as a
// refused candidate should: take them back with git clean.
//
// The candidate is an 8-bit LeNet-5 from package fixtures. The release before it was quantised in another way
// (lenet5-dynamic). What is known about that one lies in testdata, and is committed.
package releasegate

import (
	"cmp"
	"os"
	"slices"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

func TestReleaseGate(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Release gate")
}

const (
	// product names the pair in every release, whatever its files are called: saved triggers, waivers and evidence
	// are kept under this name, and are meant for the next candidate too.
	product = "clothes"

	evidence = "testdata/evidence/clothes.json" // of the last release, made with CANDIDATE=lenet5-dynamic
	triggers = "testdata/triggers"
	waivers  = "testdata/waivers.json"
)

var (
	// seeds are where searches start. Evidence holds for the very same seeds: change them on a release day only.
	seeds      = generators.First(fixtures.Seeds(), 100)
	classNames = fixtures.ClassNames()
	scale      = onnx.Scale(fixtures.Scale)
)

// candidateName is that of the pair to be released.
func candidateName() string { return cmp.Or(os.Getenv("CANDIDATE"), fixtures.LeNet5Int8.Name) }

// candidate is the pair to be released.
func candidate() fixtures.Pair {
	name := candidateName()
	i := slices.IndexFunc(fixtures.Pairs(), func(p fixtures.Pair) bool { return p.Name == name })
	Expect(i).NotTo(Equal(-1), "CANDIDATE=%s: expected the name of one of fixtures.Pairs()", name)
	return fixtures.Pairs()[i]
}

// open opens a pair until the spec, or the container in whose BeforeAll this is called, is over.
func open(p fixtures.Pair) *model.Pair {
	pair := model.Try(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(product), scale)).OrFail(GinkgoTB())
	DeferCleanup(pair.Close)
	return pair
}

// testSet is a labelled test set, 3,000 photos as the shop might get them. Take yours if you can: this one is made from the
// seeds, since those that package fixtures embeds are inputs on which no model errs.
func testSet() input.Seeds {
	photos := generators.Corrupted(fixtures.Seeds())
	set := make(input.SeedList, 3000)
	for i := range set {
		draw := model.Try(input.DrawAt(photos, 1, i)).OrFail(GinkgoTB())
		set[i] = input.Seed{Input: draw.Input, Label: draw.Seed.Label, Name: draw.Seed.Name + ", " + draw.Change}
	}
	return set
}
