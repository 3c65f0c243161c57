package predictor

import (
	"regexp"

	"github.com/triggerfinder/triggerfinder/model"
)

// words are how errors and notes name the package of a runtime.
type words string

// optionNames are the options, and what is given to them, as texts of this package name them.
var optionNames = regexp.MustCompile(`@(BGR|Channels|ClassOrder|Compressed|Feed|Fixed|For|GreyToRGB|ImageInput|ImageNet|Keras|KerasCaffe|KerasRaw|KerasTF|KerasTorch|Layout|LogProbabilities|Logits|Made|MaxBatch|Mean|NCHW|NHWC|Name|Original|Output|OutputAs|PairName|Preprocess|Probabilities|QuantizedInput|QuantizedOutput|RGB|Raw|Scale|Scores|State|Std|Steps|TFLite|Threads|Torchvision|YOLO)\b`)

// in puts a text of this package into the words of the package of the runtime.
func (w words) in(text string) string { return optionNames.ReplaceAllString(text, string(w)+".$1") }

// of puts an error into the words of the package of the runtime.
func (w words) of(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if worded := w.in(text); worded != text {
		return wordedError{err, worded}
	}
	return err
}

// wordedError is an error with another text.
type wordedError struct {
	error
	text string
}

func (e wordedError) Error() string { return e.text }
func (e wordedError) Unwrap() error { return e.error }

// core is the model, also of a type of another package that embeds it.
func (m *Model) core() *Model { return m }

// asModel is the model of this package that a predictor is, or that it embeds.
func asModel(p model.Predictor) (*Model, bool) {
	if c, ok := p.(interface{ core() *Model }); ok {
		return c.core(), true
	}
	return nil, false
}
