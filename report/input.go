package report

import (
	"bytes"
	"fmt"
	"image/png"
	"maps"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/npy"
	"github.com/triggerfinder/triggerfinder/input/pixels"
)

// artifactInput says what the files of inputs in a trigger's folder hold: the array of an input of one part, or an archive with
// one array a part.
type artifactInput struct {
	Shape  []int        `json:"shape"`
	Domain input.Domain `json:"domain"`
	// Kind is that of the input, "other" where nothing more is known of it. Version 1 wrote none, as there were images alone.
	Kind string `json:"kind,omitempty"`
	// Type is NumPy's name of that of the array, or "png" where the files are pictures, which hold 8 bits exactly. Of a set, each part has
	// its own.
	Type string `json:"type,omitempty"`
	// Domains are those of the values where they differ, in runs of equal ones.
	Domains []domainRun `json:"domains,omitempty"`
	// Parts are those of a set, in their order; the values of searched ones lie one after the other.
	Parts []artifactPart `json:"parts,omitempty"`
	// Columns say what the values are called, and which are categories.
	Columns []input.Column `json:"columns,omitempty"`
	// Vocabulary is that of tokens.
	Vocabulary *input.Vocabulary `json:"vocabulary,omitempty"`
	// Rate is that of a signal, in Hz.
	Rate int `json:"rate,omitempty"`
	artifactWords
}

// artifactWords say what tokens stand for, where that is known.
type artifactWords struct {
	// FirstByte is the token that stands for the byte 0, where 256 tokens are bytes in their order.
	FirstByte *int `json:"first_byte,omitempty"`
	// Words are those of the tokens of seed and trigger.
	Words map[int]string `json:"words,omitempty"`
}

// newArtifactWords are those of the tokens that are there.
func newArtifactWords(v *input.Vocabulary, tokens ...[]float32) (a artifactWords) {
	if v == nil || v.Words == nil {
		return a
	}
	if first := len(v.Words) - 256; first >= 0 && slices.Equal(v.Words, input.ByteWords(first)) {
		a.FirstByte = &first
		return a
	}
	a.Words = map[int]string{}
	for _, list := range tokens {
		for _, token := range list {
			if i := int(token); i >= 0 && i < len(v.Words) {
				a.Words[i] = strings.ToValidUTF8(v.Words[i], "\ufffd")
			}
		}
	}
	return a
}

// of is a vocabulary with the words.
func (a artifactWords) of(v *input.Vocabulary) (*input.Vocabulary, error) {
	if a.FirstByte == nil && len(a.Words) == 0 {
		return v, nil
	}
	if v == nil {
		return nil, fmt.Errorf("words: expected a vocabulary in %s, found none", artifactFile)
	}
	named := *v
	if a.FirstByte != nil {
		if *a.FirstByte < 0 || *a.FirstByte > v.Size-256 {
			return nil, fmt.Errorf("first_byte: expected 0 to %d in %s, found %d", v.Size-256, artifactFile, *a.FirstByte)
		}
		named.Words = input.ByteWords(*a.FirstByte)
		return &named, nil
	}
	last := slices.Max(slices.Collect(maps.Keys(a.Words)))
	if first := slices.Min(slices.Collect(maps.Keys(a.Words))); first < 0 || last >= v.Size {
		return nil, fmt.Errorf("words: expected those of tokens 0 to %d in %s, found %d and %d", v.Size-1, artifactFile, first, last)
	}
	named.Words = make([]string, last+1)
	for token, word := range a.Words {
		named.Words[token] = word
	}
	return &named, nil
}

// domainRun is the domain of several values in a row.
type domainRun struct {
	Values int `json:"values"`
	input.Domain
}

// artifactPart is one array of a set.
type artifactPart struct {
	Name   string       `json:"name"`
	Shape  []int        `json:"shape"`
	Domain input.Domain `json:"domain"`
	Kind   string       `json:"kind"`
	Fixed  bool         `json:"fixed,omitempty"` // a search does not change it
	Type   string       `json:"type"`

	Vocabulary *input.Vocabulary `json:"vocabulary,omitempty"`
	Rate       int               `json:"rate,omitempty"`
	artifactWords
}

