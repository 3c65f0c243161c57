package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/generators/table"
	"github.com/triggerfinder/triggerfinder/input"
)

// seedFlags are the flags that say where to start from.
type seedFlags struct {
	path, key        string
	parts, fixed     []string // of an NPZ file
	labels, labelKey string
	unlabelled       bool
	classMap         string
	folder           map[string]*bool // options of folders of images, by flag
	domain           input.Domain
	hasDomain        bool
	kind             input.Kind
	hasKind          bool
	size             geometry
	crop, letterbox  [2]int // width and height, 0 for none
	preset           input.Geometry
	rate, length     int // of sounds, and of sounds or texts; 0 for any
	mono             bool
	columns          []table.Column
	without          []string
	tokens           int // of byte 0, where texts and files are bytes; -1 otherwise
	vocabulary       *vocabulary
	n                int
	shuffle, inOrder bool
}

// folderFlags are the flags about folders of images.
var folderFlags = []struct {
	name   string
	option func() generators.FolderOption
}{
	{"numeric-order", func() generators.FolderOption { return generators.NumericOrder() }},
	{"empty-classes", func() generators.FolderOption { return generators.EmptyClasses() }},
	{"upright", generators.Upright},
}

func defineSeeds(f *flags) *seedFlags {
	s := &seedFlags{n: 500, folder: map[string]*bool{}, tokens: -1}
	f.text("seeds", &s.path)
	f.text("key", &s.key)
	define(f, "parts", &s.parts, "", parseParts)
	define(f, "fixed-parts", &s.fixed, "", parseParts)
	f.text("labels", &s.labels)
	f.text("label-key", &s.labelKey)
	f.boolean("no-labels", &s.unlabelled)
	f.text("class-map", &s.classMap)
	for _, flag := range folderFlags {
		s.folder[flag.name] = new(bool)
		f.boolean(flag.name, s.folder[flag.name])
	}
	define(f, "domain", &s.domain, "", func(text string) (input.Domain, error) {
		d, err := parseDomain(text)
		s.hasDomain = err == nil
		return d, err
	})
	define(f, "kind", &s.kind, "", func(text string) (input.Kind, error) {
		kind, err := input.ParseKind(text)
		s.hasKind = err == nil
		return kind, err
	})
	define(f, "resize", &s.size, "", parseResize)
	define(f, "crop", &s.crop, "", parseSquare)
	define(f, "letterbox", &s.letterbox, "", parseSquare)
	defineInt := func(name string, p *int) {
		define(f, name, p, "", func(text string) (int, error) { return parseCount(text, 1) })
	}
	defineInt("rate", &s.rate)
	defineInt("length", &s.length)
	f.boolean("mono", &s.mono)
	define(f, "columns", &s.columns, "", parseColumns)
	define(f, "without", &s.without, "", parseParts)
	define(f, "tokens", &s.tokens, "", parseByteTokens)
	define(f, "vocabulary", &s.vocabulary, "", parseVocabulary)
	f.count("n", &s.n, 1)
	f.boolean("shuffle", &s.shuffle)
	f.boolean("in-order", &s.inOrder)
	return s
}

func parseParts(text string) ([]string, error) {
	names := strings.Split(text, ",")
	for i := range names {
		if names[i] = strings.TrimSpace(names[i]); names[i] == "" {
			return nil, expected("the names of arrays by comma, such as ids,image", text)
		}
	}
	return names, nil
}

func parseDomain(text string) (input.Domain, error) {
	v, err := parseNumbers(text)
	if err == nil && (len(v) == 2 || len(v) == 3) {
		d := input.Domain{Min: float32(v[0]), Max: float32(v[1])}
		if len(v) == 3 {
			d.Step = float32(v[2])
		}
		probe := input.Input{Shape: []int{1}, Data: []float32{d.Min}, Domain: d}
		if probe.Validate() == nil {
			return d, nil
		}
	}
	return input.Domain{}, expected("MIN,MAX or MIN,MAX,STEP, such as 0,1 or 0,255,1", text)
}

func parseSize(text string) ([2]int, error) {
	w, h, ok := strings.Cut(strings.ToLower(text), "x")
	width, err := parseCount(w, 1)
	height, err2 := parseCount(h, 1)
	if !ok || err != nil || err2 != nil || width > mostSide || height > mostSide {
		return [2]int{}, expected(fmt.Sprintf("WIDTHxHEIGHT such as 224x224, at most %d each", mostSide), text)
	}
	return [2]int{width, height}, nil
}

// geometry is how images are scaled: to a size, whatever their proportions, or on their short side.
type geometry struct {
	size   [2]int // width and height
	short  int
	filter generators.Filter
}

const mostSide = 1 << 14

func parseResize(text string) (geometry, error) {
	side, filter, named := strings.Cut(strings.ToLower(text), ",")
	if !strings.Contains(side, "x") {
		short, err := parseCount(side, 1)
		if g := (geometry{short: short, filter: generators.Bilinear}); err == nil && short <= mostSide {
			switch {
			case !named || filter == g.filter.String():
				return g, nil
			case filter == generators.Bicubic.String():
				g.filter = generators.Bicubic
				return g, nil
			}
		}
	} else if !named {
		if size, err := parseSize(text); err == nil {
			return geometry{size: size}, nil
		}
	}
	return geometry{}, expected(fmt.Sprintf("the short side such as 256 or 256,bicubic, or WIDTHxHEIGHT such as 224x224, at most %d each", mostSide), text)
}

