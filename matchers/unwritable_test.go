package matchers_test

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/gate"
	. "github.com/triggerfinder/triggerfinder/matchers"
)

// full stands for a folder that cannot be written, whoever runs the test: what should be a folder in it is a link to
// nowhere.
func full(t *testing.T) (root string) {
	root = t.TempDir()
	if err := os.Symlink(filepath.Join(root, "nowhere", "either"), filepath.Join(root, "lenet5-int8")); err != nil {
		t.Skip(err)
	}
	return root
}

func TestFindingsAreNotLostWhereTheyCannotBeSaved(t *testing.T) {
	pair := open(t, fixtures.LeNet5Int8)
	const ways = "\nSavingTo(dir) or the environment variable TRIGGERFINDER_TRIGGERS names another folder; WithoutSaving() saves none."

	t.Run("they go to a folder for temporary files", func(t *testing.T) {
		g, root := NewWithT(t), full(t)
		t.Setenv("TMPDIR", t.TempDir())
		var checks []gate.Check
		m := HaveDeviationFrom(seeds(4)).SavingTo(root).WithQueriesPerSeed(60).RecordedIn(recorder(func(c gate.Check) { checks = append(checks, c) }))
		g.Expect(pair).To(m)
		g.Expect(m.NegatedFailureMessage(pair)).To(SatisfyAll(
			ContainSubstring("not to have a deviation, but "), ContainSubstring("\n\nTriggers could not be saved in "+root+"/lenet5-int8: "),
			ContainSubstring("They are in a folder for temporary files instead; move it to keep them."+ways), MatchRegexp(`\d triggers? saved in .*triggerfinder-triggers-`),
			ContainSubstring("To replay: Expect(pair)"), ContainSubstring("\nReport: ")))
		g.Expect(checks[0].Verdict).To(Equal(gate.CheckFailed))
		saved, err := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "*", "lenet5-int8", "*", "trigger.png"))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(saved).NotTo(BeEmpty())
	})

	t.Run("or into the message", func(t *testing.T) {
		g, root := NewWithT(t), full(t)
		t.Setenv("TMPDIR", filepath.Join(root, "no such folder"))
		m := HaveDeviationFrom(seeds(4)).SavingTo(root).WithQueriesPerSeed(60)
		g.Expect(pair).To(m)
		g.Expect(m.NegatedFailureMessage(pair)).To(SatisfyAll(
			ContainSubstring("They could not be saved elsewhere either, so they are in this message alone."+ways),
			MatchRegexp(`compressed says class \d \(0\.\d+\); .* right\n.*\n +its input, \[28 28 1\] uint8, zlib in base64: eN`), Not(ContainSubstring("To replay"))))
		count := HaveAtMost(0).DistinctDeviationsFoundBy(HaveDeviationFrom(seeds(4)).SavingTo(root).WithQueriesPerSeed(60))
		g.Expect(pair).NotTo(count)
		g.Expect(count.FailureMessage(pair)).To(SatisfyAll(ContainSubstring("zlib in base64"), ContainSubstring(ways)))
	})

	t.Run("what others save", func(t *testing.T) {
		g, root := NewWithT(t), full(t)
		rate := HaveDeviationRateBelow(0.05).Under(corrupted()).WithFixedDraws(3000).SavingTo(root)
		g.Expect(pair).To(rate)
		g.Expect(rate.NegatedFailureMessage(pair)).To(ContainSubstring("draws could not be saved as triggers: "))
		evidence := filepath.Join(t.TempDir(), "e.json")
		g.Expect(open(t, fixtures.LeNet5Int8)).To(DeviateNoMoreThan(evidence).From(seeds(4)).Within(distance.LInf(2)).WithQueriesPerSeed(30).UpdatingEvidence())
	})

	t.Run("a root that is a file", func(t *testing.T) {
		g := NewWithT(t)
		file := filepath.Join(t.TempDir(), "file")
		g.Expect(os.WriteFile(file, nil, 0o666)).To(Succeed())
		for _, root := range []string{file, filepath.Join(file, "triggers")} {
			_, err := HaveDeviationFrom(seeds(1)).SavingTo(root).Match(pair)
			g.Expect(err).To(MatchError(ContainSubstring("; SavingTo(dir) or the environment variable TRIGGERFINDER_TRIGGERS names another folder")))
		}
	})
}
