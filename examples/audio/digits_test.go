// Package audio is a test of a model of sounds, to be copied: seeds of WAV files, and a message that says how loud the change is; what was
// found can be heard, as WAV files beside each trigger.
//
//	go test -v ./examples/audio
package audio

import (
	"os"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/generators/signal"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

const zoo = "../../zoo/kinds/"

func TestSpokenDigits(t *testing.T) {
	if _, err := os.Stat(zoo); err != nil {
		t.Skip("needs zoo/kinds, which is not here: run this example in a clone of the repository")
	}
	g := NewWithT(t)
	pair := model.Try(onnx.OpenPair(zoo+"models/keywords-wave.onnx", zoo+"models/keywords-wave-int8.onnx", onnx.PairName("digits"))).OrFail(t)
	defer pair.Close()
	seeds := model.Try(signal.Folder(zoo+"seeds/voices", signal.Rate(8000), signal.Samples(8000))).OrFail(t) // one second, as the model takes it

	// Found for a real reason: all layers behind the spectrogram have activations of 8 bits, whose errors add up. (`triggerfinder layers`: no one
	// of the nine layers heals more than 6 of the 10 triggers, and float weights alone do not.)
	search := HaveDeviationFrom(seeds).
		WithClassNames("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "none").
		SavingTo(t.TempDir()) // by default in testdata/triggers
	g.Expect(pair).To(search) // a test of your own has NotTo here
	t.Log(search.NegatedFailureMessage(pair))
}
