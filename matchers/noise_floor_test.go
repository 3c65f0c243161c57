package matchers_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/input"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

// underOtherSettings opens the variants of an embedded pair.
func underOtherSettings(t *testing.T, p fixtures.Pair) model.Variants {
	t.Helper()
	variants, err := onnx.OpenVariantsFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = variants.Close() })
	return variants
}

func TestMessageTellsWhereTriggersComeFrom(t *testing.T) {
	g, root, pair := NewWithT(t), t.TempDir(), open(t, fixtures.LeNet5Dynamic)
	var noise *gate.Noise
	matcher := HaveDeviationFrom(seeds(30)).SavingTo(root).WithQueriesPerSeed(300).ClosingIn(100).
		WithNoiseFloor(underOtherSettings(t, fixtures.LeNet5Dynamic)).InspectingNoise(func(n *gate.Noise) { noise = n })
	g.Expect(pair).To(matcher)
	message := matcher.NegatedFailureMessage(pair)

	compression, setting := noise.Count(gate.FromCompression), noise.Count(gate.FromSetting)
	g.Expect(noise.Triggers).To(HaveLen(compression + setting))
	g.Expect(compression).To(BeNumerically(">", 0))
	g.Expect(setting).To(BeNumerically(">", 0), "triggers that vanish when the inputs of a batch influence each other")
	g.Expect(message).To(ContainSubstring("\n\nWhere the triggers come from: %d compression, %d runtime setting, 0 unstable."+
		"\nNoise floor, each model against itself on 30 seeds:\n  original: ", compression, setting))
	g.Expect(message).To(MatchRegexp(`\n  compressed: (no label|labels of .*) changed under [67] settings; scores by at most [\d.]+ \(batch 32, mixed\)\.\n`))
	g.Expect(strings.Count(message, "\n     comes from: ")).To(Equal(3))
	for _, c := range noise.Triggers {
		line := "comes from: compression\n"
		if c.Cause == gate.FromSetting {
			line = "comes from: runtime setting; it vanishes under " + strings.Join(c.Settings, ", ") + "\n"
		}
		if strings.Contains(message, c.ID) { // one of those shown
			after := message[strings.Index(message, c.ID):]
			g.Expect(after[:strings.Index(after, "\n\n")+1]).To(HaveSuffix(line))
		}
	}

	t.Run("saved triggers are judged too", func(t *testing.T) {
		g := NewWithT(t)
		Restarted()
		g.Expect(pair).To(matcher)
		g.Expect(matcher.NegatedFailureMessage(pair)).To(SatisfyAll(
			ContainSubstring("of 20 saved triggers in "),
			MatchRegexp(`Where the triggers come from: \d+ compression, \d+ runtime setting, 0 unstable\.`),
		))
	})
}

// Where most triggers vanish under one setting, that is told, and what tells more.
func TestMostTriggersVanish(t *testing.T) {
	answers := func(label func(i int) int) model.Predictor {
		return model.LabelFunc("model", 2, func(_ context.Context, batch []input.Input) ([]int, error) {
			var all []int
			for _, in := range batch {
				all = append(all, label(int(in.Data[0])))
			}
			return all, nil
		})
	}
	list := make(input.SeedList, 5)
	for i := range list {
		list[i] = input.Seed{Input: input.Input{Data: []float32{float32(i)}, Shape: []int{1}, Domain: input.Bytes}, Label: input.Unlabelled}
	}
	for _, test := range []struct {
		vanish int
		told   bool
	}{{2, false}, {3, true}, {5, true}} {
		g := NewWithT(t)
		pair := model.Must(model.NewPair("p", answers(func(int) int { return 0 }), answers(func(int) int { return 1 })))
		off := model.Must(model.NewPair("p", answers(func(int) int { return 0 }), answers(func(i int) int {
			if i < test.vanish {
				return 0
			}
			return 1
		})))
		matcher := HaveDeviationFrom(list).WithoutSaving().WithoutReplay().WithQueriesPerSeed(1).WithNoiseFloor(model.Variants{{Setting: "fusion off", Pair: off}})
		g.Expect(pair).To(matcher)
		line := fmt.Sprintf("\n%d of the 5 vanish under fusion off: the runtime makes them, not the model. For quantised models, triggerfinder layers says more.\n", test.vanish)
		g.Expect(strings.Contains(matcher.NegatedFailureMessage(pair)+"\n", line)).To(Equal(test.told))
	}
}

func TestNoiseFloorWithoutVariants(t *testing.T) {
	g, pair := NewWithT(t), open(t, fixtures.LeNet5Int8)
	matcher := HaveDeviationFrom(seeds(5)).WithoutSaving().WithoutReplay().WithQueriesPerSeed(300).StoppingAfter(1).WithNoiseFloor(nil)
	g.Expect(pair).To(matcher)
	g.Expect(matcher.NegatedFailureMessage(pair)).To(MatchRegexp(
		`\n     comes from: compression(\n|.)*\n\nWhere the triggers? comes? from: \d compression, 0 runtime setting, 0 unstable\.` +
			`\nNoise floor, each model against itself on 5 seeds:\n  original: (nothing changes|no label changed) under 2 settings.*\n  compressed: nothing changes under 2 settings\.\n`))
}

func TestNoiseFloorThatCannotBeMeasuredIsAnError(t *testing.T) {
	g, pair := NewWithT(t), open(t, fixtures.LeNet5Int8)
	matcher := HaveDeviationFrom(seeds(5)).SavingTo(t.TempDir()).StoppingAfter(1).WithNoiseFloor(model.Variants{{Setting: "none"}})
	_, err := matcher.Match(pair)
	g.Expect(err).To(MatchError(MatchRegexp(`HaveDeviationFrom: gate: noise floor: variant 1: expected a setting, a pair .*\(\d triggers? found before that (is|are) saved in `)))
}

func ExampleHaveDeviationMatcher_WithNoiseFloor() {
	p := fixtures.LeNet5Int8
	options := []onnx.Option{onnx.PairName(p.Name), onnx.Scale(fixtures.Scale)}
	pair := model.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, options...))
	defer pair.Close()
	variants := model.Must(onnx.OpenVariantsFS(fixtures.Models, p.Original, p.Compressed, options...))
	defer variants.Close()

	g := firstLines(2) // in a test: g := NewWithT(t)
	g.Expect(pair).NotTo(HaveDeviationFrom(seeds(20)).
		WithQueriesPerSeed(300).
		WithoutSaving().
		WithNoiseFloor(variants).
		InspectingNoise(func(n *gate.Noise) {
			fmt.Println(n.Count(gate.FromCompression), "of", len(n.Triggers), "triggers come from the compression")
		}))
	// Output:
	// 20 of 20 triggers come from the compression
	// Expected pair lenet5-int8 (lenet5, lenet5-int8)
	// not to have a deviation, but 20 of 20 seeds have one.
}
