package matchers_test

import (
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/report/dossier"
)

// leftOut are seeds with a note.
type leftOut struct{ input.Seeds }

func (leftOut) Notes() []string { return []string{"3 files were left out"} }

func (l leftOut) ClassNames() []string { return input.ClassNamesOf(l.Seeds) }

func named(n int, names ...string) input.Seeds {
	return leftOut{model.Must(generators.WithClassNames(seeds(n), names...))}
}

func TestClassNamesOfSeedsReachMessagesAndFiles(t *testing.T) {
	g, root, pair := NewWithT(t), t.TempDir(), open(t, fixtures.LeNet5Int8)
	carried := named(20, fixtures.ClassNames()...)
	d := dossier.New("release", dossier.Options{})
	search := HaveDeviationFrom(carried).SavingTo(root).RecordedIn(d)
	g.Expect(pair).To(search)
	g.Expect(search.NegatedFailureMessage(pair)).To(SatisfyAll(
		MatchRegexp("original says [A-Z]"), Not(ContainSubstring("class ")), ContainSubstring("\nNote: 3 files were left out.")))
	saved := model.Must(model.Must(report.OpenStore(root)).List(pair.Name()))
	g.Expect(saved).NotTo(BeEmpty())
	g.Expect(saved[0].ClassNames).To(Equal(fixtures.ClassNames()))
	g.Expect(d.Document().ClassNames).To(Equal(fixtures.ClassNames()))
	g.Expect(d.Document().Searches[0].Notes).To(ConsistOf("3 files were left out"))

	most := HaveAtMost(0).DistinctDeviationsFoundBy(HaveDeviationFrom(carried).WithoutSaving().WithoutReplay())
	g.Expect(pair).NotTo(most)
	g.Expect(most.FailureMessage(pair)).NotTo(ContainSubstring("class "))

	Restarted()
	replay := ReplayCleanly(root)
	g.Expect(pair).NotTo(replay)
	g.Expect(replay.FailureMessage(pair)).To(SatisfyAll(MatchRegexp("original says [A-Z]"), Not(ContainSubstring("class "))))

	student := open(t, fixtures.LeNet5Student)
	changed := leftOut{model.Must(generators.WithClassNames(changedSeeds(500), fixtures.ClassNames()...))}
	flips := HaveNegativeFlipRateBelow(0.02).On(changed)
	g.Expect(student).NotTo(flips)
	g.Expect(flips.FailureMessage(student)).To(SatisfyAll(
		MatchRegexp("original says [A-Z]"), Not(ContainSubstring("class ")), ContainSubstring("\nNote: 3 files were left out.")))

	rate := HaveDeviationRateBelow(0.01).Under(generators.Corrupted(carried))
	g.Expect(student).NotTo(rate)
	g.Expect(rate.FailureMessage(student)).To(SatisfyAll(
		MatchRegexp("original says [A-Z]"), Not(ContainSubstring("class ")), ContainSubstring("\nNote: 3 files were left out.")))

	file := filepath.Join(root, "evidence.json")
	g.Expect(pair).To(DeviateNoMoreThan(file).From(carried).Within(distance.LInf(20)).WithQueriesPerSeed(40).UpdatingEvidence())
	worse := DeviateNoMoreThan(file).From(carried).SavingTo(root)
	renamed := model.Must(model.NewPair(pair.Name(), student.Original(), student.Compressed()))
	g.Expect(renamed).NotTo(worse)
	g.Expect(worse.FailureMessage(renamed)).To(SatisfyAll(MatchRegexp("truly [A-Z]"), Not(ContainSubstring("class "))))
}

func TestClassNamesThatContradictAreAnError(t *testing.T) {
	g, pair := NewWithT(t), open(t, fixtures.LeNet5Int8)
	names := fixtures.ClassNames()
	swapped := append([]string{names[1], names[0]}, names[2:]...)
	for _, test := range []struct {
		seeds input.Seeds
		given []string
		says  string
	}{
		{seeds(20), names[:9], "class names: expected 10, one a class of the models, found 9"},
		{named(20, names[:9]...), nil, "different numbers of classes: the seeds have 9 (T-shirt/top, Trouser, Pullover, Dress, Coat, …), the models 10"},
		{named(20, names...), swapped, `label 0 is "Trouser" by the names given, and "T-shirt/top" by the seeds, which have the same classes in another order`},
	} {
		search := HaveDeviationFrom(test.seeds).WithoutSaving().WithoutReplay()
		rate := HaveDeviationRateBelow(0.5).Under(generators.AsTheyAre(test.seeds))
		flips := HaveNegativeFlipRateBelow(0.5).On(test.seeds)
		if test.given != nil {
			search, rate, flips = search.WithClassNames(test.given...), rate.WithClassNames(test.given...), flips.WithClassNames(test.given...)
		}
		for _, matcher := range []interface{ Match(any) (bool, error) }{
			search, rate, flips, HaveAtMost(3).DistinctDeviationsFoundBy(search),
		} {
			_, err := matcher.Match(pair)
			g.Expect(err).To(MatchError(ContainSubstring(test.says)))
		}
	}

	others := append([]string{"Tee"}, names[1:]...)
	search := HaveDeviationFrom(named(20, names...)).WithoutSaving().WithoutReplay().WithClassNames(others...)
	g.Expect(pair).To(search)
	g.Expect(search.NegatedFailureMessage(pair)).To(ContainSubstring(
		`Note: classes are called by the names given, not by those of the seeds: class 0 is "Tee", not "T-shirt/top".`))
	plain := HaveDeviationFrom(named(20, names...)).WithoutSaving().WithoutReplay().WithClassNames("t-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle_boot")
	g.Expect(pair).To(plain)
	g.Expect(plain.NegatedFailureMessage(pair)).NotTo(ContainSubstring("classes are called"))
}
