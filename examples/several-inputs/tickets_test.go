// Package severalinputs is a test of a model with several inputs, from its seeds to the replay of what was found: it is meant to
// be copied. The model routes tickets of a help desk by their words and the tier of the customer; its compressed version is
// quantised dynamically to 8 bits. testdata/train.py trains both, in a few seconds.
//
//	go test ./examples/several-inputs
//
// The model has three inputs. The ids of the words are searched, by an operator of this example that writes other words. The mask of
// the words that are no padding is made from the ids. The tier is a part that belongs to each ticket and stays as it is.
package severalinputs

import (
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

const padding = 0

var queues = []string{"billing", "technical", "shipping", "account"}

// maskOf is 1 for every word, and 0 for padding.
func maskOf(in input.Input) onnx.Tensor {
	ids, _ := in.Part("ids")
	var mask onnx.Tensor
	for _, id := range ids.Data {
		there := 0.0
		if id != padding {
			there = 1
		}
		mask.Values = append(mask.Values, there)
	}
	return mask
}

// otherWords writes other words in the place of one to three, and keeps the padding.
type otherWords struct{}

func (otherWords) String() string { return "other-words" }

func (otherWords) Mutate(dst, src input.Input, rng *rand.Rand) {
	copy(dst.Data, src.Data)
	length := slices.Index(src.Data, padding)
	if length < 0 {
		length = len(src.Data)
	}
	for range 1 + rng.IntN(3) {
		dst.Data[rng.IntN(length)] = float32(1 + rng.IntN(int(src.Domain.Max)))
	}
}

// words are those of the ids, in the order of the numbers.
func words(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("testdata/vocabulary.txt")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(text))
}

func open(t *testing.T) *model.Pair {
	t.Helper()
	pair, err := onnx.OpenPair("testdata/tickets.onnx", "testdata/tickets-int8.onnx", onnx.Made("mask", maskOf))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pair.Close() })
	return pair
}

// tickets are seeds of two parts: ids and tier.
func tickets(t *testing.T) input.Seeds {
	t.Helper()
	vocabulary := input.Domain{Min: padding, Max: float32(len(words(t)) - 1), Step: 1}
	seeds, err := generators.NPZ("testdata/seeds.npz", "", generators.LabelKey("label"),
		generators.Parts("ids"), generators.In(vocabulary), generators.OfKind(input.Tokens),
		generators.FixedParts("tier"))
	if err != nil {
		t.Fatal(err)
	}
	seeds, err = generators.WithClassNames(seeds, queues...)
	if err != nil {
		t.Fatal(err)
	}
	return seeds
}

func TestTicketsGoToAnotherQueue(t *testing.T) {
	g := NewWithT(t)
	pair, root, all := open(t), t.TempDir(), words(t)
	var found *engine.Report
	g.Expect(pair).To(HaveDeviationFrom(tickets(t)).
		Using(strategies.TriggerFinderSearch{Mutators: []input.Mutator{otherWords{}}}).
		WithQueriesPerSeed(2000).
		Inspecting(func(r *engine.Report) { found = r }).
		SavingTo(root))

	for _, trigger := range found.Triggers() {
		g.Expect(trigger.OriginalLabel).NotTo(Equal(trigger.CompressedLabel))
		tier, _ := trigger.Input.Part("tier")
		before, _ := trigger.Seed.Part("tier")
		g.Expect(tier.Data).To(Equal(before.Data), "a fixed part stays as it is")
		var ticket []string
		for _, id := range trigger.Input.Data {
			if id != padding {
				ticket = append(ticket, all[int(id)])
			}
		}
		t.Logf("%q of tier %g: %s, compressed %s", strings.Join(ticket, " "), tier.Data[0], queues[trigger.OriginalLabel], queues[trigger.CompressedLabel])
	}

	// What was saved is there again, with its parts, and still deviates.
	store, err := report.OpenStore(root)
	g.Expect(err).NotTo(HaveOccurred())
	saved, err := store.List(pair.Name())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(len(saved)).To(BeNumerically(">=", 5), "a search saves some of what it finds")
	for _, s := range saved {
		g.Expect(s.Trigger.Input.Parts()).To(HaveLen(2))
	}
	g.Expect(pair).NotTo(ReplayCleanly(root).IncludingThisRun())
}
