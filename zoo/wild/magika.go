package wild

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/generators/tokens"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

var magika = Pair{
	Name: "magika", Kind: input.Tokens, Task: "type of a file, of 214", Licence: "Apache-2.0",
	Deviates: "their types differ",
	from:     magikaWheel,
	model:    magikaFolder + "/model.onnx",
	options: func(*shelf) ([]onnx.Option, error) {
		return []onnx.Option{onnx.Preprocess(beginningAndEnd)}, nil
	},
	seeds:  files,
	oracle: func(*shelf) (answer.Oracle, error) { return answer.Top1(), nil },
}

var magikaWheel = wheel{
	requirement: "magika==1.0.3", file: "magika-1.0.3-py3-none-any.whl", tags: []string{"--platform", "any"},
	sum: "938d8e033953f2ddeb8c35dc423aa289ca116bfa7a71a778f6e77460f9025803",
}

const (
	magikaFolder  = "magika/models/standard_v3_3"
	magikaEnd     = 1024 // bytes of the beginning, and of the end
	magikaPadding = 256
	fileBytes     = 2048 // of a seed, at most
)

// beginningAndEnd is the preprocessing of the package: the first bytes that are no white space, and the last ones.
func beginningAndEnd(raw input.Input, dst []onnx.Tensor) error {
	v := raw.Vocabulary()
	if v == nil || v.Pad != magikaPadding {
		return fmt.Errorf("expected bytes of a file with the padding %d, found %s", magikaPadding, raw)
	}
	const space = " \t\n\r\v\f"
	first, end := v.Text(raw.Data)
	var memory [fileBytes]byte
	content := memory[:0]
	for _, token := range raw.Data[first:end] {
		if token < 0 || token >= magikaPadding {
			return fmt.Errorf("expected bytes, found %v among them", token)
		}
		content = append(content, byte(token))
	}
	ids := dst[0].Resize(1, 2*magikaEnd)
	for i := range ids {
		ids[i] = magikaPadding
	}
	beginning := bytes.TrimLeft(content, space)
	for i, b := range beginning[:min(len(beginning), magikaEnd)] {
		ids[i] = float64(b)
	}
	ending := bytes.TrimRight(content, space)
	ending = ending[max(0, len(ending)-magikaEnd):]
	for i, b := range ending {
		ids[2*magikaEnd-len(ending)+i] = float64(b)
	}
	return nil
}

// files are what is in packages beside models: programs, settings and texts, up to their first 2,048 bytes.
func files(ctx context.Context, s *shelf) (input.Seeds, error) {
	config, err := s.member(ctx, magikaWheel, magikaFolder+"/config.min.json")
	if err != nil {
		return nil, err
	}
	var types struct {
		Names []string `json:"target_labels_space"`
	}
	data, err := os.ReadFile(config)
	if err == nil {
		err = json.Unmarshal(data, &types)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path.Base(config), err)
	}
	var paths []string
	for _, w := range []wheel{magikaWheel, textLinesWheel} {
		found, err := s.members(ctx, w, func(name string) bool {
			switch path.Ext(name) {
			case ".py", ".json", ".yaml", ".txt":
				return path.Base(name) != "__init__.py"
			}
			return false
		})
		if err != nil {
			return nil, err
		}
		paths = append(paths, found...)
	}
	if len(paths) < 10 {
		return nil, errors.New("expected files in the packages, found too few")
	}
	all, err := tokens.Files(paths, input.Vocabulary{Size: magikaPadding + 1, Pad: magikaPadding}, tokens.Length(fileBytes), tokens.Truncated())
	if err != nil {
		return nil, err
	}
	return generators.WithClassNames(within{all, s.root}, types.Names...)
}

// within are seeds of files with names that begin in a folder.
type within struct {
	input.Seeds
	folder string
}

func (w within) Seed(i int) (input.Seed, error) {
	seed, err := w.Seeds.Seed(i)
	if name, relative := filepath.Rel(w.folder, seed.Name); relative == nil {
		seed.Name = filepath.ToSlash(name)
	}
	return seed, err
}