// newArtifactInput is that of a trigger and its seed.
func newArtifactInput(in, seed input.Input) artifactInput {
	a := artifactInput{Shape: in.Shape, Domain: in.Domain, Kind: in.Kind.String(), Vocabulary: in.Vocabulary(), Rate: in.Rate()}
	if in.Layout != nil {
		a.Columns = in.Layout.Columns
	}
	parts := in.Parts()
	switch {
	case len(parts) > 0:
	case isExactPicture(in) && isExactPicture(seed):
		a.Type = pictureType
	default:
		a.Type = dtypeOf(in.Domain, in.Data).Descr()
	}
	a.artifactWords = newArtifactWords(in.Vocabulary(), in.Data, seed.Data)
	for _, p := range parts {
		before, _ := seed.Part(p.Name)
		a.Parts = append(a.Parts, artifactPart{
			Name: p.Name, Shape: p.Shape, Domain: p.Domain, Kind: p.Kind.String(), Fixed: p.Fixed, Type: dtypeOf(p.Domain, p.Values).Descr(),
			Vocabulary: p.Vocabulary, Rate: p.Rate, artifactWords: newArtifactWords(p.Vocabulary, p.Values, before.Data),
		})
	}
	if in.Uniform() {
		return a
	}
	for i := range in.Data {
		d := in.DomainAt(i)
		if n := len(a.Domains); n > 0 && a.Domains[n-1].Domain == d {
			a.Domains[n-1].Values++
			continue
		}
		a.Domains = append(a.Domains, domainRun{1, d})
	}
	return a
}

// kind is the kind of the input. Where none is written, inputs with the shape of an image were images.
func (a artifactInput) kind() input.Kind {
	if a.Kind == "" && (len(a.Shape) == 2 || len(a.Shape) == 3) {
		return input.Image
	}
	return kindCalled(a.Kind)
}

// kindCalled is the kind that [input.Kind.String] wrote.
func kindCalled(name string) input.Kind {
	if name == input.Other.String() {
		return input.Other
	}
	return input.Kind(name)
}

// pictureType is the type of inputs whose files are pictures.
const pictureType = "png"

// isExactPicture reports whether a PNG file holds the input exactly: an image of 8 bits, of 1 or 3 channels.
func isExactPicture(in input.Input) bool {
	return in.Kind == input.Image && isPicture(in) && in.Uniform() && dtypeOf(in.Domain, in.Data) == npy.Uint8
}

// fileOf is the name of the file of an input in a trigger's folder: NAME.png for what a picture holds exactly, NAME.npz for a set, else
// NAME.npy.
func (a artifactInput) fileOf(name string) string {
	switch {
	case len(a.Parts) > 0:
		return name + ".npz"
	case a.Type == pictureType:
		return name + ".png"
	}
	return name + ".npy"
}

// dtypeOf is the type that holds the values exactly: bytes for those of 8 bits, else float32.
func dtypeOf(domain input.Domain, values []float32) npy.DType {
	if domain != input.Bytes || slices.ContainsFunc(values, func(v float32) bool { return !npy.Uint8.Holds(v) }) {
		return npy.Float32
	}
	return npy.Uint8
}

// encodeInput is the content of an input's file, which is a picture or not.
func encodeInput(in input.Input, asPicture bool) ([]byte, error) {
	if asPicture {
		return pixels.EncodePNG(picture(in))
	}
	parts := in.Parts()
	if len(parts) == 0 {
		array, err := npy.FromFloat32s(dtypeOf(in.Domain, in.Data), in.Shape, in.Data)
		if err != nil {
			return nil, err
		}
		return array.Encode()
	}
	arrays := make([]npy.Named, len(parts))
	for i, p := range parts {
		array, err := npy.FromFloat32s(dtypeOf(p.Domain, p.Values), p.Shape, p.Values)
		if err != nil {
			return nil, fmt.Errorf("part %q: %w", p.Name, err)
		}
		arrays[i] = npy.Named{Name: p.Name, Array: array}
	}
	var file bytes.Buffer
	err := npy.WriteArchive(&file, arrays...)
	return file.Bytes(), err
}

// decodeInput reads the file of an input of which the rest is known, and checks that it has the recorded ID.
func decodeInput(data []byte, want artifactInput, id string) (input.Input, error) {
	in := input.Input{Shape: want.Shape, Domain: want.Domain, Kind: want.kind()}
	var err error
	switch {
	case len(want.Parts) > 0:
		in.Layout = &input.Layout{}
		in.Data, in.Layout.Parts, err = want.decodeParts(data)
	case want.Type == pictureType:
		in.Data, err = decodePicture(data, want.Shape)
	default:
		in.Data, err = decodeArray(data, want.Shape)
	}
	if err != nil {
		return input.Input{}, err
	}
	domains, err := want.domains(len(in.Data))
	if err != nil {
		return input.Input{}, err
	}
	vocabulary, err := want.of(want.Vocabulary)
	if err != nil {
		return input.Input{}, err
	}
	if domains != nil || want.Columns != nil || vocabulary != nil || want.Rate != 0 {
		if in.Layout == nil {
			in.Layout = &input.Layout{}
		}
		in.Layout.Domains, in.Layout.Columns, in.Layout.Vocabulary, in.Layout.Rate = domains, want.Columns, vocabulary, want.Rate
	}
	if err := in.Validate(); err != nil {
		return input.Input{}, err
	}
	if found := in.ID(); found != id {
		return input.Input{}, fmt.Errorf("content: expected ID %q as in %s, found %s: one of the two files was changed",
			id, artifactFile, found)
	}
	return in, nil
}

