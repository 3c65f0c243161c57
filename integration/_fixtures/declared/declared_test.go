// Package declared fills a dossier from plain tests. The tests of package integration copy and run it.
package declared

import (
	"os"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/triggerfinder/triggerfinder/fixtures/shades"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/report/dossier"
)

var (
	seeds   = shades.Seeds(10, 120, 250)
	release = dossier.New("shades 1.0", dossier.Options{})
	near    = release.Declare("no deviation near a seed")
	far     = release.Declare("no deviation far from a seed")
)

func TestMain(m *testing.M) { os.Exit(release.Main(m, "release-report")) }

func TestNear(t *testing.T) {
	g := NewWithT(t)
	g.Expect(shades.Pair("shades", 300, 301)).NotTo(HaveDeviationFrom(seeds).WithQueriesPerSeed(20).WithoutSaving().RecordedIn(near))
}

func TestFar(t *testing.T) {
	switch os.Getenv("FAR") {
	case "fails":
		NewWithT(t).Expect(shades.Pair("shades", 100, 200)).NotTo(HaveDeviationFrom(seeds).WithQueriesPerSeed(20).WithoutSaving().RecordedIn(far))
		return
	case "skips":
		t.Skip("no data on this machine")
	case "fails before":
		t.Fatal("cannot be opened")
	case "panics":
		panic("out of order")
	case "hangs":
		time.Sleep(time.Hour)
	}
	if testing.Short() {
		t.Skip("too long")
	}
	NewWithT(t).Expect(shades.Pair("shades", 300, 301)).NotTo(HaveDeviationFrom(seeds).WithQueriesPerSeed(20).WithoutSaving().RecordedIn(far))
}

func TestSomethingElse(*testing.T) {}
