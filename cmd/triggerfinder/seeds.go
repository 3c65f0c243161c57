package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/generators"
)

// seedFlags are the flags that say where to start from.
type seedFlags struct {
	path, key, labels string
	domain            engine.Domain
	hasDomain         bool
	size              [2]int // width and height, 0 for the images' own
	n                 int
	shuffle           bool
}

func defineSeeds(f *flags) *seedFlags {
	s := &seedFlags{n: 500}
	f.text("seeds", &s.path)
	f.text("key", &s.key)
	f.text("labels", &s.labels)
	define(f, "domain", &s.domain, "", func(text string) (engine.Domain, error) {
		d, err := parseDomain(text)
		s.hasDomain = err == nil
		return d, err
	})
	define(f, "resize", &s.size, "", parseSize)
	f.count("n", &s.n, 1)
	f.boolean("shuffle", &s.shuffle)
	return s
}

func parseDomain(text string) (engine.Domain, error) {
	v, err := parseNumbers(text)
	if err == nil && (len(v) == 2 || len(v) == 3) {
		d := engine.Domain{Min: float32(v[0]), Max: float32(v[1])}
		if len(v) == 3 {
			d.Step = float32(v[2])
		}
		probe := engine.Input{Shape: []int{1}, Data: []float32{d.Min}, Domain: d}
		if probe.Validate() == nil {
			return d, nil
		}
	}
	return engine.Domain{}, expected("MIN,MAX or MIN,MAX,STEP, such as 0,1 or 0,255,1", text)
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

// open opens the seeds. The names are those of the folders when there is one a class.
func (s *seedFlags) open(randomSeed uint64) (seeds engine.Seeds, classNames []string, err error) {
	var options []generators.ArrayOption
	if s.hasDomain {
		options = append(options, generators.In(s.domain))
	}
	if s.key != "" {
		seeds, err = generators.NPZ(s.path, s.key, options...)
	} else {
		seeds, err = generators.Open(s.path, options...)
	}
	if err != nil {
		return nil, nil, err
	}
	if folder, ok := seeds.(*generators.Folder); ok {
		classNames = folder.ClassNames()
	}
	if s.labels != "" {
		labels, err := generators.OpenLabels(s.labels)
		if err != nil {
			return nil, nil, err
		}
		if len(labels) != seeds.Len() {
			return nil, nil, fmt.Errorf("--labels %s: expected %d labels, one a seed, found %d", s.labels, seeds.Len(), len(labels))
		}
		if seeds, err = generators.Labelled(seeds, labels); err != nil {
			return nil, nil, err
		}
		classNames = nil
	}
	if s.shuffle {
		seeds = generators.Shuffled(seeds, randomSeed)
	}
	seeds = generators.First(seeds, s.n)
	if s.size != [2]int{} {
		seeds = generators.Resized(seeds, s.size[1], s.size[0])
	}
	return seeds, classNames, nil
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