// decodePicture reads the values of an image from a PNG file.
func decodePicture(file []byte, shape []int) ([]float32, error) {
	channels := 1
	if len(shape) == 3 {
		channels = shape[2]
	}
	if len(shape) < 2 || len(shape) > 3 || channels != 1 && channels != 3 {
		return nil, fmt.Errorf("shape: expected an image of 1 or 3 channels in %s, found %v", artifactFile, shape)
	}
	head, err := png.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("expected a PNG file: %w", err)
	}
	if head.Height != shape[0] || head.Width != shape[1] {
		return nil, fmt.Errorf("expected %d x %d pixels as in %s, found %d x %d", shape[0], shape[1], artifactFile, head.Height, head.Width)
	}
	img, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("expected a PNG file: %w", err)
	}
	values := make([]float32, 0, head.Height*head.Width*channels)
	for y := range head.Height {
		for x := range head.Width {
			r, g, b, _ := img.At(x, y).RGBA() // 8 bits twice
			if values = append(values, float32(r>>8)); channels == 3 {
				values = append(values, float32(g>>8), float32(b>>8))
			}
		}
	}
	return values, nil
}

func decodeArray(file []byte, shape []int) ([]float32, error) {
	array, err := npy.Decode(file)
	if err != nil {
		return nil, err
	}
	return valuesOf(array, shape)
}

// valuesOf are those of an array of bytes or float32.
func valuesOf(array npy.Array, shape []int) ([]float32, error) {
	if array.DType != npy.Uint8 && array.DType != npy.Float32 {
		return nil, fmt.Errorf("type %s: expected %s (8-bit inputs) or %s", array.DType, npy.Uint8, npy.Float32)
	}
	if !slices.Equal(array.Shape, shape) {
		return nil, fmt.Errorf("shape: expected %v as in %s, found %v", shape, artifactFile, array.Shape)
	}
	return array.Float32s(), nil
}

// decodeParts reads the archive of a set.
func (a artifactInput) decodeParts(file []byte) (searched []float32, parts []input.Part, err error) {
	arrays, err := npy.ReadArchive(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, nil, err
	}
	if len(arrays) != len(a.Parts) {
		return nil, nil, fmt.Errorf("expected the arrays of %d parts as in %s, found %d", len(a.Parts), artifactFile, len(arrays))
	}
	for _, p := range a.Parts {
		i := slices.IndexFunc(arrays, func(named npy.Named) bool { return named.Name == p.Name })
		if i < 0 {
			return nil, nil, fmt.Errorf("part %q: expected an array of that name as in %s, found none", p.Name, artifactFile)
		}
		values, err := valuesOf(arrays[i].Array, p.Shape)
		if err != nil {
			return nil, nil, fmt.Errorf("part %q: %w", p.Name, err)
		}
		vocabulary, err := p.of(p.Vocabulary)
		if err != nil {
			return nil, nil, fmt.Errorf("part %q: %w", p.Name, err)
		}
		part := input.Part{Name: p.Name, Shape: p.Shape, Domain: p.Domain, Kind: kindCalled(p.Kind), Fixed: p.Fixed, Vocabulary: vocabulary, Rate: p.Rate}
		if p.Fixed {
			part.Values = values
		} else {
			part.First = len(searched)
			searched = append(searched, values...)
		}
		parts = append(parts, part)
	}
	return searched, parts, nil
}

// domains are those of n values; nil where they do not differ.
func (a artifactInput) domains(n int) ([]input.Domain, error) {
	if len(a.Domains) == 0 {
		return nil, nil
	}
	var all []input.Domain
	for i, run := range a.Domains {
		if run.Values < 1 || run.Values > n-len(all) {
			return nil, fmt.Errorf("domains[%d]: expected 1 to %d values of %d in %s, found %d", i, n-len(all), n, artifactFile, run.Values)
		}
		all = append(all, slices.Repeat([]input.Domain{run.Domain}, run.Values)...)
	}
	if len(all) != n {
		return nil, fmt.Errorf("domains: expected those of %d values in %s, found %d", n, artifactFile, len(all))
	}
	return all, nil
}

// valueName is what value i of an input is called in texts.
func valueName(in input.Input, i int) string {
	if name := in.ColumnAt(i).Name; name != "" {
		return "column " + oneLine(name)
	}
	for _, p := range in.Parts() {
		if !p.Fixed && i >= p.First && i < p.First+len(p.Values) {
			return fmt.Sprintf("value %d of %s", i-p.First, oneLine(p.Name))
		}
	}
	return fmt.Sprintf("value %d", i)
}

// partNames lists the parts of a set, with what each is.
func partNames(in input.Input) string {
	var names []string
	for _, p := range in.Parts() {
		what := fmt.Sprintf("%s (%s %v", oneLine(p.Name), p.Kind, p.Shape)
		if p.Fixed {
			what += ", fixed"
		}
		names = append(names, what+")")
	}
	return strings.Join(names, ", ")
}
