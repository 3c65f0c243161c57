package matchers_test

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report/dossier"
	"github.com/triggerfinder/triggerfinder/report/dossier/dossiertest"
)

// Gates, evidence and the documents of a release speak of no class where answers are none: of a price, a vector, and marks.
func TestGatesOfAnswersThatAreNoClasses(t *testing.T) {
	unlabelled := func(seeds input.Seeds) input.Seeds {
		labels := make([]int, seeds.Len())
		for i := range labels {
			labels[i] = input.Unlabelled
		}
		return model.Must(generators.Labelled(seeds, labels))
	}
	for name, c := range map[string]struct {
		pair   *model.Pair
		seeds  input.Seeds
		oracle answer.Oracle
		says   string
	}{
		"regression": {prices(), houses(20), onePercent, `original says \S+, compressed says \S+ \(\+\d\.\d %\)\n.*distance to the seed: scaled L1 .* columns changed\n +columns, with the share of their range: column`},
		"embedding":  {model.Must(model.NewPair("embedding", embedding("exact", false), embedding("rounded", true))), unlabelled(seeds(12)), model.Must(answer.Tolerance(answer.Cosine(0.02))), "says one at cosine distance 0.0"},
		"detector":   {detectors(), unlabelled(seeds(12)), anotherCount, `says \d+ marks?, compressed says \d+ marks?`},
	} {
		g, root := NewWithT(t), t.TempDir()
		d, evidence := dossier.New(name, dossier.Options{}), filepath.Join(root, "e.json")
		search := HaveDeviationFrom(c.seeds).JudgedBy(c.oracle).WithQueriesPerSeed(60).SavingTo(root)
		g.Expect(search.SavingEvidence(evidence).RecordedIn(d).Match(c.pair)).To(BeTrue(), name)
		few := HaveAtMost(0).DistinctDeviationsFoundBy(search).RecordedIn(d)
		g.Expect(few.Match(c.pair)).To(BeFalse(), name)
		g.Expect(few.FailureMessage(c.pair)).To(MatchRegexp(c.says), name)
		rare := HaveDeviationRateBelow(0.05).Under(generators.Corrupted(c.seeds)).JudgedBy(c.oracle).WithBudget(300).SavingTo(root).RecordedIn(d)
		_, err := rare.Match(c.pair)
		g.Expect(err).NotTo(HaveOccurred(), name)
		g.Expect(rare.FailureMessage(c.pair)).To(MatchRegexp(c.says), name)
		Restarted()
		clean := ReplayCleanly(root).JudgedBy(c.oracle).RecordedIn(d)
		g.Expect(clean.Match(c.pair)).To(BeFalse(), name)
		g.Expect(clean.FailureMessage(c.pair)).To(MatchRegexp(c.says), name)
		files, err := d.Write(t.TempDir())
		g.Expect(err).NotTo(HaveOccurred(), name)
		dossiertest.CheckFolder(t, filepath.Dir(files[0]))
		for _, file := range append(files, evidence) {
			if filepath.Base(file) == dossier.SchemaFile {
				continue
			}
			text := string(model.Must(os.ReadFile(file)))
			g.Expect(text).NotTo(MatchRegexp(`\bclass \d|"(original|compressed)_label": \d|true class`), "%s: %s", name, filepath.Base(file))
		}
	}
}
