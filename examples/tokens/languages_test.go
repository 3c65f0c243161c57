// Package tokens is a test of a model of texts, to be copied: a tokenizer as a Go function, a mask that is made of the tokens, and a
// message that shows what changed in the text.
//
//	go test -v ./examples/tokens
package tokens

import (
	"os"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/generators/tokens"
	"github.com/triggerfinder/triggerfinder/input"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

const zoo = "../../zoo/kinds/"

// Tokens are those of ByT5: byte b of the text is b+3, 1 ends the text, 0 is padding.
var byT5 = input.Vocabulary{Size: 259, Pad: 0, Special: []int{1, 2}, Words: input.ByteWords(3)}

func tokenize(text string) ([]int, error) {
	var ids []int
	for _, b := range []byte(text) {
		ids = append(ids, int(b)+3)
	}
	return append(ids, 1), nil
}

func mask(in input.Input) onnx.Tensor {
	return onnx.Tensor{Values: tokens.Mask(in), Shape: []int{1, len(in.Data)}}
}

func TestLanguages(t *testing.T) {
	if _, err := os.Stat(zoo); err != nil {
		t.Skip("needs zoo/kinds, which is not here: run this example in a clone of the repository")
	}
	g := NewWithT(t)
	pair := model.Try(onnx.OpenPair(zoo+"models/language.onnx", zoo+"models/language-dynamic.onnx", onnx.Made("attention_mask", mask), onnx.PairName("languages"))).OrFail(t)
	defer pair.Close()
	languages := []string{"bg", "ca", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "hr", "hu", "id", "it",
		"lt", "nb", "nl", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "tr", "uk", "vi"}
	seeds := model.Try(tokens.JSONLines(zoo+"seeds/sentences.jsonl", byT5, tokenize, tokens.Length(96), tokens.Label("label", languages...))).OrFail(t)

	// Found for a real reason: weights have one scale of 8 bits a tensor and activations one a text, so that languages which share most of their words
	// change places: one letter decides between Norwegian and Danish. (With both convolutions and the last layer in float, two thirds of the
	// triggers heal; the others are those of the embedding.)
	search := HaveDeviationFrom(seeds).SavingTo(t.TempDir()) // by default in testdata/triggers
	g.Expect(pair).To(search)                                // a test of your own has NotTo here
	t.Log(search.NegatedFailureMessage(pair))
}
