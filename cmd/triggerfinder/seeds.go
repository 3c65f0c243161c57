package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/generators/table"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/commandline"
	"github.com/triggerfinder/triggerfinder/internal/modeltext"
	"github.com/triggerfinder/triggerfinder/internal/spelling"
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

// folderFlag is a flag about folders of images.
type folderFlag struct {
	name, about string
	option      func() generators.FolderOption
}

var folderFlags = []folderFlag{
	{"upright", "turn images as their EXIF orientation says, as OpenCV does (default: as they are stored, as Pillow and torchvision do)", generators.Upright},
	{"numeric-order", "labels of class folders by the numbers in their names (default: by the alphabet, as torchvision does)",
		func() generators.FolderOption { return generators.NumericOrder() }},
	{"empty-classes", "folders without images are classes too", func() generators.FolderOption { return generators.EmptyClasses() }},
}

// defineSeeds defines what says which seeds there are; the flag --seeds stands elsewhere in the help, with its title.
func defineSeeds(f *commandline.Flags) *seedFlags {
	s := &seedFlags{n: 500, folder: map[string]*bool{}, tokens: -1}
	f.String("seeds", "PATH", "a folder of images (PNG, JPEG, WebP, BMP, TIFF, GIF, PPM) or of WAV files, flat or with a folder a class, or a file: "+
		"NPY, NPZ, IDX (also .gz), CIFAR (.bin), WAV, CSV, JSON lines (.jsonl), text (.txt); with --tokens any file, or a folder of files", &s.path).Files()
	return s
}

// define defines the flags about seeds that have a part of the help of their own.
func (s *seedFlags) define(f *commandline.Flags) {
	f.Section("Seeds")
	f.Count("n", "take N (default 500): of seeds sorted by class, as in folders, one of each class in turn; of others, the first", &s.n, 1)
	f.Switch("in-order", "take the first N, whatever their classes", &s.inOrder)
	f.Switch("shuffle", "in a random order", &s.shuffle)
	commandline.Define(f, "resize", "N[,bicubic]", "scale images until their short side has N pixels, as torchvision's Resize (bilinear unless bicubic is said); "+
		"WxH stretches them to this size, which models are seldom trained on", &s.size, "", parseResize)
	commandline.Define(f, "crop", "N or WxH", "then take the middle N x N pixels, as torchvision's CenterCrop", &s.crop, "", parseSquare)
	commandline.Define(f, "letterbox", "N or WxH", "or fit images into N x N pixels with grey around them, as YOLO of Ultralytics", &s.letterbox, "", parseSquare)
	for _, flag := range folderFlags[:1] {
		s.defineFolder(f, flag)
	}
	f.String("labels", "FILE", "true classes: NPY (numbers or one-hot), IDX, or text with one a line", &s.labels).Files()
	f.Switch("no-labels", "take no true classes, not those of folders either", &s.unlabelled)
	f.String("class-map", "FILE", `which label of the models a class folder is: text with "folder,label" or a folder a line, or JSON such as imagenet_class_index.json`, &s.classMap).Files()
	for _, flag := range folderFlags[1:] {
		s.defineFolder(f, flag)
	}
	f.String("key", "NAME", "which array of an NPZ file, or which field of JSON lines", &s.key)
	commandline.Define(f, "parts", "LIST", "several arrays of it, as parts for models with several inputs: those that are searched; "+
		"--domain and --kind are about the only one of them", &s.parts, "", parseParts)
	commandline.Define(f, "fixed-parts", "LIST", "and those that stay as they are", &s.fixed, "", parseParts)
	f.String("label-key", "NAME", "which array of it, field of JSON lines or column of a CSV file holds the true classes; names are numbered as in --class-names, else by the alphabet", &s.labelKey)
	commandline.Define(f, "domain", "MIN,MAX[,STEP]", "values of an array that is neither uint8 nor bool", &s.domain, "", func(text string) (input.Domain, error) {
		d, err := parseDomain(text)
		s.hasDomain = err == nil
		return d, err
	})
	commandline.Define(f, "kind", "KIND", "what an array holds: image, signal, row, tokens, other or a kind of your own (default: bytes with the shape of an image are images)", &s.kind, "",
		func(text string) (input.Kind, error) {
			kind, err := input.ParseKind(text)
			s.hasKind = err == nil
			return kind, err
		}).Words("image", "signal", "row", "tokens", "other")
	positive := func(text string) (int, error) { return spelling.Count(text, 1) }
	commandline.Define(f, "rate", "HZ", "the sampling rate that WAV files have to have; nothing is resampled", &s.rate, "", positive)
	f.Switch("mono", "mix their channels down to one", &s.mono)
	commandline.Define(f, "length", "N", "cut or pad sounds to N samples, texts and files to N tokens", &s.length, "", positive)
	commandline.Define(f, "columns", "LIST", "what is known of columns of a CSV file, such as age=0:99:1,sex=category,hue=red|green, "+
		"income=number?0 where empty cells are read as 0 (default: as in the data)", &s.columns, "", parseColumns)
	commandline.Define(f, "without", "LIST", "columns that are left out", &s.without, "", parseParts)
	commandline.Define(f, "tokens", "b|b+N", "each line of a text file, text of JSON lines, or file of another ending is a seed of bytes, where byte 0 is the token N (default 0)",
		&s.tokens, "", parseByteTokens)
	commandline.Define(f, "vocabulary", "SIZE[,pad=T][,special=T:T][,end=T]", "how many tokens there are, and which are padding, stay as they are, and end a text; "+
		"without --tokens, of an array of tokens", &s.vocabulary, "", parseVocabulary)
}

