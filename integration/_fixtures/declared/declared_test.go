// Package declared fills a dossier from plain tests. The tests of package integration copy and run it.
package declared

import (
	"context"
	"math"
	"os"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/triggerfinder/triggerfinder/engine"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/report/dossier"
)

var (
	release = dossier.New("shades 1.0", dossier.Options{})
	near    = release.Declare("no deviation near a seed")
	far     = release.Declare("no deviation far from a seed")
)

func TestMain(m *testing.M) { os.Exit(release.Main(m, "release-report")) }

func TestNear(t *testing.T) {
	g := NewWithT(t)
	g.Expect(shades(300, 301)).NotTo(HaveDeviationFrom(grey()).WithQueriesPerSeed(20).WithoutSaving().RecordedIn(near))
}

func TestFar(t *testing.T) {
	switch os.Getenv("FAR") {
	case "fails":
		NewWithT(t).Expect(shades(100, 200)).NotTo(HaveDeviationFrom(grey()).WithQueriesPerSeed(20).WithoutSaving().RecordedIn(far))
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
	NewWithT(t).Expect(shades(300, 301)).NotTo(HaveDeviationFrom(grey()).WithQueriesPerSeed(20).WithoutSaving().RecordedIn(far))
}

func TestSomethingElse(*testing.T) {}

func grey() engine.SeedList {
	var l engine.SeedList
	for _, shade := range []uint8{10, 120, 250} {
		pixels := make([]uint8, 64)
		for i := range pixels {
			pixels[i] = shade
		}
		l = append(l, engine.Seed{Input: engine.Must(engine.NewImage(8, 8, 1, pixels)), Label: engine.Unlabelled})
	}
	return l
}

func shades(original, compressed float64) *engine.Pair {
	return engine.Must(engine.NewPair("shades", threshold("original", original), threshold("compressed", compressed)))
}

func threshold(name string, at float64) engine.Predictor {
	return engine.Func(name, func(_ context.Context, batch []engine.Input) ([][]float32, error) {
		scores := make([][]float32, len(batch))
		for i, in := range batch {
			var sum float64
			for _, v := range in.Data {
				sum += float64(v)
			}
			p := float32(1 / (1 + math.Exp((at-sum/float64(len(in.Data)))/50)))
			scores[i] = []float32{1 - p, p}
		}
		return scores, nil
	})
}