// parseSquare takes one side for both.
func parseSquare(text string) ([2]int, error) {
	if side, err := parseCount(text, 1); err == nil && side <= mostSide {
		return [2]int{side, side}, nil
	}
	if size, err := parseSize(text); err == nil {
		return size, nil
	}
	return [2]int{}, expected(fmt.Sprintf("a side such as 224, or WIDTHxHEIGHT such as 640x480, at most %d each", mostSide), text)
}

// fitted are the seeds as the flags about their size want them.
func (s *seedFlags) fitted(seeds input.Seeds) input.Seeds {
	switch {
	case s.letterbox != [2]int{}:
		seeds = generators.Letterboxed(seeds, s.letterbox[1], s.letterbox[0])
	case s.size.short > 0:
		seeds = generators.ResizedShort(seeds, s.size.short, s.size.filter)
	case s.size.size != [2]int{}:
		seeds = generators.Resized(seeds, s.size.size[1], s.size.size[0])
	}
	if s.preset != (input.Geometry{}) {
		seeds = generators.Prepared(seeds, s.preset)
	}
	if s.crop != [2]int{} {
		seeds = generators.CenterCropped(seeds, s.crop[1], s.crop[0])
	}
	return seeds
}

// check finds flags that contradict each other.
func (s *seedFlags) check(f *flags) error {
	if f.on("tokens") && !f.on("vocabulary") {
		return f.misuse("--tokens: expected --vocabulary too, found none")
	}
	for _, pair := range [][2]string{
		{"tokens", "rate"}, {"tokens", "mono"}, {"tokens", "columns"}, {"columns", "rate"}, {"columns", "length"}, {"tokens", "kind"}, {"tokens", "domain"},
		{"labels", "label-key"}, {"labels", "class-map"}, {"no-labels", "labels"}, {"no-labels", "label-key"}, {"no-labels", "class-map"}, {"shuffle", "in-order"},
		{"letterbox", "resize"}, {"letterbox", "crop"},
	} {
		if f.on(pair[0]) && f.on(pair[1]) {
			return f.misuse("expected either --%s or --%s, found both", pair[0], pair[1])
		}
	}
	if s.preset != (input.Geometry{}) {
		for _, name := range []string{"resize", "crop", "letterbox"} {
			if f.on(name) {
				return f.misuse("expected either --preset or --%s, found both: the preset says how seeds are prepared", name)
			}
		}
	}
	return nil
}

// open opens the source of the seeds. Names are those of the classes, nil where they are not known.
func (s *seedFlags) open(names []string) (input.Seeds, error) {
	options := s.ofFormat()
	if s.hasDomain {
		options = append(options, generators.In(s.domain))
	}
	if s.hasKind {
		options = append(options, generators.OfKind(s.kind))
	}
	if s.key != "" {
		options = append(options, generators.Key(s.key))
	}
	if s.parts != nil {
		options = append(options, generators.Parts(s.parts...))
	}
	if s.fixed != nil {
		options = append(options, generators.FixedParts(s.fixed...))
	}
	if s.labelKey != "" {
		options = append(options, generators.LabelKey(s.labelKey, names...))
	}
	for _, flag := range folderFlags {
		if *s.folder[flag.name] {
			options = append(options, flag.option())
		}
	}
	seeds, err := generators.Open(s.path, options...)
	if err != nil {
		return nil, err
	}
	if s.unlabelled {
		return generators.WithoutLabels(seeds), nil
	}
	if s.labels == "" {
		return seeds, nil
	}
	labels, err := generators.OpenLabels(s.labels)
	if err != nil {
		return nil, err
	}
	if len(labels) != seeds.Len() {
		return nil, fmt.Errorf("--labels %s: expected %d labels, one a seed, found %d", s.labels, seeds.Len(), len(labels))
	}
	return generators.Labelled(seeds, labels)
}

// take takes those seeds that are asked for, with the labels that the models' classes have; 0 classes are not known.
// Names that are given are those of the classes by label: seeds that carry them get the labels of theirs.
func (s *seedFlags) take(seeds input.Seeds, names []string, classes int, randomSeed uint64) (input.Seeds, error) {
	if carried := input.ClassNamesOf(seeds); s.classMap == "" && carried != nil && len(names) == classes && (len(names) != len(carried) || sameSet(names, carried)) {
		var err error
		if seeds, err = generators.WithClassNames(seeds, names...); err != nil {
			return nil, fmt.Errorf("--class-names: %w", err)
		}
	}
	if s.classMap != "" {
		m, err := generators.OpenClassMap(s.classMap)
		if err != nil {
			return nil, fmt.Errorf("--class-map: %w", err)
		}
		if seeds, err = generators.MapClasses(seeds, m, classes); err != nil {
			return nil, fmt.Errorf("--class-map %s: %w", s.classMap, err)
		}
	}
	switch {
	case s.shuffle:
		seeds = generators.First(generators.Shuffled(seeds, randomSeed), s.n)
	case s.inOrder:
		seeds = generators.First(seeds, s.n)
	default:
		seeds = generators.Spread(seeds, s.n)
	}
	return s.fitted(seeds), nil
}

func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// parseClassNames takes names by comma, or a file with one a line.
func parseClassNames(text string) ([]string, error) {
	content, err := os.ReadFile(text)
	if err != nil && !strings.Contains(text, ",") {
		return nil, expected("names by comma, or a file with a name a line", text)
	}
	separator := "\n"
	if err != nil {
		content, separator = []byte(text), ","
	}
	names := strings.Split(strings.TrimRight(string(content), "\r\n"), separator)
	for i, name := range names {
		names[i] = strings.TrimSpace(name)
	}
	return names, nil
}
