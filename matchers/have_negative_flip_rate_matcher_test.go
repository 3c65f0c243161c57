package matchers_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/input"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
)

// changedSeeds are labelled seeds with a natural change: the embedded ones as they are were chosen so that all models are
// right on them.
func changedSeeds(n int) input.SeedList {
	seeds := make(input.SeedList, n)
	for i := range seeds {
		draw := model.Must(input.DrawAt(corrupted(), 1, i))
		seeds[i] = input.Seed{Input: draw.Input, Label: draw.Seed.Label, Name: draw.Change}
	}
	return seeds
}

func TestHaveNegativeFlipRateBelowFailsWithFlips(t *testing.T) {
	g := NewWithT(t)
	seeds := append(changedSeeds(500), input.Seed{Input: changedSeeds(1)[0].Input, Label: input.Unlabelled})
	matcher := HaveNegativeFlipRateBelow(0.02).On(seeds).WithClassNames(fixtures.ClassNames()...)
	pair := open(t, fixtures.LeNet5Student)
	matched, err := matcher.Match(pair)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(matched).To(BeFalse())
	g.Expect(matcher.FailureMessage(pair)).To(Equal("Expected pair lenet5-student (lenet5, lenet5-student)\n" +
		"to have a negative flip rate below 2 %, but it is at least 4.01 %, with a confidence of 95 %.\n" +
		"Of 500 labelled seeds, 28 went from right to wrong, 15 from wrong to right, 9 from wrong to another wrong label; 435 stayed right, 13 wrong. Exact McNemar p 0.066.\n" +
		"Left out, without a label: 1 seed.\n\n" +
		"  1. seed 6 (translation at severity 0.357), truly T-shirt/top:\n" +
		"     original says T-shirt/top (0.77), compressed says Dress (0.63); the original is right\n\n" +
		"  2. seed 9 (haze at severity 0.58), truly Shirt:\n" +
		"     original says Shirt (0.87), compressed says Pullover (0.57); the original is right\n\n" +
		"  3. seed 16 (rotation at severity 0.545), truly Coat:\n" +
		"     original says Coat (0.84), compressed says Bag (0.52); the original is right\n\n" +
		"  … and 25 more.\n\n" +
		"To run this again: go test -run '^TestHaveNegativeFlipRateBelowFailsWithFlips$' github.com/triggerfinder/triggerfinder/matchers"))

	one := HaveNegativeFlipRateBelow(0.2).On(seeds).PerClass(0.4).ForClass(0, 0.02)
	g.Expect(pair).NotTo(one)
	g.Expect(one.FailureMessage(pair)).To(ContainSubstring("to have a negative flip rate below 20 % and within the limits of 10 classes, but " +
		"not every class is within its limit, with a confidence of 95 %.\n  class 0: 7 of 60 seeds, at least 3.45 %; its limit is 2 %\nOf 500 "))
}

func TestHaveNegativeFlipRateBelowPassesBelow(t *testing.T) {
	g := NewWithT(t)
	pair := open(t, fixtures.LeNet5Int8)
	matcher := HaveNegativeFlipRateBelow(0.02).On(changedSeeds(500)).PerClass(0.2)
	g.Expect(pair).To(matcher)
	g.Expect(matcher.NegatedFailureMessage(pair)).To(Equal("Expected pair lenet5-int8 (lenet5, lenet5-int8)\n" +
		"not to have a negative flip rate below 2 % and within the limits of 10 classes, but it is at most 1.54 %, with a confidence of 95 %.\n" +
		"So it is for 10 classes, each within its limit.\n" +
		"Of 500 labelled seeds, 3 went from right to wrong, 1 from wrong to right, 2 from wrong to another wrong label; 460 stayed right, 34 wrong. Exact McNemar p 0.625.\n" +
		"2 of the negative flips lie within a tie for the top score.\n\n" +
		"That is about inputs such as these seeds, and no proof that the models agree on others.\n" +
		"To run this again: go test -run '^TestHaveNegativeFlipRateBelowPassesBelow$' github.com/triggerfinder/triggerfinder/matchers"))
}

