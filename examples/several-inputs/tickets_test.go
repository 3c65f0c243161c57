// Package severalinputs is a test of a model with several inputs, to be copied. The model routes tickets of a help desk by their words
// and the tier of the customer; its compressed version is quantised dynamically to 8 bits. testdata/train.py trains both, in a few seconds.
//
//	go test -v ./examples/several-inputs
//
// The ids of the words are searched. The mask of the words that are no padding is made of the ids. The tier is a part that belongs to
// each ticket and stays as it is.
package severalinputs

import (
	"os"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/generators/tokens"
	"github.com/triggerfinder/triggerfinder/input"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

func mask(ticket input.Input) onnx.Tensor { return onnx.Tensor{Values: tokens.Mask(ticket)} }

func TestTicketsGoToTheSameQueue(t *testing.T) {
	g := NewWithT(t)
	pair := model.Try(onnx.OpenPair("testdata/tickets.onnx", "testdata/tickets-int8.onnx", onnx.Made("mask", mask), onnx.PairName("tickets"))).OrFail(t)
	defer pair.Close()
	words := model.Try(os.ReadFile("testdata/vocabulary.txt")).OrFail(t) // in the order of their ids, the first of which is padding
	vocabulary := input.Vocabulary{Words: strings.Fields(string(words)), Pad: 0}
	vocabulary.Size = len(vocabulary.Words)
	tickets := model.Try(generators.NPZ("testdata/seeds.npz", "", generators.Parts("ids"), generators.Vocabulary(vocabulary),
		generators.FixedParts("tier"), generators.LabelKey("label"))).OrFail(t)
	tickets = model.Try(generators.WithClassNames(tickets, "billing", "technical", "shipping", "account")).OrFail(t)

	// Found for a real reason: the vectors of all words share one scale of 8 bits, and so do the weights of each layer. Words that belong to two queues are
	// near the boundary between them, which has moved.
	var found *engine.Report
	root := t.TempDir() // by default testdata/triggers
	search := HaveDeviationFrom(tickets).SavingTo(root).Inspecting(func(r *engine.Report) { found = r })
	g.Expect(pair).To(search) // a test of your own has NotTo here
	t.Log(search.NegatedFailureMessage(pair))
	for _, trigger := range found.Triggers() {
		tier, _ := trigger.Input.Part("tier")
		before, _ := trigger.Seed.Part("tier")
		g.Expect(tier.Data).To(Equal(before.Data), "a fixed part stays as it is")
	}

	// What was saved is there again, with its parts, and still deviates.
	g.Expect(pair).NotTo(ReplayCleanly(root).IncludingThisRun())
}
