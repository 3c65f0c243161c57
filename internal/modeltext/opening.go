package modeltext

import (
	"errors"
	"fmt"

	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/litert"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/process"
)

// The sides of a pair. The one between, where there is one, is the original as it was converted.
const (
	Original   = "original"
	Converted  = "converted"
	Compressed = "compressed"
)

// Opening is how the models of a pair are opened. Its maps are by side.
type Opening struct {
	Text     map[string]string // files, commands and addresses
	Settings map[string][]Setting
	Name     string // of the pair; "" for the names of both models
	Threads  int
	// Folder is where programs run; "" for the working folder.
	Folder map[string]string
	// Called is how messages call a side, such as --original; the side where it is nil.
	Called func(side string) string
}

// Pair opens both models, without the one between.
func (o Opening) Pair() (*model.Pair, error) {
	first, second := Where(o.Text[Original]), Where(o.Text[Compressed])
	switch {
	case first == ONNXFile && second == ONNXFile:
		options := []onnx.Option{onnx.Threads(o.Threads), onnx.Original(o.onnx(Original)...), onnx.Compressed(o.onnx(Compressed)...)}
		if o.Name != "" {
			options = append(options, onnx.PairName(o.Name))
		}
		return onnx.OpenPair(o.Text[Original], o.Text[Compressed], options...)
	case first == LiteRTFile && second == LiteRTFile:
		options := []litert.Option{litert.Threads(o.Threads), litert.Original(o.litert(Original)...), litert.Compressed(o.litert(Compressed)...)}
		if o.Name != "" {
			options = append(options, litert.PairName(o.Name))
		}
		return litert.OpenPair(o.Text[Original], o.Text[Compressed], options...)
	}
	original, err := o.Open(Original, "")
	if err != nil {
		return nil, err
	}
	compressed, err := o.Open(Compressed, "")
	if err != nil {
		return nil, errors.Join(err, closed(original))
	}
	if name := model.Describe(compressed, "").Name; name == model.Describe(original, "").Name {
		// One network in two runtimes: told apart by what comes last.
		if err := closed(compressed); err != nil {
			return nil, errors.Join(err, closed(original))
		}
		suffix := map[Runtime]string{ONNXFile: "onnx", LiteRTFile: "tflite", Program: "program", Endpoint: "endpoint"}[second]
		if first == second {
			suffix = Compressed
		}
		if compressed, err = o.Open(Compressed, name+"-"+suffix); err != nil {
			return nil, errors.Join(err, closed(original))
		}
	}
	return model.NewPair(o.Name, original, compressed)
}

// Through puts the model between into a pair, which it closes where that fails, and describes that model.
func (o Opening) Through(pair *model.Pair, conversion, compression model.Cause) (*model.Pair, model.Description, error) {
	converted, err := o.Open(Converted, "")
	if err != nil {
		return nil, model.Description{}, errors.Join(err, pair.Close())
	}
	chain, err := model.NewChain(pair.Name(), pair.Original(), conversion.To(converted), compression.To(pair.Compressed()))
	if err != nil {
		return nil, model.Description{}, errors.Join(err, closed(converted), pair.Close())
	}
	return chain, model.Describe(converted, Converted), nil
}

// closed closes a model.
func closed(p model.Predictor) error { return p.(interface{ Close() error }).Close() }

// Open opens one model, under another name if there is one.
func (o Opening) Open(side, name string) (model.Predictor, error) {
	text := o.Text[side]
	switch Where(text) {
	case ONNXFile:
		options := append(o.onnx(side), onnx.Threads(o.Threads))
		if name != "" {
			options = append(options, onnx.Name(name))
		}
		return predictor(onnx.Open(text, options...))
	case LiteRTFile:
		options := append(o.litert(side), litert.Threads(o.Threads))
		if name != "" {
			options = append(options, litert.Name(name))
		}
		return predictor(litert.Open(text, options...))
	}
	command, err := commandOf(text)
	if err != nil {
		if o.Called != nil {
			side = o.Called(side)
		}
		return nil, fmt.Errorf("%s: %w", side, err)
	}
	var options []process.Option
	for _, one := range o.Settings[side] {
		options = append(options, one.Process)
	}
	if folder := o.Folder[side]; folder != "" && folder != "." && Where(text) == Program {
		options = append(options, process.Dir(folder))
	}
	if name != "" {
		options = append(options, process.Name(name))
	}
	return predictor(process.Open(command, options...))
}

// predictor keeps an error from being a model that is nil.
func predictor[M model.Predictor](m M, err error) (model.Predictor, error) {
	if err != nil {
		return nil, err
	}
	return m, nil
}

func (o Opening) onnx(side string) (list []onnx.Option) {
	for _, one := range o.Settings[side] {
		list = append(list, one.ONNX)
	}
	return list
}

func (o Opening) litert(side string) (list []litert.Option) {
	for _, one := range o.Settings[side] {
		list = append(list, one.LiteRT)
	}
	return list
}
