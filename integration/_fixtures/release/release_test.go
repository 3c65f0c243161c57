// Package release is a Ginkgo suite that fills a dossier. The tests of package integration copy and run it.
package release

import (
	"os"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/fixtures/shades"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/matchers/specs"
	"github.com/triggerfinder/triggerfinder/report/dossier"
)

func TestRelease(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Release")
}

var (
	seeds   = shades.Seeds(10, 50, 250)
	release = dossier.New("shades 1.0", dossier.Options{})
	_       = specs.Writing(release, "release-report", "release")
)

// Each of these may run in another process.
var _ = Describe("shades", Label("release"), func() {
	search := func() *HaveDeviationMatcher {
		return HaveDeviationFrom(seeds).WithQueriesPerSeed(20).WithoutSaving().WithoutReplay()
	}
	It("agree near a seed", func() {
		Expect(shades.Pair("shades", 300, 301)).NotTo(search().RecordedIn(release.For("near")))
	})
	It("agree within a bound", func() {
		Expect(shades.Pair("shades", 300, 301)).NotTo(search().Within(distance.LInf(20)).RecordedIn(release.For("bounded")))
	})
	It("agree far from a seed", Label("far"), func(ctx SpecContext) {
		compressed := 301.0
		switch os.Getenv("FAR") {
		case "fails":
			compressed = 100
			Expect(shades.Pair("shades", 20, compressed)).NotTo(search().RecordedIn(release.For("far")))
		case "skips":
			Skip("no data on this machine")
		case "fails before":
			Fail("cannot be opened")
		case "panics":
			panic("out of order")
		case "hangs":
			time.Sleep(time.Hour)
		case "dies":
			os.Exit(3)
		}
		if testing.Short() {
			Skip("too long")
		}
		Expect(shades.Pair("shades", 300, compressed)).NotTo(specs.Tracked(ctx, search()).RecordedIn(release.For("far")))
	})
	for _, name := range []string{"one", "two", "three"} {
		It("agree by part "+name, Label("parts"), func() {
			Expect(shades.Pair("shades", 300, 301)).NotTo(search().RecordedIn(release.For(name)))
			time.Sleep(200 * time.Millisecond) // so that another process takes the next one
		})
	}
})

var _ = Describe("something else", func() {
	It("works", func() {})
})
