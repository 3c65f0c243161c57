package matchers_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/minimize"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/report/dossier"
	"github.com/triggerfinder/triggerfinder/report/dossier/dossiertest"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// detector marks the rows of an image whose mean is above a threshold, each by its place and mean: named outputs, of another shape for
// each image.
func detector(name string, threshold float32) model.Answerer {
	return model.AnswerFunc(name, func(_ context.Context, batch []input.Input, dst []answer.Answer) ([]answer.Answer, error) {
		dst = dst[:0]
		for _, in := range batch {
			var marks answer.Scores
			width := len(in.Data) / in.Shape[0]
			for y := range in.Shape[0] {
				var sum float32
				for _, v := range in.Data[y*width : (y+1)*width] {
					sum += v
				}
				if mean := sum / float32(width); mean > threshold {
					marks = append(marks, float32(y), mean)
				}
			}
			n := len(marks) / 2
			dst = append(dst, answer.Answer{Scores: append(marks, float32(n)), Outputs: []answer.Output{{Name: "marks", Shape: []int{n, 2}}, {Name: "count", Shape: []int{}}}})
		}
		return dst, nil
	})
}

func detectors() *model.Pair {
	return model.Must(model.NewPair("detectors", detector("fine", 100), detector("coarse", 104)))
}

// anotherCount is an oracle of one's own, that tells in its own words.
var anotherCount = model.Must(answer.Telling(
	model.Must(answer.OracleFunc("another number of marks", func(o, c answer.Answer) bool { return count(o) != count(c) })),
	func(o, c answer.Answer) answer.Deviation {
		d := answer.Deviation{From: answer.Said{Words: report.Plural(count(o), "mark")}, To: answer.Said{Words: report.Plural(count(c), "mark")}, Size: float64(count(o) - count(c)), Unit: "marks"}
		if d.Group = "missed"; count(c) > count(o) {
			d.Group = "invented"
		}
		return d
	}))

func count(a answer.Answer) int {
	n, _, _ := a.Output("count")
	return int(n[0])
}

func TestADetectorFromSearchToTheDocument(t *testing.T) {
	g, root := NewWithT(t), t.TempDir()
	var r *engine.Report
	m := HaveDeviationFrom(seeds(12)).JudgedBy(anotherCount).WithQueriesPerSeed(60).SavingTo(root).Inspecting(func(report *engine.Report) { r = report })
	g.Expect(m.Match(detectors())).To(BeTrue())
	message := m.NegatedFailureMessage(detectors())
	g.Expect(message).To(SatisfyAll(ContainSubstring(" missed "), MatchRegexp(`original says \d+ marks?, compressed says \d+ marks?( \(-\d+ marks?\))?\n`), Not(ContainSubstring("says class")), Not(ContainSubstring("NaN"))))

	saved := model.Must(model.Must(report.OpenStore(root)).List("detectors"))
	g.Expect(len(saved)).To(BeNumerically(">=", 6))
	for _, s := range saved {
		marks, shape, ok := s.Trigger.Original.Output("marks")
		g.Expect(ok).To(BeTrue())
		g.Expect(marks).To(HaveLen(2 * shape[0]))
		g.Expect(s.Trigger.Deviation.Group).To(Equal("missed"))
		fate, _, err := s.Replay(t.Context(), detectors(), anotherCount, nil)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(fate).To(Equal(report.StillDeviates))
		healed := model.Must(model.NewPair("detectors", detector("fine", 100), detector("mended", 100)))
		fate, e, err := s.Replay(t.Context(), healed, anotherCount, nil)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(fate).To(Equal(report.Healed))
		mended := s.Trigger
		mended.Answer(e)
		g.Expect(report.AnswersInWords(&mended, nil)).NotTo(SatisfyAny(ContainSubstring("class"), ContainSubstring("NaN")))
		for _, name := range []string{"trigger.png", "diff.png"} {
			g.Expect(filepath.Join(s.Dir, name)).To(BeAnExistingFile())
		}
	}
	small, err := minimize.Trigger(t.Context(), detectors(), &saved[0].Trigger, minimize.Settings{Oracle: anotherCount, Queries: 200})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(small.Trigger.Deviation.Group).To(Equal("missed"))

	// The report is read again, and the document of a release tells of it, in all of its forms.
	sheets, err := filepath.Glob(filepath.Join(root, "detectors", "report-*"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(sheets).To(HaveLen(1))
	loaded, err := report.LoadReport(sheets[0])
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(loaded.Report.Triggers()[0].Deviation).To(Equal(r.Triggers()[0].Deviation))
	g.Expect(loaded.Report.Triggers()[0].Original).To(Equal(r.Triggers()[0].Original))
	_, ok := report.Card(r.Triggers()[0], report.Context{})
	g.Expect(ok).To(BeTrue())

	release := dossier.New("r", dossier.Options{})
	release.Search(r)
	out := t.TempDir()
	release.Check(dossier.Check{Name: "c", Sentence: "s", Verdict: dossier.Failed})
	files, err := release.Write(out)
	g.Expect(err).NotTo(HaveOccurred())
	dossiertest.CheckFolder(t, out)
	page := string(model.Must(os.ReadFile(files[slices.IndexFunc(files, func(f string) bool { return strings.HasSuffix(f, ".html") })])))
	g.Expect(page).To(SatisfyAll(ContainSubstring("missed"), MatchRegexp(`\d+ marks? → \d+ marks?`), Not(ContainSubstring("says class")), Not(ContainSubstring("class 0 →")), Not(ContainSubstring("not finite"))))
	g.Expect(strings.Count(page, "any answer")).To(BeNumerically(">=", 1))
}

// No strategy stumbles over answers of another shape for each input, within a bound or without, led by a shortfall or by nothing.
func TestEveryStrategyTakesADetector(t *testing.T) {
	graded := model.Must(answer.GradedFunc("two marks apart", func(o, c answer.Answer) float64 { return float64(2 - max(count(o)-count(c), count(c)-count(o))) }))
	for _, strategy := range []engine.Strategy{
		strategies.Boundary(), strategies.TriggerFinder(), strategies.TriggerFinderAsReleased(), strategies.Random(), strategies.Square(),
		strategies.DiffChaserSearch{Mutators: strategies.Random().Mutators, Population: 20, Tournament: 4},
	} {
		for _, oracle := range []answer.Oracle{anotherCount, graded, model.Must(answer.Tolerance(answer.Absolute(3), "count")), model.Must(answer.Tolerance(answer.Cosine(0.1), "marks"))} {
			for _, bound := range []distance.Bound{nil, distance.LInf(16)} {
				g := NewWithT(t)
				m := HaveDeviationFrom(seeds(6)).JudgedBy(oracle).Using(strategy).WithQueriesPerSeed(60).WithoutSaving()
				if bound != nil {
					m = m.Within(bound)
				}
				_, err := m.Match(detectors())
				g.Expect(err).NotTo(HaveOccurred(), "%s, %s, %v", strategy, oracle, bound)
			}
		}
	}
}
