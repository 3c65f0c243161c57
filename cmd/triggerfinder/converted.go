package main

import (
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/internal/commandline"
	"github.com/triggerfinder/triggerfinder/internal/spelling"
	"github.com/triggerfinder/triggerfinder/model"
)

// convertedSide is the model between the original and the compressed one, where there is one.
const convertedSide = "converted"

// defineConverted defines the flags about the model between. Where they do not say how it is opened, it is opened as the original.
func (m *models) defineConverted(about string) {
	m.paths[convertedSide] = new(string)
	m.flags.String(convertedSide, "MODEL", about, m.paths[convertedSide]).Files("onnx", "tflite")
	for _, spec := range modelFlags {
		m.defineOption(convertedSide+"."+spec.name, "", spec)
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
	o := opening{text: map[string]string{convertedSide: *path}, options: map[string][]option{convertedSide: options}, threads: m.threads}
	converted, err := o.open(convertedSide, "")
	if err != nil {
		return nil, errors.Join(err, pair.Close())
	}
	for _, note := range model.Describe(converted, convertedSide).Notes {
		c.note("%s model %s: %s", convertedSide, *path, inFlags(note))
	}
	chain, err := model.NewChain(pair.Name(), pair.Original(), engine.Conversion.To(converted), engine.Compression.To(pair.Compressed()))
	if err != nil {
		if closer, ok := converted.(io.Closer); ok {
			err = errors.Join(err, closer.Close())
		}
		return nil, errors.Join(err, pair.Close())
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
