package beam

import (
	"errors"
	"fmt"
	"strings"

	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
)

// records are seeds that are decoded when their turn comes.
type records []record

type record struct {
	name    string
	label   int
	content []byte
	err     error // why it is none
	of      Files
}

// Len implements [input.Seeds].
func (r records) Len() int { return len(r) }

// Seed implements [input.Seeds].
func (r records) Seed(i int) (input.Seed, error) {
	x := r[i]
	if x.err != nil {
		return input.Seed{}, fmt.Errorf("beam: %s: %w", x.name, x.err)
	}
	if s := x.of.Shape; s != nil {
		if want := s[0] * s[1] * s[2]; len(x.content) != want {
			return input.Seed{}, fmt.Errorf("beam: %s: expected %d bytes for the shape %v, found %d", x.name, want, s, len(x.content))
		}
		in, err := input.NewImage(s[0], s[1], s[2], x.content)
		if err != nil {
			return input.Seed{}, fmt.Errorf("beam: %s: %w", x.name, err)
		}
		return input.Seed{Input: in, Label: x.label, Name: x.name}, nil
	}
	var options []generators.FolderOption
	switch x.of.Channels {
	case "grey":
		options = append(options, generators.Grey())
	case "rgb":
		options = append(options, generators.RGB())
	}
	const name = "image.png" // the content says which format it is
	folder, err := generators.ImageFolderFS(oneFile{name, x.content}, options...)
	if err != nil {
		return input.Seed{}, err
	}
	seed, err := folder.Seed(0)
	if err != nil {
		return input.Seed{}, errors.New(strings.Replace(err.Error(), "generators: image "+name+":", "beam: "+x.name+":", 1))
	}
	seed.Label, seed.Name = x.label, x.name
	return seed, nil
}
