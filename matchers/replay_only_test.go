package matchers_test

import (
	"regexp"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
)

// The line of a message that replays one trigger does so: nothing else is replayed, and nothing is searched.
func TestOneTriggerIsReplayedAlone(t *testing.T) {
	g, root := NewWithT(t), t.TempDir()
	pair := open(t, fixtures.LeNet5Int8)
	searches := 0
	var recorded checks
	matcher := HaveDeviationFrom(seeds(10)).WithQueriesPerSeed(60).SavingTo(root).Inspecting(func(*engine.Report) { searches++ }).RecordedIn(&recorded)
	g.Expect(pair).To(matcher)
	line := regexp.MustCompile(`To replay the first alone: TRIGGERFINDER_REPLAY=([0-9a-f]{16}) go test -run '\^TestOneTriggerIsReplayedAlone\$' github\.com/triggerfinder/triggerfinder/matchers\n`)
	found := line.FindStringSubmatch(matcher.NegatedFailureMessage(pair))
	g.Expect(found).To(HaveLen(2), matcher.NegatedFailureMessage(pair))
	id := found[1]
	g.Expect(recorded[0].Evidence.Replays).To(HaveKeyWithValue(id, HavePrefix("TRIGGERFINDER_REPLAY="+id+" go test -run")))

	t.Setenv(ReplayVariable, id)
	g.Expect(pair).To(matcher)
	g.Expect(searches).To(Equal(1), "no second search")
	g.Expect(matcher.NegatedFailureMessage(pair)).To(SatisfyAll(
		ContainSubstring("1 of 1 saved trigger in"), ContainSubstring(id), ContainSubstring("TRIGGERFINDER_REPLAY asks for these alone"),
	))
	replay := ReplayCleanly(root)
	matched, err := replay.Match(pair)
	g.Expect(matched, err).To(BeFalse())
	g.Expect(replay.FailureMessage(pair)).To(ContainSubstring("1 of 1 saved trigger in"))

	// Mended, it says so, and a dossier is not told that the check passed.
	mended := open(t, fixtures.Pair{Name: "lenet5-int8", Original: "lenet5.onnx", Compressed: "lenet5-float16.onnx"})
	matched, err = matcher.Match(mended)
	g.Expect(matched, err).To(BeFalse())
	g.Expect(matcher.FailureMessage(mended)).To(ContainSubstring("but 1 saved trigger no longer deviates.\nNo search was made: TRIGGERFINDER_REPLAY asks for saved triggers alone."))
	last := recorded[len(recorded)-1]
	g.Expect(last.Verdict).To(Equal(gate.CheckUndecided))
	g.Expect(last.Message).To(ContainSubstring("asks for single triggers, so nothing else was tested"))

	t.Setenv(ReplayVariable, "0123456789abcdef")
	_, err = matcher.Match(pair)
	g.Expect(err).To(MatchError(gate.ErrUndecided))
	g.Expect(err).To(MatchError(ContainSubstring("TRIGGERFINDER_REPLAY=0123456789abcdef: expected the ID of a saved trigger of pair lenet5-int8, found ")))
	_, err = replay.Match(pair)
	g.Expect(err).To(MatchError(gate.ErrUndecided))
}

type checks []gate.Check

func (c *checks) Check(check gate.Check) { *c = append(*c, check) }

// Seeds that deviate as they are need no search: they are counted, and listed behind what was searched for.
func TestUnchangedSeedsAreCountedAndListedLast(t *testing.T) {
	g := NewWithT(t)
	pair := open(t, fixtures.LeNet5Int8)
	names := fixtures.ClassNames()
	for _, unchanged := range []int{1, 2} {
		var found []*engine.Trigger
		g.Expect(pair).To(HaveDeviationFrom(seeds(8)).WithQueriesPerSeed(60).WithoutSaving().Inspecting(func(r *engine.Report) { found = r.Triggers() }))
		rows := make([]input.Seed, unchanged)
		for i := range rows {
			rows[i] = input.Seed{Input: found[i].Input, Label: found[i].SeedLabel, Name: "a trigger"}
		}
		for i := range 5 {
			s, err := seeds(8).Seed(i)
			g.Expect(err).NotTo(HaveOccurred())
			rows = append(rows, s)
		}
		mixed, err := generators.FromRows(rows, func(s input.Seed) (input.Seed, error) { return s, nil })
		g.Expect(err).NotTo(HaveOccurred())
		mixed = model.Must(generators.WithClassNames(mixed, names...))
		matcher := HaveDeviationFrom(mixed).WithQueriesPerSeed(60).WithoutSaving()
		g.Expect(pair).To(matcher)
		message := matcher.NegatedFailureMessage(pair)
		if unchanged == 1 {
			g.Expect(message).To(ContainSubstring("\n1 of these is a seed as it is, unchanged, and listed last.\n"))
		} else {
			g.Expect(message).To(ContainSubstring("\n2 of these are seeds as they are, unchanged, and listed last.\n"))
		}
		g.Expect(message).NotTo(ContainSubstring("the seed itself"), "in the first three: there are others")
		g.Expect(message).To(MatchRegexp(`\(0\.\d\d\), compressed says .* \(0\.\d\d\); (the original is|the compressed model is|neither is) right\n`))
		g.Expect(message).NotTo(MatchRegexp(`class \d`), "names of classes come from the seeds")
	}
}
