package main

import (
	"fmt"
	"os"
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
	size             [2]int // width and height, 0 for the images' own
	rate, length     int    // of sounds, and of sounds or texts; 0 for any
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
	define(f, "resize", &s.size, "", parseSize)
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
	const most = 1 << 14
	if !ok || err != nil || err2 != nil || width > most || height > most {
		return [2]int{}, expected(fmt.Sprintf("WIDTHxHEIGHT such as 224x224, at most %d each", most), text)
	}
	return [2]int{width, height}, nil
}

// check finds flags that contradict each other.
func (s *seedFlags) check(f *flags) error {
	if f.on("tokens") && !f.on("vocabulary") {
		return f.misuse("--tokens: expected --vocabulary too, found none")
	}
	for _, pair := range [][2]string{
		{"tokens", "rate"}, {"tokens", "mono"}, {"tokens", "columns"}, {"columns", "rate"}, {"columns", "length"}, {"tokens", "kind"}, {"tokens", "domain"},
		{"labels", "label-key"}, {"labels", "class-map"}, {"no-labels", "labels"}, {"no-labels", "label-key"}, {"no-labels", "class-map"}, {"shuffle", "in-order"},
	} {
		if f.on(pair[0]) && f.on(pair[1]) {
			return f.misuse("expected either --%s or --%s, found both", pair[0], pair[1])
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
func (s *seedFlags) take(seeds input.Seeds, classes int, randomSeed uint64) (input.Seeds, error) {
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
	if s.size != [2]int{} {
		seeds = generators.Resized(seeds, s.size[1], s.size[0])
	}
	return seeds, nil
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