func (s *seedFlags) defineFolder(f *commandline.Flags, flag folderFlag) {
	s.folder[flag.name] = new(bool)
	f.Switch(flag.name, flag.about, s.folder[flag.name])
}

func parseParts(text string) ([]string, error) {
	names := strings.Split(text, ",")
	for i := range names {
		if names[i] = strings.TrimSpace(names[i]); names[i] == "" {
			return nil, spelling.Expected("the names of arrays by comma, such as ids,image", text)
		}
	}
	return names, nil
}

func parseDomain(text string) (input.Domain, error) {
	v, err := spelling.Numbers(text)
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
	return input.Domain{}, spelling.Expected("MIN,MAX or MIN,MAX,STEP, such as 0,1 or 0,255,1", text)
}

func parseSize(text string) ([2]int, error) {
	w, h, ok := strings.Cut(strings.ToLower(text), "x")
	width, err := spelling.Count(w, 1)
	height, err2 := spelling.Count(h, 1)
	if !ok || err != nil || err2 != nil || width > mostSide || height > mostSide {
		return [2]int{}, spelling.Expected(fmt.Sprintf("WIDTHxHEIGHT such as 224x224, at most %d each", mostSide), text)
	}
	return [2]int{width, height}, nil
}

// geometry is how images are scaled: to a size, whatever their proportions, or on their short side.
type geometry struct {
	size   [2]int // width and height
	short  int
	filter generators.Filter
}

const mostSide = modeltext.LargestSide

func parseResize(text string) (geometry, error) {
	side, filter, named := strings.Cut(strings.ToLower(text), ",")
	if !strings.Contains(side, "x") {
		short, err := spelling.Count(side, 1)
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
	return geometry{}, spelling.Expected(fmt.Sprintf("the short side such as 256 or 256,bicubic, or WIDTHxHEIGHT such as 224x224, at most %d each", mostSide), text)
}

// parseSquare takes one side for both.
func parseSquare(text string) ([2]int, error) {
	if side, err := spelling.Count(text, 1); err == nil && side <= mostSide {
		return [2]int{side, side}, nil
	}
	if size, err := parseSize(text); err == nil {
		return size, nil
	}
	return [2]int{}, spelling.Expected(fmt.Sprintf("a side such as 224, or WIDTHxHEIGHT such as 640x480, at most %d each", mostSide), text)
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
func (s *seedFlags) check(f *commandline.Flags) error {
	if f.On("tokens") && !f.On("vocabulary") {
		return f.Misuse("--tokens: expected --vocabulary too, found none")
	}
	for _, pair := range [][2]string{
		{"tokens", "rate"}, {"tokens", "mono"}, {"tokens", "columns"}, {"columns", "rate"}, {"columns", "length"}, {"tokens", "kind"}, {"tokens", "domain"},
		{"labels", "label-key"}, {"labels", "class-map"}, {"no-labels", "labels"}, {"no-labels", "label-key"}, {"no-labels", "class-map"}, {"shuffle", "in-order"},
		{"letterbox", "resize"}, {"letterbox", "crop"},
	} {
		if f.On(pair[0]) && f.On(pair[1]) {
			return f.Misuse("expected either --%s or --%s, found both", pair[0], pair[1])
		}
	}
	if s.preset != (input.Geometry{}) {
		for _, name := range []string{"resize", "crop", "letterbox"} {
			if f.On(name) {
				return f.Misuse("expected either --preset or --%s, found both: the preset says how seeds are prepared", name)
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

// beside opens other inputs than the seeds in the same form, without labels.
func (s *seedFlags) beside(path string, names []string) (input.Seeds, error) {
	others := *s
	others.path, others.labels, others.unlabelled = path, "", true
	seeds, err := others.open(names)
	if err != nil {
		return nil, err
	}
	return others.fitted(seeds), nil
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
		return nil, spelling.Expected("names by comma, or a file with a name a line", text)
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
