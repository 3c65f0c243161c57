package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/internal/commandline"
	"github.com/triggerfinder/triggerfinder/internal/modeltext"
	"github.com/triggerfinder/triggerfinder/internal/spelling"
	"github.com/triggerfinder/triggerfinder/model"
)

// convertedSide is the model between the original and the compressed one, where there is one.
const convertedSide = modeltext.Converted

// defineConverted defines the flags about the model between. Where they do not say how it is opened, it is opened as the original.
func (m *models) defineConverted(about string) {
	m.paths[convertedSide] = new(string)
	m.flags.String(convertedSide, "MODEL", about, m.paths[convertedSide]).Files("onnx", "tflite")
	for _, spec := range modeltext.Options {
		m.defineOption(convertedSide+"."+spec.Name, "", spec)
	}
}

// through puts the model between into the pair, where there is one. The pair is closed where that fails.
func (m *models) through(pair *model.Pair, c console) (*model.Pair, error) {
	path := m.paths[convertedSide]
	if path == nil || *path == "" {
		return pair, nil
	}
	options, err := m.optionsFor(convertedSide)
	if err != nil {
		return nil, errors.Join(err, pair.Close())
	}
	o := m.opening()
	o.Text[convertedSide], o.Settings[convertedSide] = *path, options
	chain, converted, err := o.Through(pair, engine.Conversion, engine.Compression)
	if err != nil {
		return nil, err
	}
	for _, note := range converted.Notes {
		c.note("%s model %s: %s", convertedSide, *path, inFlags(note))
	}
	return chain, nil
}

// defineCauses defines the flag about what a deviation has to be caused by.
func defineCauses(f *commandline.Flags, about string, causes *[]model.Cause) {
	known := []model.Cause{engine.Conversion, engine.Compression, engine.NoStepAlone}
	commandline.Define(f, "caused-by", "LIST", about, causes, "", func(text string) (list []model.Cause, err error) {
		for word := range strings.SplitSeq(text, ",") {
			cause := model.Cause(strings.ReplaceAll(strings.TrimSpace(word), "-", " "))
			if !slices.Contains(known, cause) {
				return nil, spelling.Expected("conversion, compression or no-step-alone, or several by comma", text)
			}
			list = append(list, cause)
		}
		return list, nil
	}).Words("conversion", "compression", "no-step-alone")
}

// checkCauses finds causes that are asked for where nothing can be told of them.
func (m *models) checkCauses(causes []model.Cause) error {
	if len(causes) > 0 && *m.paths[convertedSide] == "" {
		return m.flags.Misuse("--caused-by: expected it with --%s, the model between the original and the compressed one", convertedSide)
	}
	return nil
}
