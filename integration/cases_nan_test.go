//go:build cgo

package integration

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// brightSeeds are the first n seeds, and which of them are too bright for the compressed model of nan-for-some-seeds: it
// gives NaN where the mean pixel is above 0.4.
func brightSeeds(n int) (seeds input.Seeds, bright map[int]bool, others input.SeedList) {
	bright = map[int]bool{}
	seeds = generators.First(fixtures.Seeds(), n)
	for i := range n {
		seed := model.Must(seeds.Seed(i))
		var sum float64
		for _, v := range seed.Input.Data {
			sum += float64(v) / 255
		}
		if sum/float64(len(seed.Input.Data)) > 0.4 {
			bright[i] = true
		} else {
			others = append(others, seed)
		}
	}
	return seeds, bright, others
}

// The compressed model gives NaN where the mean pixel is above 0.4: a trigger "not finite" there; every other seed is
// searched to its end.
func caseNaNForSomeSeeds(t *testing.T, dir string) {
	g := NewWithT(t)
	const n = 100
	seeds, bright, others := brightSeeds(n)
	g.Expect(len(bright)).To(BeNumerically(">", 10), "seeds are bright")
	pair := model.Must(onnx.OpenPair(filepath.Join(dir, "a.onnx"), filepath.Join(dir, "b.onnx"), onnx.Scale(fixtures.Scale)))
	defer pair.Close()

	// The API, by several strategies.
	mutating := strategies.TriggerFinder()
	for _, s := range []engine.Settings{
		{Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 60, ClosingQueriesPerSeed: 40}},
		{Strategy: strategies.Boundary(), Bound: distance.LInf(16), Budget: engine.Budget{QueriesPerSeed: 60}},
		{Strategy: mutating, Budget: engine.Budget{QueriesPerSeed: 60}},
		{Strategy: strategies.Boundary(), Oracle: model.Must(answer.MinConfidence(1, nil)), Budget: engine.Budget{QueriesPerSeed: 30}},
	} {
		r, err := engine.Search(t.Context(), pair, seeds, s)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(r.Status).To(Equal(engine.AllSearched))
		g.Expect(r.NotFinite()).To(BeNumerically(">=", len(bright)))
		alone, err := engine.Search(t.Context(), pair, others, s)
		g.Expect(err).NotTo(HaveOccurred())
		next := 0
		for _, o := range r.Seeds {
			if bright[o.Index] {
				g.Expect(o.Status).To(Equal(engine.Triggered))
				g.Expect(o.Queries).To(BeZero())
				g.Expect(o.Trigger.Kind).To(Equal(answer.NotFinite))
				g.Expect(o.Trigger.CompressedLabel).To(Equal(answer.NoLabel))
				g.Expect(o.Trigger.OriginalLabel).To(Equal(o.Label))
				continue
			}
			// As without the bright seeds.
			same := alone.Seeds[next]
			next++
			g.Expect(o.Status).To(BeElementOf(engine.Triggered, engine.SeedExhausted, engine.GaveUp))
			g.Expect(o.Status).To(Equal(same.Status))
			g.Expect(o.Queries).To(Equal(same.Queries))
			if o.Trigger != nil {
				g.Expect(o.Trigger.ID).To(Equal(same.Trigger.ID))
			}
		}
	}

	// Matchers.
	root := t.TempDir()
	matcher := HaveDeviationFrom(seeds).Within(distance.LInf(2)).WithQueriesPerSeed(20).SavingTo(root)
	found, err := matcher.Match(pair)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(found).To(BeTrue())
	message := matcher.NegatedFailureMessage(pair)
	g.Expect(message).To(ContainSubstring("the compressed model gives NaN for all of 10 scores"))
	g.Expect(message).To(MatchRegexp(`\d+ of \d+ triggers? (is|are) not finite: the compressed model gives NaN`))
	g.Expect(message).NotTo(ContainSubstring("class -1"))
	replay := ReplayCleanly(root).IncludingThisRun()
	clean, err := replay.Match(pair)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(clean).To(BeFalse())
	g.Expect(replay.FailureMessage(pair)).To(ContainSubstring("the compressed model gives NaN for all of 10 scores"))
	flips := HaveNegativeFlipRateBelow(0.01).On(seeds)
	below, err := flips.Match(pair)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(below).To(BeFalse())
	g.Expect(flips.FailureMessage(pair)).To(ContainSubstring("the compressed model gives NaN or infinity, which counts as a wrong answer"))

	// With the models the other way round, the original has no answer to those seeds.
	back := model.Must(onnx.OpenPair(filepath.Join(dir, "b.onnx"), filepath.Join(dir, "a.onnx"), onnx.Scale(fixtures.Scale)))
	defer back.Close()
	r, err := engine.Search(t.Context(), back, seeds, engine.Settings{Strategy: mutating, Budget: engine.Budget{QueriesPerSeed: 60}, SkippedAtMost: 1})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(r.NotFinite()).To(BeZero())
	g.Expect(r.Ledger.Skipped).To(Equal(len(bright)))
	for _, o := range r.Seeds {
		g.Expect(o.Status == engine.Skipped).To(Equal(bright[o.Index]))
		if bright[o.Index] {
			g.Expect(o.Reason).To(ContainSubstring("the original gives NaN for all of 10 scores"))
		}
	}
	caseNaNByTheCommand(t, dir, len(bright))
}