func TestFlipMatcherErrorsInBothDirections(t *testing.T) {
	lenet := open(t, fixtures.LeNet5Int8)
	stopped, stop := context.WithCancel(t.Context())
	stop()
	var noContext context.Context
	labelled := changedSeeds(500)
	unlabelled := changedSeeds(2)
	unlabelled[0].Label, unlabelled[1].Label = input.Unlabelled, input.Unlabelled
	good := HaveNegativeFlipRateBelow(0.02).On(labelled)
	for _, test := range []struct {
		reason  string
		actual  any
		matcher *HaveNegativeFlipRateMatcher
		says    string
	}{
		{"not a pair", 42, good, "HaveNegativeFlipRateBelow matcher expects a *model.Pair. Got:"},
		{"no seeds", lenet, HaveNegativeFlipRateBelow(0.02), "expected labelled seeds, as in HaveNegativeFlipRateBelow(0.01).On(seeds)"},
		{"no labels", lenet, HaveNegativeFlipRateBelow(0.02).On(unlabelled), "no labels: none of the 2 seeds has a label"},
		{"a limit in percent", lenet, HaveNegativeFlipRateBelow(2).On(labelled), "HaveNegativeFlipRateBelow(2): expected a share above 0 and below 1; did you mean 0.02?"},
		{"a limit of a class in percent", lenet, good.PerClass(5), "PerClass(5): expected a share above 0 and below 1; did you mean 0.05?"},
		{"a class that is not there", lenet, good.ForClass(12, 0.1), "limit for class 12: expected labelled inputs of that class, found none"},
		{"a confidence in percent", lenet, good.WithConfidence(95), "WithConfidence(95)"},
		{"no context", lenet, good.WithContext(noContext), "WithContext(nil)"},
		{"cancelled", lenet, good.WithContext(stopped), "cancelled after 0 of 500 seeds"},
		{"the same file twice", open(t, fixtures.LeNet5Itself), good, "original and compressed are the same model"},
		{"too few seeds", lenet, HaveNegativeFlipRateBelow(0.012).On(labelled), "undecided: the negative flip rate of pair lenet5-int8 (lenet5, lenet5-int8): " +
			"it is at least 0.164 % and at most 1.54 %, and may or may not be below 1.2 %, with a confidence of 95 %; at this rate a decision probably takes about 953 labelled seeds.\nOf 500 labelled seeds, "},
		{"too few seeds of a class", lenet, good.PerClass(0.1), "that of all inputs is below its limit, but not each class can be told to be, with a confidence of 95 %.\n" +
			"  class 4: 1 of 45 seeds, at most 10.1 %; its limit is 10 %; at this rate a decision probably takes about 46 labelled seeds of it\n  class 6: "},
	} {
		t.Run(test.reason, func(t *testing.T) {
			_ = errsBothWays(t, test.actual, test.matcher, regexp.QuoteMeta(test.says))
		})
	}
	if _, err := good.PerClass(0.1).Match(lenet); !errors.Is(err, gate.ErrUndecided) {
		t.Errorf("error %v; expected gate.ErrUndecided", err)
	}
}

// Models may have very many classes; a message does not.
func TestMessagesOfManyClassesAreShort(t *testing.T) {
	g := NewWithT(t)
	const classes = 60
	guess := func(name string, wrong int) model.Predictor {
		return model.Func(name, func(_ context.Context, batch []input.Input) ([][]float32, error) {
			scores := make([][]float32, len(batch))
			for i, in := range batch {
				scores[i] = make([]float32, classes)
				scores[i][(int(in.Data[0])+wrong*(1+int(in.Data[1])))%classes] = 1 // by different steps: no other order of the classes
			}
			return scores, nil
		})
	}
	var list input.SeedList
	for i := range 4 * classes {
		list = append(list, input.Seed{Input: model.Must(input.NewImage(1, 2, 1, []uint8{uint8(i % classes), uint8(i / classes)})), Label: i % classes})
	}
	var r told
	m := HaveNegativeFlipRateBelow(0.01).On(list).PerClass(0.01).RecordedIn(&r)
	pair := model.Must(model.NewPair("many", guess("right", 0), guess("wrong", 1)))
	g.Expect(pair).NotTo(m)
	message := m.FailureMessage(pair)
	g.Expect(strings.Count(message, "; its limit is 1 %")).To(Equal(20))
	g.Expect(message).To(ContainSubstring("\n  … and 40 more.\n"))
	g.Expect(r[0].Numbers).To(HaveLen(21))
}

func TestFlipMatcherOptionsAreCopies(t *testing.T) {
	g := NewWithT(t)
	var got *gate.Flips
	base := HaveNegativeFlipRateBelow(0.05).On(changedSeeds(300)).Inspecting(func(f *gate.Flips) { got = f })
	strict := base.ForClass(3, 1e-9).WithConfidence(0.6)
	pair := open(t, fixtures.LeNet5Int8)
	g.Expect(pair).To(base)
	g.Expect(got.Confidence).To(Equal(0.95))
	_, err := strict.Match(pair)
	g.Expect(err).To(MatchError(gate.ErrUndecided))
	g.Expect(got.Confidence).To(Equal(0.6))
}