// caseNaNByTheCommand does the same with the command, on folders.
func caseNaNByTheCommand(t *testing.T, dir string, bright int) {
	g := NewWithT(t)
	f := copyFixture(t, "plain")
	command := builtCommand(t)
	wd, err := os.Getwd()
	g.Expect(err).NotTo(HaveOccurred())
	models, err := filepath.Abs(dir)
	g.Expect(err).NotTo(HaveOccurred())
	seeds := filepath.Join(wd, "..", "fixtures", "seeds", "fashion-seeds-images.idx3-ubyte.gz")
	searched := f.run(command, "search", "--original", filepath.Join(models, "a.onnx"), "--compressed", filepath.Join(models, "b.onnx"),
		"--scale", "1/255", "--seeds", seeds, "--n", "100", "--budget", "60", "--out", "out", "--save", "all", "--json", "result.json")
	g.Expect(searched.exit).To(Equal(1), searched.output)
	g.Expect(searched.output).To(ContainSubstring("triggers are not finite: the compressed model gives NaN for all of 10 scores"))
	g.Expect(searched.output).To(MatchRegexp(`\d+  not finite\n`))
	g.Expect(searched.output).NotTo(ContainSubstring("class -1"))
	result, err := report.LoadResult(f.path("result.json"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(result.NotFinite).To(BeNumerically(">=", bright))
	g.Expect(result.Usable).To(Equal(100))
	kinds := 0
	for _, s := range result.PerSeed {
		g.Expect(s.Status).To(BeElementOf(engine.Triggered, engine.SeedExhausted, engine.GaveUp))
		if s.Trigger != nil && s.Trigger.Kind == answer.NotFinite {
			kinds++
			g.Expect(s.Trigger.CompressedLabel).To(Equal(answer.NoLabel))
			g.Expect(s.Trigger.CompressedConfidence).To(BeNil())
		}
	}
	g.Expect(kinds).To(Equal(result.NotFinite))
	saved := 0
	files, err := filepath.Glob(f.path("out", "a-vs-b", "*", "trigger.json"))
	g.Expect(err).NotTo(HaveOccurred())
	for _, file := range files {
		data, err := os.ReadFile(file)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(json.Valid(data)).To(BeTrue())
		if strings.Contains(string(data), `"kind": "not finite"`) {
			saved++
		}
	}
	g.Expect(saved).To(Equal(result.NotFinite))
	replayed := f.run(command, "replay", "out")
	g.Expect(replayed.exit).To(Equal(1), replayed.output)
	g.Expect(strings.Count(replayed.output, "the compressed model gives NaN for all of 10 scores")).To(Equal(saved))
	g.Expect(replayed.output).To(ContainSubstring("not finite: "))
}
